"""What principals are likely to need next, and what those of a job use: learned from the lake, granted to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from leastwise.model.gap import SENSITIVITIES
from leastwise.model.kin import Kin
from leastwise.model.likely import Job, JobNeed, Next
from leastwise.rightsizing.doings import Doings, Kinship, related
from leastwise.rightsizing.foreseeing import Foresight
from leastwise.rightsizing.reasons import reasons
from leastwise.usage.uses import CALL, IMPLIED

from .gap import GapOf

if TYPE_CHECKING:
    from leastwise.engine.holdings import Alike

FEW, MANY = 500, 1_500
"""Of so many principals is learned at most: of those who have most in common with who is asked about."""
HARMLESS = frozenset(SENSITIVITIES[:4])
"""What of it is too much can be borne; the rest has to be likelier to be advised."""
_FAINT = 0.02
"""What is less likely is not told."""
SHARE = 0.5
"""The share of those of a job who have to use what the job needs."""


@dataclass
class Foreseeing:
    """What is likely needed next in one estate.

    Args:
        found: the gap of the estate, whose window is learned from.
        about: the ids of those who are asked about; what is learned from is cut to those like them.
        most: of how many is learned at most.
    """

    found: GapOf
    about: Sequence[str] = ()
    most: int = FEW

    @cached_property
    def _kin(self) -> Callable[[str], Kin]:
        provider = self.found.workspace.provider(self.found.asking.provider)
        return _nameless if provider.kinship is None else provider.kinship()

    @cached_property
    def _alike(self) -> Mapping[str, Alike]:
        """By principal those who are granted the same; of those of whom everything was read."""
        groups = self.found.asking.access.everybody()
        return {id: one for one in groups.groups if not one.unread for id in one.principals}

    @cached_property
    def _given(self) -> Mapping[int, BitMap]:
        """What each bundle gives, by the numbers of `Access.permissions`."""
        everybody = self.found.asking.access.everybody()
        numbers = {bundle for one in everybody.groups for bundle in one.bundles}
        parts = {one: everybody.bundles[one] for one in numbers}
        return {one: BitMap.union(BitMap(), *(part.permissions for part in each)) for one, each in parts.items()}

    def _granted(self, principal: str) -> BitMap:
        alike = self._alike[principal]
        whole = BitMap.union(BitMap(), *(self._given[one] for one in alike.bundles))
        return whole if alike.limit is None else whole & alike.limit

    @cached_property
    def _rows(self) -> pa.Table:
        """Who used what on which day of the window: authorised calls, and what these needed besides."""
        window = self.found.window
        first, last = (_day(one) for one in (window.begin, window.end))
        table = self.found.usage.select(["principal", "permission", "how", "day", "count"])
        hows = pc.is_in(table["how"].cast(pa.string()), value_set=pa.array([CALL, IMPLIED]))
        inside = pc.and_(pc.greater_equal(table["day"], first), pc.less_equal(table["day"], last))
        table = table.filter(pc.and_(pc.and_(hows, inside), pc.greater(table["count"], 0)))
        known = pa.array(sorted(self._alike), pa.string())
        names = pa.array(self.found.facts.names, pa.string())
        who = pc.index_in(table["principal"].cast(pa.string()), value_set=known)
        what = pc.index_in(table["permission"].cast(pa.string()), value_set=names)
        both = pa.table({"who": who, "what": what, "day": table["day"], "count": table["count"]})
        return both.filter(pc.and_(pc.is_valid(both["who"]), pc.is_valid(both["what"])))

    @cached_property
    def people(self) -> list[str]:
        """Those who are learned from, and those who are asked about, sorted."""
        everyone = sorted(self._alike)
        using = np.unique(self._rows["who"].to_numpy())
        chosen = {everyone[one] for one in using.tolist()}
        if len(chosen) > self.most:
            chosen = {everyone[one] for one in self._nearest(using)}
        return sorted(chosen | {one for one in self.about if one in self._alike})

    def _nearest(self, using: Any) -> list[int]:
        """Numbers of those who have most in common with those asked about; spread evenly where nobody is."""
        if not self.about:
            return [int(one) for one in using[np.linspace(0, len(using) - 1, self.most).astype(int)]]
        who, what = self._rows["who"].to_numpy(), self._rows["what"].to_numpy()
        pairs = np.unique(np.stack([who, what], 1), axis=0)
        asked = set(self.about)
        own = [number for number, id in enumerate(sorted(self._alike)) if id in asked]
        wanted = np.unique(pairs[np.isin(pairs[:, 0], own), 1])
        common = np.bincount(pairs[np.isin(pairs[:, 1], wanted), 0], minlength=len(self._alike))
        width = np.bincount(pairs[:, 0], minlength=len(self._alike))
        score = common / np.sqrt(np.maximum(width, 1))
        return [int(one) for one in np.argsort(-score, kind="stable")[: self.most]]

    @cached_property
    def numbers(self) -> Any:
        """The permissions that are looked at, by their numbers: those that anybody used, and what goes with them."""
        used = np.unique(self._rows["what"].to_numpy()).astype(np.int64)
        return related(Kinship.of(self.found.facts.names, self._kin), used)

    @cached_property
    def names(self) -> list[str]:
        """The permissions that are looked at."""
        return [self.found.facts.names[one] for one in self.numbers.tolist()]

    def knows(self, principal: str) -> bool:
        """Whether everything was read that gives one something."""
        return principal in self._alike

    def used_by(self, principal: str) -> frozenset[str]:
        """The permissions that one of those asked about used in the window."""
        row = self.people.index(principal)
        return frozenset(self.names[one] for one in np.flatnonzero(self.doings.used[row]).tolist())

    def granted_to(self, principal: str) -> frozenset[str]:
        """The permissions that somebody who is known is granted by its own policies."""
        return frozenset(self.found.facts.names[one] for one in self._granted(principal))

    def kin_of_names(self) -> list[Kin]:
        """What each of the permissions that are looked at is about."""
        return [self._kin(one) for one in self.names]

    @cached_property
    def calls(self) -> tuple[Any, Any, Any, Any]:
        """Numbers of principal and permission, the day, and how many calls: columns."""
        everyone = np.array(sorted(self._alike), dtype=object)
        who, what, day, count = (self._rows[name].to_numpy() for name in ("who", "what", "day", "count"))
        place = np.searchsorted(np.array(self.people, dtype=object), everyone[who]) if len(who) else who
        place = np.minimum(place, max(len(self.people) - 1, 0))
        mine = np.array(self.people, dtype=object)[place] == everyone[who] if len(who) else np.zeros(0, bool)
        column = np.searchsorted(self.numbers, what)
        return tuple(one[mine].astype(np.int64) for one in (place, column, day, count))

    @cached_property
    def doings(self) -> Doings:
        """What they did, by day."""
        who, what, day, _ = self.calls
        kinship = Kinship.of(self.names, self._kin)
        # Buckets of one permission and day are several rows.
        rows = np.unique(np.stack([who, what, day], 1), axis=0)
        end = _day(self.found.window.end) + 1
        return Doings((len(self.people), len(self.names)), rows[:, 0], rows[:, 1], rows[:, 2], end, kinship)

    @cached_property
    def granted(self) -> Any:
        """Who is granted what of what is looked at."""
        found = np.zeros((len(self.people), len(self.names)), bool)
        for row, id in enumerate(self.people):
            given = np.fromiter(self._granted(id), np.int64)
            found[row] = np.isin(self.numbers, given)
        return found

    @cached_property
    def foresight(self) -> Foresight:
        """The model, fitted to the window."""
        return Foresight(self.doings, self.granted, self.careful)

    @cached_property
    def careful(self) -> Any:
        """Which of the permissions that are looked at do harm."""
        levels = self.found.facts.sensitivity
        return np.array([levels[one] not in HARMLESS for one in self.numbers.tolist()], bool)

    def of(self, principal: str, most: int | None = None) -> tuple[Next, ...]:
        """What one is likely to need next of what it is granted, the worthiest first.

        None of whom not everything was read that gives it something, nor of whom did nothing in the window.
        """
        if principal not in self._alike:
            return ()
        row = self.people.index(principal)
        if not self.doings.used[row].any():
            return ()
        open_, chances, worths, advised = self.foresight.worths(row)
        likely = np.flatnonzero(chances >= _FAINT)
        order = likely[np.lexsort((open_[likely], -worths[likely]))][:most]
        return tuple(
            Next(
                self.names[int(open_[at])], self._sensitivity(int(open_[at])), round(float(chances[at]), 4),
                round(float(worths[at]), 4), bool(advised[at]), tuple(self._reasons(row, int(open_[at]))),
            )
            for at in order
        )  # fmt: skip

    def missing(self, principal: str) -> list[str]:
        """Why nothing, or little, can be said of one."""
        if not self.knows(principal):
            return ["not everything that gives it something was read"]
        if not self.doings.used[self.people.index(principal)].any():
            return ["no use of it is known in the window"]
        return [] if self.foresight.learned else ["too little came into use in the last months to learn from"]

    def _sensitivity(self, column: int) -> str:
        return self.found.facts.sensitivity[int(self.numbers[column])]

    def _reasons(self, row: int, column: int) -> Iterator[str]:
        yield from reasons(self.doings, row, column, self.names)
        own = self.people[row]
        same = [one for one in self._alike[own].principals if one != own]
        places = [self.people.index(one) for one in same if one in self.people]
        using = int(self.doings.used[places, column].sum()) if places else 0
        if using:
            yield f"{using} of {len(same)} who are granted the same use it"

    def job(self, members: Sequence[str], share: float = SHARE) -> Job:
        """What those who do a job use: whatever enough of them used in the window."""
        row = {id: number for number, id in enumerate(self.people)}
        rows = [row[one] for one in members if one in row and self.doings.used[row[one]].any()]
        idle = tuple(one for one in members if one not in row or not self.doings.used[row[one]].any())
        used = self.doings.used[rows]
        counts = used.sum(0)
        order = np.lexsort((np.arange(len(counts)), -counts))
        needs = tuple(
            JobNeed(self.names[one], self._sensitivity(one), int(counts[one]), len(rows))
            for one in order.tolist()
            if counts[one] and counts[one] >= share * len(rows)
        )
        # What the others need, of each: nobody counts for itself.
        others = (counts - used) >= max(share * (len(rows) - 1), 1e-9)
        covered = (used & others).sum(1) / np.maximum(used.sum(1), 1)
        alone = len(rows) < 2
        return Job(
            tuple(members), idle, needs, None if alone else round(float(covered.mean()), 4),
            0 if alone else int((covered == 1.0).sum()),
        )  # fmt: skip


def _day(moment: Any) -> int:
    return int(moment.astimezone(UTC).date().toordinal()) - 719_163


def _nameless(permission: str) -> Kin:
    """That of a permission of whose vendor nothing is told: it stands alone."""
    return Kin(permission.partition(":")[0], permission, False)


# --- as plain values


def next_values(one: Next) -> dict[str, Any]:
    """One likely permission as the JSON interface has it."""
    return {
        "permission": one.permission, "sensitivity": one.sensitivity, "chance": one.chance, "worth": one.worth,
        "advised": one.advised, "reasons": list(one.reasons),
    }  # fmt: skip


def job_values(one: Job) -> dict[str, Any]:
    """A job as the JSON interface has it."""
    items = [
        {"permission": each.permission, "sensitivity": each.sensitivity, "using": each.using, "of": each.of,
         "share": round(each.share, 4)}
        for each in one.needs
    ]  # fmt: skip
    return {
        "members": list(one.members), "idle": list(one.idle), "covered": one.covered, "whole": one.whole,
        "items": items, "next": None,
    }  # fmt: skip
