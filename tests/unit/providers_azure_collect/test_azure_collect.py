"""Collecting Azure from the fake: the whole tenant, a management group, a subscription; one subscription anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.azure.around import bodies, collected, gaps, surround
from fakes.azure.server import FakeAzure
from fakes.azure.world import LAB, LENT, SHOP, TENANT


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with FakeAzure(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake
        assert fake.strange == []


def test_a_tenant_is_one_snapshot_of_everything_that_is_seen(azure: FakeAzure, tmp_path: Path) -> None:
    (found,) = collected(azure, tmp_path / "run").values()
    assert (found.scope.provider, found.scope.kind, found.scope.id) == ("azure", "tenant", TENANT)
    assert gaps(found) == []
    lists = bodies(found, "Microsoft.Authorization/roleAssignments:list")
    scopes = {one["properties"]["scope"] for body in lists for one in body["value"]}
    assert {"/", SHOP, f"{SHOP}/resourceGroups/web", LAB} <= scopes
    assert not azure.count("", LENT), "of another directory"
