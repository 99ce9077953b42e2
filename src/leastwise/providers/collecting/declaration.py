"""What is collected, as data: calls, what follows from their answers, what is kept of them.

A call is an operation of a vendor's API. Its parameters (`with`) are constants, members of the thing that it is asked
for (`.Member`; `.` is the thing itself), parameters of the call above it (`$Parameter`), or what is `around` it, such
as the account and region where it is asked; `{.Member}` inside a text is filled in. `keep` is the allow-list: a tree
of member names; what it does not name is dropped before anything is written. A leaf keeps what is there, `hash` keeps
the names and hashes the values.

A provider has its own `Call` and `Service` below these, with what only its calls need, and reads them from YAML.
"""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any, ClassVar, Literal, Self, TypeVar

import msgspec
import yaml

from leastwise import shipped
from leastwise.errors import RuleFileError

Keep = dict[str, Any]


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, and what to ask for each thing in its answer.

    `each` names the list in the answer above that this call is asked for (`A.B` looks inside objects and lists, ``
    asks once); `where` keeps only the things whose members have one of the values (`text*`: begin with it); `at` names
    the member that says in which region to ask; `subject` are the parameters that name what the answer is about
    (default: those filled from the thing). `absent` are codes of errors that mean "there is none". `until` repeats the
    call until a member has the value; `body` takes a member's bytes for the document; `separate` makes each page a
    document of its own; `service` is the service if it is not that of the file. `again` names a list in this call's own
    answer whose things the call is asked for too (a tree is read to its leaves); `together` asks for so many things in
    one call, `.` then being the list of them. `affects` are the questions that stay unknown when the call fails;
    default: those of the service. `otherwise` are asked, for the same thing, when the call is denied.

    Of a job that the vendor works off: `passing` marks the call that begins it, whose answer (the job's id) is good in
    this session only, so that it is no document and a resumed run begins anew what was not answered; `about` are the
    parameters, not sent, by which the call that asks for the outcome is known in place of those that are; `fails` are
    members with the values that say that there will be none. `wait` are seconds before a call is made first; what has
    waited goes before what was not begun.
    """

    AROUND: ClassVar[tuple[str, ...]] = ()
    """What a template can name besides parameters: where a call is made."""

    call: str
    service: str = ""
    keep: Keep = {}
    each: str = ""
    again: str = ""
    together: int = 1
    where: dict[str, list[Any]] = {}
    with_: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    subject: list[str] | None = None
    absent: list[str] = []
    at: str = ""
    as_: str = msgspec.field(name="as", default="")
    until: dict[str, Any] = {}
    fails: dict[str, Any] = {}
    about: dict[str, Any] = {}
    passing: bool = False
    wait: float = 0.0
    body: str = ""
    separate: bool = False
    regions: Literal["", "one", "each"] = ""
    affects: list[str] = []

    @property
    def below(self) -> Sequence[Self]:
        """The calls that follow from its answer (`then` in the files)."""
        return ()

    @property
    def instead(self) -> Sequence[Self]:
        """The calls that are made when it is denied (`otherwise` in the files)."""
        return ()

    def walk(self) -> Iterator[Self]:
        """The call and every call below it."""
        yield self
        for call in (*self.instead, *self.below):
            yield from call.walk()


class Abstract(ABCMeta, msgspec.StructMeta):
    """Structs of which a provider's kind says what they leave open."""


class Service(msgspec.Struct, metaclass=Abstract, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service: `service` is what its calls are made to, and limited together.

    `regions` is `each` or `one`. `at_once` calls are made at a time, at most `per_minute` in a minute (0: no such
    limit). `affects` are the questions that only this service answers.
    """

    service: str
    regions: Literal["one", "each"] = "each"
    at_once: int = 4
    per_minute: int = 0
    affects: list[str] = []

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.service

    @property
    def opening(self) -> Sequence[Call]:
        """The calls that follow from no other (`calls` in the files)."""
        return ()

    @abstractmethod
    def of(self, call: Call) -> Service:
        """The service that the call is an operation of."""

    def kind(self, call: Call) -> str:
        """The kind of the raw documents that the call gives."""
        return call.as_ or f"{self.of(call).name}.{call.call}"

    def questions(self, call: Call) -> list[str]:
        """What cannot be answered without the call."""
        return call.affects or self.affects or [f"what {self.of(call).name} {call.call} tells"]

    def affected(self, call: Call) -> str:
        """The questions as coverage names them."""
        return ", ".join(self.questions(call))


Declared = TypeVar("Declared", bound=Service)


def parse_service(name: str, text: str, kind: type[Declared]) -> Declared:
    """A declaration of the provider's kind. Raises RuleFileError naming the file and the place."""
    try:
        service = msgspec.convert(shipped.values(text), kind)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        raise RuleFileError(name, cause, f"line {mark.line + 1}" if mark else "") from None
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise RuleFileError(name, cause, place.strip("`")) from None
    for opening in service.opening:
        for call in opening.walk():
            _check_keep(name, call.call, call.keep)
    return service


def declared_in(package: str, kind: type[Declared]) -> tuple[Declared, ...]:
    """Every service that a provider's package declares in `data/collect`, by file. Raises RuleFileError."""
    folder = resources.files(package) / "data" / "collect"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(parse_service(one.name, one.read_text("utf-8"), kind) for one in files)


def _check_keep(name: str, place: str, keep: Keep) -> None:
    for member, below in keep.items():
        if isinstance(below, dict):
            _check_keep(name, f"{place}.{member}", below)
        elif below not in (None, "hash"):
            raise RuleFileError(name, "must be nothing, `hash`, or a mapping", f"{place}.{member}")
