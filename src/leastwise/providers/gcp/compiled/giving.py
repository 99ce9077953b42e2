"""What each binding gives that names somebody, or a group or set that they are in: whatever limits it."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from leastwise.engine.holdings import GivenBy
from leastwise.model.decision import State

from ..evaluate.request import Request
from .belonging import state_of
from .numbers import Numbers
from .owned import Owned

_NONE = BitMap()


def given_by(owned: Owned, numbers: Numbers, asked: Request) -> Iterator[GivenBy]:
    """The bindings that give whoever asks something: role, where it lies, through which group or set.

    One whose role is not known gives nothing that is known. Who may be in a group that was not read is not told.
    """
    held = owned.held
    ids = held.texts("place.id").all()
    rows, lies = held.rows("member.bindings"), held.rows("document.places")
    for member, when in owned.sets(asked):
        if state_of(when) not in (State.ALLOWED, State.CONDITIONAL):
            continue
        named = held.member(member)
        through = "" if named == asked.who else f" through {named.text}"
        for binding in rows.row(member).tolist():
            role = held.role_names[int(held.arrays["binding.role"][binding])]
            permissions = numbers.role(role) or _NONE
            for place in lies.row(int(held.arrays["binding.document"][binding])).tolist():
                if not held.arrays["place.alias"][place]:
                    name = held.places[place]
                    yield GivenBy("allow", role, f"on {ids[place]}{through}", name, permissions, (name,))
