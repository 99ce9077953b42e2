"""Changes that leave a principal with what it needs of the bundles that it is granted at scopes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.engine.placed import Bundle, Making, Placed
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.model.plan import Change, Held, Shown
from leastwise.rightsizing.offering import Offered, offered
from leastwise.rightsizing.placing import Above, Left

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.regranting import Granted


_NOT_SMALLER = "is not made smaller"


@dataclass(frozen=True)
class Redrafted:
    """Changes, and what is granted before and after them, also to groups.

    Args:
        blocked: why the changes cannot be made as they are; empty where they can.
        notes: what to know before making them.
    """

    changes: tuple[Change, ...]
    before: tuple[Placed, ...]
    after: tuple[Placed, ...]
    blocked: str = ""
    notes: tuple[str, ...] = ()

    def unchanged(self, above: Above) -> Callable[[str, int], bool]:
        """Whether a permission (by number) at a scope is surely given as much after the changes as before."""

        def same(scope: str, number: int) -> bool:
            around = {scope, *above(scope)}
            old, new = (
                [one for one in side if one.scope in around and one.permissions and number in one.permissions]
                for side in (self.before, self.after)
            )
            if any(one.firm for one in (*old, *new)):
                return any(one.firm for one in new)
            return {_terms(one) for one in old} <= {_terms(one) for one in new}

        return same

    def narrower(self, above: Above, names: Sequence[str]) -> Shown:
        """Whether each grant after them lies in one before, on the same terms."""
        stood = {one.id for one in self.before}
        for one in (each for each in self.after if each.id not in stood):
            within = {one.scope, *above(one.scope)}
            outer = [
                old
                for old in self.before
                if old.scope in within and (old.firm or _terms(old) == _terms(one)) and old.permissions is not None
            ]
            if any(old.bundle == one.bundle for old in outer):
                continue
            if one.permissions is None:
                return Shown("not proven", f"what {one.title} gives was not read")
            lost = [number for number in one.permissions if not any(number in (old.permissions or ()) for old in outer)]
            if lost:
                request = {"permission": names[lost[0]], "resource": one.scope}
                return Shown("refuted", f"{one.title} gives more than was granted", request)
        return Shown("proved")


def _terms(one: Placed) -> tuple[str, str, str]:
    """What tells when a grant that is not firm gives something: to whom, under what condition, until when."""
    return one.holder, one.condition, str(one.told.get("until", ""))


@dataclass
class Redrafting:
    """Makes the changes for one principal.

    Args:
        provider: its name.
        principal: its id.
        name: what it is called.
        grants: everything that it is granted, itself and through groups.
        granted: the estate.
        above: what scopes lie in.
        sensitivity: of each permission, by number.
        making: whether bundles are made for what is needed; else only those that are there are granted.
        trifling: whether what would go of a grant is not worth a change.
    """

    provider: str
    principal: str
    name: str
    grants: Sequence[Placed]
    granted: Granted
    above: Above
    sensitivity: Sequence[str]
    making: bool
    trifling: Callable[[BitMap], bool]
    _notes: list[str] = field(default_factory=list)
    _made: dict[str, Change] = field(default_factory=dict)

    def of(self, left: Sequence[Left]) -> Redrafted:
        """The changes that leave of each grant what it has to give."""
        gone: list[Placed] = []
        new: dict[tuple[str, ...], Placed] = {}
        for one in left:
            if one.same or self._trifle(one):
                continue
            before = len(self._notes)
            places = list(self._placed(one))
            if any(_key(each) == _key(one.grant) for each in places):
                if len(places) == 1:
                    self._notes[before:] = self._unchanged(one.grant, self._notes[before:])
                places = [each for each in places if _key(each) != _key(one.grant)]
            else:
                gone.append(one.grant)
            new |= {_key(each): each for each in places}
        standing = {_key(one) for one in self.grants if one.holder == self.principal} - {_key(one) for one in gone}
        fresh = [one for key, one in new.items() if key not in standing]
        ended = {one.id for one in gone}
        stay = [one for one in self.grants if one.id not in ended and not one.hangs & ended]
        used = {one.bundle for one in fresh}
        changes = [
            *(change for id, change in self._made.items() if id in used),
            *(_change("assign", "unassign", one) for one in fresh),
            *(_change("unassign", "assign", one) for one in gone),
        ]
        return Redrafted(tuple(changes), tuple(self.grants), (*stay, *fresh), "",
                         (*dict.fromkeys(self._notes), *self._told()))  # fmt: skip

    @staticmethod
    def _unchanged(grant: Placed, notes: Sequence[str]) -> list[str]:
        """Why a grant stays as it is though not all of it is needed."""
        told = [one for one in notes if _NOT_SMALLER in one]
        because = f", and {notes[0]}" if notes else ""
        return told or [f"{grant.title} at {grant.scope} {_NOT_SMALLER}: nothing that is there gives less{because}"]

    def _trifle(self, left: Left) -> bool:
        """Whether so little would go that the grant stays as it is."""
        here, held = left.at.get(left.grant.scope), left.grant.permissions
        if here is None or held is None or len(left.at) > 1 or not self.trifling(held - here):
            return False
        self._notes.append(f"{left.grant.title} at {left.grant.scope} stays: little of it is unused")
        return True

    def _placed(self, left: Left) -> Iterator[Placed]:
        """What is granted in the place of a grant."""
        grant = left.grant
        for scope, wanted in left.at.items():
            found = self._offered(grant, scope, wanted)
            for bundle in found.bundles:
                yield replace(
                    grant, id=f"{scope} {bundle.id}", bundle=bundle.id, title=bundle.title, scope=scope,
                    permissions=bundle.permissions,
                )  # fmt: skip
            for made in () if found.making is None else found.making.bundles:
                # By its id alone it is not known whose it is.
                told = {"policy": made.id, "provider": self.provider}
                back = (Change("delete", told),)
                self._made[made.id] = Change("create", {**told, "document": dict(made.document)}, back)
                yield replace(
                    grant, id=f"{scope} {made.id}", bundle=made.id, title=made.title, scope=scope,
                    permissions=made.permissions,
                )  # fmt: skip

    def _offered(self, grant: Placed, scope: str, wanted: BitMap) -> Offered:
        offers = self.granted.offers(grant, scope)
        whole = Bundle(grant.bundle, grant.title, grant.permissions or wanted)
        if wanted == grant.permissions:
            return Offered((whole,))
        found = offered(wanted, grant, offers, self.sensitivity, self._writing(grant, scope) if self.making else None)
        making = found.making
        blocked = making.blocked if making is not None else ""
        if blocked or found.lacking:
            # Nothing else gives it: then what is granted now stays, if only lower down.
            why = (
                blocked or f"{len(found.lacking)} permissions are in no other {'bundle' if not self.making else 'one'}"
            )
            self._notes.append(f"{grant.title} at {scope} {_NOT_SMALLER}: {why}")
            return Offered((whole,))
        self._notes += found.notes
        if making is not None and making.doubt:
            self._notes.append(f"{', '.join(one.id for one in making.bundles)}: {making.doubt}")
        return found

    def _writing(self, grant: Placed, scope: str) -> Callable[[BitMap], Making] | None:
        written = self.granted.written
        if written is None:
            return None
        return lambda wanted: written(grant, scope, self.name, wanted)

    def _told(self) -> Iterator[str]:
        """What is granted and not changed, with why."""
        for one in self.grants:
            if one.holder == self.principal and one.kept:
                yield f"{one.title} at {one.scope} stays: {one.kept}"

    @cached_property
    def through(self) -> tuple[str, ...]:
        """The groups that give something."""
        return tuple(sorted({one.holder for one in self.grants if one.holder != self.principal}))


def _key(one: Placed) -> tuple[str, ...]:
    return one.bundle, one.scope, json.dumps(dict(one.told), sort_keys=True)


def _change(verb: str, back: str, one: Placed) -> Change:
    """A grant given or taken away; of one without a condition that is said, as another may be alike but for that."""
    told = {"bundle": one.bundle, "principal": one.holder, "on": one.scope, "condition": None, **one.told}
    plain = {key: value for key, value in told.items() if key != "until"}
    return Change(verb, plain if verb == "unassign" else told, (Change(back, plain if back == "unassign" else told),))


def released(principal: str, grants: Sequence[Placed]) -> tuple[Change, ...]:
    """The changes that take everything away that a principal is granted by itself and that can be taken."""
    return tuple(_change("unassign", "assign", one) for one in grants if one.holder == principal and not one.kept)


def held(one: Placed, above: Above, folded: Callable[[BitMap], Sequence[str]]) -> Held:
    """A grant as what is saved of a plan."""
    body: Mapping[str, Any] = {
        "bundle": one.bundle, "on": one.scope, "within": list(above(one.scope)),
        "permissions": None if one.permissions is None else list(folded(one.permissions)), **one.told,
    }  # fmt: skip
    return Held(one.title, json.dumps(body).encode(), one.holder, one.id)


def kept_everywhere(principal: str, permissions: Sequence[str], before: Access, after: Access, above: Above) -> Shown:
    """Whether somebody holds some permissions wherever it held them, as the engine answers of both estates."""
    numbers = {name: number for number, name in enumerate(before.permissions())}
    wanted = BitMap(numbers[one] for one in permissions if one in numbers)
    same = [numbers.get(name) for name in after.permissions()]
    new: dict[str, dict[State, BitMap]] = {}
    for part in after.held(principal, Circumstances()).parts:
        translated = BitMap(one for number in part.permissions if (one := same[number]) is not None)
        for place in part.resources:
            new.setdefault(place, {}).setdefault(part.state, BitMap()).update(translated)
    for part in before.held(principal, Circumstances()).parts:
        looked = part.permissions & wanted
        for place in part.resources if looked else ():
            around = {place, *above(place)}
            held = BitMap.union(
                BitMap(),
                *(some for at in around for state, some in new.get(at, {}).items() if RANK[state] <= RANK[part.state]),
            )
            if lost := looked - held:
                name = next(one for one, number in numbers.items() if number == lost[0])
                return Shown("refuted", "it is held no longer wherever it was", {"permission": name, "resource": place})
    return Shown("proved")
