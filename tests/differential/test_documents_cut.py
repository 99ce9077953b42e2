"""Smaller documents against the evaluator of single requests: nothing is added, and what is wanted stays as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from containment_documents import (
    ASKED,
    MANY_TESTS,
    OTHER_TESTS,
    REQUESTED,
    RESOURCES,
    SHORT,
    TEXT_TESTS,
    VARIABLES,
    context,
    document,
    statements,
)

from leastwise.engine.containment import CounterExample
from leastwise.engine.patterns import lies_in
from leastwise.engine.solve import Outcome
from leastwise.model.plan import Held
from leastwise.providers.aws import catalog
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.containment import documents_contain
from leastwise.providers.aws.evaluate.arn import resource_pattern
from leastwise.providers.aws.evaluate.decide import decide
from leastwise.providers.aws.evaluate.facts import Facts
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.policies import Policies
from leastwise.providers.aws.evaluate.policy import parse_policy
from leastwise.providers.aws.evaluate.principals import Principal
from leastwise.providers.aws.evaluate.statements import Request, Target
from leastwise.providers.aws.shrinking.cutting import cut, parts, unchanged
from leastwise.providers.base.shrinking import Wanted

USER = Principal("user", "arn:aws:iam::111111111111:user/ana", "111111111111")
ACTIONS = [
    "s3:GetObject",
    "s3:GetObjectAcl",
    "s3:PutObject",
    "s3:ListAllMyBuckets",
    "ec2:RunInstances",
    "ec2:DescribeTags",
]
PLACES = [one for one in RESOURCES if one != "*"] + ["arn:aws:s3:::b/x/*", "arn:aws:s3:::red/x"]
TESTS = TEXT_TESTS + OTHER_TESTS + MANY_TESTS

held = st.lists(statements(RESOURCES + SHORT + VARIABLES, TESTS), min_size=1, max_size=3).map(
    lambda listed: Held("p", json.dumps(document(listed)).encode())
)
wanted = st.lists(
    st.builds(Wanted, st.sampled_from(ACTIONS), st.lists(st.sampled_from(PLACES), max_size=2).map(tuple)),
    max_size=4, unique_by=lambda one: one.permission,
)  # fmt: skip


def bodies(some: list[Held]) -> list[dict[str, Any]]:
    return [json.loads(one.document) for one in some]


def allowed(some: list[Held], action: str, resource: str, facts: Facts) -> bool:
    asked = Request(USER, action, Target(resource), "", facts)
    policies = Policies(identity=[parse_policy(one) for one in bodies(some)])
    return decide(question(asked, policies)).verdict.outcome is Outcome.ALWAYS


def left(before: list[Held], keep: list[Wanted]) -> list[Held]:
    return [Held("p", one.document) for one in cut(before, keep) if one.document is not None]


def on(one: Wanted, resource: str) -> bool:
    """Whether a request is about what is wanted."""
    known = catalog.action(one.permission)
    if known is not None and known.wildcard_only:
        return resource == "*"
    if not one.resources:
        return True
    return any(lies_in(resource_pattern(resource), resource_pattern(text)) is True for text in one.resources)


@settings(max_examples=80)
@given(st.lists(held, min_size=1, max_size=3), wanted)
def test_nothing_is_added(before: list[Held], keep: list[Wanted]) -> None:
    after = left(before, keep)
    inner, outer = ([parse_policy(one) for one in bodies(side)] for side in (after, before))
    assert not isinstance(documents_contain(inner, outer), CounterExample)


@settings(max_examples=80)
@given(st.lists(held, min_size=1, max_size=3), wanted, st.integers(0, 10**9))
def test_what_is_wanted_stays(before: list[Held], keep: list[Wanted], seed: int) -> None:
    after, random = left(before, keep), Random(seed)
    for one in keep:
        for resource in ASKED:
            if on(one, resource):
                facts = Facts(context(random), strict=True)
                assert allowed(before, one.permission, resource, facts) <= allowed(
                    after, one.permission, resource, facts
                ), (one, resource, facts)


@settings(max_examples=80)
@given(st.lists(held, min_size=1, max_size=2), st.lists(held, max_size=2), wanted, st.integers(0, 10**9))
def test_unchanged_is_sure(before: list[Held], other: list[Held], keep: list[Wanted], seed: int) -> None:
    """Of a request that is told as unchanged, documents that deny no more allow as much."""
    after, random = left(before, keep) + [_allows(one) for one in other], Random(seed)
    same = unchanged(before, after)
    for _ in range(20):
        action, resource = random.choice(ACTIONS), random.choice(ASKED)
        facts = Facts(context(random), strict=True)
        if on(Wanted(action), resource) and same(action, resource):
            assert allowed(before, action, resource, facts) <= allowed(after, action, resource, facts)


@settings(max_examples=60)
@given(st.lists(held, min_size=1, max_size=2), wanted, st.sampled_from(PLACES), st.integers(0, 10**9))
def test_unchanged_of_a_pattern_is_so_of_all_in_it(
    before: list[Held], keep: list[Wanted], place: str, seed: int
) -> None:
    after, random = left(before, keep), Random(seed)
    same = unchanged(before, after)
    for action in ("s3:GetObject", "s3:PutObject", "ec2:RunInstances"):
        if same(action, place):
            for resource in (one for one in ASKED if on(Wanted(action, (place,)), one)):
                facts = Facts(context(random), strict=True)
                assert allowed(before, action, resource, facts) <= allowed(after, action, resource, facts)


def _allows(one: Held) -> Held:
    body = json.loads(one.document)
    listed = [each for each in body["Statement"] if each["Effect"] == "Allow"]
    return Held("q", json.dumps({**body, "Statement": listed}).encode())


@settings(max_examples=8)
@given(held)
def test_all_wanted_changes_nothing(before: Held) -> None:
    names = actions().names
    every = [Wanted(names[number]) for part in parts(before.document) for number in part.permissions]
    [found] = cut([before], every)
    now = [Held("p", found.document)] if found.document else []
    facts = Facts({key: (values[0],) for key, values in REQUESTED.items()}, strict=True)
    for action in ACTIONS:
        for resource in ASKED:
            if on(Wanted(action), resource):
                assert allowed([before], action, resource, facts) <= allowed(now, action, resource, facts)
