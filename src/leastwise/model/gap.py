"""What is used of what is granted: four verdicts, never a bare "unused"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .decision import State


class Use(StrEnum):
    """What the logs say of a granted permission in a window of time."""

    USED = "USED"
    IMPLIED = "IMPLIED"
    """Needed by a call that was made, though no record of its own shows it."""
    UNUSED = "UNUSED"
    """A use would have been recorded, in every part of the window, on every resource; there is none."""
    UNOBSERVABLE = "UNOBSERVABLE"
    """A use might not have been recorded; `missing` says why."""


SENSITIVITIES = (
    "read", "data read", "write", "destructive", "credential exposure", "permissions management", "escalation",
)  # fmt: skip
"""How much harm a permission can do, the least first."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time that is asked about: `end` is the estate's time, both ends belong to it."""

    begin: datetime
    end: datetime

    @property
    def days(self) -> int:
        """Its length in whole days."""
        return (self.end - self.begin).days

    @property
    def slack(self) -> timedelta:
        """What may be missing of it at either end: quiet hours, and delivery. A day, of less than a week a seventh."""
        return min(timedelta(days=1), (self.end - self.begin) / 7)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that one log tells of one account was taken in, in one span of time: a use that it records would be known.

    Args:
        log: the vendor's id of the log.
        region: `*` for all.
    """

    log: str
    account: str
    region: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What the logs that are held tell of one principal and one permission.

    Args:
        count: authorised calls in the window.
        denied: calls in the window that were denied: wanted, not used.
        first: the first authorised call of all logs, or None.
        last: the last authorised call of all logs, or None.
        touched: resource buckets that were touched in the window, sorted.
        workloads: ephemeral identities that did it in the window, sorted.
    """

    count: int = 0
    denied: int = 0
    first: datetime | None = None
    last: datetime | None = None
    touched: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One granted permission and what is used of it.

    Args:
        access: ALLOWED or CONDITIONAL; of what is UNKNOWN there is no verdict.
        resources: patterns of the resources it is granted on.
        missing: why it is UNOBSERVABLE; empty otherwise.
        service_used: when the vendor last saw the principal try the service, whatever the action; None where not told.
        action_used: when it last saw it try this permission; None where not told.
        because: what a verdict rests on that no log shows: that the vendor saw no attempt; empty otherwise.
    """

    permission: str
    state: Use
    access: State
    resources: tuple[str, ...]
    sensitivity: str
    done: Done
    missing: str = ""
    service_used: datetime | None = None
    action_used: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Creep:
    """How far what is granted goes beyond what is used.

    Args:
        index: 0 to 100, of what is surely unused.
        at_most: the same if nothing that cannot be observed is used.
        parts: weight of the unused permissions by sensitivity.
    """

    index: float
    at_most: float
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """Granted less used, of one principal.

    Args:
        items: every granted permission, sorted.
        unknown: permissions of which it is not known whether they are granted.
        drift: permissions that were used in the window and are not granted now.
        wanted: permissions that were only denied in the window.
        missing: what was not read.
    """

    principal: str
    account: str
    window: Window
    items: tuple[Item, ...]
    creep: Creep
    unknown: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def count(self, state: Use) -> int:
        """How many permissions have a verdict."""
        return sum(item.state is state for item in self.items)


@dataclass(frozen=True, slots=True)
class Summary:
    """The gap of one principal in numbers.

    Args:
        exact: false where `granted` is what some statement lets through and no limit surely takes away: an upper bound.
        unread: its policies were not all read: there are no numbers.
    """

    principal: str
    name: str
    kind: str
    native: str
    account: str
    granted: int
    used: int
    implied: int
    unused: int
    unobservable: int
    last_used: datetime | None
    creep: Creep
    exact: bool
    unread: bool = False

    @property
    def unused_share(self) -> float | None:
        """Which share of the granted permissions whose use would have been recorded is unused; None where none is."""
        seen = self.used + self.implied + self.unused
        return self.unused / seen if seen and not self.unread else None


class Need(StrEnum):
    """What a grant is worth in a window of time."""

    NEEDED = "NEEDED"
    """Something that was used is given by nothing else."""
    COVERED = "COVERED"
    """What was used of it, other grants give too."""
    UNUSED = "UNUSED"
    """Nothing of it was used, and a use would have been recorded."""
    UNOBSERVABLE = "UNOBSERVABLE"
    """Nothing of it is known to have been used; a use of some of it might not have been recorded."""


@dataclass(frozen=True, slots=True)
class GrantUse:
    """One grant of a principal, and what is used of it.

    Args:
        resources: what it is granted on.
        counts: how many of its permissions have each verdict; USED and IMPLIED on what it is granted on.
        elsewhere: how many of its permissions were used only where it does not reach.
        used: permissions that were used, or implied, on what it is granted on.
        only: those of them that nothing else gives there.
        touched: what they were used on.
        last: the last such use, or None.
        missing: why something of it is UNOBSERVABLE; empty where nothing is.
    """

    layer: str
    policy: str
    statement: str
    source: str
    resources: tuple[str, ...]
    need: Need
    counts: Mapping[Use, int]
    elsewhere: int
    used: tuple[str, ...]
    only: tuple[str, ...]
    touched: tuple[str, ...]
    last: datetime | None
    missing: str
