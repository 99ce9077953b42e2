"""What two principals are told to differ in, and to have in common, is what `can` says of each of them.

Estates are drawn with resources in two accounts, whose policies allow and deny by name, tag, ARN and organization.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import APP, FULL, QUESTIONS, ROLES, USERS, A, B, Estate, contexts, estates, resource_policies
from test_aws_diff import Port, told, wanted

from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import request_pattern

PRINCIPALS = sorted({**USERS, **ROLES})
PAIRS = [[one for one, account in kind.items() if account == A] for kind in (USERS, ROLES)]
OTHER = "arn:aws:s3:::theirs"
THEIR_QUEUE = f"arn:aws:sqs:eu-west-1:{B}:jobs"
THEIR_KEY = f"arn:aws:kms:eu-west-1:{B}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
JOB = next(arn for arn, account in ROLES.items() if account == B)
ASKED = [
    *((permission, resource) for permission, resource in QUESTIONS if resource is not None),
    ("s3:GetObject", f"{OTHER}/x"), ("s3:ListBucket", OTHER), ("sqs:SendMessage", THEIR_QUEUE),
    ("kms:Decrypt", THEIR_KEY), ("sts:AssumeRole", JOB), ("sts:AssumeRole", APP),
]  # fmt: skip
checked = {"asked": 0, "apart": 0, "both": 0, "named": 0, "alike": 0}


@st.composite
def two_accounts(draw: st.DrawFn) -> tuple[Estate, list[dict[str, Any]]]:
    """An estate, and what lies on resources of its second account."""
    estate, found = draw(estates()), list[dict[str, Any]]()
    for resource in (OTHER, THEIR_QUEUE, THEIR_KEY):
        policy = draw(resource_policies()) if resource == THEIR_KEY else draw(st.none() | resource_policies())
        found.append({"kind": "resource_policy", "body": {"resource": resource, "account": B, "policy": policy}})
    return estate, found


def tells(cubes: tuple[Cube, ...], permission: str, resource: str) -> bool:
    """Whether a cube takes a request in; of a pattern, some of it."""
    if "*" in resource:
        return told(cubes, permission, resource)
    return any(
        told((cube,), permission, resource)
        and not any(request_pattern(one).matches(resource) for one in cube.exceptions)
        for cube in cubes
    )


def check_named(port: Port, cubes: tuple[Cube, ...], first: str, second: str) -> None:
    """What is told of a resource by its name is so: the first may be let in, and not whenever the second is."""
    for cube in cubes:
        for permission, resource in wanted(cube):
            if resource is None or cube.state is State.UNKNOWN:
                continue
            states = [port.can(one, permission, resource, Circumstances()).state for one in (first, second)]
            assert states[0] is not State.DENIED, (first, permission, resource, cube)
            assert states[1] is not State.ALLOWED, (second, permission, resource, cube)
            checked["named"] += 1


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(
    two_accounts(),
    st.lists(st.lists(st.sampled_from(PRINCIPALS), min_size=2, max_size=2, unique=True), min_size=1, max_size=2),
    contexts(),
)
def test_what_can_tells_apart_is_told(
    drawn: tuple[Estate, list[dict[str, Any]]], pairs: list[list[str]], context: dict[str, Any]
) -> None:
    estate, abroad = drawn
    port = Port(access_to(collected([*estate.documents(), *abroad])))
    texts = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in context.items()}
    for first, second in pairs:
        one, other = (port.effective(name, Circumstances()) for name in (first, second))
        more, less, both = one.minus(other), other.minus(one), one.both(other)
        check_named(port, more, first, second)
        check_named(port, less, second, first)
        assert one.differs(other) is other.differs(one) is bool(more or less)
        for permission, resource in ASKED:
            for given_ in (Circumstances(), Circumstances(texts, strict=True)):
                if given_.strict and {first, second} & {*ROLES}:
                    # Sessions may bring tags of their own; a strict question takes it that they do not.
                    continue
                states = [port.can(name, permission, resource, given_).state for name in (first, second)]
                checked["asked"] += 1
                about = (first, second, permission, resource, states)
                if states == [State.ALLOWED, State.DENIED]:
                    checked["apart"] += 1
                    assert tells(more, permission, resource), (about, more)
                if states == [State.DENIED, State.ALLOWED]:
                    checked["apart"] += 1
                    assert tells(less, permission, resource), (about, less)
                if states == [State.ALLOWED, State.ALLOWED]:
                    checked["both"] += 1
                    assert tells(both, permission, resource), (about, both)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(two_accounts(), st.sampled_from(PAIRS), st.sampled_from([[], [FULL]]), st.booleans())
def test_those_who_are_called_equal_can_do_the_same(
    drawn: tuple[Estate, list[dict[str, Any]]], those: list[str], own: list[dict[str, Any]], tags: bool
) -> None:
    """Some are given the same policies, so that only resources and facts can tell them apart."""
    estate, abroad = drawn
    estate.identity |= dict.fromkeys(those, own or estate.identity[those[0]])
    estate.tags |= dict.fromkeys(those, estate.tags[those[0]]) if tags else {}
    for one in those:
        estate.boundary.pop(one, None)
        estate.members.pop(one, None)
    port = Port(access_to(collected([*estate.documents(), *abroad])))
    for group in port.alike(0.9).groups:
        twins = [twin.principal for twin in group.twins if twin.principal in PRINCIPALS]
        if not group.equal:
            continue
        for permission, resource in ASKED:
            if resource.startswith("arn:aws:iam::") and not permission.startswith("sts:"):
                continue
            states = {port.can(one, permission, resource, Circumstances()).state for one in twins}
            assert not {State.ALLOWED, State.DENIED} <= states, (twins, permission, resource)
            checked["alike"] += 1


def test_enough_was_checked() -> None:
    assert checked["asked"] > 500
    assert checked["apart"] > 15
    assert checked["both"] > 10
    assert checked["named"] > 10
    assert checked["alike"] > 10
