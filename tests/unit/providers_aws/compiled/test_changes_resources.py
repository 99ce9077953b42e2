"""A diff tells what changes when a resource decides otherwise: by settings, guardrails, or what it leads to."""

from __future__ import annotations

import pytest
from two_estates import (
    BUCKET,
    KEY,
    OBJECT,
    ORG,
    OUT,
    POINT,
    A,
    B,
    Json,
    allow,
    by,
    changes,
    check,
    deny,
    estate,
    guard,
    laid,
    organization,
    people,
    restricted,
    role,
    through,
    touching,
    trusting,
    user,
)

from leastwise.model.decision import State

GET, ASSUME = "s3:GetObject", "sts:AssumeRole"
OUTSIDER = f"arn:aws:iam::{OUT}:root"
CLOSED, OPENED = (State.ALLOWED, State.DENIED), (State.DENIED, State.ALLOWED)
ANN, OWN = people(user("ann", allow("s3:*"))), people(user("own"))
FULL = [*organization((A, "r-root"), (B, "r-root"))]
APP = by("app", B, "role")

# --- a setting and a statement at once

LET = allow(GET, f"{BUCKET}/*", Principal={"AWS": OUTSIDER})
PUBLIC = allow(GET, f"{BUCKET}/*", Principal="*")
LIST = allow("s3:ListBucket", BUCKET, Principal="*")
LOCATE = allow("s3:GetBucketLocation", BUCKET, Principal={"AWS": OUTSIDER})
NO_GET = guard("rcp", "r-root", deny(GET, Principal="*"))
DENY_ALL = guard("rcp", "r-root", deny("s3:PutObject", Principal="*"))

SETTINGS: dict[str, tuple[list[Json], list[Json], str]] = {
    "public while restricted": (
        [*laid(BUCKET, LET), restricted()],
        [*laid(BUCKET, LET, LIST), restricted()],
        OUTSIDER,
    ),
    "restricted, and a statement": (laid(BUCKET, PUBLIC), [*laid(BUCKET, PUBLIC, LOCATE), restricted()], "*"),
    "a guardrail, and a statement": (
        [*laid(BUCKET, PUBLIC), *FULL],
        [*laid(BUCKET, PUBLIC, LOCATE), *FULL, NO_GET],
        "*",
    ),
    "a guardrail": ([*laid(BUCKET, PUBLIC), *FULL], [*laid(BUCKET, PUBLIC), *FULL, NO_GET], "*"),
    "a guardrail for another": (
        [*laid(BUCKET, PUBLIC), *FULL, DENY_ALL],
        [*laid(BUCKET, PUBLIC, LOCATE), *FULL, NO_GET],
        "*",
    ),
}


@pytest.mark.parametrize("case", SETTINGS)
@pytest.mark.parametrize("back", [False, True])
def test_a_setting_counts_also_where_a_statement_changed_too(case: str, back: bool) -> None:
    first, second, who = SETTINGS[case]
    sides = [estate(OWN, first), estate(OWN, second)]
    old, new = sides[::-1] if back else sides
    assert check(old, new, who, GET, OBJECT) == (OPENED if back else CLOSED)


def test_a_guardrail_about_another_service_asks_nothing_of_a_bucket() -> None:
    about = guard("rcp", "r-root", deny("sqs:*", Principal="*"))
    parts = [OWN, *laid(BUCKET, PUBLIC), *FULL]
    # It denies something to the root user of the account, who may do everything there.
    assert changes(estate(*parts), estate(*parts, about)).keys() == {f"arn:aws:iam::{A}:root"}


def test_the_tags_of_a_key_count_also_where_a_statement_changed_too() -> None:
    def tags(value: str) -> Json:
        body = {"Tags": [{"TagKey": "env", "TagValue": value}]}
        return {"kind": "kms.list-resource-tags", "account": A, "subject": KEY, "body": body}

    dev = people(user("ann", allow("kms:Decrypt", "*", {"StringEquals": {"aws:ResourceTag/env": "dev"}})))
    own = allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{A}:root"})
    shown = allow("kms:DescribeKey", "*", Principal={"AWS": OUTSIDER})
    old, new = estate(dev, laid(KEY, own), tags("prod")), estate(dev, laid(KEY, own, shown), tags("dev"))
    assert check(old, new, by("ann"), "kms:Decrypt", KEY) == OPENED


# --- what stands above the account of a role

TRUSTS: dict[str, tuple[Json, str]] = {
    "a user of another account": ({"AWS": by("ann")}, by("ann")),
    "an outsider": ({"AWS": OUTSIDER}, OUTSIDER),
}


@pytest.mark.parametrize("case", TRUSTS)
@pytest.mark.parametrize("back", [False, True])
def test_a_guardrail_above_the_account_of_a_role(case: str, back: bool) -> None:
    principal, who = TRUSTS[case]
    parts = [people(user("ann", allow(ASSUME)), role("app", trust=[trusting(principal)], account=B)), *FULL]
    rcp = guard("rcp", B, deny(ASSUME, Principal="*"))
    sides = [estate(*parts), estate(*parts, rcp)]
    old, new = sides[::-1] if back else sides
    assert check(old, new, who, ASSUME, APP) == (OPENED if back else CLOSED)


def test_a_guardrail_with_a_changed_trust() -> None:
    ann = user("ann", allow("sts:*"))
    first, second = (
        people(ann, role("app", trust=[trusting({"AWS": by("ann")}), *more], account=B))
        for more in ([], [trusting({"AWS": OUTSIDER}, action="sts:SetSourceIdentity")])
    )
    rcp = guard("rcp", B, deny(ASSUME, Principal="*"))
    assert check(estate(first, FULL), estate(second, FULL, rcp), by("ann"), ASSUME, APP) == CLOSED


def test_the_account_of_a_role_joins_the_organization() -> None:
    within = allow(ASSUME, "*", {"StringEquals": {"aws:ResourceOrgID": ORG}})
    parts = [people(user("ann", within), role("app", trust=[trusting({"AWS": by("ann")})], account=B))]
    old = estate(*parts, *organization((A, "r-root")))
    new = estate(*parts, *organization((A, "r-root"), (B, "r-root")))
    check(old, new, by("ann"), ASSUME, APP)
    assert touching(changes(old, new)[by("ann")].gained, ASSUME, APP)
    assert touching(changes(new, old)[by("ann")].lost, ASSUME, APP)


@pytest.mark.parametrize("policies", [[], [allow("s3:ListBucket", BUCKET, Principal={"AWS": OUTSIDER})]])
def test_a_bucket_moves_with_its_account_and_only_identity_policies_read_it(policies: list[Json]) -> None:
    within = {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": f"{ORG}/r-root/ou-prod/*"}}
    parts = [people(user("ann", allow(GET, "*", within))), *laid(BUCKET, *policies)]
    old, new = (estate(*parts, *organization((A, unit))) for unit in ("ou-dev", "ou-prod"))
    assert check(old, new, by("ann"), GET, OBJECT) == OPENED


# --- access points and aliases

INSIDE = f"{POINT}/object/x"
DELEGATES = allow("s3:*", [BUCKET, f"{BUCKET}/*"], {"StringEquals": {"s3:DataAccessPointAccount": A}}, Principal="*")
KEEPS = deny(GET, f"{BUCKET}/*", {"StringEquals": {"s3:DataAccessPointAccount": A}}, Principal="*")


def test_a_bucket_begins_to_delegate_to_its_access_points() -> None:
    door = through("data", allow(GET, f"{POINT}/object/*", Principal={"AWS": OUTSIDER}))
    old, new = estate(OWN, laid(BUCKET), door), estate(OWN, laid(BUCKET, DELEGATES), door)
    assert check(old, new, OUTSIDER, GET, INSIDE) == OPENED
    assert check(new, old, OUTSIDER, GET, INSIDE) == CLOSED


@pytest.mark.parametrize("bucket", ["data", "data2"])
def test_a_bucket_denies_what_comes_through_its_access_points(bucket: str) -> None:
    other = laid("arn:aws:s3:::data2")
    old = estate(ANN, laid(BUCKET), other, through(bucket))
    new = estate(ANN, laid(BUCKET, KEEPS), other, through(bucket))
    expected = CLOSED if bucket == "data" else (State.ALLOWED, State.ALLOWED)
    assert check(old, new, by("ann"), GET, INSIDE) == expected


def test_statements_of_the_bucket_tell_actions_through_its_point_apart() -> None:
    """They name the bucket: what concerns its objects must not be taken for what does not."""
    lets = allow("s3:*Object", f"{POINT}/object/*", Principal={"AWS": OUTSIDER})
    first = allow("s3:*", f"{BUCKET}/*", Principal="*")
    closes = deny("s3:PutObject", f"{BUCKET}/*", Principal="*")
    old = estate(OWN, laid(BUCKET), through("data", lets))
    new = estate(OWN, laid(BUCKET, first, closes), through("data", lets))
    assert check(old, new, OUTSIDER, GET, INSIDE) == OPENED
    assert check(old, new, OUTSIDER, "s3:PutObject", INSIDE) == (State.DENIED, State.DENIED)


@pytest.mark.parametrize("back", [False, True])
def test_an_access_point_leads_to_another_bucket(back: bool) -> None:
    buckets = [*laid(BUCKET), *laid("arn:aws:s3:::data2", deny(GET, "arn:aws:s3:::data2/*", Principal="*"))]
    sides = [estate(ANN, buckets, through(name)) for name in ("data", "data2")]
    old, new = sides[::-1] if back else sides
    assert check(old, new, by("ann"), GET, INSIDE) == (OPENED if back else CLOSED)
    assert check(old, new, by("ann"), "s3:PutObject", INSIDE) == (State.ALLOWED, State.ALLOWED)


def alias(key: str, name: str = "alias/app") -> Json:
    body = {"Aliases": [{"AliasName": name, "TargetKeyId": key.rpartition("/")[2], "AliasArn": ALIAS}]}
    return {"kind": "kms.list-aliases", "account": A, "region": "eu-west-1", "body": body}


ALIAS = f"arn:aws:kms:eu-west-1:{A}:alias/app"
SECOND = KEY.replace("1234abcd", "9999abcd")


@pytest.mark.parametrize("back", [False, True])
def test_an_alias_leads_to_another_key(back: bool) -> None:
    keys = [
        *laid(KEY, allow("kms:Decrypt", "*", Principal={"AWS": [by("ann"), OUTSIDER]})),
        *laid(SECOND, allow("kms:Encrypt", "*", Principal={"AWS": [by("ann"), OUTSIDER]})),
    ]
    those = people(user("ann"))
    sides = [estate(those, keys, alias(one)) for one in (KEY, SECOND)]
    old, new = sides[::-1] if back else sides
    for who in (by("ann"), OUTSIDER):
        assert check(old, new, who, "kms:Decrypt", ALIAS) == (OPENED if back else CLOSED)
        assert check(old, new, who, "kms:Encrypt", ALIAS) == (CLOSED if back else OPENED)
        # The keys themselves are as they were.
        check(old, new, who, "kms:Decrypt", KEY)


def test_a_new_alias_of_a_key_is_no_news() -> None:
    keys = laid(KEY, allow("kms:Decrypt", "*", Principal={"AWS": [by("ann"), OUTSIDER]}))
    those = people(user("ann"))
    assert changes(estate(those, keys), estate(those, keys, alias(KEY))) == {}
