"""One action against every resource: resources that decide alike are one class, and each class is decided once.

Resources are alike when the same patterns take them in, the same lies on them but for the names of users and roles
(`owned`), and the same is known of them. In a class principals are grouped as `who` groups them; those whom a resource
names are grouped by the statements that do. Every group is decided by the question of one of its pairs.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.groups import combined
from leastwise.engine.quiet import without_collector
from leastwise.engine.relation import Relation
from leastwise.engine.solve import Outcome, Verdict

from ..evaluate.principals import Principal
from ..evaluate.services import assumes
from .access import AwsAccess, Circumstances
from .alike import Alike, Left, alike, parted, together
from .drawn import Drawn
from .elsewhere import Elsewhere, Facts, special
from .kin import Kin
from .lying import Kept, Shapes
from .matching import MAYBE, outcomes
from .targets import Targeting, Targets
from .touching import Touching
from .who import Decided, WhoCan

_LAST = 4
"""Relations that are kept: the ways to become a role, and one of another action; of so many what lies on resources."""
_FEW = 8
"""So many pairs are asked one by one; grouping principals costs as much."""
_NONE: Array = np.empty(0, np.int64)


class Related(NamedTuple):
    """A relation, and those in it who are no users or roles of the estate, by id.

    Root users of its accounts are among them: no statement of an identity names them, so that no group has them, and
    each class of resources is decided once for the root of its account.
    """

    relation: Relation
    outsiders: Mapping[str, Principal]

    def stranger(self, number: int) -> Principal:
        """Somebody outside the estate, by the number in the relation."""
        return self.outsiders[self.relation.principals[number]]


class Relating:
    """Relations of one estate; what targets there are is kept, and the last relations.

    Args:
        access: the estate.
        among: users and roles (numbers that ascend), of whom alone it is told what they can; None: of everybody.
        like: of an estate with the same resources, which are looked at once.
    """

    def __init__(self, access: AwsAccess, among: Array | None = None, like: Relating | None = None) -> None:
        self.access, self._among = access, among
        self._targeting: Targeting = Targeting(access) if like is None else like._targeting
        self._kept: dict[int, tuple[Touching, Facts]] = {} if like is None else like._kept
        self._read: dict[str, Kept] = {} if like is None else like._read
        self._last: deque[tuple[tuple[str, Circumstances], Related]] = deque(maxlen=_LAST)

    def relation(self, action: str, given: Circumstances) -> Relation:
        """An action against every known resource that it can act on."""
        return self.related(action, given).relation

    def related(self, action: str, given: Circumstances) -> Related:
        """The same, with those outside the estate who are in it."""
        known = next((one for one in self._last if one[0] == (action, given)), None)
        if known is None:
            with without_collector():
                known = (action, given), self._made(action, given)
        else:
            self._last.remove(known)
        self._last.append(known)
        return known[1]

    def lets_in(self, action: str) -> bool:
        """Whether what lies on known resources that the action acts on can let somebody in: in IAM, only trust."""
        return assumes(action) or bool((self._targeting.on(action).things >= 0).any())

    def _made(self, action: str, given: Circumstances) -> Related:
        targets = self._targeting.on(action)
        kept = self._kept.get(id(targets))
        if kept is None:
            kept = self._kept[id(targets)] = (Touching(targets), Facts(self.access, targets))
        read = self._read.pop(action.lower(), None) or Kept()
        self._read[action.lower()] = read
        if len(self._read) > _LAST:
            del self._read[next(iter(self._read))]
        return _One(self.access, action, given, targets, *kept, read, self._among).related()


class _One:
    """One relation being made."""

    def __init__(
        self,
        access: AwsAccess,
        action: str,
        given: Circumstances,
        targets: Targets,
        touching: Touching,
        facts: Facts,
        read: Kept,
        among: Array | None,
    ) -> None:
        self._access, self._action, self._given, self._among, self._read = access, action, given, among, read
        self._targets, self._touching, self._facts = targets, touching, facts
        self._elsewhere = Elsewhere(access, action, given)
        self._drawn = Drawn(access, action, given, targets)
        self._open = np.empty(0, np.int64)
        self._verdicts: dict[Hashable, Verdict] = {}
        self._others: Decided = {}

    def related(self) -> Related:
        """All families, decided."""
        for family, about in self._families():
            self._family(family, about)
        inside = self._access.estate.principals
        ids = [*self._access.estate.ids, *self._drawn.outsiders]
        drawn = self._drawn
        told = (ids, self._targets.texts, tuple(drawn.rectangles), inside, tuple(drawn.missing))
        relation = Relation(self._action, *told, open=BitMap(self._open.astype(np.uint32)))
        return Related(relation, {id: principal for id, (_, principal) in drawn.outsiders.items()})

    # --- families and classes

    def _families(self) -> Iterator[tuple[list[Alike], int | None]]:
        """Classes of resources that differ only in the patterns that take them in, the largest first.

        With each family a number that is equal for those that differ in their account alone; None where something
        asks for that.
        """
        count = len(self._targets)
        if not count:
            return
        codes, alone = self._touching.codes(self._elsewhere.patterns)
        read = self._elsewhere.tests, self._elsewhere.given, self._read
        lying = Shapes(self._access, self._action, *read).lying(self._targets)
        alone |= special(self._access, self._targets)
        self._open = np.flatnonzero(lying.open())
        own = np.where(alone, np.arange(count) + 1, 0)
        whose, alike_ = self._facts.columns(self._action, self._elsewhere.tags)
        family = combined([lying.shapes(), own, *whose], count)
        apart = self._elsewhere.names_accounts or self._among is not None
        kin = family if apart else combined([lying.shapes_in(*self._facts.accounts), own, *alike_], count)
        near = self._near()
        for places in parted(near, family[near]) if len(near) else ():
            classes = [alike(part, lying) for part in parted(places, codes[places])]
            first = int(places[0])
            lies = lying.of(first)
            told = None if apart or alone[first] or (lies is not None and lies.telling) else int(kin[first])
            yield sorted(classes, key=lambda one: -len(one.places)), told

    def _near(self) -> Array:
        """The resources on which somebody who is asked for may be allowed something.

        Of users and roles nothing but trust lets anybody of another account in.
        """
        if self._among is None or assumes(self._action):
            return np.arange(len(self._targets))
        people = self._targets.people
        accounts = self._access.estate.arrays["principal.account"]
        return np.flatnonzero((people < 0) | np.isin(accounts[people], accounts[self._among]))

    # --- one family

    def _family(self, classes: list[Alike], about: int | None) -> None:
        """Classes of a family: they say the same of a principal, unless a pattern tells them apart."""
        if self._among is not None:
            classes = [one for one in classes if self._lets_in(one)]
        if not classes:
            return
        base, *others = classes
        apart: list[tuple[Alike, set[int]]] = []
        statements = self._bearing(classes) if others else _NONE
        before = self._outcomes(base, statements)
        for one in others:
            changed = self._changed(base, one, statements, before)
            if changed is None:
                self._decide([one], (), about)
            else:
                apart.append((one, changed))
        every = [base, *(one for one, _ in apart)]
        self._decide(every, [(one, changed) for one, changed in apart if changed], about)
        for one, changed in apart:
            if changed:
                self._decide([one], (), about, only=changed)

    def _lets_in(self, one: Alike) -> bool:
        """Whether a class may let in somebody who is asked for."""
        assert self._among is not None
        let_in = self._let_in(one)
        if let_in is None or not let_in.isdisjoint(self._accounts):
            return True
        return bool(np.isin(_named(one), self._among).any())

    def _let_in(self, one: Alike) -> frozenset[str] | None:
        """See `WhoCan.let_in`: what else a question says does not change that."""
        text = self._targets.texts[one.first]
        if text not in self._read.let_in:
            self._read.let_in[text] = self._who(one).let_in
        return self._read.let_in[text]

    @cached_property
    def _accounts(self) -> frozenset[str]:
        """The accounts of those who are asked for."""
        names = self._access.estate.texts("principal.account.texts")
        codes = np.unique(self._access.estate.arrays["principal.account"][self._among])
        return frozenset(names[code] for code in codes.tolist() if code >= 0)

    def _who(self, one: Alike) -> WhoCan:
        return WhoCan(self._access, self._action, self._targets.texts[one.first], self._given)

    def _bearing(self, classes: Sequence[Alike]) -> Array:
        """The statements that can tell classes apart: of those whom one may let in, and what limits anybody."""
        accounts: frozenset[str] | None = frozenset()
        for one in classes:
            let_in = self._let_in(one)
            accounts = None if accounts is None or let_in is None else accounts | let_in
        named = np.unique(np.concatenate([_named(one) for one in classes]))
        return self._elsewhere.within(self._access.people(accounts).besides(named))

    def _outcomes(self, one: Alike, statements: Array) -> Array:
        place = self._access.place(self._action, self._targets.texts[one.first])
        return outcomes(self._access.estate, statements, place.target)

    def _changed(self, base: Alike, one: Alike, statements: Array, before: Array) -> set[int] | None:
        """The principals of whom a class can say something else than the base of its family; None for anybody."""
        if self._elsewhere.local:
            return None
        elsewhere, texts = self._elsewhere, (self._targets.texts[base.first], self._targets.texts[one.first])
        after = self._outcomes(one, statements)
        differs = after != before
        for row in np.flatnonzero(~differs & (after == MAYBE)).tolist():
            first, other = (elsewhere.stands(int(statements[row]), text) for text in texts)
            differs[row] = first != other
        if not differs.any():
            return set()
        bearers = elsewhere.bearers(statements[differs])
        if bearers is None or len(bearers) > self._access.estate.principals // 2:
            return None
        return set(bearers.tolist())

    def _decide(
        self,
        classes: Sequence[Alike],
        apart: Sequence[tuple[Alike, set[int]]],
        about: int | None,
        only: set[int] | None = None,
    ) -> None:
        """Decide classes that say the same of all but those set `apart` in some; with `only`, of these alone."""
        if self._among is not None:
            asked = set(self._among.tolist())
            only = asked if only is None else asked & only
        one = together(classes)
        text, who = self._targets.texts[one.first], self._who(one)
        gaps = (*who.gaps(), *(one.text for one in who.place.lacking))
        for place in one.places.tolist() if gaps else ():
            self._drawn.lack(place)
        pairs = {pair: places for pair, places in one.pairs.items() if only is None or pair[0] in only}
        by_own = assumes(self._action) or (self._action.startswith("kms:") and ":key/" in text)
        generic = not by_own or one.open or bool(gaps)
        left = Left(one, apart)
        limits = None if about is None else self._elsewhere.limits(who.place.target)
        kin = Kin(self._access, who.place, about, limits)
        groups: list[tuple[Hashable, Array]] | None = None
        numbers = sorted({number for number, _ in pairs})
        if generic or len(numbers) > _FEW:
            among = None if only is None else np.array(sorted(only), np.int64)
            groups = who.alike(np.array(numbers, np.int64), among)
        groups = None if groups is None else [(kin.told(*group), group[1]) for group in groups]
        for told, members in groups or () if generic else ():
            self._unnamed(left, told, members)
        self._named(left, pairs, groups)
        if only is None:
            # Whoever is asked for is a user or role, so that this is not asked on their account.
            for principal, verdict, _ in (
                *who.outsiders(self._others, kin.about), *who.roots(self._others, kin.about),
            ):  # fmt: skip
                self._drawn.outsider(one, principal, verdict)

    def _verdict(self, told: Hashable, number: int, place: int) -> Verdict:
        """What a principal can do on a resource; decided once for all of which the same is told, unless it is None."""
        if told is None:
            return self._drawn.verdict(number, place)
        known = self._verdicts.get(told)
        if known is None:
            known = self._verdicts[told] = self._drawn.verdict(number, place)
        return known

    def _unnamed(self, left: Left, told: Hashable, members: Array) -> None:
        """Principals who decide alike, on the resources that do not name them."""
        parts = list(left.parts(members))
        if not parts:
            return
        members, places = parts[0]
        verdict = self._verdict(told, int(members[0]), int(places[0]))
        if verdict.outcome is not Outcome.NEVER:
            for numbers, places in parts:
                self._drawn.emit(left.one, numbers, places, verdict)

    def _named(
        self, left: Left, pairs: Mapping[tuple[int, int], list[int]], groups: list[tuple[Hashable, Array]] | None
    ) -> None:
        """Principals on the resources that name them, decided once for each group and set of statements."""
        group = {number: place for place, (_, members) in enumerate(groups or ()) for number in members.tolist()}
        verdicts: dict[tuple[int, int], Verdict] = {}
        found: dict[tuple[tuple[int, int], int], list[int]] = defaultdict(list)
        for (number, statements), all_places in pairs.items():
            places = left.of(number, all_places)
            if not places or (groups is not None and number not in group):
                continue
            key = (-1 - number if groups is None else group[number], statements)
            verdict = verdicts.get(key)
            if verdict is None:
                told = None if groups is None else groups[group[number]][0]
                verdict = self._verdict(None if told is None else (told, statements), number, places[0])
                verdicts[key] = verdict
            if verdict.outcome is not Outcome.NEVER:
                for place in places:
                    found[key, place].append(number)
        same: dict[tuple[tuple[int, int], tuple[int, ...]], list[int]] = defaultdict(list)
        for (key, place), numbers in found.items():
            same[key, tuple(numbers)].append(place)
        for (key, several), places in same.items():
            self._drawn.emit(left.one, several, np.array(places, np.int64), verdicts[key])


def _named(one: Alike) -> Array:
    """The principals that resources of a class name, ascending."""
    return np.array(sorted({number for number, _ in one.pairs}), np.int64)
