"""Who may do what: the one table of duties and rights, and what of the estate somebody may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from leastwise.errors import UsageError


class Right(StrEnum):
    """What an endpoint asks of its caller; each declares one."""

    ANYONE = "anyone"
    """Nothing: signing in, and what says nothing about the estate."""
    OWN = "own"
    """To be signed in: one's own account, session and tokens."""
    SEE = "see"
    ASK = "ask"
    EXPORT = "export"
    ANALYSE = "analyse"
    MUTE = "mute"
    PLAN = "plan"
    APPROVE = "approve"
    COLLECT = "collect"
    SETTINGS = "settings"
    USERS = "users"
    TOKENS = "tokens"
    """Tokens of others; one's own need OWN."""
    AUDIT = "audit"
    METRICS = "metrics"


class Duty(StrEnum):
    """What somebody does with Leastwise; one may have several."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


_READS = frozenset({Right.ANYONE, Right.OWN, Right.SEE, Right.ASK})

RIGHTS: Mapping[Duty, frozenset[Right]] = {
    Duty.VIEWER: _READS,
    Duty.ANALYST: _READS | {Right.EXPORT, Right.ANALYSE, Right.MUTE, Right.PLAN},
    Duty.APPROVER: _READS | {Right.EXPORT, Right.APPROVE},
    Duty.ADMIN: frozenset(Right) - {Right.APPROVE},
    Duty.AUDITOR: _READS | {Right.EXPORT, Right.AUDIT},
}
"""The table. Who administers does not approve by that: whoever gives himself the other duty is on record with it."""

WHOLE = frozenset({Right.COLLECT, Right.SETTINGS, Right.USERS, Right.TOKENS, Right.AUDIT, Right.METRICS})
"""Rights over what lies in no account: a duty that sees only some accounts does not give them."""

EVERYTHING = "*"
_PLACE = re.compile(r"[a-z0-9_]{1,60}:[^\s*]{1,240}|[a-z0-9_]{1,60}:\*")


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the estate somebody may see: everything, or accounts of providers.

    Args:
        places: `PROVIDER:ACCOUNT`, `PROVIDER:*`, or `*` for everything.
    """

    places: frozenset[str] = frozenset()

    @classmethod
    def of(cls, places: Iterable[str]) -> Sight:
        """The sight of these places. UsageError for one that is none."""
        found = frozenset(places)
        for one in found:
            if one != EVERYTHING and not _PLACE.fullmatch(one):
                raise UsageError(f"sight {one!r}: is none of *, PROVIDER:*, PROVIDER:ACCOUNT")
        return cls(frozenset({EVERYTHING}) if EVERYTHING in found else found)

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden."""
        return EVERYTHING in self.places

    def sees(self, provider: str, account: str) -> bool:
        """Whether an account is seen."""
        return self.everything or f"{provider}:*" in self.places or f"{provider}:{account}" in self.places

    def both(self, other: Sight) -> Sight:
        """What either sees."""
        return Sight.of(self.places | other.places)

    def within(self, other: Sight) -> Sight:
        """What both see."""
        if self.everything or other.everything:
            return other if self.everything else self
        kept = {one for one in self.places if other._covers(one)} | {one for one in other.places if self._covers(one)}
        return Sight(frozenset(kept))

    def _covers(self, place: str) -> bool:
        return self.everything or place in self.places or f"{place.partition(':')[0]}:*" in self.places


ALL = Sight(frozenset({EVERYTHING}))
"""The sight that hides nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A duty as somebody has it: over everything, or over some accounts."""

    duty: Duty
    sight: Sight


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what of the estate he may see with the right that was asked of him."""

    name: str
    held: tuple[Held, ...]
    via: str
    """How he is known: `session`, `token`, or `local` where nobody signs in."""
    user: str = ""
    """The id of his account; empty where he has none."""
    sight: Sight = Sight()
    scope: frozenset[Right] | None = None
    """The rights of the token that he came with; None where nothing narrows his own."""
    scope_sight: Sight = ALL
    """What that token may see at most."""
    credential: str = ""
    """The id of the session or token."""

    def sight_for(self, right: Right) -> Sight | None:
        """What he sees with a right; None where he does not have it."""
        if self.scope is not None and right not in self.scope | {Right.ANYONE}:
            return None
        having = [one.sight for one in self.held if right in RIGHTS[one.duty]]
        seen = Sight()
        for one in having:
            seen = seen.both(one)
        seen = seen.within(self.scope_sight)
        if not having or (right in WHOLE and not seen.everything):
            return None
        return seen

    @property
    def rights(self) -> tuple[Right, ...]:
        """Every right that he has, somewhere."""
        return tuple(right for right in Right if self.sight_for(right) is not None)
