"""The resources of an estate that an action can act on, with what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from .. import catalog
from ..evaluate.services import assumes
from .access import AwsAccess
from .estate import NONE

_IAM = ("role", "user")


@dataclass(frozen=True)
class Targets:
    """Resources that one action can act on.

    Args:
        texts: their ARNs; `ARN/*` where the action is about what lies in a resource.
        things: number of each among the resources, or NONE.
        people: number of each among the users and roles, or NONE.
    """

    texts: list[str]
    things: Array
    people: Array

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def inside(self) -> Array:
        """Mask of those that stand for what lies in a resource."""
        return np.fromiter((text.endswith("/*") for text in self.texts), bool, len(self.texts))


class Acting:
    """Finds the targets of actions; what is found is kept for actions of the same resource types."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._known: dict[tuple[str, ...], Targets] = {}

    def on(self, action: str) -> Targets:
        """Every known resource that an action can act on; none for an action that takes no resource."""
        known = catalog.action(action)
        types = () if known is None else tuple(sorted(use.type for use in known.resource_types))
        service = "sts" if assumes(action) else action.partition(":")[0].lower()
        key = (service, *types)
        if key not in self._known:
            self._known[key] = self._found(service, types)
        return self._known[key]

    def _found(self, service: str, types: tuple[str, ...]) -> Targets:
        texts: list[str] = []
        things: list[Array] = []
        people: list[Array] = []
        for native in _IAM if service in ("iam", "sts") else ():
            if native in types:
                numbers = self._people(native)
                texts += self._access.estate.principal_ids.many(numbers)
                things.append(np.full(len(numbers), NONE))
                people.append(numbers)
        for numbers, suffix in self._things(service, types):
            ids = self._access.estate.texts("thing.id").many(numbers)
            texts += [f"{id}{suffix}" for id in ids] if suffix else ids
            things.append(numbers)
            people.append(np.full(len(numbers), NONE))
        empty = np.empty(0, np.int64)
        return Targets(texts, np.concatenate([empty, *things]), np.concatenate([empty, *people]))

    def _people(self, native: str) -> Array:
        arrays, words = self._access.estate.arrays, self._access.estate.texts("principal.native.texts").all()
        code = words.index(native) if native in words else NONE - 1
        return np.flatnonzero(arrays["principal.native"] == code)

    def _things(self, service: str, types: tuple[str, ...]) -> list[tuple[Array, str]]:
        """Numbers of the resources of some types, and what stands behind their ARN: nothing, or everything in them."""
        estate = self._access.estate
        kinds = estate.arrays["thing.kind"]
        found = []
        for code in np.unique(kinds).tolist():
            numbers = np.flatnonzero(kinds == code)
            sample = estate.texts("thing.id")[int(numbers[0])]
            own = {one.name for one in catalog.resource_types_of(sample, service, wide=True)}
            if own & set(types):
                found.append((numbers, ""))
            elif own and {one.name for one in catalog.resource_types_of(f"{sample}/x", service)} & set(types):
                found.append((numbers, "/*"))
        return found
