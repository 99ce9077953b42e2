"""Every error that Leastwise raises on purpose.

```
LeastwiseError                 exit code 2, one line, no traceback
├── UsageError                 a command or option that cannot be obeyed
├── InputError                 a file that cannot be read as what it should be
│   ├── UnknownFormatError     a file that is none of the kinds that a reader knows
│   ├── EstateFileError        estate.yaml does not say what it must
│   └── RuleFileError          a rule file does not follow the rule schema
├── StoreError                 the home folder or the state database cannot do its work
│   ├── HomeLockedError        another process is writing
│   ├── IntegrityError         stored bytes differ from what was recorded
│   └── StorageFullError       the disk or a quota is full; nothing was committed
├── NotFoundError              a named thing is not in the estate
│   └── AmbiguousError         a name is that of several
├── SignInError                nobody is signed in, or a name and password are not right
├── RefusedError               whoever is signed in may not do this
└── ThrottledError             too many attempts or requests; later again
```
"""

from __future__ import annotations


class LeastwiseError(Exception):
    """The root: `str(error)` is one line that names the place and the cause."""


class UsageError(LeastwiseError):
    """A command or option that cannot be obeyed."""


class InputError(LeastwiseError):
    """A file that cannot be read as what it should be.

    Args:
        file: path as the user gave it.
        cause: what is wrong, as one short clause.
        place: where in the file (line, JSON pointer, key), if known.
    """

    def __init__(self, file: object, cause: str, place: str = "") -> None:
        self.file, self.cause, self.place = (" ".join(str(part).split()) for part in (file, cause, place))
        super().__init__(f"{self.file}: {self.place + ': ' if self.place else ''}{self.cause}")


class UnknownFormatError(InputError):
    """A file that can be read, and is none of the kinds that a reader knows."""


class EstateFileError(InputError):
    """estate.yaml does not say what it must."""


class RuleFileError(InputError):
    """A rule file does not follow the rule schema."""


class StoreError(LeastwiseError):
    """The home folder or the state database cannot do its work."""


class HomeLockedError(StoreError):
    """Another process is writing to the home folder."""


class IntegrityError(StoreError):
    """Stored bytes differ from what was recorded when they were written."""


class StorageFullError(StoreError):
    """The disk or a quota is full; nothing of the interrupted step was committed."""


class NotFoundError(LeastwiseError):
    """A named thing is not in the estate."""


class AmbiguousError(NotFoundError):
    """A name is that of several things of the estate."""


class SignInError(LeastwiseError):
    """Nobody is signed in, or what somebody signs in with is not right (any more)."""


class RefusedError(LeastwiseError):
    """Whoever is signed in may not do this."""


class ThrottledError(LeastwiseError):
    """Too many attempts or requests.

    Args:
        message: the one line.
        seconds: after which it is worth to try again.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
