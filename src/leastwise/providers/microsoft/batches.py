"""Requests of many threads, put together into batches.

Who asks waits for the own answer and sees nothing of the others': each fails, waits and is tried again for itself.
https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.session import Ask, Reply

from .outcome import failure

MOST = 20
"""https://learn.microsoft.com/graph/json-batching#batch-size-limitations"""
_OTHERS = 0.02
"""Seconds that the first of a batch waits for others."""
_SAFE = "$,()':"

Made = Callable[[Ask], Reply]


@dataclass(slots=True)
class _Batch:
    """Requests that go together, and what came of them."""

    asks: list[Ask] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    answers: Sequence[Reply | RestFailed] = ()
    failed: RestFailed | None = None


class Batches:
    """Puts requests together, and answers each; safe to use from many threads."""

    def __init__(self, made: Made, address: str, most: int = MOST) -> None:
        self._made, self._address, self._most = made, address, most
        self._open: dict[str, _Batch] = {}
        self._lock = threading.Lock()

    def made(self, ask: Ask) -> Reply:
        """The answer to a request below the address. Raises RestFailed."""
        version = ask.url.removeprefix(f"{self._address}/").partition("/")[0]
        with self._lock:
            batch = self._open.get(version)
            first = batch is None
            if batch is None:
                batch = self._open[version] = _Batch()
            number = len(batch.asks)
            batch.asks.append(ask)
            if len(batch.asks) >= self._most:
                del self._open[version]
                batch.full.set()
        if first:
            self._send(version, batch)
        batch.done.wait()
        if batch.failed is not None:
            raise _own(batch.failed)
        answer = batch.answers[number]
        if isinstance(answer, Reply):
            return answer
        if answer.http == 401:
            # The token ended between the batch and its parts; alone, it is signed anew.
            return self._made(ask)
        raise answer

    def _send(self, version: str, batch: _Batch) -> None:
        """Asks for the batch when it is full, or nobody joins it any more."""
        batch.full.wait(_OTHERS)
        with self._lock:
            if self._open.get(version) is batch:
                del self._open[version]
        # Whoever waits must not wait for ever. This stays where anything else is raised, which goes to who sent it.
        batch.failed = RestFailed("NotSent", "the batch was not sent", gone=True)
        try:
            batch.answers = self._answers(version, batch.asks)
            batch.failed = None
        except RestFailed as error:
            batch.failed = error
        finally:
            batch.done.set()

    def _answers(self, version: str, asks: Sequence[Ask]) -> list[Reply | RestFailed]:
        if len(asks) == 1:
            return [self._made(asks[0])]
        root = f"{self._address}/{version}"
        requests = [_part(number, ask, root) for number, ask in enumerate(asks)]
        reply = self._made(Ask("POST", f"{root}/$batch", body={"requests": requests}))
        told = reply.content.get("responses") if isinstance(reply.content, dict) else None
        by_id = {str(one.get("id")): one for one in told or () if isinstance(one, dict)}
        return [_answered(ask, by_id.get(str(number))) for number, ask in enumerate(asks)]


def _part(number: int, ask: Ask, root: str) -> dict[str, Any]:
    query = urlencode({name: str(value) for name, value in ask.query.items()}, safe=_SAFE, quote_via=quote)
    url = ask.url.removeprefix(root) + (f"?{query}" if query else "")
    return {"id": str(number), "method": ask.method, "url": url,
            **({"headers": dict(ask.headers)} if ask.headers else {})}  # fmt: skip


def _own(error: RestFailed) -> RestFailed:
    """The failure of a whole batch for one of those who wait for it: an error that is raised twice tells of both."""
    return RestFailed(
        error.code, error.message, error.http, error.headers, told=error.status, gone=error.network,
        expired=error.ending, used_up=error.spent,
    )  # fmt: skip


def _answered(ask: Ask, told: Mapping[str, Any] | None) -> Reply | RestFailed:
    """The answer to a part of a batch; a part that is not answered may be asked again."""
    status = told.get("status") if told else None
    if told is None or not isinstance(status, int):
        return RestFailed("NotAnswered", "the batch's answer does not tell of it", 500)
    given = told.get("headers")
    headers = {str(name).lower(): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
    body = told.get("body")
    if 200 <= status < 300 and isinstance(body, dict):
        return Reply(ask, body, headers)
    if 200 <= status < 300:
        return RestFailed("NotJson", "the answer cannot be read", 500, headers)
    return failure(status, headers, body)
