"""Rows of the table `observability`: what the logs of each account, and of the resources in it, show.

The Activity Log is always on. Logs of a resource are what its diagnostic settings say, from when to when nobody made,
altered or deleted one, or a resource of that type, as far as the subscription's Activity Log is held. A permission held
on a whole subscription needs the logs of all resources of the type, which counts where all are known. Permissions are
told together by what shows them (`naming.families`). The row of the Activity Log stands twice: of the account's own
log, and of the log that is named by the top of its tree, as `logs` of estate.yaml may state it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import pyarrow as pa

from leastwise.model.gap import Kept
from leastwise.providers.azure.log_names import log_of
from leastwise.providers.base import Altered, Told
from leastwise.providers.holding import Span, holding, known_around
from leastwise.providers.logs.observed import EVERYWHERE, Row, table_of

from .kinds import CONTROL, READS, Logged, kinds, unseen
from .settings import State, states

_LATE = timedelta(days=1)


class _Said(NamedTuple):
    """What a state says of the resources of a type in an account: by key in words where its logs go, empty: nowhere."""

    complete: bool
    resources: tuple[tuple[str, str], ...]


def observability(told: Sequence[Told], kept: Sequence[Kept] = (), altered: Sequence[Altered] = ()) -> pa.Table:
    """The rows for the accounts of the trees that some snapshots, oldest first, tell of."""
    rows = [(EVERYWHERE, Row(name, EVERYWHERE, "no", why)) for name, why in sorted(unseen().items())]
    held: dict[str, list[Span]] = {}
    for one in sorted(kept, key=lambda each: each.begin):
        held.setdefault(one.log, []).append((one.begin, one.end))
    done: set[str] = set()
    for some in states(told):
        newest = some[-1]
        for account in newest.accounts:
            if account in done:
                continue
            done.add(account)
            rows += [(account, row) for row in _activity(newest, account)]
            for logged in kinds().resources if newest.accounts[account] == "subscription" else ():
                rows += [(account, row) for row in _resources(some, account, logged, held, altered)]
    return table_of("azure", "monitor", rows)


def _activity(state: State, account: str) -> Iterator[Row]:
    """The Activity Log, and what is in no log that is known."""
    for log in dict.fromkeys((state.activity(account), state.activity(state.top))):
        yield Row(CONTROL, EVERYWHERE, "yes", "the Activity Log", log)
    yield Row(READS, EVERYWHERE, "no", "what is only read is in no log of Azure")
    yield Row(EVERYWHERE, EVERYWHERE, "no", "no page of its service that was read says that its uses are logged")


def _resources(
    some: Sequence[State], account: str, logged: Logged, held: Mapping[str, list[Span]], altered: Sequence[Altered]
) -> Iterator[Row]:
    """The logs of the resources of a type: the newest state first, since its reasons are those that are told."""
    said = [_said(state, account, logged) for state in some]
    times = [state.time for state in some]
    changes = sorted((one.begin, one.end) for one in altered if one.account.lower() == account)
    spans = holding(times, said, changes, *known_around(times, [held.get(some[-1].activity(account), [])], _LATE))
    for state, one, span in reversed(list(zip(some, said, spans, strict=True))):
        yield from _rows(state, account, logged, one, span)


def _rows(state: State, account: str, logged: Logged, said: _Said, span: Span) -> Iterator[Row]:
    """What a state says for as long as it holds."""
    logs: dict[str, str] = {}
    noun = logged.type.rpartition("/")[2]
    lacking = "" if said.complete else f"whether these are all {noun} of {account} was not told"
    for key, places in said.resources:
        if not places:
            why = f"no diagnostic setting that was read keeps {' and '.join(logged.categories)} of {key}"
            lacking = lacking or why
            yield from (Row(logged.family, one, "no", why) for one in (key, f"{key}/*"))
            continue
        logs[key] = " ".join(log_of(category, key) for category in logged.categories)
        for id in dict.fromkeys((key, state.resources[account, logged.kind][key])):
            for pattern in (id, f"{id}/*"):
                yield Row(logged.family, pattern, "yes", f"{'+'.join(logged.categories)} to {places}", logs[key], *span)
    if lacking:
        yield Row(logged.family, EVERYWHERE, "no", lacking)
        return
    reason = f"{'+'.join(logged.categories)} of all {noun}"
    yield Row(logged.family, EVERYWHERE, "yes", reason, " ".join([state.activity(account), *logs.values()]), *span)


def _said(state: State, account: str, logged: Logged) -> _Said:
    resources = state.resources.get((account, logged.kind), {})
    found = []
    for key in sorted(resources):
        places = [place for one in state.taken(logged, key) for place in one.destinations]
        found.append((key, ", ".join(sorted(dict.fromkeys(places)))))
    return _Said(state.complete(logged, account), tuple(found))
