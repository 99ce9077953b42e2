"""One permission on anything that can be named: the form of a relation, with one resource."""

from __future__ import annotations

from functools import partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation, Told
from leastwise.providers.bulk.listing import Found, Telling

from ..evaluate.request import Request
from ..language.names import written
from .anywhere import Anywhere
from .kinds import NOBODY_KNOWN
from .relating import order_of
from .who import Who

ANYTHING = "*"


def somewhere(who: Who, anywhere: Anywhere, asked: Request) -> Relation:
    """Who has a permission on some resource that is known, or can be named."""
    found = Found(who.known.held, NOBODY_KNOWN)
    missing = anywhere.find(asked, found)
    told: dict[int, tuple[Telling, list[int]]] = {}
    for number in found.numbers().tolist():
        one = found.told(number)
        if one is not None:
            told.setdefault(id(one), (one, []))[1].append(number)
    order, only = order_of(who), BitMap([0])
    rectangles = [
        Rectangle(order.of(BitMap(np.array(numbers, np.uint32))), only, one.state, partial(_tell, one), ANYTHING)
        for one, numbers in told.values()
    ]
    return Relation(written(asked.permission), order.ids, (ANYTHING,), tuple(rectangles), order.inside, missing)


def _tell(one: Telling, _resource: int) -> Told:
    return one.residual, one.missing
