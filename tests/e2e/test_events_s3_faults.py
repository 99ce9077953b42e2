"""A bucket that throttles, denies, breaks off or changes: the rest is taken in, and one line says what was not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.aws import THROTTLED, FakeAws, Fault, Refused, denied, first, on
from fakes.aws_wire import Request
from fakes.store import Store
from fakes.surroundings import fake_aws
from fakes.trails import event, packed, write
from leastwise.app.fetching import Wanted, fetch_in
from leastwise.app.wiring import Workspace
from leastwise.errors import InputError

URL = "s3://printing-trail/AWSLogs/"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    for number in range(30):
        write(tmp_path / "logs", [event(number)], number, f"20260131T{number:04}Z")
    return Store(tmp_path / "logs")


@pytest.fixture
def fake(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    monkeypatch.setattr("leastwise.providers.aws.collect.patient.pause", lambda tries: 0.01)
    with fake_aws(monkeypatch, store.answers(), ("222222222222",)) as found:
        yield found


def of(key: str, fault: Fault) -> Any:
    return lambda request: fault if request.operation == "GetObject" and request.parameters["Key"] == key else None


def test_a_few_objects_that_cannot_be_had_are_set_aside_with_their_place(
    fake: FakeAws, store: Store, tmp_path: Path
) -> None:
    keys = sorted(store.objects)
    store.archived, store.changed, store.gone = {keys[3]}, {keys[4]}, {keys[5]}
    fake.faults.append(of(keys[6], Fault("AccessDenied", "no decrypt", 403)))
    place = Workspace(tmp_path / "home")
    taken = fetch_in(place, Wanted(URL)).taken
    assert (taken.files, taken.new, taken.failed) == (30, 26, 4)
    said = {name.removeprefix("s3://printing-trail/"): why for name, _, why in taken.set_aside}
    assert said == {
        keys[3]: "is archived; restore it in S3 first",
        keys[4]: "changed since it was listed",
        keys[5]: "is not there any more",
        keys[6]: "AccessDenied: no decrypt",
    }
    store.archived, store.changed, store.gone = set(), set(), set()
    fake.faults.clear()
    again = fetch_in(place, Wanted(URL)).taken
    assert (again.known, again.new, again.failed) == (26, 4, 0)
    assert place.lake.manifest.sources(bad=True) == []


def test_a_bucket_of_which_nothing_may_be_read_is_one_line(fake: FakeAws, tmp_path: Path) -> None:
    fake.faults.append(denied(operation="GetObject"))
    place = Workspace(tmp_path / "home")
    with pytest.raises(InputError, match=r"s3:GetObject .* is needed") as told:
        fetch_in(place, Wanted(URL))
    assert str(told.value).startswith(URL)
    assert fake.count("s3", "GetObject") <= 30


def test_a_bucket_that_may_not_be_listed_is_one_line(fake: FakeAws, tmp_path: Path) -> None:
    fake.faults.append(denied(operation="ListObjectsV2"))
    with pytest.raises(InputError, match=r"AccessDenied.*s3:ListBucket is needed"):
        fetch_in(Workspace(tmp_path / "home"), Wanted(URL))


def test_throttling_is_waited_out(fake: FakeAws, tmp_path: Path) -> None:
    slow = Fault("SlowDown", "Please reduce your request rate.", 503)
    fake.faults.append(first(3, on(slow, operation="ListObjectsV2")))
    fake.faults.append(first(2, on(slow, operation="GetObject")))
    taken = fetch_in(Workspace(tmp_path / "home"), Wanted(URL)).taken
    assert (taken.new, taken.failed) == (30, 0)


def test_throttling_without_end_is_one_line(fake: FakeAws, tmp_path: Path) -> None:
    fake.faults.append(on(THROTTLED, operation="ListObjectsV2"))
    with pytest.raises(InputError, match="still throttled after several tries"):
        fetch_in(Workspace(tmp_path / "home"), Wanted(URL))


def test_a_connection_that_breaks_is_made_again(fake: FakeAws, store: Store, tmp_path: Path) -> None:
    fake.faults.append(first(2, of(sorted(store.objects)[7], Fault(drop=True))))
    fake.faults.append(first(1, on(Fault(drop=True), operation="ListObjectsV2")))
    taken = fetch_in(Workspace(tmp_path / "home"), Wanted(URL)).taken
    assert (taken.new, taken.failed) == (30, 0)


def test_an_object_cut_short_again_and_again_is_set_aside(fake: FakeAws, store: Store, tmp_path: Path) -> None:
    key = sorted(store.objects)[7]
    fake.faults.append(of(key, Fault(cut=True)))
    taken = fetch_in(Workspace(tmp_path / "home"), Wanted(URL)).taken
    assert (taken.new, taken.failed) == (29, 1)
    assert taken.set_aside[0][0].endswith(key) and "bytes where" in taken.set_aside[0][2]


def test_what_was_fetched_before_a_listing_fails_counts(
    fake: FakeAws, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = iter(range(100))

    def page(request: Request) -> dict[str, Any]:
        found = store.list(request)
        if request.parameters.get("Delimiter"):
            return found
        number = next(pages)
        if number:
            raise Refused("InternalError", "We encountered an internal error.", 500)
        return {**found, "Contents": found["Contents"][:8], "IsTruncated": True, "NextContinuationToken": "1"}

    fake.answers = {**fake.answers, "s3.ListObjectsV2": page}
    monkeypatch.setattr("leastwise.app.fetching._ASKED", 4)
    place = Workspace(tmp_path / "home")
    with pytest.raises(InputError, match="InternalError"):
        fetch_in(place, Wanted(URL))
    assert place.lake.events().num_rows >= 4


def test_at_most_so_many_bytes_are_fetched_ahead(
    fake: FakeAws, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(packed([event(0)]))
    monkeypatch.setattr("leastwise.app.fetching._AHEAD", 3 * size + 200)
    fake.latency = 0.01
    fetch_in(Workspace(tmp_path / "home"), Wanted(URL))
    gets = [one for one in fake.log if one.operation == "GetObject"]
    assert len(gets) == 30 and fake.most_in_flight <= 5


def test_a_run_that_is_killed_goes_on_without_fetching_again_what_it_took(
    fake: FakeAws, store: Store, tmp_path: Path
) -> None:
    fake.latency = 0.05
    home, taken = tmp_path / "home", 0
    command = [sys.executable, "-m", "fakes.fetching", str(home), URL]
    around = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for more in (8, 6):
        before = fake.count("s3", "GetObject")
        child = subprocess.Popen(command, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while fake.count("s3", "GetObject") < min(before + more + 16, 60) and time.monotonic() < end:
            if child.poll() is not None:
                break
            time.sleep(0.005)
        child.kill()
        child.wait()
        held = Workspace(home).lake.events().num_rows
        assert taken <= held <= 30
        taken = held
    before = fake.count("s3", "GetObject")
    last = fetch_in(Workspace(home), Wanted(URL)).taken
    assert (last.known, last.new) == (taken, 30 - taken)
    assert fake.count("s3", "GetObject") - before == 30 - taken
    assert Workspace(home).lake.events().num_rows == 30
