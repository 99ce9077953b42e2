"""Answers of any length, printed row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .options import Format
from .render import emit_csv, emit_table, json_text


def emit_rows(
    form: Format,
    head: Mapping[str, Any],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    tail: Mapping[str, Any],
    footer: str,
) -> None:
    """Print rows under their columns' names: as JSON between head and tail, as CSV, or as a table with a footer."""
    told = (dict(zip(names, row, strict=True)) for row in rows)
    if form is Format.JSON:
        for line in _json_lines(head, told, tail):
            print(line)
    elif form is Format.CSV:
        emit_csv(told, names)
    else:
        emit_table(list(told), {name: name for name in names}, footer)


def _json_lines(head: Mapping[str, Any], rows: Iterator[Mapping[str, Any]], tail: Mapping[str, Any]) -> Iterator[str]:
    yield "{"
    for name, value in head.items():
        yield f'  "{name}": {_indented(value)},'
    before = '  "items": ['
    for row in rows:
        yield before
        before = f"    {_indented(row, 4)},"
    if before.endswith("["):
        yield '  "items": [],'
    else:
        yield before.removesuffix(",")
        yield "  ],"
    last = len(tail) - 1
    for place, (name, value) in enumerate(tail.items()):
        yield f'  "{name}": {_indented(value)}{"," if place < last else ""}'
    yield "}"


def _indented(value: Any, depth: int = 2) -> str:
    return json_text(json.dumps(value, indent=2, ensure_ascii=False, default=str).replace("\n", "\n" + " " * depth))
