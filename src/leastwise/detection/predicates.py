"""The tests of a rule over Arrow columns, three-valued: true, false, and null for cannot be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.rules.schema import AllOf, AnyOf, Node, Not, Test, Value
from leastwise.rules.views import BOUNDED_BY, STATES


class Evaluation:
    """One rule's tests over the rows of one view.

    Args:
        subject: subject of the rule; tells which text columns have a word for unknown.
        table: rows of the view with its overlay.
        clock: the time that ages count from.
        parameters: value of each of the rule's parameters.
    """

    def __init__(self, subject: str, table: pa.Table, clock: datetime, parameters: Mapping[str, int]) -> None:
        self._states, self._table, self._clock, self._parameters = STATES[subject], table, clock, parameters

    def holds(self, node: Node) -> pa.Array:
        """Where the tree holds: true, false or null, by Kleene's logic."""
        match node:
            case Test():
                return self._test(node)
            case Not(part):
                return pc.invert(self.holds(part))
            case AllOf(parts):
                result = self.holds(parts[0])
                for part in parts[1:]:
                    result = pc.and_kleene(result, self.holds(part))
                return result
            case AnyOf(parts):
                result = self.holds(parts[0])
                for part in parts[1:]:
                    result = pc.or_kleene(result, self.holds(part))
                return result

    def missing(self, node: Node, unknown: pa.Array) -> dict[str, int]:
        """Over the rows marked unknown, in how many each column's missing value is why the tree cannot tell.

        A part is to blame only where it is unknown itself: then no other part of its `all` was false, and none of
        its `any` true, or the whole would have been known.
        """
        blamed: dict[str, pa.Array] = {}
        self._blame(node, unknown, blamed)
        counts = {name: int(pc.sum(mask).as_py() or 0) for name, mask in blamed.items()}
        return {name: count for name, count in sorted(counts.items()) if count}

    def _blame(self, node: Node, rows: pa.Array, blamed: dict[str, pa.Array]) -> None:
        mine = pc.and_(rows, pc.is_null(self.holds(node)))
        match node:
            case Test(column):
                blamed[column] = pc.or_(blamed[column], mine) if column in blamed else mine
            case Not(part):
                self._blame(part, mine, blamed)
            case AllOf(parts) | AnyOf(parts):
                for part in parts:
                    self._blame(part, mine, blamed)

    def _column(self, name: str) -> pa.Array:
        column = self._table[name].combine_chunks()
        if name in self._states:
            return pc.if_else(pc.equal(column, "unknown"), pa.scalar(None, column.type), column)
        return column

    def _number(self, value: Value) -> int:
        return self._parameters[value[1:]] if isinstance(value, str) else int(value)  # type: ignore[arg-type]

    def _test(self, test: Test) -> pa.Array:
        if test.column in BOUNDED_BY:
            return self._bounded(test)
        column, value = self._column(test.column), test.value
        match test.operator:
            case "is_null":
                return pc.equal(pc.is_null(column), pa.scalar(value))
            case "is":
                return column if value else pc.invert(column)
            case "equals" | "not_equals":
                if pa.types.is_integer(column.type):
                    value = self._number(value)
                same = pc.equal(column, pa.scalar(value, column.type))
                return same if test.operator == "equals" else pc.invert(same)
            case "in" | "not_in":
                found = pc.is_in(column, value_set=pa.array(value, pa.string()))
                known = pc.if_else(pc.is_valid(column), found, pa.scalar(None, pa.bool_()))
                return known if test.operator == "in" else pc.invert(known)
            case "matches" | "regex":
                return pc.match_substring_regex(column, _pattern(test))
            case "differs_from":
                return pc.not_equal(column, self._column(str(value)))
            case "contains" | "contains_regex":
                return _any_element(column, _pattern(test))
            case "tagged":
                return _any_element(_pairs(column), _pattern(test))
            case _:
                return self._compare(test.operator, column, self._number(value))

    def _bounded(self, test: Test) -> pa.Array:
        """A test of a time that may be newer than is known: only a recent one is sure without the flag."""
        column, known = self._column(test.column), self._column(BOUNDED_BY[test.column])
        if test.operator == "is_null":
            never = pc.is_null(column)
            sure = pc.if_else(pc.and_(never, pc.invert(known)), pa.scalar(None, pa.bool_()), never)
            return sure if test.value else pc.invert(sure)
        newer = test.operator == "newer_than"
        recent = pc.fill_null(self._compare("newer_than", column, self._number(test.value)), False)
        rest = pa.scalar(False) if newer else pc.is_valid(column)
        return pc.if_else(recent, newer, pc.if_else(known, rest, pa.scalar(None, pa.bool_())))

    def _compare(self, operator: str, column: pa.Array, number: int) -> pa.Array:
        if operator in ("older_than", "newer_than"):
            edge = pa.scalar(self._clock - timedelta(days=number), pa.timestamp("us", tz="UTC"))
            return pc.less(column, edge) if operator == "older_than" else pc.greater_equal(column, edge)
        if operator.startswith("size"):
            column = pc.list_value_length(column)
        return (pc.greater if operator in ("greater", "size_over") else pc.less)(column, number)


def _pattern(test: Test) -> str:
    """The test's globs, or its regular expression, as one regular expression."""
    if isinstance(test.value, str):
        return test.value
    assert isinstance(test.value, tuple)
    return "|".join(glob_regex(glob) for glob in test.value)


def glob_regex(glob: str) -> str:
    """A glob as an expression for the whole text: * is any run of characters, ? any one."""
    body = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in glob)
    return rf"(?s:\A{body}\z)"


def _pairs(column: pa.Array) -> pa.Array:
    """The tags of each row as texts NAME=VALUE; null where the row has none to tell."""
    joined = pc.binary_join_element_wise(column.keys, pc.fill_null(column.items, ""), "=")
    return pa.ListArray.from_arrays(column.offsets, joined, mask=column.is_null())


def _any_element(column: pa.Array, pattern: str) -> pa.Array:
    """Where an element of the list matches; null where the list is."""
    hit = pc.fill_null(pc.match_substring_regex(pc.list_flatten(column), pattern), False)
    parents = pc.list_parent_indices(column).filter(hit).to_numpy(zero_copy_only=False)
    found = np.zeros(len(column), dtype=np.bool_)
    found[parents] = True
    return pa.array(found, mask=column.is_null().to_numpy(zero_copy_only=False))
