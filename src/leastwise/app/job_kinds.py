"""The kinds of jobs: what each may be asked, which right it needs, and its work.

Each does what the command of the same name does, by the same use case. Files are taken from the folder `inbox` of the
home only: whoever may ask a server for work does not choose what it reads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import LeastwiseError, UsageError

from .duties import Right
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base.collecting import Step

    from .events import Report as Taking

Asked = Mapping[str, Any]
Report = Callable[[str, int, int], None]
"""Called with what a job is at, how far, and of how much; 0 of 0 where that is not known."""
_URL = re.compile(r"[a-z0-9]+://.+")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    Args:
        right: what whoever wants one must have.
        settings: what it may be asked, each with what it means.
        check: raises UsageError for settings that it cannot obey, before it waits for its turn.
        work: does it, and tells what came of it. Raises LeastwiseError.
    """

    right: Right
    settings: Mapping[str, str]
    check: Callable[[Workspace, Asked], None]
    work: Callable[[Workspace, Asked, Report], Mapping[str, Any]]


def inbox(workspace: Workspace) -> Path:
    """Where files lie that jobs may read."""
    return workspace.home.inbox


def _texts(asked: Asked, *names: str) -> None:
    for name in names:
        if not isinstance(asked.get(name, ""), str):
            raise UsageError(f"{name}: must be text")


def _files(workspace: Workspace, asked: Asked) -> list[Path]:
    """The files and folders that a job names, all below the inbox. UsageError."""
    given = asked.get("paths", [])
    if not isinstance(given, list) or not given or not all(isinstance(one, str) and one for one in given):
        raise UsageError("paths: must be a list of files or folders below inbox/ of the home")
    folder = inbox(workspace).resolve()
    found = []
    for one in given:
        try:
            path = (folder / one).resolve()
        except (OSError, ValueError):
            raise UsageError(f"paths: {one!r} is no path") from None
        if not path.is_relative_to(folder):
            raise UsageError(f"paths: {one!r} does not lie below inbox/ of the home")
        if not path.exists():
            raise UsageError(f"paths: {one!r} is not in inbox/ of the home")
        found.append(path)
    return found


# --- collect


def _check_collect(workspace: Workspace, asked: Asked) -> None:
    from .collecting import sources

    _texts(asked, "provider", "only")
    if not isinstance(asked.get("resume", False), bool):
        raise UsageError("resume: must be true or false")
    sources(workspace, asked.get("provider"), {})


def _collect(workspace: Workspace, asked: Asked, report: Report) -> Mapping[str, Any]:
    from .collecting import Failed, collect, sources

    def step(scope: str, now: Step) -> None:
        made = sum(now.calls.values())
        report(f"{scope}: {now.scopes_done} of {now.scopes} scopes, {made} calls", made, made + now.waiting)

    wanted = sources(workspace, asked.get("provider"), {})
    scopes, failed = [], []
    for one in collect(workspace, wanted, bool(asked.get("resume")), asked.get("only"), step):
        if isinstance(one, Failed):
            failed.append({"provider": one.provider, "cause": one.cause})
        else:
            manifest = one.manifest
            scopes.append({"scope": manifest.scope.key, "snapshot": manifest.id, "new": one.new, "gaps": one.gaps})
    if failed and not scopes:
        raise LeastwiseError(failed[0]["cause"])
    return {"scopes": scopes, "failed": failed}


# --- import


def _check_import(workspace: Workspace, asked: Asked) -> None:
    _texts(asked, "provider")
    _files(workspace, asked)


def _import(workspace: Workspace, asked: Asked, report: Report) -> Mapping[str, Any]:
    from .importing import import_paths

    made = import_paths(workspace, _files(workspace, asked), provider=asked.get("provider"), progress=report)
    return {
        "scopes": [
            {"scope": one.manifest.scope.key, "snapshot": one.manifest.id, "new": one.new, "gaps": one.gaps}
            for one in made
        ]
    }


# --- events


def _check_events(workspace: Workspace, asked: Asked) -> None:
    _texts(asked, "provider", "url", "from", "to")
    chosen = [name for name in ("paths", "url", "lookup") if asked.get(name)]
    if len(chosen) != 1:
        raise UsageError("events: give one of paths, url and lookup")
    if chosen == ["paths"]:
        _files(workspace, asked)
    if "url" in chosen and not _URL.fullmatch(asked["url"]):
        raise UsageError(f"url: {asked['url']!r} is no URL, as s3://bucket/AWSLogs/")
    begin, end = _day(asked, "from"), _day(asked, "to")
    if begin and end and end < begin:
        raise UsageError(f"from {begin} is after to {end}")


def _day(asked: Asked, name: str) -> date | None:
    try:
        return date.fromisoformat(asked[name]) if asked.get(name) else None
    except ValueError:
        raise UsageError(f"{name}: {asked[name]!r} is no day, as 2026-10-31") from None


def _events(workspace: Workspace, asked: Asked, report: Report) -> Mapping[str, Any]:
    from .events import take_in, take_in_any
    from .fetching import Wanted, fetch_in, provider_of, signed_in

    provider = asked.get("provider")
    taking: Taking = lambda taken, done, total: report(f"{taken.events} events", done, total)  # noqa: E731
    notes: Sequence[str] = ()
    if asked.get("paths"):
        files = _files(workspace, asked)
        taken = take_in_any(workspace, files, taking) if not provider else take_in(workspace, files, provider, taking)
    else:
        url = str(asked.get("url") or "")
        whose = provider_of(workspace, url, provider or "") if url else str(provider or "aws")
        wanted = Wanted(url, "", bool(asked.get("lookup")), False, _day(asked, "from"), _day(asked, "to"), (), {})
        found = fetch_in(workspace, signed_in(workspace, wanted, whose), whose, taking)
        taken, notes = found.taken, found.notes
    return {
        "files": {"found": taken.files, "known": taken.known, "skipped": taken.skipped, "failed": taken.failed},
        "events": {"read": taken.events, "new": taken.new, "duplicates": taken.duplicates, "bad": taken.bad},
        "set_aside": [{"file": file, "place": place, "why": why} for file, place, why in taken.set_aside[:1000]],
        "notes": list(notes),
    }


# --- analyse


def _nothing(workspace: Workspace, asked: Asked) -> None:
    """Nothing can be asked of it."""


def _analyse(workspace: Workspace, asked: Asked, report: Report) -> Mapping[str, Any]:
    from .analysing import analyse

    return analyse(workspace, report)


# --- plans


def _check_plans(workspace: Workspace, asked: Asked) -> None:
    names = asked.get("principals", [])
    if not isinstance(names, list) or not all(isinstance(one, str) and one for one in names):
        raise UsageError("principals: must be a list of names or ids")


def _plans(workspace: Workspace, asked: Asked, report: Report) -> Mapping[str, Any]:
    from .each import open_each
    from .estate import open_estate
    from .mending import Mending
    from .planning import Planning
    from .plans import kept
    from .sizing import Wish

    report("opening the estate", 0, 0)
    planning = Planning(workspace, open_each(workspace), None, Wish())
    mending = Mending(planning, open_estate(workspace))
    named = asked.get("principals") or []
    saved: Counter[str] = Counter()
    for number, plan in enumerate(chain.from_iterable(map(planning.each, named)) if named else planning.every(), 1):
        kept(workspace, mending.told(plan))
        saved[plan.kind] += 1
        report(f"{number} plans", number, 0)
    return {"saved": dict(saved)}


KINDS: Mapping[str, Kind] = {
    "collect": Kind(
        Right.COLLECT,
        {
            "provider": "only sources of this provider; left out: all of estate.yaml",
            "only": "only this account, or what the provider means by it",
            "resume": "go on where the last one stopped",
        },
        _check_collect,
        _collect,
    ),
    "import": Kind(
        Right.COLLECT,
        {"paths": "files and folders below inbox/ of the home", "provider": "whose they are; left out: they tell"},
        _check_import,
        _import,
    ),
    "events": Kind(
        Right.COLLECT,
        {
            "paths": "files and folders below inbox/ of the home",
            "url": "where logs lie, as s3://bucket/AWSLogs/",
            "lookup": "ask the event history instead",
            "provider": "whose they are; left out: they tell",
            "from": "first day",
            "to": "last day",
        },
        _check_events,
        _events,
    ),
    "analyse": Kind(Right.ANALYSE, {}, _nothing, _analyse),
    "plans": Kind(Right.PLAN, {"principals": "of whom; left out: of everybody"}, _check_plans, _plans),
}
"""Every kind by name."""
