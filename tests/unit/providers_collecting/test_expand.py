"""From answers to calls: members filled into texts, things chosen by their beginnings, calls in place of others."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from leastwise.providers.collecting.declaration import Call
from leastwise.providers.collecting.expand import below, instead, opening, subject


class Asking(Call, frozen=True, kw_only=True):
    """A call as a provider would declare it."""

    AROUND: ClassVar[tuple[str, ...]] = ("root",)
    then: list[Asking] = []
    otherwise: list[Asking] = []

    @property
    def below(self) -> list[Asking]:  # type: ignore[override]
        return self.then

    @property
    def instead(self) -> list[Asking]:  # type: ignore[override]
        return self.otherwise


FOLDERS = {"folders": [{"name": "folders/1", "id": 7}, {"name": "folders/2"}, {"name": "organizations/3", "id": 0}]}

CASES: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"parent": "{.name}/locations/global"},
     [{"parent": f"{one['name']}/locations/global"} for one in FOLDERS["folders"]]),
    ({"parent": "//x/{.name}?of={$above}"}, [{"parent": f"//x/{one['name']}?of=9"} for one in FOLDERS["folders"]]),
    ({"parent": "{.id}-{.name}"}, [{"parent": "7-folders/1"}, {"parent": "0-organizations/3"}]),
    ({"parent": "{$root}"}, [{"parent": "organizations/3"}] * 3),
    ({"parent": "{plain} braces"}, [{"parent": "{plain} braces"}] * 3),
]  # fmt: skip


@pytest.mark.parametrize(("given", "asked"), CASES, ids=[str(one[0]["parent"]) for one in CASES])
def test_members_are_filled_into_texts_and_a_thing_that_lacks_one_is_not_asked_for(
    given: dict[str, Any], asked: list[dict[str, Any]]
) -> None:
    call = Asking(call="list", then=[Asking(call="x", each="folders", with_=given)])
    around = {"root": "organizations/3"}
    assert [one.parameters for one in below(call, FOLDERS, {"above": 9}, around)] == asked


@pytest.mark.parametrize(
    ("where", "count"),
    [({"name": ["folders/*"]}, 2), ({"name": ["folders/1"]}, 1), ({"name": ["*"]}, 3), ({"id": [7, "x*"]}, 1),
     ({"name": ["folders/*"], "id": [7]}, 1), ({"missing": ["*"]}, 0)],
)  # fmt: skip
def test_things_are_chosen_by_the_beginning_of_a_member(where: dict[str, Any], count: int) -> None:
    call = Asking(call="list", then=[Asking(call="x", each="folders", where=where, with_={"name": ".name"})])
    assert len(list(below(call, FOLDERS, {}, {}))) == count


def test_a_text_that_leads_on_is_a_thing_too() -> None:
    call = Asking(call="get", then=[Asking(call="get", each="parent", where={"": ["folders/*"]}, with_={"name": "."})])
    assert [one.parameters for one in below(call, {"parent": "folders/4"}, {}, {})] == [{"name": "folders/4"}]
    assert list(below(call, {"parent": "organizations/4"}, {}, {})) == []


def test_what_is_asked_in_place_of_a_denied_call_has_its_parameters() -> None:
    other = Asking(call="search", with_={"parent": "$parent", "query": "in {$root}"})
    call = Asking(call="list", with_={"parent": ".name"}, otherwise=[other])
    (made,) = instead(call, {"parent": "groups/1"}, {"root": "organizations/3"})
    assert made.call is other and made.parameters == {"parent": "groups/1", "query": "in organizations/3"}
    assert [one.call for one in call.walk()] == ["list", "search"]


def test_what_an_answer_is_about_are_the_parameters_that_vary() -> None:
    call = Asking(call="x", with_={"a": "{.name}/b", "b": "constant", "c": "$root", "d": "$a", "e": "{no}"})
    assert subject(call, {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}) == "1\x1f4"
    assert opening(call, {"root": "r"}) == {"a": None, "b": "constant", "c": "r", "d": None, "e": "{no}"}
