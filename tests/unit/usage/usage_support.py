"""Rows of the usage tables, short to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from pyroaring import BitMap

from fakes.lake import used
from leastwise.engine.columns import arrow_schema
from leastwise.engine.holdings import Alike, Everybody, Hidden, Holdings, Part
from leastwise.model.aliases import Aliases
from leastwise.model.decision import State
from leastwise.model.gap import Kept, Window
from leastwise.model.tables import LAST_ACCESSED
from leastwise.model.tables.usage import OBSERVABILITY, USAGE
from leastwise.providers.aws.naming import NAMING
from leastwise.usage.attempts import Attempts
from leastwise.usage.gap import Facts
from leastwise.usage.keeping import Logs
from leastwise.usage.uses import Uses
from leastwise.usage.watching import Watching

NAMES = (
    "iam:PassRole",
    "rds:DeleteDBInstance",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:PutObject",
)
WORDS = ("escalation", "destructive", "destructive", "data read", "read", "write")
END = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNT = "222222222222"
P = f"arn:aws:iam::{ACCOUNT}:role/p"


def window(days: int = 90) -> Window:
    """A window that ends at END."""
    return Window(END - timedelta(days=days), END)


def use(
    permission: str,
    days_ago: float,
    *,
    principal: str = P,
    how: str = "call",
    count: int = 1,
    denied: int = 0,
    bucket: str = "",
    workload: str = "",
    unknown: int = 0,
) -> dict[str, Any]:
    """A row of `usage`."""
    time = END - timedelta(days=days_ago)
    row = used(P, permission, time.isoformat(), count=count, denied=denied, bucket=bucket)
    return row | {"principal": principal, "how": how, "workload": workload, "unknown": unknown}


def seen(
    permission: str = "*",
    resource: str = "*",
    observed: str = "yes",
    reason: str = "trail t",
    *,
    account: str = ACCOUNT,
    region: str = "*",
    begin: datetime | None = None,
    end: datetime | None = None,
    log: str = "t",
) -> dict[str, Any]:
    """A row of `observability`."""
    return {
        "provider": "aws",
        "account": account,
        "region": region,
        "permission": permission,
        "resource": resource,
        "observed": observed,
        "reason": reason,
        "log": log if observed == "yes" else "",
        "begin": begin or datetime(1970, 1, 1, tzinfo=UTC),
        "end": end or END,
        "source": "t",
    }


EVERYTHING = (seen(), seen("iam:PassRole", observed="no", reason="it is no operation", account="*"))
OFF = "S3 data events of {resource} are off in trail t"


def data_off(*permissions: str) -> list[dict[str, Any]]:
    """Rows of data events that no trail records."""
    return [seen(one, observed="no", reason=OFF) for one in permissions]


def facts(
    uses: Iterable[dict[str, Any]] = (),
    rows: Iterable[dict[str, Any]] = EVERYTHING,
    days: int = 90,
    log_days: float = 400,
    unattributed: dict[str, str] | None = None,
    kept: Iterable[Kept] | None = None,
    unclear: dict[str, str] | None = None,
    attempts: Iterable[dict[str, Any]] = (),
    aliases: Aliases | None = None,
) -> Facts:
    """Facts of one account of which everything is recorded, but for what `rows` say."""
    usage = pa.Table.from_pylist(list(uses), schema=arrow_schema(USAGE))
    table = pa.Table.from_pylist(list(rows), schema=arrow_schema(OBSERVABILITY))
    logs = Logs([keeping(log_days)] if kept is None else kept, unclear)
    watching = Watching(NAMES, table, logs, window(days), NAMING)
    told = Attempts(pa.Table.from_pylist(list(attempts), schema=arrow_schema(LAST_ACCESSED)), window(days))
    uses_ = Uses(usage, window(days), aliases)
    return Facts(NAMES, WORDS, uses_, watching, unattributed=unattributed or {}, attempts=told)


def attempt(
    service: str,
    days_ago: float | None,
    *,
    permission: str = "",
    principal: str = P,
    since: float = 400,
    taken: float = 0,
    inexact: bool = False,
) -> dict[str, Any]:
    """A row of `last_accessed`; no days for never."""
    return {
        "principal": principal,
        "account": ACCOUNT,
        "service": service,
        "permission": permission,
        "last": None if days_ago is None else END - timedelta(days=days_ago),
        "inexact": inexact,
        "region": None,
        "since": END - timedelta(days=since),
        "taken": END - timedelta(days=taken),
        "source": "t",
    }


def keeping(begin: float = 400, end: float = 0, *, log: str = "t", region: str = "*", account: str = ACCOUNT) -> Kept:
    """That a log was taken in from some days before the window's end to some days before it."""
    return Kept(log, account, region, END - timedelta(days=begin), END - timedelta(days=end))


def numbers(permissions: Iterable[str]) -> BitMap:
    """Permissions by name."""
    return BitMap(NAMES.index(one) for one in permissions)


def part(permissions: Sequence[str], *resources: str, state: State = State.ALLOWED) -> Part:
    """Permissions by name as a part."""
    return Part(numbers(permissions), resources or ("*",), state)


def held(*parts: Part, principal: str = P, hidden: Sequence[Hidden] = ()) -> Holdings:
    """What one role holds."""
    return Holdings(principal, "workload", "role", ACCOUNT, parts, hidden=tuple(hidden))


def everybody(parts: Sequence[Part], *principals: str, hidden: Sequence[Hidden] = ()) -> Everybody:
    """The same as a bundle that some hold."""
    who = principals or (P,)
    group = Alike(who, "workload", "role", ACCOUNT, (0,), None, exact=True, unread=False, hidden=tuple(hidden))
    return Everybody({0: tuple(parts)}, iter([group]))
