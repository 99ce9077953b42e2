"""Raw AWS documents of one scope → the tables of a snapshot. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import pyarrow as pa

from leastwise.model.scope import Collected
from leastwise.providers.rows import Facts

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
    return facts.finished(collected.documents[0].name if collected.documents else collected.scope.key)


def _facts(collected: Collected, repeated: bool) -> Facts:
    with closing(Context(collected)) as context:
        apply(collected.documents, context)
        return context.finish(repeated)
