"""Whose access is another one in a later estate: begins with what differs, and decides each difference once.

Principals on whose side nothing differs are not decided again. Of the others only those permissions are, that a changed
statement (or one that reads a changed fact) concerns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.comparison import Change
from leastwise.model.decision import Cube

from ..evaluate.policy import Statement
from .acting import Actor
from .actions import actions
from .factual import Facts, changed_facts
from .fingerprints import Content
from .gaining import Gaining, Meeting
from .rooted import Rooted
from .side import Side, unless_unread
from .standings import standings_of
from .telling import Places, keys_of, meets, united
from .traits import traits_of

_Told = tuple[tuple[Cube, ...], tuple[Cube, ...]]
"""What was gained, and what was lost."""


class Changes:
    """The changes from one estate to another."""

    def __init__(self, old: Side, new: Side) -> None:
        self._old, self._new = old, new
        self._among: dict[str, Array | None] = {}
        """By id of a role whose own side differs: the permissions that were looked at; None for all."""

    def all(self) -> Iterator[Change]:
        """Every change, sorted by the id of the principal."""
        found: dict[str, Change] = {}
        for change in (*self._changed(), *self._appeared(), *self._vanished()):
            found[change.principal] = change
        exposure = Gaining(self._old, self._new, self.old_of_new, self._met)
        roots = Rooted(self._old, self._new)
        for change in (*exposure.changes(), *self._acting(exposure.touched), *roots.changes()):
            found[change.principal] = _merged(found.get(change.principal), change)
        for id in sorted(found):
            if found[id].gained or found[id].lost or found[id].presence != "both":
                yield found[id]

    @cached_property
    def old_of_new(self) -> Array:
        """The number in the old estate of each user and role of the new; -1 for none."""
        numbers = {id: number for number, id in enumerate(self._old.estate.principal_ids.all())}
        ids = self._new.estate.principal_ids.all()
        return np.fromiter((numbers.get(id, -1) for id in ids), np.int64, len(ids))

    # --- users and roles of both

    def _changed(self) -> Iterator[Change]:
        for members, pair, told in self._decided():
            for number in members.tolist():
                yield self._told(self._new, int(number), "both", told)
                self._among[self._new.estate.principal_ids[int(number)]] = pair

    @cached_property
    def _differing(self) -> tuple[Array, Array, list[Facts]]:
        """The users and roles of both whose own side differs: numbers before and now, and which facts of them do."""
        old, new = self._old.prints, self._new.prints
        numbers = np.flatnonzero(self.old_of_new >= 0)
        before = self.old_of_new[numbers]
        differs = (old.principals[before] != new.principals[numbers]).any(axis=1)
        numbers, before = numbers[differs], before[differs]
        return before, numbers, changed_facts(self._old, self._new, before, numbers)

    def _decided(self) -> Iterator[tuple[Array, Array | None, _Told]]:
        """Groups of principals (their new numbers) that changed alike, and what of them."""
        before, numbers, facts = self._differing
        arrays, kinds = self._new.estate.arrays, dict[Facts, int]()
        columns = [arrays[f"principal.{name}"][numbers] for name in ("account", "native")]
        columns.append(self._new.access.linked[numbers])
        columns.append(np.array([kinds.setdefault(one, len(kinds)) for one in facts], np.int64))
        # Who is named by itself, or of whom something was not read, is decided by itself.
        alone = self._single(self._old, before) | self._single(self._new, numbers)
        alone |= np.fromiter((bool(one.names) for one in facts), bool, len(facts))
        columns.append(np.where(alone, numbers + 1, 0))
        policies = self._old.prints.policies[before], self._new.prints.policies[numbers]
        table = np.column_stack([*policies, *(np.asarray(one).astype(np.uint64) for one in columns)])
        _, group = np.unique(table, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        bounds = np.flatnonzero(np.diff(group.ravel()[order])) + 1
        for members in np.split(order, bounds) if len(order) else ():
            yield from self._group(numbers[members], before[members], facts[int(members[0])])

    @cached_property
    def _met(self) -> dict[str, Meeting]:
        """The resources that read facts which differ, each with the permissions and whom it reads them of."""
        _, numbers, facts = self._differing
        accounts = self._new.estate.words("principal.account", numbers)
        alike: dict[tuple[Facts, str], list[int]] = {}
        for number, one, account in zip(numbers.tolist(), facts, accounts, strict=True):
            if one.keys or one.names:
                alike.setdefault((one, account or ""), []).append(number)
        found: dict[str, Meeting] = {}
        for (one, account), members in alike.items():
            readings = [(s.telling, s.telling.reading(one.keys, account, one.names)) for s in (self._old, self._new)]
            places = united(telling.on(thing, mask) for telling, those in readings for thing, mask in those.items())
            _meet(found, places, np.array(members, np.int64))
        return found

    def _abroad(self, numbers: Array, among: Array | None) -> None:
        """Has resources looked at that are beyond the guardrails which hold some principals back at home."""
        account = self._new.estate.word("principal.account", int(numbers[0])) or ""
        mask = np.ones(len(actions().names), bool) if among is None else among
        for side in (self._old, self._new):
            places = united(side.telling.on(*one) for one in side.telling.abroad(account, mask))
            _meet(self._met, places, numbers)

    def _single(self, side: Side, numbers: Array) -> Array:
        """Mask of the principals of which something was not read, or which a resource or a guardrail names."""
        arrays = side.estate.arrays
        mask = np.asarray(arrays["principal.unread"]).copy()
        mask |= arrays["principal.boundary"] < -1
        mask[list(side.granting.named)] = True
        mask[[n for n in map(side.access.number_of, _guarded_names(side)) if n is not None]] = True
        found: Array = mask[numbers]
        return found

    def _group(self, numbers: Array, before: Array, facts: Facts) -> Iterator[tuple[Array, Array | None, _Told]]:
        """One group, split by what its statements, and the resources that let it in, ask of the principal."""
        sides = ((self._old, before), (self._new, numbers))
        told = [side.statements(int(those[0])) for side, those in sides]
        among = self._concerned(told, (int(before[0]), int(numbers[0])), facts)
        if among is not None and not among.any():
            return
        self._abroad(numbers, among)
        columns = [np.zeros(len(numbers), np.int64)]
        if len(numbers) > 1:
            asked = traits_of([*told[0].values(), *told[1].values()])
            for side, those in sides:
                asked |= side.telling.traits(side.granting.letting_in(int(those[0])), among)
            traits = sorted(asked, key=repr)
            for side, those in sides:
                columns += [side.access.columns.column(one, those, side.access.bringing) for one in traits]
        _, group = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
        for number in range(int(group.max()) + 1):
            members = np.flatnonzero(group.ravel() == number)
            first = self._old.of(int(before[members[0]]), among)
            second = self._new.of(int(numbers[members[0]]), among)
            yield numbers[members], among, (second.minus(first), first.minus(second))

    def _concerned(
        self, told: Sequence[Mapping[tuple[str, Content], Statement]], numbers: tuple[int, int], facts: Facts
    ) -> Array | None:
        """Mask of the permissions that can have changed by a principal's own side; None for all."""
        old, new = told
        if self._old.gaps(numbers[0]) != self._new.gaps(numbers[1]):
            return None
        table = actions()
        mask = np.zeros(len(table.names), bool)
        for key in old.keys() ^ new.keys():
            mask |= table.mask(old.get(key) or new[key])
        if facts.keys:
            for statement in (*old.values(), *new.values()):
                mask |= table.mask(statement) if meets(keys_of(traits_of([statement])), facts.keys) else False
        return mask

    # --- users and roles of one alone

    def _appeared(self) -> Iterator[Change]:
        for number in np.flatnonzero(self.old_of_new < 0).tolist():
            cubes = self._unless_unread(self._new.of(number, None).cubes(), self._new, number, self._old)
            yield self._told(self._new, number, "new", (cubes, ()))

    def _vanished(self) -> Iterator[Change]:
        gone = np.ones(self._old.estate.principals, bool)
        gone[self.old_of_new[self.old_of_new >= 0]] = False
        for number in np.flatnonzero(gone).tolist():
            cubes = self._unless_unread(self._old.of(number, None).cubes(), self._old, number, self._new)
            yield self._told(self._old, number, "removed", ((), cubes))

    def _unless_unread(self, cubes: Iterable[Cube], side: Side, number: int, other: Side) -> tuple[Cube, ...]:
        account = side.estate.word("principal.account", number) or ""
        return unless_unread(cubes, account, other, "before" if other is self._old else "now")

    def _told(self, side: Side, number: int, presence: str, told: _Told) -> Change:
        id = side.estate.principal_ids[number]
        kind, account = (side.estate.word(f"principal.{one}", number) or "" for one in ("kind", "account"))
        return Change(id, id.rsplit("/", 1)[-1], kind, account, True, presence, *told)

    # --- people, things, agents

    def _acting(self, touched: Mapping[str, Mapping[str, Array]]) -> Iterator[Change]:
        """Those who act as roles: by other ways than before, or by roles that changed.

        `touched` are the resources (with masks of permissions) on which what a role may do is another.
        """
        decided: dict[object, _Told] = {}
        sides = (self._old, self._new)
        known = [{actor.id: actor for actor in side.acting.all()} for side in sides]
        for id in sorted({**known[0], **known[1]}):
            actors = [one.get(id) for one in known]
            ways = [_ways(side, actor) for side, actor in zip(sides, actors, strict=True)]
            roles = sorted({role for those in ways for role, *_ in those[0]})
            changed = [role for role in roles if role in self._among or role in touched or not self._lasting(role)]
            if ways[0] == ways[1] and not changed:
                continue
            among = None if ways[0] != ways[1] else self._together(changed)
            told = decided.get((ways[0], ways[1]))
            if told is None:
                met = united(touched.get(one, {}) for one in roles)
                told = decided[ways[0], ways[1]] = self._union(actors, among, met)
            actor = actors[1] or actors[0]
            assert actor is not None
            presence = "both" if all(actors) else "new" if actors[1] else "removed"
            yield Change(actor.id, actor.name, actor.kind, actor.account, True, presence, *told)

    def _lasting(self, role: str) -> bool:
        return all(side.estate.principal_number(role) is not None for side in (self._old, self._new))

    def _together(self, roles: Sequence[str]) -> Array | None:
        """The permissions that changed for some of several roles; None for all."""
        mask = np.zeros(len(actions().names), bool)
        for role in roles:
            own = self._among.get(role, mask)
            if own is None or not self._lasting(role):
                return None
            mask = mask | own
        return mask

    def _union(self, actors: Sequence[Actor | None], among: Array | None, places: Places) -> _Told:
        found = []
        for side, actor in zip((self._old, self._new), actors, strict=True):
            standings, missing = standings_of(side.access, side.acting, actor) if actor is not None else ([], ())
            found.append(side.holding(standings, missing, among))
        first, second = found
        return second.minus(first, places), first.minus(second, places)


def _meet(found: dict[str, Meeting], places: Places, numbers: Array) -> None:
    """Adds some principals to those whom resources meet."""
    for resource, mask in places.items():
        known = found.setdefault(resource, Meeting(np.zeros(len(mask), bool), []))
        known.mask |= mask
        known.groups.append(numbers)


def _ways(side: Side, actor: Actor | None) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """The roles of an actor with what is open of the way, and what was not read."""
    if actor is None:
        return (), ()
    ids = side.estate.principal_ids
    found = {
        (ids[way.role] if way.role is not None else "", way.missing, repr(way.residual))
        for way in side.acting.ways(actor)
    }
    return tuple(sorted(found)), side.acting.unread(actor)


def _guarded_names(side: Side) -> Iterator[str]:
    """Whom guardrails name by itself."""
    for account in side.estate.texts("principal.account.texts").all():
        for kind in ("scp", "rcp"):
            for level in side.access.guardrails.levels(kind, account)[0] or ():
                for policy in level:
                    for statement in policy.statements:
                        for subject in (*(statement.principals or ()), *(statement.not_principals or ())):
                            if subject.type == "AWS":
                                yield subject.value


def _merged(first: Change | None, second: Change) -> Change:
    """What two causes changed for one principal."""
    if first is None:
        return second
    gained = dict.fromkeys((*first.gained, *second.gained))
    lost = dict.fromkeys((*first.lost, *second.lost))
    return replace(first, gained=tuple(gained), lost=tuple(lost))
