"""Raw AWS documents of one scope → the tables of a snapshot. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import pyarrow as pa

from leastwise.errors import InputError
from leastwise.model.scope import Collected
from leastwise.providers.rows import Facts, Rows

from .context import Context
from .dispatch import apply
from .entities import RepeatedError


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a scope, by name; texts may be coded (`engine.columns.plain` writes them out).

    Raises InputError naming the file and the place.
    """
    try:
        facts = _facts(collected, repeated=False)
    except RepeatedError:
        facts = _facts(collected, repeated=True)
    result = {}
    for name, rows in facts.tables.items():
        try:
            result[name] = rows.to_table()
        except (ValueError, TypeError, OverflowError) as error:
            raise _blamed(rows, collected, error) from None
    return result


def _facts(collected: Collected, repeated: bool) -> Facts:
    with closing(Context(collected)) as context:
        apply(collected.documents, context)
        return context.finish(repeated)


def _blamed(rows: Rows, collected: Collected, error: Exception) -> InputError:
    """The error with the file whose value does not fit its column: found by trying each row alone."""
    rows.unsettle()
    names = rows.spec.names()
    source = rows.columns.get("source", [])
    for index, place in enumerate(source):
        one = Rows(rows.spec)
        one.add(**{name: rows.columns[name][index] for name in names})
        try:
            one.to_table()
        except (ValueError, TypeError, OverflowError) as cause:
            return InputError(place, f"{rows.spec.name}: {cause}")
    name = collected.documents[0].name if collected.documents else collected.scope.key
    return InputError(name, f"{rows.spec.name}: {error}")
