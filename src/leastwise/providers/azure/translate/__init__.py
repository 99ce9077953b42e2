"""Raw Azure documents of one tree → the tables of a snapshot. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.errors import InputError
from leastwise.model.scope import Collected

from .context import Context
from .dispatch import apply


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a tree, by name.

    Raises InputError naming the file and the place.
    """
    context = Context(collected)
    apply(collected.documents, context)
    facts = context.finish()
    result = {}
    for name, rows in facts.tables.items():
        try:
            result[name] = rows.to_table()
        except (ValueError, TypeError, OverflowError) as error:
            source = next(iter(rows.columns.get("source", ())), collected.scope.key)
            raise InputError(source, f"{name}: {error}") from None
    return result
