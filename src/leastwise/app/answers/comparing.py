"""Access held against access: two principals, two estates, and principals that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.model.comparison import Change
from leastwise.model.decision import Circumstances

from ..asking import Asking
from ..comparing import Compared, compared, cube_items
from ..diffing import Pair, alike_values, change_values
from ..diffing import similar as alike
from .told import Told


def compare(asking: Asking, first: str, second: str, given: Circumstances) -> Told[Compared]:
    """What both of two principals can do, and what only one of them can. Raises UsageError, NotFoundError."""
    found = compared(asking, first, second, asking.given(given))
    items = [{"side": side, **one} for side, cubes in found.sides.items() for one in cube_items(asking, cubes)]
    body = {"principals": [first, second], "equal": found.equal, "items": items, "next": None}
    return Told(body | {"missing": list(found.missing)}, found)


def diff(pair: Pair) -> Told[Sequence[tuple[Asking, Change]]]:
    """Who gained or lost effective access between two estates; the JSON is whole."""
    changes = list(pair.changes())
    items = [change_values(asking, change) for asking, change in changes]
    return Told(pair.answer({"items": items, "next": None, "missing": pair.unseen()}), changes)


def similar(
    asking: Asking, threshold: float, kinds: Sequence[str] = (), account: str = "", *, equal: bool = False
) -> dict[str, Any]:
    """Principals whose access is equal or nearly so. Raises UsageError."""
    found, missing = alike(asking, threshold, kinds, account)
    items = [alike_values(of, one) for of, one in found if one.equal or not equal]
    return {"items": items, "next": None, "missing": missing}
