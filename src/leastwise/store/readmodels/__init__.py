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
from .resources import resources_view
from .trusts import trusts_view

__all__ = ["build", "limit_admin"]


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
    }
    return {name: fill_text(view, "account", account) for name, view in views.items()}


def limit_admin(identities: pa.Table, limited_accounts: Collection[str]) -> pa.Table:
    """The identities with `admin` lowered from yes to limited in accounts that a guardrail stands over.

    Guardrails live in the organization's snapshot, so only an estate can know them. The caller leaves out the
    accounts that guardrails do not bind (the management account).
    """
    if not limited_accounts:
        return identities
    bound = pc.is_in(identities["account"], value_set=pa.array(sorted(limited_accounts), pa.string()))
    lowered = pc.and_(bound, pc.equal(identities["admin"], "yes"))
    column = pc.if_else(lowered, "limited", identities["admin"])
    index = identities.schema.get_field_index("admin")
    return identities.set_column(index, identities.schema.field(index), column)
