"""What a list is asked: filters and order with every error of theirs, and the page that answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from leastwise.errors import UsageError
from leastwise.model.vocabulary import (
    ADMIN,
    CREDENTIAL_KINDS,
    GRANT_KINDS,
    PRINCIPAL_KINDS,
    PUBLIC,
    REQUEST_KINDS,
    REQUEST_STATUSES,
)

from ..cursors import fingerprint
from ..estate import NAMES, OpenEstate

VIEW_OF = {
    "identities": "identities",
    "resources": "resources_view",
    "grants": "grants",
    "credentials": "credentials_view",
    "trusts": "trusts_view",
    "requests": "requests_view",
}
SEARCHED = (
    "id", "name", "principal", "principal_name", "policy", "policy_name", "mail", "subject", "via", "via_name",
    "reason", "ticket",
)  # fmt: skip
"""Columns of texts in which a text is looked for."""
STRENGTH = ("no", "unknown", "limited", "conditional", "yes")
"""The words of admin columns, in the order in which they sort."""
RANKED = frozenset({"admin", "holder_admin", "principal_admin"})
"""Columns that sort by strength, not by letter, where they hold words."""
EQUALS = {
    "provider": ("provider", "--provider"),
    "account": ("account", "--account"),
    "admin": ("admin", "--admin"),
    "mfa": ("mfa", "--mfa"),
    "external": ("external", "--external"),
    "active": ("active", "--active"),
    "public": ("public", "--public"),
    "id": ("id", "an id"),
    "status": ("status", "--status"),
}
"""Filters that ask for one value of one column: field → (column, option)."""
_NEEDS = {
    "kind": ("kind", "--kind"),
    "tag": ("tags", "--tag"),
    "owner": ("owner", "--owner"),
    "unused_days": ("last_used", "--unused-for"),
    "used_days": ("last_used", "--used-within"),
}
_KINDS = {"identities": PRINCIPAL_KINDS, "credentials": CREDENTIAL_KINDS, "requests": REQUEST_KINDS}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows; a value that is None or empty does not filter. Days count from the estate's clock."""

    provider: str | None = None
    account: str | None = None
    kind: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    text: str | None = None
    owner: str | None = None
    admin: str | None = None
    mfa: bool | None = None
    external: bool | None = None
    unused_days: int | None = None
    used_days: int | None = None
    public: str | None = None
    active: bool | None = None
    id: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: rows as plain values, how many match in all, and the cursor of the next page or None.

    `columns` are the keys of every row, also when there is none.
    """

    items: list[dict[str, Any]]
    total: int
    next: str | None
    header: dict[str, Any]
    coverage: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The documented JSON of list commands."""
        return {
            "estate": self.header,
            "items": self.items,
            "next": self.next,
            "total": self.total,
            "coverage": self.coverage,
        }


def schema_of(estate: OpenEstate, what: str) -> pa.Schema:
    """The columns of a list: those of its read model, with names beside ids that people do not know by heart."""
    told, names = estate.schema(VIEW_OF[what]), NAMES.get(what, {})
    text = pa.string()
    kinds = {name: text if pa.types.is_string(told.field(id).type) else pa.list_(text) for id, name in names.items()}
    kept = [pa.field(one.name, kinds.pop(one.name)) if one.name in kinds else one for one in told]
    return pa.schema([*kept, *(pa.field(name, kind) for name, kind in kinds.items())])


def check_values(estate: OpenEstate, filters: Filters, what: str, values: Callable[[str], Collection[object]]) -> None:
    """A value that nothing can have is a typo, and would read as "nobody"; `values` are those that a column has.

    Raises:
        UsageError: one of the filters has such a value.
    """
    scopes = [entry.scope for entry in estate.estate.entries]
    known: dict[str, tuple[Iterable[str | None], Collection[str]]] = {
        "--admin": ([filters.admin], ADMIN),
        "--public": ([filters.public], PUBLIC),
        "--status": ([filters.status], REQUEST_STATUSES),
        "--kind": (filters.kind, _kinds(what, values) if filters.kind else ()),
        "--provider": ([filters.provider], sorted({one.provider for one in scopes})),
    }
    for option, (given, allowed) in known.items():
        for value in given:
            if value is not None and allowed and value not in allowed:
                raise UsageError(f"{option}: {value!r} is none of {', '.join(allowed)}")
    ours = [one.id for one in scopes]
    if (
        filters.account is not None
        and ours
        and filters.account not in ours
        # Rows also stand for what is elsewhere, as far as trusts and policies name it.
        and filters.account not in values("account")
    ):
        raise UsageError(f"--account: {filters.account!r} is none of {', '.join(ours)}")


def _kinds(what: str, values: Callable[[str], Collection[object]]) -> Collection[str]:
    """The kinds that a list can have; none for resources, whose kinds are the vendor's."""
    if what != "grants":
        return _KINDS.get(what, ())
    return sorted({*GRANT_KINDS, *(str(one) for one in values("kind") if one)})


def check_filters(schema: pa.Schema, filters: Filters, what: str) -> None:
    """Raises UsageError where a filter is of a column that the list does not have."""
    for name, (column, option) in (*EQUALS.items(), *_NEEDS.items()):
        given = getattr(filters, name)
        if given not in (None, (), "") and column not in schema.names:
            raise UsageError(f"{what} cannot be filtered by {option}")


def sorted_by(schema: pa.Schema, sort: str | None, what: str) -> tuple[str | None, bool]:
    """The column of an order, None for the list's own, and whether the greatest comes first.

    Raises:
        UsageError: there is no such column, or it cannot be sorted by.
    """
    column = (sort or "").removeprefix("-")
    if column and column not in schema.names:
        raise UsageError(f"{what} has no column {column}; sort by one of {', '.join(schema.names)}")
    if column and pa.types.is_nested(schema.field(column).type):
        raise UsageError(f"{what} cannot be sorted by {column}")
    return column or None, (sort or "").startswith("-")


def own_order(schema: pa.Schema) -> list[str]:
    """The columns by which a list stands where no order is asked for, and within one value of another column."""
    first = "id" if "id" in schema.names else "principal"
    return [name for name in (first, "account", "policy", "via") if name in schema.names]


def asked_of(
    estate: OpenEstate, what: str, filters: Filters, sort: str | None, more: Mapping[str, object] | None = None
) -> str:
    """What a cursor belongs to: the list, its filters and order, and the snapshots that it was cut from."""
    about: list[object] = [what, sort, asdict(filters), [manifest.id for manifest in estate.estate.manifests]]
    if more:
        about.append(more)
    return fingerprint(about)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values: times as ISO 8601 (UTC), tags as an object."""
    return {
        key: value.isoformat()
        if isinstance(value, datetime)
        else dict(value)
        if key == "tags" and value is not None
        else value
        for key, value in row.items()
    }
