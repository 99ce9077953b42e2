"""What principals hold, in the form in which usage is taken from it: of one exactly, of all, and by each assignment."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.holdings import Everybody, GivenBy, Holdings, Part
from leastwise.errors import UsageError
from leastwise.model.decision import State
from leastwise.providers.bulk.everyone import SURE

from ..evaluate.request import Request
from .belonging import Belonging
from .everyone import Everyone
from .what import What

_NONE = BitMap()


class Holding:
    """Answers what principals of one estate hold."""

    def __init__(self, what: What) -> None:
        self._what, self._held = what, what.held

    @cached_property
    def belonging(self) -> Belonging:
        """Who is in which group that is given something."""
        return Belonging(self._what.known)

    def of(self, asked: Request) -> Holdings:
        """What whoever asks holds. Raises UsageError for a group."""
        number = self._single(asked)
        given, unknown = self._what.by_place(asked)
        gathered: dict[tuple[bytes, State], tuple[BitMap, list[int]]] = {}
        missing: dict[str, None] = {}
        for one, places in given:
            key = one.permissions.serialize(), one.state
            gathered.setdefault(key, (one.permissions, []))[1].extend(places)
            missing |= dict.fromkeys(one.missing)
        for lacking in unknown:
            missing |= dict.fromkeys(lacking)
        missing |= dict.fromkeys(self._what.anywhere_of.unread(asked))
        ids = self._held.ids
        parts = (
            Part(held, tuple(sorted({ids[place] for place in places})), state)
            for (_, state), (held, places) in gathered.items()
        )
        words = ["" if number is None else self._held.word(name, number) for name in ("kind", "native", "account")]
        return Holdings(asked.who, words[0], words[1], words[2], tuple(parts), tuple(missing))

    def everybody(self, asked: Request) -> Everybody:
        """What everybody holds to whom something is given."""
        return self.everyone(asked).all()

    def everyone(self, asked: Request) -> Everyone:
        """The same in groups with what makes them alike, told anew each time; `asked` is any question."""
        return Everyone(self._what, self.belonging, asked)

    def given(self, asked: Request) -> Iterator[GivenBy]:
        """What each role assignment and access policy gives whoever asks, itself or through a group.

        One whose role is not known gives nothing that is known. Who may be in a group that was not read is not told.
        Raises UsageError for a group.
        """
        number = self._single(asked)
        if number is None:
            return
        named = [number, *(one for one, how in self.belonging.sets(number) if how == SURE)]
        everyone = self.everyone(asked)
        for member in named:
            through = "" if member == number else f" through {self._called(member)}"
            yield from self._assigned(member, through)
            yield from self._by_policies(member, through, everyone)

    def _assigned(self, member: int, through: str) -> Iterator[GivenBy]:
        held, numbers = self._held, self._what.numbers
        for number in held.assignments.by_member.row(member).tolist():
            one = held.assignments.one(number)
            role, id = held.estate.role(one.role), held.ids[int(held.assignments.place[number])]
            permissions = BitMap.union(_NONE, *(numbers.role(one.role) or ()))
            title = role.title if role is not None else one.role
            yield GivenBy("allow", title, f"on {id}{through}", one.id or id, permissions, (id,))

    def _by_policies(self, member: int, through: str, everyone: Everyone) -> Iterator[GivenBy]:
        for named in self.belonging.policies.get(member, ()):
            id = self._held.ids[named[0]]
            yield GivenBy("allow", "access policy", f"on {id}{through}", id, everyone.by_policy(named), (id,))

    def _called(self, member: int) -> str:
        return self._held.word("name", member) or self._held.members[member]

    def _single(self, asked: Request) -> int | None:
        """The number of whoever asks, None for one whom nothing names. Raises UsageError for a group."""
        number = self._held.member_number(asked.who)
        if number is not None and self.belonging.is_group(number):
            raise UsageError(f"{asked.who}: is a group, which calls nothing itself; ask for somebody who is in it")
        return number
