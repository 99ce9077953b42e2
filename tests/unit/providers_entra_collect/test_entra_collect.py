"""Collecting a directory from the fake: every kind of thing, in batches, with what may and may not be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.around import a_run, bodies, gaps, surround, told
from fakes.azure.directory import (
    ADMINS,
    ANN,
    APP,
    BEN,
    CANARY,
    CLOSED,
    DYNAMIC,
    EMPTY,
    GRAPH,
    OPS,
    SECRET,
    SHOP,
    SYNCED,
    TENANT,
    UNIT,
)
from fakes.azure.entra import a_directory, collected, keys
from fakes.azure.server import TOKENS, FakeAzure, jwt
from leastwise.engine.columns import plain
from leastwise.errors import UsageError
from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.collect.collector import collect
from leastwise.providers.entra.collect.declaration import declared

APPROVALS = {
    ("graph.roleManagement.directory.roleAssignmentApprovals.steps.list", "unsupported"),
    ("graph.privilegedAccess.group.assignmentApprovals.stages.list", "unsupported"),
}
"""What no application may read, as its own gaps."""


WRITING = ("RoleAssignmentSchedule.ReadWrite.Directory", "RoleEligibilitySchedule.ReadWrite.Directory")


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAzure]:
    with a_directory(tmp_path / "tls") as fake:
        surround(monkeypatch, fake)
        yield fake
        assert fake.strange == []


def ids(found: Collected, kind: str, about: str = "") -> set[str]:
    return {one["id"] for body in bodies(found, f"graph.{kind}", about) for one in body["value"]}


def test_a_directory_is_one_snapshot_of_every_kind_of_thing(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    assert (found.scope.provider, found.scope.kind, found.scope.id) == ("entra", "tenant", TENANT)
    assert gaps(found) == []
    kinds = {one.kind for one in found.documents}
    assert kinds == {service.kind(call) for service in declared() for call in service.walk()}
    names = [one.name for one in found.documents]
    assert len(names) == len(set(names)) and not list((tmp_path / "run").iterdir())


def test_nothing_is_asked_twice_and_things_of_a_kind_go_together(entra: FakeAzure, tmp_path: Path) -> None:
    collected(entra, tmp_path / "run")
    asked = [(one.name, one.path, sorted(one.query.items())) for one in entra.log if one.name != "batch"]
    probes = [one for one in asked if one[0] == "organization.list"]
    assert len(asked) - len(probes) == len({str(one) for one in asked if one not in probes})
    assert sum(entra.batches) > 10 and max(entra.batches) > 5
    alone = entra.count("groups.owners", "/owners")
    assert alone == 6, "each group once, in whatever batch"


def test_a_group_larger_than_a_page_is_read_whole(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    assert len(ids(found, "groups.members.list", ADMINS)) == 7
    assert bodies(found, "graph.groups.members.list", EMPTY) == [{"value": []}], "none, which is told"


def test_service_principals_are_among_members_and_owners(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    assert ids(found, "groups.members.list", OPS) == {ANN, BEN, APP}
    assert ids(found, "groups.owners.list", ADMINS) == {ANN, APP}
    assert ids(found, "applications.owners.list", "app-1") == {BEN}
    assert ids(found, "servicePrincipals.owners.list", SHOP) == {APP}


def test_who_holds_what_in_which_app(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    (granted,) = bodies(found, "graph.servicePrincipals.appRoleAssignedTo.list", GRAPH)
    assert granted["value"][0]["principalId"] == SHOP
    (consent,) = bodies(found, "graph.oauth2PermissionGrants.list")
    assert consent["value"][0]["scope"] == " User.Read Mail.Read"
    (services,) = bodies(found, "graph.servicePrincipals.list")
    (graph,) = [one for one in services["value"] if one["id"] == GRAPH]
    assert graph["appRoles"][0]["value"] == "Group.Read.All"


def test_units_roles_and_what_may_become(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    assert ids(found, "directory.administrativeUnits.members.list", UNIT) == {BEN, OPS}
    assert ids(found, "roleManagement.directory.roleAssignments.list") == {"ra1", "ra2"}
    assert ids(found, "roleManagement.directory.roleEligibilityScheduleInstances.list") == {"re1"}
    rules = [one for body in bodies(found, "graph.policies.roleManagementPolicyAssignments.list")
             for one in body["value"]]  # fmt: skip
    assert {(one["scopeId"], one["scopeType"]) for one in rules} == {("/", "DirectoryRole"), (OPS, "Group")}
    assert rules[0]["policy"]["rules"][0]["setting"]["approvalStages"][0]["primaryApprovers"] == [{"userId": ANN}]
    (policy,) = bodies(found, "graph.policies.authorizationPolicy.get")
    assert policy["allowInvitesFrom"] == "everyone"


def test_only_groups_that_can_be_under_pim_are_asked_for_it(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    about = {one.resource for one in found.documents if "privilegedAccess" in one.kind and "pprovals" not in one.kind}
    assert about == {OPS, ADMINS, SECRET, EMPTY} and not {DYNAMIC, SYNCED} & about
    (offered,) = bodies(found, "graph.privilegedAccess.group.eligibilityScheduleInstances.list", OPS)
    assert offered["value"][0]["principalId"] == ANN


def test_requests_are_read_with_reason_ticket_and_approver(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    rows = {row["id"]: row for row in plain(PROVIDER.translate(found)["requests"]).to_pylist()}
    assert {id: (row["action"], row["layer"], row["status"], row["resource"]) for id, row in rows.items()} == {
        "rq1": ("activate", "allow", "granted", TENANT), "rq2": ("activate", "allow", "pending", TENANT),
        "rq3": ("assign", "eligible", "granted", TENANT), "gq1": ("activate", "ownership", "denied", OPS),
        "gq2": ("assign", "eligible", "granted", OPS),
    }  # fmt: skip
    one = rows["rq1"]
    assert (one["principal"], one["requester"], one["reason"]) == (BEN, BEN, "pump 7 stands still")
    assert (one["ticket"], one["ticket_system"], one["duration"], one["ends"]) == ("INC-7", "desk", "PT4H", None)
    assert (one["approvers"], one["approver_reasons"]) == ([ANN], ["known fault"])
    assert one["decided"].isoformat() == "2026-01-01T07:08:00+00:00" and one["told"] == "selfActivate Provisioned"
    assert (rows["gq1"]["approvers"], rows["gq1"]["approver_reasons"]) == ([ANN], ["ask ops"])
    assert rows["rq2"]["approvers"] == [] and rows["rq2"]["decided"] is None and rows["rq3"]["ticket"] is None
    assert rows["rq3"]["requester"] == ANN and rows["gq2"]["policy"] == "member/group"


def test_an_application_is_refused_what_wants_a_right_to_write_and_says_so(
    entra: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = jwt("graph", 9, roles=("Member.Read.Hidden", "RoleManagement.Read.Directory"))
    entra.tokens.add(token)
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", token)
    found = collected(entra, tmp_path / "run")
    told = {call: (status, detail) for call, status, *_, detail in gaps(found)}
    roles = {f"graph.roleManagement.directory.role{one}ScheduleRequests.list" for one in ("Assignment", "Eligibility")}
    groups = "graph.privilegedAccess.group.assignmentApprovals.stages.list"
    assert set(told) == {*roles, groups}, "of roles there is no approval to be asked for"
    for call in roles:
        status, detail = told[call]
        assert status == "denied" and detail.startswith("PermissionScopeNotGranted: ") and "ReadWrite" in detail
    assert told[groups][0] == "unsupported" and "sign in as a user" in told[groups][1] and "gq1" in told[groups][1]
    assert not entra.count("assignmentApprovals.stages"), "what no application may ask is not asked"
    assert ids(found, "privilegedAccess.group.assignmentScheduleRequests.list", OPS) == {"gq1"}
    empty = bodies(found, "graph.privilegedAccess.group.assignmentScheduleRequests.list", EMPTY)
    assert empty == [{"value": []}], "nobody asked, which is told"


def test_members_that_are_hidden_need_a_right_or_are_a_gap(
    entra: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = collected(entra, tmp_path / "may")
    assert ids(found, "groups.members.list", SECRET) == {BEN}
    assert ids(found, "directory.administrativeUnits.members.list", CLOSED) == {ANN}
    token = jwt("graph", 9, roles=("Group.Read.All", *WRITING))
    entra.tokens.add(token)
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", token)
    found = collected(entra, tmp_path / "may-not")
    assert {(call, status) for call, status, *_ in gaps(found)} == {
        ("graph.groups.members.list:hidden", "denied"),
        ("graph.directory.administrativeUnits.members.list:hidden", "denied"),
    } | APPROVALS  # fmt: skip
    assert bodies(found, "graph.groups.members.list", SECRET) == [], "an empty list must not look like none"
    hidden = [detail for call, *_, detail in gaps(found) if call.endswith(":hidden")]
    assert all("Member.Read.Hidden" in detail and (SECRET in detail or CLOSED in detail) for detail in hidden)


def test_an_empty_list_of_hidden_members_is_believed_with_the_right(entra: FakeAzure, tmp_path: Path) -> None:
    entra.world.directory.lists[f"/v1.0/groups/{SECRET}/members"] = []
    found = collected(entra, tmp_path / "run")
    assert gaps(found) == [] and bodies(found, "graph.groups.members.list", SECRET) == [{"value": []}]


def test_the_same_snapshot_whatever_the_order(entra: FakeAzure, tmp_path: Path) -> None:
    one = collected(entra, tmp_path / "a", in_flight=1)
    entra.page = 3
    many = collected(entra, tmp_path / "b", in_flight=12)
    assert told(one) == told(many)


def test_no_secret_and_no_token_is_written(entra: FakeAzure, tmp_path: Path) -> None:
    entra.generous = True
    found = collected(entra, tmp_path / "run")
    text = b"".join(one.body for one in found.documents) + str(found.coverage).encode()
    assert CANARY.encode() not in text and b"canary" not in text
    assert not [one for one in TOKENS.values() if one.encode() in text]


def test_what_is_left_out_is_said(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run", services=["roles"])
    left = {call for call, status, *_ in gaps(found) if status == CoverageStatus.NOT_TRIED}
    assert "graph.oauth2PermissionGrants.list" in left and "graph.users.list" not in left
    assert "graph.roleManagement.directory.roleAssignments.list" not in left and not entra.count("devices")


def test_which_directory_it_is(entra: FakeAzure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entra.tokens.add("opaque")
    monkeypatch.setenv("FAKE_GRAPH_TOKEN", "opaque")
    assert collected(entra, tmp_path / "run").scope.id == TENANT, "as Graph says where the token does not"
    with pytest.raises(UsageError, match="signed in to 72f988bf"):
        list(collect(keys(entra, tenant="00000000-0000-4000-8000-000000000001"), a_run(tmp_path / "run")))
    entra.world.directory.lists["/v1.0/organization"] = []
    with pytest.raises(UsageError, match="which directory"):
        list(collect(keys(entra), a_run(tmp_path / "run")))


def test_what_was_collected_is_translated(entra: FakeAzure, tmp_path: Path) -> None:
    tables = PROVIDER.translate(collected(entra, tmp_path / "run"))
    members = {(row["member"], row["group"]) for row in plain(tables["memberships"]).to_pylist()}
    assert {(APP, OPS), (BEN, SECRET)} <= members
    known = {row["id"]: row["members_known"] for row in plain(tables["principals"]).to_pylist()}
    assert known[EMPTY] is True and known[ADMINS] is True


def test_documents_are_json_of_what_is_kept(entra: FakeAzure, tmp_path: Path) -> None:
    found = collected(entra, tmp_path / "run")
    for one in found.documents:
        body: Any = json.loads(one.body)
        assert isinstance(body, dict) and ("value" in body) == one.kind.partition(":")[0].endswith(".list")
