"""Operations as patterns of roles: exactly these of all, each on its plane, and none that says nothing new."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.azure_bulk import port_of
from leastwise.engine.folding import Folding
from leastwise.providers.azure.compiled.folding import _pieces
from leastwise.providers.azure.compiled.port import AzurePort
from leastwise.providers.azure.language.operations import DATA, Patterns, Plane, canonical, literal, matches

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
OWN = "Contoso.Own/things/read"
ROLE: dict[str, Any] = {
    "kind": "role_definition",
    "body": {
        "id": "/providers/Microsoft.Authorization/roleDefinitions/12121212-0000-4000-8000-000000000001",
        "properties": {
            "roleName": "Own",
            "type": "CustomRole",
            "permissions": [{"actions": [OWN, "Contoso.Own/things/write"], "dataActions": ["Contoso.Own/read"]}],
        },
    },
}


@cache
def port() -> AzurePort:
    return port_of([ROLE])


@cache
def matched(pattern: str) -> frozenset[str]:
    """What one result stands for, over all operations."""
    numbers = port().numbers
    if literal(pattern):
        return frozenset({pattern})
    plane = Plane.DATA if pattern.startswith(DATA) else Plane.CONTROL
    return frozenset(numbers.names[at] for at in numbers.taken(Patterns((pattern.removeprefix(DATA),)), plane))


def of_role(key: str) -> set[str]:
    entries = port().numbers.role(key)
    assert entries
    return {port().numbers.names[at] for entry in entries for at in entry}


def under(beginning: str, plane: Plane) -> set[str]:
    numbers = port().numbers
    return {numbers.names[at] for at in numbers.of_plane[plane] if numbers.canonical[at].startswith(beginning.lower())}


@pytest.mark.parametrize(
    ("role", "patterns"),
    [
        (OWNER, ("*",)),
        (READER, ("*/read",)),
        (ADMINISTRATOR, ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*")),
    ],
)
def test_roles_are_folded_as_they_are_written(role: str, patterns: tuple[str, ...]) -> None:
    assert port().folded(of_role(role)) == patterns


def test_a_role_that_leaves_something_out_is_hundreds_of_lines_at_most() -> None:
    some = of_role(CONTRIBUTOR)
    found = port().folded(some)
    assert len(some) > 10_000
    assert len(found) < 500
    assert set().union(*map(matched, found)) == some


def test_each_plane_has_patterns_of_its_own() -> None:
    assert port().folded(port().permissions()) == ("*", "data:*")
    control, data = (under("Microsoft.Storage/", plane) for plane in Plane)
    assert port().folded(control) == ("Microsoft.Storage/*",)
    assert port().folded(data) == ("data:Microsoft.Storage/*",)
    assert port().folded(control | data) == ("Microsoft.Storage/*", "data:Microsoft.Storage/*")


def test_single_operations_are_written_as_ever() -> None:
    names = port().numbers.names
    both = next(one for one in names if one.startswith(DATA))
    for one in (f"{BLOBS}/read", both, both.removeprefix(DATA)):
        assert port().folded([one, one]) == (one,)
    assert port().folded([]) == ()


def test_operations_that_only_roles_tell_take_part_and_unknown_ones_stand_for_themselves() -> None:
    own = ["Contoso.Own/things/write", OWN]
    assert port().folded(own) == ("Contoso.Own/*",)
    assert port().folded([*own, "Contoso.Own/read"]) == ("Contoso.Own/*", "Contoso.Own/read")
    assert port().folded([OWN, "Nobody.Knows/read"]) == (OWN, "Nobody.Knows/read")


@st.composite
def some_operations(draw: st.DrawFn) -> set[str]:
    """What a few patterns take in of the catalogue, single ones, and less of some."""
    numbers = port().numbers
    found: set[str] = set()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(numbers.names) - 1))
        segments = numbers.canonical[at].split("/")
        cut = draw(st.integers(0, len(segments) - 1))
        end = draw(st.sampled_from(("", f"/{segments[-1]}")))
        pattern = "/".join([*segments[:cut], f"*{end}"])
        found |= {numbers.names[one] for one in numbers.taken(Patterns((pattern,)), numbers.planes[at])}
    found |= set(draw(st.lists(st.sampled_from(numbers.names), max_size=4)))
    taken = draw(st.lists(st.sampled_from(sorted(found)), max_size=2)) if found else []
    return found - set(taken)


@settings(max_examples=40, deadline=None)
@given(some_operations())
def test_patterns_take_in_exactly_the_operations(some: set[str]) -> None:
    found = port().folded(some)
    each = {one: matched(one) for one in found}
    assert set().union(*each.values()) == some
    assert found == port().folded(sorted(some, reverse=True)), "the same in any order"
    assert found == tuple(sorted(set(found)))
    times = Counter(name for names in each.values() for name in names)
    for one, names in each.items():
        assert any(times[name] == 1 for name in names), f"{one} says nothing new"


SEGMENTS = st.sampled_from(("a", "A.b", "b", "read", "readAll", ""))
NAMES = st.lists(st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join), unique_by=canonical, max_size=14)


@settings(max_examples=300, deadline=None)
@given(NAMES, st.data())
def test_names_of_every_form_are_folded_exactly(names: list[str], data: st.DataObject) -> None:
    some = data.draw(st.sets(st.sampled_from(names))) if names else set()
    found = Folding(names, _pieces, "/").folded(some)
    assert {name for name in names for one in found if matches(one, name)} == some
    assert len(found) <= len(some)
