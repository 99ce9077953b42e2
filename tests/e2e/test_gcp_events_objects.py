"""Files of a sink's bucket (our own fake): found by day, each generation once, checksums, what changes meanwhile."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.google.logs import LogWorld, entry
from fakes.google.reading import fake_of, ids, taken, unhurried
from fakes.google.server import BROKEN, FakeGoogle, Fault, on
from leastwise.app.wiring import Workspace
from leastwise.errors import InputError, UsageError
from leastwise.providers.checksum import Crc32c
from leastwise.providers.gcp.log_names import bucket_of

BUCKET = "bw-audit-logs"
GET = "storage.objects.get"


def lines(*numbers: int, **more: Any) -> bytes:
    return b"".join(json.dumps(entry(one, "2026-11-10T10:00:00Z", **more)).encode() + b"\n" for one in numbers)


def key(day: str, log: str = "activity", hour: int = 10) -> str:
    return f"cloudaudit.googleapis.com/{log}/{day}/{hour:02}:00:00_{hour:02}:59:59_S0.json"


@pytest.fixture
def world() -> LogWorld:
    found = LogWorld()
    for number, day in enumerate(("2026/11/08", "2026/11/09", "2026/11/10")):
        found.put(BUCKET, key(day), lines(number))
        found.put(BUCKET, key(day, "data_access", 11), lines(10 + number, log="data_access"))
    found.put(BUCKET, "requests/2026/11/10/10:00:00_10:59:59_S0.json", b"{}")
    found.put(BUCKET, "requests/2026/11/11/10:00:00_10:59:59_S0.json", b"{}")
    return found


@pytest.fixture
def fake(world: LogWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeGoogle]:
    unhurried(monkeypatch, tmp_path)
    with fake_of(world) as found:
        yield found


def test_only_new_objects_are_downloaded_and_other_logs_are_left_alone(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.page = 2
    first = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    assert (first.taken.new, first.taken.files) == (6, 6)
    assert first.notes == ["no audit logs, left alone: requests"]
    got = [one.parameters["object"] for one in fake.log if one.method == GET]
    assert len(got) == 6 and not any("requests" in one for one in got)
    world.put(BUCKET, key("2026/11/11"), lines(3))
    second = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}/")
    assert (second.taken.new, second.taken.known) == (1, 6)
    assert fake.count(GET) == 7


def test_another_generation_of_an_object_is_read_again(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    world.put(BUCKET, key("2026/11/08"), lines(0, 7))
    again = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    assert (again.taken.new, again.taken.duplicates, again.taken.known) == (1, 1, 5)


def test_days_are_listed_by_their_folders(fake: FakeGoogle, tmp_path: Path) -> None:
    day = date(2026, 11, 9)
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}", begin=day, end=day)
    assert found.taken.files == 2 and ids(tmp_path / "home") == ["e1", "e11"]
    asked = [
        one.parameters for one in fake.log if one.method == "storage.objects.list" and "startOffset" in one.parameters
    ]
    assert {one["endOffset"].rpartition("/2026")[2] for one in asked} == {"/11/10/"}
    with pytest.raises(InputError, match="no object of these days"):
        taken(tmp_path / "home", fake, url=f"gs://{BUCKET}", begin=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("below", "count"),
    [("cloudaudit.googleapis.com/activity", 3), ("cloudaudit.googleapis.com/activity/2026/11/09/", 1),
     (key("2026/11/09"), 1), ("copy/of/it", 1)],
)  # fmt: skip
def test_what_is_named_is_read(fake: FakeGoogle, world: LogWorld, tmp_path: Path, below: str, count: int) -> None:
    world.put(BUCKET, f"copy/of/it/{key('2026/11/09')}", lines(5))
    assert taken(tmp_path / "home", fake, url=f"gs://{BUCKET}/{below}").taken.new == count


def test_a_corrupt_object_is_set_aside_and_read_when_it_is_mended(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path
) -> None:
    world.corrupt.add(key("2026/11/09"))
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    [(file, _, why)] = found.taken.set_aside
    assert file == f"gs://{BUCKET}/{key('2026/11/09')}" and "is corrupt: its CRC-32C is" in why
    assert fake.count(GET) == 8, "it is tried three times"
    assert found.taken.new == 5
    world.corrupt.clear()
    assert taken(tmp_path / "home", fake, url=f"gs://{BUCKET}").taken.new == 1


def test_one_that_is_cut_off_is_fetched_again(fake: FakeGoogle, tmp_path: Path) -> None:
    fake.faults = [on(Fault(cut=True), GET, first=1), on(BROKEN, GET, first=1)]
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}/{key('2026/11/09')}")
    assert found.taken.failed == 0 and fake.count(GET) == 3
    assert ids(tmp_path / "home") == ["e1"]


def test_one_that_changes_or_goes_meanwhile(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    first, second = key("2026/11/08"), key("2026/11/09")

    def meanwhile(request: Any) -> Fault | None:
        if request.method == GET and request.parameters["object"] == first and world.generations[BUCKET, first] == 1001:
            world.put(BUCKET, first, lines(0, 5))
        if request.method == GET and request.parameters["object"] == second:
            world.stored[BUCKET].pop(second, None)
        return None

    fake.faults = [meanwhile]
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}/cloudaudit.googleapis.com/activity/")
    assert [why for _, _, why in found.taken.set_aside] == ["changed since it was listed", "is not there any more"]
    assert taken(tmp_path / "home", fake, url=f"gs://{BUCKET}/cloudaudit.googleapis.com/activity/").taken.new == 2


def test_packed_and_large_objects(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    world.put(BUCKET, key("2026/11/12") + ".gz", gzip.compress(lines(20, 21)))
    world.put(BUCKET, key("2026/11/13"), lines(*range(30, 34), spanId="x" * 5_000_000))
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}", begin=date(2026, 11, 12))
    assert found.taken.new == 6 and found.taken.failed == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [("gs://unheard-of", "there is no such bucket"), ("gs://shut", r"storage\.objects\.list is needed"),
     (f"gs://{BUCKET}/nothing/here", "no object lies there")],
)  # fmt: skip
def test_what_cannot_be_listed(fake: FakeGoogle, world: LogWorld, tmp_path: Path, url: str, said: str) -> None:
    world.put("shut", "x.json", b"")
    world.denied.add("shut")
    with pytest.raises(InputError, match=said):
        taken(tmp_path / "home", fake, url=url)


def test_many_refusals_and_nothing_read_end_the_run(
    fake: FakeGoogle, world: LogWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.rest.objects._ALL_REFUSED", 3)
    world.denied.update(world.stored[BUCKET])
    with pytest.raises(InputError, match=r"storage\.objects\.get is needed"):
        taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    world.denied = {key("2026/11/09")}
    found = taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    assert found.taken.new == 5 and found.taken.failed == 1


def test_a_run_that_is_killed_is_completed(fake: FakeGoogle, world: LogWorld, tmp_path: Path) -> None:
    for number in range(40):
        world.put(BUCKET, key(f"2026/10/{number % 28 + 1:02}", hour=number % 24), lines(100 + number))
    code = (
        "import os, sys; from leastwise.app import log_reading\n"
        "from fakes.google.reading import *\n"
        "log_reading._FILES = 5\n"
        "from leastwise.app.events import Run\n"
        "kept = Run._write\n"
        "def write(self, batch, count=[0]):\n"
        "    kept(self, batch); count[0] += 1\n"
        "    if count[0] == 3: os.kill(os.getpid(), 9)\n"
        "Run._write = write\n"
        f"fetch_in(Workspace(__import__('pathlib').Path({str(tmp_path / 'home')!r})), Wanted(url='gs://{BUCKET}',"
        f" sign_in={{'access_token_env': 'FAKE_GOOGLE_TOKEN', 'endpoint': {fake.url!r}}}), 'gcp')\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[1])
    assert killed.returncode == -9
    before = Workspace(tmp_path / "home").lake.events().num_rows
    assert 0 < before < 46
    taken(tmp_path / "home", fake, url=f"gs://{BUCKET}")
    assert Workspace(tmp_path / "home").lake.events().num_rows == len(set(ids(tmp_path / "home"))) >= 34


@pytest.mark.parametrize("url", ["gs://", "gs://B/x", "gs:///x", "gs://a"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(UsageError, match="is no gs://BUCKET/PREFIX"):
        bucket_of(url)


def test_the_checksum_of_the_standard() -> None:
    """https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4"""
    told = {b"123456789": 0xE3069283, bytes(32): 0x8A9136AA, b"\xff" * 32: 0x62A8AB43, bytes(range(32)): 0x46DD794E}
    for data, checksum in told.items():
        assert _of(data) == checksum


@settings(max_examples=25)
@given(st.binary(min_size=1, max_size=64), st.integers(1, 1000), st.integers(0, 30_000))
def test_the_checksum_does_not_depend_on_pieces(seed: bytes, times: int, cut: int) -> None:
    data = seed * times
    found = Crc32c()
    found.update(data[:cut])
    found.update(data[cut:])
    assert found.value == _bytewise(data)


def _of(data: bytes) -> int:
    found = Crc32c()
    found.update(data)
    return found.value


def _bytewise(data: bytes) -> int:
    """Bit by bit, as the polynomial is defined."""
    register = 0xFFFFFFFF
    table = []
    for byte in range(256):
        word = byte
        for _ in range(8):
            word = word >> 1 ^ (0x82F63B78 if word & 1 else 0)
        table.append(word)
    for byte in data:
        register = table[(register ^ byte) & 0xFF] ^ register >> 8
    return register ^ 0xFFFFFFFF
