"""Rectangles and relations: who reaches what, without writing out the pairs."""

from __future__ import annotations

import pytest
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation, Told
from leastwise.model.decision import Needed, State

RESOURCES = ["arn:r/one", "arn:r/two", "arn:r/three"]


class Teller:
    """Tells what it is asked, and remembers."""

    def __init__(self, told: dict[int, Told]) -> None:
        self.told, self.asked = told, list[int]()

    def __call__(self, resource: int) -> Told:
        self.asked.append(resource)
        return self.told[resource]


def rectangle(
    principals: list[int], resources: list[int], state: State, told: dict[int, Told] | None = None
) -> Rectangle:
    return Rectangle(BitMap(principals), BitMap(resources), state, Teller(told or {}), RESOURCES[min(resources)])


@pytest.fixture
def relation() -> Relation:
    found = (
        rectangle([0, 1], [0, 1], State.ALLOWED),
        rectangle([2], [1], State.CONDITIONAL, {1: (((Needed("k", "StringEquals", ("v",)),),), ())}),
        rectangle([4], [2], State.UNKNOWN, {2: ((), ("gap",))}),
    )
    return Relation("do:it", ["a", "b", "c", "d", "*"], RESOURCES, found, 4)


@pytest.mark.parametrize(
    ("principal", "resource", "state"),
    [
        (0, 0, State.ALLOWED),
        (1, 1, State.ALLOWED),
        (2, 1, State.CONDITIONAL),
        (2, 0, State.DENIED),
        (3, 0, State.DENIED),
        (4, 2, State.UNKNOWN),
        (4, 0, State.DENIED),
    ],
)
def test_the_answer_for_a_pair(relation: Relation, principal: int, resource: int, state: State) -> None:
    assert relation.state(principal, resource) is state


def test_pairs_are_counted(relation: Relation) -> None:
    assert relation.pairs == 2 * 2 + 1 + 1


def test_both_sides(relation: Relation) -> None:
    assert relation.reaching() == BitMap([0, 1, 2, 4])
    assert relation.reached(BitMap([2])) == BitMap([1])
    assert relation.reached(BitMap([0, 4])) == BitMap([0, 1, 2])
    assert relation.reached(BitMap([3])) == BitMap()
    assert [len(one.principals) for one in relation.of_resource(1)] == [2, 1]
    assert list(relation.of_principal(3)) == []


def test_nothing_reaches_nothing() -> None:
    empty = Relation("do:it", ["a"], RESOURCES, (), 1)
    assert (empty.pairs, empty.reaching(), empty.reached(BitMap([0]))) == (0, BitMap(), BitMap())


def test_what_is_sure_is_not_told() -> None:
    one = rectangle([0], [0], State.ALLOWED)
    assert (one.residual, one.missing, one.told(0)) == ((), (), ((), ()))


def test_it_is_told_once_where_it_names_no_resource() -> None:
    teller = Teller({0: ((), ("trail",)), 1: ((), ("trail",))})
    one = Rectangle(BitMap([0]), BitMap([0, 1, 2]), State.UNKNOWN, teller, RESOURCES[0])
    assert [one.told(place) for place in one.resources] == [((), ("trail",))] * 3
    assert teller.asked == [0]


@pytest.mark.parametrize("first", [RESOURCES[0], f"{RESOURCES[0]}/*"])
def test_it_is_told_anew_where_it_names_the_resource(first: str) -> None:
    teller = Teller({place: ((), (f"policy of {RESOURCES[place]}",)) for place in range(3)})
    one = Rectangle(BitMap([0]), BitMap([0, 1, 2]), State.UNKNOWN, teller, first)
    assert [one.told(place)[1] for place in one.resources] == [(f"policy of {id}",) for id in RESOURCES]
    assert one.missing == (f"policy of {RESOURCES[0]}",)
