"""Answers about access: never a bare boolean."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class State(StrEnum):
    """Whether something is allowed."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    CONDITIONAL = "CONDITIONAL"
    """Allowed under the residual condition."""
    UNKNOWN = "UNKNOWN"
    """Something that was not read would decide; `missing` names it."""


SUREST = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
"""The states, from what is surely allowed to what surely is not."""
RANK = {state: place for place, state in enumerate(SUREST)}
"""The place of each: the smaller, the more is allowed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement, layer or rule that took part in a decision.

    Args:
        effect: allows, denies, or blocks (where nothing allows).
        layer: the kind of policy, as attachments.layer names it; `service` for a rule of the service itself.
        text: what it says, as a person would.
        policy: name or ARN of the policy; empty for a rule or for what is missing.
        statement: Sid, or its number from one.
        position: index of the statement in its document; -1 for none.
        source: where the document was read.
    """

    effect: str
    layer: str
    text: str
    policy: str = ""
    statement: str = ""
    position: int = -1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Needed:
    """One condition that must hold (or, negated, must not) for access."""

    key: str
    operator: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        values = ", ".join(self.values)
        return f"{'not ' if self.negated else ''}{self.operator} {self.key} = {values}"


Residual = tuple[tuple[Needed, ...], ...]
"""Alternatives; each is a set of conditions that together suffice."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step by which a subject comes to its access: a group, a permission bundle, a role that it becomes."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Confined:
    """The accounts and organizations of which one must hold whoever meets a condition."""

    accounts: frozenset[str]
    organizations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer.

    Args:
        state: the answer.
        reasons: what decided, the most telling first; of DENIED also what would allow, last.
        residual: for CONDITIONAL (and what is certain of UNKNOWN), the alternatives; None when there are too many to
            list.
        chain: how the subject comes to its policies: groups, assumed roles.
        missing: for UNKNOWN, what was not read.
        exact: False when a declared budget was exceeded and the residual may be unsatisfiable or always true.
        beside: what may keep the request from being made at all and is no permission, as sign-in rules; no part of the
            state.
    """

    state: State
    reasons: tuple[Reason, ...] = ()
    residual: Residual | None = ()
    chain: tuple[Link, ...] = ()
    missing: tuple[str, ...] = ()
    exact: bool = True
    beside: tuple[str, ...] = ()

    @property
    def deciding(self) -> tuple[Reason, ...]:
        """The reasons without what allows in vain."""
        if self.state is not State.DENIED:
            return self.reasons
        return tuple(one for one in self.reasons if one.effect != "allows")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a question says besides who, what and where.

    Args:
        context: values of condition keys, by the vendor's names; a key without any is one that the request lacks.
        strict: keys that nobody gives are absent; otherwise they are not known.
        session: session policies in the vendor's form, or None.
        through: the network endpoint that the request comes through, or None.
        moment: when the request is made (with a time zone), or None where that is not known.
        open: condition keys that can have any value or none, whatever the estate tells of them. Those who read what
            `graph` asks in the name of a changed fact know them; else nobody gives any.
    """

    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strict: bool = False
    session: tuple[Mapping[str, Any], ...] | None = None
    through: str | None = None
    moment: datetime | None = None
    open: tuple[str, ...] = ()


class Holder(NamedTuple):
    """A principal that can, or may be able to, do what was asked.

    Args:
        principal: the vendor's id.
        name: the vendor's name.
        kind: see principals.kind; `everyone` and `other_account` for those that no id names.
        account: account that holds it; empty where there is none.
        inside: it is one of the estate.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        residual: see Decision.
        missing: see Decision.
        chain: what it must have or become to get there.
    """

    principal: str
    name: str
    kind: str
    account: str
    inside: bool
    state: State
    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    chain: tuple[Link, ...] = ()


class Holders(Sequence[Holder], ABC):
    """Principals sorted by id, none twice. One is made when it is looked at; how many there are is known without."""

    @abstractmethod
    def counts(self) -> Mapping[State, int]:
        """How many there are of each state that occurs."""

    @abstractmethod
    def find(self, principal: str) -> Holder | None:
        """The holder with an id, or None."""

    @abstractmethod
    def alike(self) -> Iterator[Holders]:
        """The same holders in parts, none empty, of those that differ by id and name only."""

    def __contains__(self, one: object) -> bool:
        return isinstance(one, Holder) and self.find(one.principal) == one

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Holders):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, slots=True)
class WhoCan:
    """Everybody who can; `missing` names what might add others."""

    holders: Holders
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reached:
    """A known resource on which a subject has a permission.

    Args:
        resource: the vendor's id, or a pattern of what lies in it.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        residual: see Decision.
        missing: see Decision.
        chain: what the subject acts as to get there.
    """

    resource: str
    state: State
    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    chain: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Every known resource that a subject reaches, sorted by id.

    Args:
        resources: those on which it is not DENIED.
        elsewhere: on any resource that can be named, known or not; for an action without resources, the answer.
        missing: what might add others.
    """

    resources: tuple[Reached, ...]
    elsewhere: Decision
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cube:
    """Permissions that a subject has alike: on which resources, but not on which, under which condition.

    Args:
        permissions: the vendor's names, sorted.
        resources: patterns of which one must take the resource in.
        exceptions: patterns of which none may.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        residual: see Decision.
        missing: see Decision.
        within: patterns all of which must take the resource in besides.
    """

    permissions: tuple[str, ...]
    resources: tuple[str, ...]
    exceptions: tuple[str, ...]
    state: State
    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
