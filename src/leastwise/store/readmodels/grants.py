"""The read model of grants."""

from __future__ import annotations

import pyarrow as pa

from leastwise.engine.columns import coded, repeated, table
from leastwise.model.tables import GRANTS_VIEW

from .columns import flat, take
from .facts import Facts
from .reach import Reach

_FROM_DOCUMENT = (
    "unsupported", "admin", "rewrites_iam", "wildcard", "wildcard_actions", "wildcard_resources", "conditional",
)  # fmt: skip


def grants_view(provider: str, facts: Facts, edges: Reach) -> pa.Table:
    """One row per policy in force on a principal, a resource or a scope."""
    documents, rows = facts.documents, edges.document
    return table(
        GRANTS_VIEW,
        {
            "provider": repeated(provider, len(rows)),
            "account": edges.account,
            "principal": edges.target,
            "principal_kind": edges.target_kind,
            "via": edges.via,
            "layer": edges.layer,
            "kind": edges.kind,
            "policy": edges.policy,
            "document": coded(rows, flat(documents["hash"])),
            **{name: take(documents[name], rows) for name in _FROM_DOCUMENT},
            "source": edges.source,
        },
    )
