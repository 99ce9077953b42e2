"""What is collected: one YAML file a service, in `data/collect`.

A call is an operation of the service's API. Its parameters (`with`) are constants, members of the thing that it is
asked for (`.Member`; `.` is the thing itself), parameters of the call above it (`$Parameter`), or `$account` and
`$region`, where it is asked. `keep` is the allow-list: a tree of member names; what it does not name is dropped before
anything is written. A leaf keeps what is there, `hash` keeps the names and hashes the values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

from leastwise import shipped
from leastwise.errors import RuleFileError

Keep = dict[str, Any]
AROUND = ("account", "region")
"""What a template can name besides parameters: where a call is made."""
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, and what to ask for each thing in its answer.

    `each` names the list in the answer above that this call is asked for (`A.B` looks inside objects and lists, ``
    asks once); `where` keeps only the things whose members have one of the values; `at` names the member that says in
    which region to ask; `subject` are the parameters that name what the answer is about (default: those filled from
    the thing). `until` repeats the call until a member has the value; `body` takes a member's bytes for the document;
    `separate` makes each page a document of its own; `service` is the service if it is not that of the file. `again`
    names a list in this call's own answer whose things the call is asked for too (a tree is read to its leaves);
    `together` asks for so many things in one call, `.` then being the list of them. `affects` are the questions that
    stay unknown when the call fails; default: those of the service.

    Of a job that the vendor works off: `passing` marks the call that begins it, whose answer (the job's id) is good in
    this session only, so that it is no document and a resumed run begins anew what was not answered; `about` are the
    parameters, not sent, by which the call that asks for the outcome is known in place of those that are; `fails` are
    members with the values that say that there will be none. `wait` are seconds before a call is made first; what has
    waited goes before what was not begun. `choice` names the key of a source that turns the call on.
    """

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
    action: str | list[str] | None = None
    at: str = ""
    as_: str = msgspec.field(name="as", default="")
    until: dict[str, Any] = {}
    fails: dict[str, Any] = {}
    about: dict[str, Any] = {}
    passing: bool = False
    wait: float = 0.0
    choice: Literal["", "access_advisor"] = ""
    body: str = ""
    separate: bool = False
    regions: Literal["", "one", "each"] = ""
    affects: list[str] = []
    then: list[Call] = []

    @property
    def operation(self) -> str:
        """The operation as the AWS CLI spells it."""
        return _CAPITALS.sub("-", self.call).lower()

    def walk(self) -> Iterator[Call]:
        """The call and every call below it."""
        yield self
        for call in self.then:
            yield from call.walk()

    def chosen(self, choices: Collection[str]) -> Call:
        """The call without those below it that are made only by a choice that was not taken."""
        if not any(one.choice for one in self.walk()):
            return self
        kept = [one.chosen(choices) for one in self.then if not one.choice or one.choice in choices]
        return msgspec.structs.replace(self, then=kept)


class Service(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service: `service` is the SDK's name of it, `cli` the CLI's if that differs, `prefix` that of its actions.

    `regions` is `each` or `one` (a global service). `scope` says whose facts these are: of each account, or of the
    organization, asked only in its management account. `resources` narrow the grant that the calls need; default: all.
    `affects` are the questions that only this service answers.
    """

    service: str
    cli: str = ""
    prefix: str = ""
    regions: Literal["one", "each"] = "each"
    scope: Literal["account", "organization"] = "account"
    at_once: int = 4
    affects: list[str] = []
    resources: list[str] = []
    calls: list[Call]

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.cli or self.service

    def walk(self) -> Iterator[Call]:
        """Every call, callers before what they lead to."""
        for call in self.calls:
            yield from call.walk()

    def chosen(self, choices: Collection[str]) -> Service:
        """The service without the calls that are made only by a choice that was not taken."""
        calls = [one.chosen(choices) for one in self.calls if not one.choice or one.choice in choices]
        return msgspec.structs.replace(self, calls=calls) if calls != self.calls else self

    def of(self, call: Call) -> Service:
        """The service that the call is an operation of."""
        return msgspec.structs.replace(self, service=call.service, cli="", prefix="") if call.service else self

    def kind(self, call: Call) -> str:
        """The kind of the raw documents that the call gives."""
        return call.as_ or f"{self.of(call).name}.{call.operation}"

    def questions(self, call: Call) -> list[str]:
        """What cannot be answered without the call."""
        return call.affects or self.affects or [f"what {self.of(call).name} {call.call} tells"]

    def affected(self, call: Call) -> str:
        """The questions as coverage names them."""
        return ", ".join(self.questions(call))

    def actions(self, call: Call) -> list[str]:
        """The IAM actions that the call needs."""
        owner = self.of(call)
        prefix = owner.prefix or owner.service
        named = [call.call] if call.action is None else [call.action] if isinstance(call.action, str) else call.action
        return [one if ":" in one else f"{prefix}:{one}" for one in named]


def parse_service(name: str, text: str) -> Service:
    """A declaration. Raises RuleFileError naming the file and the place."""
    try:
        service = msgspec.convert(shipped.values(text), Service)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        raise RuleFileError(name, cause, f"line {mark.line + 1}" if mark else "") from None
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise RuleFileError(name, cause, place.strip("`")) from None
    for call in service.walk():
        _check_keep(name, call.call, call.keep)
    return service


def _check_keep(name: str, place: str, keep: Keep) -> None:
    for member, below in keep.items():
        if isinstance(below, dict):
            _check_keep(name, f"{place}.{member}", below)
        elif below not in (None, "hash"):
            raise RuleFileError(name, "must be nothing, `hash`, or a mapping", f"{place}.{member}")


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    folder = resources.files("leastwise.providers.aws") / "data" / "collect"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(parse_service(one.name, one.read_text("utf-8")) for one in files)
