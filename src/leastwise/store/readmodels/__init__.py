"""Read models: the tables that lists, filters and posture rules read, derived from the facts of one snapshot.

Pure and vectorised: rows are joined by hash lookups and sorted ranges of numpy arrays, never by a loop over rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from .columns import fill_text
from .credentials import credentials_view
from .facts import Facts
from .grants import grants_view
from .identities import identities_view
from .reach import reach
from .requests import requests_view
from .resources import resources_view
from .trusts import trusts_view

__all__ = ["ADMIN_COLUMNS", "build", "limit_admin"]


def build(provider: str, account: str, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Every table of `VIEW_TABLES` by name, from the fact tables of one snapshot.

    Args:
        provider: name of the provider; stands in every row.
        account: the snapshot's scope; stands where a fact names no account of its own.
        tables: the snapshot's fact tables by name.

    Raises:
        KeyError: a fact table is missing.
    """
    facts = Facts.of(tables)
    edges = reach(facts)
    identities = identities_view(provider, facts, edges)
    views = {
        "identities": identities,
        "credentials_view": credentials_view(provider, facts, identities["admin"]),
        "grants": grants_view(provider, facts, edges),
        "trusts_view": trusts_view(provider, facts, identities["admin"]),
        "resources_view": resources_view(provider, facts),
        "requests_view": requests_view(provider, facts),
    }
    return {name: fill_text(view, "account", account) for name, view in views.items()}


ADMIN_COLUMNS: Mapping[str, tuple[str, str]] = {
    "identities": ("admin", "kind"),
    "credentials_view": ("holder_admin", "principal_kind"),
    "trusts_view": ("principal_admin", "principal_kind"),
}
"""The column that says whether somebody is an administrator, and the one with that somebody's kind, by read model."""


def limit_admin(name: str, view: pa.Table, limited: Collection[str], unknown: Collection[str] = ()) -> pa.Table:
    """A read model of `ADMIN_COLUMNS` with its administrators lowered in accounts that a guardrail stands over.

    Guardrails live in the organization's snapshot, so only an estate can know them. In accounts of `limited`, yes and
    conditional become limited; in those of `unknown`, where it cannot be told what stands over them, unknown. The
    caller leaves out the accounts that guardrails do not bind; service-linked roles are bound nowhere
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html).
    """
    column, kind = ADMIN_COLUMNS[name]
    for accounts, word in ((limited, "limited"), (unknown, "unknown")):
        if not accounts:
            continue
        bound = pc.is_in(view["account"], value_set=pa.array(sorted(accounts), pa.string()))
        holds = pc.is_in(view[column], value_set=pa.array(["yes", "conditional"]))
        lowered = pc.and_(pc.and_(bound, holds), pc.not_equal(view[kind], "service_linked"))
        index = view.schema.get_field_index(column)
        view = view.set_column(index, view.schema.field(index), pc.if_else(lowered, word, view[column]))
    return view
