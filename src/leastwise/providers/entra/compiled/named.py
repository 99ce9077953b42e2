"""Whom assignments and app roles name, in one tenant; what is asked for again and again is kept for one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import parted

from ..language.directory import GROUP
from ..language.grants import AppRole
from .view import Views


@dataclass(frozen=True, slots=True)
class Granted:
    """An app role of one resource, as it was granted.

    Args:
        first: one of the grants.
        rows: all of them.
    """

    first: AppRole
    rows: Array


class Named:
    """Tells whom rows name.

    Args:
        views: the tenant.
    """

    def __init__(self, views: Views) -> None:
        self._views, self._held = views, views.held
        self._kept: tuple[datetime | None, dict[object, BitMap]] | None = None

    def whom(self, rows: Array, name: str, now: datetime | None) -> BitMap:
        """Whom assignments or app roles name: groups stand for their direct members, or themselves if not read."""
        held = self._held
        numbers = np.unique(held.arrays[f"{name}.principal"][rows]).astype(np.int64)
        groups = numbers[self._groups[numbers]]
        read = groups[held.arrays["group.read"][groups]]
        found = BitMap(numbers) - BitMap(read)
        # Directory roles come through role-assignable groups alone.
        open = groups if name == "app_role" else groups[held.assignable[groups]]
        inside, _ = held.members_of.gather(open)
        timed, _ = held.timed_by_group.gather(open)
        timed = timed[~held.arrays["timed.owner"][timed] & held.holding("timed", now, timed)]
        members = BitMap(np.append(inside, held.arrays["timed.member"][timed]))
        return found | (members - self._all_groups)

    def having(self, several: Sequence[Array], now: datetime | None) -> BitMap:
        """Everybody to whom a role is assigned at a place, or one of several: rows of each."""
        if len(several) > 1:
            return self.whom(np.concatenate(several), "assignment", now)
        return self._keeping(now, int(several[0][0]), lambda: self.whom(several[0], "assignment", now))

    # --- app roles

    @cached_property
    def of_graph(self) -> Sequence[Granted]:
        """The app roles of Microsoft Graph, or of what may be it, that were granted."""
        resources, estate = self._held.arrays["app_role.resource"], self._views.of()
        distinct = np.unique(resources).astype(np.int64)
        told = zip(distinct.tolist(), self._held.members.many(distinct), strict=True)
        kept = [number for number, id in told if estate.is_graph(id) is not False]
        return self.app_roles(np.flatnonzero(np.isin(resources, kept)))

    def app_roles(self, rows: Array) -> Sequence[Granted]:
        """The app roles of some grants."""
        columns = [self._held.arrays[f"app_role.{name}"][rows] for name in ("resource", "role")]
        some = (rows[places] for places in parted(columns, len(rows)))
        return [Granted(self._held.app_role(int(each[0])), each) for each in some]

    def receiving(self, one: Granted, now: datetime | None) -> BitMap:
        """Everybody to whom an app role was granted."""
        key = one.first.resource, one.first.role
        return self._keeping(now, key, lambda: self.whom(one.rows, "app_role", now))

    def _keeping(self, now: datetime | None, key: object, find: Callable[[], BitMap]) -> BitMap:
        if self._kept is None or self._kept[0] != now:
            self._kept = now, {}
        known = self._kept[1]
        if key not in known:
            known[key] = find()
        return known[key]

    @cached_property
    def _groups(self) -> Array:
        return self._held.of_kind(GROUP)

    @cached_property
    def _all_groups(self) -> BitMap:
        return BitMap(np.flatnonzero(self._groups))
