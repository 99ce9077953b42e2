"""The tables of all scopes, as the compiler reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import empty, plain
from leastwise.model.tables import BY_NAME
from leastwise.providers.base import ScopeTables

__all__ = ["READ", "ScopeTables", "joined", "laid", "needed", "plain"]

READ: Mapping[str, tuple[str, ...]] = {
    "scopes": ("id", "kind", "parent", "tenant", "management", "tags"),
    "principals": (
        "id", "account", "kind", "name", "native", "unique_id", "boundary", "tags", "mail",
        "mfa",
    ),
    "memberships": ("member", "group", "kind"),
    "documents": ("hash", "text", "unsupported"),
    "statements": (
        "document", "position", "sid", "effect", "actions", "not_actions", "resources", "not_resources", "principals",
        "not_principals", "condition",
    ),
    "policies": ("id", "name", "kind"),
    "attachments": ("kind", "target", "policy", "layer", "document", "source"),
    "assignments": ("bundle", "principal", "account"),
    "runs_as": ("subject", "object", "kind"),
    "resources": (
        "id", "account", "kind", "name", "policy_known", "acl_public", "public_block", "restrictable", "tags",
        "details",
    ),
    "coverage": ("service", "call", "status", "detail", "affects"),
}  # fmt: skip
"""The tables and columns that the compiler reads."""


def needed(one: ScopeTables) -> ScopeTables:
    """The scope without the tables and columns that the compiler does not read."""
    tables = {name: one.tables[name].select(columns) for name, columns in READ.items() if name in one.tables}
    return ScopeTables(one.kind, one.id, tables, one.readable)


def joined(scopes: Sequence[ScopeTables], name: str, columns: Sequence[str] | None) -> pa.Table:
    """A table of all scopes, one behind the other, with texts themselves where it has positions in a list of words."""
    wanted = list(READ[name] if columns is None else columns)
    parts = [plain(one.tables[name].select(wanted)) for one in scopes if name in one.tables]
    return pa.concat_tables(parts) if parts else empty(BY_NAME[name]).select(wanted)


def laid(one: ScopeTables, layers: Collection[str]) -> pa.Table:
    """The attachments of a scope in some layers; empty when the scope was not read."""
    if "attachments" not in one.tables:
        return empty(BY_NAME["attachments"]).select(READ["attachments"])
    table = one.tables["attachments"].select(READ["attachments"])
    return table.filter(pc.is_in(table["layer"].cast(pa.string()), value_set=pa.array(layers)))
