"""The question of a case put to the bulk engine as well: where it says another thing than the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from leastwise.model.decision import RANK, State
from leastwise.providers.bulk.listing import Found

from ..compiled.arranging import arranged
from ..compiled.held import Compiled
from ..compiled.lines import GUESTS, LINES, MEMBERS, UNTOLD
from ..compiled.relating import Relating
from ..compiled.view import Views
from ..compiled.what import What
from ..compiled.who import Who
from ..evaluate.decide import decide
from ..evaluate.directions import everybody, who_can
from ..evaluate.estate import Estate
from ..evaluate.explain import STATES
from ..evaluate.request import Kind, Request
from ..language.directory import USER


class Bulk:
    """The bulk engine on one estate.

    Args:
        estate: as the reference has it.
    """

    def __init__(self, estate: Estate) -> None:
        self._held = Compiled(arranged(estate))
        self._who = Who(Views(self._held))

    def differences(self, asked: Request, allowed: frozenset[str] | None = None) -> Iterator[str]:
        """Where its answers about one question are others than the reference's.

        Args:
            asked: the question, on the whole estate.
            allowed: what what can lists, in lower case; None where a single permission is asked about.
        """
        if allowed is None:
            yield from self._listed(asked)
        else:
            yield from self._given(asked, allowed)

    def _listed(self, asked: Request) -> Iterator[str]:
        """Where it lists somebody otherwise: by name, or by the line that stands for all users."""
        listed, reference = self._holders(asked), who_can(asked).states
        wide = asked.kind is not Kind.EXCHANGE
        some = (*reference, *listed, *everybody(asked), *(asked.estate.objects if wide else ()))
        for who in dict.fromkeys([*some, *([asked.who] if asked.who else [])]):
            # Groups act in nobody's name; one of whose members nothing was read stands for these.
            if who in LINES or who in asked.estate.groups:
                continue
            expected = reference.get(who, State.DENIED)
            by_line = listed.get(line(asked, who), State.DENIED)
            found = min(listed.get(who, State.DENIED), by_line, key=RANK.__getitem__)
            # A line may say of somebody what a list by names has no room for; then can says it, too.
            same = STATES[decide(asked.by(who)).verdict.outcome] if who in asked.estate.objects else expected
            if not {found, listed.get(who, found)} <= {expected, same}:
                yield f"{asked.permission}: {who} is {found} by who can in bulk, {expected} by the reference"
            alone = STATES[decide(self._who.marking.seen(asked.by(who))).verdict.outcome]
            if who in asked.estate.objects and alone is not same:
                yield f"{asked.permission}: {who} is {alone} by can in bulk, {same} by the reference"

    def _holders(self, asked: Request) -> Mapping[str, State]:
        found = Found(self._held, frozenset(LINES))
        self._who.find(asked, found)
        return {one.principal: one.state for one in found.listed()}

    def _given(self, asked: Request, allowed: frozenset[str]) -> Iterator[str]:
        """Where what can lists another permission as allowed."""
        what = What(Relating(self._who))
        cubes = what.on(replace(asked, permission="anything"))
        found = {name.lower() for cube in cubes if cube.state is State.ALLOWED for name in cube.permissions}
        for name in sorted(found ^ allowed):
            by = ("in bulk", "by the reference") if name in found else ("by the reference", "in bulk")
            yield f"{name}: is listed by what can {by[0]}, and not {by[1]}"


def line(asked: Request, who: str) -> str:
    """The line that stands for somebody; empty where none does."""
    one = asked.estate.object(who)
    if one.kind != USER or one.enabled is False:
        return ""
    return UNTOLD if one.guest is None else GUESTS if one.guest else MEMBERS
