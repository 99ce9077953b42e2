"""Everybody who can become a service account that can, directly, by others, or by delegation.

Whoever may get a token of a service account, sign in its name, or make a key of it, acts as it. To attach it to a
machine (`actAs`) is another thing: that is to pass it on. https://cloud.google.com/iam/docs/service-account-permissions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pyroaring import BitMap

from leastwise.engine.arrays import Array
from leastwise.engine.formula import literals
from leastwise.engine.solve import Gap
from leastwise.model.decision import RANK, Link
from leastwise.providers.bulk.becoming import Through, follow
from leastwise.providers.bulk.listing import Found, Telling

from ..evaluate.allow import unread as unread_grants
from ..evaluate.membership import includes, is_agent
from ..evaluate.request import Request
from ..language.members import Kind, Member
from ..language.resources import path_of
from .gaps import shortened
from .kinds import DELETED, KINDS
from .reaching import alike_key
from .who import Who

_TOKENS = tuple(f"iam.googleapis.com/serviceAccounts.{verb}" for verb in ("getAccessToken", "signJwt", "signBlob"))
"""Ways to act as a service account that one can also ask for through others, who delegate.

https://cloud.google.com/iam/docs/create-short-lived-credentials-delegated
"""
_KEYS = ("iam.googleapis.com/serviceAccountKeys.create",)
_DELEGATES = ("iam.googleapis.com/serviceAccounts.implicitDelegation",)
_ACCOUNT = KINDS.index(Kind.SERVICE_ACCOUNT)
_SINGLE = "serviceAccount"
_DELEGATION = "delegation"


@dataclass(frozen=True, slots=True)
class _Way:
    """A service account that leads on: whoever acts as it, or only whoever it delegates for."""

    number: int
    delegates: bool
    told: Telling

    @property
    def target(self) -> tuple[int, bool]:
        """Which account, and how it leads on."""
        return self.number, self.delegates


class Becoming:
    """Finds those who can become service accounts, under the circumstances of a question.

    Args:
        who: the estate.
        asked: the question; neither its caller nor its permission matters.
    """

    def __init__(self, who: Who, asked: Request) -> None:
        self._who, self._held, self._asked = who, who.known.held, asked
        self._kept: dict[object, list[tuple[Array, Telling]]] = {}
        self._gaps: dict[str, None] = {}

    def find(self, found: Found) -> tuple[str, ...]:
        """Find those who can become one of those found, with whom they become; what was not read of these."""
        missing: dict[str, None] = {}

        def further(way: _Way) -> Iterator[_Way]:
            missing.update(dict.fromkeys(unread_grants(self._on(way.number))))
            return self._followed(way, found)

        follow(list(self._starts(found)), further)
        self._leave_to_sets(found)
        return (*shortened(list(missing)), *self._gaps)

    def _starts(self, found: Found) -> Iterator[_Way]:
        """The accounts among those found."""
        for number in found.numbers().tolist():
            told = found.told(number)
            assert told is not None
            for account in self._accounts_of(number):
                yield _Way(account, False, told)

    def _leave_to_sets(self, found: Found) -> None:
        """Leave out those of whom a set in the list, which takes them in, tells something surer than their chain.

        Who can by himself, and less surely than such a set by its chain, can as surely as the set.
        """
        told = {number: one for number in found.numbers().tolist() if (one := found.told(number)) is not None}
        classes = self._held.arrays["member.class"]
        for number, one in told.items():
            listed = self._held.member(number)
            for other in told if not listed.single else ():
                surer = RANK[one.state] < RANK[told[other].state] and number != other
                if not surer or not (one.chain or told[other].chain):
                    continue
                who = self._held.member(other)
                if self._who.known.includes(listed, int(classes[other]), who, self._asked) is True:
                    if told[other].chain:
                        found.leave_out(other)
                    else:
                        found.add(np.array([other]), one)

    def _followed(self, way: _Way, found: Found) -> Iterator[_Way]:
        """Find whoever takes the step to an account; the accounts that lead on from there."""
        id = self._held.members[way.number]
        link = Link(_DELEGATION if way.delegates else _SINGLE, id, id.partition(":")[2])
        for permission in _DELEGATES if way.delegates else (*_TOKENS, *_KEYS):
            for numbers, step in self._let_in(way.number, permission):
                told = Through(step, link, way.told)
                # Whoever is found already leads on as surely as that; for others they may still delegate.
                better = set(found.add(numbers, told).tolist())
                for number in numbers.tolist():
                    for account in self._accounts_of(number):
                        if number in better:
                            yield _Way(account, False, told)
                        if permission not in _KEYS:
                            yield _Way(account, True, told)

    def _let_in(self, number: int, permission: str) -> Sequence[tuple[Array, Telling]]:
        """Who has a permission on an account; of accounts that nothing tells apart it is asked once."""
        asked = replace(self._on(number), permission=permission)
        place = self._held.place_number(asked.resource)
        key = (permission, asked.resource if place is None else alike_key(self._held, place))
        if key not in self._kept:
            self._kept[key] = list(self._who.let_in(asked))
        return self._kept[key]

    def _on(self, number: int) -> Request:
        """The question of what can be done to an account."""
        return replace(self._asked, resource=self._resources.get(number) or self._unread(self._held.member(number)))

    @cached_property
    def _resources(self) -> dict[int, str]:
        """The full name of each account that was read, as it is listed among the places."""
        held = self._held
        kinds = [code for code, kind in enumerate(held.texts("place.kind.texts").all()) if kind == "iam:serviceaccount"]
        places = np.flatnonzero(np.isin(held.arrays["place.kind"], kinds))
        ids, alias = held.texts("place.id"), held.arrays["place.alias"]
        names = {ids[place]: held.places[place] for place in places[~alias[places]].tolist()}
        found = {}
        for place in places.tolist():
            number = held.member_number(f"serviceAccount:{path_of(held.places[place]).rpartition('/')[2].lower()}")
            if number is not None and ids[place] in names:
                found[number] = names[ids[place]]
        return found

    def _unread(self, who: Member) -> str:
        """The full name of an account that was not read."""
        home = self._asked.estate.home(who.id)
        project = home.rpartition("/")[2] if home is not None else "-"
        return f"//iam.googleapis.com/projects/{project}/serviceAccounts/{who.id}"

    # --- whom a member of a list stands for

    def _accounts_of(self, number: int) -> list[int]:
        """The service accounts that one who was found is, or that a set takes in for certain."""
        if number not in self._known:
            self._known[number] = self._taken_in(number)
        return self._known[number]

    @cached_property
    def _known(self) -> dict[int, list[int]]:
        return {}

    def _taken_in(self, number: int) -> list[int]:
        listed = self._held.member(number)
        if listed.kind is Kind.SERVICE_ACCOUNT:
            return [] if is_agent(listed.id, self._asked.estate) else [number]
        if listed.single or listed.kind is Kind.EVERYONE:
            # Beside everybody nobody else matters.
            return []
        found = []
        for one in self._accounts:
            within = includes(listed, replace(self._asked, who=self._held.member(one)))
            if within is True:
                found.append(one)
            self._gaps |= {each.atom.name: None for each in literals(within) if isinstance(each.atom, Gap)}
        return found

    @cached_property
    def _accounts(self) -> BitMap:
        """Every service account that can be become: Google alone acts as service agents."""
        kinds = self._held.arrays["member.kind_of"]
        numbers = np.flatnonzero((kinds == _ACCOUNT) & (kinds != DELETED))
        mails = ((one, self._held.member(one).id) for one in numbers.tolist())
        return BitMap(one for one, mail in mails if not is_agent(mail, self._asked.estate))
