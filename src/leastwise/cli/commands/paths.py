"""`leastwise paths` and `leastwise blast-radius`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..answers import Answer, Shape, put_graph
from ..options import Asked, spread

if TYPE_CHECKING:
    from leastwise.app.escalating import EscalationGraph
