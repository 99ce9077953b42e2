"""What a diff reports is what `can` says in both estates, and what `can` says changed is reported.

Two estates are drawn that differ in some parts: policies, boundaries, tags, trust, resource policies, guardrails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import APP, QUESTIONS, ROLES, USERS, A, B, Estate, contexts, estates

from leastwise.model.comparison import Change
from leastwise.model.decision import Circumstances, Cube, State
from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.asked import objection
from leastwise.providers.aws.compiled.overlap import apart
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.evaluate.arn import request_pattern

PRINCIPALS = sorted({**USERS, **ROLES})
ROOTS = [f"arn:aws:iam::{account}:root" for account in (A, B)]
PARTS = ("identity", "tags", "boundary", "trust", "resource", "scps", "rcps", "groups", "members")
EXAMPLES = 250 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 15
checked = {"reported": 0, "asked": 0, "changed": 0}


class Port(AwsPort):
    """Questions to an estate that is not stored."""

    def __init__(self, access: AwsAccess) -> None:
        super().__init__(access.estate.arrays, {A, B})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Estate, Estate]:
    """An estate, and the same with some entries of another."""
    first, other = draw(estates()), draw(estates())
    second = deepcopy(first)
    for part in draw(st.lists(st.sampled_from(PARTS), min_size=2, max_size=4, unique=True)):
        mine, theirs = getattr(second, part), getattr(other, part)
        names = sorted({*mine, *theirs})
        for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True)) if names else ():
            mine.pop(name, None)
            if name in theirs:
                mine[name] = theirs[name]
    for target in ("r-root", "ou-prod", A, B):
        second.scps.setdefault(target, first.scps[target])
    return first, second


def wanted(cube: Cube) -> Iterator[tuple[str, str | None]]:
    """A few questions that a cube answers."""
    for resource in cube.resources[:2]:
        if "*" in resource:
            continue
        service = resource.split(":")[2].replace("iam", "sts")
        about = [one for one in cube.permissions if one.startswith(f"{service}:") and not objection(one, resource)]
        yield from ((permission, resource) for permission in dict.fromkeys((*about[:1], *about[-1:])))
    if any("*" in resource for resource in cube.resources):
        yield from ((permission, None) for permission in dict.fromkeys((cube.permissions[0], cube.permissions[-1])))


def check_reported(old: Port, new: Port, change: Change) -> None:
    """Whoever gained can do it now, and could not in all circumstances before; the other way round for what is lost."""
    plain = Circumstances()
    for cubes, here, there in ((change.gained, new, old), (change.lost, old, new)):
        for cube in cubes:
            for permission, resource in wanted(cube):
                state = here.can(change.principal, permission, resource, plain).state
                assert state is not State.DENIED, (change.principal, permission, resource, cube)
                other = there.can(change.principal, permission, resource, plain).state
                # Without a resource, `can` takes the best of all, also of those that the cube leaves out.
                if resource is not None or (cube.resources == ("*",) and not cube.exceptions):
                    assert other is not State.ALLOWED, (change.principal, permission, resource, cube)
                checked["reported"] += 1


def told(cubes: tuple[Cube, ...], permission: str, resource: str | None) -> bool:
    return any(
        permission in cube.permissions and (resource is None or any(_touches(one, resource) for one in cube.resources))
        for cube in cubes
    )


def _touches(pattern: str, resource: str) -> bool:
    """Whether a pattern takes in a resource, or some of those that a resource with a wildcard stands for."""
    return not apart(request_pattern(pattern), request_pattern(resource))


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate)
)
@given(pairs(), contexts())
def test_a_diff_reports_what_can_says_changed_and_nothing_else(
    both: tuple[Estate, Estate], context: dict[str, Any]
) -> None:
    old, new = (Port(access_to(collected(one.documents()))) for one in both)
    changes = {change.principal: change for change in new.changes(old)}
    for principal, change in changes.items():
        if principal in (*PRINCIPALS, *ROOTS):
            check_reported(old, new, change)
    texts = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in context.items()}
    for permission, resource in QUESTIONS:
        for given_ in (Circumstances(), Circumstances(texts, strict=True)):
            for principal in (*PRINCIPALS, *ROOTS):
                if given_.strict and principal in PRINCIPALS and both[0].tags[principal] != both[1].tags[principal]:
                    # Sessions may bring tags of their own, and a diff is about these too; a strict question is not.
                    continue
                before, now = (one.can(principal, permission, resource, given_).state for one in (old, new))
                checked["asked"] += 1
                if {before, now} != {State.ALLOWED, State.DENIED}:
                    continue
                checked["changed"] += 1
                change = changes.get(principal)
                assert change is not None, (principal, permission, resource, before, now)
                cubes = change.gained if now is State.ALLOWED else change.lost
                assert told(cubes, permission, resource), (principal, permission, resource, before, now, cubes)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(estates())
def test_an_estate_does_not_differ_from_itself(estate: Estate) -> None:
    old, new = (Port(access_to(collected(estate.documents()))) for _ in range(2))
    assert list(new.changes(old)) == []


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(pairs())
def test_what_outsiders_gain_is_what_who_can_lists_anew(both: tuple[Estate, Estate]) -> None:
    old, new = (Port(access_to(collected(one.documents()))) for one in both)
    changes = {change.principal: change for change in new.changes(old) if not change.inside}
    for permission, resource in (("sts:AssumeRole", APP), ("s3:GetObject", "arn:aws:s3:::data/x")):
        sides = [one.who_can(permission, resource, Circumstances()).holders for one in (old, new)]
        before, now = ({h.principal: h.state for h in side if not h.inside} for side in sides)
        for name, state in now.items():
            if state is State.ALLOWED and name not in before and not {"*", "any AWS account"} & set(before):
                change = changes.get(name)
                assert change is not None and told(change.gained, permission, None), (name, permission, before, now)


def test_enough_was_checked() -> None:
    assert checked["asked"] > 500
    assert checked["changed"] > 20
    assert checked["reported"] > 50
