"""Small AWS estates that Hypothesis draws: three accounts of one organization, with policies of every type.

What is drawn are the documents of suite `ask`, so that an example that fails can be kept as a case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

A, B, M = "111111111111", "222222222222", "999999999999"
ORG = "o-a1b2c3d4e5"
BUCKET = "arn:aws:s3:::data"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
USERS = {f"arn:aws:iam::{A}:user/ada": A, f"arn:aws:iam::{A}:user/x/bob": A, f"arn:aws:iam::{B}:user/cy": B}
ROLES = {f"arn:aws:iam::{A}:role/app": A, f"arn:aws:iam::{A}:role/ci/deploy": A, f"arn:aws:iam::{B}:role/job": B}
APP = next(iter(ROLES))
LEVELS = {A: ("r-root", "ou-prod", A), B: ("r-root", B)}

Json = dict[str, Any]

_ACTIONS = ["*", "s3:*", "s3:Get*", "s3:GetObject", "S3:listbucket", "s3:?etObject", "sqs:*", "sqs:SendMessage",
            "kms:Decrypt", "kms:*", "sts:AssumeRole", "sts:*", "iam:*"]  # fmt: skip
_RESOURCES = ["*", f"{BUCKET}/*", f"{BUCKET}/ada/*", BUCKET, f"{BUCKET}/${{aws:username}}/*",
              f"{BUCKET}/${{aws:PrincipalTag/team}}/*", f"{BUCKET}/${{aws:PrincipalTag/team, 'red'}}/*",
              "arn:aws:s3:::d?t*/*/x", "arn:aws:s3:::other/*", QUEUE, "arn:aws:sqs:*:*:*", KEY, "arn:aws:kms:*:*:key/*",
              APP, "arn:aws:iam::*:role/*", "arn:aws:s3:::data/${aws:Referer}/x"]  # fmt: skip
_CONDITIONS: list[Json] = [
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": ["red", "green"]}},
    {"StringLikeIfExists": {"aws:PrincipalTag/Team": "r*"}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"Null": {"aws:PrincipalTag/team": "false"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*/a*"}},
    {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/*", f"arn:aws:iam::{B}:user/cy"]}},
    {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-root/ou-prod/*"}},
    {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-root/"}},
    {"StringEquals": {"aws:PrincipalAccount": A}},
    {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"StringLike": {"aws:username": "a*"}},
    {"StringNotLike": {"aws:userid": "AIDA*"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/28", "198.51.100.0/24"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}},
    {"StringEquals": {"aws:Referer": "${aws:username}"}},
    {"StringLike": {"aws:Referer": "${aws:PrincipalTag/team, 'red'}*"}},
    {"StringEquals": {"aws:PrincipalTag/team": "${aws:Referer}"}},
    {"StringEqualsIfExists": {"aws:Referer": ["ada", "red"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "team"]}},
    {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["env"]}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEquals": {"kms:CallerAccount": A}},
    {"StringEquals": {"aws:ResourceAccount": A}},
]
_SUBJECTS: list[Any] = [
    "*",
    *({"AWS": one} for one in ("*", A, f"arn:aws:iam::{A}:root", f"arn:aws:iam::{B}:root", *USERS, *ROLES)),
    {"AWS": f"arn:aws:sts::{A}:assumed-role/app/run"},
    {"AWS": [f"arn:aws:iam::{A}:user/ada", f"arn:aws:iam::{B}:role/job"]},
    {"AWS": f"arn:aws:iam::{A}:user/gone"},
    {"Service": "sns.amazonaws.com"},
    {"AWS": [f"arn:aws:iam::{B}:root"], "Service": "s3.amazonaws.com"},
]
QUESTIONS: list[tuple[str, str | None]] = [
    ("s3:GetObject", f"{BUCKET}/ada/x"),
    ("s3:GetObject", f"{BUCKET}/red/x"),
    ("s3:GetObject", f"{BUCKET}/*"),
    ("s3:ListBucket", BUCKET),
    ("s3:GetObject", None),
    ("s3:ListAllMyBuckets", None),
    ("sqs:SendMessage", QUEUE),
    ("kms:Decrypt", KEY),
    ("sts:AssumeRole", APP),
    ("sts:TagSession", APP),
    ("iam:GetRole", APP),
]
CONTEXTS: dict[str, list[Any]] = {
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:SourceIp": ["192.0.2.5", "192.0.2.77", "203.0.113.1"],
    "aws:Referer": ["ada", "red", "other"],
    "aws:TagKeys": [["env"], ["env", "owner"]],
    "aws:MultiFactorAuthAge": ["100"],
}


def _some(values: list[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique_by=repr)


@st.composite
def _statement(draw: st.DrawFn, *, named: bool = False, actions: tuple[str, ...] = ()) -> Json:
    effect = draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"]))
    found: Json = {"Effect": effect}
    inverse = draw(st.sampled_from(["", "", "", "", "Not"]))
    found[f"{inverse}Action"] = draw(_some(list(actions) or _ACTIONS))
    if not actions:
        inverse = draw(st.sampled_from(["", "", "", "", "Not"]))
        found[f"{inverse}Resource"] = draw(_some(_RESOURCES))
    if named:
        inverse = "Not" if effect == "Deny" and draw(st.integers(0, 4)) == 0 else ""
        found[f"{inverse}Principal"] = draw(st.sampled_from(_SUBJECTS))
    block: Json = {}
    for one in draw(st.one_of(st.just([]), st.lists(st.sampled_from(_CONDITIONS), max_size=2))):
        for operator, keys in one.items():
            block.setdefault(operator, {}).update(keys)
    if block:
        found["Condition"] = block
    return found


@st.composite
def _policy(draw: st.DrawFn, *, named: bool = False, actions: tuple[str, ...] = ()) -> Json:
    version = draw(st.sampled_from(["2012-10-17"] * 5 + ["2008-10-17"]))
    statements = draw(st.lists(_statement(named=named, actions=actions), min_size=1, max_size=3))
    return {"Version": version, "Statement": statements}


FULL: Json = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
RFULL: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


@dataclass
class Estate:
    """What was drawn, by where it is in force."""

    identity: dict[str, list[Json]] = field(default_factory=dict)
    groups: dict[str, list[Json]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    boundary: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    trust: dict[str, Json] = field(default_factory=dict)
    resource: dict[str, Json | None] = field(default_factory=dict)
    scps: dict[str, list[Json]] = field(default_factory=dict)
    rcps: dict[str, list[Json]] = field(default_factory=dict)

    def policies_of(self, principal: str) -> list[Json]:
        """Its own, and those of its groups."""
        return self.identity[principal] + [p for group in self.members.get(principal, []) for p in self.groups[group]]

    def documents(self) -> list[Json]:
        """The documents of suite `ask`."""
        found = [{"kind": "account_authorization_details", "body": self._details(account)} for account in (A, B)]
        for resource, policy in self.resource.items():
            body = {"resource": resource, "account": A, "policy": policy}
            found.append({"kind": "resource_policy", "body": body})
        units = [{"id": "ou-prod", "parent": "r-root"}]
        accounts = [{"id": A, "parent": "ou-prod"}, {"id": B, "parent": "r-root"}, {"id": M, "parent": "r-root"}]
        about = {"id": ORG, "management_account": M, "units": units, "accounts": accounts}
        found.append({"kind": "organization", "body": about})
        for kind, attached in (("scp", self.scps), ("rcp", self.rcps)):
            for target, policies in attached.items():
                for number, policy in enumerate(policies):
                    body = {"id": f"p-{kind}-{target}-{number}", "targets": [target], "policy": policy}
                    found.append({"kind": kind, "body": body})
        return found

    def _details(self, account: str) -> Json:
        users = [self._entity("User", arn) for arn, owner in USERS.items() if owner == account]
        roles = [self._entity("Role", arn) for arn, owner in ROLES.items() if owner == account]
        groups = [
            {"Arn": f"arn:aws:iam::{account}:group/{name}", "GroupName": name, "GroupPolicyList": _inline(policies)}
            for name, policies in self.groups.items()
            if account == A
        ]
        policies = [
            {
                "Arn": _limit(arn), "PolicyName": _limit(arn).rpartition("/")[2], "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": limit}],
            }
            for arn, limit in self.boundary.items()
            if f"::{account}:" in arn
        ]  # fmt: skip
        return {"UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies}

    def _entity(self, kind: str, arn: str) -> Json:
        name = arn.rpartition("/")[2]
        found: Json = {
            "Arn": arn, f"{kind}Name": name, f"{kind}Id": ("AIDA" if kind == "User" else "AROA") + name.upper(),
            f"{kind}PolicyList": _inline(self.identity[arn]),
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags[arn].items()],
        }  # fmt: skip
        if kind == "User":
            found["GroupList"] = self.members.get(arn, [])
        else:
            found["AssumeRolePolicyDocument"] = self.trust[arn]
        if arn in self.boundary:
            found["PermissionsBoundary"] = {"PermissionsBoundaryArn": _limit(arn)}
        return found


def _limit(arn: str) -> str:
    return f"{arn.rpartition(':')[0]}:policy/limit-{arn.rpartition('/')[2]}"


def _inline(policies: list[Json]) -> list[Json]:
    return [{"PolicyName": f"p{number}", "PolicyDocument": one} for number, one in enumerate(policies)]


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """An estate."""
    found = Estate()
    found.groups = {name: draw(st.lists(_policy(), max_size=1)) for name in ("red", "blue")}
    for arn in (*USERS, *ROLES):
        # Without a wide grant for some, nearly everything would be denied for want of one.
        found.identity[arn] = draw(st.lists(_policy(), max_size=2)) + draw(st.sampled_from([[], [FULL]]))
        found.tags[arn] = draw(st.sampled_from([{}, {"team": "red"}, {"Team": "ada"}, {"team": "blue", "x": "1"}]))
        if draw(st.integers(0, 3)) == 0:
            found.boundary[arn] = draw(_policy())
    for arn in list(USERS)[:2]:
        found.members[arn] = draw(st.lists(st.sampled_from(["red", "blue"]), max_size=2, unique=True))
    for arn in ROLES:
        found.trust[arn] = draw(_policy(named=True, actions=("sts:AssumeRole", "sts:TagSession", "sts:*")))
    for resource in (BUCKET, QUEUE, KEY):
        found.resource[resource] = (
            draw(st.none() | _policy(named=True)) if resource != KEY else draw(_policy(named=True))
        )
    for target in ("r-root", "ou-prod", A, B):
        found.scps[target] = draw(st.sampled_from([[FULL]] * 5 + [[]])) + draw(
            st.one_of(st.just([]), st.just([]), st.just([]), st.lists(_policy(), min_size=1, max_size=1))
        )
    for target in ("r-root", A):
        found.rcps[target] = draw(st.one_of(st.just([]), st.lists(_policy(named=True), max_size=1)))
    return found


@st.composite
def contexts(draw: st.DrawFn) -> dict[str, Any]:
    """Some context keys with values."""
    keys = draw(st.lists(st.sampled_from(sorted(CONTEXTS)), max_size=3, unique=True))
    return {key: draw(st.sampled_from(CONTEXTS[key])) for key in keys}


@st.composite
def resource_policies(draw: st.DrawFn) -> Json:
    """What may lie on a resource: any policy, one that only denies, or one that leaves it to the account."""
    found = draw(_policy(named=True))
    kind = draw(st.sampled_from(["any", "any", "deny", "root"]))
    for one in found["Statement"]:
        if kind == "deny":
            one["Effect"] = "Deny"
        elif kind == "root" and one["Effect"] == "Allow":
            one["Principal"] = {"AWS": draw(st.sampled_from([A, B, f"arn:aws:iam::{A}:root"]))}
    return found
