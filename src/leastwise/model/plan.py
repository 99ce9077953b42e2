"""A plan: the smaller grant, what it rests on, and the changes that make it so, as plain data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .likely import Next


class Why(StrEnum):
    """Why a permission stays, or goes."""

    USED = "used"
    IMPLIED = "implied"
    """Needed by a call that was made, though no record of its own shows it."""
    POSSIBLE = "possible"
    """A call may have needed it, and the log does not tell."""
    UNOBSERVABLE = "unobservable"
    """Its use might not have been recorded."""
    SEASONAL = "seasonal"
    """Used before the window, in a rhythm or by a schedule, or in one that the logs are too short to rule out."""
    WANTED = "wanted"
    """Only denied so far, though it is granted now."""
    NEW = "new"
    """Granted so lately that it had no time to be used."""
    EXCEPTED = "excepted"
    """Kept because somebody said so."""
    LEVEL = "level"
    """Of the same service and access level as one that stays, where that is the level asked for."""
    ADDED = "added"
    """Not used yet, and asked for with the question."""
    UNUSED = "unused"
    EVENTLESS = "no event"
    """It has no record of its own, and nothing that was called could have needed it."""


SHOWN = frozenset({Why.USED, Why.IMPLIED, Why.POSSIBLE, Why.SEASONAL})
"""The reasons that a recorded call stands behind."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Something that runs as a principal by the clock: its name, the vendor's expression, whether a run was due.

    `due(after, before)` is whether a run was due between two times; None where the expression cannot be read.
    """

    principal: str
    name: str
    expression: str
    due: Callable[[datetime, datetime], bool | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """A permission that stays.

    Args:
        resources: buckets of the log that it was used on; empty: wherever it is granted.
        detail: the reason in words.
        calls: authorised calls that it rests on.
    """

    permission: str
    why: Why
    resources: tuple[str, ...] = ()
    detail: str = ""
    calls: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A permission that goes; `last` is its last use before the window, None where none is known."""

    permission: str
    why: Why
    sensitivity: str
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A document that somebody holds.

    Args:
        policy: the name of its policy, for explanations.
        document: its bytes.
        target: on whom it lies: the principal itself, or a group of its.
        id: the vendor's id of the policy, its name where it has none.
    """

    policy: str
    document: bytes
    target: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to an estate, in the words of a what-if file, and the one that takes it back.

    Args:
        verb: put, remove, attach, detach, join, leave, …; see `app.overlay`.
        told: what it names, and the document that it brings.
        inverse: the changes that undo it, in order.
        before: SHA-256 of what stood there, the precondition of making it; empty where nothing did.
    """

    verb: str
    told: Mapping[str, Any]
    inverse: tuple[Change, ...] = ()
    before: str = ""

    def values(self) -> dict[str, Any]:
        """It as a what-if file writes it."""
        return {self.verb: dict(self.told)}


Asked = tuple[str, str]
"""A permission and a resource, or a pattern of resources."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One claim of a proof: `state` is `proved`, `refuted` (a request shows it) or `not proven`, with why."""

    state: str
    why: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether it is proved."""
        return self.state == "proved"


@dataclass(frozen=True, slots=True)
class Proof:
    """What is shown of a plan by asking the estate with its changes laid over it.

    Args:
        narrower: the documents give nothing that they did not give before.
        widens: what anybody may do that he could not before; empty unless the plan widens.
        enough: everything that is kept is allowed as it was.
        affected: everybody whose access changes.
        needed: what `enough` is about: permissions, each with a pattern of resources.
        beside: what of it the documents alone do not show to be given as before, so that the estate was asked.
    """

    narrower: Shown
    widens: tuple[Mapping[str, Any], ...]
    enough: Shown
    affected: tuple[str, ...]
    needed: tuple[Asked, ...] = ()
    beside: tuple[Asked, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing widens and nothing kept is lost."""
        return self.narrower.holds and self.enough.holds and not self.widens


@dataclass(frozen=True, slots=True)
class Broken:
    """A recorded call that the plan would break, or may break."""

    time: datetime
    principal: str
    permission: str
    resource: str
    before: str
    after: str
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Replay:
    """Recorded calls, decided again under the plan.

    Args:
        begin: of the span of time that they are of.
        end: its end.
        calls: how many.
        distinct: how many of them differ in what decides.
        broken: those that it would break.
        unlike: calls that were made and that the estate as it was read does not allow: somebody changed it since.
        asked: each that differs: permission and resource, how often it was made, and when last.
        beside: what of them the documents alone do not show to be allowed as before, so that the estate was asked.
    """

    begin: datetime
    end: datetime
    calls: int
    distinct: int
    broken: tuple[Broken, ...] = ()
    unlike: int = 0
    asked: tuple[tuple[Asked, int, datetime], ...] = ()
    beside: tuple[Asked, ...] = ()


def digest(document: bytes) -> str:
    """SHA-256 of a document, in hexadecimal; of JSON whatever its blanks and the order of its keys."""
    # What is no JSON is told by its bytes.
    with suppress(ValueError):
        document = json.dumps(json.loads(document), sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(document).hexdigest()


@dataclass(frozen=True, slots=True)
class Fall:
    """How far the creep index of a principal falls.

    Args:
        before: the index.
        after: the index without what is dropped.
        weight: what is dropped: the sum of sensitivity times reach, see docs/reference/creep.md.
        whole: the same of all that is unused.
    """

    before: float
    after: float
    weight: float
    whole: float

    @property
    def entire(self) -> Fall:
        """The fall where the principal goes."""
        return Fall(self.before, 0.0, self.whole, self.whole)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The smallest grant for one principal, with what shows that it will do.

    Args:
        principal: the vendor's id.
        sentence: what it comes to.
        blocked: why nothing is proposed, or why what is proposed is not ready; empty where it is.
        kept: the permissions that stay, each with its reason.
        dropped: those that go.
        changes: what makes it so, in order; none where everything stays.
        before: what the documents give, one value for each statement.
        after: what they will give.
        replay: the calls of the window under the changes.
        naive: the calls of all logs under a cut that keeps only what was used in the window; None where the guards
            keep nothing more.
        notes: what to know before making it, a sentence each.
        documents: those that it has.
        smaller: those that it will have.
        likely: what it is likely to need next of what goes, the worthiest first; never kept unless it is asked for.
        fall: of the creep index; None where nothing was looked at.
        steps: what makes the changes by hand, where that is not each change by itself.
    """

    principal: str
    provider: str
    account: str
    sentence: str
    kept: tuple[Kept, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    changes: tuple[Change, ...] = ()
    before: tuple[Mapping[str, Any], ...] = ()
    after: tuple[Mapping[str, Any], ...] = ()
    proof: Proof | None = None
    replay: Replay | None = None
    naive: Replay | None = None
    owner: str = ""
    owner_by: str = ""
    blocked: str = ""
    wanted: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    documents: tuple[Held, ...] = ()
    smaller: tuple[Held, ...] = ()
    likely: tuple[Next, ...] = ()
    fall: Fall | None = None
    steps: tuple[Step, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it can be made as it stands: something changes, the proof holds and no recorded call breaks."""
        if self.blocked or not self.changes or self.proof is None or self.replay is None:
            return False
        return self.proof.holds and not self.replay.broken


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan, in words, and how it is made by hand.

    Args:
        does: what it does: `deactivate key`, `leave group`, `delete after 30 days`.
        on: the vendor's id of what it changes.
        why: what it is for.
        command: what makes it, for the vendor's command line; empty where there is none.
        inverse: what takes it back; empty where nothing does.
        after: days to wait before it.
    """

    does: str
    on: str
    why: str = ""
    command: str = ""
    inverse: str = ""
    after: int = 0
