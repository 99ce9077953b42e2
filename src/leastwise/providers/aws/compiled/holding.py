"""The effective set of a subject: what its own side lets it do anywhere, and what resources let it do besides.

A resource's own policy can let somebody in whose own policies say nothing, or take away what they give. So each known
resource that names the subject, or lets its account in, has a set of its own; the general set is about all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.model.decision import Cube

from ..evaluate.arn import request_pattern
from ..evaluate.facts import Facts, Look
from .access import AwsAccess, Circumstances
from .actions import actions
from .between import Pairing
from .context import MFA, of_principal
from .cubes import Part
from .effective import Effective, Standing, cubes, together
from .leads import held
from .parting import Parting
from .telling import Places, Telling, united
from .undecided import Undecided
from .unread import Subject, unread_between

How = Callable[[Undecided, Undecided], Undecided]
Gathered = dict[Part, list[int]]
_NOWHERE: Places = {}
_MOST_NAMED = 64
"""Resources of one part of which the policies are looked for by name."""


class Holding:
    """What some principals together may do.

    Args:
        access: the estate.
        telling: its resources that let somebody in, and what they ask of principals.
        standings: whom the subject acts as.
        given: circumstances.
        missing: what else was not read, and might let the subject do anything.
        among: mask of the actions that are looked at; None for all.
    """

    def __init__(
        self,
        access: AwsAccess,
        telling: Telling,
        standings: Sequence[Standing],
        given: Circumstances,
        *,
        missing: Sequence[str] = (),
        among: Array | None = None,
    ) -> None:
        self._access, self._telling, self._standings, self._given = access, telling, standings, given
        self._missing, self._among = missing, among
        self.general = self._anywhere(frozenset())
        self._generals: dict[frozenset[str], Effective] = {frozenset(): self.general}
        self._parted: dict[Holding, Places] = {}
        self._at: dict[tuple[str, bool, bytes], Effective] = {}

    @cached_property
    def resources(self) -> Mapping[str, Array]:
        """The resources that let the subject in, each with the mask of the actions that its policies allow somebody."""
        found: dict[str, Array] = {}
        for one in self._standings:
            if one.number is not None:
                things = self._telling.granting.letting_in(one.number)
            else:
                # What an account gives its root user it gives anywhere in it; others have what resources give them.
                things = [] if one.principal.kind == "root" else self._telling.granting.naming(one.principal)
            for thing in things:
                found |= self._telling.granting.allowing(thing)
        if self._among is not None:
            found = {resource: mask & self._among for resource, mask in found.items()}
        return {resource: mask for resource, mask in found.items() if mask.any()}

    def at(self, resource: str, mask: Array, *, bare: bool = False) -> Effective:
        """What the subject may do on a resource; `bare`: as if nothing lay on it."""
        key = (resource, bare, mask.tobytes())
        known = self._at.get(key)
        if known is None:
            known = self._at[key] = Effective(
                self._access, self._standings, resource, self._given, missing=self._missing, among=mask, bare=bare
            )
        return known

    def _anywhere(self, accounts: frozenset[str]) -> Effective:
        return Effective(
            self._access,
            self._standings,
            None,
            self._given,
            missing=self._missing,
            among=self._among,
            accounts=accounts,
        )

    def _beyond(self, other: Holding) -> Effective:
        """The general set, where the other is of another account without what lies in one that is not the own."""
        accounts = self._accounts | other._accounts
        key = accounts if len(accounts) > 1 and self._access is other._access else frozenset[str]()
        if key not in self._generals:
            self._generals[key] = self._anywhere(key)
        return self._generals[key]

    # --- readings

    @cached_property
    def permissions(self) -> BitMap:
        """The numbers of the permissions that are not denied everywhere."""
        found = self.general.permissions.copy()
        for resource, mask in self.resources.items():
            found |= self.at(resource, mask).permissions
        return found

    def cubes(self) -> tuple[Cube, ...]:
        """What is allowed; on a resource that lets the subject in, what that adds."""
        found = {part: list(numbers) for part, numbers in self.general.listed().items()}
        for resource, mask in self.resources.items():
            own, bare = self.at(resource, mask), self.at(resource, mask, bare=True)
            for members in together([own.group_of, bare.group_of], mask):
                action = int(members[0])
                _gather(found, own.of(action).minus(bare.of(action)).parts(), members)
        return cubes(actions(), found)

    def minus(self, other: Holding, places: Places = _NOWHERE) -> tuple[Cube, ...]:
        """What this subject may do and the other may not, under the same circumstances.

        `places` are further resources to look at, each with the mask of the actions that matter there. Where only what
        a document says of each by itself could tell the two apart, `unread` tells it.
        """
        return cubes(actions(), self._with(other, self._beside(other).minus, places))

    def both(self, other: Holding) -> tuple[Cube, ...]:
        """What both may do under the same circumstances."""
        return cubes(actions(), self._with(other, self._beside(other).both, _NOWHERE))

    def unread(self, other: Holding) -> tuple[str, ...]:
        """What was not read and might tell the two apart, beside what the differences of both tell."""
        if self._subject == other._subject:
            return ()
        beside = self._beside(other)
        for one, two in ((self, other), (other, self)):
            one._with(two, beside.minus, _NOWHERE)
            # What both may do on a resource of which nobody read whom it lets in, it may let only one do.
            for resource, mask in one._named(two, one._general(two, beside.both, {})).items():
                one._at_resource(two, beside.apart, resource, mask, {})
        alike = set(_one_unknown(beside, self.general, other.general))
        for resource, mask in self._looked(other, _NOWHERE).items():
            alike |= set(_one_unknown(beside, self.at(resource, mask), other.at(resource, mask)))
        told = [f"{one}: taken to say the same of both" for one in sorted(alike)]
        known, lines = unread_between(self._access, self._subject, other._subject)
        apart = [one for one in sorted(beside.untold) if not any(id in one for id in known)]
        return (*told, *(f"{one}: may say another thing of each" for one in apart), *lines)

    @cached_property
    def _subject(self) -> Subject:
        whom = [one.principal for one in self._standings]
        return Subject(frozenset(one.id for one in whom), self._accounts, self.general.permissions)

    @cached_property
    def _accounts(self) -> frozenset[str]:
        return frozenset(one.principal.account for one in self._standings)

    def _beside(self, other: Holding) -> Pairing:
        return Pairing(self._clauses, other._clauses)

    @cached_property
    def _clauses(self) -> Mapping[str, str]:
        """What of the policies of the subject was not read, as it is of others too."""
        found: dict[str, str] = {}
        for one in self._standings:
            found |= self._access.unread(one.number) if one.number is not None else {}
        return found

    def take_apart(self, other: Holding, places: Places) -> None:
        """Says which resources can tell this subject and another one apart, where that is known."""
        self._parted[other] = places

    def differs(self, other: Holding) -> bool:
        """Whether one of both may do what the other may not; no more is worked out than the answer needs."""
        mine, others, beside = self._beyond(other), other._beyond(self), self._beside(other)
        doubtful = False
        for members in together([mine.group_of, others.group_of], (mine.group_of >= 0) | (others.group_of >= 0)):
            first, second = mine.of(int(members[0])), others.of(int(members[0]))
            for asked in (beside.minus(first, second), beside.minus(second, first)):
                if asked.possible():
                    if self._tells(other, asked, members):
                        return True
                    doubtful = True
        doubtful = doubtful or bool(self.resources or other.resources or self._parting(other))
        return doubtful and bool(self.minus(other) or other.minus(self))

    def _tells(self, other: Holding, asked: Undecided, members: Array) -> bool:
        """Whether a general part is about a resource that is not asked of itself."""
        for part in asked.parts():
            if len(part.resources) > _MOST_NAMED:
                return True
            for resource in part.resources:
                named = self._named(other, {part._replace(resources=(resource,)): members.tolist()})
                if not any(mask[members].all() for mask in named.values()):
                    return True
        return False

    def _with(self, other: Holding, how: How, places: Places) -> Gathered:
        """The general part, but for resources of which it would claim too much; and what is so of these besides."""
        looked, nothing = self._looked(other, places), np.zeros(len(actions().names), bool)
        there: dict[str, Gathered] = {one: {} for one in looked}
        exempt = {one: self._at_resource(other, how, one, mask, there[one]) for one, mask in looked.items()}
        general = self._general(other, how, exempt)
        # What is claimed of a resource that is known is asked of it.
        named = {one: mask & ~exempt.get(one, nothing) for one, mask in self._named(other, general).items()}
        named = {one: mask for one, mask in named.items() if mask.any()}
        for one, mask in named.items():
            there[one], whole = {}, mask | looked.get(one, nothing)
            exempt[one] = self._at_resource(other, how, one, whole, there[one], mask)
        if named:
            general = self._general(other, how, exempt)
        found: Gathered = {}
        for gathered in (*there.values(), general):
            for part, numbers in gathered.items():
                found.setdefault(part, []).extend(numbers)
        return found

    def _looked(self, other: Holding, places: Places) -> Places:
        """The resources that are looked at by themselves, each with the mask of the actions that matter there."""
        return united([self.resources, other.resources, self._parting(other), places])

    def _parting(self, other: Holding) -> Places:
        """The resources that tell the two apart; none for one subject in two estates."""
        if self._access is not other._access:
            return _NOWHERE
        known = self._parted.get(other, other._parted.get(self))
        if known is None:
            parting = Parting(self._access, self._telling, (*self._standings, *other._standings), self._given)
            masks = parting.places()
            for among in (one._among for one in (self, other) if one._among is not None):
                masks = {resource: mask & among for resource, mask in masks.items()}
            known = self._parted[other] = {resource: mask for resource, mask in masks.items() if mask.any()}
        return known

    def _general(self, other: Holding, how: How, exempt: Mapping[str, Array]) -> Gathered:
        mine, others = self._beyond(other), other._beyond(self)
        found: Gathered = {}
        parts: dict[Undecided, tuple[Part, ...]] = {}
        columns = [mine.group_of, others.group_of, *(mask.astype(np.int32) for mask in exempt.values())]
        for members in together(columns, (mine.group_of >= 0) | (others.group_of >= 0)):
            action = int(members[0])
            asked = how(mine.of(action), others.of(action))
            asked = asked.outside([request_pattern(one) for one, mask in exempt.items() if mask[action]])
            if asked not in parts:
                parts[asked] = tuple(asked.parts())
            _gather(found, parts[asked], members)
        return found

    def _named(self, other: Holding, found: Gathered) -> dict[str, Array]:
        """The known resources that parts name, each with the mask of the permissions."""
        table, named = actions(), dict[str, Array]()
        for part, numbers in found.items():
            for resource in part.resources if len(part.resources) <= _MOST_NAMED else ():
                service = resource.split(":")[2] if resource.count(":") > 4 else ""
                rows = table.rows("sts" if service == "iam" else service)
                about = [number for number in numbers if number in rows]
                for number in about[:1]:
                    sides = [one._owner(table.names[number], resource) for one in (self, other)]
                    owner = sides[0] or sides[1]
                    if owner is not None:
                        named.setdefault(owner, np.zeros(len(table.names), bool))[about] = True
        return named

    def _awaits(self, action: str, resource: str) -> bool:
        """Whether nothing is allowed that the resource's own side does not take part in."""
        account = self._access.place(action, resource).account
        own = {one.principal.account for one in self._standings}
        return bool(self._access.place(action, None).consent) or (account != "" and own != {account})

    def _silent(self, action: str, resource: str) -> bool:
        """Whether a resource that is known says nothing of whom it lets in: only where it lies tells."""
        place = self._access.place(action, resource)
        return place.thing >= 0 and not (place.policies or place.grants)

    def _owner(self, action: str, resource: str) -> str | None:
        """What is known, and takes in a resource that is named: itself, or all that it holds."""
        place = self._access.place(action, resource)
        elsewhere = place.account != "" and place.account not in {one.principal.account for one in self._standings}
        if not (place.policies or place.grants or elsewhere or place.thing >= 0):
            return None
        if place.thing < 0:
            return None if "*" in resource or "?" in resource else resource
        arn = self._access.estate.texts("thing.id")[place.thing]
        inside = held(arn)
        return arn if resource == arn else inside if resource.startswith(inside.removesuffix("*")) else None

    def _at_resource(
        self, other: Holding, how: How, resource: str, mask: Array, found: Gathered, named: Array | None = None
    ) -> Array:
        """Gathers what is so of a resource; the mask of the actions of which the general part says more than is so.

        `named` is the mask of the actions of which it names the resource, and not only takes it in.
        """
        exempt, columns = np.zeros(len(mask), bool), list[Array]()
        if named is not None:
            columns = [named.astype(np.int32), self._beyond(other).group_of, other._beyond(self).group_of]
        mine, others = self.at(resource, mask), other.at(resource, mask)
        bare = self.at(resource, mask, bare=True), other.at(resource, mask, bare=True)
        for members in together([*(one.group_of for one in (mine, others, *bare)), *columns], mask):
            action = int(members[0])
            here = how(mine.of(action), others.of(action))
            general = how(bare[0].of(action), bare[1].of(action))
            name = actions().names[action]
            if (
                self._awaits(name, resource)
                or other._awaits(name, resource)
                or self._silent(name, resource)
                or (named is not None and named[action] and self._left_open(other, how, action, resource))
            ):
                # The general part leaves open what the resource's own side lets in, whose it is and what else it
                # tells; of this one it is known.
                exempt[members] = True
                _gather(found, here.parts(), members)
                continue
            if here == general:
                continue
            if general.minus(here).possible():
                exempt[members] = True
            else:
                here = here.minus(general)
            _gather(found, here.parts(), members)
        return exempt

    def _left_open(self, other: Holding, how: How, action: int, resource: str) -> bool:
        """Whether the general part reads a key of an action that is open there, and known of a resource."""
        general = how(self._beyond(other).of(action), other._beyond(self).of(action))
        told = ((key, look) for key, (look, _) in general.known if not (of_principal(key) or key.startswith(MFA)))
        open_ = {key: look for key, look in told if look in (Look.UNKNOWN, Look.PRESENT)}
        facts = [one._facts(actions().names[action], resource) for one in (self, other)] if open_ else []
        return any(one.look(key) != look for one in facts for key, look in open_.items())

    def _facts(self, action: str, resource: str) -> Facts:
        """What is known of requests about a resource, whoever of the subject asks."""
        place, facts = self._access.place(action, resource), Facts()
        for one in self._standings[:1]:
            facts = self._access.request(one.principal, one.number, action, place, self._given).facts
        return facts


def _gather(found: Gathered, parts: Iterable[Part], members: Array) -> None:
    for part in parts:
        found.setdefault(part, []).extend(members.tolist())


def _one_unknown(beside: Pairing, mine: Effective, others: Effective) -> Iterator[str]:
    """What was not read, is one unknown for both, and takes part in what both may do."""
    for members in together([mine.group_of, others.group_of], (mine.group_of >= 0) & (others.group_of >= 0)):
        yield from beside.one_unknown(*(one.of(int(members[0])) for one in (mine, others)))
