"""How a provider is collected, and what a collection would lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leastwise.model.scope import Collected, Scope


@dataclass(frozen=True, slots=True)
class Step:
    """How far a collection is: scopes, calls waiting to be made, calls made by how they ended."""

    scopes: int
    scopes_done: int
    waiting: int
    resumed: int
    retries: int
    calls: Mapping[str, int]


def journal_name(scope: Scope) -> str:
    """The file of a scope's journal in the folder of a run."""
    return f"{scope.key.replace(':', '-').replace('/', '-')}.journal"


@dataclass(frozen=True, slots=True)
class CollectRun:
    """What a collector is given besides its source.

    `folder` is where journals of unfinished scopes lie (see `journal_name`), and stay when a run is interrupted;
    `resume` goes on from them. `key` hashes values that may be secret. `only` names the one scope, or the one
    principal, to collect; `earlier` gives the newest complete snapshot of a scope as it was collected.
    `progress` is called several times a second. `interrupted` turns what was collected of an unfinished scope into
    what to commit of it.
    """

    folder: Path
    key: bytes
    now: Callable[[], datetime]
    progress: Callable[[Step], None]
    interrupted: Callable[[Collected, str], Collected]
    resume: bool = False
    only: str | None = None
    earlier: Callable[[Scope], Collected | None] = lambda scope: None


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A kind of call that a collection makes: where, for each of what (empty: once), and what it needs."""

    service: str
    call: str
    regions: str
    each: str
    permissions: tuple[str, ...]
    affects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a collection needs: `status` is ok, missing or unknown."""

    check: str
    status: str
    detail: str = ""


class Want(StrEnum):
    """For want of what a question stays unknown."""

    NOT_INSTALLED = "not installed"
    NOT_CONFIGURED = "not configured"
    NOT_SIGNED_IN = "not signed in"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A question that a collection would leave unknown: `of` is what would have told, `where` the scopes it is for."""

    question: str
    want: Want
    of: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        """In words, as in `bucket policy: s3:GetBucketPolicy denied`."""
        told = ", ".join(self.of)
        if self.want is Want.DENIED or not told:
            return f"{told} {self.want}".strip()
        return f"{self.want}: {told}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a source has and lacks, and which questions that leaves unknown."""

    checks: Sequence[Check]
    unknown: Sequence[Unknown] = ()


@dataclass(frozen=True, slots=True)
class Collector:
    """How a provider is collected. `keys` are a source's own keys in estate.yaml; UsageError when they are wrong.

    `collect` yields each scope as soon as it is collected. `plan` says what would be called, without a call. `policy`
    is the least grant that a collection needs, as the vendor writes it. `doctor` says what is installed, signed in,
    permitted and reachable.
    """

    collect: Callable[[Mapping[str, Any], CollectRun], Iterator[Collected]]
    plan: Callable[[Mapping[str, Any]], list[PlannedCall]]
    policy: Callable[[Mapping[str, Any]], str]
    doctor: Callable[[Mapping[str, Any]], Diagnosis]
