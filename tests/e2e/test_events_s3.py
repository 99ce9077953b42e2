"""Logs straight from S3 (moto's server): the same rows as from the disk, and what of a bucket cannot be had."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from fakes.surroundings import moto
from fakes.trails import ACCOUNT, assumed, event, packed, session, user, write
from leastwise.app.events import take_in
from leastwise.app.fetching import Wanted, fetch_in
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.columns import plain
from leastwise.errors import InputError
from leastwise.providers.aws.collect.clients import Clients

BUCKET = "printing-trail"
ORGANIZATION = "o-abcde12345"
TABLES = ("usage", "sightings", "events", "changes", "sessions")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    with moto(monkeypatch) as url:
        urlopen(f"{url}/moto-api/reset", b"")  # its state is the process's
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every operation that is called, with its parameters."""
    found: list[tuple[str, dict[str, Any]]] = []
    made = Clients._made

    def noted(self: Clients, service: Any, call: Any, region: str, parameters: Any, credentials: Any) -> Any:
        found.append((call.call, dict(parameters)))
        return made(self, service, call, region, parameters, credentials)

    monkeypatch.setattr(Clients, "_made", noted)
    return found


def upload(client: Any, folder: Path, prefix: str = "") -> list[str]:
    keys = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            keys.append(prefix + path.relative_to(folder).as_posix())
            client.put_object(Bucket=BUCKET, Key=keys[-1], Body=path.read_bytes())
    return keys


def trail(folder: Path) -> None:
    """A trail of an organization: two accounts, sessions told after their calls, a digest, Insights, a broken file."""
    inside = session("deploy", "ada", "ASIA1")
    write(folder, [event(1), event(2, errorCode="AccessDenied")], 1)
    write(folder, [event(3, "2026-02-01T08:00:00Z", userIdentity=inside)], 2, "20260201T0805Z")
    write(folder, [assumed(4, "deploy", "ada", "ASIA1", user(), "2026-02-01T07:00:00Z"), event(1)], 3, "20260202T0805Z")
    other = folder / "AWSLogs/333333333333/CloudTrail/us-east-1/2026/01/31"
    other.mkdir(parents=True)
    name = "333333333333_CloudTrail_us-east-1_20260131T0900Z_x.json.gz"
    (other / name).write_bytes(packed([event(9, userIdentity=user("bo", "333333333333"))]))
    digests = folder / f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/eu-west-1/2026/01/31"
    digests.mkdir(parents=True)
    (digests / f"{ACCOUNT}_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260131T0700Z.json.gz").write_bytes(b"no digest")
    insights = folder / f"AWSLogs/{ACCOUNT}/CloudTrail-Insight/eu-west-1/2026/01/31"
    insights.mkdir(parents=True)
    insight = event(20, eventType="AwsCloudTrailInsight", eventCategory="Insight", userIdentity=None)
    (insights / f"{ACCOUNT}_CloudTrail-Insight_eu-west-1_20260131T0700Z_i.json.gz").write_bytes(packed([insight]))
    broken = write(folder, [event(30)], 9)
    broken.write_bytes(broken.read_bytes()[:40])


def rows(home: Path) -> dict[str, list[str]]:
    lake = Workspace(home).lake
    return {name: sorted(map(str, plain(getattr(lake, name)()).to_pylist())) for name in TABLES}


@pytest.mark.parametrize("prefix", ["", "logs/company/"], ids=["at the top", "below a prefix"])
@pytest.mark.parametrize("organization", [False, True], ids=["accounts", "organization"])
def test_rows_are_those_of_the_same_files_on_the_disk(
    bucket: Any, tmp_path: Path, prefix: str, organization: bool
) -> None:
    trail(tmp_path / "logs")
    if organization:
        (tmp_path / "whole/AWSLogs").mkdir(parents=True)
        (tmp_path / "logs/AWSLogs").rename(tmp_path / "whole/AWSLogs" / ORGANIZATION)
    folder = tmp_path / ("whole" if organization else "logs")
    upload(bucket, folder, prefix)
    disk = take_in(Workspace(tmp_path / "disk"), [folder])
    there = fetch_in(Workspace(tmp_path / "there"), Wanted(f"s3://{BUCKET}/{prefix}")).taken
    assert rows(tmp_path / "there") == rows(tmp_path / "disk")
    assert (there.new, there.duplicates, there.failed) == (disk.new, disk.duplicates, 1) == (6, 1, 1)
    ((name, _, why),) = there.set_aside
    assert name.startswith(f"s3://{BUCKET}/{prefix}AWSLogs/") and "gzip" in why


def test_a_second_run_downloads_nothing_and_a_new_file_alone(
    bucket: Any, tmp_path: Path, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    write(tmp_path / "logs", [event(1)], 1)
    write(tmp_path / "logs", [event(2)], 2)
    upload(bucket, tmp_path / "logs")
    place = Workspace(tmp_path / "home")
    assert fetch_in(place, Wanted(f"s3://{BUCKET}")).taken.new == 2
    before = rows(tmp_path / "home")
    asked.clear()
    again = fetch_in(place, Wanted(f"s3://{BUCKET}")).taken
    assert (again.files, again.known, again.new, again.duplicates) == (2, 2, 0, 0)
    assert rows(tmp_path / "home") == before
    assert not [one for one in asked if one[0] == "GetObject"]
    (key,) = upload(bucket, write(tmp_path / "more", [event(3)], 3).parents[6])
    third = fetch_in(place, Wanted(f"s3://{BUCKET}")).taken
    assert (third.known, third.new) == (2, 1)
    assert [one[1]["Key"] for one in asked if one[0] == "GetObject"] == [key]


def test_an_object_that_is_written_again_is_read_again(bucket: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "logs", [event(1)])
    upload(bucket, tmp_path / "logs")
    place = Workspace(tmp_path / "home")
    fetch_in(place, Wanted(f"s3://{BUCKET}"))
    path.write_bytes(packed([event(1), event(2)]))
    upload(bucket, tmp_path / "logs")
    taken = fetch_in(place, Wanted(f"s3://{BUCKET}")).taken
    assert (taken.known, taken.new, taken.duplicates) == (0, 1, 1)


@pytest.mark.parametrize(
    "begin, end, wanted",
    [
        (None, None, {1, 2, 3}),
        (date(2026, 2, 1), None, {2, 3}),
        (None, date(2026, 1, 31), {1}),
        (date(2026, 2, 1), date(2026, 2, 1), {2}),
        (date(2025, 12, 31), date(2026, 2, 28), {1, 2}),
    ],
)
def test_days_cut_the_listing(
    bucket: Any, tmp_path: Path, begin: date | None, end: date | None, wanted: set[int],
    asked: list[tuple[str, dict[str, Any]]],
) -> None:  # fmt: skip
    for number, time in ((1, "20260131T2355Z"), (2, "20260201T0000Z"), (3, "20260301T0000Z")):
        write(tmp_path / "logs", [event(number)], number, time)
    keys = upload(bucket, tmp_path / "logs")
    fetch_in(Workspace(tmp_path / "home"), Wanted(f"s3://{BUCKET}", begin=begin, end=end))
    read = {keys.index(one[1]["Key"]) + 1 for one in asked if one[0] == "GetObject"}
    assert read == wanted
    starts = {one[1].get("StartAfter") for one in asked if one[0] == "ListObjectsV2" and "Delimiter" not in one[1]}
    branch = f"AWSLogs/{ACCOUNT}/CloudTrail/eu-west-1/"
    assert starts == ({f"{branch}{begin:%Y/%m/%d}/"} if begin else {None})


def test_days_that_hold_nothing_are_told(bucket: Any, tmp_path: Path) -> None:
    write(tmp_path / "logs", [event(1)])
    upload(bucket, tmp_path / "logs")
    with pytest.raises(InputError, match="no object of these days"):
        fetch_in(Workspace(tmp_path / "home"), Wanted(f"s3://{BUCKET}", begin=date(2027, 1, 1)))


def test_files_without_the_layout_are_read_as_in_a_folder(bucket: Any, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(event(number)) for number in (1, 2))
    bucket.put_object(Bucket=BUCKET, Key="exports/lake/part one+two.ndjson", Body=lines.encode())
    bucket.put_object(Bucket=BUCKET, Key="exports/readme.txt", Body=b"not a log")
    bucket.put_object(Bucket=BUCKET, Key="exports/", Body=b"")
    place = Workspace(tmp_path / "home")
    taken = fetch_in(place, Wanted(f"s3://{BUCKET}/exports")).taken
    assert (taken.files, taken.new, taken.failed) == (1, 2, 0)


def test_one_object_is_read_whatever_it_is_called(bucket: Any, tmp_path: Path) -> None:
    bucket.put_object(Bucket=BUCKET, Key="a/records", Body=packed([event(1)]))
    assert fetch_in(Workspace(tmp_path / "home"), Wanted(f"s3://{BUCKET}/a/records")).taken.new == 1


def test_logs_of_other_services_are_left_alone_and_named(bucket: Any, tmp_path: Path) -> None:
    write(tmp_path / "logs", [event(1)])
    for name in ("Config", "vpcflowlogs"):
        path = tmp_path / f"logs/AWSLogs/{ACCOUNT}/{name}/eu-west-1/2026/1/1/{name}.json.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"something else")
    upload(bucket, tmp_path / "logs")
    found = fetch_in(Workspace(tmp_path / "home"), Wanted(f"s3://{BUCKET}"))
    assert (found.taken.files, found.taken.new, found.taken.failed) == (1, 1, 0)
    assert found.notes == ["not CloudTrail's, left alone: Config, vpcflowlogs"]


def test_pages_are_followed_and_files_come_by_time_over_all_branches(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.providers.aws.collect.log_objects._HELD", 6)
    times = [f"202601{day:02}T{hour:02}00Z" for day in (1, 2) for hour in range(5)]
    for number, time in enumerate(times):
        write(tmp_path / "logs", [event(number)], number, time)
    other = tmp_path / "logs/AWSLogs" / ACCOUNT / "CloudTrail"
    (other / "us-east-1").mkdir()
    for path in sorted((other / "eu-west-1").rglob("*.gz")):
        day = other / "us-east-1" / path.parent.relative_to(other / "eu-west-1")
        day.mkdir(parents=True, exist_ok=True)
        (day / path.name.replace("eu-west-1", "us-east-1")).write_bytes(packed([event(100 + len(path.name))]))
    keys = upload(bucket, tmp_path / "logs")
    assert len(keys) == 20
    from leastwise.providers.aws.collect.log_objects import Objects

    found = [one.name for one in Objects(Wanted(f"s3://{BUCKET}")).pieces(threading.Event())]
    assert sorted(found) == [f"s3://{BUCKET}/{key}" for key in sorted(keys)]
    told = [name.rsplit("_", 2)[1] for name in found]
    assert told == sorted(told)


def test_a_large_object_lies_on_the_disk_meanwhile_and_is_gone_after(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leastwise.app.fetching.LARGE", 1_000)
    monkeypatch.setattr("leastwise.app.log_files._PIECE", 3_000)
    lines = "\n".join(json.dumps(event(number)) for number in range(40))
    bucket.put_object(Bucket=BUCKET, Key="big.ndjson", Body=lines.encode())
    place = Workspace(tmp_path / "home")
    assert fetch_in(place, Wanted(f"s3://{BUCKET}")).taken.new == 40
    assert list(place.home.tmp.iterdir()) == []


@pytest.mark.parametrize(
    "url, said",
    [
        ("s3://there-is-none/AWSLogs/", "there is no such bucket"),
        (f"s3://{BUCKET}/nothing/", "no object lies there"),
        ("s3://", "is no s3://BUCKET/PREFIX"),
        ("s3://Upper/x", "is no s3://BUCKET/PREFIX"),
    ],
)
def test_a_bucket_that_cannot_be_read_is_one_line(
    bucket: Any, url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["events", url]) == 2
    text = capsys.readouterr().err
    assert said in text and url in text and text.count("\n") == 1


def test_the_command_tells_what_was_taken_and_set_aside(
    bucket: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trail(tmp_path / "logs")
    upload(bucket, tmp_path / "logs")
    assert run(["events", f"s3://{BUCKET}"]) == 0
    text = capsys.readouterr().out
    assert "5 of 6 files taken in, 1 set aside; 6 new events, 1 known." in text and f"s3://{BUCKET}/AWSLogs" in text
    assert run(["events", f"s3://{BUCKET}", "--from", "2026-02-01", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["taken"]["files"] == {"found": 2, "known": 2, "skipped": 0, "failed": 0}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["events", "s3://b-1/x", "logs"], "name files or folders of logs or one URL (s3://"),
        (["events", "s3://b-1/x", "s3://b-2/x"], "one URL (s3://"),
        (["events", "s3://b-1/x", "--follow"], "--follow: only a queue"),
        (["events", "s3://b-1/x", "--regions", "eu-west-1"], "--regions: only the event history"),
        (["events", "s3://b-1/x", "--from", "2026-02-02", "--to", "2026-02-01"], "is after --to"),
        (["events", "s3://b-1/x", "--from", "yesterday"], "--from: 'yesterday' is no date"),
        (["events", "logs", "--from", "2026-01-01"], "--from: nothing is fetched"),
        (["events", "--status", "--profile", "x"], "--profile: nothing is fetched"),
        (
            ["events", "--lookup", "--queue", "https://sqs.eu-west-1.amazonaws.com/222222222222/q"],
            "name files or folders",
        ),
        (["events", "--queue", "https://example.com/q", "--print-policy"], "is no URL of a queue"),
        (["events", "s3://b-1/x", "--role", "arn:aws:iam::222222222222:user/a", "--print-policy"], "is no role"),
        (["events"], "name files or folders"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    assert run(arguments) == 2
    assert said in capsys.readouterr().err
