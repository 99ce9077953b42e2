"""What is collected becomes the estate that questions are asked of; what was not answered is unknown there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.azure.around import surround
from fakes.azure.directory import ADMINS, ANN, APP, BEN, EMPTY, GLOBAL, GRAPH, OPS, SECRET, SHOP, UNIT
from fakes.azure.entra import a_directory, collected
from fakes.azure.server import DELETED, REFUSED, UNLICENSED, FakeAzure, jwt, on
from leastwise.model.scope import Collected
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.conform.ask import published
from leastwise.providers.entra.evaluate.estate import Estate


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake


def estate(found: Collected) -> Estate:
    return estate_of_tables(PROVIDER.translate(found), published())


def members(told: Estate, group: str) -> set[str] | None:
    listed = told.groups.get(group)
    return None if listed is None else {one.id for one in listed}


def test_everything_that_was_read_is_known(entra: FakeAzure, tmp_path: Path) -> None:
    told = estate(collected(entra, tmp_path / "run"))
    assert told.unread == () and told.untold == frozenset()
    assert members(told, OPS) == {ANN, BEN, APP} and members(told, EMPTY) == set() and members(told, SECRET) == {BEN}
    assert {(one.principal, one.role) for one in told.assignments} == {(ADMINS, GLOBAL), (BEN, GLOBAL)}
    assert {one.principal for one in told.eligible} == {BEN}
    assert told.unit_members[UNIT] == {BEN, OPS}
    assert [(one.principal, one.resource) for one in told.app_roles] == [(SHOP, GRAPH)]
    assert [one.scopes for one in told.delegations] == [frozenset({"user.read", "mail.read"})]
    assert {one.id for one in told.owners[ADMINS]} == {ANN, APP}


def test_what_was_refused_is_not_known(entra: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = jwt("graph", 9, roles=())
    entra.tokens.add(token)
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", token)
    entra.faults = [
        on(REFUSED, "oauth2PermissionGrants"), on(REFUSED, "roleAssignments"), on(DELETED, "groups.members", EMPTY),
        on(REFUSED, "servicePrincipals.appRoleAssignedTo", GRAPH),
    ]  # fmt: skip
    told = estate(collected(entra, tmp_path / "run"))
    assert {"assignments of directory roles", "delegated grants", "app roles that were granted"} <= set(told.unread)
    assert members(told, SECRET) is None, "hidden, not empty"
    assert members(told, EMPTY) is None, "gone, not empty"
    assert members(told, OPS) == {ANN, BEN, APP}


def test_without_a_licence_there_is_nothing_of_it(entra: FakeAzure, tmp_path: Path) -> None:
    entra.faults = [on(UNLICENSED, name) for name in ("roleAssignmentSchedule", "roleEligibility", "group.")]
    told = estate(collected(entra, tmp_path / "run"))
    assert told.unread == () and told.eligible == () and told.enrolments == ()
    assert {one.principal for one in told.assignments} == {ADMINS, BEN}
