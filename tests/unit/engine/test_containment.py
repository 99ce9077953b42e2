"""The algebra of access in every dialect: its laws, and containment against trying every request."""

from __future__ import annotations

import os

import pytest
from cubes_support import X, Y, Z, cubes, has, holds_in, requests, sets, terms, worlds
from dialects_support import ARN, DIALECTS
from formula_support import Fact
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.engine.containment import CounterExample, NotProven, Proved, Terms, contains, empty, equal
from leastwise.engine.cubes import NOTHING, AccessSet, Common, Cube, Cubes, Less, Union, cubes_of
from leastwise.engine.formula import Formula, Literal, all_of, any_of
from leastwise.engine.patterns import EVERYTHING, Inside, Region, exactly, glob
from leastwise.engine.solve import Gap, Solver

EXAMPLES = 2_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 15
NAMES = sorted(DIALECTS)
each = pytest.mark.parametrize("name", NAMES)
many = settings(max_examples=EXAMPLES)


def drawn(data: st.DataObject, name: str, count: int = 2) -> list[AccessSet]:
    return [data.draw(sets(name)) for _ in range(count)]


def lies_in(inner: AccessSet, outer: AccessSet) -> bool:
    """Containment as a plain answer; a counter-example must be one."""
    found = contains(inner, outer, terms())
    assert not isinstance(found, NotProven)
    if isinstance(found, CounterExample):
        assert holds_in(inner, found)
        assert not holds_in(outer, found)
        return False
    return True


@each
@many
@given(st.data())
def test_containment_is_what_trying_every_request_says(name: str, data: st.DataObject) -> None:
    inner, outer = drawn(data, name)
    if lies_in(inner, outer):
        assert not any(has(inner, one) and not has(outer, one) for one in requests(name))


@each
@many
@given(st.data())
def test_parts_lie_in_the_whole(name: str, data: st.DataObject) -> None:
    first, second = drawn(data, name)
    assert lies_in(first, first)
    assert lies_in(first, Union((first, second)))
    assert lies_in(Common((first, second)), first)
    assert lies_in(Less(first, second), first)
    assert lies_in(NOTHING, first)


@each
@many
@given(st.data())
def test_what_is_taken_away_is_gone(name: str, data: st.DataObject) -> None:
    first, second = drawn(data, name)
    assert isinstance(empty(Common((Less(first, second), second)), terms()), Proved)
    assert isinstance(empty(Less(first, first), terms()), Proved)


@each
@many
@given(st.data())
def test_sets_are_equal_when_each_lies_in_the_other(name: str, data: st.DataObject) -> None:
    first, second = drawn(data, name)
    halves = Union((Less(first, second), Common((first, second))))
    assert all(isinstance(one, Proved) for one in equal(halves, first, terms()))
    both = equal(Union((first, second)), Union((second, first)), terms())
    assert all(isinstance(one, Proved) for one in both)
    spared = equal(Less(first, second), Less(first, Common((first, second))), terms())
    assert all(isinstance(one, Proved) for one in spared)
    different = any(has(first, one) != has(second, one) for one in requests(name))
    if different:
        assert not all(isinstance(one, Proved) for one in equal(first, second, terms()))


@each
@many
@given(st.data())
def test_operations_are_those_of_sets(name: str, data: st.DataObject) -> None:
    first, second, third = drawn(data, name, 3)
    same = [
        (Less(first, Union((second, third))), Common((Less(first, second), Less(first, third)))),
        (Common((first, Union((second, third)))), Union((Common((first, second)), Common((first, third))))),
        (Less(Union((first, second)), third), Union((Less(first, third), Less(second, third)))),
        (Less(first, Less(second, third)), Union((Less(first, second), Common((first, third))))),
    ]
    for left, right in same:
        assert all(isinstance(one, Proved) for one in equal(left, right, terms()))


@each
@many
@given(st.data())
def test_containment_goes_on(name: str, data: st.DataObject) -> None:
    first, second, third = drawn(data, name, 3)
    if lies_in(first, second) and lies_in(second, third):
        assert lies_in(first, third)


@each
@many
@given(st.data())
def test_emptiness_is_what_trying_every_request_says(name: str, data: st.DataObject) -> None:
    one = data.draw(sets(name))
    if lies_in(one, NOTHING):
        assert not any(has(one, asked) for asked in requests(name))


@each
@many
@given(st.data())
def test_a_gap_never_helps_a_proof(name: str, data: st.DataObject) -> None:
    """Proved holds whatever the gaps hide; a counter-example too; what rests on one names it."""
    inner, outer = (data.draw(sets(name, "policy p", "tags")) for _ in range(2))
    found = contains(inner, outer, terms())
    if isinstance(found, Proved):
        for own in (False, True):
            for other in (False, True):
                assert not any(has(inner, one, gaps=own) and not has(outer, one, gaps=other) for one in requests(name))
    elif isinstance(found, NotProven):
        assert found.gaps
        assert found.gaps <= {"policy p", "tags"}
        assert any(gap in found.reason for gap in found.gaps)
    else:
        assert not any(isinstance(atom, Gap) for atom in found.holds)


@each
@many
@given(st.data())
def test_a_proof_names_cubes_of_the_other_set(name: str, data: st.DataObject) -> None:
    listed = data.draw(st.lists(cubes(name), min_size=1, max_size=3))
    others = data.draw(st.lists(cubes(name), max_size=2))
    found = contains(Cubes(tuple(listed)), Cubes((*others, *listed)), terms())
    assert isinstance(found, Proved)
    told = {id(cover.cube): cover for cover in found.covers}
    assert set(told) == {id(cube) for cube in listed}
    for cover in found.covers:
        assert cover.permissions
        assert {id(cube) for cube in cover.by} <= {id(cube) for cube in (*others, *listed)}


# --- single cases -------------------------------------------------------------------------------------------------


def cube(permission: str, resource: str = "*", condition: Formula = True) -> Cube:
    return Cube(Region((glob(permission, fold=True),)), Region((ARN.pattern(resource),)), condition)


def requests_of(*listed: Cube) -> Cubes:
    return Cubes(tuple(listed))


def test_a_counter_example_is_a_request() -> None:
    found = contains(requests_of(cube("s3:Get*")), requests_of(cube("s3:GetObject")), terms())
    assert isinstance(found, CounterExample)
    assert found.permission.startswith("s3:Get")
    assert found.permission != "s3:GetObject"


def test_a_counter_example_prefers_permissions_that_exist() -> None:
    names = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"]
    given_terms = terms(names=lambda pattern: [name for name in names if pattern.matches(name)])
    found = contains(requests_of(cube("s3:Get*")), requests_of(cube("s3:GetObject")), given_terms)
    assert isinstance(found, CounterExample)
    assert found.permission == "s3:GetObjectAcl"


def test_a_name_that_does_not_exist_will_do_where_none_that_exists_does() -> None:
    given_terms = terms(names=lambda pattern: ["s3:GetObject"])
    found = contains(requests_of(cube("s3:Get*")), requests_of(cube("s3:GetObject")), given_terms)
    assert isinstance(found, CounterExample)
    assert found.permission != "s3:GetObject"


def test_values_are_the_provider_s() -> None:
    given_terms = terms(value=lambda variable, atoms, world: ("one",) if X in world else ())
    found = contains(requests_of(cube("a:b", condition=Literal(X))), NOTHING, given_terms)
    assert isinstance(found, CounterExample)
    assert found.values == {"x": ("one",)}
    assert found.holds == {X: True}


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        # Two patterns cover together what neither does alone.
        ([cube("a:*", "arn:a:b:c:d:e")], [cube("a:b", "arn:a:b:c:d:*"), cube("a:*", "arn:a:b:c:*:e")], True),
        ([cube("a:*", "arn:a:b:c:d:x*")], [cube("a:*", "arn:a:b:c:d:x"), cube("a:*", "arn:a:b:c:d:x?*")], True),
        ([cube("a:*", "arn:a:b:c:d:x*")], [cube("a:*", "arn:a:b:c:d:x"), cube("a:*", "arn:a:b:c:d:x??*")], False),
        # Conditions that together always hold, and never hold together.
        ([cube("a:b")], [cube("a:b", condition=Literal(X)), cube("a:b", condition=Literal(X, positive=False))], True),
        ([cube("a:b", condition=all_of((Literal(X), Literal(Y))))], [], True),
        ([cube("a:b", condition=Literal(X))], [cube("a:b", condition=Literal(Y, positive=False))], True),
        ([cube("a:b", condition=Literal(X))], [cube("a:b", condition=any_of((Literal(X), Literal(Z))))], True),
        ([cube("a:b", condition=any_of((Literal(X), Literal(Z))))], [cube("a:b", condition=Literal(X))], False),
        ([cube("A:B")], [cube("a:b")], True),
        ([cube("a:b", "arn:a:b:c:d:E")], [cube("a:b", "arn:a:b:c:d:e")], False),
    ],
)
def test_cases(inner: list[Cube], outer: list[Cube], expected: bool) -> None:
    assert lies_in(requests_of(*inner), requests_of(*outer)) is expected


@pytest.mark.parametrize(
    ("permission", "excluded", "expected"),
    [
        ("s3:Get*", "s3:*", False),
        ("s3:Get*", "s3:Get*", False),
        ("s3:Get*", "s3:GetObject", False),
        ("s3:Get*", "s3:Put*", True),
        ("s3:GetObject", "s3:Get*", False),
        ("s3:GetObject", "s3:Put*", True),
        ("*", "s3:*", False),
    ],
)
def test_what_a_region_excludes_is_not_in_it(permission: str, excluded: str, expected: bool) -> None:
    but = Region(EVERYTHING.include, (glob(excluded, fold=True),))
    assert lies_in(requests_of(cube(permission)), Cubes((Cube(but),))) is expected
    assert lies_in(Cubes((Cube(EVERYTHING, Region((glob(permission),))),)), Cubes((Cube(EVERYTHING, but),))) is expected
    assert lies_in(Cubes((Cube(but),)), requests_of(cube("*")))
    left = Common((requests_of(cube(permission)), Cubes((Cube(but),))))
    assert lies_in(Less(requests_of(cube(permission)), requests_of(cube(excluded))), left)


def test_a_denial_under_a_condition_counts_both_ways() -> None:
    everything = requests_of(cube("*"))
    unless = Less(everything, requests_of(cube("s3:*", condition=Literal(X))))
    under = requests_of(cube("s3:Get*", condition=Literal(X, positive=False)))
    # At least what remains when it surely does not apply; at most what remains when it may.
    assert lies_in(under, unless)
    assert not lies_in(requests_of(cube("s3:Get*")), unless)
    assert lies_in(unless, everything)
    assert not lies_in(everything, unless)


@pytest.mark.parametrize(
    ("inner", "outer", "gaps"),
    [
        (Cubes((cube("a:b", condition=Literal(Gap("p"))),)), NOTHING, {"p"}),
        (Cubes((cube("a:b"),)), Cubes((cube("a:b", condition=Literal(Gap("q"))),)), {"q"}),
        (Cubes((cube("a:b"),)), Less(Cubes((cube("a:*"),)), Cubes((cube("a:b", condition=Literal(Gap("r"))),))), {"r"}),
        (Less(Cubes((cube("a:b"),)), Cubes((cube("a:b", condition=Literal(Gap("s"))),))), NOTHING, {"s"}),
    ],
)
def test_what_rests_on_a_gap_is_not_proven(inner: AccessSet, outer: AccessSet, gaps: set[str]) -> None:
    found = contains(inner, outer, terms())
    assert isinstance(found, NotProven)
    assert found.gaps == gaps


def test_a_gap_that_changes_nothing_is_no_obstacle() -> None:
    gap = Literal(Gap("p"))
    inner = requests_of(cube("a:b", condition=gap))
    assert isinstance(contains(inner, requests_of(cube("a:*")), terms()), Proved)
    clear = requests_of(cube("a:b", condition=gap), cube("c:d"))
    found = contains(clear, requests_of(cube("a:b")), terms())
    assert isinstance(found, CounterExample)
    assert found.permission == "c:d"


def test_requests_that_cannot_be_made_are_none() -> None:
    actions = Region((glob("?*:?*"),))
    known = terms(permissions=actions)
    assert isinstance(contains(requests_of(cube("nonsense")), NOTHING, known), Proved)
    assert isinstance(contains(requests_of(cube("*")), requests_of(cube("*:*")), known), Proved)
    assert isinstance(contains(requests_of(cube("*")), requests_of(cube("*:*")), terms()), CounterExample)


def test_a_resource_may_be_asked_for_in_a_condition() -> None:
    """As effective sets are: groups of permissions with one formula over resource and conditions."""
    inside = [Literal(Inside(ARN.pattern(f"arn:a:b:c:d:{name}/*"))) for name in ("x", "y")]
    names = Region(tuple(exactly(f"s3:{name}", fold=True) for name in ("Get", "Put", "List")))
    wide = Cubes((Cube(names, EVERYTHING, any_of((inside[0], all_of((inside[1], Literal(X)))))),))
    narrow = Cubes((Cube(names, EVERYTHING, all_of((any_of(inside), Literal(X)))),))
    assert lies_in(narrow, wide)
    assert not lies_in(wide, narrow)
    regions = Cubes((Cube(names, Region((ARN.pattern("arn:a:b:c:d:x/*"),))), Cube(names, EVERYTHING, inside[1])))
    assert lies_in(wide, regions)


def test_a_condition_with_too_many_worlds_is_not_proven() -> None:
    tests = [Literal(Fact("wide", number)) for number in range(3)]
    solver = Solver(lambda variable, atoms: None if variable == "wide" else worlds(variable, atoms))
    found = contains(
        requests_of(cube("a:b", condition=all_of(tests[:2]))),
        requests_of(cube("a:b", condition=tests[2])),
        Terms(solver),
    )
    assert isinstance(found, NotProven)
    assert "worlds" in found.reason


HALVES = (glob("a" + "?" * 20 + "b*"), glob("?*a" + "?" * 20 + "b*"))
"""Together all of what has a `b` 21 letters behind an `a`; a deterministic automaton has two million states."""


@pytest.mark.parametrize(("states", "expected"), [(10, NotProven), (500, Proved)])
def test_patterns_built_to_explode_end_within_the_budget(states: int, expected: type) -> None:
    inner = Cube(EVERYTHING, Region((glob("*a" + "?" * 20 + "b*"),)))
    outer = Cubes((Cube(EVERYTHING, Region(HALVES[:1])), Cube(EVERYTHING, Region(HALVES[1:]))))
    found = contains(Cubes((inner,)), outer, terms(states=states))
    assert isinstance(found, expected)
    if isinstance(found, NotProven):
        assert found.reason == "more than 10 states of automata"
        assert not found.gaps


@pytest.mark.parametrize(("steps", "expected"), [(0, NotProven), (500, Proved)])
def test_formulas_that_branch_end_within_the_budget(steps: int, expected: type) -> None:
    """Each resource is in half of the cubes of the other set, with conditions of which one always holds."""
    condition = [Literal(X), Literal(X, positive=False), Literal(Z), Literal(Z, positive=False)]
    signs = ["*1*", "*2*"]
    outer = [Cube(EVERYTHING, Region((glob(sign),)), one) for sign in signs for one in condition]
    outer += [Cube(EVERYTHING, Region(EVERYTHING.include, (glob(sign),)), one) for sign in signs for one in condition]
    found = contains(Cubes((Cube(EVERYTHING),)), Cubes(tuple(outer)), terms(steps=steps))
    assert isinstance(found, expected)
    if isinstance(found, NotProven):
        assert "partial formulas" in found.reason


def test_every_cube_of_a_set_is_known() -> None:
    one, two, three = cube("a:b"), cube("c:d"), cube("e:f")
    tree = Union((Less(Cubes((one,)), Cubes((two,))), Common((Cubes((three,)),))))
    assert [id(found) for found in cubes_of(tree)] == [id(one), id(two), id(three)]
