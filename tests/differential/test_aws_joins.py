"""Tests that compare keys with tags of the principal: who can is what each principal alone can, whatever others carry.

Everybody has the same policies, and only their tags, names and kinds tell them apart: a verdict that one of them was
given must not be taken for another's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import BUCKET, QUEUE, ROLES, USERS, Estate, Json

from leastwise.engine.solve import Outcome, Verdict
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.who import WhoCan
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.decide import decide

EXAMPLES = 2_500 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 80
PRINCIPALS = {**USERS, **ROLES}
OPEN = ["aws:Referer", "aws:UserAgent"]
OWN = ["aws:PrincipalTag/team", "aws:PrincipalTag/unit", "aws:username"]
EQUAL = ["StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists"]
LOOSE = ["StringNotLike", "ForAnyValue:StringEquals", "ForAllValues:StringNotEquals", "StringEqualsIgnoreCase"]
RESOURCES = [QUEUE, f"{BUCKET}/*", f"{BUCKET}/${{aws:PrincipalTag/team}}/*",
             f"{BUCKET}/${{aws:Referer}}/${{aws:PrincipalTag/team}}",
             f"{BUCKET}/${{aws:UserAgent}}-${{aws:Referer}}"]  # fmt: skip
QUESTIONS: list[tuple[str, str | None]] = [
    ("sqs:SendMessage", QUEUE),
    ("s3:GetObject", f"{BUCKET}/red/red"),
    ("s3:GetObject", f"{BUCKET}/*"),
    ("s3:GetObject", None),
    ("sqs:SendMessage", None),
]
compared: dict[str, int] = {"decisions": 0, "apart": 0}


@st.composite
def blocks(draw: st.DrawFn) -> Json:
    """A comparison of what nobody knows with what is known of each, and tests of the one that bear on it."""
    block: Json = {}

    def add(operator: str, key: str, value: str) -> None:
        block.setdefault(operator, {}).setdefault(key, []).append(value)

    key, own = draw(st.sampled_from(OPEN)), draw(st.sampled_from(OWN))
    first, second = (key, own) if draw(st.booleans()) else (own, key)
    default = draw(st.sampled_from(["", "", "", ", 'red'"]))
    add(draw(st.sampled_from(EQUAL * 3 + LOOSE)), first, f"${{{second}{default}}}")
    for _ in range(draw(st.integers(0, 2))):
        add(
            draw(st.sampled_from(EQUAL)),
            draw(st.sampled_from(OPEN)),
            draw(st.sampled_from(["red", "green", "r*", "${aws:Referer}"])),
        )
    return block


@st.composite
def statements(draw: st.DrawFn, *, named: bool = False) -> Json:
    found: Json = {"Effect": draw(st.sampled_from(["Allow"] * 3 + ["Deny"])), "Action": ["sqs:*", "s3:*"]}
    found["Resource"] = draw(st.sampled_from(["*", "*", *RESOURCES]))
    if named:
        found["Principal"] = "*"
    found["Condition"] = draw(blocks())
    return found


def policies(*, named: bool = False) -> st.SearchStrategy[Json]:
    listed = st.lists(statements(named=named), min_size=1, max_size=2)
    return listed.map(lambda some: {"Version": "2012-10-17", "Statement": some})


@st.composite
def drawn(draw: st.DrawFn) -> Estate:
    """One policy for everybody, and what tells them apart."""
    found, shared = Estate(), [draw(policies())]
    boundary = draw(st.none() | policies())
    for arn in PRINCIPALS:
        found.identity[arn] = shared
        tags = draw(
            st.fixed_dictionaries({}, optional=dict.fromkeys(("team", "unit"), st.sampled_from(["red", "green"])))
        )
        found.tags[arn] = tags
        if boundary is not None:
            found.boundary[arn] = boundary
    for arn in ROLES:
        # Sessions of some roles bring tags of their own: those are not known.
        action = draw(st.sampled_from(["sts:AssumeRole", "sts:*"]))
        trust = {"Effect": "Allow", "Action": action, "Principal": {"AWS": "111111111111"}}
        found.trust[arn] = {"Version": "2012-10-17", "Statement": [trust]}
    for resource in (BUCKET, QUEUE):
        found.resource[resource] = draw(st.none() | policies(named=True))
    return found


def together(access: AwsAccess, asked: tuple[str, str | None], given_: Circumstances) -> dict[str, Verdict]:
    ids = access.estate.principal_ids
    answer = WhoCan(access, *asked, given_).answer()
    return {ids[int(member)]: group.verdict for group in answer.groups for member in group.members}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn(), st.sampled_from(QUESTIONS), st.sampled_from([{}, {"aws:UserAgent": ("red",)}]))
def test_who_can_is_what_each_can(estate: Estate, asked: tuple[str, str | None], context: dict[str, Any]) -> None:
    access = access_to(collected(estate.documents()))
    given_ = Circumstances(context)
    found = together(access, asked, given_)
    seen = set()
    for principal in PRINCIPALS:
        alone = decide(access.question(principal, *asked, given_)).verdict
        listed = found.get(principal, Verdict(Outcome.NEVER, False))
        compared["decisions"] += 1
        seen.add(alone.outcome)
        if alone.exact and listed.exact:
            assert listed.outcome is alone.outcome, (principal, estate.tags[principal])
    compared["apart"] += len(seen) > 1


def test_enough_was_compared() -> None:
    assert compared["decisions"] >= 6 * EXAMPLES
    assert compared["apart"] >= EXAMPLES // 20
