"""Jobs on both databases: one at a time, each to its end, whoever runs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from store_samples import NOW

from leastwise.errors import NotFoundError, UsageError
from leastwise.store.audit import Audit, Entry
from leastwise.store.jobs import Jobs, JobState

ENTRY = Entry(NOW, "ann", "test")
LEASE = NOW + timedelta(seconds=60)


def add(jobs, id, kind="analyse", asked=None, most=10):
    return jobs.add(id, kind, asked or {}, "ann", NOW, ENTRY, most)


def test_a_job_from_wanted_to_done(engine):
    jobs = Jobs(engine)
    asked = {"provider": "aws", "paths": ["a\0b", "ü"]}
    made = add(jobs, "1", "collect", asked)
    assert jobs.get("1") == made and made.asked == asked
    job = jobs.begin("here", NOW, LEASE)
    assert job.id == "1" and job.state is JobState.RUNNING
    assert jobs.renew(job, LEASE, "half\0way", 1, 2) == "wanted"
    assert (jobs.get("1").told, jobs.get("1").done, jobs.get("1").total) == ("half way", 1, 2)
    jobs.end(job, JobState.DONE, NOW, {"scopes": 3}, "", ENTRY)
    found = jobs.get("1")
    assert (found.state, found.result, found.lease, found.ended) == (JobState.DONE, {"scopes": 3}, None, NOW)
    assert Audit(engine).faults() == []
    with pytest.raises(NotFoundError):
        jobs.get("2")


def test_they_are_done_one_after_the_other(engine):
    jobs = Jobs(engine)
    for id in ("1", "2", "3"):
        add(jobs, id)
    first = jobs.begin("here", NOW, LEASE)
    assert first.id == "1"
    assert jobs.begin("there", NOW, LEASE) is None
    jobs.end(first, JobState.FAILED, NOW, {}, "no", ENTRY)
    assert jobs.begin("there", NOW, LEASE).id == "2"
    assert [one.id for one in jobs.page(None, 10)] == ["3", "2", "1"]
    assert [one.id for one in jobs.page(3, 1)] == ["2"]
    assert [one.id for one in jobs.page(None, 10, ["queued", "failed"])] == ["3", "1"]
    assert jobs.page(None, 10, kind="collect") == []


def test_of_many_runners_one_has_it(engine):
    jobs = Jobs(engine)
    add(jobs, "1")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: jobs.begin(str(number), NOW, LEASE), range(8)))
    assert sum(one is not None for one in found) == 1


def test_what_a_runner_lets_go_is_interrupted_and_the_next_begins(engine):
    jobs = Jobs(engine)
    add(jobs, "1")
    add(jobs, "2")
    lost = jobs.begin("gone", NOW, LEASE)
    later = LEASE + timedelta(seconds=1)
    assert jobs.begin("here", later, later + timedelta(seconds=60)).id == "2"
    assert jobs.get("1").state is JobState.INTERRUPTED
    assert jobs.renew(lost, later, "still here", 1, 1) == "lost"
    before = len(Audit(engine).page(None, 100))
    jobs.end(lost, JobState.DONE, later, {"late": 1}, "", ENTRY)
    assert (jobs.get("1").state, jobs.get("1").result) == (JobState.INTERRUPTED, {})
    assert len(Audit(engine).page(None, 100)) == before, "it was not done, and is not on record as done"


def test_cancelling_what_waits_and_what_runs(engine):
    jobs = Jobs(engine)
    add(jobs, "1")
    add(jobs, "2")
    job = jobs.begin("here", NOW, LEASE)
    assert jobs.cancel("2", NOW, ENTRY).state is JobState.CANCELLED
    assert jobs.cancel("1", NOW, ENTRY).state is JobState.RUNNING
    assert jobs.renew(job, LEASE, "", 0, 0) == "unwanted"
    jobs.end(job, JobState.CANCELLED, NOW, {}, "", ENTRY)
    with pytest.raises(UsageError, match="is cancelled already"):
        jobs.cancel("1", NOW, ENTRY)
    assert jobs.begin("here", NOW, LEASE) is None


def test_so_many_may_wait(engine):
    jobs = Jobs(engine)
    add(jobs, "1", most=1)
    with pytest.raises(UsageError, match="1 jobs wait already"):
        add(jobs, "2", most=1)
    assert [one.id for one in jobs.page(None, 10)] == ["1"]
