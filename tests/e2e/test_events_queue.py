"""A queue of S3 notices (moto's server): nothing is deleted before the lake holds it, and nothing is lost or twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from urllib.request import urlopen

import boto3
import pytest

from fakes.surroundings import moto
from fakes.trails import event, packed, write
from leastwise.app.events import take_in
from leastwise.app.fetching import Fetched, Wanted, fetch_in
from leastwise.app.following import follow
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.engine.columns import plain
from leastwise.errors import InputError

BUCKET = "printing-trail"


class Post:
    """A bucket, and a queue that is told of its objects."""

    def __init__(self, home: Path, visibility: int = 30) -> None:
        self.s3, self.sqs = boto3.client("s3"), boto3.client("sqs", region_name="us-east-1")
        self.s3.create_bucket(Bucket=BUCKET)
        self.place = Workspace(home)
        dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 50})
        attributes = {"VisibilityTimeout": str(visibility), "RedrivePolicy": redrive}
        self.url = self.sqs.create_queue(QueueName="trail", Attributes=attributes)["QueueUrl"]
        self.wanted = Wanted(queue=self.url)

    def put(self, key: str, body: bytes) -> dict[str, Any]:
        """An object, and the record of its coming."""
        told = self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {
            "bucket": {"name": BUCKET},
            "object": {"key": quote_plus(key), "size": len(body), "eTag": told["ETag"].strip('"')},
        }}  # fmt: skip

    def send(self, body: Any) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body if isinstance(body, str) else json.dumps(body))

    def announce(self, number: int, *numbers: int) -> None:
        """A message of an object an event."""
        name = (
            "AWSLogs/222222222222/CloudTrail/eu-west-1/2026/01/31/222_CloudTrail_eu-west-1_20260131T07{:02}Z_x.json.gz"
        )
        self.send({"Records": [self.put(name.format(one), packed([event(one)])) for one in (number, *numbers)]})

    def left(self) -> int:
        """Messages in the queue, seen by others or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def events(self) -> list[str]:
        return sorted(plain(self.place.lake.events())["id"].to_pylist())


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("leastwise.providers.aws.collect.log_queue._LONG", 1)
    monkeypatch.setattr("leastwise.providers.aws.collect.patient.pause", lambda tries: 0.01)
    with moto(monkeypatch) as url:
        urlopen(f"{url}/moto-api/reset", b"")
        yield url


@pytest.fixture
def post(server: str, tmp_path: Path) -> Post:
    return Post(tmp_path / "home")


def within(seconds: float, done: Callable[[], bool]) -> bool:
    """Whether something becomes true; waits no longer than it must."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_rows_are_those_of_the_same_files_on_the_disk_and_messages_are_gone(post: Post, tmp_path: Path) -> None:
    for number in range(12):
        write(tmp_path / "logs", [event(number), event(number + 1)], number)
    records = [
        post.put(one.relative_to(tmp_path / "logs").as_posix(), one.read_bytes())
        for one in sorted((tmp_path / "logs").rglob("*.gz"))
    ]
    detail = {"bucket": {"name": BUCKET}, "object": {"key": records[0]["s3"]["object"]["key"].replace("%2F", "/")}}
    post.send({"source": "aws.s3", "detail-type": "Object Created", "detail": detail})
    post.send({"Type": "Notification", "Message": json.dumps({"Records": records[1:4]})})
    for start in range(4, 12, 2):
        post.send({"Records": records[start : start + 2]})
    taken = fetch_in(post.place, post.wanted).taken
    take_in(Workspace(tmp_path / "disk"), [tmp_path / "logs"])
    for name in ("usage", "sightings", "events"):
        there, disk = (
            plain(getattr(Workspace(one).lake, name)()).to_pylist() for one in (tmp_path / "home", tmp_path / "disk")
        )
        assert sorted(map(str, there)) == sorted(map(str, disk))
    assert (taken.files, taken.new, taken.duplicates, post.left()) == (12, 13, 11, 0)


def test_nothing_is_deleted_before_it_is_committed(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake is asked at the moment of each deletion."""
    from leastwise.providers.aws.collect.log_queue import QueueOfObjects

    seen = []
    delete = QueueOfObjects._delete

    def watched(self: QueueOfObjects, messages: Any) -> None:
        if messages:
            seen.append((len(messages), len(post.events())))
        delete(self, messages)

    monkeypatch.setattr(QueueOfObjects, "_delete", watched)
    monkeypatch.setattr("leastwise.app.log_reading._FILES", 2)
    for number in range(6):
        post.announce(number)
    fetch_in(post.place, post.wanted)
    assert sum(count for count, _ in seen) == 6 and post.left() == 0
    deleted = 0
    for count, held in seen:
        deleted += count
        assert held >= deleted


def test_a_lake_that_cannot_be_written_deletes_no_message(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from leastwise.errors import StorageFullError
    from leastwise.store.lake.manifest import Manifest

    post.sqs.set_queue_attributes(QueueUrl=post.url, Attributes={"VisibilityTimeout": "1"})
    post.announce(1)
    commit = Manifest.commit

    def full(*_: Any) -> None:
        raise StorageFullError("no space")

    monkeypatch.setattr(Manifest, "commit", full)
    with pytest.raises(StorageFullError):
        fetch_in(post.place, post.wanted)
    assert post.left() == 1
    monkeypatch.setattr(Manifest, "commit", commit)
    assert within(40, lambda: fetch_in(post.place, post.wanted).taken.new == 1)
    assert (len(post.events()), post.left()) == (1, 0)


def test_announced_again_is_known_and_deleted(post: Post) -> None:
    post.announce(1, 2)
    assert fetch_in(post.place, post.wanted).taken.new == 2
    post.announce(1, 2)
    again = fetch_in(post.place, post.wanted).taken
    assert (again.files, again.known, again.new, post.left()) == (2, 2, 0, 0)


def test_an_object_announced_twice_at_once_is_fetched_once_and_both_messages_go(post: Post) -> None:
    post.announce(1)
    post.announce(1)
    taken = fetch_in(post.place, post.wanted).taken
    assert (taken.files, taken.new, taken.duplicates, post.left()) == (1, 1, 0, 0)


def test_what_is_known_from_the_bucket_is_known_to_the_queue(post: Post) -> None:
    post.announce(1)
    assert fetch_in(post.place, Wanted(f"s3://{BUCKET}")).taken.new == 1
    assert fetch_in(post.place, post.wanted).taken.known == 1
    assert post.left() == 0


def test_tests_deletions_digests_and_other_files_are_deleted_without_a_word(post: Post) -> None:
    post.send({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET})
    post.send({"Records": [post.put("a.json", b"{}") | {"eventName": "ObjectRemoved:Delete"}]})
    post.send({"Records": [post.put("photo.png", b"x")]})
    post.send({"Records": [post.put("AWSLogs/2/CloudTrail-Digest/eu-west-1/2026/01/31/d.json.gz", b"x")]})
    found = fetch_in(post.place, post.wanted)
    assert (found.taken.skipped, found.taken.failed, found.notes, post.left()) == (1, 0, [], 0)


def test_bad_messages_and_objects_are_left_and_told(post: Post) -> None:
    post.send("hello")
    post.send({"Records": [post.put("broken.json.gz", packed([event(3)])[:30])]})
    post.send({"Records": [post.put("gone.json.gz", b"x")]})
    post.s3.delete_object(Bucket=BUCKET, Key="gone.json.gz")
    post.announce(1)
    found = fetch_in(post.place, post.wanted)
    assert (found.taken.new, found.taken.failed, post.left()) == (1, 2, 3)
    assert [one for one in found.notes if "is not JSON; it is left to the dead-letter queue" in one]
    assert {why for _, _, why in found.taken.set_aside} == {"truncated gzip", "is not there any more"}


def test_a_message_with_one_bad_object_is_left_and_its_good_ones_count(post: Post) -> None:
    records = [post.put("good.json.gz", packed([event(1)])), post.put("bad.json.gz", b"\x1f\x8b")]
    post.send({"Records": records})
    assert fetch_in(post.place, post.wanted).taken.new == 1
    assert post.left() == 1


def test_visibility_is_prolonged_while_work_is_long(server: str, tmp_path: Path) -> None:
    post = Post(tmp_path / "home", visibility=2)
    post.announce(1)
    from leastwise.providers.aws.collect.log_queue import QueueOfObjects

    source = QueueOfObjects(post.wanted)
    try:
        assert len(list(source.pieces(threading.Event()))) == 1
        # Longer than the timeout: nobody else gets the message meanwhile.
        seen = post.sqs.receive_message(QueueUrl=post.url, WaitTimeSeconds=4)
        assert "Messages" not in seen and post.left() == 1
    finally:
        source.close()


def test_a_queue_without_a_dead_letter_queue_is_told(post: Post) -> None:
    url = post.sqs.create_queue(QueueName="bare")["QueueUrl"]
    found = fetch_in(post.place, Wanted(queue=url))
    assert found.taken.files == 0 and "no dead-letter queue" in found.notes[0]


def test_a_queue_that_does_not_exist_is_one_line(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--queue", post.url + "x"]) == 2
    assert capsys.readouterr().err == f"leastwise: {post.url}x: there is no such queue\n"


def test_follow_goes_on_lets_others_write_between_and_ends_when_asked(post: Post, tmp_path: Path) -> None:
    stop, rounds = threading.Event(), list[Fetched]()
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(follow(Workspace(tmp_path / "home"), post.wanted, stop, rounds.append))
    )
    thread.start()
    try:
        post.announce(1)
        assert within(30, lambda: len(rounds) == 1)
        write(tmp_path / "logs", [event(50)])
        assert take_in(post.place, [tmp_path / "logs"]).new == 1
        post.announce(2, 3)
        assert within(30, lambda: len(rounds) == 2)
        with post.place.store.writing("test"):
            post.announce(4)
            time.sleep(1.5)
            assert len(rounds) == 2
        assert within(30, lambda: len(rounds) == 3)
    finally:
        stop.set()
        thread.join(20)
    (taken,) = found
    assert (taken.files, taken.new, post.left(), len(post.events())) == (4, 4, 0, 5)


def test_follow_outlives_an_outage(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a round and between rounds; what had been received before counts."""
    from leastwise.providers.aws.collect.clients import CallFailed
    from leastwise.providers.aws.collect.log_queue import QueueOfObjects

    monkeypatch.setattr("leastwise.app.following._AGAIN", 0.05)
    receive, calls = QueueOfObjects._receive, iter(range(1000))

    def flaky(self: QueueOfObjects, seconds: int) -> None:
        if next(calls) in (1, 2, 4):
            raise CallFailed("EndpointConnectionError", "Could not connect to the endpoint URL")
        receive(self, seconds)

    monkeypatch.setattr(QueueOfObjects, "_receive", flaky)
    stop, rounds = threading.Event(), list[Fetched]()
    total: list[Any] = []
    thread = threading.Thread(target=lambda: total.append(follow(post.place, post.wanted, stop, rounds.append)))
    post.announce(1)
    thread.start()
    try:
        assert within(30, lambda: post.left() == 0)
        post.announce(2)
        assert within(30, lambda: post.left() == 0)
    finally:
        stop.set()
        thread.join(20)
    assert len(post.events()) == 2 and [one.new for one in total] == [2]
    assert any("cannot be reached: EndpointConnectionError" in note for one in rounds for note in one.notes)


def test_a_queue_whose_objects_are_all_denied_leaves_every_message(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from leastwise.providers.aws.collect.clients import CallFailed
    from leastwise.providers.aws.collect.log_objects import Bucket

    def refuse(*_: Any) -> None:
        raise CallFailed("AccessDenied", "no", 403)

    monkeypatch.setattr(Bucket, "read", refuse)
    for number in range(25):
        post.announce(number)
    found = fetch_in(post.place, post.wanted)
    assert (found.taken.failed, found.taken.new, post.left()) == (25, 0, 25)


def test_follow_of_what_is_not_there_ends_at_once(post: Post) -> None:
    with pytest.raises(InputError, match="no such queue"):
        follow(post.place, Wanted(queue=post.url + "x"), threading.Event(), lambda _: None)


def followed(post: Post, tmp_path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "leastwise", "events", "--queue", post.url, "--follow"]
    return subprocess.Popen(
        command, env={**os.environ, "LEASTWISE_HOME": str(tmp_path / "home")}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_follow_ends_cleanly_with_what_it_took(post: Post, tmp_path: Path, number: signal.Signals) -> None:
    post.announce(1, 2)
    post.send("hello")
    child = followed(post, tmp_path)
    try:
        assert within(60, lambda: post.left() == 1 and len(post.events()) == 2)
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 0, err
    assert "2 of 2 files taken in; 2 new events, 0 known." in out
    assert "hello" not in err and "is not JSON; it is left to the dead-letter queue" in err


@pytest.mark.slow
def test_a_killed_follow_loses_nothing_and_counts_nothing_twice(server: str, tmp_path: Path) -> None:
    post = Post(tmp_path / "home", visibility=3)
    wanted = 0
    for round in range(3):
        for number in range(8):
            post.announce(10 * round + number)
        wanted += 8
        child = followed(post, tmp_path)
        # At another point of the work each time.
        within(60, lambda target=(5, 2, 7)[round]: post.left() <= target)  # type: ignore[misc]
        child.kill()
        child.communicate()
    time.sleep(3.2)
    assert within(60, lambda: not fetch_in(post.place, post.wanted).taken.files and not post.left())
    assert len(post.events()) == wanted == len(set(post.events()))
    assert sum(plain(post.place.lake.usage())["count"].to_pylist()) == wanted
