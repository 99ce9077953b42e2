"""The creep index: its reaches as data, and its arithmetic."""

from __future__ import annotations

import pytest
from usage_support import EVERYTHING, NAMES, facts, held, part, use

from leastwise.model.gap import SENSITIVITIES
from leastwise.providers.aws.naming import NAMING
from leastwise.usage.creep import HALF, WEIGHTS, creep, index, reach, together
from leastwise.usage.gap import gap_of

REACHES = {
    "*": 1.0,
    "arn:aws:s3:::*": 0.6,
    "arn:aws:iam::222222222222:role/*": 0.6,
    "arn:aws:s3:::bw-*": 0.3,
    "arn:aws:iam::222222222222:role/app-*": 0.3,
    "arn:aws:s3:::bw-labels/*": 0.1,
    "arn:aws:dynamodb:eu-west-1:222222222222:table/orders": 0.1,
    "arn:aws:lambda:eu-west-1:222222222222:function:refund": 0.1,
    "arn:aws:*:*:*:*": 1.0,
    "arn:aws:s3:::*/*": 0.6,
}


@pytest.mark.parametrize("resource", REACHES)
def test_reach_of_a_pattern(resource: str) -> None:
    assert reach([resource], NAMING) == REACHES[resource]


def test_the_widest_pattern_counts() -> None:
    assert reach(["arn:aws:s3:::bw-labels/*", "arn:aws:s3:::*"], NAMING) == 0.6


def test_half_way_and_ends() -> None:
    assert (index(0), index(HALF)) == (0.0, 50.0)
    assert index(1e9) == 100.0


def test_weights_rise_with_sensitivity() -> None:
    assert sorted(WEIGHTS.values()) == [WEIGHTS[one] for one in SENSITIVITIES]


def test_the_index_can_be_worked_out_from_the_items() -> None:
    gap = gap_of(held(part(NAMES, "arn:aws:s3:::b-*")), facts([use("s3:PutObject", 1)], EVERYTHING))
    unused = sum(WEIGHTS[one.sensitivity] * reach(one.resources, NAMING) for one in gap.items if one.state == "UNUSED")
    assert gap.creep.index == round(100 * unused / (unused + 100), 1)
    assert sum(gap.creep.parts.values()) == pytest.approx(unused)
    assert "escalation" not in gap.creep.parts


def test_several_have_the_index_of_their_mean() -> None:
    assert together([creep({"write": 200.0}, 0), creep({}, 0)]) == 50.0
    assert together([]) == 0.0
