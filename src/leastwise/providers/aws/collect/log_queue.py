"""Objects that a queue announces: a message is deleted when the lake holds what its objects gave, and not before.

While a message is worked on, others do not see it: its visibility is prolonged. What cannot be taken in is left, so
that the queue's redrive policy moves it to the dead-letter queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.providers.fetching import Piece, Sink, Wanted

from .clients import CallFailed
from .log_access import Access, access, refused
from .log_notices import Announced, announced
from .log_objects import Bucket, Listed, Reading

_URL = re.compile(r"https?://[^/]+/(?:\d{12}/)[A-Za-z0-9_-]{1,80}(?:\.fifo)?$")
_HOST = re.compile(r"[/.]sqs(?:-fips)?\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.|//([a-z]{2,}(?:-[a-z]+)+-\d+)\.queue\.")
_LONG, _SHORT, _BATCH = 20, 1, 10
_ROUND = 2_000
"""So many messages are taken before the lake is brought in order and others may write."""
_GOOD = frozenset(("done", "partly", "skipped", "known"))
_DEFAULT_VISIBILITY = 30
_NEEDED = "sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility"


@dataclass
class _Message:
    """A message that was received; `left` counts its objects that are not in the lake yet."""

    id: str
    receipt: str
    body: str
    left: int = 0
    bad: bool = field(default=False)


class QueueOfObjects:
    """The queue; see `providers.fetching.EndlessSource`."""

    def __init__(self, wanted: Wanted) -> None:
        if not _URL.match(wanted.queue):
            raise UsageError(f"--queue: {wanted.queue} is no URL of a queue")
        self.name = wanted.queue
        self.notes: list[str] = []
        self._access: Access = access(wanted.sign_in)
        self._region = region_of(wanted.queue)
        self._lock = threading.Lock()
        self._waiting: list[_Message] = []
        self._held: dict[str, _Message] = {}
        self._buckets: dict[str, Bucket] = {}
        self._reading = Reading(self.name, hopeless=0)
        self._closed = threading.Event()
        self._visibility = self._look()
        self._beat = threading.Thread(target=self._prolong, daemon=True)
        self._beat.start()

    def wait(self, stop: threading.Event) -> bool:
        """See the port. InputError when the queue cannot be read."""
        if self._waiting:
            return True
        failed: list[CallFailed] = []

        def receive() -> None:
            try:
                self._receive(_LONG)
            except CallFailed as error:
                failed.append(error)

        # The call lasts twenty seconds when nothing comes; who stops is not to wait for it.
        asking = threading.Thread(target=receive, daemon=True)
        asking.start()
        while asking.is_alive() and not stop.is_set():
            asking.join(0.05)
        if failed:
            raise self._told(failed[0])
        return bool(self._waiting)

    def pieces(self, stop: threading.Event) -> Iterator[Piece]:
        """The objects of the messages that are there now; see the port."""
        taken = 0
        while not stop.is_set() and taken < _ROUND:
            if not self._waiting:
                try:
                    self._receive(_SHORT)
                except CallFailed as error:
                    raise self._told(error) from None
            with self._lock:
                messages, self._waiting = self._waiting, []
            if not messages:
                return
            taken += len(messages)
            for message in messages:
                yield from self._opened(message)

    def fetch(self, piece: Piece, into: Sink) -> None:
        """See the port."""
        bucket, listed, _ = piece.key
        self._reading.read(bucket, listed, into)

    def settled(self, pieces: Sequence[tuple[Piece, str]]) -> None:
        """Deletes messages all of whose objects are in the lake."""
        done: list[_Message] = []
        for piece, state in pieces:
            message: _Message = piece.key[2]
            message.left -= 1
            message.bad |= state not in _GOOD
            if message.left:
                continue
            if message.bad:
                self._leave(message)
            else:
                done.append(message)
        self._delete(done)

    def close(self) -> None:
        """Gives back what was received and not taken."""
        self._closed.set()
        with self._lock:
            messages, self._waiting = self._waiting, []
        self._change(messages, 0)
        self._beat.join(1)

    def _look(self) -> int:
        """The visibility timeout of the queue in seconds; says so when nothing takes its bad messages."""
        try:
            told = self._access.ask(
                "sqs", "GetQueueAttributes", self._region, QueueUrl=self.name,
                AttributeNames=["VisibilityTimeout", "RedrivePolicy"],
            ).members.get("Attributes", {})  # fmt: skip
        except CallFailed as error:
            if "NonExistentQueue" in error.code or "QueueDoesNotExist" in error.code:
                raise InputError(self.name, "there is no such queue") from None
            self.notes.append(f"{error}: the visibility timeout is taken for {_DEFAULT_VISIBILITY} seconds")
            return _DEFAULT_VISIBILITY
        if "RedrivePolicy" not in told:
            self.notes.append(
                "the queue has no dead-letter queue: what cannot be taken in comes again until it expires"
            )
        return int(told.get("VisibilityTimeout", _DEFAULT_VISIBILITY))

    def _receive(self, seconds: int) -> None:
        """Raises CallFailed."""
        found = self._access.ask(
            "sqs", "ReceiveMessage", self._region, QueueUrl=self.name, MaxNumberOfMessages=_BATCH,
            WaitTimeSeconds=seconds,
        ).members.get("Messages", ())  # fmt: skip
        messages = [_Message(one["MessageId"], one["ReceiptHandle"], one.get("Body", "")) for one in found]
        if self._closed.is_set():
            self._change(messages, 0)
            return
        with self._lock:
            self._held.update((one.receipt, one) for one in messages)
            self._waiting += messages

    def _opened(self, message: _Message) -> list[Piece]:
        """The pieces of a message; one that announces nothing is deleted, one that makes no sense is left."""
        try:
            found = [self._piece(one, message) for one in announced(message.body)]
        except ValueError as error:
            self._note(f"message {message.id} {error}; it is left to the dead-letter queue")
            self._leave(message)
            return []
        except CallFailed as error:
            self._note(f"message {message.id}: {error}; it is left to the dead-letter queue")
            self._leave(message)
            return []
        message.left = len(found)
        if not found:
            self._delete([message])
        return found

    def _piece(self, one: Announced, message: _Message) -> Piece:
        """Raises CallFailed."""
        bucket = self._buckets.get(one.bucket)
        if bucket is None:
            bucket = self._buckets[one.bucket] = Bucket(self._access, one.bucket)
        listed = bucket.look_up(one.key) if one.size is None or not one.tag else Listed(one.key, one.size, one.tag)
        found = bucket.piece(listed)
        return Piece(found.name, found.size, found.content, key=(bucket, listed, message))

    def _leave(self, message: _Message) -> None:
        """Its visibility is prolonged no more."""
        with self._lock:
            self._held.pop(message.receipt, None)

    def _delete(self, messages: Sequence[_Message]) -> None:
        for start in range(0, len(messages), _BATCH):
            some = messages[start : start + _BATCH]
            entries = [{"Id": str(number), "ReceiptHandle": one.receipt} for number, one in enumerate(some)]
            try:
                told = self._access.ask(
                    "sqs", "DeleteMessageBatch", self._region, QueueUrl=self.name, Entries=entries
                ).members
            except CallFailed as error:
                told = {"Failed": [{"Code": error.code, "Message": error.message}]}
            for failed in told.get("Failed", ()):
                # It comes again, and is known then.
                self._note(f"a message that was taken in could not be deleted: {failed.get('Code')}")
            for one in some:
                self._leave(one)

    def _prolong(self) -> None:
        """Prolongs what is held until the source is closed."""
        while not self._closed.wait(max(0.2, self._visibility / 3)):
            with self._lock:
                held = list(self._held.values())
            self._change(held, self._visibility)

    def _change(self, messages: Sequence[_Message], seconds: int) -> None:
        for start in range(0, len(messages), _BATCH):
            some = messages[start : start + _BATCH]
            entries: list[dict[str, Any]] = [
                {"Id": str(number), "ReceiptHandle": one.receipt, "VisibilityTimeout": seconds}
                for number, one in enumerate(some)
            ]
            try:
                self._access.ask(
                    "sqs", "ChangeMessageVisibilityBatch", self._region, QueueUrl=self.name, Entries=entries
                )
            except CallFailed as error:
                self._note(
                    f"messages could not be kept from others: {error}; some may be taken in twice, and count once"
                )

    def _note(self, text: str) -> None:
        with self._lock:
            if text not in self.notes:
                self.notes.append(text)

    def _told(self, error: CallFailed) -> InputError:
        if "NonExistentQueue" in error.code or "QueueDoesNotExist" in error.code:
            return InputError(self.name, "there is no such queue")
        return refused(self.name, error, _NEEDED)


def region_of(url: str) -> str:
    """The region that the URL of a queue names; empty if none."""
    found = _HOST.search(url)
    return (found[1] or found[2] or "") if found else ""
