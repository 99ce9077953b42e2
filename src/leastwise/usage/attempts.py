"""What the vendor itself says of the last time a principal tried a service or an action: a second source.

It tells attempts, also denied ones, so it never shows that something was used; where it tells that nothing was tried in
the window, nothing was used either, whatever the logs record (decision 0021). Some vendors tell an attempt without its
time: there was one between `since` and `last`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from pyroaring import BitMap

from leastwise.engine.columns import plain
from leastwise.model.gap import Window

COLUMNS = ("principal", "service", "permission", "last", "inexact", "since", "taken")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last time that the vendor saw an attempt, None for never since `since`; said when it was `taken`.

    Args:
        inexact: `last` is only the latest that it can have been.
    """

    last: datetime | None
    since: datetime
    taken: datetime
    inexact: bool = False

    @property
    def exact(self) -> datetime | None:
        """When it was, where the vendor tells that."""
        return None if self.inexact else self.last

    def within(self, window: Window) -> str:
        """When there was, or may have been, an attempt in a window, in words; empty where there was none."""
        if self.last is None:
            return ""
        if self.inexact:
            may = self.since <= window.end and self.last >= window.begin
            return f"between {self.since.date()} and {self.last.date()}" if may else ""
        return f"on {self.last.date()}" if window.begin <= self.last <= window.end else ""

    def untouched(self, window: Window) -> str:
        """That nothing was tried in a window, in words; empty where that is not told."""
        told = self.since <= window.begin and self.taken >= window.end - window.slack
        if not told or (self.last is not None and self.last >= window.begin):
            return ""
        day = self.taken.date()
        if self.last is None:
            return f"the vendor saw no attempt from {self.since.date()} to {day}"
        return f"the vendor saw no attempt after {self.last.date()}, as of {day}"


class Attempts:
    """What the vendor says of every principal.

    Args:
        table: rows of `last_accessed`; of several about one thing the newest counts.
        window: what is asked about.
    """

    def __init__(self, table: pa.Table, window: Window) -> None:
        self._window = window
        self._told: dict[str, dict[str, Attempt]] = {}
        for row in plain(table.select(list(COLUMNS)).sort_by("taken")).to_pylist():
            about = row["permission"] or f"{row['service']}:*"
            found = Attempt(row["last"], row["since"], row["taken"], row["inexact"])
            self._told.setdefault(row["principal"], {})[about] = found

    @classmethod
    def none(cls, window: Window) -> Attempts:
        """Nothing told."""
        types = dict.fromkeys(_TIMES, pa.timestamp("us", tz="UTC")) | {"inexact": pa.bool_()}
        schema = [pa.field(name, types.get(name, pa.string())) for name in COLUMNS]
        return cls(pa.schema(schema).empty_table(), window)

    def service(self, principal: str, permission: str) -> datetime | None:
        """When the principal last tried the permission's service; None for never, and where it is not told."""
        found = self._service(self._told.get(principal, {}), permission)
        return None if found is None else found.exact

    def action(self, principal: str, permission: str) -> datetime | None:
        """When the principal last tried the permission itself; None for never, and where it is not told."""
        found = self._told.get(principal, {}).get(permission)
        return None if found is None else found.exact

    def untouched(self, principal: str, permission: str) -> str:
        """That the principal tried neither permission nor service in the window; empty where that is not told."""
        told = self._told.get(principal, {})
        service, action = self._service(told, permission), told.get(permission)
        for what, one in ((permission.partition(":")[0], service), (permission, action)):
            if (
                one is not None
                and (why := one.untouched(self._window))
                and not (action is not None and action.within(self._window))
            ):
                return f"{why} at {what}"
        return ""

    def tried(self, principal: str, permission: str) -> str:
        """That the principal tried the permission itself in the window; empty where that is not told."""
        one = self._told.get(principal, {}).get(permission)
        when = "" if one is None else one.within(self._window)
        return f"the vendor saw an attempt {when} that no log shows that was taken in" if when else ""

    def tells(self, principal: str) -> bool:
        """Whether anything is told of a principal."""
        return principal in self._told

    def untouched_of(self, principal: str, names: Sequence[str], among: BitMap) -> BitMap:
        """Of some permissions by number those that are `untouched`."""
        return BitMap(number for number in among if self.untouched(principal, names[number]))

    def tried_of(self, principal: str, names: Sequence[str], among: BitMap) -> BitMap:
        """Of some permissions by number those that were `tried`."""
        return BitMap(number for number in among if self.tried(principal, names[number]))

    @staticmethod
    def _service(told: Mapping[str, Attempt], permission: str) -> Attempt | None:
        return told.get(f"{permission.partition(':')[0]}:*")


_TIMES = ("last", "since", "taken")
