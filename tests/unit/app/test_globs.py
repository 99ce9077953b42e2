"""Globs over a column, against a slow matcher."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.app.globs import globs


def matches(glob: str, text: str) -> bool:
    """By trying every length that a `*` can take."""
    if not glob:
        return not text
    if glob[0] == "*":
        return any(matches(glob[1:], text[skip:]) for skip in range(len(text) + 1))
    return bool(text) and glob[0] in ("?", text[0]) and matches(glob[1:], text[1:])


def asked(values: list[str | None], *wanted: str) -> list[bool]:
    return globs(pa.chunked_array([values], pa.string()), wanted).to_pylist()


@pytest.mark.parametrize(
    ("glob", "values"),
    [
        ("arn:aws:s3:::logs-*", {"arn:aws:s3:::logs-": True, "arn:aws:s3:::logs-a/b": True, "arn:aws:s3:::log": False}),
        ("a?c", {"abc": True, "ac": False, "abbc": False, "a.c": True}),
        ("a.c", {"a.c": True, "abc": False}),
        ("a+(b)[c]", {"a+(b)[c]": True, "aabc": False}),
        ("*", {"": True, "x": True, "a\nb": True}),
        ("", {"": True, "x": False}),
        ("b", {"abc": False, "b": True, "b\n": False}),
        ("x|y", {"x|y": True, "x": False}),
        ("\\d", {"\\d": True, "1": False}),
        ("é*", {"école": True, "ecole": False}),
    ],
)
def test_a_glob(glob: str, values: dict[str, bool]) -> None:
    assert dict(zip(values, asked(list(values), glob), strict=True)) == values


def test_one_of_several_is_enough_and_null_is_none() -> None:
    assert asked(["a", "b", None, "c1"], "a", "c?") == [True, False, False, True]
    assert asked(["a", None]) == [False, False]
    assert asked([], "a") == []


def test_a_column_of_several_chunks_is_one() -> None:
    column = pa.chunked_array([["a", "b"], [], [None, "ab"]], pa.string())
    assert globs(column, ["a*"]).to_pylist() == [True, False, False, True]
    assert isinstance(globs(column, ["a*"]), pa.Array)


LETTERS = st.text("ab*?.\n", max_size=6)


@given(st.lists(LETTERS, max_size=3), st.lists(st.none() | LETTERS, max_size=5))
def test_globs_match_as_they_are_read(wanted: list[str], values: list[str | None]) -> None:
    expected = [value is not None and any(matches(glob, value) for glob in wanted) for value in values]
    assert asked(values, *wanted) == expected
