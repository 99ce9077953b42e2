"""Whose facts somebody may change: things, and identities in classes of those of whom the same can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import reduce

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.shadows import SESSION, Call, Change
from leastwise.rules.escalation import Need

from .classes import Held
from .links import Links
from .needs import Needs
from .nodes import Nodes, Told
from .standing import Strong
from .together import BEARER, Besides


class Able:
    """The things of a kind on which somebody may make a call at all, whatever it carries; what was asked is kept.

    Left out are those on whom nobody may but who surely administers their account.
    """

    def __init__(
        self,
        needs: Needs,
        links: Links,
        told: Told,
        nodes: Nodes,
        unreal: Collection[str],
        strong: Callable[[str], Strong],
    ) -> None:
        self._needs, self._links, self._told, self._nodes, self._strong = needs, links, told, nodes, strong
        self._unreal = unreal
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        self._weak: dict[tuple[str, str], BitMap] = {}
        self._ids: dict[str, list[str]] = {}

    def of(self, kind: str, calls: Sequence[Call]) -> frozenset[str]:
        """Those of a kind on which somebody may make one of some calls."""
        permissions = dict.fromkeys(call.permission for call in calls)
        return frozenset().union(*(self._asked(kind, one) for one in permissions))

    def whom(self, kind: str, calls: Iterable[Call]) -> BitMap:
        """Who may make one of some calls on something of a kind, and does not surely administer its account."""
        permissions = {call.permission for call in calls}
        return BitMap().union(*(self._weak[kind, one] for one in permissions if self._asked(kind, one)))

    def bearers(self, change: Change) -> dict[str, list[str]]:
        """The identities of which somebody may make a change, or begin to, by kind."""
        found: dict[str, list[str]] = {}
        for kind in change.writes[0]:
            # What lets a session begin is needed whole; of tags that are written one by one the first may let the next.
            several = [one.get(kind, ()) for one in change.writes]
            begin = several if change.of == SESSION else several[:1]
            ids = frozenset.intersection(*(self.of(kind, one) for one in begin)) if all(several) else ()
            if ids:
                found[kind] = sorted(ids)
        return found

    def _asked(self, kind: str, permission: str) -> frozenset[str]:
        if (kind, permission) not in self._known:
            ids = self._of_kind(kind)
            need = Need(permission, "target")
            column = self._needs.column(need, ids) if ids else np.empty(0, np.int64)
            classes: dict[tuple[str, int], list[str]] = defaultdict(list)
            for at in np.flatnonzero(column >= 0).tolist():
                id = ids[at]
                classes[self._told.account(id) or self._links.lies_in(id), int(column[at])].append(id)
            found: list[str] = []
            left = self._weak[kind, permission] = BitMap()
            for (account, code), several in classes.items():
                held, strong = self._needs.held(need, code), self._strong(account)
                left |= held.every - strong[0]
                if weak(held, strong):
                    found += several
            self._known[kind, permission] = frozenset(found)
        return self._known[kind, permission]

    def _of_kind(self, kind: str) -> list[str]:
        if kind not in self._ids:
            ids = list(self._nodes.numbers)
            principals = [ids[node] for node in self._nodes.of((kind,))]
            things = [id for id, _ in self._links.pairs("itself", (kind,))]
            self._ids[kind] = [id for id in (*principals, *things) if id not in self._unreal]
        return self._ids[kind]


class Bearers:
    """The identities of which a fact can be changed, in classes of those of whom the same can change it.

    Those who can change it of themselves are a class of their own: nobody else has to be reached.
    """

    def __init__(
        self, needs: Needs, told: Told, nodes: Nodes, change: Change, strong: Callable[[str], Strong], able: Able
    ) -> None:
        self._classes: list[tuple[BitMap, tuple[Besides, ...]]] = []
        numbers = nodes.numbers
        for kind, ids in able.bearers(change).items():
            narrow = needs.only(able.whom(kind, (call for one in change.writes for call in one[kind])))
            steps = [[need_of(call, BEARER) for call in one[kind]] for one in change.writes]
            columns = [[narrow.column(one, ids) for one in step] for step in steps]
            accounts: dict[str, int] = {}
            places = np.array([accounts.setdefault(told.account(id), len(accounts)) for id in ids], np.int64)
            flat = [one for step in columns for one in step]
            hopeful = reduce(np.logical_and, [reduce(np.logical_or, [one >= 0 for one in step]) for step in columns])
            own = Held()
            for row, mine in alike(np.column_stack([*flat, places]), hopeful):
                codes = iter(row[:-1])
                above = strong(list(accounts)[row[-1]])
                parts = [reduce(Held.either, [narrow.held(one, next(codes)) for one in step]) for step in steps]
                members = BitMap([numbers[ids[at]] for at in mine]) - above[0]
                mine_ = reduce(Held.both, parts).among(members)
                if change.of != SESSION and mine_:
                    own = own.either(mine_)
                    if all(one.every == mine_.every for one in parts) and len(members) == 1:
                        continue
                self._add(change, members, parts, steps, above)
            if own:
                told_ = tuple(Besides(own, (tuple(step),), change.text, own=True) for step in steps)
                self._classes.append((own.every, told_))

    def _add(self, change: Change, members: BitMap, parts: list[Held], steps: list[list[Need]], above: Strong) -> None:
        if change.of == SESSION:
            held = reduce(Held.both, parts)
            held = weak(held, above)
            if members and held:
                self._classes.append((members, (Besides(held, tuple(map(tuple, steps)), change.text, becomes=True),)))
            return
        several = [weak(one, above) for one in parts]
        if members and all(several):
            told = list(zip(several, steps, strict=True))
            self._classes.append((members, tuple(Besides(held, (tuple(step),), change.text) for held, step in told)))

    def of(self, among: BitMap) -> Iterator[tuple[BitMap, tuple[Besides, ...]]]:
        """Those of some identities, by who can change the fact of them."""
        if not among:
            return
        for members, besides in self._classes:
            mine = members & among
            if mine:
                yield mine, besides


def weak(held: Held, strong: Strong) -> Held:
    """Those who do not get further anyway, as surely as they have something."""
    return Held(held.sure - strong[0], held.unsure - strong[1], held.unknown - strong[2])


def need_of(call: Call, about: str) -> Need:
    """What a call needs."""
    return Need(call.permission, about, given=call.given, open=call.open)


def alike(table: Array, among: Array) -> Iterator[tuple[list[int], list[int]]]:
    """The distinct rows of a table, each with its places."""
    kept = np.flatnonzero(among)
    if not len(kept):
        return
    codes, place = np.unique(table[kept], axis=0, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    starts = np.searchsorted(place.ravel()[order], np.arange(len(codes) + 1))
    for number, row in enumerate(codes.tolist()):
        yield row, kept[order[starts[number] : starts[number + 1]]].tolist()
