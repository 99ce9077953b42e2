"""Reading the keys of a rule file, each with an error that names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.errors import RuleFileError

from .schema import LARGEST

_MISSING: Any = object()


class Fields:
    """One mapping of a rule file, whose keys are all known and of which the required ones are there.

    Args:
        file: path of the file, for errors.
        place: key of this mapping in the file, dotted; empty for the whole file.
        body: what YAML gave.
        required: keys that must be there.
        optional: keys that may be there.

    Raises:
        RuleFileError: it is not a mapping, a key is unknown or missing.
    """

    def __init__(self, file: str, place: str, body: Any, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        self.file, self.place = file, place
        if not isinstance(body, dict):
            raise RuleFileError(file, "is not a mapping of keys to values", place)
        for key in body:
            if key not in required and key not in optional:
                raise self.error(str(key), f"is not a known key; known are {', '.join((*required, *optional))}")
        for key in required:
            if key not in body:
                raise self.error(key, "is missing")
        self._body: dict[str, Any] = body

    def error(self, key: str, cause: str) -> RuleFileError:
        """An error that names this file and the key."""
        return RuleFileError(self.file, cause, f"{self.place}.{key}" if self.place else key)

    def value(self, key: str, default: Any = None) -> Any:
        """The value of a key as YAML gave it."""
        return self._body.get(key, default)

    def section(self, key: str, required: Sequence[str], optional: Sequence[str] = ()) -> Fields:
        """The mapping below a key."""
        place = f"{self.place}.{key}" if self.place else key
        return Fields(self.file, place, self._body.get(key), required, optional)

    def text(self, key: str, default: str = _MISSING) -> str:
        """A text that is not empty."""
        if key not in self._body and default is not _MISSING:
            return default
        value = self._body.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "is not a text")
        return value.strip()

    def number(self, key: str) -> int:
        """A whole number from one up to the largest that rules use."""
        value = self._body.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            raise self.error(key, f"is not a whole number from 1 to {LARGEST}")
        return value

    def choice(self, key: str, allowed: Sequence[str], default: str = _MISSING) -> str:
        """One of a few words."""
        if key not in self._body and default is not _MISSING:
            return default
        value = self._body.get(key)
        if not isinstance(value, str) or value not in allowed:
            raise self.error(key, f"{value!r} is none of {', '.join(allowed)}")
        return str(value)

    def texts(self, key: str, allowed: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of texts, none twice; each one of `allowed`, if that is given."""
        value = self._body.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.error(key, "is not a list of texts")
        for item in value:
            if allowed and item not in allowed:
                raise self.error(key, f"{item!r} is none of {', '.join(allowed)}")
        if len(set(value)) != len(value):
            raise self.error(key, "names one thing twice")
        return tuple(value)
