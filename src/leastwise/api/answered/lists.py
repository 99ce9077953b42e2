"""Rows of the inventory, as the declared columns of the lists have them."""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model

from leastwise.app.answers.columns import list_columns

from .base import Answered, Listed

_TYPES: dict[str, Any] = {
    "string": str, "strings": list[str], "bool": bool, "int": int, "float": float, "time": str, "tags": dict[str, str],
}  # fmt: skip


def _row(what: str, title: str) -> Any:
    """The model of a row: every column may be asked for alone (`fields`), so none is required."""
    columns: dict[str, Any] = {
        one.name: (_TYPES[one.kind] | None, Field(None, description=one.doc)) for one in list_columns(what)
    }
    if what in ("credentials", "grants", "trusts"):
        told = "Who made it and who changed it last, with `history=true`."
        columns["provenance"] = (dict[str, Any] | None, Field(None, description=told))
    return create_model(title, __base__=Answered, __doc__=f"A row of {what}.", **columns)


IdentityRow = _row("identities", "IdentityRow")
ResourceRow = _row("resources", "ResourceRow")
GrantRow = _row("grants", "GrantRow")
CredentialRow = _row("credentials", "CredentialRow")
TrustRow = _row("trusts", "TrustRow")
RequestRow = _row("requests", "RequestRow")


def _list(what: str, row: Any, title: str) -> Any:
    return create_model(title, __base__=Listed, __doc__=f"A page of {what}.", items=(list[row], ...))


Identities = _list("identities", IdentityRow, "Identities")
Resources = _list("resources", ResourceRow, "Resources")
Grants = _list("grants", GrantRow, "Grants")
Credentials = _list("credentials", CredentialRow, "Credentials")
Trusts = _list("trusts", TrustRow, "Trusts")
Requests = _list("requests", RequestRow, "Requests")


class CoverageRow(Answered):
    """A call of a scope, and how it ended."""

    provider: str | None = None
    account: str | None = None
    kind: str | None = None
    service: str | None = None
    call: str | None = None
    status: str | None = Field(None, description="ok, denied, throttled, failed, unsupported, unlicensed or not_tried.")
    detail: str | None = None
    affects: str | None = Field(None, description="What cannot be known because of it.")
    snapshot: str | None = None
    stale: bool | None = None


class CoverageList(Listed):
    """What was read of each scope, and what was not."""

    items: list[CoverageRow]


class Facet(Answered):
    """How many rows have a value."""

    value: str | bool | int | float | None
    count: int


class Facets(Answered):
    """Counts by value under the same filters, the most frequent first."""

    facets: dict[str, list[Facet]]
    total: int
    outside: int | None = None


class SnapshotRow(Answered):
    """A snapshot."""

    id: str
    provider: str
    kind: str
    scope: str
    time: str
    committed: str
    state: str
    bytes: int
    engine_version: str
    schema_version: int
    reason: str
    hash: str


class Snapshots(Answered):
    """Snapshots, oldest first."""

    items: list[SnapshotRow]
    next: str | None
    total: int
    outside: int | None = None


class ExternalRow(Answered):
    """A way in from outside."""

    resource: str
    kind: str
    account: str
    principal: str
    principal_kind: str
    principal_account: str
    permissions: list[str]
    resources: list[str]
    exceptions: list[str]
    state: str
    residual: list[list[dict[str, Any]]] | None
    missing: list[str]
    reasons: list[dict[str, Any]]
    subjects: list[str]
    source: str
    trusted: str
    meant: str


class External(Listed):
    """Every resource and role that somebody outside can reach."""

    items: list[ExternalRow]
    trusted: int
    missing: list[dict[str, Any]]


class PlanRow(Answered):
    """A saved plan."""

    id: str
    subject: str
    provider: str
    account: str
    kind: str
    sentence: str
    ready: bool
    worth: float | None
    creep_drop: float | None
    owner: str | None
    owner_by: str | None
    approver: str | None
    approver_by: str | None
    closes: list[str]
    made: str | None


class Plans(Answered):
    """Saved plans, those that take away most first."""

    items: list[PlanRow]
    next: str | None
    total: int
    outside: int | None = None


class Claim(Answered):
    """A claim of a plan, made again."""

    claim: str
    holds: bool
    why: str


class Verified(Answered):
    """Every claim of a plan, made again."""

    items: list[Claim]
    next: str | None
