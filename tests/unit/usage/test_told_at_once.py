"""Laws of what is worked out for many at once: it is what each alone comes to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from test_gap_laws import PARTS, ROWS, USES
from usage_support import NAMES, P, facts, held, use

from leastwise.model.gap import Use
from leastwise.rightsizing.keeping import Guards, chosen
from leastwise.usage.creep import WEIGHTS, fall_of, index, reach
from leastwise.usage.gap import outline_of

OTHERS = ("p1", "p2", "p3")
_WHOSE = st.lists(st.tuples(st.sampled_from((*OTHERS, P)), st.sampled_from(NAMES), st.integers(0, 200)), max_size=12)


@settings(max_examples=30)
@given(_WHOSE, st.lists(st.sampled_from((*OTHERS, P)), unique=True))
def test_the_rows_of_several_are_those_of_each(whose: Any, asked: list[str]) -> None:
    rows = [use(name, ago, principal=who) for who, name, ago in whose]
    alone, together = facts(rows).uses, facts(rows).uses
    together.read(asked)
    for who in (*OTHERS, P, *asked):
        assert together.ever(who) == alone.ever(who)


_SOME = st.frozensets(st.sampled_from(NAMES))


@given(PARTS, USES, ROWS, _SOME, st.booleans())
def test_what_stays_and_goes_is_all_that_is_granted_and_the_index_falls_by_what_goes(
    parts: Any, uses: Any, rows: Any, eventless: frozenset[str], unobservable: bool
) -> None:
    found = facts(uses, rows)
    outline = outline_of(held(*parts), found)
    kept, dropped = chosen(outline, found.uses.ever(P), Guards(eventless=eventless, unobservable=unobservable))
    gone = [one.permission for one in dropped]
    assert gone == sorted({*outline.permissions()} - {one.permission for one in kept})
    assert all(one.sensitivity == found.sensitivity[NAMES.index(one.permission)] for one in dropped)
    told = [*outline.items, *(one.item(name) for one in outline.quiet for name in one.permissions)]
    weights = {
        one.permission: WEIGHTS[one.sensitivity] * reach(one.resources, found.naming) * (one.state is Use.UNUSED)
        for one in told
    }
    fall = fall_of(outline, BitMap(NAMES.index(one.permission) for one in kept), found.naming)
    assert fall.before == pytest.approx(index(sum(weights.values())), abs=0.1)
    assert fall.weight == pytest.approx(sum(weights[one] for one in gone), abs=0.01)
