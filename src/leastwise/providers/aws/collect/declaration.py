"""What is collected: one YAML file a service, in `data/collect`; a call is an operation of the service's API.

What the members of a file mean stands with `providers.collecting.declaration`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import ClassVar, Literal

import msgspec

from leastwise.providers.collecting import declaration

Keep = declaration.Keep
AROUND = ("account", "region")
"""What a template can name besides parameters: where a call is made."""
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Call(declaration.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation. `action` are the IAM actions that it needs; default: that of its name.

    `choice` names the key of a source that turns the call on.
    """

    AROUND: ClassVar[tuple[str, ...]] = AROUND

    action: str | list[str] | None = None
    choice: Literal["", "access_advisor"] = ""
    then: list[Call] = []

    @property
    def below(self) -> Sequence[Call]:
        """The calls that follow from its answer."""
        return self.then

    @property
    def operation(self) -> str:
        """The operation as the AWS CLI spells it."""
        return _CAPITALS.sub("-", self.call).lower()

    def chosen(self, choices: Collection[str]) -> Call:
        """The call without those below it that are made only by a choice that was not taken."""
        if not any(one.choice for one in self.walk()):
            return self
        kept = [one.chosen(choices) for one in self.then if not one.choice or one.choice in choices]
        return msgspec.structs.replace(self, then=kept)


class Service(declaration.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service: `service` is the SDK's name of it, `cli` the CLI's if that differs, `prefix` that of its actions.

    `regions` is `each` or `one` (a global service). `scope` says whose facts these are: of each account, or of the
    organization, asked only in its management account. `resources` narrow the grant that the calls need; default: all.
    """

    cli: str = ""
    prefix: str = ""
    scope: Literal["account", "organization"] = "account"
    resources: list[str] = []
    calls: list[Call]

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.cli or self.service

    @property
    def opening(self) -> Sequence[Call]:
        """The calls that follow from no other."""
        return self.calls

    def walk(self) -> Iterator[Call]:
        """Every call, callers before what they lead to."""
        for call in self.calls:
            yield from call.walk()

    def chosen(self, choices: Collection[str]) -> Service:
        """The service without the calls that are made only by a choice that was not taken."""
        calls = [one.chosen(choices) for one in self.calls if not one.choice or one.choice in choices]
        return msgspec.structs.replace(self, calls=calls) if calls != self.calls else self

    def of(self, call: declaration.Call) -> Service:
        """The service that the call is an operation of."""
        return msgspec.structs.replace(self, service=call.service, cli="", prefix="") if call.service else self

    def kind(self, call: declaration.Call) -> str:
        """The kind of the raw documents that the call gives."""
        assert isinstance(call, Call)
        return call.as_ or f"{self.of(call).name}.{call.operation}"

    def actions(self, call: Call) -> list[str]:
        """The IAM actions that the call needs."""
        owner = self.of(call)
        prefix = owner.prefix or owner.service
        named = [call.call] if call.action is None else [call.action] if isinstance(call.action, str) else call.action
        return [one if ":" in one else f"{prefix}:{one}" for one in named]


def parse_service(name: str, text: str) -> Service:
    """A declaration. Raises RuleFileError naming the file and the place."""
    return declaration.parse_service(name, text, Service)


@cache
def declared() -> tuple[Service, ...]:
    """Every declared service, by name. Raises RuleFileError."""
    return declaration.declared_in("leastwise.providers.aws", Service)
