"""The read model of requests for access."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import repeated, table
from leastwise.model.tables import REQUESTS_VIEW

from .columns import take, text
from .facts import Facts

_MADE = ("provider", "principal_kind")


def requests_view(provider: str, facts: Facts) -> pa.Table:
    """One row per request."""
    requests = facts.requests
    kinds = take(facts.principals["kind"], facts.asker)
    return table(
        REQUESTS_VIEW,
        {
            "provider": repeated(provider, requests.num_rows),
            "principal_kind": pc.fill_null(text(kinds), "unknown"),
            **{name: requests[name] for name in REQUESTS_VIEW.names() if name not in _MADE},
        },
    )
