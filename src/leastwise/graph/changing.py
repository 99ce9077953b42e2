"""Gates that a change opens: somebody puts a tag on a thing or an identity, and a condition on it holds, or fails.

Every rule is asked once more with the change laid over, and of that only what is gained is kept. Who makes the change
is found for each class of things or identities, so that nothing is paired one by one.

A closed gate tells everybody who can go through more surely once the fact is changed, and everybody who can change it.
Left out are those who become the administrator of the account anyway, as surely (`weak`), and nobody else. Somebody who
has the step already, by another rule or by way of another identity, is in the gate all the same: where it opens
(`Opening`) no way is told to where one gets as surely without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, reduce

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.decision import State
from leastwise.model.shadows import THING, Change, Shadows
from leastwise.rules.escalation import EXISTING, EscalationRule, Need

from .bearers import Able, Bearers, alike, need_of, weak
from .classes import Held
from .links import Links
from .needs import Needs
from .nodes import Nodes, Told
from .preconditions import SURENESS, sureness
from .standing import Strong
from .together import Besides, Steps

_SEVERAL = 3
"""Of fewer changes each is asked by itself."""
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
        self._borne: dict[int, BitMap] = {}
        self._bearers: dict[int, Bearers] = {}
        self.missing: dict[str, None] = {}
        self._matter: dict[str, list[int]] = {}
        self._of: dict[tuple[int, str], BitMap | None] = {}
        self._some: dict[tuple[str, bool, tuple[tuple[str, tuple[str, ...]], ...]], BitMap] = {}
        self._opened: tuple[EscalationRule | None, dict[tuple[bool, str], BitMap | None]] = None, {}
        self._kinds: dict[int, tuple[Sequence[str], Mapping[str, Sequence[int]]]] = {}
        self._narrowed: dict[bytes, Needs] = {}
        self._natives = frozenset(kind for one in shadows.changes for each in one.writes for kind in each)
        self._able = Able(needs, links, told, nodes, shadows.ids(), strong)

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

    def _whom(self, rule: EscalationRule, altered: EscalationRule, change: Change) -> BitMap | None:
        """Whom the change concerns who does not get further anyway, and may meet the other needs; None: anybody."""
        concerned = BitMap()
        for need, before in zip(altered.every(), rule.every(), strict=True):
            if need == before:
                continue
            whom = self._concerned(change, need.permission)
            if whom is None:
                return None
            concerned |= whom
        for step, other in zip(rule.needs, altered.needs, strict=True):
            if step == other and not any(need.by or need.every or need.about in EXISTING for need in step):
                concerned &= BitMap().union(*map(self._anywhere, step))
        return concerned

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

    def _hopeful(self, rule: EscalationRule, change: Change, rows: Rows, place: str) -> BitMap:
        """Those who gain something by a rule if all that can be changed so is open; of others it need not be asked.

        Whoever may do something after a change may do it perhaps while nothing is known of what is changed.
        """
        if self._opened[0] is not rule:
            self._opened = rule, {}
        kind = change.of == THING, place
        if kind not in self._opened[1]:
            self._opened[1][kind] = self._gaining_at_all(rule, change, rows, place)
        found = self._opened[1][kind]
        return BitMap(range(len(self._nodes.numbers))) if found is None else found

    def _gaining_at_all(self, rule: EscalationRule, change: Change, rows: Rows, place: str) -> BitMap | None:
        """The same, asked; None where it is as well to ask each change."""
        laid, concerned, count = rule, BitMap(), 0
        for one in self.changes(rule):
            if (one.of == THING) != (change.of == THING) or one.unasked:
                continue
            altered = _laid(rule, one, lambda need: need.about == place if place else not need.by)
            whom = self._whom(rule, altered, one) if altered is not rule else BitMap()
            if not place and (whom is None or whom):
                whom = self._bearing(one) if whom is None else whom & self._bearing(one)
            if whom is None:
                return None
            if whom:
                opened = replace(one, given={}, open=(*one.given, *one.open))
                laid = _laid(laid, opened, lambda need: need.about == place if place else not need.by)
                concerned, count = concerned | whom, count + 1
        if count < _SEVERAL:
            return None
        needs = self._only(concerned)
        before, after = self._table(self._needs, rule, rows), self._table(needs, laid, rows)
        width, found = before.shape[1], BitMap()
        for row, _ in alike(np.column_stack([before, after]), needs.hopeful(laid, after)):
            sure = self._needs.through(rule, row[:width]).sure
            found |= (needs.through(laid, row[width:]).every & concerned) - sure
        return found

    # --- of things

    def _thing(self, rule: EscalationRule, change: Change, rows: Rows, place: str) -> Iterator[Found]:
        altered = _laid(rule, change, lambda need: need.about == place)
        whom = self._whom(rule, altered, change) if altered is not rule else BitMap()
        if whom is not None and not whom & self._hopeful(rule, change, rows, place):
            return
        kinds = self._written_kinds(change, rows[place == "target"])
        for kind, mine in sorted(kinds.items()):
            if mine:
                writes = [[need_of(call, place) for call in one[kind]] for one in change.writes]
                part = [rows[0][row] for row in mine], [rows[1][row] for row in mine]
                yield from self._written(rule, altered, change, part, writes, whom)

    def _written_kinds(self, change: Change, ids: Sequence[str]) -> Mapping[str, Sequence[int]]:
        """The places of those of some things of which the fact may be changed by somebody, by their kinds."""
        kinds = {kind for kind in change.writes[0] if all(one.get(kind) for one in change.writes)}
        able = {kind: self._able.of(kind, change.writes[0][kind]) for kind in sorted(kinds)}
        able = {kind: some for kind, some in able.items() if some}
        if not able:
            return {}
        kept, of = self._kinds.get(id(ids), ((), {}))
        if kept is not ids:
            rows: dict[str, list[int]] = defaultdict(list)
            for row, one in enumerate(ids):
                rows[self._links.kind(one) or self._told.native(one)].append(row)
            self._kinds[id(ids)] = ids, (of := rows)
        return {kind: [row for row in of.get(kind, ()) if ids[row] in some] for kind, some in able.items()}

    def _written(
        self,
        rule: EscalationRule,
        altered: EscalationRule,
        change: Change,
        rows: Rows,
        writes: list[list[Need]],
        whom: BitMap | None,
    ) -> Iterator[Found]:
        about = rows[writes[0][0].about == "target"]
        accounts: dict[str, int] = {}
        place = np.array([accounts.setdefault(self._account(id), len(accounts)) for id in about], np.int64)
        for row, gained, mine in self._gaining(rule, altered, rows, place, whom):
            strong = self._strong(list(accounts)[row[-1]])
            if not weak(gained, strong):
                continue
            part = [rows[0][at] for at in mine], [rows[1][at] for at in mine]
            columns = [self._needs.column(one, self._needs.about(one, *part)) for step in writes for one in step]
            for codes, some in alike(np.column_stack(columns), np.ones(len(mine), bool)):
                besides, codes_ = [], iter(codes)
                for step in writes:
                    held = reduce(Held.either, [self._needs.held(need, next(codes_)) for need in step])
                    besides.append(Besides(weak(held, strong), (tuple(step),), change.text))
                if all(one.held for one in besides):
                    told = [part[1][at] for at in some], [part[0][at] for at in some]
                    yield gained, *told, altered.needs, tuple(besides)

    def _gaining(
        self, rule: EscalationRule, altered: EscalationRule, rows: Rows, place: Array, whom: BitMap | None
    ) -> Iterator[tuple[list[int], Held, list[int]]]:
        """Who gains something by a changed rule, for rows that are alike: their codes, and where they are."""
        needs = self._needs if whom is None else self._only(whom)
        before, after = self._table(self._needs, rule, rows), self._table(needs, altered, rows)
        sure = sureness(rule, self._shadows.ties, rows[0], rows[1], self._told.account)
        hopeful = needs.hopeful(altered, after) & (sure != SURENESS.index(State.DENIED))
        width = before.shape[1]
        for row, mine in alike(np.column_stack([before, after, sure, place]), hopeful):
            best = SURENESS[row[-2]]
            held = needs.through(altered, row[width:-2])
            held = held.at_best(best) if whom is None else held.among(whom).at_best(best)
            gained = held.beyond(self._needs.through(rule, row[:width]).at_best(best)) if held else held
            if gained:
                yield row, gained, mine

    # --- of whoever acts

    def _identity(self, rule: EscalationRule, change: Change, rows: Rows) -> Iterator[Found]:
        altered = _laid(rule, change, lambda need: not need.by)
        whom = self._whom(rule, altered, change) if altered is not rule else BitMap()
        if whom is not None and not whom:
            return
        bearers = self._bearing(change)
        if change.unasked:
            if bearers:
                told = f"what it lets somebody do who {change.text} somebody: {change.unasked}"
                self.missing[told] = None
            return
        whom = (bearers if whom is None else whom & bearers) & self._hopeful(rule, change, rows, "")
        if not whom:
            return
        for _, gained, mine in self._gaining(rule, altered, rows, np.zeros(len(rows[0]), np.int64), whom):
            told_ = [rows[1][at] for at in mine], [rows[0][at] for at in mine]
            for among, besides in self._of_change(change).of(gained.every):
                yield gained.among(among), *told_, altered.needs, besides

    def _bearing(self, change: Change) -> BitMap:
        """The identities of which somebody may make a change, or begin to."""
        if id(change) not in self._borne:
            numbers, kinds = self._nodes.numbers, self._able.bearers(change).values()
            self._borne[id(change)] = BitMap([numbers[id] for ids in kinds for id in ids])
        return self._borne[id(change)]

    def _of_change(self, change: Change) -> Bearers:
        if id(change) not in self._bearers:
            told = self._needs, self._told, self._nodes, change, self._strong, self._able
            self._bearers[id(change)] = Bearers(*told)
        return self._bearers[id(change)]

    # --- tables

    def _only(self, whom: BitMap) -> Needs:
        """What some principals alone meet; kept."""
        key = whom.serialize()
        if key not in self._narrowed:
            self._narrowed[key] = self._needs.only(whom)
        return self._narrowed[key]

    @staticmethod
    def _table(needs: Needs, rule: EscalationRule, rows: Rows) -> Array:
        things, targets = rows
        columns = [needs.column(one, needs.about(one, things, targets)) for one in rule.every()]
        return np.column_stack(columns)

    def _account(self, id: str) -> str:
        return self._told.account(id) or self._links.lies_in(id)


def _laid(rule: EscalationRule, change: Change, carries: Callable[[Need], bool]) -> EscalationRule:
    """A rule with a change laid over the needs that carry it; the same rule where none does."""

    def over(need: Need) -> Need:
        if need.by or not carries(need) or not change.matters(need.permission):
            return need
        opened = tuple(dict.fromkeys((*need.open, *change.open)))
        return replace(need, given={**need.given, **change.given}, open=opened)

    needs = tuple(tuple(map(over, step)) for step in rule.needs)
    return rule if needs == rule.needs else replace(rule, needs=needs)
