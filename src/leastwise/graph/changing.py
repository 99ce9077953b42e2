"""Gates that a change opens: somebody puts a tag on a thing or an identity, and a condition on it holds, or fails.

Every rule is asked once more with the change laid over, and of that only what is gained is kept. Who makes the change
is found for each class of things or identities, so that nothing is paired one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, reduce

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.decision import State
from leastwise.model.shadows import SESSION, THING, Call, Change, Shadows
from leastwise.rules.escalation import EXISTING, EscalationRule, Need

from .classes import Held
from .links import Links
from .needs import Needs
from .nodes import Nodes, Told
from .preconditions import SURENESS, sureness
from .standing import Strong
from .together import BEARER, Besides, Steps

Rows = tuple[Sequence[str], Sequence[str]]
"""Things and targets, side by side."""
Found = tuple[Held, list[str], list[str], Steps, tuple[Besides, ...]]
"""Who gains something, targets, things, what they do themselves, and what must be done besides."""


class Changing:
    """Who can go through what, once a fact is changed.

    Args:
        needs: who meets what.
        links: what there is.
        told: what the tables tell of principals.
        nodes: their numbers.
        shadows: with the changes.
        strong: those of an account who become its administrator, whatever is changed.
    """

    def __init__(
        self, needs: Needs, links: Links, told: Told, nodes: Nodes, shadows: Shadows, strong: Callable[[str], Strong]
    ) -> None:
        self._needs, self._links, self._told, self._nodes = needs, links, told, nodes
        self._shadows, self._strong = shadows, strong
        self._bearers: dict[int, _Bearers] = {}
        self.missing: dict[str, None] = {}
        self._matter: dict[str, list[int]] = {}
        self._of: dict[tuple[int, str], BitMap | None] = {}
        self._some: dict[tuple[str, bool, tuple[tuple[str, tuple[str, ...]], ...]], BitMap] = {}
        self._natives = frozenset(kind for one in shadows.changes for each in one.writes for kind in each)
        self._able = _Able(needs, links, told, nodes, shadows.ids(), strong)

    def changes(self, rule: EscalationRule) -> list[Change]:
        """The changes that can matter to a rule."""
        permissions = {need.permission for need in rule.every() if not need.by}
        mattering = {place for one in permissions for place in self._mattering(one)}
        return [self._shadows.changes[place] for place in sorted(mattering)]

    def _mattering(self, permission: str) -> list[int]:
        """The places of the changes that can matter to a permission."""
        if permission not in self._matter:
            told = enumerate(self._shadows.changes)
            self._matter[permission] = [place for place, one in told if one.matters(permission)]
        return self._matter[permission]

    def _hopeful(self, rule: EscalationRule, altered: EscalationRule, change: Change) -> bool:
        """Whether somebody whom the change concerns, and who does not get further anyway, may meet the other needs."""
        concerned = BitMap()
        for need, before in zip(altered.every(), rule.every(), strict=True):
            if need == before:
                continue
            whom = self._concerned(change, need.permission)
            if whom is None:
                return True
            concerned |= whom
        for step, other in zip(rule.needs, altered.needs, strict=True):
            if step == other and not any(need.by or need.every or need.about in EXISTING for need in step):
                concerned &= BitMap().union(*map(self._anywhere, step))
        return bool(concerned)

    def _concerned(self, change: Change, permission: str) -> BitMap | None:
        """Those of whom the change can decide a permission; None where that is anybody."""
        key = id(change), permission
        if key not in self._of:
            whom = change.whom(permission)
            nodes = [self._nodes.numbers.get(id, -1) for id in whom or ()]
            # What a group has any member has, and who becomes one.
            anybody = whom is None or any(node < 0 or self._told.native(id) not in self._natives
                                          for node, id in zip(nodes, whom, strict=True))  # fmt: skip
            known = {*(whom or ()), *(shadow for id in whom or () for shadow in self._shadows_of[id])}
            weak = [self._nodes.numbers[id] for id in known if self._weak(self._nodes.numbers.get(id, -1), id)]
            self._of[key] = None if anybody else BitMap(weak)
        return self._of[key]

    @cached_property
    def _shadows_of(self) -> Mapping[str, set[str]]:
        """Whatever each principal could make of himself: his policies, and what denies him something, can stay."""
        found: dict[str, set[str]] = defaultdict(set)
        shadows = self._shadows
        for told in (shadows.anything, shadows.rewritten, shadows.unbounded):
            for id, shadow in told.items():
                found[id].add(shadow)
        for several in shadows.joining.values():
            for shadow, ids in several.items():
                for id in ids:
                    found[id].add(shadow)
        for _, id, shadow in shadows.versions.values():
            found[id].add(shadow)
        return found

    def _weak(self, node: int, id: str) -> bool:
        return node >= 0 and node not in self._strong(self._told.account(id))[0]

    def _anywhere(self, need: Need) -> BitMap:
        """Those who have a permission on anything that is known, or can be named."""
        key = need.permission, need.about == "new", tuple(sorted(need.given.items()))
        if key not in self._some:
            self._some[key] = BitMap().union(*(one.every for one in self._needs.asked(need)[0].every()))
        return self._some[key]

    def found(self, rule: EscalationRule, change: Change, rows: Rows) -> Iterator[Found]:
        """What a change lets somebody gain by a rule."""
        if change.of == THING:
            for place in ("thing", "target"):
                yield from self._thing(rule, change, rows, place)
        else:
            yield from self._identity(rule, change, rows)

    # --- of things

    def _thing(self, rule: EscalationRule, change: Change, rows: Rows, place: str) -> Iterator[Found]:
        altered = _laid(rule, change, lambda need: need.about == place)
        if altered is rule or not self._hopeful(rule, altered, change):
            return
        kinds: dict[str, list[int]] = defaultdict(list)
        for row, kind in self._written_kinds(change, rows[place == "target"]):
            kinds[kind].append(row)
        for kind, mine in sorted(kinds.items()):
            if mine:
                writes = [[_need(call, place) for call in one[kind]] for one in change.writes]
                part = [rows[0][row] for row in mine], [rows[1][row] for row in mine]
                yield from self._written(rule, altered, change, part, writes)

    def _written_kinds(self, change: Change, ids: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The places of those of some things of which the fact may be changed by somebody, with their kinds."""
        kinds = {kind for kind in change.writes[0] if all(one.get(kind) for one in change.writes)}
        able = {kind: self._able.of(kind, change.writes[0][kind]) for kind in sorted(kinds)}
        able = {kind: some for kind, some in able.items() if some}
        for row, id in enumerate(ids) if able else ():
            kind = self._links.kind(id) or self._told.native(id)
            if id in able.get(kind, ()):
                yield row, kind

    def _written(
        self, rule: EscalationRule, altered: EscalationRule, change: Change, rows: Rows, writes: list[list[Need]]
    ) -> Iterator[Found]:
        about = rows[writes[0][0].about == "target"]
        accounts: dict[str, int] = {}
        place = np.array([accounts.setdefault(self._account(id), len(accounts)) for id in about], np.int64)
        for row, gained, mine in self._gaining(rule, altered, rows, place):
            strong = self._strong(list(accounts)[row[-1]])
            if not _weak(gained, strong):
                continue
            part = [rows[0][at] for at in mine], [rows[1][at] for at in mine]
            columns = [self._needs.column(one, self._needs.about(one, *part)) for step in writes for one in step]
            for codes, some in _alike(np.column_stack(columns), np.ones(len(mine), bool)):
                besides, codes_ = [], iter(codes)
                for step in writes:
                    held = reduce(Held.either, [self._needs.held(need, next(codes_)) for need in step])
                    besides.append(Besides(_weak(held, strong), (tuple(step),), change.text))
                if all(one.held for one in besides):
                    told = [part[1][at] for at in some], [part[0][at] for at in some]
                    yield gained, *told, altered.needs, tuple(besides)

    def _gaining(
        self, rule: EscalationRule, altered: EscalationRule, rows: Rows, place: Array
    ) -> Iterator[tuple[list[int], Held, list[int]]]:
        """Who gains something by a changed rule, for rows that are alike: their codes, and where they are."""
        before, after = (self._table(one, rows) for one in (rule, altered))
        sure = sureness(rule, self._shadows.ties, rows[0], rows[1], self._told.account)
        hopeful = self._needs.hopeful(altered, after) & (sure != SURENESS.index(State.DENIED))
        width = before.shape[1]
        for row, mine in _alike(np.column_stack([before, after, sure, place]), hopeful):
            gained = self._gained(rule, altered, row[:width], row[width:-2], SURENESS[row[-2]])
            if gained:
                yield row, gained, mine

    # --- of whoever acts

    def _identity(self, rule: EscalationRule, change: Change, rows: Rows) -> Iterator[Found]:
        altered = _laid(rule, change, lambda need: not need.by)
        if altered is rule or not self._hopeful(rule, altered, change):
            return
        if change.unasked:
            if self._of_change(change).some:
                told = f"what it lets somebody do who {change.text} somebody: {change.unasked}"
                self.missing[told] = None
            return
        for _, gained, mine in self._gaining(rule, altered, rows, np.zeros(len(rows[0]), np.int64)):
            told_ = [rows[1][at] for at in mine], [rows[0][at] for at in mine]
            for among, besides in self._of_change(change).of(gained.every):
                yield gained.among(among), *told_, altered.needs, besides

    def _of_change(self, change: Change) -> _Bearers:
        if id(change) not in self._bearers:
            told = self._needs, self._told, self._nodes, change, self._strong, self._able
            self._bearers[id(change)] = _Bearers(*told)
        return self._bearers[id(change)]

    # --- tables

    def _table(self, rule: EscalationRule, rows: Rows) -> Array:
        things, targets = rows
        columns = [self._needs.column(one, self._needs.about(one, things, targets)) for one in rule.every()]
        return np.column_stack(columns)

    def _gained(
        self, rule: EscalationRule, altered: EscalationRule, before: Sequence[int], after: Sequence[int], best: State
    ) -> Held:
        held = self._needs.through(altered, after).at_best(best)
        return held.beyond(self._needs.through(rule, before).at_best(best)) if held else held

    def _account(self, id: str) -> str:
        return self._told.account(id) or self._links.lies_in(id)


class _Able:
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
        self._ids: dict[str, list[str]] = {}

    def of(self, kind: str, calls: Sequence[Call]) -> frozenset[str]:
        """Those of a kind on which somebody may make one of some calls."""
        permissions = dict.fromkeys(call.permission for call in calls)
        return frozenset().union(*(self._asked(kind, one) for one in permissions))

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
            for (account, code), several in classes.items():
                if _weak(self._needs.held(need, code), self._strong(account)):
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


class _Bearers:
    """The identities of which a fact can be changed, in classes of those of whom the same can change it.

    Those who can change it of themselves are a class of their own: nobody else has to be reached.
    """

    def __init__(
        self, needs: Needs, told: Told, nodes: Nodes, change: Change, strong: Callable[[str], Strong], able: _Able
    ) -> None:
        self._classes: list[tuple[BitMap, tuple[Besides, ...]]] = []
        numbers, of_session = nodes.numbers, change.of == SESSION
        self.some = False
        for kind in change.writes[0]:
            # What lets a session begin is needed whole; of tags that are written one by one the first may let the next.
            several = [one.get(kind, ()) for one in change.writes]
            ids = sorted(frozenset.intersection(*(able.of(kind, one) for one in several[: 2 * of_session or 1])))
            if not ids or not all(several):
                continue
            self.some = True
            if change.unasked:
                continue
            steps = [[_need(call, BEARER) for call in one[kind]] for one in change.writes]
            columns = [[needs.column(one, ids) for one in step] for step in steps]
            accounts: dict[str, int] = {}
            places = np.array([accounts.setdefault(told.account(id), len(accounts)) for id in ids], np.int64)
            flat = [one for step in columns for one in step]
            hopeful = reduce(np.logical_and, [reduce(np.logical_or, [one >= 0 for one in step]) for step in columns])
            own = Held()
            for row, mine in _alike(np.column_stack([*flat, places]), hopeful):
                codes = iter(row[:-1])
                above = strong(list(accounts)[row[-1]])
                parts = [reduce(Held.either, [needs.held(one, next(codes)) for one in step]) for step in steps]
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
            held = _weak(held, above)
            if members and held:
                self._classes.append((members, (Besides(held, tuple(map(tuple, steps)), change.text, becomes=True),)))
            return
        several = [_weak(one, above) for one in parts]
        if members and all(several):
            told = list(zip(several, steps, strict=True))
            self._classes.append((members, tuple(Besides(held, (tuple(step),), change.text) for held, step in told)))

    def __bool__(self) -> bool:
        return bool(self._classes)

    def of(self, among: BitMap) -> Iterator[tuple[BitMap, tuple[Besides, ...]]]:
        """Those of some identities, by who can change the fact of them."""
        if not among:
            return
        for members, besides in self._classes:
            mine = members & among
            if mine:
                yield mine, besides


def _weak(held: Held, strong: Strong) -> Held:
    """Those who do not get further anyway, as surely as they have something."""
    return Held(held.sure - strong[0], held.unsure - strong[1], held.unknown - strong[2])


def _laid(rule: EscalationRule, change: Change, carries: Callable[[Need], bool]) -> EscalationRule:
    """A rule with a change laid over the needs that carry it; the same rule where none does."""

    def over(need: Need) -> Need:
        if need.by or not carries(need) or not change.matters(need.permission):
            return need
        return replace(need, given={**need.given, **change.given}, open=(*need.open, *change.open))

    needs = tuple(tuple(map(over, step)) for step in rule.needs)
    return rule if needs == rule.needs else replace(rule, needs=needs)


def _need(call: Call, about: str) -> Need:
    return Need(call.permission, about, given=call.given, open=call.open)


def _alike(table: Array, among: Array) -> Iterator[tuple[list[int], list[int]]]:
    """The distinct rows of a table, each with its places."""
    kept = np.flatnonzero(among)
    if not len(kept):
        return
    codes, place = np.unique(table[kept], axis=0, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    starts = np.searchsorted(place.ravel()[order], np.arange(len(codes) + 1))
    for number, row in enumerate(codes.tolist()):
        yield row, kept[order[starts[number] : starts[number + 1]]].tolist()
