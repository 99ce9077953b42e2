"""Guardrails above accounts: their levels in order, whom they do not bind, and what of them was not read."""

from __future__ import annotations

from typing import Any

import pytest
from compiled_support import ROOT

from leastwise.app.asking import spoken
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.places import Guardrails
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of

ORGANIZATION, MANAGEMENT, OWN = "o-a1b2c3d4e5", "999999999999", "111111111111"
FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def details(account: str, *statements: dict[str, Any], name: str = "own") -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": list(statements) or FULL["Statement"]}
    user = {
        "Arn": f"arn:aws:iam::{account}:user/ann",
        "UserName": "ann",
        "UserPolicyList": [{"PolicyName": name, "PolicyDocument": document}],
    }
    body = {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    return {"kind": "account_authorization_details", "body": body}


def guardrail(kind: str, id: str, targets: list[str], policy: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "body": {"id": id, "targets": targets, "policy": policy}}


def denying(sid: str, action: str) -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


TREE = {
    "kind": "organization",
    "body": {
        "id": ORGANIZATION,
        "management_account": MANAGEMENT,
        "units": [{"id": "r-root", "name": "Root"}, {"id": "ou-prod", "parent": "r-root", "name": "prod"}],
        "accounts": [{"id": OWN, "parent": "ou-prod"}, {"id": MANAGEMENT, "parent": "r-root"}],
    },
}
EVERYWHERE = ["r-root", "ou-prod", OWN, MANAGEMENT]


@pytest.fixture(scope="module")
def access() -> AwsAccess:
    return estate_of(
        {
            "documents": [
                details(OWN),
                details(MANAGEMENT),
                TREE,
                guardrail("scp", "p-FullAWSAccess", EVERYWHERE, FULL),
                guardrail("scp", "p-root", ["r-root"], denying("Root", "iam:CreateUser")),
                guardrail("scp", "p-unit", ["ou-prod"], denying("Unit", "ec2:*")),
                guardrail("scp", "p-own", [OWN], denying("Own", "sqs:*")),
            ]
        }
    )


def test_levels_come_from_the_root_down_to_the_account(access: AwsAccess) -> None:
    levels, gaps = access.guardrails.levels("scp", OWN)
    assert gaps == ()
    sids = [sorted(s.sid for policy in level for s in policy.statements if s.sid) for level in levels or ()]
    assert sids == [["Root"], ["Unit"], ["Own"]]


def test_the_management_account_is_not_bound(access: AwsAccess) -> None:
    assert access.guardrails.levels("scp", MANAGEMENT) == (None, ())
    ann = f"arn:aws:iam::{MANAGEMENT}:user/ann"
    assert access.can(ann, "iam:CreateUser", None).state is State.ALLOWED


@pytest.mark.parametrize("action", ["iam:CreateUser", "ec2:StopInstances", "sqs:ListQueues"])
def test_a_denial_of_any_level_counts(action: str, access: AwsAccess) -> None:
    assert access.can(f"arn:aws:iam::{OWN}:user/ann", action, None).state is State.DENIED
    assert access.can(f"arn:aws:iam::{OWN}:user/ann", "sns:ListTopics", None).state is State.ALLOWED


def test_the_place_of_an_account_is_known(access: AwsAccess) -> None:
    assert access.guardrails.organization(OWN) == ORGANIZATION
    path = access.guardrails.path(OWN)
    assert path is not None and path.split("/") == [ORGANIZATION, "r-root", "ou-prod", ""]
    assert access.guardrails.path("222222222222") is None


def test_a_level_without_an_allow_lets_nothing_through() -> None:
    only = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    access = estate_of(
        {
            "documents": [
                details(OWN),
                TREE,
                guardrail("scp", "p-FullAWSAccess", ["r-root", OWN], FULL),
                guardrail("scp", "p-some", ["ou-prod"], only),
            ]
        }
    )
    ann = f"arn:aws:iam::{OWN}:user/ann"
    assert access.can(ann, "s3:ListAllMyBuckets", None).state is State.ALLOWED
    assert access.can(ann, "iam:CreateUser", None).state is State.DENIED


UNREADABLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}
S3_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


@pytest.mark.parametrize("kind", ["scp", "rcp"])
@pytest.mark.parametrize("beside", [[], [S3_ONLY]], ids=["alone", "beside one for S3"])
def test_a_guardrail_that_was_not_read_may_be_what_allows(kind: str, beside: list[dict[str, Any]]) -> None:
    """A level with nothing else on it let nothing through, as if the policy that was not read allowed nothing."""
    own = [guardrail(kind, f"p-{number}", [OWN], one) for number, one in enumerate([UNREADABLE, *beside])]
    above = guardrail("scp", "p-FullAWSAccess", ["r-root", "ou-prod", *([OWN] if kind == "rcp" else [])], FULL)
    access = estate_of({"documents": [details(OWN), TREE, above, *own]})
    bucket = "arn:aws:s3:::data/x"
    ann = f"arn:aws:iam::{OWN}:user/ann"
    for action, resource in (("s3:GetObject", bucket), ("s3:ListAllMyBuckets", None), ("kms:ListKeys", None)):
        decision = access.can(ann, action, resource)
        assert decision.state is State.UNKNOWN, (action, decision)
        assert any("one was not read" in one for one in decision.missing)


def test_what_a_guardrail_denies_that_was_read_stays_denied_beside_one_that_was_not() -> None:
    own = [guardrail("scp", "p-0", [OWN], UNREADABLE), guardrail("scp", "p-1", [OWN], denying("Own", "sqs:*"))]
    above = guardrail("scp", "p-FullAWSAccess", ["r-root", "ou-prod"], FULL)
    access = estate_of({"documents": [details(OWN), TREE, above, *own]})
    assert access.can(f"arn:aws:iam::{OWN}:user/ann", "sqs:ListQueues", None).state is State.DENIED


def test_a_level_of_which_not_all_policies_are_known_denies_nothing_for_want_of_an_allow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    above = [guardrail("scp", "p-FullAWSAccess", ["r-root", "ou-prod"], FULL), guardrail("scp", "p-s3", [OWN], S3_ONLY)]
    access = estate_of({"documents": [details(OWN), TREE, *above]})
    ann = f"arn:aws:iam::{OWN}:user/ann"
    assert access.can(ann, "sns:ListTopics", None).state is State.DENIED
    facts: Any = access.estate.arrays.facts
    denied = [["organizations", "ListTargetsForPolicy", "denied", "p-12345678", ""]]
    monkeypatch.setitem(facts, "coverage", {**facts["coverage"], ORGANIZATION: denied})
    assert AwsPort(access.estate.arrays).can(ann, "sns:ListTopics", None, Circumstances()).state is State.UNKNOWN


def test_the_example_of_the_page_is_what_is_answered() -> None:
    """docs/how-to/ask.md shows it."""
    page = (ROOT / "docs" / "how-to" / "ask.md").read_text()
    shown = page.partition("$ leastwise can ")[2].partition("```")[0].splitlines()
    ann, action, resource = shown[0].split()
    account = "111122223333"
    mfa = {
        "Sid": "ReadWithMfa",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    }
    bucket = {
        "kind": "resource_policy",
        "body": {"resource": "arn:aws:s3:::reports", "account": account, "policy": None},
    }
    access = estate_of({"documents": [details(account, mfa, name="Reports"), bucket]})
    decision = AwsPort(access.estate.arrays).can(ann, action, resource, Circumstances())
    because = [f"  because {reason.text}" for reason in decision.reasons]
    assert [str(decision.state), f"  when {spoken(decision.residual)}", *because] == shown[1:]


@pytest.mark.parametrize(
    ("call", "detail", "kinds"),
    [
        ("ListTargetsForPolicy", "p-12345678", {"scp", "rcp"}),
        ("ListPolicies", "SERVICE_CONTROL_POLICY: AccessDenied", {"scp"}),
        ("ListPolicies", "RESOURCE_CONTROL_POLICY: AccessDenied", {"rcp"}),
        ("DescribePolicy", "p-12345678", {"scp", "rcp"}),
        ("ListDelegatedAdministrators", "", set()),
        ("DescribeResourcePolicy", "", set()),
    ],
)
def test_a_call_about_guardrails_that_was_denied_leaves_them_unknown(
    access: AwsAccess, monkeypatch: pytest.MonkeyPatch, call: str, detail: str, kinds: set[str]
) -> None:
    facts: Any = access.estate.arrays.facts
    told = {**facts["coverage"], ORGANIZATION: [["organizations", call, "denied", detail, ""]]}
    monkeypatch.setitem(facts, "coverage", told)
    guardrails = Guardrails(access.estate)
    assert {kind for kind in ("scp", "rcp") if guardrails.levels(kind, OWN)[1]} == kinds
