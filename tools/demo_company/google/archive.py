"""The audit logs of Google Cloud in the packed form of the bundle (`demo_company.logs.shaped`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from demo_company.google.acts import Act, entry
from demo_company.logs.shaped import ID, TIME, Packing

BUCKET = "bw-audit-logs"


def packed(acts: Iterable[Act]) -> bytes:
    """The archive of everything that a log has, a file for each log and day, as a sink writes them."""
    packing = Packing()
    for one in acts:
        if one.logged:
            moment = datetime.fromtimestamp(one.when, UTC)
            name = f"{BUCKET}/cloudaudit.googleapis.com/{one.log}/{moment:%Y/%m/%d}/00_00_00_23_59_59_S0.json.gz"
            midnight = int(moment.replace(hour=0, minute=0, second=0).timestamp())
            packing.add(name, midnight, one.when, [entry(one, f"{TIME}Z", ID)])
    return packing.packed()
