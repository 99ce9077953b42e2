"""Which resources decide otherwise than before, and which permissions that concerns.

A resource decides by its policies and grants, its settings and tags, where its account stands and what guards it; an
access point by the bucket that it leads to as well, and an alias by its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array

from ..evaluate.policy import Policy, Statement
from .access import Circumstances
from .actions import Rules, actions
from .estate import NONE
from .fingerprints import content
from .leads import alias, held
from .side import Side
from .tagged import statements_with

Resource = tuple[str, Array, Side | None]
"""A resource, a mask of the permissions, and the estate that surely lacks it."""
_STANDING = "resourceorg"
"""What names of keys hold that tell where a resource's account stands."""


@dataclass(frozen=True)
class _Above:
    """What differs above an account: the actions of guardrails, and whether it stands elsewhere."""

    guarded: Array
    moved: bool

    def __bool__(self) -> bool:
        return self.moved or bool(self.guarded.any())


class Altered:
    """Resources, roles among them, of which the own side differs between two estates.

    Args:
        old: the estate before.
        new: the estate now.
        old_of_new: the number before of each user and role; -1 for none.
    """

    def __init__(self, old: Side, new: Side, old_of_new: Array) -> None:
        self._sides, self._old_of_new = (old, new), old_of_new
        self._known: dict[str, _Above] = {}

    def all(self) -> Iterator[Resource]:
        """Each resource, or what it holds, with the permissions that may have changed there."""
        yield from self._identities()
        yield from self._things()
        yield from self._aliases()

    # --- users and roles

    def _identities(self) -> Iterator[Resource]:
        """Roles whose trust differs; users and roles whose tags do, or what stands above their accounts."""
        old, new = self._sides
        numbers = np.flatnonzero(self._old_of_new >= 0)
        before = self._old_of_new[numbers]
        differs = (old.prints.trusts[before] != new.prints.trusts[numbers]).any(axis=1)
        differs |= (old.prints.tags[before] != new.prints.tags[numbers]).any(axis=1)
        accounts = [bool(self._above(one)) for one in new.estate.texts("principal.account.texts").all()]
        differs |= np.array([*accounts, False])[new.estate.arrays["principal.account"][numbers]]
        for number in numbers[differs].tolist():
            mask = self._of_identity(new.estate.principal_ids[number], number)
            if mask.any():
                yield new.estate.principal_ids[number], mask, None
        gone = np.ones(old.estate.principals, bool)
        gone[before] = False
        for side, those, other in (
            (new, np.flatnonzero(self._old_of_new < 0), old),
            (old, np.flatnonzero(gone), new),
        ):
            for number in those.tolist():
                if int(side.estate.arrays["principal.trust"][number]) == NONE:
                    continue
                id, account = side.estate.principal_ids[number], side.estate.word("principal.account", number) or ""
                mask = _between([one.trust(id) for one in self._sides]) & actions().becoming
                yield id, mask, other if account in other.read else None

    def _of_identity(self, id: str, number: int) -> Array:
        """Mask of the permissions about a user or role of both estates, by its tags, its trust and its account."""
        trusts = [side.trust(id) or () for side in self._sides]
        becoming, above = actions().becoming, self._above(self._sides[1].estate.word("principal.account", number) or "")
        mask = self._by_tags(id) | (_between(trusts) & becoming)
        if (above.guarded & becoming).any():
            mask |= _saying(trusts) & becoming & above.guarded
        if above.moved:
            mask |= self._by_standing & (actions().taking(id)[0] | becoming)
        return mask

    # --- other resources

    def _things(self) -> Iterator[Resource]:
        changed = dict.fromkeys(self._changed_things())
        behind = {point: None for one in changed for side in self._sides for point in side.telling.points.get(one, ())}
        for arn in {**changed, **behind, **dict.fromkeys(self._moved_points())}:
            mask = self._mask(arn) if arn in changed else np.zeros(len(actions().names), bool)
            mask = mask | self._behind(arn, changed)
            laid = [side.laid(arn) for side in self._sides]
            absent = next((s for s, one in zip(self._sides, laid, strict=True) if one is None), None)
            if absent is not None and not absent.surely_lacks(arn):
                absent = None
            own, inside = actions().taking(arn)
            for one, takes in ((arn, own), (held(arn), inside)):
                if (mask & takes).any():
                    yield one, mask & takes, absent

    def _changed_things(self) -> Iterator[str]:
        old, new = self._sides
        names = [side.estate.texts("thing.id").all() for side in self._sides]
        before = {id: number for number, id in enumerate(names[0])}
        for number, id in enumerate(names[1]):
            earlier = before.pop(id, None)
            if earlier is None or (old.prints.things[earlier] != new.prints.things[number]).any():
                yield id
        yield from before

    def _moved_points(self) -> Iterator[str]:
        """The access points that lead to another bucket than before."""
        first, second = (side.estate.arrays.facts["points"] for side in self._sides)
        yield from (point for point in first.keys() & second.keys() if first[point] != second[point])

    def _behind(self, arn: str, changed: Mapping[str, None]) -> Array:
        """The permissions that the bucket behind an access point concerns: all where it is another one."""
        buckets = [side.estate.arrays.facts["points"].get(arn) for side in self._sides]
        mask = np.full(len(actions().names), None not in buckets and buckets[0] != buckets[1])
        for bucket in dict.fromkeys(map(str, filter(None, buckets))):
            if bucket in changed:
                mask |= self._mask(bucket)
        return mask

    def _mask(self, arn: str) -> Array:
        """The permissions that a changed resource concerns; all of its statements where a setting of it differs."""
        laid = [side.laid(arn) for side in self._sides]
        mask = _between(laid)
        numbers = [side.estate.thing(arn) for side in self._sides]
        if numbers[0] is None or numbers[1] is None:
            return mask | self._lacking(arn)
        prints = [(side.prints.laid[n], side.prints.settings[n]) for side, n in zip(self._sides, numbers, strict=True)]
        lies, set_ = ((first != second).any() for first, second in zip(*prints, strict=True))
        if lies or set_:
            mask |= self._lacking(arn)
        mask |= self._by_tags(arn)
        if set_:
            return mask | _saying(laid)
        above = self._above(self._sides[1].estate.word("thing.account", numbers[1]) or "")
        if above.guarded.any():
            mask |= _saying(laid) & above.guarded
        return mask | self._by_standing if above.moved else mask

    def _lacking(self, arn: str) -> Array:
        """The permissions that something may give that was not read, in one estate other than in the other."""
        mask = np.zeros(len(actions().names), bool)
        for one in (arn, held(arn)):
            first, second = (Rules(s.access, one, Circumstances()).lacking(actions()) for s in self._sides)
            mask[[number for number in {**first, **second} if first.get(number) != second.get(number)]] = True
        return mask

    def _by_tags(self, arn: str) -> Array:
        """Mask of the permissions about a resource of both estates that its tags decide, as far as these differ."""
        before, now = (side.tags(arn) for side in self._sides)
        mask = np.logical_or(*(side.readers.of(before, now) for side in self._sides))
        if not mask.any():
            return mask
        own, inside = actions().taking(arn)
        becoming = actions().becoming if ":iam:" in arn else np.zeros(len(mask), bool)
        found: Array = mask & (own | inside | becoming)
        return found

    # --- above accounts

    def _above(self, account: str) -> _Above:
        known = self._known.get(account)
        if known is None:
            standing = [side.prints.standing(account) for side in self._sides]
            known = self._known[account] = _Above(self._guarded(account), standing[0] != standing[1])
        return known

    def _guarded(self, account: str) -> Array:
        """The actions that resource control policies of one estate alone deny above an account."""
        found = [side.access.guardrails.levels("rcp", account) for side in self._sides]
        if found[0][1] != found[1][1]:
            return np.ones(len(actions().names), bool)
        told = [[policy for level in levels or () for policy in level] for levels, _ in found]
        return _between(told, effect="Deny")

    @cached_property
    def _by_standing(self) -> Array:
        """The permissions of statements that read where the account of a resource stands."""
        found = [one for side in self._sides for one in statements_with(side.estate, _STANDING)]
        return _together(found)

    # --- aliases

    def _aliases(self) -> Iterator[Resource]:
        """The aliases that lead to another key than before: who names one means that key."""
        first, second = (side.estate.arrays.facts["aliases"] for side in self._sides)
        for name in sorted(first.keys() & second.keys()):
            if first[name] != second[name]:
                takes = actions().taking(str(second[name]))[0]
                mask = np.zeros(len(takes), bool)
                mask[[row for row in np.flatnonzero(takes).tolist() if alias(actions().names[row], name)]] = True
                yield name, mask, None


def _between(found: Sequence[Sequence[Policy] | None], effect: str = "") -> Array:
    """Mask of the actions that statements of one of two sets of policies alone concern."""
    told = [{content(s): s for policy in one or () for s in policy.statements} for one in found]
    apart = (told[0].get(key) or told[1][key] for key in told[0].keys() ^ told[1].keys())
    return _together([one for one in apart if not effect or one.effect == effect])


def _saying(found: Sequence[Sequence[Policy] | None]) -> Array:
    """Mask of the actions that any statement of some policies concerns."""
    return _together([s for policies in found for policy in policies or () for s in policy.statements])


def _together(statements: Sequence[Statement]) -> Array:
    mask = np.zeros(len(actions().names), bool)
    for statement in statements:
        mask |= actions().mask(statement)
    return mask
