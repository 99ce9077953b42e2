"""What principals hold, in the form in which usage is taken from it: of one exactly, of all, and by which bindings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from leastwise.engine.holdings import Everybody, GivenBy, Holdings
from leastwise.errors import UsageError

from ..evaluate.request import Request
from .belonging import Belonging
from .deciding import Known
from .everyone import Everyone
from .giving import given_by
from .guards import Guards
from .logged import Logged
from .numbers import Numbers
from .owned import Owned


class Holding:
    """Answers what principals of one estate hold."""

    def __init__(self, known: Known, numbers: Numbers) -> None:
        self._known, self._held, self._numbers = known, known.held, numbers
        self._guards, self._logged = Guards(known, numbers), Logged(known.held, numbers)

    @cached_property
    def owned(self) -> Owned:
        """Answers what one of them holds."""
        belonging = Belonging(self._known, self._numbers)
        return Owned(self._known, self._numbers, belonging, self._guards)

    def of(self, asked: Request, unread: Sequence[str] = ()) -> Holdings:
        """What whoever asks holds; `unread` is what may let in anybody. Raises UsageError for a group or set."""
        who, held = _single(asked).who, self._held
        parts, missing = self.owned.of(asked)
        number = held.member_number(who.text)
        words = ["" if number is None else held.word(name, number) for name in ("kind", "native", "account")]
        told = tuple(dict.fromkeys((*missing, *unread)))
        return Holdings(who.text, words[0], words[1], words[2], parts, told, self._logged.hidden(who))

    def everybody(self) -> Everybody:
        """What everybody who can act holds."""
        return self.everyone().all()

    def everyone(self) -> Everyone:
        """What everybody who can act holds, told anew each time."""
        return Everyone(self._known, self._numbers, self._guards, self.owned, self._logged)

    def given(self, asked: Request) -> Iterator[GivenBy]:
        """What each binding gives whoever asks. Raises UsageError for a group or set."""
        return given_by(self.owned, self._numbers, _single(asked))


def _single(asked: Request) -> Request:
    if not asked.who.single:
        raise UsageError(f"{asked.who.text}: calls nothing itself; ask for somebody who is in it")
    return asked
