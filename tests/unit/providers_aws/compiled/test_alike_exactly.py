"""No policy can be written so that what differs is taken to be alike, whatever weights anybody could know.

The statements and patterns below are chosen with the weights that grouping once drew from a fixed seed and joined by
exclusive or: some of any 63 of them cancel each other out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from small_account import ACCOUNT, IAM, allow, port, role, user

from leastwise.engine.patterns import Pattern, after, after_each, shared
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws.compiled.filled import Filled
from leastwise.providers.aws.compiled.targets import Targets
from leastwise.providers.aws.compiled.touching import Touching, stand
from leastwise.providers.aws.evaluate.arn import resource_pattern

EVE, BOB = f"{IAM}:user/eve", f"{IAM}:user/bob"
GIVEN = Circumstances()


def cancelling(weights: Sequence[int], without: Collection[int] = ()) -> set[int]:
    """Places of weights whose exclusive or is zero."""
    basis: dict[int, tuple[int, int]] = {}
    for place, weight in enumerate(weights):
        value, members = weight, 1 << place
        while place not in without and value:
            known = basis.get(value.bit_length())
            if known is None:
                basis[value.bit_length()] = value, members
                break
            value, members = value ^ known[0], members ^ known[1]
        else:
            if place not in without:
                return {one for one in range(len(weights)) if members >> one & 1}
    raise AssertionError("too few weights")


def test_the_places_found_cancel_out() -> None:
    weights = [int(one) for one in np.random.default_rng(9).integers(1, 2**62, size=80)]
    chosen = cancelling(weights, {0})
    assert chosen
    assert 0 not in chosen
    assert not np.bitwise_xor.reduce([weights[one] for one in chosen])


def test_a_permission_is_not_hidden_behind_others() -> None:
    count, hidden, shown = 66, "iam:DeleteRole", "iam:CreateRole"
    drawn = np.random.default_rng(1).integers(1, 2**62, size=count + 1, dtype=np.int64)[1:]
    chosen = cancelling([int(one) for one in drawn], {0})
    base = allow(hidden, f"{IAM}:role/nothing") | {"Action": [hidden, shown]}
    others = [
        allow(hidden, "*" if place == min(chosen) else f"{IAM}:role/q{place}")
        if place in chosen
        else allow("a4b:CreateUser" if place % 2 else "sqs:ListQueues", f"arn:aws:sqs:::z{place}")
        for place in range(1, count)
    ]
    asked = port([user("eve", base, *others), user("bob", base)], [])
    assert asked.can(EVE, hidden, f"{IAM}:role/data", GIVEN).state is State.ALLOWED
    listed = [one for one in asked.what_can(EVE, None, GIVEN) if hidden in one.permissions]
    assert any(one.state is State.ALLOWED and one.resources == ("*",) for one in listed)
    assert any(hidden in one.permissions for one in asked.what_can(EVE, f"{IAM}:role/data", GIVEN))
    more = asked.effective(EVE, GIVEN).minus(asked.effective(BOB, GIVEN))
    assert any(hidden in one.permissions for one in more)
    assert not any(shown in one.permissions for one in more)


def test_a_resource_is_not_hidden_behind_others() -> None:
    count, name = 70, "jobs-abcdefgh"
    drawn = np.random.default_rng(3)
    chosen = cancelling([int(drawn.integers(1, 2**62)) for _ in range(count)])

    def taking(place: int) -> str:
        signs = zip(format(place, "08b"), name[5:], strict=True)
        return f"{IAM}:role/jobs-" + "".join("?" if bit == "1" else letter for bit, letter in signs)

    patterns = [taking(one) if one in chosen else f"{IAM}:role/zz{one:03d}?*" for one in range(count)]
    trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"{IAM}:root"}}]
    passing = allow("iam:GetRole") | {"Resource": patterns}
    asked = port([user("eve", passing)], [role(name, trust), role("aa", trust)])
    wanted = f"{IAM}:role/{name}"
    assert asked.can(EVE, "iam:GetRole", wanted, GIVEN).state is State.ALLOWED
    assert [one.resource for one in asked.reach(EVE, "iam:GetRole", GIVEN).resources] == [wanted]


# --- the classes of resources against those found pattern by pattern

NAMES = st.text("ab/-", min_size=1, max_size=6)
BUCKETS = st.lists(st.builds("arn:aws:s3:::{}".format, NAMES), min_size=1, max_size=14, unique=True)
PIECES = st.sampled_from(["a", "b", "/", "-", "*", "?", "a/", "b*", "ab", "/*", "*a", "a-"])
WRITTEN = st.one_of(
    st.builds(lambda parts: "arn:aws:s3:::" + "".join(parts), st.lists(PIECES, max_size=6)),
    st.sampled_from(
        ["*", "arn:*", "arn:aws:s3:*:*:a*", "arn:aws:s3:::*", "arn:aws:s*:::ab*", f"arn:aws:s3::{ACCOUNT}:*"]
    ),
)


def by_patterns(texts: Sequence[str], patterns: Sequence[Pattern]) -> set[frozenset[int]]:
    """Places of texts that every pattern takes in alike."""
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for place, text in enumerate(texts):
        found[text.endswith("/*"), *(stand(pattern, text) for pattern in patterns)].add(place)
    return {frozenset(one) for one in found.values()}


@given(buckets=BUCKETS, written=st.lists(WRITTEN, max_size=12), inside=st.sets(st.integers(0, 13)))
def test_resources_are_alike_where_every_pattern_takes_in_the_same(
    buckets: list[str], written: list[str], inside: set[int]
) -> None:
    texts = [f"{one}/*" if place in inside else one for place, one in enumerate(buckets)]
    patterns = [resource_pattern(one) for one in written]
    nothing = np.full(len(texts), -1)
    codes, alone = Touching(Targets(texts, nothing, nothing)).codes(Filled(patterns[::2], patterns[1::2]))
    found: dict[tuple[bool, int], set[int]] = defaultdict(set)
    for place, code in enumerate(codes.tolist()):
        # What lies in a resource and a resource are never asked about by the same action.
        found[texts[place].endswith("/*"), code].add(place)
    assert {frozenset(one) for one in found.values()} == by_patterns(texts, patterns)
    assert not alone.any()


@given(st.lists(NAMES, max_size=10), WRITTEN)
def test_walking_neighbours_together_ends_where_walking_each_does(names: list[str], written: str) -> None:
    texts = sorted(f"arn:aws:s3:::{name}/" for name in names)
    pattern = resource_pattern(written)
    assert list(after_each(pattern, texts, list(shared(texts)))) == [after(pattern, text) for text in texts]
