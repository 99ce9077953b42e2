"""Raw AWS documents of one scope → the tables of a snapshot. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.errors import InputError
from leastwise.model.scope import Collected

from .context import Context
from .dispatch import apply


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a scope, by name. Raises InputError naming the file and the place."""
    context = Context(collected)
    apply(collected.documents, context)
    facts = context.finish()
    try:
        return {name: rows.to_table() for name, rows in facts.tables.items()}
    except (ValueError, TypeError) as error:
        name = collected.documents[0].name if collected.documents else collected.scope.key
        raise InputError(name, str(error)) from None
