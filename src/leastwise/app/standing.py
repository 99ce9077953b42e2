"""What became of saved plans: whether they can still be made as they were proved, are made, or are void."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from leastwise.model.plan import digest

from .asking import Asking, scope_tables
from .documents import READS, Documents
from .estate import OpenEstate
from .gap import window_of
from .header import clock_of
from .planning import RIGHT_SIZE
from .plans import held_of
from .reaching import Reaching
from .replaying import Recordings
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base.shrinking import Shrinking

OPEN, MADE, VOID = "open", "made", "void"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a plan stands, and why where it is not open."""

    state: str
    why: str = ""


@dataclass
class _Known:
    """What the estate has of one provider's principals, and their recorded calls."""

    shrinking: Shrinking
    documents: Documents
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
        if plan["subject"] not in known.documents.principals:
            return Standing(MADE if plan["kind"] != RIGHT_SIZE else VOID, f"{plan['subject']} is gone")
        if plan["kind"] != RIGHT_SIZE:
            return self._used(known, plan)
        if not plan["changes"]:
            return Standing(VOID, "it changes nothing")
        return self._changed(known, plan)

    def documents(self, provider: str) -> Documents | None:
        """The documents of a provider's principals; None where the estate has none."""
        known = self._of(provider)
        return None if known is None else known.documents

    def _changed(self, known: _Known, plan: Mapping[str, Any]) -> Standing:
        """Whether the documents are those that the plan was made of, and no later call needs what it takes away."""
        held = [one.text for one in known.documents.of(plan["subject"])]
        if None in held:
            return Standing(VOID, "not all its documents could be read this time")
        now = Counter(digest(one) for one in held if one is not None)
        before, after = (_digests(plan["documents"][side]) for side in ("before", "after"))
        if now == after:
            return Standing(MADE, "its documents are as the plan wants them")
        if now != before:
            return Standing(VOID, "its documents were changed since the plan was made")
        sides = (held_of(plan["documents"][side]) for side in ("before", "after"))
        same = known.shrinking.unchanged(*sides)
        replayed = {(permission, on) for permission, on, *_ in plan["calls"]}
        calls = known.recordings.of(plan["subject"]).done
        lost = [key for key in calls if key not in replayed and not same(*key)]
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
        provider = self._workspace.providers().get(name)
        if asking is None or provider is None or provider.shrinking is None:
            return None
        shrinking = provider.shrinking()
        scopes = scope_tables(self._workspace, asking.estate, name, READS, provider.directories)
        window = window_of(None, clock_of(asking.estate, asking.file).astimezone(UTC))
        recordings = Recordings(self._workspace, name, asking.estate, window.begin, window.end)
        told = Reaching(OpenEstate(self._workspace, asking.estate, asking.file)).told
        return _Known(shrinking, Documents(scopes, shrinking.layer, told), recordings)


def _newest(plans: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The id of the plan that was saved last for each principal."""
    order = sorted(plans, key=lambda one: (str(one.get("made") or ""), one["id"]))
    return {(one["provider"], one["subject"]): one["id"] for one in order}


def _digests(documents: Sequence[Mapping[str, Any]]) -> Counter[str]:
    return Counter(digest(json.dumps(one["document"]).encode()) for one in documents)
