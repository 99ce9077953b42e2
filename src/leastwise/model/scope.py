"""Where facts come from: a scope, and how completely it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """The unit of collection: one account, organization, subscription, project, tenant or cluster.

    `id` is the vendor's own id (twelve digits for an AWS account, `o-…` for an organization).
    """

    provider: str
    kind: str
    id: str

    @property
    def key(self) -> str:
        """`provider:id`, unique in an estate."""
        return f"{self.provider}:{self.id}"


class CoverageStatus(StrEnum):
    """How one call of a collection ended (DESIGN §3)."""

    OK = "ok"
    DENIED = "denied"
    THROTTLED = "throttled"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    UNLICENSED = "unlicensed"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One call (or section of an export) and how it ended; anything but OK is a collection gap.

    `affects` names what cannot be known because of the gap, in the user's words. `account` is the account within the
    scope that the gap is about, where a scope holds several; empty: the scope itself.
    """

    service: str
    call: str
    status: CoverageStatus
    detail: str = ""
    affects: str = ""
    account: str = ""


PART = "#part"
"""Stands at the end of the name of a document that is not the whole answer."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One vendor document as it was read: the truth that every table can be rebuilt from.

    `kind` names the vendor's format (`account_authorization_details`, `bucket_policy` …), `name` where it was
    read (file, and pointer inside it), `resource` the vendor's id of what it describes when the body does not
    say so itself, `region` where it was asked for when the vendor's answers differ by region and do not name it.
    `time` is when the vendor said this. A name that ends with `PART` is of an answer whose further pages were not read.
    `apart` is what reading has already taken apart of the body, so that translation need not do it again; it is no part
    of the truth, and nothing is lost without it.
    """

    scope: Scope
    service: str
    kind: str
    name: str
    body: bytes
    resource: str = ""
    time: datetime | None = None
    region: str = ""
    apart: object = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything read of one scope at one time: input of translation and of one snapshot.

    `time` is when the vendor's answers were taken (UTC). `readable` is False when the scope itself refused the
    collector, so that its last good snapshot stays in force, marked stale.
    """

    scope: Scope
    time: datetime
    documents: tuple[RawDocument, ...]
    coverage: tuple[Coverage, ...] = ()
    readable: bool = True
