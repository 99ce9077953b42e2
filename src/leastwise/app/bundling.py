"""The vendor's own bundles that together give what is wanted, with the least harmful excess."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyroaring import BitMap

from leastwise.model.decision import State
from leastwise.usage.covering import least
from leastwise.usage.creep import WEIGHTS

if TYPE_CHECKING:
    from leastwise.engine.holdings import Part
    from leastwise.providers.base.shrinking import Shrinking

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Bundled:
    """Bundles that were chosen.

    Args:
        documents: of those that were chosen, by id.
        covered: numbers of the wanted permissions that they give.
        excess: numbers of the permissions that they give besides.
        exact: no other choice has less excess; else it is only a good one.
    """

    documents: Mapping[str, bytes]
    covered: BitMap
    excess: BitMap
    exact: bool


@dataclass
class Bundling:
    """Chooses bundles of a provider.

    Args:
        shrinking: of the provider.
        sensitivity: of each permission, by number.
    """

    shrinking: Shrinking
    sensitivity: Sequence[str]

    @cached_property
    def _given(self) -> dict[str, dict[str, BitMap]]:
        return {}

    def _bundles(self, principal: str) -> dict[str, BitMap]:
        """What each bundle surely gives on everything, by id; of those that give something under a condition none."""
        documents = self.shrinking.bundles(principal)
        key = next(iter(documents), "")
        if key not in self._given:
            parts = {id: self.shrinking.parts(document) for id, document in documents.items()}
            self._given[key] = {id: everywhere(each) for id, each in parts.items() if all(map(_plain, each))}
        return self._given[key]

    def chosen(self, principal: str, wanted: BitMap, held: BitMap, mine: Collection[str]) -> Bundled:
        """Bundles for what is wanted, of those that give nothing that is not held on everything anyway.

        Args:
            principal: who is to have them.
            wanted: numbers of permissions.
            held: numbers of the permissions that it has on everything now.
            mine: ids of the bundles that it has.
        """
        given = self._bundles(principal)
        fit = {id: one for id, one in given.items() if one and one <= held and one & wanted}
        fit = {id: one for id, one in fit.items() if id in mine or self.shrinking.general(id)}

        def cost(id: str) -> tuple[int, ...]:
            excess = fit[id] - wanted
            # Of equal harm first what it has already, then the one with less of it.
            return sum(int(WEIGHTS[self.sensitivity[number]]) for number in excess) + 1, id not in mine, len(excess)

        calls = [frozenset(id for id, one in fit.items() if number in one) for number in wanted]
        found = least((one for one in calls if one), cost)
        every = BitMap.union(BitMap(), *(fit[id] for id in found.chosen))
        documents = self.shrinking.bundles(principal)
        return Bundled({id: documents[id] for id in found.chosen}, every & wanted, every - wanted, found.exact)


def everywhere(parts: Sequence[Part]) -> BitMap:
    """Numbers of the permissions that parts surely give on everything."""
    return BitMap.union(BitMap(), *(one.permissions for one in parts if _plain(one)))


def _plain(one: Part) -> bool:
    return one.state is State.ALLOWED and EVERYWHERE in one.resources
