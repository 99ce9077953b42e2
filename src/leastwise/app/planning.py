"""Plans: what to do about whom, step by step, as one value that is saved, shown and checked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from leastwise.model.gap import Use
from leastwise.model.plan import Change, Recommendation, Step, Why
from leastwise.rightsizing.owning import Whose
from leastwise.usage.dormant import PRINCIPAL, Idle

from .asking import Asking
from .dormant import idle_of
from .estate import OpenEstate
from .gap import GapOf
from .gaps import Gaps
from .halting import halting_of, holder_in, step_values
from .owning import Owning
from .recommended import fall_values, recommendation_values
from .resizing import Resizing
from .rightsizing import Rightsizing, Wish, can_size, shared_of, sized, sizing_of
from .wiring import Workspace

RETIRED = 30
"""Days between stopping somebody whom nobody uses and deleting him."""
RIGHT_SIZE, RETIRE, STOP, BY_HAND = "right-size", "retire", "stop", "by hand"


@dataclass(frozen=True)
class Plan:
    """What to do about one principal.

    Args:
        kind: `right-size`, `retire`, `stop` (a credential) or `by hand`.
        sentence: what it comes to.
        ready: it can be made as it stands.
        steps: what to do, in order.
        whose: it is, and who approves.
        body: what it rests on, as plain values: what is kept, proof, replay; empty where nobody uses it at all.
    """

    subject: str
    provider: str
    account: str
    kind: str
    sentence: str
    ready: bool
    whose: Whose
    steps: tuple[Step, ...]
    body: Mapping[str, Any]

    def values(self) -> dict[str, Any]:
        """It as the JSON interface has it; `id` is a hash of what it does to whom."""
        found = {
            "subject": self.subject,
            "provider": self.provider,
            "account": self.account,
            "kind": self.kind,
            "sentence": self.sentence,
            "ready": self.ready,
            "owner": self.whose.owner,
            "owner_by": self.whose.owner_by,
            "approver": self.whose.approver,
            "approver_by": self.whose.approver_by,
            "steps": [step_values(one) for one in self.steps],
            **{key: self.body.get(key) for key in _BODY},
        }
        return {"id": plan_id(found), **found}


def plan_id(plan: Mapping[str, Any]) -> str:
    """The id of a plan as plain values: a hash of what it does to whom."""
    said = json.dumps([plan[key] for key in ("subject", "provider", "kind", "steps", "changes")], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


_BODY = (
    "kept", "dropped", "changes", "inverse", "proof", "replay", "would_break", "naive", "notes", "blocked", "documents",
    "calls", "statements", "creep",
)  # fmt: skip


class Planning:
    """Plans for the principals of an estate.

    Args:
        workspace: where logs lie.
        askings: the estate as each of its providers answers of it.
        window: days, as `90d`; None for the default.
        wish: how grants are made smaller.
    """

    def __init__(self, workspace: Workspace, askings: Sequence[Asking], window: str | None, wish: Wish) -> None:
        self._window, self._wish = window, wish
        self.gaps = Gaps.opened(workspace, askings, window)
        first = self.gaps.members[0].asking
        self.estate = OpenEstate(workspace, first.estate, first.file)
        self._makers: dict[str, Rightsizing | Resizing] = {}

    @cached_property
    def owning(self) -> Owning:
        """Whose principals are, and who approves."""
        return Owning(self.estate, self._wish.code)

    @cached_property
    def _idle(self) -> Mapping[tuple[str, str], Idle]:
        """Whom nobody used in the window, as far as that was seen, by kind and id."""
        found = idle_of(self.estate, self._window)
        return {(one.account, one.id): one for one in found if one.what == PRINCIPAL and one.state is Use.UNUSED}

    def of(self, named: str) -> Plan:
        """The plan for one principal, of several the first of `each`. Raises as that."""
        return self.each(named)[0]

    def each(self, named: str) -> list[Plan]:
        """The plans for one principal, one for each provider that grants it something that is to change.

        Where nothing is to change there is one that says so. Raises as `Gaps.about` and `Rightsizing.of`.
        """
        if (one := shared_of(self.gaps, self._makers, self._wish, named)) is not None:
            maker = next(each for each in self._makers.values() if each.found.asking.provider == one.provider)
            return [self._plan(maker, one)]
        asked = list(sized(self.gaps, named))
        found = [self._about(mine, named) for mine in asked]
        if not any(one.steps for one in found):
            # Nobody need grant somebody anything for him to be one of those who go.
            rest = [one for one in self.gaps.about(named).members if can_size(one) and one not in asked]
            found += [self._about(mine, named) for mine in rest]
        return [one for one in found if one.steps] or found[:1]

    def _about(self, mine: GapOf, named: str) -> Plan:
        maker = self._makers.setdefault(mine.asking.key, sizing_of(mine, self._wish))
        return self._plan(maker, maker.of(named))

    def awaited(self, provider: str, principal: str) -> str:
        """Why somebody is not to be stopped: left alone, or used again by what is known; empty where nothing says so.

        Empty also where nothing of its provider can be made smaller.
        """
        maker = self._maker_of(provider, principal)
        if maker is None:
            return ""
        idle = next((one for one in self._idle.values() if one.id == principal), None)
        found = maker.of(principal, thorough=False)
        return maker.kept_whole(principal) or _awaited(maker, found, idle.last_used if idle else None)

    def every(self) -> Iterator[Plan]:
        """A plan for each principal of whom something can be done, where grants can be made smaller.

        Other providers are told with `gaps` as those that are not asked.
        """
        able = [one for one in self.gaps.members if can_size(one)]
        others = {one.asking.provider for one in self.gaps.members if one not in able}
        self.gaps = replace(self.gaps, unasked=tuple(sorted({*self.gaps.unasked, *others})))
        return self._every(able)

    def _every(self, members: Sequence[GapOf]) -> Iterator[Plan]:
        for mine in members:
            maker = self._makers.setdefault(mine.asking.key, sizing_of(mine, self._wish))
            for found in maker.everyone():
                plan = self._plan(maker, found)
                if plan.steps:
                    yield plan

    def _plan(self, maker: Rightsizing | Resizing, found: Recommendation) -> Plan:
        idle = self._idle.get((found.account, found.principal))
        if idle is not None and maker.provider.halting is not None and not maker.left_alone(found.principal):
            why = _awaited(maker, found, idle.last_used)
            retired = self._retired(maker, found, idle) if not why else None
            if retired is not None:
                return retired
            if why:
                note = f"nobody used it in the window, but it is not retired: {why}"
                found = replace(found, notes=(*found.notes, note))
        steps = self._steps(maker, found)
        calls = found.replay.asked if found.replay is not None and steps else ()
        told = [[*asked, number, last.isoformat(), *_around(maker, asked[1])] for asked, number, last in calls]
        body = recommendation_values(found) | {"calls": told}
        if found.proof is not None and isinstance(maker, Resizing):
            on = dict.fromkeys(resource for _, resource in found.proof.needed)
            body["proof"]["within"] = {one: list(maker.above(one)) for one in on}
        return Plan(
            found.principal, found.provider, found.account, RIGHT_SIZE, found.sentence, found.ready,
            self._whose(maker, found), steps, body,
        )  # fmt: skip

    def _whose(self, maker: Rightsizing | Resizing, found: Recommendation) -> Whose:
        """Owner and approver, of what several have as well."""
        name = maker.sharing.named(found.principal) if isinstance(maker, Rightsizing) else ""
        return self.owning.of(found.principal, found.account, name, maker.holders(found.principal))

    def _steps(self, maker: Rightsizing | Resizing, found: Recommendation) -> tuple[Step, ...]:
        if isinstance(maker, Resizing):
            return _by_command(maker, found.changes)
        if not found.changes or found.steps:
            return found.steps
        halting = halting_of(self.estate, found.provider)
        made = ((one, *halting.made(one)) for one in found.changes)
        return tuple(
            Step(one.verb, str(one.told.get("on") or one.told.get("group") or one.told["policy"]), "", command, inverse)
            for one, command, inverse in made
        )

    def _retired(self, maker: Rightsizing | Resizing, found: Recommendation, idle: Idle) -> Plan | None:
        """How one goes whom nobody uses; None where nothing can be done about it there."""
        row = {
            "id": found.principal, "name": idle.name, "native": idle.kind, "account": found.account,
        }  # fmt: skip
        steps = self.retiring(found.provider, row, maker)
        if not steps:
            return None
        last = f"last used {idle.days} days ago" if idle.days is not None else "no use is known"
        goes = f"stop it now, delete it after {RETIRED} days" if steps[-1].after else "take away what it is granted"
        notes = [idle.because]
        fall = None if found.fall is None else fall_values(found.fall.entire)
        return Plan(
            found.principal, found.provider, found.account, RETIRE, f"nobody uses it ({last}): {goes}", True,
            self.owning.of(found.principal), steps,
            {"notes": notes, "blocked": "", "would_break": [], "creep": fall},
        )  # fmt: skip

    def retiring(
        self, provider: str, row: dict[str, Any], maker: Rightsizing | Resizing | None = None
    ) -> tuple[Step, ...]:
        """The steps by which one goes: stopped, without what it is granted by itself, and deleted after some days.

        Args:
            provider: its name, of one that knows how somebody is stopped.
            row: id, name, native and account of whom.
            maker: what tells of its grants; looked for where it is not given.
        """
        steps = halting_of(self.estate, provider).retired(holder_in(self.estate, row), RETIRED)
        known = maker or self._maker_of(provider, row["id"])
        taken = _by_command(known, known.released(row["id"])) if isinstance(known, Resizing) else ()
        later = [one for one in steps if one.after]
        return (*(one for one in steps if not one.after), *taken, *later)

    def _maker_of(self, provider: str, principal: str) -> Rightsizing | Resizing | None:
        """What makes smaller what a provider grants somebody; None where nothing does."""
        for mine in self.gaps.members:
            if mine.asking.provider == provider and can_size(mine):
                maker = self._makers.setdefault(mine.asking.key, sizing_of(mine, self._wish))
                if principal in maker.principals:
                    return maker
        return None


def _by_command(maker: Resizing, changes: Sequence[Change]) -> tuple[Step, ...]:
    """Changes as steps, each with what makes it and what takes it back."""
    return tuple(
        Step(one.verb, str(one.told.get("on") or one.told.get("policy") or one.told["group"]), "", *commands)
        for one in changes
        for commands in (maker.commands(one),)
    )


def _awaited(maker: Rightsizing | Resizing, found: Recommendation, last: datetime | None) -> str:
    """Why somebody whom nobody used in the window may be needed still; empty where nothing says so."""
    # Of one whose grants cannot be made smaller it is not told what stays of them.
    kept = found.kept or (maker.staying(found.principal) if found.blocked else ())
    stays = next((one for one in kept if one.why not in _OUT_OF_USE), None)
    if stays is not None:
        return f"{stays.permission} is kept ({stays.why}{f': {stays.detail}' if stays.detail else ''})"
    return maker.returning(found.principal, last)


_OUT_OF_USE = (Why.UNOBSERVABLE, Why.SEASONAL, Why.LEVEL)
"""What is kept for these reasons does not tell that somebody is needed: seasons are asked for by themselves."""


def _around(maker: Rightsizing | Resizing, resource: str) -> Iterator[list[str]]:
    """What a resource lies in, where grants at scopes are given by that."""
    if isinstance(maker, Resizing):
        yield list(maker.above(resource))
