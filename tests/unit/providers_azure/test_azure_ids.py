"""Ids of Azure Resource Manager: what lies above what, and what names the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.azure.language.ids import ROOT, IdError, arm_id, extended, guid, named

SUB = "/subscriptions/11111111-1111-4111-8111-111111111111"
RG = f"{SUB}/resourceGroups/rg1"
GROUP = "/providers/Microsoft.Management/managementGroups/Corp"


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        (RG, [RG.lower(), f"{SUB}/resourcegroups", SUB]),
        (SUB, [SUB]),
        (GROUP, [GROUP.lower()]),
        (f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/x",
         [f"{GROUP}/providers/microsoft.authorization/roleassignments/x".lower(),
          f"{GROUP}/providers/microsoft.authorization/roleassignments".lower(),
          f"{GROUP}/providers/microsoft.authorization".lower(), f"{GROUP}/providers".lower(), GROUP.lower()]),
        ("/", [ROOT]),
        ("/providers/Microsoft.Billing", ["/providers/microsoft.billing", "/providers", ROOT]),
    ],
)  # fmt: skip
def test_an_id_names_what_is_above_it(text: str, paths: list[str]) -> None:
    assert list(arm_id(text).paths()) == paths


@pytest.mark.parametrize(
    ("scope", "resource", "held"),
    [
        (SUB, RG, True),
        (RG, RG.upper(), True),
        (RG, f"{RG}0", False),
        (f"{RG}/", f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1", True),
        (RG, SUB, False),
        ("/", RG, True),
        (GROUP, RG, False),
    ],
)
def test_ids_are_compared_segment_by_segment(scope: str, resource: str, held: bool) -> None:
    assert arm_id(scope).holds(arm_id(resource)) is held


segments = st.lists(st.text("abAB1", min_size=1, max_size=3), min_size=1, max_size=5)


@given(segments, segments)
def test_an_id_is_in_another_where_its_segments_begin_with_those(one: list[str], other: list[str]) -> None:
    first, second = arm_id("/" + "/".join(one)), arm_id("/" + "/".join(other))
    begins = [each.lower() for each in other[: len(one)]] == [each.lower() for each in one]
    assert first.holds(second) is begins
    assert first.key in set(first.paths())


@pytest.mark.parametrize("text", ["", "subscriptions/x", "/subscriptions//x", "x"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(IdError, match="is no id of Azure Resource Manager"):
        arm_id(text)


def test_the_scope_of_an_extension_is_told_by_its_id() -> None:
    assert extended(f"{RG}/providers/Microsoft.Authorization/roleAssignments/x", "roleAssignments").text == RG
    assert extended("/providers/Microsoft.Authorization/roleAssignments/x", "roleAssignments").key == ROOT
    with pytest.raises(IdError, match="is no id of denyAssignments"):
        extended(f"{RG}/providers/Microsoft.Authorization/roleAssignments/x", "denyAssignments")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8B9DFCAB4B774632A6DF94BD07820648", "8b9dfcab-4b77-4632-a6df-94bd07820648"),
        (" {8b9dfcab-4b77-4632-a6df-94bd07820648} ", "8b9dfcab-4b77-4632-a6df-94bd07820648"),
        ("8b9dfcab", None),
        ("", None),
    ],
)
def test_a_guid_has_one_spelling(text: str, found: str | None) -> None:
    assert guid(text) == found


def test_a_role_definition_is_known_by_its_last_part() -> None:
    key = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    assert {named(one) for one in (key, f"/providers/Microsoft.Authorization/roleDefinitions/{key.upper()}/")} == {key}
    assert named(f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/Mine") == "mine"
