"""One service collected anew, and a directory that Azure's source reads too: what others told stays beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.azure import around
from fakes.azure.around import bodies, gaps, surround, told
from fakes.azure.directory import ANN, BEN, OPS
from fakes.azure.entra import a_directory, collected, keys
from fakes.azure.server import REFUSED, FakeAzure, on
from leastwise.model.scope import Collected
from leastwise.providers.entra.collect.collector import collect


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake
        assert fake.strange == []


def without(found: Collected, *beginnings: str) -> list[tuple[str, str, object]]:
    return [one for one in told(found) if not one[0].startswith(beginnings)]


def test_one_service_is_put_beside_the_rest(entra: FakeAzure, tmp_path: Path) -> None:
    before = collected(entra, tmp_path / "run")
    lists = entra.world.directory.lists
    lists["/v1.0/roleManagement/directory/roleAssignments"].pop()
    lists["/v1.0/users"].pop()
    entra.log.clear()
    after = collected(entra, tmp_path / "run", only="roles", earlier=lambda scope: before)
    assert {one.name for one in entra.log} <= {"roleDefinitions.list", "roleAssignments.list", "organization.list"}
    (assigned,) = bodies(after, "graph.roleManagement.directory.roleAssignments.list")
    assert [one["id"] for one in assigned["value"]] == ["ra1"]
    assert without(after, "graph.roleManagement.directory.role") == without(
        before, "graph.roleManagement.directory.role"
    )
    assert gaps(after) == [] and "only roles was asked for" in after.coverage[-1].detail
    again = collected(entra, tmp_path / "run", only="units", earlier=lambda scope: after)
    notes = [one for one in again.coverage if one.call == "only"]
    assert len(notes) == 1 and told(again) == told(after)


def test_what_a_service_is_asked_of_is_listed_anew(entra: FakeAzure, tmp_path: Path) -> None:
    before = collected(entra, tmp_path / "run")
    group = "aaaaaaaa-0000-4000-8000-0000000000aa"
    entra.world.directory.lists["/v1.0/groups"].append({"id": group, "displayName": "new"})
    entra.world.directory.lists[f"/v1.0/groups/{group}/owners"] = [{"id": ANN}]
    entra.log.clear()
    after = collected(entra, tmp_path / "run", only="owners", earlier=lambda scope: before)
    assert not entra.count("groups.members") and not entra.count("users")
    assert bodies(after, "graph.groups.owners.list", group) == [{"value": [{"id": ANN}]}]
    assert bodies(after, "graph.groups.members.list", OPS), "carried over"


def test_one_service_without_a_snapshot_leaves_a_gap(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run", only="roles")
    assert gaps(found) == [("collection.only", "not_tried", "", "only roles was asked for")]


def test_only_services_that_there_are(entra: FakeAzure, tmp_path: Path) -> None:
    assert list(collect(keys(entra), around.a_run(tmp_path / "run", only="nobody"))) == []


def test_a_gap_of_the_part_is_its_own(entra: FakeAzure, tmp_path: Path) -> None:
    before = collected(entra, tmp_path / "run")
    entra.faults = [on(REFUSED, "roleAssignments")]
    after = collected(entra, tmp_path / "run", only="roles", earlier=lambda scope: before)
    (gap,) = gaps(after)
    assert gap[:2] == ("graph.roleManagement.directory.roleAssignments.list", "denied")
    assert bodies(after, "graph.roleManagement.directory.roleAssignments.list") == [], "what was is not what is"


def test_what_azure_reads_of_the_directory_does_not_hide_the_rest(entra: FakeAzure, tmp_path: Path) -> None:
    before = collected(entra, tmp_path / "run")
    entra.world.directory.lists["/v1.0/users"].pop()
    after = around.directory(entra, tmp_path / "azure", earlier=lambda scope: before)
    (users,) = bodies(after, "graph.users.list")
    assert {one["id"] for one in users["value"]} == {ANN} and BEN not in str(users)
    shared = ("graph.users.list",)
    assert without(after, *shared) == without(before, *shared), "the same documents, by whichever source"
    assert {f"{one.service}.{one.call}" for one in after.coverage} >= {
        f"{one.service}.{one.call}" for one in before.coverage
    }
    alone = around.directory(entra, tmp_path / "azure", earlier=lambda scope: None)
    assert not [one for one in alone.coverage if one.call == "only"]
    same = around.directory(entra, tmp_path / "azure", earlier=lambda scope: alone)
    assert told(same) == told(alone) and same.coverage == alone.coverage
