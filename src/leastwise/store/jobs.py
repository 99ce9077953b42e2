"""Jobs in the state database: long work, one at a time, whichever server of this database does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Connection, Engine, func, select, update

from leastwise.errors import IntegrityError, NotFoundError, UsageError

from .audit import Audit, Entry
from .clock import from_text, to_text
from .database import begin_exclusive, reading, transaction
from .files import canonical
from .schema import JOBS

_TOLD = 1000
"""Characters that are kept of what a job says of itself."""


class JobState(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED})
"""States that nothing follows."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Args:
        sequence: its number; later jobs have higher ones.
        id: what it is named by.
        kind: what it does.
        asked: with which settings.
        by: who wanted it.
        state: how it stands.
        told: what it is at.
        done, total: how far; `total` is 0 where that is not known.
        result: what came of it.
        error: why it failed, or what interrupted it.
        unwanted: somebody wants it to end.
        runner: the server that runs it; `lease` until when it says so.
    """

    sequence: int
    id: str
    kind: str
    asked: Mapping[str, Any]
    by: str
    state: JobState
    created: datetime
    started: datetime | None = None
    ended: datetime | None = None
    told: str = ""
    done: int = 0
    total: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    unwanted: bool = False
    runner: str = ""
    lease: datetime | None = None


class Jobs:
    """The jobs of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._audit = Audit(engine)

    def add(self, id: str, kind: str, asked: Mapping[str, Any], by: str, now: datetime, entry: Entry, most: int) -> Job:
        """A new job behind all others, on record. UsageError when `most` wait already."""
        with self._audit.recording(entry) as connection:
            _alone(connection)
            waiting = connection.scalar(select(func.count()).where(JOBS.c.state == JobState.QUEUED)) or 0
            if waiting >= most:
                raise UsageError(f"{waiting} jobs wait already; cancel one, or wait")
            sequence = (connection.scalar(select(func.max(JOBS.c.sequence))) or 0) + 1
            job = Job(sequence, id, kind, asked, by, JobState.QUEUED, now)
            connection.execute(JOBS.insert().values(_row(job)))
        return job

    def get(self, id: str) -> Job:
        """A job. NotFoundError."""
        with reading(self._engine) as connection:
            return _found(connection, id)

    def page(self, before: int | None, limit: int, states: Sequence[str] = (), kind: str | None = None) -> list[Job]:
        """Jobs below a number, newest first."""
        query = select(JOBS).order_by(JOBS.c.sequence.desc()).limit(limit)
        if before is not None:
            query = query.where(JOBS.c.sequence < before)
        if states:
            query = query.where(JOBS.c.state.in_(list(states)))
        if kind is not None:
            query = query.where(JOBS.c.kind == kind)
        with reading(self._engine) as connection:
            return [_job(dict(row)) for row in connection.execute(query).mappings()]

    def begin(self, runner: str, now: datetime, lease: datetime) -> Job | None:
        """The next job that waits, which is this runner's from now on; None while another runs, or none waits.

        What a runner let go without a word is interrupted.
        """
        with transaction(self._engine) as connection:
            begin_exclusive(connection, JOBS)
            _interrupt(connection, now)
            if connection.scalar(select(JOBS.c.id).where(JOBS.c.state == JobState.RUNNING).limit(1)) is not None:
                return None
            waiting = select(JOBS).where(JOBS.c.state == JobState.QUEUED).order_by(JOBS.c.sequence).limit(1)
            row = connection.execute(waiting).mappings().first()
            if row is None:
                return None
            begun = {
                "state": JobState.RUNNING, "started": to_text(now), "runner": runner, "lease": to_text(lease),
            }  # fmt: skip
            connection.execute(update(JOBS).where(JOBS.c.id == row["id"]).values(begun))
            return _job({**row, **begun})

    def renew(
        self, job: Job, lease: datetime, told: str, done: int, total: int
    ) -> Literal["wanted", "unwanted", "lost"]:
        """Says that its runner is at it, and how far; whether it is wanted still, and still this runner's."""
        mine = (JOBS.c.id == job.id) & (JOBS.c.runner == job.runner) & (JOBS.c.state == JobState.RUNNING)
        values = {"lease": to_text(lease), "told": _fitting(told), "done": done, "total": total}
        with transaction(self._engine) as connection:
            if not connection.execute(update(JOBS).where(mine).values(values)).rowcount:
                return "lost"
            unwanted = connection.scalar(select(JOBS.c.unwanted).where(JOBS.c.id == job.id))
        return "unwanted" if unwanted else "wanted"

    def end(
        self, job: Job, state: JobState, now: datetime, result: Mapping[str, Any], error: str, entry: Entry
    ) -> None:
        """What became of it, on record; nothing where it is another's by now."""
        mine = (JOBS.c.id == job.id) & (JOBS.c.runner == job.runner) & (JOBS.c.state == JobState.RUNNING)
        values = {
            "state": state, "ended": to_text(now), "result": canonical(dict(result)), "error": _fitting(error),
            "lease": None,
        }  # fmt: skip
        with suppress(_LostError), self._audit.recording(entry) as connection:
            if not connection.execute(update(JOBS).where(mine).values(values)).rowcount:
                raise _LostError

    def cancel(self, id: str, now: datetime, entry: Entry) -> Job:
        """Ends a job that waits; one that runs is told to end. NotFoundError; UsageError when it is over."""
        with self._audit.recording(entry) as connection:
            _alone(connection)
            job = _found(connection, id)
            if job.state in OVER:
                raise UsageError(f"job {id}: is {job.state} already")
            over = {"state": JobState.CANCELLED, "ended": to_text(now)} if job.state == JobState.QUEUED else {}
            connection.execute(update(JOBS).where(JOBS.c.id == id).values({"unwanted": 1, **over}))
            return _found(connection, id)

    def interrupt(self, now: datetime) -> None:
        """Marks what a runner let go without a word."""
        with transaction(self._engine) as connection:
            _interrupt(connection, now)


class _LostError(Exception):
    """A job is not its runner's any more: what it would have written is undone, the row of the record too."""


def _fitting(text: str) -> str:
    """Text that every database takes."""
    return text.replace("\0", " ")[:_TOLD]


def _alone(connection: Connection) -> None:
    """Lets no other write jobs until the end of a transaction that began elsewhere."""
    if connection.dialect.name != "sqlite":
        begin_exclusive(connection, JOBS)


def _interrupt(connection: Connection, now: datetime) -> None:
    lost = (JOBS.c.state == JobState.RUNNING) & (JOBS.c.lease < to_text(now))
    values = {
        "state": JobState.INTERRUPTED, "ended": to_text(now), "lease": None,
        "error": "the server that ran it stopped without a word",
    }  # fmt: skip
    connection.execute(update(JOBS).where(lost).values(values))


def _found(connection: Connection, id: str) -> Job:
    row = connection.execute(select(JOBS).where(JOBS.c.id == id)).mappings().first()
    if row is None:
        raise NotFoundError(f"job {id}: not found")
    return _job(dict(row))


def _row(job: Job) -> dict[str, Any]:
    times = {
        name: None if (time := getattr(job, name)) is None else to_text(time)
        for name in ("created", "started", "ended", "lease")
    }
    return {
        "sequence": job.sequence, "id": job.id, "kind": job.kind, "asked": canonical(dict(job.asked)), "by": job.by,
        "state": job.state, "told": job.told, "done": job.done, "total": job.total,
        "result": canonical(dict(job.result)), "error": job.error, "unwanted": int(job.unwanted),
        "runner": job.runner, **times,
    }  # fmt: skip


def _job(row: Mapping[str, Any]) -> Job:
    times = {name: None if row[name] is None else from_text(row[name]) for name in ("started", "ended", "lease")}
    try:
        asked, result = json.loads(row["asked"]), json.loads(row["result"])
    except ValueError:
        raise IntegrityError(f"state database: job {row['id']}: cannot be read") from None
    return Job(
        row["sequence"], row["id"], row["kind"], asked, row["by"], JobState(row["state"]), from_text(row["created"]),
        told=row["told"], done=row["done"], total=row["total"], result=result, error=row["error"],
        unwanted=bool(row["unwanted"]), runner=row["runner"], **times,
    )  # fmt: skip
