"""Find where a provider's logs lie and take them in; where none can be read, ask for what else tells of use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.errors import InputError, UsageError
from leastwise.providers.fetching import Place, Wanted
from leastwise.providers.fetching import Survey as Survey

from .asking import scope_tables
from .events import Report
from .fetching import fetch_in, fetcher_of
from .importing import import_collected
from .log_reading import Taken

if TYPE_CHECKING:
    from .wiring import Workspace

_DAYS = 90
_READS = {"resources": ("id", "kind", "account", "details"), "principals": ("id", "account", "native")}


@dataclass(slots=True)
class Auto:
    """What was done: the event files that were taken in, from which places, and what else was asked.

    `asked` counts the principals of whom the vendor told the last attempts.
    """

    taken: Taken = field(default_factory=Taken)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lookup: bool = False
    asked: int = 0


def survey(workspace: Workspace, wanted: Wanted, provider: str) -> tuple[Survey, Wanted]:
    """The places of a provider's logs, and what is wanted with its days: ninety where none were named.

    Raises:
        UsageError: the provider's logs cannot be fetched, or there is nothing to sign in with.
    """
    today = workspace.now().date()
    end = wanted.end or today
    wanted = replace(wanted, begin=wanted.begin or end - timedelta(_DAYS), end=end)
    known = scope_tables(workspace, workspace.store.estate(), provider, _READS)
    return fetcher_of(workspace, provider).survey(wanted, known), wanted


def take_found(
    workspace: Workspace, found: Survey, wanted: Wanted, provider: str, report: Report | None = None,
    said: Callable[[str], None] = lambda _: None,
) -> Auto:  # fmt: skip
    """Take in the logs of every place that can be read; of none: the event history; and without it, last attempts.

    `said` is told what is done next, where that is not what was found.

    Raises:
        InputError: nothing tells anything; one line says why.
        StorageFullError, StoreError: batches that were written count.
    """
    done = Auto(notes=list(found.notes))
    for place in found.places:
        _place(workspace, place, replace(wanted, auto=False, url=place.url), provider, report, done)
    if done.places:
        return done
    words = fetcher_of(workspace, provider).fallbacks
    reason = words.unread if found.places else words.nothing
    said(f"{reason}: {words.history} is asked instead; {words.lacks} are never in it")
    try:
        history = fetch_in(workspace, replace(wanted, auto=False, lookup=True), provider, report)
    except InputError as error:
        if not words.natives:
            raise
        done.notes.append(str(error))
    else:
        done.lookup = True
        done.taken.add(history.taken)
        done.notes += [f"{reason}: this is {words.history}", *history.notes]
        return done
    said(f"the event history cannot be read either: {words.attempts} is asked, which tells attempts by service")
    done.asked = _attempts(workspace, wanted, provider)
    done.notes.append(
        f"no log could be read: {words.attempts} told the last attempts, which are no uses; nothing was counted"
    )
    return done


def _place(
    workspace: Workspace, place: Place, wanted: Wanted, provider: str, report: Report | None, done: Auto
) -> None:
    trails = ", ".join(place.trails)
    if place.cause:
        done.notes.append(f"{trails} is not taken in: {place.url}: {place.cause}")
        return
    if not place.files and place.exact:
        done.notes.append(f"{trails}: nothing lies at {place.url} of these days")
        return
    try:
        fetched = fetch_in(workspace, wanted, provider, report)
    except InputError as error:
        done.notes.append(f"{trails} is not taken in: {error}")
        return
    done.taken.add(fetched.taken)
    done.notes += fetched.notes
    done.places.append(place.url)


def _attempts(workspace: Workspace, wanted: Wanted, provider: str) -> int:
    """Of how many principals of collected accounts the vendor told anything. InputError when of none."""
    estate, fetcher = workspace.store.estate(), fetcher_of(workspace, provider)
    words = fetcher.fallbacks
    principals: dict[str, list[str]] = {}
    for scope in scope_tables(workspace, estate, provider, _READS):
        table = scope.tables.get("principals")
        for row in () if table is None else table.to_pylist():
            if row["native"] in words.natives and row["account"] == scope.id:
                principals.setdefault(scope.id, []).append(row["id"])
    if not principals:
        raise UsageError(f"{words.attempts} is asked about principals that are known: collect the accounts first")
    found = fetcher.attempts(wanted, {id: sorted(arns) for id, arns in principals.items()}, workspace.now())
    count = sum(len(one.documents) for one in found)
    if not count:
        raise InputError(words.attempts, f"{', '.join(principals)}: none of these accounts was entered")
    import_collected(workspace, workspace.provider(provider), found)
    return count
