"""Small collections and opened stores, for the tests of the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from leastwise.engine.columns import empty, table
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.model.tables import BY_NAME, MEMBERSHIPS
from leastwise.store.database import connect, database_url
from leastwise.store.home import Home
from leastwise.store.migrate import upgrade
from leastwise.store.snapshots import SnapshotStore

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SCOPE = Scope("aws", "account", "222222222222")
OTHER = Scope("aws", "account", "111111111111")
SCOPES = tuple(Scope("aws", "account", str(n) * 12) for n in range(1, 5))


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def collected(time: datetime = NOW, text: str = "one", scope: Scope = SCOPE, documents: int = 3) -> Collected:
    bodies = [f'{{"{text}":{n}}}'.encode() * (n + 1) for n in range(documents)]
    return Collected(
        scope,
        time,
        tuple(
            RawDocument(scope, ("iam", "s3")[n % 2], f"kind{n % 3}", f"{text}.json#{n}", body, f"arn:{n}", time)
            for n, body in enumerate(bodies)
        ),
        (Coverage("iam", "GetAccountAuthorizationDetails", CoverageStatus.OK),),
    )


def unreadable(time: datetime, scope: Scope = SCOPE) -> Collected:
    coverage = (Coverage("iam", "ListUsers", CoverageStatus.DENIED, "AccessDenied"),)
    return Collected(scope, time, (), coverage, readable=False)


def tables(text: str = "one", rows: int = 5) -> Mapping[str, pa.Table]:
    members = table(
        MEMBERSHIPS,
        {
            "member": [f"{text}-{n}" for n in range(rows)],
            "group": ["g"] * rows,
            "until": [None] * rows,
            "kind": ["iam_group"] * rows,
            "source": [text] * rows,
        },
    )
    return {"memberships": members, "coverage": empty(BY_NAME["coverage"])}


def open_store(path: Path, url: str | None = None) -> SnapshotStore:
    home = Home(path)
    engine = connect(url or database_url(home, {}))
    upgrade(engine)
    return SnapshotStore(home, engine)


def commit(store: SnapshotStore, number: int = 0, text: str = "one", scope: Scope = SCOPE):
    return store.commit(collected(day(number), text, scope), tables(text), "0.1", NOW)
