"""Runs the declared calls against many accounts at once and hands out each scope when it is finished."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from leastwise.model.scope import Collected, Coverage, CoverageStatus, Scope

from .declaration import Call, Service
from .expand import Wanted, below, instead, opening
from .failure import Answer, CallFailed
from .gather import gather
from .journal import Header, Journal, Record, key
from .lanes import Job, Queue, pause
from .prune import Hash, prune

_TRIES, _THROTTLES = 5, 20
_PATIENCE = 2.0
_SWITCH = 0.0005
_UNTIL_SECONDS, _UNTIL_LONGEST, _UNTIL_TRIES = 1.0, 8.0, 60

Ask = Callable[[Any, Any, str, Mapping[str, Any], Any], Answer]
"""Makes a call of a service in a region, with these parameters and credentials. Raises CallFailed."""


@dataclass(slots=True)
class Target:
    """A scope to collect: the calls to make in it and where, and whose credentials to sign them with.

    Its journal is opened when its turn comes; `resume` goes on with what that holds. `around` are the words that
    templates can name besides the region. `part(call, parameters)` names the account within the scope that a call is
    about, so that coverage tells its gaps apart; empty: the scope itself.
    """

    scope: Scope
    credentials: Any
    services: Sequence[Service]
    regions: Sequence[str]
    home_region: str
    header: Header
    journal: Journal
    resume: bool = False
    offered: Callable[[str, str], bool] = lambda service, region: True
    around: Mapping[str, str] = field(default_factory=dict)
    part: Callable[[Call, Mapping[str, Any]], str] = lambda call, parameters: ""
    kept: dict[str, Record] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    pending: int = 0
    broken: str = ""
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Finished:
    """A scope whose calls are done. `interrupted` says why it could not be finished; empty when it was."""

    target: Target
    collected: Collected
    interrupted: str


@dataclass(slots=True)
class Tally:
    """How far a run is; counts of calls by status."""

    scopes: int = 0
    scopes_done: int = 0
    waiting: int = 0
    calls: Counter[CoverageStatus] = field(default_factory=Counter)
    resumed: int = 0
    retries: int = 0


class Run:
    """One collection. `in_flight` calls are made at once, in at most `window` scopes.

    `probe(target)` makes a call that the vendor always answers; it raises CallFailed. `sections(kind)` is the coverage
    of the parts of a document of that kind.
    """

    def __init__(
        self, ask: Ask, hashed: Hash, in_flight: int, window: int, probe: Callable[[Target], object],
        sections: Callable[[str], Iterable[Coverage]] = lambda kind: (),
    ) -> None:  # fmt: skip
        self.tally = Tally()
        self._ask, self._hashed, self._probe, self._sections = ask, hashed, probe, sections
        self._in_flight, self._window = in_flight, window
        self._queue = Queue()
        self._finished: queue.SimpleQueue[Target | BaseException] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._dead: dict[tuple[str, str], str] = {}
        self._spent: dict[tuple[str, str], str] = {}
        self._silent = False
        self._broken = ""

    def collect(self, targets: Sequence[Target], tick: Callable[[Tally], None] | None = None) -> Iterator[Finished]:
        """Every target, each as soon as it is done. `tick` is called now and then with the tally.

        Closing the iterator, or an exception, stops the run without waiting for calls that hang; journals then stay.
        """
        waiting = list(targets)
        self.tally.scopes = len(waiting)
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._in_flight)]
        # Storing one scope must not keep the calls of the others waiting for their turn.
        interval = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH)
        for thread in threads:
            thread.start()
        open_targets = 0
        try:
            while waiting or open_targets:
                while waiting and open_targets < self._window:
                    self._start(waiting.pop(0))
                    open_targets += 1
                try:
                    done = self._finished.get(timeout=0.2)
                except queue.Empty:
                    done = None
                if tick:
                    tick(self.tally)
                if isinstance(done, BaseException):
                    raise done
                if done is not None:
                    open_targets -= 1
                    self.tally.scopes_done += 1
                    yield self._hand_out(done)
        finally:
            sys.setswitchinterval(interval)
            self._queue.close()
            end = time.monotonic() + _PATIENCE
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))

    def _start(self, target: Target) -> None:
        target.header, target.kept = target.journal.open(target.header, target.resume)
        jobs = [
            Job(target, service, call, region, given, given)
            for service in target.services
            for call in service.opening
            for region in self._regions(target, service, call)
            for given in (opening(call, _around(target, region)),)
        ]
        target.pending = 1
        for job in jobs:
            self._add(job)
        self._release(target)

    def _regions(self, target: Target, service: Service, call: Call) -> Sequence[str]:
        if (call.regions or service.regions) == "one":
            return (target.home_region,)
        return [region for region in target.regions if target.offered(service.service, region)]

    def _add(self, job: Job, after: float = 0.0) -> None:
        """Queues a job of a target, unless the same was asked before."""
        with job.target.lock:
            name = key(_record(job, CoverageStatus.OK))
            if name in job.target.asked:
                return
            job.target.asked.add(name)
            job.target.pending += 1
        with self._lock:
            self.tally.waiting += 1
        self._queue.put(job, after)

    def _release(self, target: Target) -> None:
        with target.lock:
            target.pending -= 1
            last = target.pending == 0
        if last:
            self._finished.put(target)

    def _work(self) -> None:
        while (job := self._queue.take()) is not None:
            try:
                self._do(job)
            except BaseException as error:  # noqa: BLE001 - the outermost frame of this thread; raised again by collect
                self._finished.put(error)
                return

    def _do(self, job: Job) -> None:
        target: Target = job.target
        kept = target.kept.pop(key(_record(job, CoverageStatus.OK)), None)
        if kept is not None and not (job.call.passing and self._unanswered(job, kept)):
            with self._lock:
                self.tally.resumed += 1
            return self._settle(job, kept, again=True)
        stopped = self._broken or target.broken or self._dead.get((job.service.service, job.region), "")
        if stopped:
            if self._broken or target.broken:
                return self._skip(job)
            return self._settle(job, _record(job, CoverageStatus.FAILED, stopped))
        if spent := self._spent.get(job.lane, ""):
            return self._settle(job, _record(job, CoverageStatus.THROTTLED, spent))
        if (due := self._queue.start(job)) > 0:
            return self._later(job, due)
        try:
            answer = self._ask(job.service, job.call, job.region, {**job.parameters, **job.more}, target.credentials)
        except CallFailed as error:
            return self._failed(job, error)
        with self._lock:
            self._silent = False
        self._answered(job, answer)

    def _unanswered(self, job: Job, kept: Record) -> bool:
        """Whether anything that follows from an answer of an earlier session is still to be asked for.

        Parts of it that were answered are forgotten: another session cannot go on with them.
        """
        found = False
        for one in self._below(job, kept):
            pages = []
            while (record := job.target.kept.get(name := key(_record(one, CoverageStatus.OK)))) is not None:
                pages.append(name)
                if record.more is None:
                    break
                one = replace(one, page=one.page + 1)
            if record is None:
                found = True
                for name in pages:
                    del job.target.kept[name]
        return found

    def _answered(self, job: Job, answer: Answer) -> None:
        for member, wanted in job.call.fails.items():
            if answer.members.get(member) == wanted:
                return self._settle(job, _record(job, CoverageStatus.FAILED, f"{member} is {wanted}"))
        for member, wanted in job.call.until.items():
            if answer.members.get(member) != wanted:
                if job.tries >= _UNTIL_TRIES:
                    return self._settle(job, _record(job, CoverageStatus.FAILED, f"{member} never became {wanted}"))
                job.tries += 1
                return self._again(job, min(_UNTIL_LONGEST, _UNTIL_SECONDS * job.tries))
        try:
            body = self._body(job, answer)
        except TypeError as error:
            # A kind of value that no JSON has: what this call would have told is not known, the rest is.
            return self._settle(job, _record(job, CoverageStatus.FAILED, f"its answer cannot be kept: {error}"))
        self._settle(job, _record(job, CoverageStatus.OK, answer.lacks, body=body, more=answer.more))

    def _body(self, job: Job, answer: Answer) -> bytes:
        """What is kept of an answer; bytes in it become Base64, dates ISO 8601. Raises TypeError for another kind."""
        if job.call.body:
            return bytes(answer.members.get(job.call.body) or b"")
        return msgspec.json.encode(prune(answer.members, job.call.keep, self._hashed))

    def _failed(self, job: Job, error: CallFailed) -> None:
        status = error.status
        if error.code in job.call.absent:
            return self._settle(job, _record(job, CoverageStatus.OK, error=error.code, body=b"{}"))
        if why := error.ending:
            job.target.broken = why
            # What waits for its time would only be skipped then.
            self._queue.hurry()
            return self._skip(job)
        if error.lost and job.page and not job.anew:
            return self._from_start(job)
        throttled = status is CoverageStatus.THROTTLED
        if throttled and error.spent:
            with self._lock:
                self._spent[job.lane] = str(error)
            self._queue.hurry()
        elif throttled and job.throttles < _THROTTLES:
            job.throttles += 1
            return self._again(job, max(pause(job.throttles), error.wait), throttled)
        elif not throttled and error.passing and job.tries + 1 < _TRIES:
            job.tries += 1
            return self._again(job, max(pause(job.tries), error.wait))
        if error.network and self._unreached(job, error):
            return self._skip(job)
        self._settle(job, _record(job, status, f"{error.code}: {error.message}".strip(": ")), throttled=throttled)

    def _from_start(self, job: Job) -> None:
        """Reads a list once more, whose next page cannot be asked for any more; pages of before are written over."""
        with job.target.lock:
            for page in range(1, job.page + 1):
                job.target.asked.discard(key(_record(replace(job, page=page), CoverageStatus.OK)))
        self._again(replace(job, page=0, more={}, tries=0, throttles=0, anew=True), 0.0)

    def _unreached(self, job: Job, error: CallFailed) -> bool:
        """Gives an endpoint up that cannot be reached; the network, when nothing else answers meanwhile."""
        with self._lock:
            self._dead[job.service.service, job.region] = f"{error.code}: {error.message}"
            self._silent = True
        if not self._broken and not self._reached(job) and self._silent:
            self._broken = f"the network is gone ({error.code})"
            self._queue.hurry()
        return bool(self._broken)

    def _reached(self, job: Job) -> bool:
        """Whether anything answers: an endpoint that does not exist is no network that is gone."""
        try:
            self._probe(job.target)
        except CallFailed as error:
            return not error.network
        return True

    def _again(self, job: Job, after: float, throttled: bool = False) -> None:
        with self._lock:
            self.tally.retries += 1
        self._later(job, after, throttled)

    def _later(self, job: Job, after: float, throttled: bool = False) -> None:
        """Puts a job back. What ended meanwhile has told the queue to hurry before this job was in it."""
        self._queue.done(job, throttled)
        self._queue.put(job, after)
        if self._broken or job.target.broken or job.lane in self._spent:
            self._queue.hurry()

    def _skip(self, job: Job) -> None:
        with job.target.lock:
            job.target.skipped[job.service.name, job.call.call] += 1
        self._leave(job, CoverageStatus.NOT_TRIED)

    def _settle(self, job: Job, record: Record, again: bool = False, throttled: bool = False) -> None:
        """Writes down how a call ended and queues what follows from it."""
        target: Target = job.target
        if not again:
            with target.lock:
                target.journal.add(record)
        if record.status is CoverageStatus.OK and not record.error:
            if record.more is not None and record.more == job.more:
                repeated = replace(job, page=job.page + 1)
                with target.lock:
                    target.journal.add(_record(repeated, CoverageStatus.FAILED, "a page that leads to itself"))
            elif record.more is not None:
                self._add(replace(job, more=record.more, page=job.page + 1, tries=0, throttles=0))
            for one in self._below(job, record):
                self._add(one, 0.0 if again else one.call.wait)
        if record.status is CoverageStatus.DENIED and job.call.instead:
            for one in self._jobs(job, instead(job.call, job.parameters, _around(target, job.region))):
                self._add(one)
        self._leave(job, record.status, throttled)

    def _below(self, job: Job, record: Record) -> Iterator[Job]:
        """The calls that follow from an answer."""
        if not (job.call.below or job.call.again):
            return
        members = {} if job.call.body else msgspec.json.decode(record.body)
        yield from self._jobs(job, below(job.call, members, job.parameters, _around(job.target, job.region)))

    def _jobs(self, job: Job, wanted: Iterable[Wanted[Call]]) -> Iterator[Job]:
        for one in wanted:
            region = one.region or (job.target.home_region if one.call.regions == "one" else job.region)
            yield Job(job.target, job.service.of(one.call), one.call, region, one.parameters, one.known)

    def _leave(self, job: Job, status: CoverageStatus, throttled: bool = False) -> None:
        with self._lock:
            self.tally.waiting -= 1
            self.tally.calls[status] += 1
        self._queue.done(job, throttled)
        self._release(job.target)

    def _hand_out(self, target: Target) -> Finished:
        interrupted = target.broken or self._broken
        if not target.skipped:
            interrupted = ""
        collected = gather(target, datetime.fromisoformat(target.header.started), interrupted, self._sections)
        target.asked.clear()
        target.kept.clear()
        return Finished(target, collected, interrupted)


def _around(target: Target, region: str) -> dict[str, str]:
    return {**target.around, "region": region}


def _record(job: Job, status: CoverageStatus, detail: str = "", **more: Any) -> Record:
    return Record(
        service=job.service.name, call=job.call.call, region=job.region, parameters=job.known, page=job.page,
        status=status, detail=detail, **more,
    )  # fmt: skip
