"""A relation says of every pair of principal and resource what the question about that pair says."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from estates import Estate, contexts, estates

from leastwise.engine.relation import Relation
from leastwise.model.decision import State
from leastwise.providers.aws.compiled.access import AwsAccess, Circumstances
from leastwise.providers.aws.compiled.relate import Relating
from leastwise.providers.aws.conform.documents import collected
from leastwise.providers.aws.conform.estate import access_to
from leastwise.providers.aws.conform.words import context_of
from leastwise.providers.aws.evaluate.principals import ANY_ACCOUNT

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller estate is not worth minutes of shrinking
EXAMPLES = 1_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 40
ACTIONS = (
    "sts:AssumeRole", "iam:PassRole", "iam:CreateAccessKey", "s3:GetObject", "s3:ListBucket", "kms:Decrypt",
    "sqs:SendMessage", "iam:UpdateAssumeRolePolicy",
)  # fmt: skip


def differing(access: AwsAccess, relation: Relation, given: Circumstances) -> list[tuple[str, str, State, State]]:
    """The pairs of which the relation says something else than the question about the pair, gaps and all."""
    found = []
    roots = {root.id for root in access.roots.values()}
    for root in sorted(roots.difference(relation.principals)):
        found += [
            (root, one, State.DENIED, state)
            for one in relation.resources
            if (state := access.can(root, relation.permission, one, given).state) is not State.DENIED
        ]
    for number, principal in enumerate(relation.principals):
        if principal == ANY_ACCOUNT:
            continue  # nobody can be asked for by that name
        for place, resource in enumerate(relation.resources):
            told = relation.state(number, place)
            if number >= relation.inside and told is State.DENIED and principal not in roots:
                continue  # the resource does not name it; as one of everybody it may be let in
            alone = access.can(principal, relation.permission, resource, given)
            if alone.exact and alone.state is not told:
                found.append((principal, resource, told, alone.state))
    return found


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(estates(), contexts(), st.lists(st.sampled_from(ACTIONS), min_size=3, max_size=3, unique=True), st.booleans())
def test_every_pair_is_decided_as_if_asked_alone(
    estate: Estate, context: dict[str, Any], actions: list[str], strict: bool
) -> None:
    access = access_to(collected(estate.documents()))
    relating = Relating(access)
    circumstances = Circumstances(context_of(context, "context"), strict=strict)
    for action in actions:
        relation = relating.relation(action, circumstances)
        assert relation.resources, action
        wrong = differing(access, relation, circumstances)
        assert not wrong, (action, strict, context, wrong)


@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(estates(), st.sampled_from(ACTIONS))
def test_no_pair_is_in_two_rectangles(estate: Estate, action: str) -> None:
    relation = Relating(access_to(collected(estate.documents()))).relation(action, Circumstances())
    pairs = [(p, r) for one in relation.rectangles for p in one.principals for r in one.resources]
    assert len(pairs) == len(set(pairs)) == relation.pairs


@pytest.mark.parametrize("action", ["ec2:DescribeInstances", "s3:ListAllMyBuckets"])
def test_an_action_without_resources_relates_to_none(action: str) -> None:
    access = access_to([])
    assert Relating(access).relation(action, Circumstances()).rectangles == ()
