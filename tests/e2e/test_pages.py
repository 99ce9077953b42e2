"""A page shows the same rows as the whole list, whatever is filtered by and sorted by."""

from __future__ import annotations

from pathlib import Path

import pytest

from leastwise.app.estate import OpenEstate, open_estate
from leastwise.app.inventory import VIEW_OF, Filters, list_rows
from leastwise.app.wiring import Workspace


@pytest.fixture(scope="module")
def estate(demo_home: Path) -> OpenEstate:
    return open_estate(Workspace(demo_home))


@pytest.mark.parametrize("what", VIEW_OF)
def test_a_page_holds_whole_rows_of_the_view(estate: OpenEstate, what: str) -> None:
    view = estate.view(VIEW_OF[what])
    if what == "grants":
        view = estate.with_actions(view)
    assert set(view.column_names) == set(estate.schema(VIEW_OF[what]).names)
    expected = sorted(repr(sorted(row.items())) for row in view.to_pylist())
    page = list_rows(estate, what, Filters())
    table = estate.rows(VIEW_OF[what], estate.view(VIEW_OF[what], []))
    assert sorted(repr(sorted(row.items())) for row in table.to_pylist()) == expected
    assert page.total == len(page.items) == view.num_rows > 0


@pytest.mark.parametrize("what", VIEW_OF)
def test_pages_together_are_the_list_in_every_order(estate: OpenEstate, what: str) -> None:
    sortable = [field.name for field in estate.schema(VIEW_OF[what]) if not field.type.num_fields]
    size = max(7, estate.view(VIEW_OF[what]).num_rows // 3)
    for sort in [None, *(sign + name for name in sortable for sign in ("", "-"))]:
        whole = list_rows(estate, what, Filters(), sort)
        rows, cursor = [], None
        while True:
            page = list_rows(estate, what, Filters(), sort, size, cursor)
            assert page.total == whole.total
            rows += page.items
            cursor = page.next
            if cursor is None:
                break
        assert rows == whole.items, sort


def test_an_answer_names_the_parts_of_the_estate_file_that_its_rows_rest_on(estate: OpenEstate) -> None:
    fresh = open_estate(estate.workspace)
    services = Filters(provider="aws", kind=("provider_service",))
    assert list_rows(fresh, "identities", services).header["estate_file"] == []
    whole = open_estate(estate.workspace)
    assert {"owners", "break_glass"} <= set(list_rows(whole, "identities", Filters()).header["estate_file"])
