"""Recommendations as plain values: JSON, rows, and lines for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from leastwise.model.likely import Next
from leastwise.model.plan import (
    SHOWN,
    Broken,
    Change,
    Dropped,
    Fall,
    Held,
    Kept,
    Proof,
    Recommendation,
    Replay,
    Shown,
)

from .likely import next_values
from .wording import number_of

_SHOWN = 6
_REASONS = 12
"""Reasons that are told in lines."""


def recommendation_values(one: Recommendation) -> dict[str, Any]:
    """One recommendation as the JSON interface has it."""
    return {
        "principal": one.principal,
        "provider": one.provider,
        "account": one.account,
        "sentence": one.sentence,
        "ready": one.ready,
        "blocked": one.blocked,
        "owner": one.owner,
        "owner_by": one.owner_by,
        "kept": [_kept(each) for each in one.kept],
        "removed": [each.permission for each in one.dropped],
        "dropped": [_dropped(each) for each in one.dropped],
        "likely": [next_values(each) for each in one.likely],
        "wanted": list(one.wanted),
        "before": [dict(each) for each in one.before],
        "statements": [dict(each) for each in one.after],
        "changes": [_change(each) for each in one.changes],
        "inverse": [back.values() for each in reversed(one.changes) for back in each.inverse],
        "proof": None if one.proof is None else _proof(one.proof),
        "replay": None if one.replay is None else replay_values(one.replay),
        "would_break": [] if one.replay is None else [_broken(each) for each in one.replay.broken],
        "naive": None if one.naive is None else replay_values(one.naive),
        "notes": list(one.notes),
        "creep": None if one.fall is None else fall_values(one.fall),
        "documents": {"before": _documents(one.documents), "after": _documents(one.smaller)},
    }


def fall_values(one: Fall) -> dict[str, float]:
    """How far the creep index falls, as the JSON interface has it."""
    return {
        "before": one.before, "after": one.after, "drop": round(one.before - one.after, 1), "weight": one.weight,
    }  # fmt: skip


def _documents(some: Sequence[Held]) -> list[dict[str, Any]]:
    return [
        {"policy": one.policy, "id": one.id, "on": one.target, "document": json.loads(one.document)} for one in some
    ]


def replay_values(one: Replay) -> dict[str, Any]:
    """Replayed calls as the JSON interface has them."""
    return {
        "begin": one.begin.isoformat(),
        "end": one.end.isoformat(),
        "calls": one.calls,
        "distinct": one.distinct,
        "would_break": sum(each.calls for each in one.broken),
        "broken": [_broken(each) for each in one.broken],
        "unlike": one.unlike,
        "beside": [list(each) for each in one.beside],
    }


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "permission": one.permission,
        "why": str(one.why),
        "resources": list(one.resources),
        "detail": one.detail,
        "calls": one.calls,
        "last_used": None if one.last is None else one.last.isoformat(),
    }


def _dropped(one: Dropped) -> dict[str, Any]:
    return {
        "permission": one.permission,
        "why": str(one.why),
        "sensitivity": one.sensitivity,
        "last_used": None if one.last is None else one.last.isoformat(),
    }


def _change(one: Change) -> dict[str, Any]:
    return {**one.values(), "before": one.before, "inverse": [each.values() for each in one.inverse]}


def shown_values(one: Shown) -> dict[str, Any]:
    """One claim of a proof as the JSON interface has it."""
    return {"state": one.state, "why": one.why, "request": dict(one.request)}


def _proof(one: Proof) -> dict[str, Any]:
    return {
        "holds": one.holds,
        "narrower": shown_values(one.narrower),
        "enough": shown_values(one.enough),
        "widens": [dict(each) for each in one.widens],
        "affected": list(one.affected),
        "needed": [list(each) for each in one.needed],
        "beside": [list(each) for each in one.beside],
    }


def _broken(one: Broken) -> dict[str, Any]:
    return {
        "time": one.time.isoformat(),
        "principal": one.principal,
        "permission": one.permission,
        "resource": one.resource,
        "before": one.before,
        "after": one.after,
        "calls": one.calls,
    }


def recommendation_lines(one: Recommendation) -> Iterator[str]:
    """One recommendation as a person would tell it."""
    yield f"{one.principal}: {one.sentence}"
    if not one.changes:
        return
    yield from _kept_lines(one.kept)
    if one.dropped:
        told = ", ".join(each.permission for each in one.dropped[:_SHOWN])
        more = f" and {len(one.dropped) - _SHOWN} more" if len(one.dropped) > _SHOWN else ""
        yield f"  drops {len(one.dropped)}: {told}{more}"
    yield from likely_lines(one.likely)
    yield from (f"  change: {_told(each)}" for each in one.changes)
    yield from (f"  gives: {_statement(each)}" for each in one.after)
    yield from _shown_lines(one)
    yield from (f"  note: {each}" for each in one.notes)
    if one.owner:
        yield f"  owner: {one.owner} ({one.owner_by})"
    if one.blocked:
        yield f"  not ready: {one.blocked}"


def likely_lines(likely: Sequence[Next]) -> Iterator[str]:
    """What is likely needed next, the worthiest first."""
    for one in likely[:_SHOWN]:
        advised = ", worth keeping" if one.advised else ""
        yield f"  likely next: {one.permission} ({one.chance:.0%}{advised}): {'; '.join(one.reasons) or 'by counts'}"
    if len(likely) > _SHOWN:
        yield f"  likely next: {len(likely) - _SHOWN} more (--format json)"


def _kept_lines(kept: Sequence[Kept]) -> Iterator[str]:
    """What stays, by reason; each reason in words once."""
    counts = Counter((str(one.why), one.detail) for one in kept)
    shown = sorted(counts.items(), key=lambda one: one[0][0] not in SHOWN)
    rest = shown[_REASONS:]
    for (why, detail), number in shown[:_REASONS]:
        names = list(dict.fromkeys(one.permission for one in kept if (str(one.why), one.detail) == (why, detail)))
        calls = sum(one.calls for one in kept if (str(one.why), one.detail) == (why, detail))
        told = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        because = f": {detail}" if detail else f", {calls} calls" if calls else ""
        yield f"  keeps {told} ({why}{because})" if number else ""
    if rest:
        more = {one.permission for one in kept if ((str(one.why), one.detail)) in dict(rest)}
        yield f"  keeps {len(more)} more, for {len(rest)} more reasons (--format json has them)"


def _told(change: Change) -> str:
    said = dict(change.told)
    on = said.get("on") or said.get("from") or said.get("to")
    match change.verb:
        case "put":
            return f"write {said['policy']}{f' on {on}' if on else ' wherever it is attached'}"
        case "leave" | "join":
            return f"{change.verb} {said['group']}"
        case "assign" | "unassign":
            give, way = ("give", "to") if change.verb == "assign" else ("take", "from")
            return f"{give} {said['bundle']} {way} {said['principal']} at {said['on']}"
        case "create" | "delete":
            return f"{change.verb} {said['policy']}"
    return f"{change.verb} {said['policy']}{f' {_WORDS.get(change.verb, str())} {on}' if on else ''}"


_WORDS = {"remove": "from", "detach": "from", "attach": "to"}


def _statement(one: Any) -> str:
    actions, resources = list(one["actions"]), list(one["resources"])
    told = ", ".join(actions[:_SHOWN]) + (f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else "")
    on = ", ".join(resources[:_SHOWN]) + (f" and {len(resources) - _SHOWN} more" if len(resources) > _SHOWN else "")
    return f"{told} on {on}{' under conditions' if one['conditional'] else ''} ({one['policy']})"


def _shown_lines(one: Recommendation) -> Iterator[str]:
    if one.proof is not None:
        yield f"  gives nothing new: {_words(one.proof.narrower)}; gives all that stays: {_words(one.proof.enough)}"
        yield from (f"  WIDENS for {each['principal']}: {', '.join(each['permissions'])}" for each in one.proof.widens)
        others = [each for each in one.proof.affected if each != one.principal]
        if others:
            yield f"  changes {number_of(len(others), 'other', 'others')}: {', '.join(others[:_SHOWN])}"
    if one.replay is not None:
        calls = sum(each.calls for each in one.replay.broken)
        span = f"from {one.replay.begin.date()} to {one.replay.end.date()}"
        yield f"  {calls} of {one.replay.calls} calls {span} would break"
        yield from (
            f"    {each.permission} on {each.resource or 'something'}, {each.calls} times, last {each.time.isoformat()}"
            for each in one.replay.broken[:_SHOWN]
        )
        if one.replay.unlike:
            yield f"  {one.replay.unlike} recorded calls are denied by the estate as it is: it was changed since"
    if one.naive is not None and one.naive.broken:
        calls = sum(each.calls for each in one.naive.broken)
        yield f"  a cut by the window alone would break {calls} recorded calls"


def _words(shown: Shown) -> str:
    return shown.state + (f" ({shown.why})" if shown.why else "")
