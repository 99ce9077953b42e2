"""Raw Google Cloud documents of one tree → the tables of a snapshot. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.model.scope import Collected

from .context import Context
from .dispatch import apply


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a tree, by name.

    Raises InputError naming the file and the place.
    """
    context = Context(collected)
    apply(collected.documents, context)
    return context.finish().finished(collected.scope.key)
