#!/usr/bin/env python3
"""Write docs/reference/tables.md from the table schemas. `--check` only says whether it is out of date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from leastwise.model.tables import DERIVED_TABLES, FACT_TABLES, SCHEMA_VERSION, VIEW_TABLES, Column, TableSpec
from leastwise.model.tables.usage import LAKE_TABLES
from leastwise.rules.views import OVERLAYS, VIEWS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "tables.md"
INTRODUCTION = f"""\
# Tables of a snapshot

Written by `tools/build_table_docs.py` from `src/leastwise/model/tables/`; edit the schemas instead.

Schema version {SCHEMA_VERSION}. Every table is one Parquet file of a snapshot. Kinds: `string`, `bool`, `int`, `time`
(UTC, microseconds), `binary`, `strings` (list of strings), `tags` (map of string to string). Null in an optional column
means *not known*, never *no*.
"""
FACTS = """\
## Facts

What translation writes. The vendor's own ids join them; `documents` are pointed at by row number.
"""
VIEW = """\
## Read models

Derived from the facts of one snapshot when it is committed. Lists, filters and posture rules read these, and each
adds the columns named under *laid over when asked*, which only the estate knows (estate.yaml, or other scopes).
"""

DERIVED = """\
## Made when asked

Posture rules read these too. They are made from the facts and the usage lake when findings are asked for, and kept
nowhere; without a lake there is no `gaps_view`.
"""

LAKE = """\
## Usage lake

What audit logs say; these tables belong to no snapshot and grow with every `leastwise events`. Texts are empty where
the log does not tell.
"""


def page() -> str:
    subject_of = {spec.name: subject for subject, spec in VIEWS.items()}
    parts = [INTRODUCTION, FACTS, *map(table, FACT_TABLES), VIEW]
    for spec in VIEW_TABLES:
        laid = OVERLAYS[subject_of[spec.name]]
        parts.append(
            table(spec) + "\nLaid over when asked: " + ", ".join(f"`{c.name}` ({c.doc})" for c in laid) + ".\n"
        )
    parts.append(DERIVED)
    for spec in DERIVED_TABLES:
        laid = ", ".join(f"`{c.name}` ({c.doc})" for c in OVERLAYS[subject_of[spec.name]])
        parts.append(f"{table(spec)}\nLaid over: {laid}.\n")
    return "\n".join([*parts, LAKE, *map(table, LAKE_TABLES)])


def table(spec: TableSpec) -> str:
    return section(spec.name, spec.row, spec.columns)


def section(name: str, row: str, columns: Iterable[Column]) -> str:
    """What a page says of a table or view."""
    lines = [f"### {name}", "", f"One row is {row}.", "", "| column | kind | says |", "|---|---|---|"]
    for column in columns:
        kind = f"{column.kind}, optional" if column.optional else column.kind
        says = column.doc.replace("|", r"\|")
        lines.append(f"| `{column.name}` | {kind} | {says} |")
    return "\n".join([*lines, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the page is out of date")
    check = parser.parse_args().check
    wanted = page()
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted
    if stale:
        print(f"{'out of date' if check else 'writing'}: docs/reference/tables.md")
        if not check:
            PAGE.parent.mkdir(parents=True, exist_ok=True)
            PAGE.write_text(wanted, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
