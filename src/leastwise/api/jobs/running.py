"""The thread of a server that does jobs, one at a time, each in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Any

from leastwise.app.jobs import Running, begin, finish, still
from leastwise.app.wiring import Workspace
from leastwise.errors import LeastwiseError

_log = logging.getLogger("leastwise.jobs")
_IDLE = 1.0
"""Seconds between two looks for a job."""
_BEAT = 1.0
"""Seconds between two words of how far one is."""
LEASE = timedelta(seconds=60)
"""For how long a runner is believed to be at it after its last word."""
_GRACE = 20.0
"""Seconds that a job has to end by itself, as after Ctrl-C."""


@dataclass
class _Process:
    """The process of a job, and what it said last."""

    popen: subprocess.Popen[bytes]
    lines: queue.SimpleQueue[dict[str, Any] | None] = field(default_factory=queue.SimpleQueue)
    told: str = ""
    done: int = 0
    total: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    over: bool = False


class Runner(threading.Thread):
    """Takes jobs of a workspace until it is told to stop.

    Args:
        workspace: whose.
        lease: for how long it is believed to be at a job after its last word.
    """

    def __init__(self, workspace: Workspace, lease: timedelta = LEASE) -> None:
        super().__init__(name="jobs", daemon=True)
        self._workspace, self._lease = workspace, lease
        self._ending = threading.Event()
        self._woken = threading.Event()
        self.id = f"{os.getpid()}-{os.urandom(6).hex()}"

    def wake(self) -> None:
        """Looks for a job at once."""
        self._woken.set()

    def end(self) -> None:
        """Stops what runs, which is marked as interrupted, and waits for that."""
        self._ending.set()
        self._woken.set()
        self.join(_GRACE + 10)

    def run(self) -> None:
        """One job after the other; a database that is gone is asked again."""
        while not self._ending.is_set():
            try:
                job = begin(self._workspace, self.id, self._until())
            except LeastwiseError as error:
                _log.warning("jobs: %s", error)
                job = None
            if job is None:
                self._woken.wait(_IDLE)
                self._woken.clear()
                continue
            self._do(job)

    def _until(self) -> datetime:
        return self._workspace.now() + self._lease

    def _do(self, job: Running) -> None:
        try:
            with self._begun(job) as process:
                unwanted, lost = self._attended(job, process)
                _stopped(process.popen, _GRACE if process.over else 0.0)
        except OSError as fault:
            self._finished(job, "failed", {}, f"its process could not be begun: {fault.strerror or fault}")
            return
        if lost:
            return
        state, error = _outcome(process, unwanted=unwanted, stopping=self._ending.is_set())
        self._finished(job, state, process.last.get("result") or {}, error)

    @contextmanager
    def _begun(self, job: Running) -> Iterator[_Process]:
        popen = subprocess.Popen(
            [sys.executable, "-m", "leastwise.api.jobs.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert popen.stdin is not None and popen.stdout is not None
        process = _Process(popen)
        reader = threading.Thread(target=_read, args=(popen.stdout, process.lines), daemon=True)
        try:
            reader.start()
            told = {
                "home": str(self._workspace.home.path), "database": self._workspace.database_option, "kind": job.kind,
                "asked": job.asked,
            }  # fmt: skip
            # One that has ended already does not listen; its code says more than that.
            with suppress(BrokenPipeError):
                popen.stdin.write(json.dumps(told).encode() + b"\n")
                popen.stdin.flush()
            yield process
            reader.join(5)
            _heard(process)
        finally:
            _stopped(popen)
            with suppress(BrokenPipeError):
                popen.stdin.close()
            popen.stdout.close()

    def _attended(self, job: Running, process: _Process) -> tuple[bool, bool]:
        """Waits for a process, telling how far it is; whether it became unwanted, and whether it is another's now."""
        while not process.over and not self._ending.is_set():
            _heard(process, _BEAT)
            try:
                found = still(self._workspace, job, self._until(), process.told, process.done, process.total)
            except LeastwiseError as error:
                # The lease goes on running out; the database may be back before it has.
                _log.warning("job %s: %s", job.id, error)
                continue
            if found != "wanted":
                return found == "unwanted", found == "lost"
        return False, False

    def _finished(self, job: Running, state: str, result: dict[str, Any], error: str) -> None:
        """Writes what became of a job, as often as the lease lasts while the database is gone."""
        until = time.monotonic() + self._lease.total_seconds()
        while True:
            try:
                finish(self._workspace, job, state, result, error)
                return
            except LeastwiseError as fault:
                _log.warning("job %s: %s", job.id, fault)
                if time.monotonic() > until:
                    return
                time.sleep(_IDLE)


def _read(stream: IO[bytes], lines: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    """Hands on each line that is ours; None at the end."""
    for line in stream:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            lines.put(found)
    lines.put(None)


def _heard(process: _Process, seconds: float = 0.0) -> None:
    """Takes what the process said, waiting at most so long for the first."""
    until = time.monotonic() + seconds
    while not process.over:
        left = until - time.monotonic()
        try:
            one = process.lines.get(timeout=left) if left > 0 else process.lines.get_nowait()
        except queue.Empty:
            return
        if one is None:
            process.over = True
        elif "told" in one:
            process.told, process.done, process.total = one["told"], one["done"], one["total"]
        else:
            process.last = one


def _stopped(popen: subprocess.Popen[bytes], patience: float = 0.0) -> None:
    """Ends a process and those that it began: by itself, then as Ctrl-C does, and at last without asking."""
    steps: list[tuple[int | None, float]] = [(None, patience), (signal.SIGINT, _GRACE), (signal.SIGKILL, 5.0)]
    for number, seconds in steps:
        if number is not None:
            with suppress(ProcessLookupError):
                os.killpg(popen.pid, number)
        with suppress(subprocess.TimeoutExpired):
            popen.wait(seconds)
            return


def _outcome(process: _Process, *, unwanted: bool, stopping: bool) -> tuple[str, str]:
    if "result" in process.last:
        return "done", ""
    if unwanted:
        return "cancelled", ""
    if "error" in process.last:
        return "failed", str(process.last["error"])
    if stopping:
        return "interrupted", "the server was stopped"
    return "failed", f"its process ended with code {process.popen.returncode} without a word"
