"""One round of collecting, as far as it is the same for every provider: what to begin, what is told, what to repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from leastwise.model.scope import Collected, Coverage, CoverageStatus, Scope
from leastwise.providers.base import CollectRun, Step, journal_name

from .declaration import Call, Service
from .journal import Header, Journal
from .run import Finished, Run, Tally, Target


def target_of(
    scope: Scope, services: Sequence[Service], plan: str, run: CollectRun, around: Mapping[str, str],
    part: Callable[[Call, Mapping[str, Any]], str],
) -> Target | None:  # fmt: skip
    """A scope that has no regions, to collect; None when it was finished by the run that is gone on with.

    Args:
        scope: what is collected.
        services: what is asked of it.
        plan: the hash of the plan; a journal of another one is not gone on with.
        run: the run.
        around: words that templates can name.
        part: what within the scope a call is about.
    """
    journal = Journal(run.folder / journal_name(scope))
    header = Header((scope.provider, scope.kind, scope.id), run.now().isoformat(), plan)
    if not run.resume:
        journal.remove()
    elif (begun := journal.begun(header)) and begun.finished:
        return None
    return Target(
        scope=scope, credentials=None, services=services, regions=("",), home_region="", header=header,
        journal=journal, resume=run.resume, around=around, part=part,
    )  # fmt: skip


def handed_out(
    runner: Run, targets: Sequence[Target], scopes: Iterable[Scope], run: CollectRun,
    told: Callable[[Finished], Collected], given: Callable[[Finished, Collected], Collected],
) -> Iterator[Collected]:  # fmt: skip
    """Every scope as soon as it is collected; its journal stays for as long as another try may complete the run.

    Args:
        runner: makes the calls.
        targets: what is asked.
        scopes: of the whole run, with those that an earlier one finished: at the end nothing is left to go on with.
        run: the run.
        told: what was collected of a scope, before it is known whether it is whole.
        given: what to hand out of it.
    """
    unfinished = False
    for finished in runner.collect(targets, lambda tally: run.progress(step_of(tally))):
        collected = told(finished)
        if finished.interrupted:
            collected = run.interrupted(collected, finished.interrupted)
        unfinished |= bool(finished.interrupted) or again(collected.coverage)
        whole = all(one.status is CoverageStatus.OK for one in collected.coverage)
        yield given(finished, collected)
        if whole:
            finished.target.journal.finish()
        else:
            finished.target.journal.close()
    for scope in scopes if not unfinished else ():
        Journal(run.folder / journal_name(scope)).remove()


def again(coverage: Iterable[Coverage]) -> bool:
    """Whether another try may answer what was not."""
    return any(one.status in (CoverageStatus.FAILED, CoverageStatus.THROTTLED) for one in coverage)


def step_of(tally: Tally) -> Step:
    """How far a run is, as its caller is told."""
    return Step(
        scopes=tally.scopes, scopes_done=tally.scopes_done, waiting=tally.waiting, resumed=tally.resumed,
        retries=tally.retries, calls={str(status): count for status, count in tally.calls.items()},
    )  # fmt: skip
