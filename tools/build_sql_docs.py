#!/usr/bin/env python3
"""Write docs/reference/sql.md from the views of `leastwise sql`. `--check` only says whether it is out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from build_table_docs import section
from leastwise.app.sql_views import views
from leastwise.store.sql.confined import MEMORY, SPILLED
from leastwise.store.sql.parsed import TABLE_FUNCTIONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "sql.md"
_FUNCTIONS = ", ".join(f"`{one}`" for one in sorted(TABLE_FUNCTIONS))
_MEMORY, _SPILLED = (one.replace("GiB", " GiB") for one in (MEMORY, SPILLED))
INTRODUCTION = f"""\
# SQL

Written by `tools/build_sql_docs.py` from the views themselves; `leastwise sql --list` says the same.

    leastwise sql 'SELECT state, count(*) FROM gap WHERE account = $a GROUP BY state' --param a=222222222222

One SELECT in the [dialect of DuckDB](https://duckdb.org/docs/stable/sql/introduction), over the views below. They are
made in memory when they are named, and only those: `SELECT 1` works nothing out.

- **Of which time.** Views of the estate (`principals`, `grants`, `gap`, `findings` …) respect `--at` and `--snapshot`;
  `gap`, `creep` and `dormant` take `--window`. `events`, `usage`, `sightings`, `changes`, `sessions` and `logs` are all
  that the lake holds.
- **Of many principals** `gap` is worked out one by one, about 0.1 s each: `--principal P` names those that are wanted.
  `creep` has a row for everybody, and is quick.
- **Null** means *not known*, never *no*. A text of the logs is empty where they do not tell. Times are UTC.
- **Columns** that are words of SQL want quotes: `"group"`. A second column of one name is `id_2`.
- **Parameters** are texts: `$n` is compared with a number as one, and `$n::INTEGER` is one.

## What it cannot do

A query is untrusted. Nothing but SELECT passes, also inside WITH; tables are these views and what the query itself
defines; functions that stand for tables are {_FUNCTIONS}.
DuckDB is told besides to open no file but the lake's own parts, to load no extension and to take no setting. It holds
{_MEMORY} and spills what is more, up to {_SPILLED}, to a private folder that goes with the query. Ctrl-C ends it. It
writes nothing: what should be kept is printed (`--format csv`).

## Views
"""


def page() -> str:
    return "\n".join([INTRODUCTION, *(section(one.name, one.row, one.columns) for one in views().values())])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the page is out of date")
    check = parser.parse_args().check
    wanted = page()
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted
    if stale:
        print(f"{'out of date' if check else 'writing'}: docs/reference/sql.md")
        if not check:
            PAGE.write_text(wanted, encoding="utf-8")
    return int(check and stale)


if __name__ == "__main__":
    sys.exit(main())
