"""A diff tells what changes when a resource decides otherwise: by settings, guardrails, or what it leads to."""

from __future__ import annotations

import pytest
from changes_support import ASSUME, DECRYPT, GET, LIES_IN_PROD, THROUGH_A, changes, check, touching
from estate_names import (
    ALIAS,
    ANN,
    BUCKET,
    INSIDE,
    KEY,
    OBJECT,
    ORG,
    OUTSIDER,
    POINT,
    ROOT,
    SECOND,
    THE_ACCOUNT,
    WHOLE,
    A,
    B,
    Json,
    by,
)
from two_estates import (
    alias_of,
    allow,
    deny,
    estate,
    guard,
    key_tagged,
    laid,
    organization,
    people,
    restricted,
    role,
    through,
    trusting,
    user,
)

from leastwise.model.decision import State

CLOSED, OPENED = (State.ALLOWED, State.DENIED), (State.DENIED, State.ALLOWED)
READER, OWN = people(user("ann", allow("s3:*"))), people(user("own"))
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
    assert changes(estate(*parts), estate(*parts, about)).keys() == {ROOT}


def test_the_tags_of_a_key_count_also_where_a_statement_changed_too() -> None:
    dev = people(user("ann", allow(DECRYPT, "*", {"StringEquals": {"aws:ResourceTag/env": "dev"}})))
    own = allow("kms:*", "*", Principal=THE_ACCOUNT)
    shown = allow("kms:DescribeKey", "*", Principal={"AWS": OUTSIDER})
    old, new = estate(dev, laid(KEY, own), key_tagged("prod")), estate(dev, laid(KEY, own, shown), key_tagged("dev"))
    assert check(old, new, ANN, DECRYPT, KEY) == OPENED


# --- what stands above the account of a role

TRUSTS: dict[str, tuple[Json, str]] = {
    "a user of another account": ({"AWS": ANN}, ANN),
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
        people(ann, role("app", trust=[trusting({"AWS": ANN}), *more], account=B))
        for more in ([], [trusting({"AWS": OUTSIDER}, action="sts:SetSourceIdentity")])
    )
    rcp = guard("rcp", B, deny(ASSUME, Principal="*"))
    assert check(estate(first, FULL), estate(second, FULL, rcp), ANN, ASSUME, APP) == CLOSED


def test_the_account_of_a_role_joins_the_organization() -> None:
    within = allow(ASSUME, "*", {"StringEquals": {"aws:ResourceOrgID": ORG}})
    parts = [people(user("ann", within), role("app", trust=[trusting({"AWS": ANN})], account=B))]
    old = estate(*parts, *organization((A, "r-root")))
    new = estate(*parts, *organization((A, "r-root"), (B, "r-root")))
    check(old, new, ANN, ASSUME, APP)
    assert touching(changes(old, new)[ANN].gained, ASSUME, APP)
    assert touching(changes(new, old)[ANN].lost, ASSUME, APP)


@pytest.mark.parametrize("policies", [[], [allow("s3:ListBucket", BUCKET, Principal={"AWS": OUTSIDER})]])
def test_a_bucket_moves_with_its_account_and_only_identity_policies_read_it(policies: list[Json]) -> None:
    parts = [people(user("ann", allow(GET, "*", LIES_IN_PROD))), *laid(BUCKET, *policies)]
    old, new = (estate(*parts, *organization((A, unit))) for unit in ("ou-dev", "ou-prod"))
    assert check(old, new, ANN, GET, OBJECT) == OPENED


# --- access points and aliases

DELEGATES = allow("s3:*", WHOLE, THROUGH_A, Principal="*")
KEEPS = deny(GET, f"{BUCKET}/*", THROUGH_A, Principal="*")


def test_a_bucket_begins_to_delegate_to_its_access_points() -> None:
    door = through("data", allow(GET, f"{POINT}/object/*", Principal={"AWS": OUTSIDER}))
    old, new = estate(OWN, laid(BUCKET), door), estate(OWN, laid(BUCKET, DELEGATES), door)
    assert check(old, new, OUTSIDER, GET, INSIDE) == OPENED
    assert check(new, old, OUTSIDER, GET, INSIDE) == CLOSED


@pytest.mark.parametrize("bucket", ["data", "data2"])
def test_a_bucket_denies_what_comes_through_its_access_points(bucket: str) -> None:
    other = laid("arn:aws:s3:::data2")
    old = estate(READER, laid(BUCKET), other, through(bucket))
    new = estate(READER, laid(BUCKET, KEEPS), other, through(bucket))
    expected = CLOSED if bucket == "data" else (State.ALLOWED, State.ALLOWED)
    assert check(old, new, ANN, GET, INSIDE) == expected


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
    sides = [estate(READER, buckets, through(name)) for name in ("data", "data2")]
    old, new = sides[::-1] if back else sides
    assert check(old, new, ANN, GET, INSIDE) == (OPENED if back else CLOSED)
    assert check(old, new, ANN, "s3:PutObject", INSIDE) == (State.ALLOWED, State.ALLOWED)


@pytest.mark.parametrize("back", [False, True])
def test_an_alias_leads_to_another_key(back: bool) -> None:
    keys = [
        *laid(KEY, allow(DECRYPT, "*", Principal={"AWS": [ANN, OUTSIDER]})),
        *laid(SECOND, allow("kms:Encrypt", "*", Principal={"AWS": [ANN, OUTSIDER]})),
    ]
    those = people(user("ann"))
    sides = [estate(those, keys, alias_of(one)) for one in (KEY, SECOND)]
    old, new = sides[::-1] if back else sides
    for who in (ANN, OUTSIDER):
        assert check(old, new, who, DECRYPT, ALIAS) == (OPENED if back else CLOSED)
        assert check(old, new, who, "kms:Encrypt", ALIAS) == (CLOSED if back else OPENED)
        # The keys themselves are as they were.
        check(old, new, who, DECRYPT, KEY)


def test_a_new_alias_of_a_key_is_no_news() -> None:
    keys = laid(KEY, allow(DECRYPT, "*", Principal={"AWS": [ANN, OUTSIDER]}))
    those = people(user("ann"))
    assert changes(estate(those, keys), estate(those, keys, alias_of(KEY))) == {}
