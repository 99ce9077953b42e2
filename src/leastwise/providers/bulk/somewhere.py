"""Who can do something on anything that can be named, in the form of a relation with one resource."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation
from leastwise.engine.relation import Told as Telling

from .layering import Order
from .listing import Found
from .listing import Telling as Answer

ANYTHING = "*"


def somewhere(permission: str, found: Found, order: Order, missing: Collection[str]) -> Relation:
    """The relation of a permission with `*`.

    Args:
        permission: its name.
        found: everybody who has it on something that is known, or can be named.
        order: of principals, as in other relations of the estate.
        missing: what was not read and might add others.
    """
    only = BitMap([0])
    rectangles = tuple(
        Rectangle(order.of(BitMap(numbers.astype(np.uint32))), only, one.state, partial(_tell, one), ANYTHING)
        for one, numbers in found.alike()
    )
    return Relation(permission, order.ids, (ANYTHING,), rectangles, order.inside, tuple(missing))


def _tell(one: Answer, _resource: int) -> Telling:
    return one.residual, one.missing
