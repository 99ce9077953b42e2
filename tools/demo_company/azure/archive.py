"""The logs of Azure in the packed form of the bundle (`demo_company.logs.shaped`): a blob for each log and hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from demo_company.azure import entries
from demo_company.azure.acts import ACTIVITY, BLOBS, Act
from demo_company.logs.shaped import Packing

ACCOUNT = "bwerplogs"
"""The storage account that keeps them."""


def packed(acts: Iterable[Act]) -> bytes:
    """The archive of everything that a log has."""
    packing = Packing()
    for one in acts:
        if one.logged:
            container, of = _place(one)
            moment = datetime.fromtimestamp(one.when, UTC)
            hour = f"y={moment:%Y}/m={moment:%m}/d={moment:%d}/h={moment:%H}/m=00"
            name = f"{ACCOUNT}/{container}/resourceId={of.upper()}/{hour}/PT1H.json"
            lines = entries.activity(one) if one.log == ACTIVITY else [_of_data(one)]
            packing.add(name, one.when - one.when % 3600, one.when, lines)
    return packing.packed()


def _of_data(one: Act) -> dict[str, object]:
    return entries.blobs(one) if one.log == BLOBS else entries.vault(one)


def _place(one: Act) -> tuple[str, str]:
    """The container that a log is kept in, and the resource whose log it is."""
    if one.log == ACTIVITY:
        return "insights-activity-logs", "/".join(one.call.on.split("/")[:3])
    if one.log == BLOBS:
        kind = "storageread" if one.call.native == "GetBlob" else "storagewrite"
        return f"insights-logs-{kind}", one.call.on.partition("/containers/")[0]
    return "insights-logs-auditevent", one.call.on
