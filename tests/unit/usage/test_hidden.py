"""What logs do not tell of one principal, and calls of which they do not tell whether they were authorised."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from usage_support import END, NAMES, P, everybody, facts, held, numbers, part, use

from leastwise.engine.holdings import Hidden
from leastwise.model.gap import Use
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import counted, gap_of


def states(*parts: Any, uses: tuple[Any, ...] = (), hidden: tuple[Hidden, ...] = ()) -> dict[str, Any]:
    items = gap_of(held(*parts, hidden=hidden), facts(uses)).items
    return {item.permission: (item.state, item.missing) for item in items}


def test_what_logs_hide_of_one_principal() -> None:
    hidden = (Hidden(numbers(["s3:GetObject"]), "readers are hidden"),)
    found = states(part(("s3:GetObject", "s3:PutObject")), hidden=hidden)
    assert found == {"s3:GetObject": (Use.UNOBSERVABLE, "readers are hidden"), "s3:PutObject": (Use.UNUSED, "")}
    used = states(part(("s3:GetObject",)), uses=(use("s3:GetObject", 1),), hidden=hidden)
    assert used["s3:GetObject"][0] is Use.USED


def test_a_call_of_which_the_log_does_not_tell_whether_it_was_authorised() -> None:
    lately = use("s3:GetObject", 3, count=0, unknown=2)
    day = (END - timedelta(days=3)).date()
    state, why = states(part(("s3:GetObject",)), uses=(lately,))["s3:GetObject"]
    assert (state, why) == (Use.UNOBSERVABLE, f"the log does not tell whether a call of {day} was authorised")
    assert states(part(("s3:GetObject",)), uses=(lately, use("s3:GetObject", 9)))["s3:GetObject"][0] is Use.USED
    assert states(part(("s3:GetObject",)), uses=(use("s3:GetObject", 200, count=0, unknown=2),)) == {
        "s3:GetObject": (Use.UNUSED, "")
    }


PARTS = st.lists(
    st.builds(lambda names: part(sorted(names)), st.sets(st.sampled_from(NAMES), min_size=1)), min_size=1, max_size=3
)
USES = st.lists(
    st.builds(
        lambda name, ago, count, unknown: use(name, ago, count=count, unknown=unknown),
        st.sampled_from(NAMES),
        st.integers(0, 200),
        st.integers(0, 1),
        st.integers(0, 1),
    ),
    max_size=4,
)


@given(PARTS, USES, st.sets(st.sampled_from(NAMES)))
def test_of_all_in_numbers_is_of_one_exactly(parts: Any, uses: Any, secret: set[str]) -> None:
    hidden = (Hidden(numbers(secret), "hidden"),)
    found = facts(uses)
    (summary,) = Everyone(everybody(parts, hidden=hidden), found).summaries()
    one = counted(held(*parts, hidden=hidden), found)
    wanted = tuple(one.counts.get(state, 0) for state in (Use.USED, Use.UNUSED, Use.UNOBSERVABLE))
    assert (summary.used, summary.unused, summary.unobservable) == wanted
    assert summary.creep == one.creep and summary.principal == P
