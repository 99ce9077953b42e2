"""Laws of the gap, on anything that can be held, done and recorded."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap
from usage_support import EVERYTHING, NAMES, P, attempt, data_off, everybody, facts, held, part, seen, use

from leastwise.engine.holdings import Hidden
from leastwise.model.decision import State
from leastwise.model.gap import Use
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import Facts, counted, gap_of, outline_of

DATA = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
_PATTERNS = ("*", "arn:aws:s3:::a/*", "arn:aws:s3:::b*", "arn:aws:s3:::b/x", "arn:aws:rds:eu-west-1:2:db:*")
PARTS = st.lists(
    st.builds(
        lambda names, resources, state: part(sorted(names), *resources, state=state),
        st.sets(st.sampled_from(NAMES), min_size=1),
        st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2, unique=True),
        st.sampled_from([State.ALLOWED, State.CONDITIONAL]),
    ),
    min_size=1,
    max_size=4,
)
USES = st.lists(
    st.builds(
        lambda name, ago, how, count, denied: use(name, ago, how=how, count=count, denied=denied),
        st.sampled_from(NAMES),
        st.integers(0, 200),
        st.sampled_from(["call", "implied", "possible"]),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    max_size=6,
)
ROWS = st.lists(
    st.builds(
        lambda name, resource: seen(name, resource), st.sampled_from([*DATA, "s3:*"]), st.sampled_from(_PATTERNS)
    ),
    max_size=3,
).map(lambda rows: [*EVERYTHING, *rows, *data_off(*{row["permission"] for row in rows})])


def verdicts(parts: list[Any], found: Facts) -> dict[str, Use]:
    return {item.permission: item.state for item in gap_of(held(*parts), found).items}


@given(PARTS, USES, USES, ROWS)
def test_more_usage_never_makes_something_unused(parts: Any, uses: Any, more: Any, rows: Any) -> None:
    before, after = verdicts(parts, facts(uses, rows)), verdicts(parts, facts([*uses, *more], rows))
    assert all(before[name] is Use.UNUSED for name, state in after.items() if state is Use.UNUSED)
    assert all(after[name] is Use.USED for name, state in before.items() if state is Use.USED)


@given(PARTS, USES)
def test_switching_data_events_off_makes_the_unused_unobservable_and_nothing_else(parts: Any, uses: Any) -> None:
    on = verdicts(parts, facts(uses, [*EVERYTHING, *(seen(name) for name in DATA)]))
    off = verdicts(parts, facts(uses, [*EVERYTHING, *data_off(*DATA)]))
    for name, state in on.items():
        switched = name in DATA and state is Use.UNUSED
        assert off[name] is (Use.UNOBSERVABLE if switched else state)


@given(PARTS, USES, ROWS, st.integers(1, 100), st.integers(0, 100))
def test_a_wider_window_never_makes_the_used_unused(parts: Any, uses: Any, rows: Any, days: int, more: int) -> None:
    narrow, wide = verdicts(parts, facts(uses, rows, days)), verdicts(parts, facts(uses, rows, days + more))
    assert all(wide[name] is Use.USED for name, state in narrow.items() if state is Use.USED)
    assert all(narrow[name] is not Use.USED for name, state in wide.items() if state is Use.UNUSED)


@given(PARTS, USES, ROWS, st.sampled_from([0, 50, 400]), st.booleans())
def test_all_at_once_is_one_by_one(parts: Any, uses: Any, rows: Any, log_days: int, others: bool) -> None:
    found = facts(uses, rows, log_days=log_days, unattributed={P: "others act as it"} if others else None)
    one = gap_of(held(*parts), found)
    idle = "arn:idle"
    summed = {each.principal: each for each in Everyone(everybody(parts, P, idle), found).summaries()}
    two = gap_of(held(*parts, principal=idle), found)
    for gap in (one, two):
        told = summed[gap.principal]
        assert told.granted == len(gap.items)
        counts = (told.used, told.implied, told.unused, told.unobservable)
        assert counts == tuple(gap.count(state) for state in (Use.USED, Use.IMPLIED, Use.UNUSED, Use.UNOBSERVABLE))
        assert abs(told.creep.index - gap.creep.index) <= 0.1
        assert abs(told.creep.at_most - gap.creep.at_most) <= 0.1
        own = [row["last_used"] for row in uses if row["principal"] == gap.principal and row["count"]]
        assert told.last_used == max(own, default=None)


ANY_STATE = st.lists(
    st.builds(
        lambda names, resources, state: part(sorted(names), *resources, state=state),
        st.sets(st.sampled_from(NAMES), min_size=1),
        st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2, unique=True),
        st.sampled_from(list(State)).filter(lambda state: state is not State.DENIED),
    ),
    min_size=1,
    max_size=4,
)
TOLD = st.lists(st.builds(attempt, st.sampled_from(["s3", "iam", "rds"]), st.sampled_from([None, 10, 200])), max_size=2)


@given(ANY_STATE, USES, ROWS, st.sampled_from([0, 50, 400]), st.booleans(), TOLD)
def test_the_gap_in_numbers_is_that_of_its_items(
    parts: Any, uses: Any, rows: Any, log_days: int, others: bool, told: Any
) -> None:
    unattributed = {P: "others act as it"} if others else None
    found = facts(uses, rows, log_days=log_days, unattributed=unattributed, attempts=told)
    gap, numbers = gap_of(held(*parts), found), counted(held(*parts), found)
    assert {state: numbers.counts.get(state, 0) for state in Use} == {state: gap.count(state) for state in Use}
    assert numbers.creep == gap.creep
    assert [NAMES[one] for one in numbers.unused] == [one.permission for one in gap.items if one.state is Use.UNUSED]


_SOME = st.sets(st.integers(0, len(NAMES) - 1)).map(BitMap)
HIDDEN = st.lists(st.builds(Hidden, _SOME, st.sampled_from("ab")), max_size=2)


@given(ANY_STATE, USES, ROWS, st.sampled_from([0, 50, 400]), st.booleans(), TOLD, HIDDEN)
def test_what_is_not_listed_alone_is_told_as_if_it_were(
    parts: Any, uses: Any, rows: Any, log_days: int, others: bool, told: Any, hidden: Any
) -> None:
    unattributed = {P: "others act as it"} if others else None
    found = facts(uses, rows, log_days=log_days, unattributed=unattributed, attempts=told)
    mine = held(*parts, hidden=hidden)
    gap, outline = gap_of(mine, found), outline_of(mine, found)
    listed = [*outline.items, *(one.item(name) for one in outline.quiet for name in one.permissions)]
    assert sorted(listed, key=lambda item: item.permission) == list(gap.items)
    assert sorted(outline.permissions()) == [item.permission for item in gap.items]
    assert outline.wanted == gap.wanted


@given(PARTS, USES, ROWS)
def test_the_index_is_between_its_ends_and_grows_with_what_is_held(parts: Any, uses: Any, rows: Any) -> None:
    found = facts(uses, rows)
    fewer, all_ = gap_of(held(*parts[:-1]), found).creep, gap_of(held(*parts), found).creep
    assert 0 <= all_.index <= all_.at_most <= 100
    # A permission on more resources may stop being observable: what is certain of both together never sinks.
    assert fewer.at_most <= all_.at_most
