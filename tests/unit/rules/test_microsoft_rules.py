"""Escalation rules of Azure and Entra ID: what they ask for is the vendor's, what was not read leaves paths open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from leastwise.app.escalating import graph_of
from leastwise.app.wiring import Workspace
from leastwise.providers.azure import catalog as operations
from leastwise.providers.azure.language.operations import DATA, canonical
from leastwise.providers.entra.catalog.allowing import allowing
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.language.requests import is_request, parse_request
from leastwise.rules.escalation import EscalationRule, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
RULES = {one.id: one for one in load_escalation()}
AZURE = [one for one in RULES.values() if one.provider == "azure"]
ENTRA = [one for one in RULES.values() if one.provider == "entra"]
NEWER = frozenset({"control:Microsoft.Web/sites/hostruntime/vfs/write"})
"""Documented by the vendor, and not in the published list of operations."""
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "72f00000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("rule", AZURE, ids=lambda one: one.id)
def test_operations_are_published(rule: EscalationRule) -> None:
    named = {need.permission for need in rule.every()} - NEWER
    assert not [one for one in named if not operations.planes(canonical(one.removeprefix(DATA)))]


@pytest.mark.parametrize("rule", ENTRA, ids=lambda one: one.id)
def test_actions_requests_and_values_are_published(rule: EscalationRule) -> None:
    known = published()
    for text in {need.permission for need in rule.every()}:
        if is_request(text):
            assert allowing(known.requests, parse_request(text)) is not None, text
        else:
            assert text.lower() in known.actions or text in known.app_roles.values(), text


@pytest.mark.parametrize("rule", [*AZURE, *ENTRA], ids=lambda one: one.id)
def test_a_rule_says_where_it_is_from_and_what_to_do(rule: EscalationRule) -> None:
    assert rule.known and rule.references and rule.checks and rule.technique and rule.remediation
    assert all(one.startswith("https://learn.microsoft.com/") for one in rule.references)


def states(provider: str, estate: dict[str, Any], rule: str, source: str, target: str) -> list[str]:
    port = Workspace().provider(provider)
    assert port.escalating is not None and port.escalating.estate is not None
    scopes, alone = port.escalating.estate(estate)
    found, _ = graph_of(port, scopes, alone, AT, [RULES[rule]]).paths(target, source)
    return [str(one.state) for one in found]


def test_assignments_that_were_not_read_leave_paths_open() -> None:
    estate = {"users": ["ann"], "assignments": [["ann", "Reader", "~"]]}
    target = f"admin:{SUBSCRIPTION}"
    assert states("azure", estate, "azure-role-assignment", "ann", target) == []
    unread = {**estate, "unread": ["authorization.denyAssignments.list"]}
    assert states("azure", unread, "azure-role-assignment", "ann", target) == []
    owner = {**unread, "assignments": [["ann", "Owner", "~"]]}
    assert states("azure", owner, "azure-role-assignment", "ann", target) == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("unread", "rule", "told"),
    [
        (
            "graph.roleManagement.directory.roleAssignments.list",
            "entra-role-assignment",
            "assignments of directory roles",
        ),
        ("graph.groups.owners.list", "entra-group-members", "owners of groups"),
        ("graph.applications.owners.list", "entra-application-credential", "owners of applications"),
        ("graph.servicePrincipals.owners.list", "entra-service-principal-credential", "owners of service principals"),
        ("graph.servicePrincipals.appRoleAssignedTo.list", "entra-app-role-grant", "app roles that were granted"),
    ],
)
def test_what_was_not_read_of_the_directory_is_said_of_everybody(unread: str, rule: str, told: str) -> None:
    """It may make a path of anybody's: that is told once, and not of each."""
    port = Workspace().provider("entra")
    assert port.escalating is not None and port.escalating.estate is not None
    estate: dict[str, Any] = {"users": ["ann"], "groups": {"ops": {}}, "apps": {"erp": {}}}
    for missing in ([], [unread]):
        scopes, alone = port.escalating.estate({**estate, "unread": missing})
        graph = graph_of(port, scopes, alone, AT, [RULES[rule]])
        assert (told in graph.missing) is bool(missing)


def test_a_deny_assignment_stops_the_owner_and_whoever_becomes_one() -> None:
    machine = "~/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
    estate: dict[str, Any] = {
        "users": ["ann"], "assignments": [["ann", "Owner", "~"]], "resources": [{"id": machine, "runs_as": "strong"}],
        "denies": [{"at": "~/resourceGroups/rg", "actions": ["Microsoft.Compute/virtualMachines/*"]}],
    }  # fmt: skip
    shadow = f"shadow:over:/subscriptions/{SUBSCRIPTION}"
    for source in ("ann", shadow):
        assert states("azure", estate, "azure-vm-command", source, "strong") == []
        assert states("azure", {**estate, "denies": []}, "azure-vm-command", source, "strong") == ["ALLOWED"]


def test_a_service_principal_that_is_disabled_goes_nowhere() -> None:
    estate = {"apps": {"robot": {"granted": ["AppRoleAssignment.ReadWrite.All"], "disabled": True}}}
    assert states("entra", estate, "entra-app-role-grant", "robot", f"admin:{TENANT}") == []


@pytest.mark.parametrize(("known", "state"), [(True, []), (None, []), (False, ["UNKNOWN"])])
def test_a_group_is_as_open_as_it_was_before_it_had_a_shadow(known: bool | None, state: list[str]) -> None:
    """Members that were told without a word of whether these are all count as all, and nobody else is in it."""
    port = Workspace().provider("azure")
    assert port.escalating is not None and port.escalating.estate is not None
    estate = {"users": ["ann", "bob"], "groups": {"team": ["bob"]}, "assignments": [["team", "Owner", "~"]]}
    (tree, directory), alone = port.escalating.estate(estate)
    told = directory.tables["principals"]
    column = pa.array([known if one == "team" else None for one in told["id"].to_pylist()], pa.bool_())
    at = told.schema.get_field_index("members_known")
    tables = {**directory.tables, "principals": told.set_column(at, told.schema.field(at), column)}
    scopes = [tree, replace(directory, tables=tables)]
    found, _ = graph_of(port, scopes, alone, AT, [RULES["azure-role-assignment"]]).paths(f"admin:{SUBSCRIPTION}", "ann")
    assert [str(one.state) for one in found] == state
