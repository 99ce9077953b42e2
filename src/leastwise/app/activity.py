"""What was done by somebody, with a credential or to a resource: stored events, the newest first."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.errors import UsageError

from .aliases import names_of
from .wiring import Workspace

COLUMNS = (
    "time", "principal", "session", "workload", "origin", "source_identity", "credential", "via", "mfa", "source",
    "name", "permission", "resource", "outcome", "error", "ip", "agent", "account", "owner", "region", "kind", "what",
    "bucket", "grant_id", "read_only", "data", "log", "provider", "id",
)  # fmt: skip
"""What is told of an event, in this order."""
_SAME = (
    "principal", "credential", "resource", "bucket", "workload", "origin", "session", "source_identity", "grant_id",
    "id",
)  # fmt: skip
_NAMED = ("principal", "resource")


@dataclass(frozen=True, slots=True)
class Activity:
    """Events that match, the newest first, and how many there are besides those that are told."""

    items: list[dict[str, Any]]
    total: int


def activity(
    workspace: Workspace,
    subject: str,
    begin: datetime | None = None,
    end: datetime | None = None,
    ip: str | None = None,
    denied: bool = False,
    limit: int = 200,
) -> Activity:
    """The events of a principal, credential, resource, workload, session or event id.

    A principal or resource is named by the vendor's id, or by its end after a `/` or `:`; what lies in a named resource
    (an object in its bucket) is told with it, and of a principal what stands under other names that are surely its own.
    `ip` is an address or a network. No limit is 0.

    Raises:
        UsageError: the name is empty, or `ip` is no address and no network.
        IntegrityError, StoreError: the lake, or a snapshot that tells names, cannot be read.
    """
    if not subject.strip():
        raise UsageError("activity: name a principal, a credential or a resource")
    network = _network(ip)
    counts: list[int] = []

    def newest(events: pa.Table) -> pa.Table:
        if network is not None:
            events = events.filter(_inside(events["ip"], network))
        counts.append(events.num_rows)
        return _newest(events, limit)

    where = _where(subject)
    for name in names_of(workspace, workspace.store.estate(), subject):
        where |= _text("principal") == name
    if denied:
        where &= _text("outcome") == "denied"
    found = workspace.lake.events(begin=begin, end=end, where=where, columns=COLUMNS, each=newest)
    items = [_told(row) for row in plain(_newest(found, limit)).to_pylist()]
    return Activity(items, sum(counts))


def _where(subject: str) -> pc.Expression:
    """Rows that have to do with what is named."""
    where = pc.scalar(False)
    for name in _SAME:
        where |= _text(name) == subject
    for name in _NAMED:
        where |= pc.ends_with(_text(name), f"/{subject}") | pc.ends_with(_text(name), f":{subject}")
    for name in ("resource", "bucket"):
        where |= pc.starts_with(_text(name), f"{subject}/")
    # Calls that needed several permissions, or on several resources, have all of them here.
    return (
        where
        | pc.match_substring(_text("facts"), f"\t{subject}\t")
        | pc.match_substring(_text("facts"), f"\t{subject}/")
    )


def _text(name: str) -> pc.Expression:
    return pc.field(name).cast(pa.string())


def _network(text: str | None) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    if text is None:
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise UsageError(f"--ip: {text!r} is no address and no network, as in 192.0.2.7 or 192.0.2.0/24") from None


def _inside(addresses: Any, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> pa.Array:
    distinct = addresses.unique().to_pylist()
    chosen = [one for one in distinct if _lies(one, network)]
    return pc.is_in(addresses, value_set=pa.array(chosen, pa.string()))


def _lies(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False  # a service's name


def _newest(events: pa.Table, limit: int) -> pa.Table:
    order = pc.sort_indices(
        pa.table({"time": events["time"], "id": events["id"]}), [("time", "descending"), ("id", "ascending")]
    )
    return events.take(order[:limit] if limit else order)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "time": row["time"].isoformat()}
