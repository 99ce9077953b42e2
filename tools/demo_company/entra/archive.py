"""The directory's logs in the packed form of the bundle (`demo_company.logs.shaped`): a blob for each log and hour.

What was once asked of the unified audit log is one file, a record a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from demo_company.entra.acts import NOWHERE, UNIFIED, Act
from demo_company.identity_center import TENANT
from demo_company.logs.shaped import Packing

ACCOUNT = "bwdirectorylogs"
"""The storage account that keeps them."""
SEARCH = "unified-audit-log/sortwise-portal.json"


def packed(acts: Iterable[Act]) -> bytes:
    """The archive of everything that a log has."""
    packing, begun = Packing(), 0
    for one in acts:
        if one.log == UNIFIED:
            begun = begun or one.when
            packing.add(SEARCH, begun, one.when, [one.entry])
        elif one.log != NOWHERE:
            moment = datetime.fromtimestamp(one.when, UTC)
            hour = f"y={moment:%Y}/m={moment:%m}/d={moment:%d}/h={moment:%H}/m=00"
            name = f"{ACCOUNT}/insights-logs-{one.log}/tenantId={TENANT}/{hour}/PT1H.json"
            packing.add(name, one.when - one.when % 3600, one.when, [one.entry])
    return packing.packed()
