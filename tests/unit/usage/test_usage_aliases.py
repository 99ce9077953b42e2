"""What stands in logs under names that are no ids: joined to whoever has the name, or held against who may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from usage_support import END, EVERYTHING, NAMES, P, attempt, everybody, facts, held, part, use, window

from leastwise.model.aliases import Meant
from leastwise.model.dormancy import Nouns
from leastwise.model.gap import Item, Use
from leastwise.usage.dormant import Seen, Unnamed, idle_principals
from leastwise.usage.everyone import Everyone
from leastwise.usage.gap import counted, gap_of

Q = f"{P}2"
PUT, GET = "s3:PutObject", "s3:GetObject"
WHY = "whose id was not read"
BOTH = frozenset({P, Q})


@dataclass
class Known:
    """Names as a table has them."""

    meant: Mapping[str, Meant] = field(default_factory=dict)

    def of(self, name: str) -> Meant | None:
        return self.meant.get(name)

    def names(self, id: str) -> list[str]:
        return sorted(name for name, one in self.meant.items() if one.id == id)


ANN = Known({"ann@x": Meant(P)})
EITHER = Known({"ann@x": Meant("", BOTH, WHY), "bob@x": Meant("", BOTH, WHY), "eve@x": Meant("", BOTH, WHY)})


def items(uses: list[dict[str, Any]], aliases: Known, principal: str = P, **more: Any) -> dict[str, Item]:
    gap = gap_of(held(part([PUT, GET]), principal=principal), facts(uses, aliases=aliases, **more))
    return {one.permission: one for one in gap.items}


def test_what_stands_under_a_name_that_one_has_is_theirs() -> None:
    uses = [use(PUT, 3, count=2), use(PUT, 2, principal="ann@x", count=5, bucket="b"), use(GET, 9, principal="ann@x")]
    found = items(uses, ANN)
    assert {name: one.state for name, one in found.items()} == {PUT: Use.USED, GET: Use.USED}
    assert (found[PUT].done.count, found[PUT].done.touched) == (7, ("b",))
    assert found[PUT].done.last == END - timedelta(days=2)
    told = facts(uses, aliases=ANN).uses
    assert sum(row["count"] for row in told.rows(P)) == 8 and told.rows("ann@x") == []
    assert {name: one.state for name, one in items(uses, ANN, Q).items()} == {PUT: Use.UNUSED, GET: Use.UNUSED}


def test_what_stands_under_a_name_that_may_be_anybodys_is_nobodys_unused() -> None:
    uses = [use(PUT, 2, principal="ann@x", count=3)]
    for one in (P, Q):
        found = items(uses, EITHER, one)
        assert found[PUT].state is Use.UNOBSERVABLE and found[PUT].done.count == 0
        assert found[PUT].missing == f"3 uses of the log name only ann@x, {WHY}"
        assert found[GET].state is Use.UNUSED
        assert facts(uses, aliases=EITHER).uses.unnamed(one) == found[PUT].missing
    assert items(uses, EITHER, f"{P}3")[PUT].state is Use.UNUSED


def test_how_it_is_said_of_one_and_of_many() -> None:
    assert items([use(PUT, 2, principal="bob@x")], EITHER)[PUT].missing == f"1 use of the log names only bob@x, {WHY}"
    many = [use(PUT, 2, principal=one, count=at) for at, one in enumerate(("eve@x", "bob@x", "ann@x"), 1)]
    assert items(many, EITHER)[PUT].missing == f"6 uses of the log name only ann@x, bob@x and 1 more, {WHY}"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (use(PUT, 2, principal="ann@x", how="possible"), Use.UNOBSERVABLE),
        (use(PUT, 2, principal="ann@x", how="implied"), Use.UNOBSERVABLE),
        (use(PUT, 2, principal="ann@x", count=0, unknown=1), Use.UNOBSERVABLE),
        (use(PUT, 2, principal="ann@x", count=0, denied=1), Use.UNUSED),
        (use(PUT, 200, principal="ann@x"), Use.UNUSED),
        (use(PUT, -3, principal="ann@x"), Use.UNUSED),
        (use(PUT, 2, principal="cid@x"), Use.UNUSED),
    ],
    ids=["possible", "implied", "undecided", "denied", "before the window", "after it", "a name that nobody tells"],
)
def test_what_counts_as_such_a_use(row: dict[str, Any], state: Use) -> None:
    assert items([row], EITHER)[PUT].state is state


def test_own_uses_stay_used_and_a_sure_name_may_still_be_anothers() -> None:
    aliases = Known({"ann@x": Meant(P, frozenset({Q}), WHY)})
    uses = [use(PUT, 2, principal="ann@x")]
    assert items(uses, aliases)[PUT].state is Use.USED
    assert items(uses, aliases, Q)[PUT].state is Use.UNOBSERVABLE
    assert items([*uses, use(PUT, 3, principal=Q)], aliases, Q)[PUT].state is Use.USED


def test_that_the_vendor_saw_nothing_of_the_id_does_not_outweigh_it() -> None:
    uses = [use(PUT, 2, principal="ann@x")]
    off = [*EVERYTHING, *(one | {"permission": PUT, "observed": "no"} for one in EVERYTHING[:1])]
    found = items(uses, EITHER, rows=off, attempts=[attempt("s3", None)])
    assert found[PUT].state is Use.UNOBSERVABLE and found[GET].state is Use.UNUSED


WHO = st.sampled_from([P, Q, "ann@x", "bob@x", "cid@x", "eve@x"])
USES = st.lists(
    st.builds(
        lambda name, days, who, how, count, unknown: use(
            name, days, principal=who, how=how, count=count, unknown=unknown
        ),
        st.sampled_from(NAMES), st.integers(-5, 120), WHO, st.sampled_from(["call", "implied", "possible"]),
        st.integers(0, 2), st.integers(0, 1),
    ),
    max_size=8,
)  # fmt: skip
MEANT = st.dictionaries(
    st.sampled_from(["ann@x", "bob@x", "cid@x", "eve@x"]),
    st.builds(
        lambda id, maybe: Meant(id, frozenset(maybe) - {id}, WHY),
        st.sampled_from(["", P, Q]), st.sets(st.sampled_from([P, Q, f"{P}3"])),
    ),
)  # fmt: skip


@given(USES, MEANT)
def test_all_at_once_is_one_by_one_and_no_name_makes_anything_unused(
    uses: list[dict[str, Any]], meant: dict[str, Meant]
) -> None:
    parts = [part(NAMES[:4]), part(NAMES[3:], "arn:aws:s3:::b/*")]
    found, plain = facts(uses, aliases=Known(meant)), facts(uses)
    summed = {one.principal: one for one in Everyone(everybody(parts, P, Q), found).summaries()}
    for who in (P, Q):
        holdings = held(*parts, principal=who)
        gap, before = gap_of(holdings, found), gap_of(holdings, plain)
        told = summed[who]
        states = (Use.USED, Use.IMPLIED, Use.UNUSED, Use.UNOBSERVABLE)
        assert (told.used, told.implied, told.unused, told.unobservable) == tuple(map(gap.count, states))
        assert abs(told.creep.index - gap.creep.index) <= 0.1 and abs(told.creep.at_most - gap.creep.at_most) <= 0.1
        assert {one: n for one, n in counted(holdings, found).counts.items() if n} == {
            one: gap.count(one) for one in states if gap.count(one)
        }
        own = {row["permission"] for row in uses if row["principal"] in {who, *Known(meant).names(who)}
               and row["count"] and 0 <= (END - row["last_used"]).days <= 90 and row["how"] == "call"}  # fmt: skip
        may = {row["permission"] for row in uses
               if (one := meant.get(row["principal"])) is not None and who in one.maybe
               and (row["count"] or row["unknown"]) and 0 <= (END - row["last"]).days <= 90}  # fmt: skip
        for item, was in zip(gap.items, before.items, strict=True):
            assert item.state is not Use.UNUSED or was.state is Use.UNUSED
            assert (item.state is Use.USED) == (item.permission in own)
            assert item.state is not Use.UNUSED or item.permission not in may


def test_somebody_who_may_have_been_at_work_is_not_surely_dormant() -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        {"provider": "x", "id": id, "name": id, "account": "a", "native": "user", "kind": "human", "created": old,
         "last_used": None, "last_used_known": True, "protected": False}
        for id in ("p", "q", "r")
    ]  # fmt: skip
    span = window()
    names = (
        Unnamed("ann@x", {"p", "q"}, WHY, END - timedelta(days=3)),
        Unnamed("bob@x", {"r"}, WHY, END - timedelta(days=300)),
    )
    seen = Seen({"q": END - timedelta(days=4)}, span, {"a": END}, names)
    none = frozenset[str]()
    words = Nouns(frozenset({"user"}), none, none, none, none, lambda _: lambda *_: True, none)
    found = {one.id: one for one in idle_principals(pa.Table.from_pylist(rows), seen, {"x": words})}
    assert (found["p"].state, found["r"].state) == (Use.UNOBSERVABLE, Use.UNUSED) and "q" not in found
    assert found["p"].because == f"the log of {END - timedelta(days=3):%Y-%m-%d} names only ann@x, {WHY}"
