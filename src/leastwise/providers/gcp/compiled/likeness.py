"""Principals of Google Cloud whose access is the same, or nearly; see `bulk.likeness`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import Formula
from leastwise.providers.bulk import likeness
from leastwise.providers.bulk.elements import Given
from leastwise.providers.bulk.everyone import SURE, Same
from leastwise.providers.bulk.likeness import Conditional

from ..evaluate.membership import includes
from ..language.roles import without_condition
from .estate import Compiled
from .guards import Standing
from .numbers import Numbers


class Likeness(likeness.Likeness[Standing]):
    """Finds who is alike in one estate; arguments as in `bulk.likeness`, `numbers` for the names."""

    places_named = "place.name"

    def __init__(self, held: Compiled, numbers: Numbers, *more: Any) -> None:
        self._estate, self._numbers = held, numbers
        super().__init__(held, numbers.names, *more)

    def said(self, number: int) -> tuple[list[Given], frozenset[Conditional]]:
        """See `bulk.likeness`."""
        arrays, lies = self._held.arrays, self._held.rows("document.places")
        plain: list[Given] = []
        conditions: list[Conditional] = []
        for binding in self._held.rows("member.bindings").row(number).tolist():
            role = self._estate.role_names[int(arrays["binding.role"][binding])]
            condition = int(arrays["binding.condition"][binding])
            at = lies.row(int(arrays["binding.document"][binding]))
            places = tuple(at[~arrays["place.alias"][at]].tolist())
            permissions = self._numbers.role(without_condition(role) or role)
            if condition >= 0 or without_condition(role) or permissions is None:
                conditions += [(role, condition, place) for place in places]
            else:
                plain.append((permissions, places))
        return plain, frozenset(conditions)

    def conditional(self, one: Conditional) -> Given | None:
        """See `bulk.likeness`."""
        permissions = self._numbers.role(without_condition(one[0]) or one[0])
        return None if permissions is None else (permissions, (one[2],))

    def besides(self, same: Same[Standing]) -> Iterator[tuple[Hashable, Array]]:
        """See `bulk.likeness`."""
        unsure = [one for one, how in same.told if how != SURE]
        if not unsure:
            yield (), same.members
            return
        found: dict[Hashable, list[int]] = defaultdict(list)
        asked = self._numbers.asked()
        for number in same.members.tolist():
            mine = replace(asked, who=self._estate.member(number))
            when: list[tuple[int, Formula]] = [
                (int(self._own[one]), includes(self._estate.member(one), mine)) for one in unsure
            ]
            found[frozenset(when)].append(number)
        for told, numbers in found.items():
            yield told, np.array(numbers, np.int64)

    def pair(self, permissions: BitMap, place: int) -> tuple[str, str]:
        """See `bulk.likeness`."""
        return self._numbers.canonical[permissions[0]], self._estate.places[place]
