"""What those outside can reach, kind by kind of resource: policies as AWS documents them, and what must be listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from leastwise.engine.formula import Formula
from leastwise.model.decision import Circumstances, Needed, State
from leastwise.model.exposure import Exposed, Exposure, Inside
from leastwise.providers.aws.compiled import admitted
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.ask import estate_of
from leastwise.providers.aws.evaluate.facts import Facts

A, X = "111111111111", "999999999999"
ORG = "o-a1b2c3d4e5"
BUCKET = "arn:aws:s3:::data"
QUEUE = f"arn:aws:sqs:eu-west-1:{A}:jobs"
TOPIC = f"arn:aws:sns:eu-west-1:{A}:news"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FUNCTION = f"arn:aws:lambda:eu-west-1:{A}:function:hook"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{A}:secret:db-AbCdEf"
DOMAIN = f"arn:aws:es:eu-west-1:{A}:domain/search"
BUS = f"arn:aws:events:eu-west-1:{A}:event-bus/shared"
IMAGES = f"arn:aws:ecr:eu-west-1:{A}:repository/app"
POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/door"
ROLE = f"arn:aws:iam::{A}:role/app"
GITHUB = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
CORP = f"arn:aws:iam::{A}:saml-provider/corp"
THEM = {"AWS": f"arn:aws:iam::{X}:root"}
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
OURS = "f" * 64
ALONE = Inside(frozenset({A}), frozenset())
MEMBERS = Inside(frozenset({A}), frozenset({ORG}))

Json = dict[str, Any]


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: Any, action: Any, resource: Any = "*", condition: Json | None = None, **more: Any) -> Json:
    found = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}
    return found if condition is None else found | {"Condition": condition}


def trust(principal: Any, action: Any = "sts:AssumeRole", condition: Json | None = None) -> Json:
    found = {"Effect": "Allow", "Principal": principal, "Action": action}
    return found if condition is None else found | {"Condition": condition}


def laid(resource: str, *statements: Json) -> Json:
    return {"kind": "resource_policy", "body": {"resource": resource, "account": A, "policy": document(*statements)}}


def roles(*named: tuple[str, Json]) -> Json:
    listed = [
        {
            "Arn": arn,
            "RoleName": arn.rpartition("/")[2],
            "RoleId": f"AROA{number:017}",
            "AssumeRolePolicyDocument": trusts,
        }
        for number, (arn, trusts) in enumerate(named)
    ]
    body = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": listed, "Policies": []}
    return {"kind": "account_authorization_details", "body": body}


OWN = roles((ROLE, document(trust({"AWS": f"arn:aws:iam::{A}:root"}))))


def exposed(
    *documents: Mapping[str, Any], inside: Inside = ALONE, services: bool = False, strict: bool = False
) -> Exposed:
    own = () if any(one["kind"] == "account_authorization_details" for one in documents) else (OWN,)
    access = estate_of({"documents": [*own, *documents]})
    port = AwsPort(access.estate.arrays, {A})
    # What the documents do not have is not there.
    port.access = access
    return port.exposed(inside, Circumstances(strict=strict), services=services)


def told(found: Exposed) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Whom, what, how sure, and by which permissions where they are few."""
    return [
        (one.principal_kind, one.principal, one.state.value, one.permissions if len(one.permissions) < 4 else ("…",))
        for one in found.exposures
    ]


def only(found: Exposed) -> Exposure:
    assert len(found.exposures) == 1, found.exposures
    return found.exposures[0]


def spoken(one: Exposure) -> list[list[str]]:
    assert one.residual is not None
    return [[str(needed) for needed in clause] for clause in one.residual]


# --- one resource of each kind

EVERY_KIND = [
    (laid(BUCKET, allow(THEM, "s3:GetObject", f"{BUCKET}/*")), "s3:bucket", "s3:GetObject", f"{BUCKET}/*"),
    (laid(BUCKET, allow(THEM, "s3:ListBucket", BUCKET)), "s3:bucket", "s3:ListBucket", BUCKET),
    (laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE)), "sqs:queue", "sqs:SendMessage", QUEUE),
    (laid(TOPIC, allow(THEM, "sns:Publish", TOPIC)), "sns:topic", "sns:Publish", TOPIC),
    (laid(KEY, allow(THEM, "kms:Decrypt")), "kms:key", "kms:Decrypt", KEY),
    (laid(FUNCTION, allow(THEM, "lambda:InvokeFunction", FUNCTION)), "lambda:function", "lambda:InvokeFunction",
     FUNCTION),
    (laid(SECRET, allow(THEM, "secretsmanager:GetSecretValue")), "secretsmanager:secret",
     "secretsmanager:GetSecretValue", SECRET),
    (laid(IMAGES, allow(THEM, "ecr:BatchGetImage")), "ecr:repository", "ecr:BatchGetImage", IMAGES),
    (laid(BUS, allow(THEM, "events:PutEvents", BUS)), "events:event-bus", "events:PutEvents", BUS),
    (laid(DOMAIN, allow(THEM, "es:ESHttpGet", f"{DOMAIN}/*")), "es:domain", "es:ESHttpGet", f"{DOMAIN}/*"),
    (roles((ROLE, document(trust(THEM)))), "iam:role", "sts:AssumeRole", ROLE),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "permission", "where"), EVERY_KIND, ids=lambda one: str(one)[:40])
def test_every_kind_of_resource_lets_an_account_in(given: Json, kind: str, permission: str, where: str) -> None:
    one = only(exposed(given))
    assert (one.principal, one.principal_kind, one.principal_account) == (f"arn:aws:iam::{X}:root", "account", X)
    assert (one.kind.partition(":")[0], one.account) == (kind.partition(":")[0], A)
    assert (one.permissions, one.resources, one.exceptions) == ((permission,), (where,), ())
    assert (one.state, one.residual, one.missing) == (State.ALLOWED, (), ())
    assert [reason.position for reason in one.reasons] == [0] and one.reasons[0].source


@pytest.mark.parametrize(("given", "kind", "permission", "where"), EVERY_KIND, ids=lambda one: str(one)[:40])
def test_nobody_is_outside_whose_account_is_inside(given: Json, kind: str, permission: str, where: str) -> None:
    assert exposed(given, inside=Inside(frozenset({A, X}))).exposures == ()


# --- who

WHO: list[tuple[Any, list[tuple[str, str]]]] = [
    ("*", [("everyone", "*")]),
    ({"AWS": "*"}, [("everyone", "*")]),
    (X, [("account", f"arn:aws:iam::{X}:root")]),
    ({"AWS": [f"arn:aws:iam::{X}:user/eve", f"arn:aws:iam::{X}:role/spy"]},
     [("role", f"arn:aws:iam::{X}:role/spy"), ("user", f"arn:aws:iam::{X}:user/eve")]),
    ({"AWS": f"arn:aws:sts::{X}:assumed-role/spy/x"}, [("session", f"arn:aws:sts::{X}:assumed-role/spy/x")]),
    ({"CanonicalUser": CANONICAL}, [("canonical_user", CANONICAL)]),
    ({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
     [("origin_access_identity", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1")]),
    ({"Service": "s3.amazonaws.com"}, [("service", "s3.amazonaws.com")]),
    ({"AWS": [A, ROLE, f"arn:aws:iam::{A}:user/gone"]}, []),
    ({"AWS": "AROAGONE0000000000000"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("principal", "expected"), WHO, ids=lambda one: str(one)[:50])
def test_who_is_outside(principal: Any, expected: list[tuple[str, str]]) -> None:
    named = {"AWS": principal} if isinstance(principal, str) and principal != "*" else principal
    found = exposed(laid(QUEUE, allow(named, "sqs:SendMessage", QUEUE)))
    assert [(one.principal_kind, one.principal) for one in found.exposures] == expected
    assert all(one.state is State.ALLOWED for one in found.exposures)


def test_not_principal_lets_everybody_else_in() -> None:
    found = exposed(
        laid(QUEUE, {"Effect": "Allow", "NotPrincipal": THEM, "Action": "sqs:SendMessage", "Resource": QUEUE})
    )
    assert ("everyone", "*") in [(one.principal_kind, one.principal) for one in found.exposures]


def test_any_account_is_told_where_everybody_cannot() -> None:
    condition = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
    found = exposed(laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE, condition)))
    assert told(found)[0] == ("any_account", "any AWS account", "ALLOWED", ("sqs:SendMessage",))
    assert "everyone" not in [one.principal_kind for one in found.exposures]


def test_everybody_and_any_account_have_each_what_the_other_lacks() -> None:
    signed = allow("*", "sqs:ReceiveMessage", QUEUE, {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}})
    found = exposed(laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE), signed))
    assert ("everyone", "*", "ALLOWED", ("sqs:SendMessage",)) in told(found)
    assert ("any_account", "any AWS account", "ALLOWED", ("sqs:ReceiveMessage",)) in told(found)


def test_services_alone_can_be_let_in_by_a_star() -> None:
    given = laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE, {"Bool": {"aws:PrincipalIsAWSService": "true"}}))
    assert exposed(given).exposures == ()
    one = only(exposed(given, services=True))
    assert (one.principal_kind, one.principal, one.source) == ("service", "any AWS service", "anyone")


def test_whom_a_denial_of_everybody_else_spares() -> None:
    spared = {"Effect": "Deny", "NotPrincipal": THEM, "Action": "sqs:*", "Resource": QUEUE}
    one = only(exposed(laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE), spared)))
    assert (one.principal, one.state) == (f"arn:aws:iam::{X}:root", State.ALLOWED)


def test_whom_a_denial_of_everybody_else_spares_comes_in_by_its_account() -> None:
    eve = f"arn:aws:iam::{X}:user/eve"
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": [eve, eve.replace(X, "888888888888")]}, "Action": "sqs:*"}
    one = only(exposed(laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE), {**spared, "Resource": QUEUE})))
    assert (one.principal, one.state, one.permissions) == (eve, State.ALLOWED, ("sqs:SendMessage",))


def test_a_role_that_trusts_everybody_lets_somebody_of_any_account_in_and_nobody_without_keys() -> None:
    found = exposed(roles((ROLE, document(trust("*")))))
    assert told(found) == [("any_account", "any AWS account", "ALLOWED", ("sts:AssumeRole",))]
    by_token = exposed(roles((ROLE, document(trust("*", "sts:AssumeRoleWithWebIdentity")))))
    assert ("everyone", "*", "ALLOWED", ("sts:AssumeRoleWithWebIdentity",)) in told(by_token)


@pytest.mark.parametrize("action", ["sts:*", ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], "*"])
def test_an_identity_provider_that_is_let_in_to_everything_comes_in_by_its_token(action: Any) -> None:
    """Requests with a token are not signed: that others, which a statement names with them, must be says nothing."""
    provider = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
    found = exposed(roles((ROLE, document(trust({"Federated": provider}, action)))))
    (one,) = [one for one in found.exposures if one.principal == provider]
    assert one.state.value == "ALLOWED"
    assert "sts:AssumeRoleWithWebIdentity" in one.permissions and "sts:AssumeRole" not in one.permissions


def test_a_key_for_everybody_is_used_by_those_who_sign() -> None:
    found = exposed(laid(KEY, allow("*", "kms:Decrypt")))
    assert told(found) == [("any_account", "any AWS account", "ALLOWED", ("kms:Decrypt",))]


# --- conditions that keep everybody outside away

KEPT_OUT: list[Json] = [
    {"StringEquals": {"aws:PrincipalOrgID": ORG}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORG}/r-1/ou-1/*"}},
    {"StringEquals": {"aws:PrincipalAccount": A}},
    {"StringEquals": {"AWS:PRINCIPALACCOUNT": [A]}},
    {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/*"}},
    {"ArnEquals": {"aws:PrincipalArn": ROLE}},
    {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:*"}},
    {"StringEquals": {"aws:SourceAccount": A}},
    {"StringEquals": {"AWS:SourceOwner": A}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{A}:*"}},
    {"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{A}:news"}},
    {"ArnEquals": {"aws:SourceArn": BUCKET}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:data"}},
    {"StringEquals": {"aws:SourceOrgID": ORG}},
    {"StringLike": {"aws:userid": "AROA00000000000000000:*"}},
    {"StringEquals": {"aws:userid": A}},
]
STILL_IN: list[tuple[Json, str]] = [
    ({"StringLike": {"aws:PrincipalOrgID": "o-a1b2*"}}, "StringLike aws:PrincipalOrgID = o-a1b2*"),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}}, "StringEquals aws:PrincipalOrgID = o-zzzzzzzzzz"),
    ({"StringEquals": {"aws:PrincipalOrgID": [ORG, "o-zzzzzzzzzz"]}},
     f"StringEquals aws:PrincipalOrgID = {ORG}, o-zzzzzzzzzz"),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-zzzzzzzzzz/*"}},
     "ForAnyValue:StringLike aws:PrincipalOrgPaths = o-zzzzzzzzzz/*"),
    ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}},
     "ArnLike aws:PrincipalArn = arn:aws:iam::*:role/app"),
    ({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::theirs"}}, "ArnEquals aws:SourceArn = arn:aws:s3:::theirs"),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:news"}}, "ArnLike aws:SourceArn = arn:aws:sns:*:*:news"),
    # A wildcard of StringLike spans the account: a name of somebody else may hold our number.
    ({"StringLike": {"aws:SourceArn": f"arn:aws:logs:*:{A}:*"}}, f"StringLike aws:SourceArn = arn:aws:logs:*:{A}:*"),
    ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "IpAddress aws:SourceIp = 192.0.2.0/24"),
    ({"StringLike": {"aws:userid": "AROAX:*"}}, "StringLike aws:userid = AROAX:*"),
]  # fmt: skip
BESIDE = laid(BUCKET, allow({"AWS": ROLE}, "s3:GetObject", f"{BUCKET}/*"))


@pytest.mark.parametrize("condition", KEPT_OUT, ids=str)
def test_conditions_that_only_insiders_meet(condition: Json) -> None:
    found = exposed(BESIDE, laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE, condition)), inside=MEMBERS, services=True)
    assert [one for one in found.exposures if one.source != "inside"] == []


@pytest.mark.parametrize(("condition", "left"), STILL_IN, ids=str)
def test_conditions_that_outsiders_can_meet(condition: Json, left: str) -> None:
    found = exposed(BESIDE, laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE, condition)), inside=MEMBERS)
    assert found.exposures
    for one in found.exposures:
        assert (one.state, spoken(one)) == (State.CONDITIONAL, [[left]])


@pytest.mark.parametrize("condition", KEPT_OUT[:5], ids=str)
def test_denials_of_insiders_alone_change_nothing(condition: Json) -> None:
    deny = allow("*", "sqs:*", QUEUE, condition, Effect="Deny")
    one = only(exposed(laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE), deny), inside=MEMBERS))
    assert (one.state, one.residual) == (State.ALLOWED, ())


def test_an_organization_that_is_not_known_to_be_ours_stays_in_the_condition() -> None:
    found = exposed(laid(QUEUE, allow("*", "sqs:SendMessage", QUEUE, {"StringEquals": {"aws:PrincipalOrgID": ORG}})))
    assert {one.state for one in found.exposures} == {State.CONDITIONAL}


def test_what_is_left_of_a_condition_is_only_what_outsiders_need() -> None:
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": ORG}, "Bool": {"aws:SecureTransport": "true"}}
    one = only(exposed(laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE, condition)), inside=MEMBERS))
    assert spoken(one) == [["Bool aws:SecureTransport = true"]]


def test_a_denial_for_all_outside_the_organization_keeps_them_out() -> None:
    deny = allow(
        "*", "s3:*", [BUCKET, f"{BUCKET}/*"], {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}}, Effect="Deny"
    )
    given = laid(BUCKET, allow("*", "s3:GetObject", f"{BUCKET}/*"), deny)
    assert exposed(given, inside=MEMBERS).exposures == ()


# --- S3

ACL = {
    "kind": "s3api.get-bucket-acl", "account": A, "subject": "data",
    "body": {"Owner": {"ID": OURS}, "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": OURS}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "CanonicalUser", "ID": CANONICAL}, "Permission": "WRITE"},
        {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
         "Permission": "READ_ACP"},
        {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
         "Permission": "WRITE_ACP"},
    ]},
}  # fmt: skip
WITHOUT_POLICY = {"kind": "resource_policy", "body": {"resource": BUCKET, "account": A, "policy": None}}


def test_access_lists() -> None:
    found = exposed(WITHOUT_POLICY, ACL)
    people = [one for one in told(found) if one[0] != "service"]
    assert people == [
        ("any_account", "any AWS account", "ALLOWED", ("s3:PutBucketAcl",)),
        ("canonical_user", CANONICAL, "ALLOWED", ("s3:PutObject",)),
        ("everyone", "*", "ALLOWED", ("s3:GetBucketAcl",)),
    ]


def test_ignored_access_lists_leave_canonical_users() -> None:
    block = {"kind": "public_access_block", "body": {"Bucket": "data", "IgnorePublicAcls": True}}
    assert told(exposed(WITHOUT_POLICY, ACL, block)) == [("canonical_user", CANONICAL, "ALLOWED", ("s3:PutObject",))]


def test_access_lists_without_effect_let_nobody_in() -> None:
    owned = {
        "kind": "s3api.get-bucket-ownership-controls", "account": A, "subject": "data",
        "body": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    }  # fmt: skip
    assert exposed(WITHOUT_POLICY, ACL, owned).exposures == ()


def test_a_public_access_block_keeps_a_public_policy_to_ourselves() -> None:
    policy = laid(BUCKET, allow("*", "s3:GetObject", f"{BUCKET}/*"))
    block = {"kind": "public_access_block", "body": {"Bucket": "data", "RestrictPublicBuckets": True}}
    assert [one.principal_kind for one in exposed(policy).exposures] == ["everyone"]
    assert [one.principal_kind for one in exposed(policy, block).exposures if one.principal_kind != "service"] == []


def test_parts_of_a_bucket_are_told_apart() -> None:
    found = exposed(
        laid(
            BUCKET,
            allow(THEM, "s3:GetObject", [f"{BUCKET}/public/*", f"{BUCKET}/shared/*"]),
            allow(THEM, "s3:GetObject", f"{BUCKET}/*", {"Bool": {"aws:SecureTransport": "true"}}),
            allow(THEM, "s3:PutObject", f"{BUCKET}/in/*"),
            allow(THEM, "s3:*", f"{BUCKET}/in/secret/*", Effect="Deny"),
        )
    )
    parts = {(one.permissions, one.resources, one.exceptions, one.state) for one in found.exposures}
    assert (("s3:PutObject",), (f"{BUCKET}/in/*",), (f"{BUCKET}/in/secret/*",), State.ALLOWED) in parts
    sure = (f"{BUCKET}/public/*", f"{BUCKET}/shared/*")
    assert (("s3:GetObject",), sure, (f"{BUCKET}/in/secret/*",), State.ALLOWED) in parts or (
        ("s3:GetObject",), sure, (), State.ALLOWED
    ) in parts  # fmt: skip
    assert any(state is State.CONDITIONAL and resources == (f"{BUCKET}/*",) for _, resources, _, state in parts)


def door(policy: Json | None, bucket: Json | None) -> tuple[Json, ...]:
    body = {"AccessPointArn": POINT, "Name": "door", "Bucket": "data", "Policy": policy}
    given = {"kind": "resource_policy", "body": {"resource": BUCKET, "account": A, "policy": bucket}}
    return given, {"kind": "access_point", "body": body}


INTO = allow(THEM, "s3:GetObject", f"{POINT}/object/*")


def test_an_access_point_needs_its_bucket() -> None:
    behind = allow("*", "s3:*", [BUCKET, f"{BUCKET}/*"], {"StringEquals": {"s3:DataAccessPointAccount": A}})
    both = [one for one in exposed(*door(document(INTO), document(behind))).exposures if one.resource == POINT]
    (one,) = both
    assert (one.permissions, one.resources, one.state) == (("s3:GetObject",), (f"{POINT}/object/*",), State.ALLOWED)
    alone = exposed(*door(document(INTO), None))
    assert [one for one in alone.exposures if one.resource == POINT] == []


def test_objects_behind_an_access_point_that_differ_are_told_apart() -> None:
    behind = allow("*", "s3:GetObject", f"{BUCKET}/public/*")
    found = exposed(*door(document(INTO), document(behind)))
    (one,) = [one for one in found.exposures if one.resource == POINT]
    assert (one.resources, one.state) == ((f"{POINT}/object/public/*",), State.ALLOWED)


# --- KMS, Lambda, services


def test_a_grant_on_a_key_lets_in() -> None:
    grant = {"kind": "kms_grant", "body": {"KeyId": KEY, "GranteePrincipal": f"arn:aws:iam::{X}:role/spy",
                                           "Operations": ["Decrypt"], "IssuingAccount": A}}  # fmt: skip
    one = only(exposed(laid(KEY, allow({"AWS": f"arn:aws:iam::{A}:root"}, "kms:*")), grant))
    assert (one.principal, one.permissions, one.state) == (
        f"arn:aws:iam::{X}:role/spy",
        ("kms:Decrypt",),
        State.ALLOWED,
    )
    assert one.reasons[0].layer == "grant"


def test_a_key_for_callers_of_our_account_by_a_service_is_not_exposed() -> None:
    condition = {"StringEquals": {"kms:CallerAccount": A, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    assert exposed(laid(KEY, allow("*", "kms:Decrypt", "*", condition))).exposures == ()


def test_the_url_of_a_function_is_open_where_it_asks_for_no_sign_in() -> None:
    url = allow("*", "lambda:InvokeFunctionUrl", FUNCTION, {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}})
    found = [one for one in exposed(laid(FUNCTION, url)).exposures if one.principal_kind == "everyone"]
    (one,) = found
    assert (one.permissions, one.state) == (("lambda:InvokeFunctionUrl",), State.CONDITIONAL)
    assert spoken(one) == [["StringEquals lambda:FunctionUrlAuthType = NONE"]]


def test_versions_of_a_function_have_policies_of_their_own() -> None:
    one = only(exposed(laid(FUNCTION, allow(THEM, "lambda:InvokeFunction", f"{FUNCTION}:live"))))
    assert (one.resources, one.state) == ((f"{FUNCTION}:*",), State.UNKNOWN)
    assert one.missing == (f"policy of {FUNCTION}:*: not read",)


SNS = {"Service": "sns.amazonaws.com"}
OF_OURS = {"StringEquals": {"aws:SourceAccount": A}}


def test_services_that_act_for_anybody_are_told() -> None:
    one = only(exposed(laid(QUEUE, allow(SNS, "sqs:SendMessage", QUEUE))))
    assert (one.principal_kind, one.source, one.state) == ("service", "anyone", State.ALLOWED)


def test_services_that_act_for_us_are_told_when_asked_for() -> None:
    given = laid(QUEUE, allow(SNS, "sqs:SendMessage", QUEUE, OF_OURS))
    assert exposed(given).exposures == ()
    one = only(exposed(given, services=True))
    assert (one.source, spoken(one)) == ("inside", [[f"StringEquals aws:SourceAccount = {A}"]])


def test_services_that_use_a_role_are_told_when_asked_for() -> None:
    given = roles((ROLE, document(trust({"Service": "lambda.amazonaws.com"}))))
    assert exposed(given).exposures == ()
    assert told(exposed(given, services=True)) == [("service", "lambda.amazonaws.com", "ALLOWED", ("sts:AssumeRole",))]


# --- roles


def web(subject: Any, operator: str = "StringLike") -> Json:
    host = "token.actions.githubusercontent.com"
    return {"StringEquals": {f"{host}:aud": "sts.amazonaws.com"}} | (
        {operator: {f"{host}:sub": subject}} if subject else {}
    )


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        (web("repo:ours/site:*"), ("repo:ours/site:*",)),
        (web(["repo:ours/a:*", "repo:ours/b:*"]), ("repo:ours/a:*", "repo:ours/b:*")),
        (web(None), ()),
        (web("repo:bad/*", "StringNotLike"), ()),
    ],
    ids=str,
)
def test_an_identity_provider_comes_with_the_subjects_that_it_lets_in(
    condition: Json, subjects: tuple[str, ...]
) -> None:
    one = only(
        exposed(roles((ROLE, document(trust({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity", condition)))))
    )
    assert (one.principal_kind, one.principal, one.state) == ("federated", GITHUB, State.CONDITIONAL)
    assert one.subjects == subjects


def test_people_of_a_directory_come_by_saml() -> None:
    condition = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    one = only(exposed(roles((ROLE, document(trust({"Federated": CORP}, "sts:AssumeRoleWithSAML", condition))))))
    assert (one.principal, one.permissions, one.subjects) == (CORP, ("sts:AssumeRoleWithSAML",), ())


def test_roles_of_identity_center_are_inside() -> None:
    role = f"arn:aws:iam::{A}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"
    provider = {"Federated": f"arn:aws:iam::{A}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"}
    trusts = document(trust(provider, ["sts:AssumeRoleWithSAML", "sts:TagSession"]))
    assert exposed(roles((role, trusts))).exposures == ()
    assert [one.resource for one in exposed(roles((role, trusts), (ROLE, trusts))).exposures] == [ROLE]


def test_equal_trust_policies_are_told_of_every_role() -> None:
    others = [f"arn:aws:iam::{A}:role/team/{name}" for name in ("a", "b", "c")]
    trusts = document(trust(THEM, condition={"StringEquals": {"sts:ExternalId": "x"}}))
    found = exposed(roles(*((one, trusts) for one in (ROLE, *others))))
    assert [one.resource for one in found.exposures] == [ROLE, *others]
    for one in found.exposures:
        assert one.resources == (one.resource,) and [reason.source for reason in one.reasons] == [one.resource]


def test_a_trust_policy_is_about_becoming_the_role_alone() -> None:
    wide = {"Effect": "Allow", "Principal": THEM, "NotAction": "sts:*"}
    assert exposed(roles((ROLE, document(wide)))).exposures == ()
    wider = {"Effect": "Allow", "Principal": THEM, "NotAction": "sts:TagSession"}
    one = only(exposed(roles((ROLE, document(wider)))))
    assert "sts:AssumeRole" in only(exposed(roles((ROLE, document(trust(THEM, "*")))))).permissions
    assert "sts:AssumeRole" in one.permissions and all(name.startswith("sts:") for name in one.permissions)


def guarded(statement: Json) -> list[Json]:
    units: list[Json] = []
    about = {"id": ORG, "management_account": "222222222222", "units": units,
             "accounts": [{"id": A, "parent": "r-root"}, {"id": "222222222222", "parent": "r-root"}]}  # fmt: skip
    rcp = {"id": "p-rcp", "targets": ["r-root"], "policy": document(statement)}
    return [{"kind": "organization", "body": about}, {"kind": "rcp", "body": rcp}]


def test_a_resource_control_policy_keeps_out_those_outside_the_organization() -> None:
    perimeter = allow("*", ["s3:*", "sts:AssumeRole"], "*", {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORG}},
                      Effect="Deny")  # fmt: skip
    given = [roles((ROLE, document(trust(THEM)))), laid(BUCKET, allow(THEM, "s3:GetObject", f"{BUCKET}/*"))]
    assert len(exposed(*given, inside=MEMBERS).exposures) == 2
    assert exposed(*given, *guarded(perimeter), inside=MEMBERS).exposures == ()


def test_a_resource_control_policy_of_some_roles_tells_equal_trusts_apart() -> None:
    other = f"arn:aws:iam::{A}:role/team/a"
    trusts = document(trust(THEM))
    closed = allow("*", "sts:AssumeRole", f"arn:aws:iam::{A}:role/team/*", Effect="Deny")
    found = exposed(roles((ROLE, trusts), (other, trusts)), *guarded(closed), inside=MEMBERS)
    assert [one.resource for one in found.exposures] == [ROLE]


# --- what was not read, and modes


def test_what_was_not_read_is_listed_apart() -> None:
    asked = {"kind": "sqs.list-queues", "account": A, "region": "eu-west-1",
             "body": {"QueueUrls": [f"https://sqs.eu-west-1.amazonaws.com/{A}/jobs"]}}  # fmt: skip
    found = exposed(asked)
    assert found.exposures == ()


def test_guardrails_that_were_not_read_leave_it_unknown() -> None:
    arrays = estate_of({"documents": [OWN, laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE))]}).estate.arrays
    arrays.facts["coverage"] = {}
    one = only(AwsPort(arrays).exposed(ALONE, Circumstances()))
    assert one.state is State.UNKNOWN and "resource control policies" in one.missing[0]


def test_strict_takes_what_is_not_given_for_absent() -> None:
    given = laid(QUEUE, allow(THEM, "sqs:SendMessage", QUEUE, {"Bool": {"aws:SecureTransport": "true"}}))
    assert only(exposed(given)).state is State.CONDITIONAL
    assert exposed(given, strict=True).exposures == ()


def test_permissions_are_those_about_the_resource() -> None:
    one = only(exposed(laid(QUEUE, allow(THEM, "sqs:*", QUEUE))))
    assert "sqs:SendMessage" in one.permissions and "sqs:ListQueues" not in one.permissions
    assert all(name.startswith("sqs:") for name in one.permissions)


def test_an_action_newer_than_the_catalogue_is_told() -> None:
    one = only(exposed(laid(QUEUE, allow(THEM, "sqs:TeleportMessage", QUEUE))))
    assert one.permissions == ("sqs:teleportmessage",)


def test_what_is_denied_is_not_exposed() -> None:
    deny = allow(THEM, "sqs:SendMessage", QUEUE, Effect="Deny")
    one = only(exposed(laid(QUEUE, allow(THEM, ["sqs:SendMessage", "sqs:ReceiveMessage"], QUEUE), deny)))
    assert one.permissions == ("sqs:ReceiveMessage",)


def test_lists_of_objects_that_were_not_read_are_told() -> None:
    port = AwsPort(estate_of({"documents": [OWN, WITHOUT_POLICY]}).estate.arrays, {A})
    (one,) = port.exposed(ALONE, Circumstances()).unread
    assert one.resource == BUCKET and any("access lists of objects" in text for text in one.missing)


def test_tags_of_roles_tell_equal_trust_policies_apart() -> None:
    other = f"arn:aws:iam::{A}:role/other"
    trusts = document(trust(THEM, condition={"StringEquals": {"aws:ResourceTag/open": "yes"}}))
    given = roles((ROLE, trusts), (other, trusts))
    given["body"]["RoleDetailList"][1]["Tags"] = [{"Key": "open", "Value": "yes"}]
    assert [(one.resource, one.state) for one in exposed(given).exposures] == [(other, State.ALLOWED)]


# --- conditions that need no solver

PLAIN: list[tuple[Json, bool]] = [
    ({"StringEquals": {"sts:ExternalId": "x"}}, True),
    ({"StringEquals": {"sts:ExternalId": "x"}, "StringLike": {"sts:RoleSessionName": ["a*", "b"]}}, True),
    ({"StringLike": {"sts:ExternalId": "*"}}, False),
    ({"StringLike": {"sts:ExternalId": "*x"}}, False),
    ({"StringEquals": {"sts:ExternalId": ""}}, False),
    ({"StringEquals": {"sts:ExternalId": "x"}, "StringLike": {"sts:ExternalId": "x*"}}, False),
    ({"StringNotEquals": {"sts:ExternalId": "x"}}, False),
    ({"StringEqualsIfExists": {"sts:ExternalId": "x"}}, False),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}, False),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False),
    ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{X}:role/*"}}, False),
]


@pytest.mark.parametrize(("condition", "plain"), PLAIN, ids=str)
def test_only_plain_conditions_need_no_solver(condition: Json, plain: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    before = admitted.plainly

    def watched(formula: Formula, facts: Facts) -> tuple[Needed, ...] | None:
        found = before(formula, facts)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(admitted, "plainly", watched)
    quick = exposed(roles((ROLE, document(trust(THEM, condition=condition)))))
    assert plain in seen or not (seen or plain)
    assert not any(seen) or plain
    monkeypatch.setattr(admitted, "plainly", lambda *_: None)
    assert exposed(roles((ROLE, document(trust(THEM, condition=condition))))) == quick
