"""What became of saved plans: whether they can still be made as they were proved, are made, or are void."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from leastwise.model.plan import Held, digest

from .asking import Asking
from .gap import GapOf, window_of
from .header import clock_of
from .planning import RIGHT_SIZE
from .plans import held_of
from .replaying import Recordings, named
from .rightsizing import Rightsizing, can_size, sizing_of
from .sizing import Wish
from .wiring import Workspace

if TYPE_CHECKING:
    from .resizing import Resizing

_DERIVED = ("within", "permissions")
OPEN, MADE, VOID = "open", "made", "void"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plan stands, and why where it is not open."""

    state: str
    why: str = ""


@dataclass
class _Known:
    """Who makes the grants of one provider smaller, and the recorded calls of its principals."""

    maker: Rightsizing | Resizing
    recordings: Recordings


class Standings:
    """How plans stand in an estate.

    Args:
        workspace: where logs lie.
        askings: the estate as each of its providers answers of it.
        plans: all that are saved.
    """

    def __init__(self, workspace: Workspace, askings: Sequence[Asking], plans: Sequence[Mapping[str, Any]]) -> None:
        self._workspace = workspace
        self._askings = {one.provider: one for one in askings}
        self._known: dict[str, _Known | None] = {}
        self._newest = _newest(plans)

    def of(self, plan: Mapping[str, Any]) -> Standing:
        """How one stands."""
        newest = self._newest.get((plan["provider"], plan["subject"]), plan["id"])
        if newest != plan["id"]:
            return Standing(VOID, f"plan {newest} takes its place")
        known = self._of(plan["provider"])
        if known is None:
            return Standing(VOID, f"the estate has nothing of {plan['provider']}")
        if plan["kind"] != RIGHT_SIZE:
            gone = plan["subject"] not in known.maker.principals
            return Standing(MADE, f"{plan['subject']} is gone") if gone else self._used(known, plan)
        if not plan["changes"]:
            return Standing(VOID, "it changes nothing")
        return self._changed(known, plan)

    def maker(self, provider: str) -> Rightsizing | Resizing | None:
        """Who makes a provider's grants smaller; None where the estate has none of them."""
        known = self._of(provider)
        return None if known is None else known.maker

    def _changed(self, known: _Known, plan: Mapping[str, Any]) -> Standing:
        """Whether what is granted is what the plan was made of, and no later call needs what it takes away."""
        try:
            held = known.maker.standing(plan["subject"])
        except ValueError as error:
            return Standing(VOID, f"not all was read this time: {error}")
        if held is None:
            return Standing(VOID, f"{plan['subject']} is gone")
        now = _digests(held)
        before, after = (held_of(plan["documents"][side]) for side in ("before", "after"))
        if now == _digests(after):
            return Standing(MADE, "what is granted is what the plan wants")
        if now != _digests(before):
            return Standing(VOID, "what is granted was changed since the plan was made")
        same, replayed = known.maker.keep(before, after), {(permission, on) for permission, on, *_ in plan["calls"]}
        lost = [
            (permission, resource)
            for holder in known.maker.holders(plan["subject"])
            for permission, text in known.recordings.of(holder).done
            for resource in named(text, known.maker.meant)
            if (permission, resource) not in replayed and not same(permission, resource)
        ]
        if lost:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            return Standing(VOID, f"it would break what is recorded since: {lost[0][0]} on {lost[0][1]}{more}")
        return Standing(OPEN)

    def _used(self, known: _Known, plan: Mapping[str, Any]) -> Standing:
        """Whether somebody who was to go for want of use is still unused."""
        calls = known.recordings.of(plan["subject"]).calls
        return Standing(VOID, f"it is used: {calls} recorded calls") if calls else Standing(OPEN)

    def _of(self, provider: str) -> _Known | None:
        if provider not in self._known:
            self._known[provider] = self._read(provider)
        return self._known[provider]

    def _read(self, name: str) -> _Known | None:
        asking = self._askings.get(name)
        found = None if asking is None else GapOf.opened(self._workspace, asking, None)
        if asking is None or found is None or not can_size(found):
            return None
        window = window_of(None, clock_of(asking.estate, asking.file).astimezone(UTC))
        recordings = Recordings(self._workspace, name, asking.estate, window.begin, window.end)
        return _Known(sizing_of(found, Wish()), recordings)


def _newest(plans: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The id of the plan that was saved last for each principal."""
    order = sorted(plans, key=lambda one: (str(one.get("made") or ""), one["id"]))
    return {(one["provider"], one["subject"]): one["id"] for one in order}


def _digests(documents: Sequence[Held]) -> Counter[str]:
    """The documents, without what else they tell that the catalogue or the place of a scope decides."""
    return Counter(map(_told, documents))


def _told(one: Held) -> str:
    body = json.loads(one.document)
    return digest(json.dumps({key: value for key, value in body.items() if key not in _DERIVED}).encode())
