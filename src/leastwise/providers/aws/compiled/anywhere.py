"""One action on anything that can be named: the form of a relation, with one resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial, reduce

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.quiet import without_collector
from leastwise.engine.relation import Rectangle, Relation, Told
from leastwise.model.decision import State

from .. import catalog
from ..evaluate.explain import STATES
from .access import AwsAccess, Circumstances
from .told import told
from .who import Group, WhoCan

ANYTHING = "*"
_STATES = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN)
_TOGETHER = frozenset({"ec2:runinstances"})
"""Actions of which each request is about a resource of every type that is marked as required. With others the mark can
mean any one of them, so that this cannot be read off the reference.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
"""
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_Growing = list[BitMap]
"""Of each state those who are as sure, or surer."""


def anywhere(access: AwsAccess, action: str, given: Circumstances, among: Array | None = None) -> Relation:
    """Who may do an action on some resource that can be named, known or not; root users are among them.

    With `among` (numbers that ascend), only these users and roles, and nobody else.

    Where one request is about resources of several types together (an instance, its image, its subnet …), who may do
    it is who may do it on some of each type.
    """
    forms = list(_forms(access, action)) if action.lower() in _TOGETHER else []
    if len(forms) < 2:
        return _some(access, action, None, given, among)
    asked = [[_some(access, action, form, given, among) for form in several] for several in forms]
    every = [one for several in asked for one in several]
    inside = access.estate.principals
    ids = [*access.estate.ids, *dict.fromkeys(id for one in every for id in one.principals[one.inside :])]
    numbers = {id: number for number, id in enumerate(ids[inside:], inside)}
    found = reduce(_each, (reduce(_any, (_growing(one, numbers) for one in several)) for several in asked))
    missing = tuple(dict.fromkeys(text for one in every for text in one.missing))
    return Relation(action, ids, (ANYTHING,), tuple(_rectangles(found)), inside, missing)


def _forms(access: AwsAccess, action: str) -> Iterator[Sequence[str]]:
    """The ARNs of each type that a request for an action must name, as patterns; none where one has no form."""
    known = catalog.action(action)
    own = catalog.service(action.partition(":")[0].lower())
    needed = [one.type for one in known.resource_types if one.required] if known is not None else []
    if own is None or any(one not in own.resource_types for one in needed):
        return
    partitions = sorted({id.split(":")[1] for id in access.estate.ids if id.startswith("arn:")})
    for one in needed:
        texts = [text.replace("${Partition}", each) for text in own.resource_types[one].arns for each in partitions]
        yield tuple(dict.fromkeys(_VARIABLE.sub("*", text) for text in texts))


def _growing(relation: Relation, numbers: Mapping[str, int]) -> _Growing:
    """Who has a relation's permission: surely, surely or under a condition, perhaps. Those outside are numbered."""
    found, every = BitMap(), []
    for state in _STATES:
        found = found.union(*(one.principals for one in relation.rectangles if one.state is state))
        own = [number for number in found if number >= relation.inside]
        every.append((found - BitMap(own)) | BitMap([numbers[relation.principals[number]] for number in own]))
    return every


def _any(one: _Growing, other: _Growing) -> _Growing:
    return [mine | theirs for mine, theirs in zip(one, other, strict=True)]


def _each(one: _Growing, other: _Growing) -> _Growing:
    return [mine & theirs for mine, theirs in zip(one, other, strict=True)]


def _rectangles(growing: _Growing) -> Iterator[Rectangle]:
    before = BitMap()
    for state, principals in zip(_STATES, growing, strict=True):
        if principals - before:
            yield Rectangle(principals - before, BitMap([0]), state, _untold, ANYTHING)
        before = principals


def _untold(_resource: int) -> Told:
    """On which resources of each type: alternatives that are not listed."""
    return None, ()


def _some(access: AwsAccess, action: str, resource: str | None, given: Circumstances, among: Array | None) -> Relation:
    """Who may do an action on some resource of a pattern; none: whichever."""
    with without_collector():
        asked = WhoCan(access, action, resource, given)
        answer = asked.answer(among)
        roots = asked.roots() if among is None else ()
        outsiders = [(one.id, told(verdict, question)) for one, verdict, question in (*answer.outsiders, *roots)]
    only, inside = BitMap([0]), access.estate.principals
    ids = [*access.estate.ids]
    rectangles = [
        Rectangle(
            BitMap(one.members.astype(np.uint32)), only, STATES[one.verdict.outcome], partial(_tell, one), ANYTHING
        )
        for one in answer.groups
    ]
    for id, (state, residual, missing) in outsiders:
        ids.append(id)
        tell = partial(_as_told, (residual, missing))
        rectangles.append(Rectangle(BitMap([len(ids) - 1]), only, state, tell, ANYTHING))
    return Relation(action, ids, (ANYTHING,), tuple(rectangles), inside, answer.missing)


def _tell(group: Group, _resource: int) -> Told:
    _, residual, missing = group.told
    return residual, missing


def _as_told(known: Told, _resource: int) -> Told:
    return known
