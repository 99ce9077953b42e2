"""Rows of the table `observability`: what the logs of a tenant show.

The audit log is always on; the activity logs of Graph are where a diagnostic setting writes them. Whether something is
held of either is told by `kept`: without that nothing is called unused. Where settings were read and none keeps the
activity logs, and nothing of them is held, that is the reason; not asked, refused and none are told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from leastwise.model.gap import Kept
from leastwise.providers.base import Altered, Told
from leastwise.providers.entra.events.record import AUDIT, GRAPH
from leastwise.providers.entra.log_names import log_of
from leastwise.providers.logs.observed import EVERYWHERE, Row, table_of

from .kinds import ASKED, AUDITED, READS
from .settings import Tenant, tenants


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the tenants that some snapshots tell of."""
    held = {one.log for one in kept}
    rows = [(id, row) for id, tenant in tenants(told).items() for row in _rows(id, tenant, held)]
    return table_of("entra", "directory", rows)


def _rows(id: str, tenant: Tenant, held: Collection[str]) -> Iterator[Row]:
    audit, graph = log_of(AUDIT, id), log_of(GRAPH, id)
    yield Row(AUDITED, EVERYWHERE, "yes", _where("the audit log of the directory", AUDIT, tenant), audit)
    if tenant.unread == "" and not tenant.kept(GRAPH) and graph not in held:
        yield Row(ASKED, EVERYWHERE, "no", f"no diagnostic setting of the directory keeps {GRAPH}")
    else:
        yield Row(ASKED, EVERYWHERE, "yes", _where("the activity logs of Microsoft Graph", GRAPH, tenant), graph)
    yield Row(READS, EVERYWHERE, "no", "the audit log tells changes, not what is only read")
    yield Row(EVERYWHERE, EVERYWHERE, "no", "no page that was read says that each of its uses is recorded")


def _where(log: str, category: str, tenant: Tenant) -> str:
    """A log in words, with where it is kept as far as that is known."""
    places = tenant.kept(category)
    if places:
        return f"{log} ({'; '.join(places)})"
    return f"{log} (where it is kept was not told: {tenant.unread})" if tenant.unread else log
