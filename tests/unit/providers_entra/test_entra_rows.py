"""What a directory's facts look like in the lists: grants in their states, who is privileged, what was not told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.directory import (
    ADMINS,
    ANN,
    BOB,
    DEPLOY,
    EVA,
    GLOBAL,
    GONE,
    GRAPH,
    HELPDESK,
    PRIVILEGED,
    REGISTERED,
    RING,
    SALES,
    TENANT,
    UNKNOWN_ROLE,
    USERS,
    VENDOR,
    ZOE,
    id,
    write,
)
from leastwise.engine.columns import plain
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.entra import PROVIDER
from leastwise.providers.entra.compiled.estate import UNREAD, estate_of_tables
from leastwise.providers.entra.evaluate.published import published
from leastwise.providers.entra.exports import kinds
from leastwise.store.readmodels import build

TAKEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Any:
    (one,) = PROVIDER.read_exports([write(tmp_path_factory.mktemp("in"))], TAKEN)
    return PROVIDER.translate(one)


@pytest.fixture(scope="module")
def views(tables: Any) -> dict[str, list[dict[str, Any]]]:
    return {name: plain(view).to_pylist() for name, view in build("entra", TENANT, tables).items()}


def grants(views: dict[str, list[dict[str, Any]]], who: str) -> set[tuple[Any, ...]]:
    names = ("layer", "kind", "policy", "resource", "state", "via")
    return {tuple(row[name] for name in names) for row in views["grants"] if row["principal"] == who}


def test_three_states_of_a_role(views: Any) -> None:
    assert ("allow", "directory_role", GLOBAL, TENANT, "activated", "") in grants(views, ANN)
    assert ("allow", "directory_role", GLOBAL, TENANT, "standing", "") in grants(views, EVA)
    assert ("eligible", "directory_role", GLOBAL, TENANT, "eligible", "") in grants(views, BOB)


def test_what_an_activation_asks_for_stands_beside_what_is_eligible(views: Any) -> None:
    asked = {row["policy"]: row["requires"] for row in views["grants"] if row["layer"] == "eligible"}
    assert asked.pop(PRIVILEGED) == "at most P1D, or assigned for good"
    (row,) = (row for row in views["grants"] if row["layer"] == "eligible" and row["policy"] in asked)
    assert row["requires"] == "mfa, justification, approval by Ann, at most PT8H"


def test_a_schedule_tells_an_assignment_once_and_its_end(views: Any) -> None:
    (row,) = (row for row in views["grants"] if row["principal"] == ANN and row["policy"] == GLOBAL)
    assert row["until"] == datetime(2026, 11, 1, 8, tzinfo=UTC)


def test_only_direct_members_have_what_a_group_was_given(views: Any) -> None:
    by_group = ("allow", "directory_role", PRIVILEGED, TENANT, "standing", ADMINS)
    assert by_group in grants(views, ZOE) and by_group in grants(views, ANN)
    assert by_group in grants(views, RING)  # a member of the list, which evaluation then leaves out
    assert by_group not in grants(views, EVA)


def test_apps_and_owners(views: Any) -> None:
    write_roles = "RoleManagement.ReadWrite.Directory"
    assert ("application", "application_permission", write_roles, GRAPH, "standing", "") in grants(views, DEPLOY)
    assert ("application", "unknown_role", f"{VENDOR}/{id(77)}", VENDOR, "standing", "") in grants(views, DEPLOY)
    assert ("delegated", "delegated_permission", "Mail.Read:delegated", GRAPH, "standing", "") in grants(views, DEPLOY)
    assert ("ownership", "ownership", "owner/group", ADMINS, "standing", "") in grants(views, BOB)
    conditional = {row["policy"]: row["conditional"] for row in views["grants"] if row["layer"] == "delegated"}
    assert conditional == {
        "Mail.Read:delegated": True, "Directory.ReadWrite.All:delegated": False, "User.Read:delegated": False
    }  # fmt: skip


def test_what_is_privileged(views: Any) -> None:
    told = {row["policy"]: (row["admin"], row["rewrites_iam"], row["privileged"]) for row in views["grants"]}
    assert told[GLOBAL] == (True, True, True)
    assert told[PRIVILEGED] == (False, True, True)
    assert told[USERS][2] and told[HELPDESK][2]
    assert told["Directory.ReadWrite.All:delegated"][2] and told["User.Read:delegated"][2] is False
    assert told[UNKNOWN_ROLE] == (None, None, None)


def test_identities(views: Any) -> None:
    found = {row["id"]: row for row in views["identities"]}
    assert [found[one]["admin"] for one in (ANN, EVA, BOB, GONE)] == ["yes", "yes", "no", "unknown"]
    assert [found[one]["privileged"] for one in (ANN, BOB, ZOE, VENDOR)] == [True, True, True, True]
    assert (found[ANN]["mfa"], found[ANN]["mfa_hardware"], found[ZOE]["mfa"], found[BOB]["mfa"]) == (
        True, True, False, None
    )  # fmt: skip
    assert (found[DEPLOY]["owners"], found[ADMINS]["owners"], found[BOB]["owners"]) == (0, 1, None)
    assert found[BOB]["grants"] == 1  # neither what it owns, nor what it can have on request
    assert SALES not in found[ANN]["groups"]


def test_resources(views: Any, tables: Any) -> None:
    found = {row["id"]: dict(row["details"]) for row in plain(tables["resources"]).to_pylist()}
    assert found[REGISTERED]["locked"] == "yes"
    assert (found[SALES]["restricted"], found[SALES]["members"]) == ("yes", "all")
    assert found[f"{TENANT}/authorizationPolicy"]["user_consent"] == "open"
    assert found[id(61)]["mfa"] == "yes"
    assert {row["public"] for row in views["resources_view"]} == {"no"}


def test_what_dangles_is_kept_and_told(tables: Any) -> None:
    gaps = [row["detail"] for row in tables["coverage"].to_pylist() if row["status"] == "not_tried"]
    assert any(GONE in one and "nothing describes" in one for one in gaps)
    assert any(UNKNOWN_ROLE in one for one in gaps)
    assert any(f"app role {id(77)}" in one for one in gaps)
    known = estate_of_tables(tables, published())
    assert any(one.principal == GONE for one in known.assignments)


def test_a_rule_that_does_not_parse_changes_no_member(tables: Any) -> None:
    known = estate_of_tables(tables, published())
    assert {one.id for one in known.groups[RING]} == {RING, ADMINS, EVA}
    (row,) = (row for row in plain(tables["principals"]).to_pylist() if row["id"] == RING)
    assert dict(row["details"])["rule"] == "user.department -eq ("


def collected(status: CoverageStatus | None, bodies: list[Any] | None) -> Collected:
    scope = Scope("entra", "tenant", TENANT)
    coverage = () if status is None else (Coverage("graph", kinds.ASSIGNMENTS.removeprefix("graph."), status),)
    made = [] if bodies is None else [
        RawDocument(scope, "graph", kinds.ASSIGNMENTS, "a.json", json.dumps({"value": bodies}).encode(), "", TAKEN)
    ]  # fmt: skip
    return Collected(scope, TAKEN, tuple(made), coverage)


@pytest.mark.parametrize(
    ("status", "bodies", "unread"),
    [
        (CoverageStatus.OK, [], False),
        (CoverageStatus.UNLICENSED, None, False),
        (CoverageStatus.DENIED, None, True),
        (CoverageStatus.FAILED, [], True),
        (None, None, True),
    ],
)
def test_empty_unlicensed_and_refused_are_three_things(
    status: CoverageStatus | None, bodies: list[Any] | None, unread: bool
) -> None:
    tables = PROVIDER.translate(collected(status, bodies))
    told = [row["status"] for row in tables["coverage"].to_pylist()]
    assert told == ([] if status is None else [status.value])
    assert ("assignments of directory roles" in estate_of_tables(tables, published()).unread) is unread


def made(kind: str, *bodies: Any) -> RawDocument:
    body = json.dumps({"value": list(bodies)}).encode()
    return RawDocument(Scope("entra", "tenant", TENANT), "graph", kind, f"{kind}.json", body, "", TAKEN)


def test_who_was_deleted_is_named_so_and_holds_nothing() -> None:
    assigned = {"id": "y", "principalId": GONE, "roleDefinitionId": GLOBAL, "directoryScopeId": "/"}
    gone = {"id": GONE, "userPrincipalName": "old@corp.example"}
    documents = (made(kinds.ASSIGNMENTS, assigned), made(kinds.DELETED[0], gone, {"id": ANN, "displayName": "loose"}))
    tables = PROVIDER.translate(Collected(Scope("entra", "tenant", TENANT), TAKEN, documents, ()))
    assert [(row["id"], row["kind"], row["name"]) for row in plain(tables["principals"]).to_pylist()] == [
        (GONE, "deleted", "old@corp.example")
    ]
    assert not any("nothing describes" in row["detail"] for row in tables["coverage"].to_pylist())
    views = build("entra", TENANT, tables)
    assert [(row["principal_kind"], row["policy"]) for row in views["grants"].to_pylist()] == [("deleted", GLOBAL)]
    assert [row["admin"] for row in views["identities"].to_pylist()] == ["no"]


@pytest.mark.parametrize(
    ("kind", "body", "id", "details"),
    [
        (kinds.SECURITY_DEFAULTS, {"isEnabled": False}, "securityDefaults", {"enabled": "no"}),
        (kinds.SIGN_IN_METHODS, {"authenticationMethodConfigurations": [{"id": "Sms", "state": "enabled"}]},
         "authenticationMethodsPolicy", {"methods": '{"Sms":"enabled"}'}),
        (kinds.CROSS_TENANT[1], {"tenantId": "P", "inboundTrust": {"isMfaAccepted": True}},
         "crossTenantAccessPolicy/p", {"inboundTrust": '{"isMfaAccepted":true}'}),
        (kinds.CONSENT_REQUESTS, {"isEnabled": True, "reviewers": []}, "adminConsentRequestPolicy",
         {"enabled": "yes", "reviewers": "[]"}),
        (kinds.LOCATIONS, {"id": "L", "displayName": "HQ", "isTrusted": True,
                           "ipRanges": [{"cidrAddress": "10.0.0.0/8"}]}, "",
         {"trusted": "yes", "networks": '["10.0.0.0/8"]'}),
    ],
)  # fmt: skip
def test_policies_are_resources_and_grant_nothing(kind: str, body: Any, id: str, details: dict[str, str]) -> None:
    tables = PROVIDER.translate(Collected(Scope("entra", "tenant", TENANT), TAKEN, (made(kind, body),), ()))
    (row,) = plain(tables["resources"]).to_pylist()
    assert (row["id"], dict(row["details"])) == (f"{TENANT}/{id}" if id else "l", details)
    assert tables["attachments"].num_rows == 0


def test_an_object_of_another_form_than_documented_is_told_and_no_other_suffers() -> None:
    odd = {"id": "x", "principalId": 5, "roleDefinitionId": GLOBAL, "directoryScopeId": "/"}
    good = {"id": "y", "principalId": ANN, "roleDefinitionId": GLOBAL, "directoryScopeId": "/"}
    tables = PROVIDER.translate(collected(CoverageStatus.OK, [odd, good]))
    assert [one.principal for one in estate_of_tables(tables, published()).assignments] == [ANN]
    assert any("principalId must be a text" in row["detail"] for row in tables["coverage"].to_pylist())


def test_lists_of_single_objects_that_are_missing_are_not_known(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / f"group-owners--{RING}.json").unlink()
    (one,) = PROVIDER.read_exports([folder], TAKEN)
    unread = estate_of_tables(PROVIDER.translate(one), published()).unread
    assert "owners of groups" in unread and "owners of applications" not in unread
    assert set(unread) <= set(UNREAD)


def test_an_object_that_went_away_meanwhile_leaves_the_others_known(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / f"group-owners--{RING}.json").unlink()
    (one,) = PROVIDER.read_exports([folder], TAKEN)
    gone = RawDocument(one.scope, "graph", f"{kinds.GROUP_OWNERS}!Request_ResourceNotFound", "x", b"{}", RING, TAKEN)
    found = PROVIDER.translate(replace(one, documents=(*one.documents, gone)))
    assert "owners of groups" not in estate_of_tables(found, published()).unread


def test_the_fake_has_something_of_each_layer(tables: Any) -> None:
    told = set(plain(tables["attachments"])["layer"].to_pylist())
    assert told == {"allow", "eligible", "application", "delegated", "ownership"}
