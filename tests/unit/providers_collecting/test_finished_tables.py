"""Tables that are finished: a value that does not fit its column is blamed on the file that it came from."""

from __future__ import annotations

import pytest

from leastwise.errors import InputError
from leastwise.providers.rows import Facts

GOOD, BAD = "2026-01-01T00:00:00Z", "yesterday"


@pytest.mark.parametrize(("times", "blamed"), [((GOOD, BAD, GOOD), "1.json"), ((GOOD, GOOD, BAD), "2.json")])
@pytest.mark.parametrize("settled", [False, True])
def test_the_row_that_does_not_fit_names_its_file(times: tuple[str, ...], blamed: str, settled: bool) -> None:
    facts = Facts()
    for number, time in enumerate(times):
        if settled:
            facts.principals.settle(("id",), 1)
        facts.principals.add(id=f"p{number}", created=time, source=f"{number}.json")
    with pytest.raises(InputError) as caught:
        facts.finished("the tree")
    assert str(caught.value) == f"{blamed}: principals: 'yesterday' is not a time"


def test_where_no_row_tells_its_file_the_whole_is_blamed() -> None:
    facts = Facts()
    facts.principals.add(id="p", source="a.json")
    facts.principals.columns["source"].clear()
    with pytest.raises(InputError, match=r"^the tree: principals: "):
        facts.finished("the tree")


def test_every_table_is_finished() -> None:
    facts = Facts()
    facts.principals.add(id="p", created=GOOD, source="a.json")
    tables = facts.finished("the tree")
    assert set(tables) == set(facts.tables)
    assert tables["principals"]["id"].to_pylist() == ["p"]
