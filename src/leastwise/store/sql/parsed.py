"""What a query in SQL names, by DuckDB's own parser; what is more than one question about views is refused.

This is the first of two walls (`confined` is the second): DuckDB takes COPY, INSERT, UPDATE and DELETE inside WITH, and
table functions that read files, as parts of a SELECT. So only what is listed here passes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from leastwise.errors import UsageError

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"EMPTY", "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "PIVOT"})
_NOT = {
    "COPY_QUERY_NODE": "COPY", "INSERT_QUERY_NODE": "INSERT", "UPDATE_QUERY_NODE": "UPDATE",
    "DELETE_QUERY_NODE": "DELETE", "MERGE_QUERY_NODE": "MERGE",
}  # fmt: skip
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "repeat", "json_each", "json_tree"})
"""Functions that may stand for a table: they make rows of values."""
_INWARD = frozenset(
    {"current_setting", "write_log", "nextval", "currval", "setval", "sleep_ms", "pg_sleep", "json_serialize_plan"}
)
"""Functions of values that look at the database itself, or do something."""
ONLY = "only SELECT over the views is answered (leastwise sql --list)"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query that may be put.

    Args:
        text: as it was given.
        tables: names of tables that it reads, in lower case, but for those that it defines itself.
        parameters: names of its parameters (`$name`).
    """

    text: str
    tables: frozenset[str]
    parameters: frozenset[str]


def parse(text: str, known: Collection[str]) -> Parsed:
    """What a query names.

    Args:
        text: one SELECT.
        known: the views that there are.

    Raises:
        UsageError: it is no single SELECT, reads something else than these views, or cannot be parsed.
    """
    root = _tree(text)
    tables, parameters = set[str](), set[str]()
    for place, one, defined in _parts(root):
        kind = str(one.get("type", ""))
        if place in ("node", "query_node") or kind.endswith("_NODE"):
            _check_node(kind)
        if "query_location" in one and "class" not in one and "alias" in one:
            _check_source(kind)
        if kind == "BASE_TABLE":
            tables |= {_table(one)} - defined
        elif kind == "TABLE_FUNCTION":
            _check_function(one)
        elif one.get("class") in ("FUNCTION", "WINDOW"):
            _check_value(one)
        elif one.get("class") == "PARAMETER":
            parameters.add(str(one.get("identifier", "")))
    unknown = sorted(tables - set(known))
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
        raise UsageError(f"sql: no view {unknown[0]}; {hint}")
    if numbered := sorted(one for one in parameters if one.isdecimal()):
        raise UsageError(f"sql: parameter {numbered[0]} has no name; write $name and give --param name=value")
    return Parsed(text, frozenset(tables), frozenset(parameters))


def _tree(text: str) -> Mapping[str, Any]:
    """The one statement of a text, as DuckDB writes it as JSON."""
    import duckdb

    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        try:
            row = connection.execute("SELECT json_serialize_sql($text)", {"text": text}).fetchone()
        except duckdb.Error as error:
            raise UsageError(f"sql: {cause(error)}") from None
    try:
        told = json.loads(row[0]) if row else {}
    except RecursionError:
        raise UsageError("sql: the query nests too deeply") from None
    if told.get("error"):
        said = " ".join(str(told.get("error_message", "")).split())
        raise UsageError(f"sql: {ONLY}" if told.get("error_type") == "not implemented" else _placed(text, said, told))
    statements = told.get("statements", [])
    if len(statements) != 1:
        raise UsageError(f"sql: {'the query is empty' if not statements else 'one query at a time, please'}")
    found: Mapping[str, Any] = statements[0]
    return found


def _placed(text: str, said: str, told: Mapping[str, Any]) -> str:
    position = str(told.get("position", ""))
    line = f"line {text[: int(position)].count(chr(10)) + 1}: " if position.isdecimal() and "\n" in text.strip() else ""
    return f"sql: {line}{said}"


def _parts(value: Any) -> Iterator[tuple[str, Mapping[str, Any], frozenset[str]]]:
    """Every object below a value, under which key it stands, and the tables that WITH defines for it.

    A definition sees those before it, and itself if it is recursive: elsewhere its name is a table of the database.
    Iterative, for queries may be deep.
    """
    waiting: list[tuple[str, Any, frozenset[str]]] = [("", value, frozenset())]
    while waiting:
        place, one, defined = waiting.pop()
        if isinstance(one, dict):
            yield place, one, defined
            if one.get("type") == "RECURSIVE_CTE_NODE":
                defined |= {str(one.get("cte_name", "")).lower()}
            entries = (one.get("cte_map") or {}).get("map", [])
            for entry in entries:
                waiting.append(("entry", entry, defined))
                defined |= {str(entry["key"]).lower()}
            waiting += [(key, under, defined) for key, under in one.items() if key != "cte_map"]
        elif isinstance(one, list):
            waiting += [(place, under, defined) for under in one]


def _check_node(kind: str) -> None:
    if kind not in _NODES:
        raise UsageError(f"sql: {_NOT.get(kind, kind)}: {ONLY}")


def _check_source(kind: str) -> None:
    if kind not in _SOURCES:
        raise UsageError(f"sql: {'SHOW, DESCRIBE and SUMMARIZE' if kind == 'SHOW_REF' else kind}: {ONLY}")


def _table(one: Mapping[str, Any]) -> str:
    path = [str(part) for part in (one.get("qualified_name") or {}).get("path", [one.get("table_name", "")])]
    if len(path) != 1 or one.get("schema_name") or one.get("catalog_name"):
        raise UsageError(f"sql: {'.'.join(path)}: name a view alone, without a schema")
    return path[0].lower()


def _check_function(one: Mapping[str, Any]) -> None:
    function = one.get("function") or {}
    name = str(function.get("function_name", "")).lower()
    if name not in TABLE_FUNCTIONS or function.get("schema") or function.get("catalog"):
        raise UsageError(f"sql: {name}: not a view; functions for tables are {', '.join(sorted(TABLE_FUNCTIONS))}")


def _check_value(one: Mapping[str, Any]) -> None:
    name = str(one.get("function_name", "")).lower()
    if name in _INWARD:
        raise UsageError(f"sql: {name}: not a function for questions")


def cause(error: Exception) -> str:
    """What DuckDB complains about, as one clause: its first lines, without the drawing of where."""
    lines = []
    for line in str(error).splitlines():
        if line.startswith("LINE ") or not line.strip():
            break
        lines.append(line.strip())
    told = " ".join(" ".join(lines).split())
    return told if len(told) <= 400 else f"{told[:400]} …"
