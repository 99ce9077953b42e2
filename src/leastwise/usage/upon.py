"""The creep index of one resource: what those of its account could do to it and do not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.holdings import Alike, Everybody
from leastwise.model.gap import SENSITIVITIES, Creep

from .creep import REACHES, WEIGHTS, creep
from .everyone import Everyone
from .gap import Facts


@dataclass(frozen=True, slots=True)
class Upon:
    """What nobody does to one resource.

    Args:
        principals: how many could do something to it that they do not do at all.
        permissions: different ones that somebody could use on it and does not use.
        creep: its index; `at_most` is the same, for here only what is surely unused is looked at.
    """

    principals: int
    permissions: int
    creep: Creep


class Resource:
    """Adds up what principals do not do to a resource.

    A permission counts that is UNUSED, on whatever resource, where it is granted on the resource or on what lies in it,
    and is of the resource's service; each weighs as one that is granted on this resource by name.

    Args:
        id: the vendor's; it tells the service (`Naming.service`).
        account: that holds it; who is of another one needs more than policies of its own.
        facts: see `gap.Facts`.
        above: what the resource lies in; where that is told, what is given there is held whoever has it.
    """

    def __init__(self, id: str, account: str, facts: Facts, above: Collection[str] = ()) -> None:
        self._id, self._account, self._facts, self._above = id, account, facts, frozenset(above)
        prefix = facts.naming.service(id)
        self._service = BitMap(number for number, name in enumerate(facts.names) if name.startswith(prefix))
        self._codes = np.array([SENSITIVITIES.index(one) for one in facts.sensitivity], np.int64)
        self._bundles: dict[int, BitMap] = {}

    def of(self, everybody: Everybody) -> Upon:
        """The index, by what everybody holds; its groups are told once."""
        current: list[Alike] = []

        def told() -> Iterator[Alike]:
            for group in everybody.groups:
                if self._above or group.account == self._account:
                    current[:] = [group]
                    yield group

        mine = replace(everybody, groups=told())
        counts, principals, permissions = np.zeros(len(SENSITIVITIES)), 0, BitMap()
        for _, unused in Everyone(mine, self._facts).with_unused():
            found = unused & self._held(current[0], everybody)
            if found:
                principals += 1
                permissions |= found
                numbers = np.frombuffer(found.to_array(), np.uint32)
                counts += np.bincount(self._codes[numbers], minlength=len(SENSITIVITIES))
        parts = {
            name: WEIGHTS[name] * REACHES[-1] * float(one)
            for name, one in zip(SENSITIVITIES, counts, strict=True)
            if one and WEIGHTS[name]
        }
        return Upon(principals, len(permissions), creep(parts, 0.0))

    def _held(self, group: Alike, everybody: Everybody) -> BitMap:
        """What a group's policies give on the resource."""
        found = BitMap()
        for bundle in group.bundles:
            if bundle not in self._bundles:
                parts = (one for one in everybody.bundles[bundle] if any(map(self._about, one.resources)))
                self._bundles[bundle] = BitMap.union(BitMap(), *(one.permissions for one in parts)) & self._service
            found |= self._bundles[bundle]
        return found

    def _about(self, pattern: str) -> bool:
        return pattern in self._above or covers(pattern, self._id)


def covers(pattern: str, resource: str) -> bool:
    """Whether a pattern is about a resource or something in it. What a variable stands for is not guessed."""
    if pattern.startswith((f"{resource}/", f"{resource}:")):
        return True
    text = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    return re.fullmatch(text, resource) is not None or re.fullmatch(text, f"{resource}/*") is not None
