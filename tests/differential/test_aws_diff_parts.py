"""Two estates that differ in one or two parts: what `can` says changed a diff tells, and nothing that `can` denies.

Parts are of every kind: policies and tags of users, trust, buckets, blocks, access points and where they lead, keys,
their tags and aliases, guardrails, and where an account stands in the organization.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit/providers_aws/compiled"))

from changes_support import ASSUME, DECRYPT, GET, IN_ORG, IN_PROD, IS_ANN, LIES_IN_PROD, NOT_RED, RED, touching
from estate_names import ALIAS, ANN, BOB, BUCKET, CY, INSIDE, KEY, OUTSIDER, POINT, SECOND, THE_ACCOUNT, A, B, Json, by
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

from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.port import AwsPort

THEIRS = "arn:aws:s3:::theirs"
APP, JOB = by("app", A, "role"), by("job", B, "role")
EVERYBODY = ("*", "any AWS account")
CONDITIONS: list[Json | None] = [
    None,
    RED,
    NOT_RED,
    IN_ORG,
    IN_PROD,
    IS_ANN,
    {"StringEquals": {"aws:ResourceTag/env": "dev"}},
    LIES_IN_PROD,
]
SUBJECTS: list[Any] = ["*", THE_ACCOUNT, {"AWS": OUTSIDER}, {"AWS": ANN}, {"AWS": JOB}, {"AWS": B}]
ASKED = [
    (GET, f"{BUCKET}/x"),
    ("s3:ListBucket", BUCKET),
    (GET, f"{THEIRS}/x"),
    (GET, INSIDE),
    (DECRYPT, KEY),
    (DECRYPT, ALIAS),
    (ASSUME, APP),
    (ASSUME, JOB),
]
WHO = [ANN, BOB, CY, APP, JOB, "*", OUTSIDER]
checked = {"asked": 0, "changed": 0}


@st.composite
def statements(draw: st.DrawFn, actions: list[str], resources: list[str], *, subject: bool = True) -> list[Json]:
    """Up to two statements."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        make = draw(st.sampled_from([allow, allow, deny]))
        more = {"Principal": draw(st.sampled_from(SUBJECTS))} if subject else {}
        found.append(make(draw(st.sampled_from(actions)), resources, draw(st.sampled_from(CONDITIONS)), **more))
    return found


def own() -> st.SearchStrategy[list[Json]]:
    return st.one_of(st.just([allow("*")]), statements([GET, "s3:*", "kms:*", "sts:*", "*"], ["*"], subject=False))


def trust() -> st.SearchStrategy[list[Json]]:
    one = st.builds(trusting, st.sampled_from(SUBJECTS), st.sampled_from(CONDITIONS[:6]))
    return st.lists(one, min_size=1, max_size=2)


def bucket(arn: str) -> st.SearchStrategy[list[Json]]:
    return statements([GET, "s3:*", "s3:ListBucket"], [arn, f"{arn}/*"])


def guards() -> st.SearchStrategy[list[Json]]:
    limits = [deny(action, "*", when) for action in (GET, ASSUME, DECRYPT) for when in CONDITIONS[:5]]
    return st.lists(st.sampled_from(limits), max_size=1)


TAGS = st.sampled_from([{}, {"team": "red"}, {"team": "blue"}])
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "ann": own(), "bob": own(), "cy": own(), "app": own(), "ann's tags": TAGS, "bob's tags": TAGS, "app's tags": TAGS,
    "ann's id": st.sampled_from(["AIDAONE", "AIDATWO"]),
    "trust of app": trust(), "trust of job": trust(),
    "bucket": bucket(BUCKET), "theirs": bucket(THEIRS), "block": st.booleans(),
    "point": statements([GET, "s3:*"], [POINT, f"{POINT}/object/*"]),
    "leads": st.sampled_from(["data", "data", "other"]),
    "key": statements(["kms:*", DECRYPT], ["*"]).filter(bool),
    "second": statements(["kms:*", DECRYPT], ["*"]).filter(bool),
    "key's tags": st.sampled_from(["dev", "prod"]), "alias": st.sampled_from([KEY, SECOND]),
    "A stands": st.sampled_from(["ou-prod", "ou-dev", ""]), "B stands": st.sampled_from(["r-root", "ou-prod"]),
    "scp": guards(), "rcp of A": guards(), "rcp of B": guards(),
}  # fmt: skip


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Json, Json, list[str]]:
    """The parts of an estate, those of another, and in which both differ."""
    first = {name: draw(part) for name, part in PARTS.items()}
    names = draw(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=2, unique=True))
    return first, first | {name: draw(PARTS[name]) for name in names}, names


def made(parts: Json) -> AwsPort:
    """The estate of some parts."""
    stands = [(A, parts["A stands"])] if parts["A stands"] else []
    return estate(
        people(
            user("ann", *parts["ann"], tags=parts["ann's tags"], id=parts["ann's id"]),
            user("bob", *parts["bob"], tags=parts["bob's tags"]),
            user("cy", *parts["cy"], account=B),
            role("app", *parts["app"], trust=parts["trust of app"], tags=parts["app's tags"]),
            role("job", allow("*"), trust=parts["trust of job"], account=B),
        ),
        laid(BUCKET, *parts["bucket"]),
        laid(THEIRS, *parts["theirs"], account=B),
        laid("arn:aws:s3:::other"),
        laid(KEY, *parts["key"]),
        laid(SECOND, *parts["second"]),
        [restricted()] if parts["block"] else [],
        through(parts["leads"], *parts["point"]),
        key_tagged(parts["key's tags"]),
        alias_of(parts["alias"]),
        organization((B, parts["B stands"]), *stands),
        [guard("scp", B, allow("*"), *parts["scp"])],
        [guard("rcp", one, *parts[f"rcp of {name}"]) for name, one in (("A", A), ("B", B)) if parts[f"rcp of {name}"]],
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(pairs())
def test_what_can_says_changed_is_told(both: tuple[Json, Json, list[str]]) -> None:
    old, new = made(both[0]), made(both[1])
    changes = {change.principal: change for change in new.changes(old)}
    for action, resource in ASKED:
        for who in WHO:
            before, now = (one.can(who, action, resource, Circumstances()).state for one in (old, new))
            checked["asked"] += 1
            own_ = changes.get(who)
            told = [changes.get(one) for one in (who, *(EVERYBODY if who == OUTSIDER else ()))]
            for name, here, there in (("gained", now, before), ("lost", before, now)):
                where = (both[2], name, who, action, resource, before, now)
                if (here, there) == (State.ALLOWED, State.DENIED):
                    checked["changed"] += 1
                    # Of a key that changed it is told by its own name, also for those who use an alias of it.
                    meant = [resource, *((both[0]["alias"], both[1]["alias"]) if resource == ALIAS else ())]
                    assert any(touching(getattr(o, name), action, m) for o in told if o for m in meant), where
                if own_ is not None and (here is State.DENIED or there is State.ALLOWED):
                    # What is told of any resource is what its own side lets a principal do.
                    found = touching(getattr(own_, name), action, resource)
                    assert not [cube for cube in found if "*" not in cube.resources], (where, found)


def test_enough_was_checked() -> None:
    assert checked["asked"] > 1_000
    assert checked["changed"] > 10
