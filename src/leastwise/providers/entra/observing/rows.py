"""Rows of the table `observability`: what the logs of a tenant show.

The audit log is always on; the activity logs of Graph are where a diagnostic setting writes them. Whether something is
held of either is told by `kept`: without that nothing is called unused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered, Told
from leastwise.providers.entra.events.record import AUDIT, GRAPH
from leastwise.providers.entra.log_names import log_of
from leastwise.providers.logs.observed import EVERYWHERE, Row, table_of

from .kinds import ASKED, AUDITED, READS


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the tenants that some snapshots tell of."""
    tenants = dict.fromkeys(tenant.lower() for one in told for scope in one.scopes for tenant in _tenants(scope.tables))
    return table_of("entra", "directory", [(tenant, row) for tenant in tenants for row in _rows(tenant)])


def _tenants(tables: Mapping[str, pa.Table]) -> list[str]:
    scopes = tables.get("scopes")
    if scopes is None:
        return []
    return [row["id"] for row in scopes.select(["id", "kind"]).to_pylist() if row["kind"] == "tenant"]


def _rows(tenant: str) -> Iterator[Row]:
    yield Row(AUDITED, EVERYWHERE, "yes", "the audit log of the directory", log_of(AUDIT, tenant))
    yield Row(ASKED, EVERYWHERE, "yes", "the activity logs of Microsoft Graph", log_of(GRAPH, tenant))
    yield Row(READS, EVERYWHERE, "no", "the audit log tells changes, not what is only read")
    yield Row(EVERYWHERE, EVERYWHERE, "no", "no page that was read says that each of its uses is recorded")
