"""Without a word which key or role is meant, the known ones count: whom one lets in can, in every direction."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to

HERE = "arn:aws:iam::111111111111:"
ADA, BOB, APP = f"{HERE}user/ada", f"{HERE}user/bob", f"{HERE}role/app"
STRANGER, PROVIDER = "arn:aws:iam::999999999999:root", "login of the factory"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALLOWED, DENIED, CONDITIONAL, UNKNOWN = State.ALLOWED, State.DENIED, State.CONDITIONAL, State.UNKNOWN


def allow(principal: object, action: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def port(trust: list[Any], key: list[Any] | None) -> AwsPort:
    """Ada may use any key and assume any role, as far as it lies with her; Bob has no policy."""
    whole = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["kms:*", "sts:*"], "Resource": "*"}]}
    own = {ADA: [{"PolicyName": "all", "PolicyDocument": whole}], BOB: []}
    users = [
        {
            "Arn": arn, "UserName": arn[-3:], "UserId": f"AIDA{arn[-3:].upper()}XXXXXXXXXXXX", "Path": "/",
            "UserPolicyList": held,
        }
        for arn, held in own.items()
    ]  # fmt: skip
    role = {
        "Arn": APP, "RoleName": "app", "RoleId": "AROAAPPXXXXXXXXXXXXXX", "Path": "/", "RolePolicyList": [],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
    }  # fmt: skip
    body = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}
    documents: list[dict[str, Any]] = [{"kind": "account_authorization_details", "body": body}]
    if key is not None:
        policy = {"Version": "2012-10-17", "Statement": key}
        documents.append(
            {"kind": "resource_policy", "body": {"resource": KEY, "account": "111111111111", "policy": policy}}
        )
    return AwsPort(access_to(collected(documents)).estate.arrays, ("111111111111",))


NOBODY = [allow({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole")]
CASES = {
    "a role that names a user": (
        [allow({"AWS": BOB}, "sts:AssumeRole")], None, "sts:AssumeRole", {ADA: UNKNOWN, BOB: ALLOWED},
    ),
    "a role that trusts the account": (
        [allow({"AWS": f"{HERE}root"}, "sts:AssumeRole")], None, "sts:AssumeRole", {ADA: ALLOWED, BOB: DENIED},
    ),
    "a role that trusts a service": (NOBODY, None, "sts:AssumeRole", {ADA: UNKNOWN, BOB: DENIED}),
    "a role under a condition": (
        [allow({"AWS": BOB}, "sts:AssumeRole", Condition={"StringEquals": {"sts:ExternalId": "x"}})], None,
        "sts:AssumeRole", {ADA: UNKNOWN, BOB: CONDITIONAL},
    ),
    "a role for an account outside": (
        [allow({"AWS": STRANGER}, "sts:AssumeRole")], None, "sts:AssumeRole",
        {ADA: UNKNOWN, BOB: DENIED, STRANGER: ALLOWED},
    ),
    "a key that names a user": (
        NOBODY, [allow({"AWS": BOB}, "kms:Decrypt", Resource="*")], "kms:Decrypt", {ADA: UNKNOWN, BOB: ALLOWED},
    ),
    "a key of the account": (
        NOBODY, [allow({"AWS": f"{HERE}root"}, "kms:*", Resource="*")], "kms:Decrypt", {ADA: ALLOWED, BOB: DENIED},
    ),
    "no key": (NOBODY, None, "kms:Decrypt", {ADA: UNKNOWN, BOB: DENIED}),
}  # fmt: skip


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_every_direction(case: str, strict: bool) -> None:
    trust, key, action, wanted = CASES[case]
    if strict and CONDITIONAL in wanted.values():
        wanted = {who: DENIED if state is CONDITIONAL else state for who, state in wanted.items()}
    asked, given = port(trust, key), Circumstances(strict=strict)
    listed = {one.principal: one.state for one in asked.who_can(action, None, given).holders}
    for who, state in wanted.items():
        assert asked.can(who, action, None, given).state is state, who
        assert listed.get(who, DENIED) is state, who
    for who in (ADA, BOB):
        # What lets a whole account in is in the general cube, which awaits the resource; `reach` tells it one by one.
        cubes = {one.state for one in asked.what_can(who, None, given) if action in one.permissions}
        assert cubes if wanted[who] is not DENIED else not cubes
        reached = {one.state for one in asked.reach(who, action, given).resources}
        assert (wanted[who] in reached) if wanted[who] in (ALLOWED, CONDITIONAL) else ALLOWED not in reached


def test_a_provider_whose_name_is_no_arn_is_listed() -> None:
    asked = port([allow({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML")], None)
    holders = asked.who_can("sts:AssumeRoleWithSAML", None, Circumstances()).holders
    assert PROVIDER in {one.principal for one in holders}
