"""The vectorised three-valued tests against a slow reading of one row at a time."""

from __future__ import annotations

import fnmatch
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from leastwise.detection.overlay import with_overlay
from leastwise.detection.predicates import Evaluation
from leastwise.engine.columns import table
from leastwise.model.tables import IDENTITIES_VIEW
from leastwise.rules.cases import full_row
from leastwise.rules.schema import AllOf, AnyOf, Node, Not, Test
from leastwise.rules.views import columns_of

CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = columns_of("identities")
Test.__test__ = False  # type: ignore[attr-defined]


def slow(node: Node, row: dict[str, Any]) -> bool | None:
    if isinstance(node, Not):
        inner = slow(node.part, row)
        return None if inner is None else not inner
    if isinstance(node, AllOf):
        parts = [slow(part, row) for part in node.parts]
        return False if False in parts else None if None in parts else True
    if isinstance(node, AnyOf):
        parts = [slow(part, row) for part in node.parts]
        return True if True in parts else None if None in parts else False
    return slow_test(node, row)


def slow_test(test: Test, row: dict[str, Any]) -> bool | None:
    value, want = row[test.column], test.value
    if test.column == "admin" and value == "unknown":
        value = None
    if test.column == "last_used":
        return slow_last_use(test.operator, value, want, row["last_used_known"])
    if test.operator == "is_null":
        return (value is None) == want
    if value is None:
        return None
    if isinstance(want, str) and want.startswith("$"):
        want = 2
    globs = want if isinstance(want, tuple) else ()
    edge = CLOCK - timedelta(days=want) if isinstance(want, int) else CLOCK
    return {
        "equals": lambda: value == want,
        "not_equals": lambda: value != want,
        "in": lambda: value in want,
        "not_in": lambda: value not in want,
        "is": lambda: value == want,
        "matches": lambda: any(fnmatch.fnmatchcase(value, glob) for glob in globs),
        "regex": lambda: bool(re.search(want, value)),
        "contains": lambda: any(fnmatch.fnmatchcase(item, glob) for item in value for glob in globs),
        "contains_regex": lambda: any(re.search(want, item) for item in value),
        "tagged": lambda: any(fnmatch.fnmatchcase("=".join(tag), glob) for tag in value for glob in globs),
        "differs_from": lambda: None if row[want] is None else value != row[want],
        "older_than": lambda: value < edge,
        "newer_than": lambda: value >= edge,
        "greater": lambda: value > want,
        "less": lambda: value < want,
        "size_over": lambda: len(value) > want,
        "size_under": lambda: len(value) < want,
    }[test.operator]()


def slow_last_use(operator: str, value: datetime | None, want: Any, known: bool) -> bool | None:
    if operator == "is_null":
        if value is None and not known:
            return None
        return (value is None) == want
    recent = value is not None and value >= CLOCK - timedelta(days=want)
    if recent:
        return operator == "newer_than"
    if not known:
        return None
    return operator == "older_than" and value is not None


words = st.sampled_from(["", "yes", "unknown", "repo:a/b", "repo:a*", "x\ny", "é"])
times = st.integers(-5, 5).map(lambda days: CLOCK - timedelta(days=days))
row = st.fixed_dictionaries(
    {
        "name": words,
        "admin": st.sampled_from(["yes", "no", "unknown"]),
        "mail": st.none() | words,
        "owner": st.none() | words,
        "console": st.none() | st.booleans(),
        "external": st.booleans(),
        "active_keys": st.none() | st.integers(0, 3),
        "created": st.none() | times,
        "last_used": st.none() | times,
        "last_used_known": st.booleans(),
        "subjects": st.lists(words, max_size=3),
        "tags": st.dictionaries(words, words, max_size=3).map(lambda tags: tuple(tags.items())),
    }
)
texts = st.lists(st.sampled_from(["yes", "repo:*", "*", "?", "x*y", ""]), min_size=1, max_size=2).map(tuple)
regexes = st.sampled_from(["^repo:[^/]*[*]", "a", "^$"])
days = st.integers(-5, 5)
leaf = st.one_of(
    st.builds(Test, st.sampled_from(["name", "mail", "admin"]), st.sampled_from(["equals", "not_equals"]), words),
    st.builds(Test, st.sampled_from(["mail", "admin"]), st.sampled_from(["in", "not_in", "matches"]), texts),
    st.builds(Test, st.just("mail"), st.just("regex"), regexes),
    st.builds(Test, st.just("mail"), st.just("differs_from"), st.sampled_from(["name", "owner"])),
    st.builds(Test, st.sampled_from(["console", "external"]), st.just("is"), st.booleans()),
    st.builds(
        Test, st.sampled_from(["mail", "console", "created", "last_used", "admin"]), st.just("is_null"), st.booleans()
    ),
    st.builds(Test, st.just("subjects"), st.just("contains"), texts),
    st.builds(Test, st.just("subjects"), st.just("contains_regex"), regexes),
    st.builds(Test, st.just("tags"), st.just("tagged"), st.just(("yes=*", "*=", "repo:a/b=?nknown")) | texts),
    st.builds(Test, st.just("subjects"), st.sampled_from(["size_over", "size_under"]), st.integers(0, 3)),
    st.builds(Test, st.sampled_from(["created", "last_used"]), st.sampled_from(["older_than", "newer_than"]), days),
    st.builds(
        Test,
        st.just("active_keys"),
        st.sampled_from(["greater", "less", "equals"]),
        st.sampled_from([0, 1, 2, "$two"]),
    ),
)


def _inner(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, nodes), st.builds(AllOf, parts), st.builds(AnyOf, parts))


def evaluation(rows: list[dict[str, Any]]) -> Evaluation:
    columns = {name: column for name, column in COLUMNS.items() if name in IDENTITIES_VIEW.names()}
    full = [full_row({"owner": None, **one}, columns, "aws") for one in rows]
    view = table(IDENTITIES_VIEW, {name: [one[name] for one in full] for name in columns})
    return Evaluation("identities", with_overlay("identities", view), CLOCK, {"two": 2})


@given(st.recursive(leaf, _inner, max_leaves=8), st.lists(row, max_size=6))
def test_as_the_slow_reading(node: Node, rows: list[dict[str, Any]]) -> None:
    assert evaluation(rows).holds(node).to_pylist() == [slow(node, one) for one in rows]


@given(st.recursive(leaf, _inner, max_leaves=8), st.lists(row, max_size=6))
def test_every_unknown_row_has_a_missing_column(node: Node, rows: list[dict[str, Any]]) -> None:
    asked = evaluation(rows)
    unclear = asked.holds(node).is_null()
    missing = asked.missing(node, unclear)
    total = sum(unclear.to_pylist())
    assert bool(missing) == bool(total)
    assert all(0 < count <= total for count in missing.values())
    assert sum(missing.values()) >= total
