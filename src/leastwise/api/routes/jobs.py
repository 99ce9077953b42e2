"""Jobs: collecting, importing, taking in logs, analysing, planning, with their progress."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from leastwise.app import jobs
from leastwise.app.cursors import cursor_of, fingerprint, start_of
from leastwise.app.duties import Caller, Right
from leastwise.app.wiring import Workspace
from leastwise.errors import LeastwiseError, RefusedError, ThrottledError

from ..given import GivenServer, GivenWorkspace
from ..problems import told_of
from ..routing import subject
from ..security.rights import by, needs

router = subject("jobs")
_LOOK, _BEAT = 0.5, 15.0
"""Seconds between two looks at a job, and at most between two words to whoever watches."""
_HIGHEST = 2**62
_WATCHERS = 200
"""Who may watch at once, in all."""
_watching = 0
_EXAMPLE: Any = {
    "id": "0f4b7d1c2a3e5f60", "number": 3, "kind": "analyse", "asked": {}, "by": "ann", "state": "running",
    "created": "2026-11-01T08:00:00+00:00", "started": "2026-11-01T08:00:01+00:00", "ended": None,
    "progress": {"told": "findings", "done": 2, "total": 5}, "result": None, "error": None, "ending": False,
}  # fmt: skip
See = Annotated[Caller, needs(Right.SEE)]
Wants = Annotated[Caller, needs(Right.ANALYSE)]


class Progress(BaseModel):
    """How far a job is."""

    told: str = Field(description="What it is at.")
    done: int
    total: int | None = Field(description="Null where it is not known of how much.")


class JobRow(BaseModel):
    """A job."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    number: int = Field(description="Later jobs have higher ones.")
    kind: str
    asked: dict[str, Any] | None = Field(description="With which settings; null for who does not see everything.")
    by: str
    state: str = Field(description="queued, running, done, failed, cancelled or interrupted.")
    created: str
    started: str | None
    ended: str | None
    progress: Progress
    result: dict[str, Any] | None = Field(description="What came of it; null for who does not see everything.")
    error: str | None
    ending: bool = Field(description="It is told to end, and has not yet.")


class JobList(BaseModel):
    """Jobs, newest first."""

    items: list[JobRow]
    next: str | None


class NewJob(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kind": "analyse", "asked": {}}]})

    kind: str = Field(max_length=60, description="collect, import, events, analyse or plans.")
    asked: dict[str, Any] = Field(default_factory=dict, description="Its settings; see the reference.")


@router.get("/jobs")
def every(
    workspace: GivenWorkspace,
    caller: See,
    state: Annotated[list[str] | None, Query(description="Only those that stand so.")] = None,
    kind: Annotated[str | None, Query(description="Only of that kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> JobList:
    """Jobs, newest first."""
    about = fingerprint(["jobs", *sorted(state or ()), kind])
    before = min(start_of(cursor, about), _HIGHEST) or None
    rows = jobs.rows(workspace, before, limit + 1, state or (), kind)
    following = cursor_of(about, rows[limit - 1]["number"]) if len(rows) > limit else None
    return JobList.model_validate({"items": [_seen(one, caller) for one in rows[:limit]], "next": following})


@router.post("/jobs", status_code=202)
def add(body: NewJob, request: Request, workspace: GivenWorkspace, caller: Wants, server: GivenServer) -> JobRow:
    """Asks for a job; it begins when those before it have ended."""
    _check(caller, body.kind)
    made = jobs.submit(workspace, by(request, caller), body.kind, body.asked)
    if server.runner is not None:
        server.runner.wake()
    return JobRow.model_validate(made)


@router.get("/jobs/{job:id}")
def one(job: str, workspace: GivenWorkspace, caller: See) -> JobRow:
    """One job."""
    return JobRow.model_validate(_seen(jobs.show(workspace, job), caller))


@router.delete("/jobs/{job:id}")
def cancel(job: str, request: Request, workspace: GivenWorkspace, caller: Wants) -> JobRow:
    """Ends a job: one that runs is stopped as by Ctrl-C, and nothing is left half-written."""
    _check(caller, jobs.show(workspace, job)["kind"])
    return JobRow.model_validate(jobs.cancel(workspace, by(request, caller), job))


@router.get(
    "/jobs/{job:id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def events(job: str, request: Request, workspace: GivenWorkspace, caller: See) -> StreamingResponse:
    """A job as it goes on (server-sent events): `job` whenever something changed, the last when it is over."""
    first = await run_in_threadpool(jobs.show, workspace, job)
    if _watching >= _WATCHERS:
        raise ThrottledError(f"{_WATCHERS} watch jobs already; ask the job itself", 10)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(workspace, first, caller), media_type="text/event-stream", headers=headers)


async def _told(workspace: Workspace, row: dict[str, Any], caller: Caller) -> AsyncIterator[bytes]:
    """The events of a job, until it is over or whoever watches is gone."""
    global _watching
    _watching += 1
    last, said = None, time.monotonic()
    try:
        while True:
            now = _seen(row, caller)
            if now != last:
                last, said = now, time.monotonic()
                yield b"event: job\ndata: " + json.dumps(now).encode() + b"\n\n"
            elif time.monotonic() - said > _BEAT:
                said = time.monotonic()
                yield b": still there\n\n"
            if jobs.is_over(row):
                return
            await asyncio.sleep(_LOOK)
            try:
                row = await run_in_threadpool(jobs.show, workspace, row["id"])
            except LeastwiseError as error:
                yield b"event: problem\ndata: " + json.dumps({"detail": told_of(error)}).encode() + b"\n\n"
                return
    finally:
        _watching -= 1


def _seen(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A job as somebody sees it: its settings and result name accounts."""
    return row if caller.sight.everything else {**row, "asked": None, "result": None, "error": None, "progress": {
        **row["progress"], "told": ""}}  # fmt: skip


def _check(caller: Caller, kind: str) -> None:
    """That somebody may have such a job done: it is about the whole estate. Raises RefusedError, UsageError."""
    right = jobs.right_of(kind)
    sight = caller.sight_for(right)
    if sight is None or not sight.everything:
        raise RefusedError(f"a job {kind} needs the right {right} over everything, which {caller.name} does not have")
