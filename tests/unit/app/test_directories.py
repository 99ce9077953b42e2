"""A cloud's snapshot and its directory's, laid together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.directories import one_each
from leastwise.app.estate import open_estate
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run


def identities(*rows: tuple[str, str, str, int]) -> pa.Table:
    names = ("provider", "id", "admin", "grants")
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def test_of_several_rows_of_one_principal_that_which_says_most_stays() -> None:
    found = one_each(
        identities(
            ("entra", "ann", "no", 0), ("entra", "ann", "yes", 1), ("entra", "ann", "conditional", 9),
            ("azure", "bob", "no", 1), ("azure", "bob", "no", 3),
            ("azure", "cid", "unknown", 0), ("azure", "cid", "no", 5),
        ),
        {"azure", "entra"},
    )  # fmt: skip
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("entra", "ann", "yes", 1), ("azure", "bob", "no", 3), ("azure", "cid", "unknown", 0)
    ]  # fmt: skip


def test_rows_of_other_providers_are_left_alone() -> None:
    rows = identities(("gcp", "ann", "no", 0), ("gcp", "ann", "yes", 0), ("azure", "ann", "no", 0))
    assert one_each(rows, {"azure", "entra"}).equals(rows)
    assert one_each(rows, set()).equals(rows)
    assert one_each(rows.slice(0, 0), {"azure"}).num_rows == 0


TENANT, DAY = "72f00000-0000-4000-8000-000000000000", timedelta(days=1)
ANN, BOB = "0b000000-0000-4000-8000-000000000001", "0b000000-0000-4000-8000-000000000002"
SUB = "11111111-1111-4111-8111-111111111111"
HERE, TAKEN = f"/subscriptions/{SUB}", datetime(2026, 11, 1, tzinfo=UTC)
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def assigned(number: int, who: str, type: str = "User") -> dict[str, Any]:
    return {"id": f"{HERE}/providers/Microsoft.Authorization/roleAssignments/a{number}", "principalId": who,
            "principalType": type, "roleDefinitionId": READER, "scope": HERE}  # fmt: skip


def kinds(folder: Path, *, users: bool = True, later: timedelta = timedelta(), foreign: str = "User") -> dict[str, str]:
    """Kinds of principals in the list of grants, by id: Ann is in the directory, Bob is not."""
    account = {"cloudName": "AzureCloud", "id": SUB, "isDefault": True, "name": "Sub", "tenantId": TENANT}
    cloud, people = folder / "cloud", folder / f"tenant-{TENANT}"
    files: dict[Path, list[dict[str, Any]]] = {
        cloud / "a.json": [account, assigned(1, ANN), assigned(2, BOB, foreign)],
        people / "groups.json": [{"@odata.type": "#microsoft.graph.group", "id": "g", "securityEnabled": True}],
        people / "sp.json": [{"id": "s", "servicePrincipalType": "Application"}],
        people / "users.json": [{"@odata.type": "#microsoft.graph.user", "id": ANN, "userPrincipalName": "ann"}],
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if users or path.name != "users.json":
            path.write_text(json.dumps(content))
    home = ["--home", str(folder / "home")]
    assert run(["import", str(people), *home, "--taken", TAKEN.isoformat()]) == 0
    assert run(["import", str(cloud), *home, "--taken", (TAKEN + later).isoformat()]) == 0
    grants = open_estate(Workspace(folder / "home")).view("grants")
    return dict(zip(grants["principal"].to_pylist(), grants["principal_kind"].to_pylist(), strict=True))


def test_whom_a_directory_that_was_read_as_a_whole_has_not_is_gone(tmp_path: Path) -> None:
    assert kinds(tmp_path) == {ANN: "human", BOB: "deleted"}


@pytest.mark.parametrize(
    "told", [{"users": False}, {"later": 2 * DAY}, {"foreign": "ForeignGroup"}], ids=["part", "older", "elsewhere"]
)
def test_whom_a_directory_may_not_know_is_not_gone(tmp_path: Path, told: dict[str, Any]) -> None:
    assert kinds(tmp_path, **told)[BOB] in ("human", "group")
