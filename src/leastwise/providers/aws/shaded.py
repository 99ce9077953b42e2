"""Who has which permission in an estate with shadows, some of which are asked as those whose shadows they are.

The shadow of somebody whom policies name is a user like any other in the tables. It is asked on a second face of the
same arrays, where its own policies and boundary lie on the principal itself: with the principal's ARN, tags and kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.access import Relates
from leastwise.engine.arrays import Array, Arrays
from leastwise.engine.relation import Rectangle, Relation
from leastwise.engine.sparse import rows_of
from leastwise.model.decision import Circumstances, Decision

from .chinese import SERVICES, chinese, either, in_china, passed, united
from .compiled.access import Circumstances as Given
from .compiled.anywhere import anywhere
from .compiled.listing import rank
from .compiled.port import AwsPort
from .compiled.questions import action_of
from .compiled.relate import Relating
from .shadowing import SPLIT, principal_of

ASSUMING = "sts:assumerole"
_Ask = Callable[[str, Circumstances], Relation]
_Faces = Sequence[tuple["_Face", Mapping[int, int]]]
"""Faces of an estate, each with the shadow of those who have one on it."""


class ShadedPort(AwsPort):
    """The port of an estate with shadows.

    Args:
        arrays: of it.
        alone: accounts of which the user says that nothing stands above them.
    """

    def __init__(self, arrays: Arrays, alone: Collection[str] = ()) -> None:
        super().__init__(arrays, alone)
        self._arrays, self._alone = arrays, alone

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """See `Relates`."""
        return self.asked(super().relation, lambda face: face.relation, self._faces, permission, given)

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """See `Relates`."""
        return self.asked(super().somewhere, lambda face: face.somewhere, self._faces, permission, given)

    def only(self, principals: Collection[str]) -> Relates:
        """See `Narrows`."""
        return ShadedFew(self, self._faces, principals, self._relations)

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """See `Access`; in China services are asked by either name."""
        found = super().can(subject, permission, resource, given)
        others = (chinese(subject), passed(given)) if self._in_china else ("", None)
        if others[0] or others[1]:
            other = super().can(others[0] or subject, permission, resource, others[1] or given)
            found = min(found, other, key=lambda one: rank(one.state))
        return found

    def asked(
        self, own: _Ask, of: Callable[[_Face], _Ask], faces: _Faces, permission: str, given: Circumstances
    ) -> Relation:
        """A relation of some ways to ask, with those who have a face; in China of either name of a service."""
        found = _faced(own, of, faces, permission, given)
        other = passed(given) if self._in_china else None
        found = found if other is None else either(found, _faced(own, of, faces, permission, other))
        return united(found) if self._in_china else found

    def read(self, given: Circumstances) -> Given:
        """The circumstances, read. Raises UsageError."""
        return self._given(given)

    @cached_property
    def _in_china(self) -> bool:
        return in_china(self.access.estate.ids)

    @cached_property
    def _faces(self) -> _Faces:
        """The faces of the estate, each with the shadow of those who have one on it."""
        found: list[dict[int, int]] = []
        for number, id in enumerate(self.access.estate.ids):
            named = principal_of(id) if SPLIT in id else ""
            principal = self.access.estate.principal_number(named) if named else None
            if principal is None:
                continue
            face = next((one for one in found if principal not in one), None)
            if face is None:
                found.append(face := {})
            face[principal] = number
        return [(_Face(_face(self._arrays, one), self._alone, self._relations, sorted(one)), one) for one in found]


class ShadedFew:
    """The port of an estate with shadows, asked of some of its users and roles alone.

    Args:
        port: of everybody.
        faces: see `ShadedPort`.
        principals: ids of those who are asked for.
        like: relations of the estate itself.
    """

    def __init__(self, port: ShadedPort, faces: _Faces, principals: Collection[str], like: Relating) -> None:
        self._port, estate = port, port.access.estate
        numbers = {number for id in principals if (number := estate.principal_number(id)) is not None}
        self._faces: list[tuple[_Face, Mapping[int, int]]] = []
        for face, shadows in faces:
            mine = {principal: shadow for principal, shadow in shadows.items() if shadow in numbers}
            numbers -= set(mine.values())
            if mine:
                self._faces.append((face.only(sorted(mine)), mine))
        self._among = np.array(sorted(numbers), np.int64)
        self._relations = Relating(port.access, self._among, like)

    def can(self, subject: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        """See `Access`."""
        return self._port.can(subject, permission, resource, given)

    def relation(self, permission: str, given: Circumstances) -> Relation:
        """See `Relates`."""
        return self._port.asked(self._own, lambda face: face.relation, self._faces, permission, given)

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """See `Relates`."""
        return self._port.asked(self._anywhere, lambda face: face.somewhere, self._faces, permission, given)

    def _own(self, permission: str, given: Circumstances) -> Relation:
        return self._relations.relation(action_of(permission), self._port.read(given))

    def _anywhere(self, permission: str, given: Circumstances) -> Relation:
        return anywhere(self._port.access, action_of(permission), self._port.read(given), self._among)


class _Face(AwsPort):
    """The same estate, asked of some users and roles alone, as whom shadows are asked.

    Args:
        arrays: in which the principals have what their shadows have.
        alone: see `ShadedPort`.
        like: relations of the estate itself.
        principals: their numbers, ascending.
    """

    def __init__(self, arrays: Arrays, alone: Collection[str], like: Relating, principals: Sequence[int]) -> None:
        super().__init__(arrays, alone)
        self._among = np.array(principals, np.int64)
        self._relations = Relating(self.access, self._among, like)

    def somewhere(self, permission: str, given: Circumstances) -> Relation:
        """See `Relates`."""
        return anywhere(self.access, action_of(permission), self._given(given), self._among)

    def only(self, principals: Sequence[int]) -> _Face:
        """The same, asked of some of those users and roles; their numbers ascend."""
        found = copy(self)
        found._among = np.array(principals, np.int64)
        found._relations = Relating(self.access, found._among, self._relations)
        return found


def _faced(own: _Ask, of: Callable[[_Face], _Ask], faces: _Faces, permission: str, given: Circumstances) -> Relation:
    found = own(permission, given)
    if permission.lower() != ASSUMING:
        found = _without_services(found)
    return _merged(found, [(of(one)(permission, given), mine) for one, mine in faces])


def _merged(found: Relation, faces: list[tuple[Relation, Mapping[int, int]]]) -> Relation:
    """A relation in which shadows have what the principals have on the faces."""
    if not faces:
        return found
    asked = BitMap([shadow for _, shadows in faces for shadow in shadows.values()])
    rectangles = [
        one if one.principals.isdisjoint(asked) else _with(one, one.principals - asked)
        for one in found.rectangles
        if one.principals - asked
    ]
    for relation, shadows in faces:
        assert relation.resources == found.resources
        principals = BitMap(list(shadows))
        rectangles += [
            _with(one, BitMap([shadows[each] for each in one.principals & principals]))
            for one in relation.rectangles
            if one.principals.intersect(principals)
        ]
    return replace(found, rectangles=tuple(rectangles))


def _without_services(found: Relation) -> Relation:
    """A relation without AWS's services: they act for others, and only which roles they may assume matters."""
    services = BitMap(
        [at for at in range(found.inside, len(found.principals)) if found.principals[at].endswith(SERVICES)]
    )
    if not services:
        return found
    kept = tuple(
        one if one.principals.isdisjoint(services) else _with(one, one.principals - services)
        for one in found.rectangles
        if one.principals - services
    )
    return replace(found, rectangles=kept)


def _with(one: Rectangle, principals: BitMap) -> Rectangle:
    return Rectangle(principals, one.resources, one.state, lambda at: one.told(at), "")


def _face(arrays: Arrays, shadows: Mapping[int, int]) -> Arrays:
    """The arrays of an estate in which some principals have what their shadows have, and nobody else has anything."""
    known = {name: arrays[name] for name in arrays.names()}
    count = len(known["principal.boundary"])
    starts, sources = known["att.starts"], np.array(list(shadows.values()), np.int64)
    targets = np.array(list(shadows), np.int64)
    order = np.argsort(targets)
    targets, sources = targets[order], sources[order]
    lengths = starts[sources + 1] - starts[sources]
    rows = np.concatenate([np.arange(starts[one], starts[one + 1]) for one in sources.tolist()])
    owner = np.repeat(targets, lengths)
    known["att.starts"] = np.searchsorted(owner, np.arange(count + 1)).astype(np.int64)
    for name in ("att.doc", "att.policy", "att.source", "att.via"):
        known[name] = known[name][rows]
    documents = known["att.doc"]
    read = documents >= 0
    held = rows_of(documents[read].astype(np.int64), owner[read].astype(np.int32), len(known["att_doc.starts"]) - 1)
    known["att_doc.starts"], known["att_doc.values"] = held.starts.astype(np.int64), held.values.astype(np.int32)
    for name in ("principal.boundary", "principal.bound", "principal.unread"):
        known[name] = _moved(known[name], targets, sources)
    return Arrays(known, arrays.facts)


def _moved(column: Array, targets: Array, sources: Array) -> Array:
    found = column.copy()
    found[targets] = column[sources]
    return found
