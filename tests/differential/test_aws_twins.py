"""Accounts that differ in their names alone share decisions: each pair is told as if it were asked alone.

Three accounts hold the same users and roles under the same guardrails. What is drawn names its own account, another one
or any, in patterns, conditions, trust, boundaries and guardrails, so that some of it tells the accounts apart.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from test_aws_relation import differing

from leastwise.model.decision import State
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.anywhere import anywhere
from leastwise.providers.aws.compiled.relate import Relating
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

Json = dict[str, Any]
ACCOUNTS = ("111111111111", "222222222222", "333333333333")
A = ACCOUNTS[0]
OWN = "OWN"
"""Stands for the account that something is in."""
EXAMPLES = 300 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 20
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
ACTIONS = ("iam:PassRole", "iam:PutUserPolicy", "sts:AssumeRole", "s3:GetObject", "s3:PutBucketPolicy")
WIDE: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_RESOURCES = (
    "*", "*", f"arn:aws:iam::{OWN}:role/*", f"arn:aws:iam::{OWN}:role/one", f"arn:aws:iam::{A}:*",
    "arn:aws:iam::*:role/one", f"arn:aws:iam::{OWN}:user/${{aws:username}}",
    "arn:aws:iam::${aws:PrincipalAccount}:role/*", f"arn:aws:s3:::bucket-{OWN}/*", f"arn:aws:s3:::bucket-{A}",
    "arn:aws:s3:::bucket-*", "arn:aws:iam::${aws:ResourceAccount}:role/one",
)  # fmt: skip
_CONDITIONS: tuple[Json, ...] = (
    {}, {}, {},
    {"StringEquals": {"aws:PrincipalAccount": A}}, {"StringEquals": {"aws:PrincipalAccount": OWN}},
    {"StringEquals": {"aws:ResourceAccount": A}}, {"StringNotEquals": {"aws:ResourceAccount": OWN}},
    {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}}, {"StringEquals": {"aws:ResourceTag/team": "red"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-twins00001"}}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringNotEquals": {"aws:ResourceOrgID": "o-twins00001"}}, {"StringEquals": {"sts:ExternalId": "x"}},
)  # fmt: skip
_SUBJECTS: tuple[Any, ...] = (
    {"AWS": f"arn:aws:iam::{OWN}:root"}, {"AWS": OWN}, {"AWS": A}, {"AWS": f"arn:aws:iam::{OWN}:user/ann"},
    {"AWS": f"arn:aws:iam::{A}:role/one"}, {"AWS": f"arn:aws:iam::{A}:role/gone"}, {"Service": "ec2.amazonaws.com"},
    "*", {"AWS": "999999999999"},
)  # fmt: skip


@st.composite
def _statements(draw: st.DrawFn, *, named: bool = False, most: int = 2) -> list[Json]:
    found = []
    for _ in range(draw(st.integers(1, most))):
        one: Json = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))}
        one["Action"] = draw(st.sampled_from(["*", "*", "iam:*", "sts:*", "s3:*", "iam:PassRole"]))
        if named:
            one["Principal"] = draw(st.sampled_from(_SUBJECTS))
        else:
            one["Resource"] = draw(st.sampled_from(_RESOURCES))
        if condition := draw(st.sampled_from(_CONDITIONS)):
            one["Condition"] = condition
        found.append(one)
    return found


@st.composite
def _twins(draw: st.DrawFn) -> list[Json]:
    """The documents of three accounts, of which sometimes one holds something else."""
    holders = {name: draw(_statements()) + draw(st.sampled_from([[], [WIDE]])) for name in ("ann", "bob", "one", "two")}
    trust = {name: draw(_statements(named=True)) for name in ("one", "two")}
    bound = draw(st.sampled_from([[], [WIDE], [*draw(_statements()), WIDE]]))
    bucket = draw(st.sampled_from([[], draw(_statements(named=True))]))
    other = draw(_statements())
    found = []
    for number, account in enumerate(ACCOUNTS):
        held = {**holders, "two": other} if number == 2 and draw(st.booleans()) else holders
        text = json.dumps([*_account(account, held, trust, bound), *_bucket(account, bucket)])
        found += json.loads(text.replace(OWN, account))
    if draw(st.booleans()):
        found += _above(draw(st.sampled_from([[WIDE], [WIDE, *draw(_statements())]])))
    return found


def _above(statements: list[Json]) -> list[Json]:
    """An organization in which all accounts have one place, with a guardrail above them."""
    accounts = [{"id": one, "parent": "ou-all"} for one in ACCOUNTS]
    about = {"id": "o-twins00001", "management_account": "888888888888", "accounts": accounts,
             "units": [{"id": "ou-all", "parent": "r-root"}]}  # fmt: skip
    body = {"id": "p-all", "targets": ["r-root"], "policy": _document(statements)}
    guardrail = {"kind": "scp", "body": json.loads(json.dumps(body).replace(OWN, A))}
    return [{"kind": "organization", "body": about}, guardrail]


def _account(account: str, held: dict[str, list[Json]], trust: dict[str, list[Json]], bound: list[Json]) -> list[Json]:
    limit = f"arn:aws:iam::{account}:policy/limit"
    users = [_entity(account, "User", name, held[name]) for name in ("ann", "bob")]
    roles = [_entity(account, "Role", name, held[name]) | {"AssumeRolePolicyDocument": _document(trust[name])}
             for name in ("one", "two")]  # fmt: skip
    if bound:
        for one in (users[0], roles[1]):
            one["PermissionsBoundary"] = {"PermissionsBoundaryArn": limit}
    versions = [{"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(bound or [WIDE])}]
    policies = [{"Arn": limit, "PolicyName": "limit", "DefaultVersionId": "v1", "PolicyVersionList": versions}]
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}
    return [{"kind": "account_authorization_details", "body": body}]


def _entity(account: str, kind: str, name: str, statements: list[Json]) -> Json:
    return {
        "Arn": f"arn:aws:iam::{account}:{kind.lower()}/{name}", f"{kind}Name": name,
        f"{kind}Id": f"{'AIDA' if kind == 'User' else 'AROA'}{name.upper()}{account}",
        f"{kind}PolicyList": [{"PolicyName": "own", "PolicyDocument": _document(statements)}],
        "Tags": [{"Key": "team", "Value": "red"}] if name in ("ann", "one") else [],
    }  # fmt: skip


def _bucket(account: str, statements: list[Json]) -> list[Json]:
    policy = _document([one | {"Resource": "*"} for one in statements]) if statements else None
    body = {"resource": f"arn:aws:s3:::bucket-{account}", "account": account, "policy": policy}
    return [{"kind": "resource_policy", "body": body}]


def _document(statements: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": statements}


def _access(documents: list[Json]) -> AwsAccess:
    return access_to(collected(documents))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(_twins(), st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=2, unique=True), st.booleans())
def test_accounts_that_share_decisions_are_told_as_if_asked_alone(
    documents: list[Json], actions: list[str], strict: bool
) -> None:
    access, circumstances = _access(documents), Circumstances(strict=strict)
    for action in actions:
        wrong = differing(access, Relating(access).relation(action, circumstances), circumstances)
        assert not wrong, (action, strict, wrong)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(_twins(), st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=2, unique=True))
def test_without_a_resource_accounts_are_told_as_if_asked_alone(documents: list[Json], actions: list[str]) -> None:
    access, circumstances = _access(documents), Circumstances()
    for action in actions:
        relation = anywhere(access, action, circumstances)
        for number, id in enumerate(relation.principals):
            alone = access.can(id, action, None, circumstances)
            told = relation.state(number, 0)
            assert not alone.exact or told is alone.state or told is State.DENIED, (action, id, told, alone.state)
            if number < relation.inside:
                assert not alone.exact or told is alone.state, (action, id, told, alone.state)


ROLES = f"arn:aws:iam::{A}:role/*"
ANYWHERE, HERE, ONLY = {}, {"Resource": f"arn:aws:iam::{OWN}:role/*"}, {"Resource": ROLES}
IN_A = {"Condition": {"StringEquals": {"aws:ResourceAccount": A}}}


@pytest.mark.parametrize(
    ("held", "bound", "above", "subject", "allowed"),
    [
        (ANYWHERE, [], [], OWN, set(ACCOUNTS)),
        (ONLY, [], [], OWN, {A}),
        (HERE, [], [], OWN, set(ACCOUNTS)),
        (IN_A, [], [], OWN, {A}),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": A}}}, [], [], OWN, {A}),
        ({"Resource": "arn:aws:iam::${aws:PrincipalAccount}:role/one"}, [], [], OWN, set(ACCOUNTS)),
        (ANYWHERE, [WIDE | ONLY], [], OWN, {A}),
        (ANYWHERE, [WIDE | IN_A], [], OWN, {A}),
        (ANYWHERE, [WIDE], [WIDE | ONLY], OWN, {A}),
        (ANYWHERE, [WIDE], [WIDE | IN_A], OWN, {A}),
        (ANYWHERE, [], [WIDE], OWN, set(ACCOUNTS)),
        (ANYWHERE, [], [], A, {A}),
        (ANYWHERE, [], [], f"arn:aws:iam::{A}:root", {A}),
        (ANYWHERE, [], [], f"arn:aws:iam::{OWN}:user/ann", set(ACCOUNTS)),
        (ANYWHERE, [], [], f"arn:aws:iam::{A}:user/ann", {A}),
    ],
)
def test_what_names_an_account_holds_in_that_account_alone(
    held: Json, bound: list[Json], above: list[Json], subject: str, allowed: set[str]
) -> None:
    holders = {"ann": [WIDE | held], "bob": [], "one": [], "two": []}
    trusting = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": subject}}]
    documents = [one for account in ACCOUNTS for one in _in(account, holders, trusting, bound)]
    if above:
        documents += _above(above)
    access = _access(documents)
    relation = Relating(access).relation("sts:AssumeRole", Circumstances())
    found = {
        account
        for account in ACCOUNTS
        if relation.state(
            list(relation.principals).index(f"arn:aws:iam::{account}:user/ann"),
            list(relation.resources).index(f"arn:aws:iam::{account}:role/one"),
        )
        is State.ALLOWED
    }
    assert found == allowed
    assert not differing(access, relation, Circumstances())


def _in(account: str, holders: dict[str, list[Json]], trusting: list[Json], bound: list[Json]) -> list[Json]:
    documents = _account(account, holders, dict.fromkeys(("one", "two"), trusting), bound)
    return json.loads(json.dumps(documents).replace(OWN, account))  # type: ignore[no-any-return]
