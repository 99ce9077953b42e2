"""Raw documents of one tenant's directory → the tables of a snapshot, as decision 0034 lists them.

Pure and deterministic.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from leastwise.model.scope import Collected

from .context import Context
from .dispatch import apply
from .finishing import finish


def translate(collected: Collected) -> Mapping[str, pa.Table]:
    """Every fact table of a tenant, by name.

    Raises InputError naming the file and the place.
    """
    context = Context(collected)
    apply(context)
    finish(context)
    return context.facts.finished(collected.scope.key)
