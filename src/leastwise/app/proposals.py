"""Saved plans as proposals to the owners of code: one for each owner and module, with the files as they are to be."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leastwise.model.plan import Change, Recommendation
from leastwise.model.proposal import CHANGE, ISSUE, Edited, Posted, Proposal
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.proposals.deciding import LANDED, REFUSED
from leastwise.rightsizing.proposals.marker import branch_of, marked
from leastwise.rightsizing.proposals.text import body_of, title_of

from .code_index import Code
from .patching import Patched
from .planning import RIGHT_SIZE
from .proposing import Act
from .standing import Standings

Saved = Mapping[str, Any]
_NOT_CODE = "it stops somebody, which is no change of a document"


@dataclass(frozen=True, slots=True)
class Written:
    """A plan as it is, or is not, written into code."""

    plan: Saved
    made: Patched
    owner: str
    module: str

    @property
    def whole(self) -> bool:
        """Whether all of it is."""
        return bool(self.made.files) and self.made.whole


@dataclass
class Proposing:
    """Proposals for plans.

    Args:
        code: that grants come from.
        standings: how the plans stand.
    """

    code: Code
    standings: Standings
    refused: list[Act] = field(default_factory=list)
    """What is not proposed, with why."""

    def proposals(self, plans: Iterable[Saved], landed: Mapping[str, Posted]) -> list[Proposal]:
        """The proposals, in the order of their first plans; `landed` are the plans that were merged."""
        changes: dict[tuple[str, str], list[Written]] = {}
        issues: dict[tuple[str, str], list[Written]] = {}
        for plan in plans:
            if plan["id"] in landed:
                posted = landed[plan["id"]]
                self.refused.append(_alone(plan, LANDED, "it waits for being applied and collected", posted.url))
                continue
            if not plan["ready"]:
                self.refused.append(_alone(plan, REFUSED, f"it is not ready: {plan.get('blocked') or 'see its proof'}"))
                continue
            one = self._written(plan)
            (changes if one.whole else issues).setdefault((one.owner, one.module), []).append(one)
        made = [found for (owner, module), some in changes.items() if (found := self._change(owner, module, some))]
        return [*made, *(_issue(owner, module, some) for (owner, module), some in issues.items())]

    def _written(self, plan: Saved) -> Written:
        """A plan written into code by itself: whose that is, and in which module."""
        made = self._patched(plan, None)
        files = [place.file for place in made.places]
        module = posixpath.dirname(files[0]) if files else ""
        return Written(plan, made, made.owner or str(plan.get("owner") or ""), module)

    def _patched(self, plan: Saved, editing: Editing | None) -> Patched:
        if plan["kind"] != RIGHT_SIZE:
            return Patched((), "", "", (_NOT_CODE,))
        maker = self.standings.maker(plan["provider"])
        if maker is None:
            return Patched((), "", "", (f"the estate has nothing of {plan['provider']}",))
        return maker.written(self.code, _recommended(plan), editing)

    def _change(self, owner: str, module: str, some: Sequence[Written]) -> Proposal | None:
        """One change for all plans of an owner and module; those that do not go with the others are left out."""
        editing = Editing(self.code.index, self.code.codings)
        held: list[Saved] = []
        for one in some:
            trial = editing.copied()
            made = self._patched(one.plan, trial)
            if not made.whole:
                why = f"it cannot be written beside plan {held[-1]['id'] if held else ''}: {made.refused[0]}"
                self.refused.append(_alone(one.plan, REFUSED, why))
                continue
            editing = trial
            held.append(one.plan)
        if not held:
            return None
        files = tuple(Edited(one.file, one.before, one.after) for one in editing.changed())
        return _proposal(CHANGE, owner, module, [(plan, ()) for plan in held], files)


def _issue(owner: str, module: str, some: Sequence[Written]) -> Proposal:
    return _proposal(ISSUE, owner, module, [(one.plan, one.made.refused) for one in some], ())


def _proposal(
    kind: str, owner: str, module: str, some: Sequence[tuple[Saved, Sequence[str]]], files: tuple[Edited, ...]
) -> Proposal:
    ids = tuple(sorted(plan["id"] for plan, _ in some))
    marker = marked(kind, owner, module, ids)
    title = title_of(module, [plan for plan, _ in some])
    body = body_of(marker, owner, some)
    return Proposal(kind, marker.key, owner, module, ids, title, body, branch_of(kind, owner, module), files)


def _alone(plan: Saved, does: str, why: str, url: str = "") -> Act:
    """What is not proposed, of one plan."""
    return Act(does, "", str(plan.get("owner") or ""), "", (plan["id"],), title_of("", [plan]), why, url)


def _recommended(plan: Saved) -> Recommendation:
    """What of a saved plan is written into code."""
    changes = tuple(_change_of(one) for one in plan["changes"])
    return Recommendation(plan["subject"], plan["provider"], plan["account"], plan["sentence"], changes=changes)


def _change_of(values: Mapping[str, Any]) -> Change:
    [verb] = [key for key in values if key not in ("before", "inverse")]
    inverse = tuple(Change(*next(iter(one.items()))) for one in values.get("inverse", ()))
    return Change(verb, values[verb], inverse, values.get("before", ""))
