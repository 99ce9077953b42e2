"""Texts, rows and lookups among the arrays of an estate, each under a name."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.engine.arrays import Array
from leastwise.engine.sparse import Rows, Texts, lookup_of


def put_texts(arrays: dict[str, Array], name: str, texts: Texts) -> None:
    """Keep texts under a name."""
    arrays[f"{name}.starts"], arrays[f"{name}.blob"] = texts.starts, texts.blob


def put_rows(arrays: dict[str, Array], name: str, rows: Rows) -> None:
    """Keep rows under a name."""
    arrays[f"{name}.starts"], arrays[f"{name}.values"] = rows.starts, rows.values


def put_lookup(arrays: dict[str, Array], name: str, texts: Sequence[str]) -> None:
    """Keep a lookup of texts under a name."""
    found = lookup_of(texts)
    arrays[f"{name}.sums"], arrays[f"{name}.order"] = found.sums, found.order
