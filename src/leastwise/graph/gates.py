"""Rules and relations to gates: who can go through, and whom they are then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import numpy as np
from pyroaring import BitMap

from leastwise.engine.access import Relates
from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.model.decision import State
from leastwise.model.shadows import DEFINITION, INLINE, MEMBERS, POLICIES, Change, Shadows
from leastwise.rules.escalation import EXISTING, NEEDLESS, EscalationRule, Need

from .changing import Changing
from .classes import Held
from .existing import Existing
from .links import Links, Pair
from .needless import needless
from .needs import ANYTHING, Needs
from .nodes import Nodes, Told
from .preconditions import SURENESS, sureness
from .standing import Standing
from .together import Steps, Together


@dataclass(frozen=True, slots=True)
class Gate:
    """Principals who can become others, by one rule.

    Args:
        rule: number of the rule.
        sources: numbers of those who can go through.
        targets: numbers of whom they become.
        things: what hangs together with each target; none where the rule needs no thing.
        state: ALLOWED, CONDITIONAL or UNKNOWN.
        each: for each target the only one who can become it; None where all sources can become all targets.
        missing: what must be there, and may be though it is not known.
        about: for each target whom the needs are about, where that is another one.
        after: of a gate that joins what other gates lead to: how many there were before it; else -1.
        together: number of what several identities do together; -1 where one is enough.
    """

    rule: int
    sources: BitMap
    targets: Array
    things: Sequence[str]
    state: State
    each: Array | None = None
    missing: str = ""
    about: Sequence[str] = ()
    after: int = -1
    together: int = -1


@dataclass(frozen=True)
class Gates:
    """The graph of one estate of one provider.

    Args:
        nodes: the ids of principals by number; shadows are among them.
        rules: by number.
        gates: all of them.
        shadows: see there.
        missing: what was not read, and might add others.
        asked: what is needed of steps for which that depends on who goes: by target and thing, then by source.
        closed: gates that open when something else is done besides, by whomever: `together` says what.
        together: what is done together, by number.
    """

    nodes: Sequence[str]
    rules: Sequence[EscalationRule]
    gates: Sequence[Gate]
    shadows: Shadows
    missing: tuple[str, ...] = ()
    asked: Mapping[tuple[str, str], Mapping[str, Need]] = field(default_factory=dict)
    closed: Sequence[Gate] = ()
    together: Sequence[Together] = ()


_ORDER = {"full": 0, "leads": 2, "offered": 2, "perhaps": 2}
POWERS: Mapping[str, str] = {
    "policies": POLICIES, "inline": INLINE, "members": MEMBERS, "definition": DEFINITION, "version": "",
}  # fmt: skip
"""What rules give that is no identity, and how ids of it end; of versions the targets are such ids already."""
_Rows = tuple[str, tuple[str, ...], tuple[str, ...], bool, int]


class Building:
    """Makes the gates of an estate, as they are at a moment.

    Args:
        access: answers about it.
        links: what hangs together in it.
        shadows: see there.
        told: what the tables tell of its principals.
        moment: when requests are made.
    """

    def __init__(
        self, access: Relates, links: Links, shadows: Shadows, told: Told, moment: datetime | None = None
    ) -> None:
        self._links, self._shadows, self._told, self._unreal = links, shadows, told, shadows.ids()
        self._nodes = Nodes(told)
        self._needs = Needs(access, shadows, told, self._nodes, moment)
        self._existing = Existing(self._needs, links, told, self._nodes, shadows.places)
        self._rows_known: dict[_Rows, tuple[list[str], list[str]]] = {}
        self._services: frozenset[str] = frozenset()
        self._acts: dict[str, Mapping[int, int]] = {}
        self._together: list[Together] = []
        self._ids: list[str] = []

    def gates(self, rules: Sequence[EscalationRule]) -> Gates:
        """The gates that some rules make."""
        needs = [need for rule in rules for need in (*rule.every(), *(one for step in rule.otherwise for one in step))]
        self._services = frozenset(need.by for need in needs if need.by)
        # Searches take the first of several gates: what somebody has already comes before what he could do.
        # What is offered numbers nobody: relations do, those of the estate first.
        order = sorted(enumerate(rules), key=lambda one: _ORDER.get(one[1].link, 1))
        found = [gate for number, rule in order for gate in self._of(number, rule)]
        closed = list(self._closed(order, found))
        if any(rule.link == "joint" for rule in rules):
            self._nodes.array([one.gives for one in self._shadows.joints()])
        missing = dict.fromkeys((*self._needs.missing, *self._shadows.missing))
        told = tuple(missing)
        return Gates(
            list(self._nodes.numbers), rules, found, self._shadows, told, closed=closed, together=self._together
        )

    # --- rules

    def _of(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        if rule.link in NEEDLESS:
            yield from self._needless(number, rule.link)
            return
        if rule.gives == "writes" and not self._shadows.writes.keys() & set(rule.kinds):
            return
        if any(need.about in EXISTING for need in rule.every()):
            yield from self._existing.gates(rule, lambda besides: self._of(number, besides))
            return
        if not rule.link and all(need.about == "new" for need in rule.every()):
            held = self._needs.through(rule, self._needs.nameable(rule.every()))
            yield from self._administering(number, held)
            return
        yield from self._untold(number, rule)
        things, targets = self._rows(rule)
        if not targets:
            return
        needs = list(rule.every())
        sure = sureness(rule, self._shadows.ties, things, targets, self._told.account)
        table = np.stack(
            [*(self._needs.column(one, self._needs.about(one, things, targets)) for one in needs), sure], axis=1
        )
        kept = np.flatnonzero(self._needs.hopeful(rule, table) & (sure != SURENESS.index(State.DENIED)))
        codes, rows_of, starts = _distinct(table[kept])
        alone = _Alone(self._nodes)
        for code, row in enumerate(codes.tolist()):
            held = self._allowed(rule, self._needs.through(rule, row)).at_best(SURENESS[row[-1]])
            if not held:
                continue
            rows = kept[rows_of[starts[code] : starts[code + 1]]].tolist()
            mine, with_ = [targets[one] for one in rows], [things[one] for one in rows] if rule.link else []
            if rule.oneself:
                alone.add(held, mine, self._given(rule, mine, with_), with_)
            else:
                yield from self._leading(number, rule, held, mine, with_)
        yield from alone.gates(number)

    def _leading(
        self, number: int, rule: EscalationRule, held: Held, targets: Sequence[str], things: Sequence[str]
    ) -> Iterator[Gate]:
        """Gates from some principals to what a rule gives them of some rows."""
        if all(need.about == "new" for need in rule.every()):
            yield from self._within(number, rule, held, targets, things)
        elif rule.link == "group" and rule.gives == "identity":
            yield from self._joining(number, held, targets, things)
        else:
            about = targets if rule.gives != "identity" else ()
            yield from self._gates(number, held, self._given(rule, targets, things), things, about)

    # --- what opens when a fact is changed

    def _closed(self, order: Sequence[tuple[int, EscalationRule]], found: Sequence[Gate]) -> Iterator[Gate]:
        """Gates that a change of some fact opens."""
        if not self._shadows.changes:
            return
        strong = Standing(found, self._nodes, self._shadows).of
        changing = Changing(self._needs, self._links, self._told, self._nodes, self._shadows, strong)
        for number, rule in order:
            if rule.link in NEEDLESS or rule.oneself or rule.gives == "writes" or rule.acting:
                continue
            changes = changing.changes(rule)
            if any(need.about in EXISTING for need in rule.every()) and changes:
                there = tuple(step for step in rule.needs if step[0].about in EXISTING)
                yield from self._existing.gates(rule, partial(self._changed, number, changes, changing, there))
            else:
                yield from self._changed(number, changes, changing, (), rule)
        self._needs.missing |= dict.fromkeys(changing.missing)

    def _changed(
        self, number: int, changes: Sequence[Change], changing: Changing, there: Steps, rule: EscalationRule
    ) -> Iterator[Gate]:
        """Those of one rule; `there` is what it needs of something that exists."""
        anew = not rule.link and all(need.about == "new" for need in rule.every())
        rows = ([""], [ANYTHING]) if anew else self._rows(rule)
        for change in changes if rows[1] else ():
            for held, targets, things, steps, besides in changing.found(rule, change, rows):
                mine = self._allowed(rule, held)
                if not mine:
                    continue
                gates = (
                    self._administering(number, mine) if anew
                    else self._leading(number, rule, mine, targets, things if rule.link else [])
                )  # fmt: skip
                for gate in gates:
                    above = self._above(gate)
                    self._together.append(Together((*steps, *there), besides, above))
                    yield replace(gate, together=len(self._together) - 1)

    def _above(self, gate: Gate) -> str:
        """The administrator of the account in which all lies that a gate leads to; none where it lies in several."""
        if len(self._ids) < len(self._nodes.numbers):
            self._ids = list(self._nodes.numbers)
        told = gate.about or gate.things or [self._ids[one] for one in gate.targets.tolist()]
        accounts = {self._told.account(id) or self._links.lies_in(id) for id in told}
        return self._shadows.administrator.get(accounts.pop(), "") if len(accounts) == 1 else ""

    def _needless(self, number: int, link: str) -> Iterator[Gate]:
        """Gates of a rule that asks for nothing."""
        for pairs, state, text in needless(link, self._shadows):
            each, targets = (self._nodes.array([pair[at] for pair in pairs]) for at in (0, 1))
            yield Gate(number, BitMap(each.tolist()), targets, (), state, each, text)

    def _untold(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        """Gates of a rule through what may be there, or of which it is not known as whom it runs."""
        if rule.otherwise:
            yield from self._perhaps(number, rule)
        if rule.unlisted:
            yield from self._below(number, rule)
        if rule.link == "runs":
            yield from self._unsaid(number, rule)
            yield from self._in_unlisted(number, rule)

    def _within(
        self, number: int, rule: EscalationRule, held: Held, targets: Sequence[str], things: Sequence[str]
    ) -> Iterator[Gate]:
        """Gates of a rule that asks for nothing about its things by name: nobody reaches those of other accounts."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, target in enumerate(targets):
            places[self._told.account(target)].append(place)
        for account, sources in self._by_account(held):
            mine = places.get(account, [])
            names = [targets[place] for place in mine]
            if mine:
                with_ = [things[place] for place in mine]
                yield from self._gates(number, held.among(sources), self._given(rule, names, with_), with_)

    def _perhaps(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        """Gates that are there if a thing is of which nobody asked: to what such a thing may run as."""
        perhaps = self._existing.unlisted(rule)
        targets = self._possible(rule) if perhaps else {}
        for account, sources in perhaps.items():
            if account in targets:
                nodes = self._nodes.array(targets[account])
                yield Gate(number, sources, nodes, (), State.UNKNOWN, missing=f"{' or '.join(rule.kinds)} of {account}")

    def _possible(self, rule: EscalationRule) -> Mapping[str, list[str]]:
        """Whom a thing that a rule is about may run as, by account."""
        stands = replace(rule, needs=rule.otherwise, link="")
        _, ids = self._rows(stands)
        needs = list(stands.every())
        table = np.stack([self._needs.column(one, ids) for one in needs], axis=1) if ids else np.empty((0, len(needs)))
        targets: dict[str, list[str]] = defaultdict(list)
        for row in np.flatnonzero(self._needs.hopeful(stands, table)).tolist():
            targets[self._told.account(ids[row])].append(ids[row])
        return targets

    def _unsaid(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        """Gates through things of which it was not read whom they run as; those that are alike together."""
        pairs = self._links.unsaid(rule.kinds)
        if not pairs:
            return
        things = [thing for thing, _ in pairs]
        possible = self._possible(rule) if rule.otherwise else {}
        columns = [self._needs.column(one, things).tolist() for one in rule.every()]
        alike: dict[tuple[Pair, tuple[int, ...]], list[str]] = defaultdict(list)
        for (thing, whom), *row in zip(pairs, *columns, strict=True):
            alike[whom, tuple(row)].append(thing)
        for ((account, named), codes), several in alike.items():
            targets = [named] if named else possible.get(account, [])
            sources = self._allowed(rule, self._needs.through(rule, codes)).every
            if sources and targets:
                others = f", and {len(several) - 1} others" if len(several) > 1 else ""
                yield Gate(
                    number, sources, self._nodes.array(targets), several[:1] * len(targets), State.UNKNOWN,
                    missing=f"the identity that runs {several[0]}{others}",
                )  # fmt: skip

    def _in_unlisted(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        """Gates through things that may lie in accounts of which nobody listed the things."""
        unlisted = self._shadows.ties.unlisted
        if not unlisted or any(need.about != "thing" for need in rule.every()):
            return
        needs = [replace(one, within="") for one in rule.every()]
        for account, (places, targets) in unlisted.items():
            columns = [self._needs.column(one, places).tolist() for one in needs]
            rows = set(zip(*columns, strict=True))
            sources = BitMap().union(*(self._allowed(rule, self._needs.through(rule, row)).every for row in rows))
            if sources and targets:
                nodes = self._nodes.array(targets)
                yield Gate(number, sources, nodes, (), State.UNKNOWN, missing=f"{' or '.join(rule.kinds)} of {account}")

    def _below(self, number: int, rule: EscalationRule) -> Iterator[Gate]:
        """The same where accounts are resources that things lie in: who could, were it a thing of the account."""
        accounts = self._told.unlisted(rule.listed_by)
        pairs = self._links.pairs("is", ()) if accounts else []
        targets = [id for _, id in pairs if self._told.account(id) in accounts]
        steps = [
            [replace(one, about="account") if one.about == "thing" else one for one in step] for step in rule.needs
        ]
        above = replace(rule, needs=tuple(map(tuple, steps)), where=())
        columns = (
            [self._needs.column(one, self._needs.about(one, (), targets)) for one in above.every()] if targets else []
        )
        rows: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
        for target, *classes in zip(targets, *(one.tolist() for one in columns), strict=True):
            rows[self._told.account(target), tuple(classes)].append(target)
        for (account, row), several in rows.items():
            sources = self._needs.through(above, row).every
            if sources:
                nodes = self._nodes.array(several)
                yield Gate(number, sources, nodes, (), State.UNKNOWN, missing=f"{' or '.join(rule.kinds)} of {account}")

    def _by_account(self, held: Held) -> Iterator[tuple[str, BitMap]]:
        """Those who have something, by their accounts."""
        return self._nodes.by_account(held.every)

    def _rows(self, rule: EscalationRule) -> tuple[list[str], list[str]]:
        """The things and targets that a rule is about, side by side; rules about the same share them."""
        first = next((need for need in rule.every() if need.about == "target"), None)
        among: Iterable[str] = () if rule.link or first is None else self._needs.asked(first)[1]
        key = (rule.link, rule.kinds, rule.natives, rule.oneself, 0 if rule.link else id(among))
        known = self._rows_known.get(key)
        if known is None:
            pairs = self._links.pairs(rule.link, rule.kinds) if rule.link else [("", id) for id in among]
            if rule.link not in ("group", "administers", "told"):
                # Nobody finds a shadow to become it: what a rule gives leads there. But members are real by then.
                unreal = self._unreal - self._shadows.joiners if rule.oneself else self._unreal
                pairs = [pair for pair in pairs if pair[1] not in unreal]
            if rule.natives:
                pairs = [pair for pair in pairs if self._told.native(pair[1]) in rule.natives]
            known = self._rows_known[key] = ([thing for thing, _ in pairs], [target for _, target in pairs])
        return known

    def _allowed(self, rule: EscalationRule, held: Held) -> Held:
        """Those of some principals who are of the kinds that a rule is about; or who act through them."""
        if rule.acting:
            sets = (held.sure, held.unsure, held.unknown)
            acting = self._acting(rule.acting)
            return Held(*(BitMap([acting[one] for one in some if one in acting]) for some in sets))
        numbers = self._nodes.numbers
        services = BitMap([numbers[one] for one in self._services if one in numbers])
        if services.intersect(held.every):
            # They work for others: nobody begins as one.
            held = held.among(held.every - services)
        return held.among(self._nodes.of(rule.whose)) if rule.whose else held

    def _acting(self, word: str) -> Mapping[int, int]:
        """Who acts through each identity that others may act through."""
        if word not in self._acts:
            number, told = self._nodes.number, self._shadows.ties.acting.get(word, {})
            self._acts[word] = {number(id): number(acts) for id, acts in told.items()}
        return self._acts[word]

    # --- what rules give

    def _given(self, rule: EscalationRule, targets: Sequence[str], things: Sequence[str]) -> list[str]:
        """What whoever goes through has then, for each row."""
        shadows = self._shadows
        if rule.gives == "anything":
            return [shadows.anything.get(target, target) for target in targets]
        if rule.gives == "rewritten":
            return [shadows.rewritten.get(target) or shadows.anything.get(target, target) for target in targets]
        if rule.gives == "unbounded":
            return [shadows.unbounded.get(target) or shadows.anything.get(target, target) for target in targets]
        if rule.gives == "writes":
            return [shadows.writes[rule.kinds[0]]] * len(targets)
        if rule.gives in POWERS:
            ends = things if rule.gives in ("members", "definition") else targets
            return [f"{one}{POWERS[rule.gives]}" for one in ends]
        return list(targets)

    def _joining(self, number: int, held: Held, members: Sequence[str], groups: Sequence[str]) -> Iterator[Gate]:
        """Gates into groups: whoever joins keeps what limits him."""
        for told, nodes in self._by_limits(held):
            mine = held.among(nodes)
            known = [self._shadows.members.get((group, told)) for group in groups] if told else list(members)
            if None in known:
                for gate in self._gates(number, mine.at_best(State.UNKNOWN), members, groups):
                    yield replace(gate, missing="the limits of who joins")
            else:
                yield from self._gates(number, mine, [one for one in known if one is not None], groups, members)

    def _by_limits(self, held: Held) -> Iterator[tuple[str, BitMap]]:
        """Those who have something, by what limits them; empty for nothing."""
        limits = self._shadows.limits
        if not limits:
            yield "", held.every
            return
        by_limits: dict[str, list[int]] = defaultdict(list)
        ids = list(self._nodes.numbers)
        for node in held.every:
            by_limits[limits.get(ids[node], "")].append(node)
        yield from ((told, BitMap(nodes)) for told, nodes in by_limits.items())

    def _administering(self, number: int, held: Held) -> Iterator[Gate]:
        """Gates to the administrator of each principal's own account."""
        for account, nodes in self._by_account(held):
            if account in self._shadows.administrator:
                yield from self._gates(number, held.among(nodes), [self._shadows.administrator[account]], [])

    def _gates(
        self, number: int, held: Held, targets: Sequence[str], things: Sequence[str], about: Sequence[str] = ()
    ) -> Iterator[Gate]:
        nodes = self._nodes.array(targets)
        for state, sources in held.parts():
            yield Gate(number, sources, nodes, things, state, about=about)


def _distinct(table: Array) -> tuple[Array, Array, Array]:
    """The rows of a table without repetition, in order; the places of all rows so, and where those of each begin."""
    place = combined(list(table.T), len(table)) if len(table) else np.empty(0, np.int64)
    rows = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[rows], prepend=-1)) if len(rows) else rows
    return table[rows[starts]], rows, np.append(starts, len(rows))


class _Alone:
    """Gates through which each goes for himself, gathered by how sure they are."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._found: dict[State, tuple[list[int], list[int], list[str]]] = {}

    def add(self, held: Held, principals: Sequence[str], targets: Sequence[str], things: Sequence[str]) -> None:
        """Those of some principals who can, with what each becomes."""
        nodes = self._nodes.array(principals).astype(np.uint32)
        for state, one in held.parts():
            if one.isdisjoint(BitMap(nodes)):
                continue
            places = [place for place, node in enumerate(nodes.tolist()) if node in one]
            sources, ends, with_ = self._found.setdefault(state, ([], [], []))
            sources += nodes[places].tolist()
            ends += self._nodes.array([targets[place] for place in places]).tolist()
            with_ += [things[place] for place in places] if things else []

    def gates(self, number: int) -> Iterator[Gate]:
        """A gate for each state."""
        for state, (sources, nodes, things) in self._found.items():
            each = np.array(sources, np.int64)
            yield Gate(number, BitMap(sources), np.array(nodes, np.int64), things, state, each)
