"""Our own cases from Google Cloud's pages: each is answered as its page says, and alike in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from asking_support import Suite, bad_of_any

from leastwise.model.conformance import CaseResult
from leastwise.providers.gcp.conform.ask import run, run_with

SUITE = Suite("gcp", run)
ROWS = {
    # What research on Google Cloud found to decide access, point by point: the decision,
    "result", "allow-inheritance", "allow-policies", "deny-policies", "deny-rule", "deny-condition", "deny-names",
    "deny-principals", "boundary", "boundary-union", "boundary-condition", "boundary-version", "access-policies",
    "unknown",
    # conditions of allow bindings,
    "attributes", "services-differ", "resource-name", "limits", "not-allowed", "version-3", "extract",
    # members,
    "named-members", "all-users", "all-authenticated", "pools", "service-accounts-below", "kubernetes", "convenience",
    "deleted", "groups",
    # roles, service accounts, guardrails,
    "basic-roles", "custom-roles", "account-is-resource", "impersonation", "service-agents", "domain-wide-delegation",
    "organization-policies", "tags", "outside-iam",
    # names,
    "slash-names", "cluster-names", "prefixes", "legacy-names",
    # what was settled later,
    "condition-not-evaluated", "permission-groups", "attribute-not-provided", "names-per-service", "boundaries-closed",
    "basic-lack",
    # and what the best open graph leaves out.
    "cartography-inheritance", "cartography-deny", "cartography-conditions", "cartography-non-email",
}  # fmt: skip
"""Every row has a case; a case names its rows as features."""


CASES = SUITE.cases


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case(case: Mapping[str, Any]) -> None:
    SUITE.passes(case)


def test_there_are_enough_of_them_each_with_its_page() -> None:
    SUITE.is_documented(500, "https://cloud.google.com/", "https://support.google.com/")


def test_every_row_has_a_case_and_every_case_a_row() -> None:
    SUITE.covers(ROWS)


def test_every_direction_and_every_state_is_asked() -> None:
    SUITE.asks_everything()


@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        ("inheritance/from-bucket", {"state": "DENIED"}),
        ("inheritance/sibling", {"state": "UNKNOWN"}),
        ("inheritance/who-can", {"state": "ALLOWED", "principals": ["user:ada@example.com"]}),
        ("deny/what-can", {"state": "ALLOWED", "permissions": ["storage.objects.get"]}),
        ("time/not-known", {"state": "ALLOWED"}),
        ("roles/unknown-role", {"state": "DENIED"}),
    ],
)
def test_another_answer_fails(id: str, wrong: Mapping[str, Any]) -> None:
    SUITE.fails(id, wrong)


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("roles/unknown-role", "roles/unheard.of"),
        ("inheritance/ancestor-without-document", "folders/2"),
        ("groups/unread", "group:staff@example.com"),
        ("conditions/bad-unfinished", "does not parse"),
        ("versions/with-condition-left-out", "read as version 1"),
        ("boundaries/bound-policy-unread", "principalAccessBoundaryPolicies/p"),
        ("deny/principal-user", "rule 1 of policies/"),
        ("deny/owner-too", "DENIED"),
        ("inheritance/from-folder", "GRANTED: roles/storage.objectViewer to user:ada@example.com on"),
        ("inheritance/sibling", "CANNOT_ACCESS"),
        ("boundaries/lists-elsewhere", "NOT_ALLOWED"),
        ("time/not-known", "UNKNOWN_CONDITIONAL"),
    ],
)
def test_an_answer_says_why(id: str, words: str) -> None:
    SUITE.says(id, words)


def test_a_catalogue_of_roles_can_be_given() -> None:
    case = SUITE.one("roles/unknown-role")
    told = run_with({**case, "expected": {"state": "ALLOWED"}}, lambda role: frozenset({"storage.objects.get"}))
    assert told.result is CaseResult.PASSED


ASSET = "//storage.googleapis.com/b"
GIVEN: dict[str, Any] = {
    "ask": "can",
    "principal": "user:a@b.c",
    "permission": "storage.objects.get",
    "resource": ASSET,
}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    **bad_of_any("role", GIVEN),
    "no principal": ({"question": {**GIVEN, "principal": None}}, "question.principal: is missing"),
    "nobody": ({"question": {**GIVEN, "principal": "ada"}}, "question.principal: 'ada' names nobody who can call"),
    "a convenience value": (
        {"question": {**GIVEN, "principal": "projectOwner:p"}},
        "question.principal: 'projectOwner:p' names nobody who can call",
    ),
    "no permission": ({"question": {**GIVEN, "permission": 3}}, "question.permission: must be a text"),
    "no full name": (
        {"question": {**GIVEN, "resource": "buckets/b"}},
        "question.resource: 'buckets/b' is no full name of a resource",
    ),
    "a time that is none": (
        {"question": {**GIVEN, "context": {"request.time": "today"}}},
        "question.context.request.time: 'today' is no moment of RFC 3339",
    ),
    "a port that is none": (
        {"question": {**GIVEN, "context": {"destination.port": "ssh"}}},
        "question.context.destination.port: must be a number",
    ),
    "a context that is none": ({"question": {**GIVEN, "context": ["x"]}}, "question.context: must be an object"),
    "an asset without a name": (
        {"documents": [{"kind": "cloud_asset", "body": {"name": "b"}}]},
        "documents/0: cloud_asset: name 'b' is no full name of a resource",
    ),
    "ancestors that are none": (
        {"documents": [{"kind": "cloud_asset", "body": {"name": ASSET, "ancestors": "projects/1"}}]},
        "documents/0: cloud_asset: ancestors of //storage.googleapis.com/b is no list of texts",
    ),
    "a binding without a role": (
        {"documents": [{"kind": "cloud_asset", "body": {"name": ASSET, "iam_policy": {"bindings": [{}]}}}]},
        "documents/0: cloud_asset: bindings/0: role is missing, or no text",
    ),
    "bindings that are none": (
        {"documents": [{"kind": "cloud_asset", "body": {"name": ASSET, "iamPolicy": {"bindings": {}}}}]},
        "documents/0: cloud_asset: bindings is no list of objects",
    ),
    "two policies of one asset": (
        {
            "documents": [
                {"kind": "cloud_asset", "body": {"name": ASSET, "iam_policy": {"bindings": [{"role": role}]}}}
                for role in ("roles/a", "roles/b")
            ]
        },
        "documents/1: cloud_asset: //storage.googleapis.com/b has two allow policies",
    ),
    "a role without a name": (
        {"documents": [{"kind": "role", "body": {}}]},
        "documents/0: role: name is no name of a role",
    ),
    "permissions that are none": (
        {"documents": [{"kind": "role", "body": {"name": "roles/a", "includedPermissions": "x"}}]},
        "documents/0: role: includedPermissions of roles/a is no list of texts",
    ),
    "a deny policy of nothing": (
        {"documents": [{"kind": "deny_policy", "body": {"name": "policies/x"}}]},
        "documents/0: deny_policy: name 'policies/x' does not say what a deny policy is attached to",
    ),
    "a deny policy of a bucket": (
        {
            "documents": [
                {"kind": "deny_policy", "body": {"name": "policies/storage.googleapis.com%2Fb/denypolicies/d"}}
            ]
        },
        "documents/0: deny_policy: name 'policies/storage.googleapis.com%2Fb/denypolicies/d' does not say",
    ),
    "a rule that is none": (
        {
            "documents": [
                {
                    "kind": "deny_policy",
                    "body": {
                        "name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/d",
                        "rules": [{}],
                    },
                }
            ]
        },
        "documents/0: deny_policy: rules/0: denyRule is no object",
    ),
    "a boundary that is none": (
        {"documents": [{"kind": "principal_access_boundary", "body": {"name": "p"}}]},
        "documents/0: principal_access_boundary: name 'p' is no name of a principal access boundary policy",
    ),
    "a boundary that denies": (
        {
            "documents": [
                {
                    "kind": "principal_access_boundary",
                    "body": {
                        "name": "organizations/1/locations/global/principalAccessBoundaryPolicies/p",
                        "details": {"rules": [{"effect": "DENY"}]},
                    },
                }
            ]
        },
        "documents/0: principal_access_boundary: details/rules/0: effect 'DENY' is not known",
    ),
    "a version that is none": (
        {
            "documents": [
                {
                    "kind": "principal_access_boundary",
                    "body": {
                        "name": "organizations/1/locations/global/principalAccessBoundaryPolicies/p",
                        "details": {"enforcementVersion": "new"},
                    },
                }
            ]
        },
        "documents/0: principal_access_boundary: details: enforcementVersion 'new' is no number",
    ),
    "a binding of nothing": (
        {"documents": [{"kind": "policy_binding", "body": {}}]},
        "documents/0: policy_binding: policy is missing, or no text",
    ),
    "a binding to nobody": (
        {"documents": [{"kind": "policy_binding", "body": {"policy": "p", "target": {}}}]},
        "documents/0: policy_binding: target: principalSet is no full name",
    ),
    "a group without an address": (
        {"documents": [{"kind": "group_membership", "body": {"group": {}, "memberships": []}}]},
        "documents/0: group_membership: group: groupKey.id is missing",
    ),
    "a group without a list": (
        {
            "documents": [
                {"kind": "group_membership", "body": {"group": {"groupKey": {"id": "g@b.c"}}, "memberships": {}}}
            ]
        },
        "documents/0: group_membership: memberships of g@b.c must be a list of objects",
    ),
    "a member without an address": (
        {
            "documents": [
                {"kind": "group_membership", "body": {"group": {"groupKey": {"id": "g@b.c"}}, "memberships": [{}]}}
            ]
        },
        "documents/0: group_membership: memberships of g@b.c: preferredMemberKey.id is missing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_case_is_named(name: str) -> None:
    change, cause = BAD[name]
    case = {"documents": [], "question": GIVEN, "expected": {"state": "DENIED"}, **change}
    SUITE.refuses(case, cause)
