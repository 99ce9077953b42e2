"""Jobs: long work that somebody asks a server for, what kinds there are, and how one stands."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from leastwise.errors import UsageError
from leastwise.store.jobs import OVER, Job, Jobs, JobState

from .duties import Right
from .job_kinds import KINDS, Kind
from .record import By, entry
from .wiring import Workspace

MOST = 100
"""Jobs that may wait."""


def right_of(kind: str) -> Right:
    """What whoever wants such a job must have. UsageError for a kind that is none."""
    return _kind(kind).right


def submit(workspace: Workspace, by: By, kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A job for whichever server comes to it. UsageError for a kind or setting that is none, or too many that wait."""
    found = _kind(kind)
    if unknown := sorted(set(asked) - set(found.settings)):
        known = ", ".join(found.settings) or "none"
        raise UsageError(f"{kind}: unknown setting {unknown[0]!r}; it has {known}")
    found.check(workspace, asked)
    record = entry(workspace, by, "job.add", kind, detail={"asked": dict(asked)})
    job = Jobs(workspace.engine).add(secrets.token_hex(8), kind, asked, by.name, workspace.now(), record, MOST)
    return told(job)


def rows(
    workspace: Workspace, before: int | None, limit: int, states: Sequence[str] = (), kind: str | None = None
) -> list[dict[str, Any]]:
    """Jobs below a number, newest first. UsageError for a state that is none."""
    if unknown := [one for one in states if one not in set(JobState)]:
        raise UsageError(f"state: {unknown[0]!r} is none of {', '.join(JobState)}")
    jobs = Jobs(workspace.engine)
    jobs.interrupt(workspace.now())
    return [told(one) for one in jobs.page(before, limit, states, kind)]


def show(workspace: Workspace, id: str) -> dict[str, Any]:
    """One job. NotFoundError."""
    return told(Jobs(workspace.engine).get(id))


def cancel(workspace: Workspace, by: By, id: str) -> dict[str, Any]:
    """Ends a job. NotFoundError; UsageError when it is over."""
    return told(Jobs(workspace.engine).cancel(id, workspace.now(), entry(workspace, by, "job.cancel", id)))


def is_over(row: Mapping[str, Any]) -> bool:
    """Whether nothing follows how a job stands."""
    return row["state"] in OVER


def told(job: Job) -> dict[str, Any]:
    """A job as values."""
    times = {
        name: None if (time := getattr(job, name)) is None else time.isoformat()
        for name in ("created", "started", "ended")
    }
    return {
        "id": job.id, "number": job.sequence, "kind": job.kind, "asked": dict(job.asked), "by": job.by,
        "state": str(job.state), **times,
        "progress": {"told": job.told, "done": job.done, "total": job.total or None},
        "result": dict(job.result) if job.state == JobState.DONE else None, "error": job.error or None,
        "ending": job.unwanted and job.state == JobState.RUNNING,
    }  # fmt: skip


Running = Job
"""A job as whoever runs it has it."""


def begin(workspace: Workspace, runner: str, lease: datetime) -> Running | None:
    """The next job, for this runner; None while another runs or none waits. Raises StoreError."""
    return Jobs(workspace.engine).begin(runner, workspace.now(), lease)


def still(
    workspace: Workspace, job: Running, lease: datetime, text: str, done: int, total: int
) -> Literal["wanted", "unwanted", "lost"]:
    """Says how far a job is; whether it is still wanted, and still this runner's. Raises StoreError."""
    return Jobs(workspace.engine).renew(job, lease, text, done, total)


def finish(workspace: Workspace, job: Running, state: str, result: Mapping[str, Any], error: str) -> None:
    """What became of a job, on record. Raises StoreError."""
    by = By(job.by, "job")
    outcome = "done" if state == JobState.DONE else "failed"
    record = entry(workspace, by, f"job.{state}", job.id, outcome, {"kind": job.kind, "error": error})
    Jobs(workspace.engine).end(job, JobState(state), workspace.now(), result, error, record)


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise UsageError(f"kind: {name!r} is none of {', '.join(KINDS)}")
    return KINDS[name]
