"""One action on anything that can be named: the form of a relation, with one resource."""

from __future__ import annotations

from functools import partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.quiet import without_collector
from leastwise.engine.relation import Rectangle, Relation, Told

from ..evaluate.explain import STATES
from .access import AwsAccess, Circumstances
from .told import told
from .who import Group, WhoCan

ANYTHING = "*"


def anywhere(access: AwsAccess, action: str, given: Circumstances) -> Relation:
    """Who may do an action on some resource that can be named, known or not; root users are among them."""
    with without_collector():
        asked = WhoCan(access, action, None, given)
        answer = asked.answer()
    only, inside = BitMap([0]), access.estate.principals
    ids = [*access.estate.principal_ids.all()]
    rectangles = [
        Rectangle(
            BitMap(one.members.astype(np.uint32)), only, STATES[one.verdict.outcome], partial(_tell, one), ANYTHING
        )
        for one in answer.groups
    ]
    for principal, verdict, question in (*answer.outsiders, *asked.roots()):
        state, residual, missing = told(verdict, question)
        ids.append(principal.id)
        tell = partial(_as_told, (residual, missing))
        rectangles.append(Rectangle(BitMap([len(ids) - 1]), only, state, tell, ANYTHING))
    return Relation(action, ids, (ANYTHING,), tuple(rectangles), inside, answer.missing)


def _tell(group: Group, _resource: int) -> Told:
    _, residual, missing = group.told
    return residual, missing


def _as_told(known: Told, _resource: int) -> Told:
    return known
