"""Containment of policy documents against z3, against the evaluator of single requests, and against tried requests.

LEASTWISE_NIGHTLY=1 compares thousands of pairs with each.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from containment_documents import (
    ASKED,
    MANY_TESTS,
    OTHER_TESTS,
    RESOURCES,
    SHORT,
    TEXT_TESTS,
    VARIABLES,
    context,
    document,
    pairs,
    widened,
)

from leastwise.engine.containment import Containment, CounterExample, NotProven, Proved
from leastwise.engine.solve import Outcome
from leastwise.providers.aws.containment import documents_contain
from leastwise.providers.aws.evaluate.decide import decide
from leastwise.providers.aws.evaluate.facts import Facts, Look
from leastwise.providers.aws.evaluate.logic import question
from leastwise.providers.aws.evaluate.policies import Policies
from leastwise.providers.aws.evaluate.policy import parse_policy
from leastwise.providers.aws.evaluate.principals import Principal
from leastwise.providers.aws.evaluate.statements import Request, Target

NIGHTLY = os.environ.get("LEASTWISE_NIGHTLY") == "1"
USER = Principal("user", "arn:aws:iam::111111111111:user/ana", "111111111111")
REQUESTED_ACTIONS = ["s3:GetObject", "s3:getobjectacl", "s3:PutObject", "ec2:RunInstances"]
verdicts: Counter[str] = Counter()
oracle: Counter[str] = Counter()
Pair = tuple[dict[str, Any], dict[str, Any]]


def compared(pair: Pair) -> Containment:
    inner, outer = ([parse_policy(one)] for one in pair)
    return documents_contain(inner, outer)


def decided(body: dict[str, Any], action: str, resource: str, facts: Facts) -> Outcome:
    """What the evaluator says of one request under one document."""
    asked = Request(USER, action, Target(resource), "", facts)
    return decide(question(asked, Policies(identity=[parse_policy(body)]))).verdict.outcome


def checked(pair: Pair, found: CounterExample) -> None:
    """A counter-example is allowed by the one document and denied by the other, whatever else the request carries."""
    facts = Facts({key: value or Look.ABSENT for key, value in found.values.items()})
    assert decided(pair[0], found.permission, found.resource, facts) is Outcome.ALWAYS, (pair, found)
    assert decided(pair[1], found.permission, found.resource, facts) is Outcome.NEVER, (pair, found)


def tried(pair: Pair, random: Random) -> bool:
    """Whether one of some random requests is allowed by the one document alone."""
    for _ in range(40):
        facts = Facts(context(random), strict=True)
        asked = random.choice(REQUESTED_ACTIONS), random.choice(ASKED)
        inner, outer = (decided(one, *asked, facts) for one in pair)
        if inner is Outcome.ALWAYS and outer is not Outcome.ALWAYS:
            return True
    return False


@settings(max_examples=3_000 if NIGHTLY else 250)
@given(pairs(RESOURCES + SHORT + VARIABLES, TEXT_TESTS + OTHER_TESTS + MANY_TESTS), st.integers(0, 10**9))
def test_the_evaluator_agrees(pair: Pair, seed: int) -> None:
    found = compared(pair)
    verdicts[type(found).__name__] += 1
    if isinstance(found, CounterExample):
        checked(pair, found)
    elif isinstance(found, Proved):
        assert not tried(pair, Random(seed)), pair


@settings(max_examples=2_000 if NIGHTLY else 120)
@given(pairs(RESOURCES, TEXT_TESTS + OTHER_TESTS))
def test_z3_agrees(pair: Pair) -> None:
    z3 = pytest.importorskip("z3")
    from containment_z3 import outside

    assert z3.get_version()[0] >= 4
    found = compared(pair)
    assert not isinstance(found, NotProven), pair
    expected = outside(*pair, milliseconds=3_000)
    oracle["unknown" if expected is None else str(expected)] += 1
    if expected is not None:
        assert expected == isinstance(found, CounterExample), (pair, found)
    if isinstance(found, CounterExample):
        checked(pair, found)


def test_enough_was_compared() -> None:
    if sum(verdicts.values()) < 100 or sum(oracle.values()) < 60:
        pytest.skip("the tests above did not run in this session")
    assert verdicts["Proved"] >= 20, verdicts
    assert verdicts["CounterExample"] >= 40, verdicts
    assert verdicts["NotProven"] <= 0.05 * sum(verdicts.values()), verdicts
    assert oracle["unknown"] <= 0.1 * sum(oracle.values()), oracle
    assert oracle["False"] >= 10, oracle


@settings(max_examples=500 if NIGHTLY else 60)
@given(pairs(RESOURCES + SHORT + VARIABLES, TEXT_TESTS + OTHER_TESTS + MANY_TESTS))
def test_a_document_lies_in_itself_and_in_wider_ones(pair: Pair) -> None:
    first, second = pair
    assert isinstance(compared((first, first)), Proved)
    denied = document([*first["Statement"], *(s | {"Effect": "Deny"} for s in second["Statement"])])
    assert isinstance(compared((denied, first)), Proved)
    allowed = [one for one in second["Statement"] if one["Effect"] == "Allow"]
    assert isinstance(compared((first, document([*first["Statement"], *allowed]))), Proved)
    wider = [widened(one) if one["Effect"] == "Allow" else one for one in first["Statement"]]
    assert isinstance(compared((first, document(wider))), Proved)
