"""What of a proof is asked of the estate, and what the answers show: cases as data."""

from __future__ import annotations

from typing import Any, cast

import pytest

from leastwise.app.proving import Laid, proved
from leastwise.app.replaying import Done, Recorded, replayed
from leastwise.engine.access import Access
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances, Decision, State
from leastwise.model.plan import Shown
from leastwise.providers.base.shrinking import Wanted

MOMENT = cast(Any, None)
PROVED = Shown("proved")


class Estate:
    """An estate where folders are listed, what lies in them is read, and what has no slash is malformed."""

    def __init__(self, denied: frozenset[tuple[str, str]] = frozenset()) -> None:
        self._denied = denied
        self.asked: list[tuple[str, str]] = []

    def objection(self, permission: str, resource: str | None) -> str:
        if resource is not None and "/" not in resource:
            raise UsageError(f"{resource}: is malformed")
        wrong = resource is not None and resource.endswith("/") is not (permission == "list")
        return f"{resource}: {permission} is asked of something else" if wrong else ""

    def can(self, who: str, permission: str, resource: str | None, given: Circumstances) -> Decision:
        if why := self.objection(permission, resource):
            raise UsageError(why)
        self.asked.append((permission, resource or "*"))
        return Decision(State.DENIED if (permission, resource) in self._denied else State.ALLOWED)

    def changes(self, before: Access) -> list[Any]:
        return []


def laid(after: Estate, beside: set[tuple[str, str]]) -> Laid:
    def unchanged(permission: str, resource: str) -> bool:
        return (permission, resource) not in beside

    return Laid("ana", cast(Access, Estate()), lambda: cast(Access, after), unchanged, lambda: PROVED)


READ, LIST, ODD = ("read", "/f/x"), ("list", "/f/"), ("read", "/f/")
SPELLED = ("read", "f")
# What is needed, what documents do not show, what is lost: what is told as needed, and whether it is enough.
CASES: dict[str, tuple[list[Any], set[Any], set[Any], list[Any], str]] = {
    "all can be asked": ([READ, LIST], set(), set(), [READ, LIST], "proved"),
    "what can be asked is lost": ([READ, LIST], {READ}, {READ}, [READ, LIST], "refuted"),
    "what no request can be": ([READ, ODD, LIST], set(), set(), [READ, LIST], "proved"),
    "no document shows what no request can be": ([READ, ODD], {ODD}, set(), [READ], "proved"),
    "something is lost beside what no request can be": ([ODD, READ], {ODD, READ}, {READ}, [READ], "refuted"),
    "what cannot be asked as it is spelled, and documents show": ([SPELLED], set(), set(), [SPELLED], "proved"),
    "what cannot be asked as it is spelled, and nothing shows": ([SPELLED], {SPELLED}, set(), [SPELLED], "refuted"),
}  # fmt: skip


@pytest.mark.parametrize("thorough", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_each_need_is_asked_or_told(name: str, thorough: bool) -> None:
    needed, beside, lost, told, state = CASES[name]
    after = Estate(frozenset(lost))
    found = proved(
        laid(after, beside), [Wanted(permission, (on,)) for permission, on in needed], thorough=thorough
    )  # fmt: skip
    # What is not asked in a proof by documents alone is what these say of it.
    by_documents = [one for one in needed if one in told or (not thorough and one not in beside)]
    assert (list(found.needed), found.enough.state) == (by_documents, state)
    assert set(found.beside) == beside & set(told)
    assert ODD not in after.asked


def test_a_recorded_call_that_cannot_be_asked_is_not_said_to_stay() -> None:
    calls = Recorded(MOMENT, MOMENT, {ODD: Done(2, MOMENT), READ: Done(3, MOMENT)}, 5)
    found = replayed(calls, laid(Estate(), {ODD, READ}), lambda text: (text,))
    assert [(one.permission, one.resource, one.before, one.after, one.calls) for one in found.broken] == [
        (*ODD, "UNKNOWN", "UNKNOWN", 2)
    ]
