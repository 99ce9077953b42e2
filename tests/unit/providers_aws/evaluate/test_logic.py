"""Who must allow: the tables of the pages on evaluation within an account, across accounts, and of single services.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from typing import Any

import pytest
from evaluate_support import (
    HERE,
    ROLE,
    SESSION,
    THERE,
    USER,
    allow,
    answer,
    deny,
    document,
    explained,
    powerset,
    request,
)

from leastwise.providers.aws.evaluate.principals import Principal

ALLOWS, OTHER, DENIES = document(allow()), document(allow("ec2:*")), document(allow(), deny("s3:*"))
ROOT = f"arn:aws:iam::{HERE}:root"
FOREIGN = f"arn:aws:iam::{THERE}:user/bo"
KEY = f"arn:aws:kms:eu-west-1:{HERE}:key/1"
TRUSTED = f"arn:aws:iam::{HERE}:role/target"


def bucket(principal: Any, **more: Any) -> Any:
    return document(allow(Principal=principal, **more))


def aws(name: str) -> dict[str, str]:
    return {"AWS": name}


LIMITS: dict[str, tuple[Any, Any, Any]] = {
    "boundaries": ([ALLOWS], [OTHER], [DENIES]),
    "session": ([ALLOWS], [OTHER], [DENIES]),
    "scps": ([[ALLOWS], [ALLOWS]], [[ALLOWS], [OTHER]], [[ALLOWS], [DENIES]]),
    "rcps": ([[ALLOWS]], [[OTHER]], [[DENIES]]),
    "endpoint": ([ALLOWS], [OTHER], [DENIES]),
}


@pytest.mark.parametrize("silent", list(powerset(list(LIMITS))), ids=lambda names: "+".join(names) or "none")
def test_every_layer_that_is_set_must_allow(silent: tuple[str, ...]) -> None:
    layers = {name: LIMITS[name][name in silent] for name in LIMITS}
    assert answer(request(), identity=[ALLOWS], **layers) == ("denied" if silent else "allowed")


@pytest.mark.parametrize("layer", LIMITS)
def test_a_denial_of_any_layer_decides(layer: str) -> None:
    assert answer(request(), identity=[ALLOWS], **{layer: LIMITS[layer][2]}) == "refused"
    found = explained(request(), identity=[ALLOWS], **{layer: LIMITS[layer][2]})
    assert [reason.effect for reason in found.deciding] == ["denies"]
    # What allows in vain is told last.
    assert [reason.effect for reason in found.reasons] == ["denies", "allows"]


@pytest.mark.parametrize("layer", LIMITS)
def test_a_layer_that_is_set_and_empty_allows_nothing(layer: str) -> None:
    empty = [[]] if layer in ("scps", "rcps") else []
    assert answer(request(), identity=[ALLOWS], **{layer: empty}) == ("allowed" if layer == "boundaries" else "denied")


# principal, how the bucket's policy names it, and the answer within the account: with nothing else, and with a
# boundary and a session policy that do not allow.
SAME = [
    (USER, aws(USER), "allowed", "allowed"),
    (USER, "*", "allowed", "allowed"),
    (USER, aws("*"), "allowed", "allowed"),
    (USER, aws(ROOT), "denied", "denied"),
    (USER, aws(HERE), "denied", "denied"),
    (USER, aws(f"arn:aws:iam::{HERE}:user/bo"), "denied", "denied"),
    (USER, aws(f"arn:aws:iam::{HERE}:user/*"), "denied", "denied"),
    (ROLE, aws(ROLE), "allowed", "denied"),
    (SESSION, aws(ROLE), "allowed", "denied"),
    (SESSION, aws(SESSION), "allowed", "allowed"),
    (SESSION, aws(SESSION + "x"), "denied", "denied"),
    (SESSION, aws(ROOT), "denied", "denied"),
    (f"arn:aws:sts::{HERE}:federated-user/f", aws(f"arn:aws:sts::{HERE}:federated-user/f"), "allowed", "allowed"),
    (USER, {"Service": "ec2.amazonaws.com"}, "denied", "denied"),
    (USER, {"Federated": "accounts.google.com"}, "denied", "denied"),
    (USER, {"CanonicalUser": "abc"}, "denied", "denied"),
    (ROOT, aws(f"arn:aws:iam::{HERE}:user/bo"), "allowed", "denied"),
]


@pytest.mark.parametrize(("principal", "named", "alone", "limited"), SAME)
def test_within_the_account(principal: str, named: Any, alone: str, limited: str) -> None:
    assert answer(request(principal), resource=bucket(named)) == alone
    assert answer(request(principal), resource=bucket(named), boundaries=[OTHER], session=[OTHER]) == limited
    if principal != ROOT:
        assert answer(request(principal), identity=[ALLOWS], resource=bucket(named)) == "allowed"


@pytest.mark.parametrize("named", [aws(FOREIGN), aws(THERE), aws(f"arn:aws:iam::{THERE}:root"), "*"])
def test_across_accounts_both_sides_must_allow(named: Any) -> None:
    asked = request(FOREIGN)
    assert answer(asked, identity=[ALLOWS], resource=bucket(named)) == "allowed"
    assert answer(asked, resource=bucket(named)) == "denied"
    assert answer(asked, identity=[ALLOWS]) == "denied"
    assert answer(asked, identity=[ALLOWS], resource=bucket(named), boundaries=[OTHER]) == "denied"
    assert answer(asked, identity=[ALLOWS], resource=bucket(aws(USER))) == "denied"


@pytest.mark.parametrize(
    ("action", "resource"),
    [("kms:Decrypt", KEY), ("sts:AssumeRole", TRUSTED), ("sts:TagSession", TRUSTED)],
)
def test_keys_and_trusts_always_take_part(action: str, resource: str) -> None:
    asked = request(USER, action, resource)
    assert answer(asked, identity=[ALLOWS]) == "denied"
    assert answer(asked, identity=[ALLOWS], resource=bucket(aws(ROOT))) == "allowed"
    assert answer(asked, resource=bucket(aws(ROOT))) == "denied"
    assert answer(asked, resource=bucket(aws(USER))) == "allowed"
    assert answer(request(FOREIGN, action, resource), resource=bucket(aws(FOREIGN))) == "denied"
    assert answer(request(FOREIGN, action, resource), identity=[ALLOWS], resource=bucket(aws(FOREIGN))) == "allowed"


ANONYMOUS, SERVICE = Principal("anonymous", ""), Principal("service", "sns.amazonaws.com")
FEDERATED = Principal("federated", "accounts.google.com")
OUTSIDE = [
    (ANONYMOUS, "*", "allowed"), (ANONYMOUS, aws("*"), "allowed"), (ANONYMOUS, aws(HERE), "denied"),
    (SERVICE, {"Service": "sns.amazonaws.com"}, "allowed"),
    (SERVICE, {"Service": ["a", "sns.amazonaws.com"]}, "allowed"),
    (SERVICE, {"Service": "sqs.amazonaws.com"}, "denied"), (SERVICE, "*", "allowed"), (SERVICE, aws(HERE), "denied"),
    (FEDERATED, {"Federated": "accounts.google.com"}, "allowed"), (FEDERATED, {"Federated": "other"}, "denied"),
]  # fmt: skip


@pytest.mark.parametrize(("principal", "named", "expected"), OUTSIDE)
def test_those_of_no_account_need_the_resource_alone(principal: Principal, named: Any, expected: str) -> None:
    asked = request(principal)
    assert answer(asked, resource=bucket(named), scps=[[OTHER]]) == expected
    assert answer(asked, resource=bucket(named), rcps=[[OTHER]]) == "denied"
    assert answer(asked, identity=[ALLOWS]) == "denied"
    blamed = {reason.layer for reason in explained(asked, resource=bucket(aws(HERE))).reasons}
    assert "identity" not in blamed


NOT_PRINCIPAL = [
    ("Allow", USER, aws(USER), "denied"), ("Allow", USER, aws(FOREIGN), "allowed"),
    ("Allow", USER, aws(ROOT), "denied"),
    ("Deny", USER, aws(USER), "allowed"), ("Deny", USER, aws(FOREIGN), "refused"),
    ("Deny", SESSION, aws(ROLE), "allowed"),
    ("Deny", USER, aws(HERE), "allowed"), ("Deny", USER, "*", "allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("effect", "principal", "listed", "expected"), NOT_PRINCIPAL)
def test_not_principal(effect: str, principal: str, listed: Any, expected: str) -> None:
    policy = document({"Effect": effect, "Action": "*", "Resource": "*", "NotPrincipal": listed})
    own = [ALLOWS] if effect == "Deny" else []
    assert answer(request(principal), identity=own, resource=policy) == expected
    if effect == "Deny":
        assert answer(request(principal), identity=own, resource=policy, boundaries=[ALLOWS]) == "refused"


def test_a_role_stands_for_some_session_of_it() -> None:
    named = bucket(aws(SESSION))
    assert answer(request(ROLE, strict=False), resource=named) == "depends"
    assert answer(request(ROLE), resource=named) == "denied"
    assert answer(request(SESSION), resource=named) == "allowed"


@pytest.mark.parametrize(
    ("principal", "limited"),
    [(f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/R", False), (ROLE, True), (USER, True), (ROOT, True)],
)
def test_guardrails_spare_service_linked_roles_alone(principal: str, limited: bool) -> None:
    for layer in ("scps", "rcps"):
        found = answer(request(principal), identity=[ALLOWS], **{layer: [[DENIES]]})
        assert found == ("refused" if limited else "allowed")


RESERVED = f"arn:aws:iam::{HERE}:role/aws-reserved/sso.amazonaws.com/R"
LINKED = f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/R"
FIXED = [
    ("sts:GetCallerIdentity", "*", [], "allowed"), ("sts:getcalleridentity", "*", [document(deny())], "allowed"),
    ("iam:DeleteRole", RESERVED, [ALLOWS], "denied"), ("iam:GetRole", RESERVED, [ALLOWS], "allowed"),
    ("iam:ListRolePolicies", RESERVED, [ALLOWS], "allowed"),
    ("iam:PutRolePolicy", LINKED, [ALLOWS], "denied"), ("iam:UpdateAssumeRolePolicy", LINKED, [ALLOWS], "denied"),
    ("iam:AttachRolePolicy", LINKED, [ALLOWS], "denied"), ("iam:PassRole", LINKED, [ALLOWS], "allowed"),
    ("iam:DeleteServiceLinkedRole", LINKED, [ALLOWS], "allowed"),
    ("iam:DeletePolicy", "arn:aws:iam::aws:policy/A", [ALLOWS], "denied"),
    ("iam:GetPolicy", "arn:aws:iam::aws:policy/A", [ALLOWS], "allowed"),
    ("iam:AttachRolePolicy", ROLE, [ALLOWS], "allowed"),
    ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{HERE}:alias/aws/s3", [ALLOWS], "denied"),
    ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{HERE}:alias/mine", [ALLOWS], "allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "resource", "identity", "expected"), FIXED)
def test_rules_of_services(action: str, resource: str, identity: list[Any], expected: str) -> None:
    assert answer(request(USER, action, resource), identity=identity) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [(USER, "allowed"), (FOREIGN, "refused"), (ANONYMOUS, "refused"), (SERVICE, "allowed")],
)
def test_public_policies_are_cut_back_where_the_bucket_says_so(principal: Any, expected: str) -> None:
    policies: dict[str, Any] = {"identity": [ALLOWS], "resource": bucket("*"), "public": True}
    assert answer(request(principal), **policies) == "allowed"
    assert answer(request(principal), **policies, blocks_public=True) == expected
    if expected == "refused":
        assert explained(request(principal), **policies, blocks_public=True).reasons[0].layer == "service"
    assert answer(request(principal), identity=[ALLOWS], resource=bucket("*"), blocks_public=True) == "allowed"
