"""Which resources a subject reaches: the relation of an action, read from the subject's side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyroaring import BitMap

from leastwise.engine.relation import Relation
from leastwise.engine.residuals import both
from leastwise.model.decision import Reached, State

from .access import AwsAccess, Circumstances
from .acting import Acting, Actor
from .holders import open_state
from .listing import rank


class Reaching:
    """Reads one relation.

    Args:
        access: the estate.
        acting: who acts as which role.
        relation: of the action.
        given: the circumstances it was made under.
    """

    def __init__(self, access: AwsAccess, acting: Acting, relation: Relation, given: Circumstances) -> None:
        self._access, self._acting, self._relation, self._given = access, acting, relation, given

    def of_principal(self, number: int) -> Iterator[Reached]:
        """What a user or role reaches, by itself."""
        for rectangle in self._relation.of_principal(number):
            for place in rectangle.resources:
                yield Reached(self._relation.resources[place], rectangle.state, *rectangle.told(place))

    def of_actor(self, actor: Actor) -> Iterator[Reached]:
        """What a person, thing or agent reaches as the roles that it acts as; the surest way to each resource."""
        yield from _best(self._by_ways(actor))

    def _by_ways(self, actor: Actor) -> Iterator[Reached]:
        for way in self._acting.ways(actor):
            for one in self.of_principal(way.role) if way.role is not None else ():
                state = max(one.state, open_state(way), key=rank)
                if state is State.ALLOWED:
                    yield replace(one, chain=way.chain)
                    continue
                missing = (*((way.missing,) if way.missing else ()), *one.missing)
                residual = both(way.residual, one.residual)
                yield Reached(one.resource, state, residual, missing, way.chain)

    def of_session(self, id: str, number: int) -> Iterator[Reached]:
        """What one session of a role reaches: all that any of its sessions does, and the rest as it is asked alone."""
        relation = self._relation
        for rectangle in relation.of_principal(number):
            for place in rectangle.resources:
                if rectangle.state is State.ALLOWED:
                    yield Reached(relation.resources[place], rectangle.state)
                else:
                    yield from self._alone(id, place)

    def of_root(self, id: str) -> Iterator[Reached]:
        """What the root user of an account of the estate reaches: all roots that can stand in the relation."""
        relation = self._relation
        number = next(
            (n for n in range(relation.inside, len(relation.principals)) if relation.principals[n] == id), None
        )
        yield from self.of_principal(number) if number is not None else ()

    def of_outsider(self, id: str) -> Iterator[Reached]:
        """What somebody outside the estate reaches: only where the resource's side lets anybody outside in."""
        relation = self._relation
        named = (one.resources for one in relation.rectangles if one.principals[-1] >= relation.inside)
        open_ = BitMap.union(relation.open, *named)
        for place in open_:
            yield from self._alone(id, place)

    def _alone(self, id: str, place: int) -> Iterator[Reached]:
        """One resource, asked about one subject."""
        resource = self._relation.resources[place]
        found = self._access.can(id, self._relation.permission, resource, self._given)
        if found.state is not State.DENIED:
            yield Reached(resource, found.state, found.residual, found.missing)


def _best(found: Iterable[Reached]) -> Iterator[Reached]:
    kept: dict[str, Reached] = {}
    for one in found:
        known = kept.get(one.resource)
        if known is None or rank(one.state) < rank(known.state):
            kept[one.resource] = one
    return iter(kept.values())
