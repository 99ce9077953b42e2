"""The declarations of what is collected of a directory: addresses, permissions, what leads on, what is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.directory import SHAPES
from fakes.azure.shapes import SHAPES as ARM_SHAPES
from fakes.declared import Made, kept_at, leaves, looks_secret, made, templates
from leastwise.errors import UsageError
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.catalog import bundled
from leastwise.providers.entra.collect.declaration import asked, by_name, declared
from leastwise.providers.entra.collect.policy import plan, policy_text
from leastwise.providers.entra.collect.source import read_source
from leastwise.providers.entra.language.requests import parse_request

EVERY = [pytest.param(one, id=f"{one.service.service} {one.call.call}") for s in declared() for one in made(s)]
every = pytest.mark.parametrize("one", EVERY)
of_graph = pytest.mark.parametrize("one", [one for one in EVERY if one.values[0].service.place == "graph"])
BETA = {
    "groups.members.list", "groups.members.list:hidden", "groups.owners.list", "applications.owners.list",
    "servicePrincipals.owners.list", "reports.servicePrincipalSignInActivities.list",
    "roleManagement.deviceManagement.roleDefinitions.list", "roleManagement.deviceManagement.roleAssignments.list",
    "roleManagement.directory.roleAssignmentApprovals.steps.list",
}  # fmt: skip
"""Version 1.0 does not have these, or leaves service principals out of them."""
UNKNOWN = {"reports.servicePrincipalSignInActivities.list"}
"""Requests that the catalogue does not know: their permissions are those of their page."""
DELETED = "directory.deletedItems."


@of_graph
def test_each_call_is_one_that_the_reference_has(one: Made) -> None:
    version, _, path = one.call.path.partition("/")
    assert version == ("beta" if one.call.call in BETA else "v1.0") and one.call.verb == "GET", "only reading"
    address = "/" + re.sub(r"\{\w+\}", "x", one.call.path)
    (shape,) = [shape for shape in SHAPES if shape.match("graph", "GET", address)]
    known = {*shape.required, *shape.optional}
    placed = set(re.findall(r"\{(\w+)\}", path))
    assert {name for name in one.call.with_ if name not in placed} <= known and set(shape.required) <= set(
        one.call.with_
    )
    assert (one.call.paging == "none") == one.call.call.endswith(".get")


@of_graph
def test_permissions_read_and_are_among_those_that_allow_the_request(one: Made) -> None:
    values = {value.value for value in bundled().values if not value.delegated}
    for privilege in (*one.call.privilege, *one.call.empty_needs):
        assert privilege in values and ".Read." in privilege and "Write" not in privilege
    if one.call.call in UNKNOWN or one.call.call.startswith(DELETED) or one.call.signed_in:
        return
    path = re.sub(r"\{\w+\}", "{id}", one.call.path.partition("/")[2])
    allowing = bundled().allowing(str(parse_request(f"GET /{path}")))
    assert allowing is not None
    needed = set(one.call.privilege) - {"AuditLog.Read.All", "CustomSecAttributeAssignment.Read.All"}
    if "RoleManagementPolicy.Read.AzureADGroup" not in needed and needed:
        assert needed <= set(allowing.application), path


@of_graph
def test_what_cannot_be_read_by_reading_alone_is_never_to_be_granted(one: Made) -> None:
    asked_for = [*one.call.privilege, *one.call.empty_needs]
    assert bool(asked_for) + bool(one.call.writes) + bool(one.call.signed_in) == 1, "one way to need a right"
    if one.call.writes:
        path = one.call.path.partition("/")[2]
        allowing = bundled().allowing(str(parse_request(f"GET /{path}")))
        assert allowing is not None and set(one.call.writes) <= set(allowing.application)
        assert all("Write" in value for value in allowing.application), "the vendor has one that reads: take that"
    delegated = {value.value for value in bundled().values if value.delegated}
    assert set(one.call.signed_in) <= delegated and all(".Read." in value for value in one.call.signed_in)


def test_what_resource_manager_tells_is_one_that_its_reference_has() -> None:
    (one,) = [one.values[0] for one in EVERY if one.values[0].service.place == "arm"]
    (shape,) = [shape for shape in ARM_SHAPES if shape.match("arm", one.call.verb, f"/{one.call.path}")]
    assert one.call.with_ == {"api-version": shape.versions[0]} and one.call.verb == "GET"
    assert one.call.permission == ["microsoft.aadiam/diagnosticSettings/read"] and one.call.privilege == []
    azure = json.loads(policy_text(read_source({})))["azure"]
    assert azure["actions"] == one.call.permission and "--scope /providers/Microsoft.aadiam" in azure["commands"][0]
    assert "azure" not in json.loads(policy_text(read_source({"services": ["roles"]})))


@every
def test_what_leads_on_is_in_the_answer_above_and_is_kept(one: Made) -> None:
    paths = [template[1:] for template in templates([one.call.with_, one.call.about])] + list(one.call.where)
    if one.above is not None:
        assert all(kept_at(one.above.keep, f"{one.call.each}.{path}") is None for path in paths)
    for kind in one.call.of:
        givers = [(c, c.gives[kind]) for s in declared() for c in s.walk() if kind in c.gives]
        assert givers, f"nothing gives {kind}"
        assert all(kept_at(call.keep, f"{each}.{path}") is None for call, each in givers for path in paths)


@every
def test_what_is_asked_of_each_thing_goes_in_batches_and_may_be_gone(one: Made) -> None:
    of_things = one.above is not None or bool(one.call.of)
    assert one.call.batch == of_things and ("Request_ResourceNotFound" in one.call.absent) == of_things


@every
def test_nothing_that_looks_like_a_secret_is_kept(one: Made) -> None:
    assert one.call.keep and looks_secret(one.call.keep) == []
    assert all(below in (None, "hash", {}) for _, below in leaves(one.call.keep))


@every
def test_what_is_selected_is_what_is_kept(one: Made) -> None:
    select = one.call.with_.get("$select")
    if select is not None:
        assert set(select.split(",")) == set(one.call.keep["value"]) - {"@odata.type"}


@every
def test_every_call_says_what_is_unknown_without_it(one: Made) -> None:
    assert one.call.affects and all(one.call.affects)


def test_each_call_is_made_once_for_a_thing_and_none_is_lost() -> None:
    reached = {call.call for service in asked(declared()) for call in service.walk()}
    assert reached == {one.call.call for s in declared() for one in made(s)}
    names = [call.call for service in declared() for call in service.walk()]
    assert len(names) == len(set(names)), "coverage tells calls by their names"


def test_files_are_named_by_their_service() -> None:
    import leastwise.providers.entra as own
    import leastwise.providers.microsoft as shared

    folders = [Path(str(one.__file__)).parent / "data" / "collect" for one in (own, shared)]
    assert {one.stem for folder in folders for one in folder.glob("*.yaml")} == set(by_name())


def test_the_permissions_as_the_vendor_takes_them() -> None:
    told = json.loads(policy_text(read_source({})))
    assert told["graph"] == [
        "AdministrativeUnit.Read.All", "Application.Read.All", "AuditLog.Read.All",
        "CustomSecAttributeAssignment.Read.All", "Device.Read.All", "DeviceManagementRBAC.Read.All",
        "Directory.Read.All", "GroupMember.Read.All", "Member.Read.Hidden", "Organization.Read.All", "Policy.Read.All",
        "Policy.Read.PermissionGrant", "PrivilegedAssignmentSchedule.Read.AzureADGroup",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup", "RoleManagement.Read.Directory",
        "RoleManagementPolicy.Read.AzureADGroup", "User.Read.All",
    ]  # fmt: skip
    (graph,) = told["requiredResourceAccess"]
    assert graph["resourceAppId"] == "00000003-0000-0000-c000-000000000000" and "unknown" not in told
    ids = {one["id"]: one["type"] for one in graph["resourceAccess"]}
    assert len(ids) == len(told["graph"]) and set(ids.values()) == {"Role"}
    assert {bundled().app_roles[id] for id in ids} == set(told["graph"])
    assert all(f"{id}=Role" in told["commands"][0] for id in ids)
    assert told["not_asked_for"] == {
        "write_too": {
            "RoleAssignmentSchedule.ReadWrite.Directory": [
                "roleManagement.directory.roleAssignmentScheduleRequests.list"],
            "RoleEligibilitySchedule.ReadWrite.Directory": [
                "roleManagement.directory.roleEligibilityScheduleRequests.list"],
        },
        "of_users_alone": {
            "RoleAssignmentSchedule.Read.Directory": ["roleManagement.directory.roleAssignmentApprovals.steps.list"],
            "PrivilegedAssignmentSchedule.Read.AzureADGroup": [
                "privilegedAccess.group.assignmentApprovals.stages.list"],
        },
    }  # fmt: skip
    assert not any("Write" in command for command in told["commands"])
    some = json.loads(policy_text(read_source({"services": ["roles"]})))
    assert "not_asked_for" not in some
    assert "RoleManagement.Read.Directory" in some["graph"] and "Directory.Read.All" not in some["graph"]
    assert some["for"]["RoleManagement.Read.Directory"] == ["roles"]


def test_what_a_run_would_call() -> None:
    planned = {one.call: one for one in plan(read_source({}))}
    assert planned["groups.owners.list"].each == "groups.list.value"
    assert planned["groups.members.list:hidden"].permissions == ("GroupMember.Read.All", "Member.Read.Hidden")
    requests = planned["roleManagement.directory.roleAssignmentScheduleRequests.list"]
    assert requests.permissions == ("RoleAssignmentSchedule.ReadWrite.Directory (which writes, too)",)
    stages = planned["privilegedAccess.group.assignmentApprovals.stages.list"]
    assert stages.permissions == ("PrivilegedAssignmentSchedule.Read.AzureADGroup (of a user)",)
    assert PROVIDER.collector is not None and PROVIDER.collector.plan({"services": ["roles"]})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"subscriptions": ["x"]}, "subscriptions"), ({"tenant": "a b"}, "tenant"), ({"cloud": "moon"}, "cloud"),
    ({"services": ["keyvault"]}, "keyvault"), ({"per_minute": {"pim": 0}}, "per_minute"),
    ({"in_flight": 0}, "in_flight"),
    ({"endpoints": {"moon": "https://x.test"}}, "endpoints"), ({"endpoints": {"graph": "http://x.test"}}, "endpoints"),
    ({"sign_in": "cli", "access_token_env": "X"}, "access_token_env"), ({"sign_in": "magic"}, "sign_in"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "named"), WRONG, ids=[str(one[0]) for one in WRONG])
def test_wrong_keys_are_named(given: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        read_source(given)


def test_each_cloud_has_its_own_graph() -> None:
    assert read_source({"cloud": "usgov"}).address("graph") == "https://graph.microsoft.us"
    china = read_source({"cloud": "china", "access_token_env": "X"})
    assert china.audience("graph") == "https://microsoftgraph.chinacloudapi.cn" and china.variables == {"graph": "X"}
