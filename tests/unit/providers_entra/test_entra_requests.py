"""Requests to PIM in every form of export: who asked for what, why, by which ticket, who decided, what came of it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fakes.directory import ANN, BOB, EVA, GLOBAL, HELPDESK, TENANT, write
from leastwise.engine.columns import plain
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import estate_of_tables
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.redacting import Keyed

CONTEXT = "https://graph.microsoft.com/v1.0/$metadata#"
ROLES, GROUPS = "roleManagement/directory/", "identityGovernance/privilegedAccess/group/"
GROUP = "0b000000-0000-4000-8000-0000000000aa"
ASKED = {
    "id": "95c690fb-3eb3-4942-a03f-4524aed6f31e", "status": "Provisioned", "approvalId": None, "customData": None,
    "createdDateTime": "2026-04-11T11:50:05.95Z", "completedDateTime": "2026-04-11T11:50:06Z",
    "action": "selfActivate", "principalId": BOB, "roleDefinitionId": GLOBAL, "directoryScopeId": "/",
    "appScopeId": None, "isValidationOnly": False, "targetScheduleId": "95c690fb", "justification": "pump 7",
    "createdBy": {"application": None, "device": None, "user": {"displayName": None, "id": BOB}},
    "scheduleInfo": {"startDateTime": "2026-04-11T11:50:05.9999343Z", "recurrence": None,
                     "expiration": {"type": "afterDuration", "endDateTime": None, "duration": "PT8H"}},
    "ticketInfo": {"ticketNumber": "INC-7", "ticketSystem": "desk"},
}  # fmt: skip
MEMBER = {name: told for name, told in ASKED.items() if name not in ("roleDefinitionId", "directoryScopeId",
                                                                     "appScopeId")}  # fmt: skip
MEMBER |= {"groupId": GROUP, "accessId": "member"}
STAGE = {"id": "s1", "reviewResult": "Approve", "status": "Completed", "justification": "known", "assignedToMe": False,
         "reviewedDateTime": "2026-04-11T11:50:00Z", "reviewedBy": {"id": EVA, "displayName": "Eva"}}  # fmt: skip


def page(set: str, *held: Any) -> dict[str, Any]:
    return {"@odata.context": CONTEXT + set, "value": [*held]}


def shell(value: Any) -> Any:
    """As Graph PowerShell writes it."""
    if isinstance(value, list):
        return [shell(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {**{name[:1].upper() + name[1:]: shell(one) for name, one in value.items()}, "AdditionalProperties": {}}


def rows(folder: Path, **files: Any) -> tuple[list[dict[str, Any]], Any]:
    target = folder / f"tenant-{TENANT}"
    target.mkdir()
    for name, content in files.items():
        (target / f"{name}.json").write_text(json.dumps(content))
    (one,) = PROVIDER.read_exports([target])
    tables = PROVIDER.translate(one)
    return plain(tables["requests"]).to_pylist(), tables


FORMS = [
    pytest.param({"x": page(ROLES + "roleAssignmentScheduleRequests", ASKED)}, "allow", id="graph"),
    pytest.param({"x": page(ROLES + "roleEligibilityScheduleRequests", ASKED)}, "eligible", id="eligibility"),
    pytest.param({"x": {"value": [ASKED]}}, "allow", id="who activates says that it is about access"),
    pytest.param({"x": [shell(ASKED)]}, "allow", id="PowerShell"),
    pytest.param({"x": [shell(ASKED | {"action": "adminAssign", "activatedUsing": {}})]}, "allow", id="as Get-Mg"),
    pytest.param({"x": {"value": [ASKED | {"action": "adminAssign"}]}}, "", id="may be about either"),
    pytest.param({"x": page(GROUPS + "assignmentScheduleRequests", MEMBER)}, "allow", id="group"),
    pytest.param({"x": page(GROUPS + "eligibilityScheduleRequests", MEMBER)}, "eligible", id="group, eligibility"),
    pytest.param({"x": page(GROUPS + "assignmentScheduleRequests", MEMBER | {"accessId": "owner"})}, "ownership",
                 id="owner"),
    pytest.param({"x": [shell(MEMBER)]}, "allow", id="group, PowerShell"),
    pytest.param({"x": {"value": [MEMBER | {"action": "adminAssign"}]}}, "", id="group, may be about either"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "layer"), FORMS)
def test_a_request_is_told_in_every_form(tmp_path: Path, files: dict[str, Any], layer: str) -> None:
    (row,), tables = rows(tmp_path, **files)
    assert (row["layer"], row["status"], row["principal"], row["requester"]) == (layer, "granted", BOB, BOB)
    assert (row["reason"], row["ticket"], row["ticket_system"], row["duration"]) == ("pump 7", "INC-7", "desk", "PT8H")
    of_group = "roleDefinitionId" not in str(files) and "RoleDefinitionId" not in str(files)
    assert (row["resource"], row["policy"].partition("/")[0]) == (
        (GROUP, "owner" if layer == "ownership" else "member") if of_group else (TENANT, GLOBAL)
    )
    (attached,) = plain(tables["attachments"]).to_pylist()
    assert (attached["layer"], attached["target"], attached["policy"]) == ("requested", BOB, row["id"])
    assert plain(tables["principals"]).to_pylist() == [], "whom only a request names is not made known by it"


STATUSES = {
    "PendingApproval": "pending", "PendingAdminDecision": "pending", "PendingProvisioning": "pending",
    "PendingScheduleCreation": "pending", "ScheduleCreated": "granted", "Granted": "granted", "Denied": "denied",
    "Canceled": "canceled", "Failed": "failed", "Revoked": "revoked", "SomethingNew": "unknown",
}  # fmt: skip


def test_what_came_of_it(tmp_path: Path) -> None:
    held = [ASKED | {"id": told, "status": told} for told in STATUSES]
    found, _ = rows(tmp_path, x=page(ROLES + "roleAssignmentScheduleRequests", *held))
    assert {row["id"]: row["status"] for row in found} == STATUSES
    assert found[-1]["told"] == "selfActivate SomethingNew"


@pytest.mark.parametrize(
    ("action", "asked"),
    [("selfActivate", "activate"), ("selfDeactivate", "deactivate"), ("adminAssign", "assign"),
     ("adminUpdate", "update"), ("adminRemove", "remove"), ("selfExtend", "extend"), ("adminRenew", "renew"),
     ("unknownFutureValue", "")],
)  # fmt: skip
def test_what_was_asked_for(tmp_path: Path, action: str, asked: str) -> None:
    (row,), _ = rows(tmp_path, x=page(ROLES + "roleAssignmentScheduleRequests", ASKED | {"action": action}))
    assert row["action"] == asked


APPROVALS = [
    pytest.param({"a": {"id": ASKED["id"], "stages": [STAGE]}}, id="an approval"),
    pytest.param({"a": page(GROUPS + "assignmentApprovals", {"id": ASKED["id"], "stages": [STAGE]})}, id="approvals"),
    pytest.param({"a": {"value": [{"id": ASKED["id"], "steps": [STAGE]}]}}, id="steps, as beta calls them"),
    pytest.param({"a": page(f"{GROUPS}assignmentApprovals('{ASKED['id']}')/stages", STAGE)}, id="stages by context"),
    pytest.param({f"approval--{ASKED['id']}": [STAGE]}, id="stages by the name of their file"),
    pytest.param({"a": shell({"id": ASKED["id"], "stages": [STAGE]})}, id="PowerShell"),
]


@pytest.mark.parametrize("files", APPROVALS)
def test_who_decided_and_why(tmp_path: Path, files: dict[str, Any]) -> None:
    waiting = STAGE | {"id": "s2", "reviewResult": "NotReviewed", "reviewedBy": None, "reviewedDateTime": None}
    text = json.dumps(files)
    told = json.loads(text.replace(json.dumps([STAGE]), json.dumps([waiting, STAGE])))
    for given in (files, told):
        folder = tmp_path / str(given is told)
        folder.mkdir()
        (row,), _ = rows(folder, x=page(GROUPS + "assignmentScheduleRequests", MEMBER), **given)
        assert (row["approvers"], row["approver_reasons"]) == ([EVA], ["known"])
        assert row["decided"].isoformat() == "2026-04-11T11:50:00+00:00"


def test_decisions_stand_in_their_order(tmp_path: Path) -> None:
    first = STAGE | {"id": "s0", "reviewedBy": {"id": ANN}, "reviewedDateTime": "2026-04-11T09:00:00Z",
                     "justification": ""}  # fmt: skip
    (row,), _ = rows(tmp_path, x=page(ROLES + "roleAssignmentScheduleRequests", ASKED),
                     a={"id": ASKED["id"], "stages": [STAGE, first]})  # fmt: skip
    assert (row["approvers"], row["approver_reasons"]) == ([ANN, EVA], ["", "known"])


ODD = [
    (ASKED | {"principalId": None}, "principalId is missing"),
    (ASKED | {"roleDefinitionId": None}, "roleDefinitionId is missing"),
    (ASKED | {"createdDateTime": "yesterday"}, "'yesterday' is no time"),
    (ASKED | {"ticketInfo": "INC-7"}, "ticketInfo must be an object"),
]


@pytest.mark.parametrize(("one", "said"), ODD)
def test_what_is_wrong_is_left_out_and_said(tmp_path: Path, one: dict[str, Any], said: str) -> None:
    found, tables = rows(tmp_path, x=page(ROLES + "roleAssignmentScheduleRequests", one, ASKED | {"id": "other"}))
    assert [row["id"] for row in found] == ["other"]
    (gap,) = [row for row in plain(tables["coverage"]).to_pylist() if row["call"] == "unreadable"]
    assert said in gap["detail"] and "x.json#item 0" in gap["detail"]


def test_a_request_without_an_approval_has_none(tmp_path: Path) -> None:
    lone = {"approval--0b000000-0000-4000-8000-0000000000ff": [STAGE], "x": page(
        ROLES + "roleAssignmentScheduleRequests", ASKED)}  # fmt: skip
    (row,), _ = rows(tmp_path, **lone)
    assert row["approvers"] == [] and row["decided"] is None


def test_reasons_and_tickets_stay_and_what_else_somebody_wrote_does_not(tmp_path: Path) -> None:
    target = tmp_path / f"tenant-{TENANT}"
    target.mkdir()
    asked = ASKED | {"customData": "secret-in-custom-data"}
    (target / "x.json").write_text(json.dumps(page(ROLES + "roleAssignmentScheduleRequests", asked)))
    (target / "a.json").write_text(json.dumps({"id": ASKED["id"], "stages": [STAGE]}))
    (one,) = PROVIDER.read_exports([target])
    assert PROVIDER.redact is not None
    written = b"".join(PROVIDER.redact(document, b"k" * 32) for document in one.documents)
    assert b"secret-in-custom-data" not in written
    for kept in (b"pump 7", b"INC-7", b"desk", b"known", b"selfActivate", b"Provisioned", b"PT8H", b"Approve"):
        assert kept in written, kept


@pytest.mark.parametrize("status", ["Provisioned", "PendingApproval", "Denied"])
def test_a_request_changes_nothing_of_who_can_do_what(tmp_path: Path, status: str) -> None:
    """The estate that is evaluated is the same, value for value, whatever was asked for and whoever asked."""
    folder = write(tmp_path / "in")
    (without,) = PROVIDER.read_exports([folder])
    gone, role = "0b000000-0000-4000-8000-0000000000ee", "0b000000-0000-4000-8000-0000000000dd"
    expanded = {"id": role, "templateId": role, "isBuiltIn": False, "displayName": "x", "rolePermissions": []}
    asked = [
        ASKED | {"status": status}, ASKED | {"id": "r2", "principalId": gone, "status": status},
        ASKED | {"id": "r3", "roleDefinitionId": role, "roleDefinition": expanded, "status": status},
        ASKED | {"id": "r4", "roleDefinitionId": HELPDESK, "directoryScopeId": f"/{ANN}", "status": status},
    ]  # fmt: skip
    (folder / "asked.json").write_text(json.dumps(page(ROLES + "roleAssignmentScheduleRequests", *asked)))
    (folder / "asked-groups.json").write_text(
        json.dumps(page(GROUPS + "assignmentScheduleRequests", MEMBER | {"id": "r5"}))
    )
    (folder / "approval.json").write_text(json.dumps({"id": ASKED["id"], "stages": [STAGE]}))
    (with_requests,) = PROVIDER.read_exports([folder])
    before, after = (estate_of_tables(PROVIDER.translate(one), published()) for one in (without, with_requests))
    assert len(plain(PROVIDER.translate(with_requests)["requests"])) == 5
    names = [one.name for one in fields(before) if one.name != "published"]
    assert {name: getattr(after, name) for name in names} == {name: getattr(before, name) for name in names}


def test_a_reason_of_which_only_the_hash_was_kept_is_not_known(tmp_path: Path) -> None:
    """So collections of before this table kept it: translated anew, they tell the rest."""
    asked = ASKED | {"justification": Keyed(b"k" * 32).hashed("pump 7")}
    (row,), _ = rows(tmp_path, x=page(ROLES + "roleAssignmentScheduleRequests", asked))
    assert row["reason"] is None and row["ticket"] == "INC-7"
