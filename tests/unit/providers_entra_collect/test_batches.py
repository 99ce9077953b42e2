"""Requests of many threads in batches: each gets its own answer, or its own failure, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from leastwise.providers.microsoft.batches import MOST, Batches
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.session import Ask, Reply

ROOT = "https://graph.test"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of a batch waits until it is full."""
    monkeypatch.setattr("leastwise.providers.microsoft.batches._OTHERS", 30.0)


class Server:
    """Answers each request with its own address; `wrong` are statuses by the number that ends it."""

    def __init__(self, wrong: dict[int, int] | None = None, whole: Callable[[], Any] = lambda: None) -> None:
        self.wrong, self.whole, self.sizes, self.alone = wrong or {}, whole, list[int](), 0
        self._lock = threading.Lock()

    def __call__(self, ask: Ask) -> Reply:
        self.whole()
        if not ask.url.endswith("$batch"):
            with self._lock:
                self.alone += 1
            return Reply(ask, {"url": ask.url.removeprefix(f"{ROOT}/v1.0")}, {})
        with self._lock:
            self.sizes.append(len(ask.body["requests"]))
        return Reply(ask, {"responses": [self._part(one) for one in reversed(ask.body["requests"])]}, {})

    def _part(self, one: dict[str, Any]) -> dict[str, Any]:
        status = self.wrong.get(int(one["url"].rpartition("/")[2]), 200)
        body = {"url": one["url"]} if status == 200 else {"error": {"code": f"E{status}", "message": one["url"]}}
        return {"id": one["id"], "status": status, "headers": {"Retry-After": "9"}, "body": body}


def asked(server: Server, number: int) -> list[Any]:
    batches = Batches(server, ROOT)
    start = threading.Barrier(number)

    def one(at: int) -> Any:
        start.wait()
        try:
            return batches.made(Ask("GET", f"{ROOT}/v1.0/groups/{at}")).content["url"]
        except RestFailed as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


@settings(max_examples=20, deadline=None)
@given(
    number=some.integers(1, 45), wrong=some.dictionaries(some.integers(0, 44), some.sampled_from([403, 404, 429, 503]))
)
def test_everybody_gets_the_own_answer(number: int, wrong: dict[int, int]) -> None:
    server = Server(wrong)
    found = asked(server, number)
    assert sum(server.sizes) + server.alone == number and all(1 < size <= MOST for size in server.sizes)
    for at, answer in enumerate(found):
        if isinstance(answer, RestFailed):
            assert (answer.http, answer.message, answer.wait) == (wrong[at], f"/groups/{at}", 9.0)
        else:
            assert answer == f"/groups/{at}"


def test_a_part_whose_token_ended_is_asked_alone_and_signed_anew() -> None:
    server = Server(dict.fromkeys(range(45), 401))
    assert asked(server, 12) == [f"/groups/{at}" for at in range(12)] and server.alone == 12


def test_a_batch_that_fails_fails_for_each_of_those_who_wait() -> None:
    def refuse() -> None:
        raise RestFailed("InvalidAuthenticationToken", "over", 401, {"retry-after": "3"}, expired="over")

    found = asked(Server(whole=refuse), 25)
    assert {(one.code, one.ending, one.wait) for one in found} == {("InvalidAuthenticationToken", "over", 3.0)}
    assert len({id(one) for one in found}) == 25, "each its own"


def test_a_mistake_lets_everybody_go() -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    batches = Batches(Server(whole=breaks), ROOT)
    results: list[str] = []
    start = threading.Barrier(5)

    def one(at: int) -> None:
        start.wait()
        try:
            batches.made(Ask("GET", f"{ROOT}/v1.0/groups/{at}"))
        except (RestFailed, ZeroDivisionError) as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=one, args=(at,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(results) == 5 and "ZeroDivisionError" in results


@pytest.mark.parametrize(
    "answer", [{}, {"responses": None}, {"responses": [{"id": "0"}]}, {"responses": [{"id": "0", "status": "200"}]},
               {"responses": [{"id": "0", "status": 200, "body": "aGVsbG8="}, {"id": "1", "status": 200}]}]
)  # fmt: skip
def test_what_is_not_answered_may_be_asked_again(answer: Any, patient: None) -> None:
    class Odd(Server):
        def __call__(self, ask: Ask) -> Reply:
            return Reply(ask, answer, {}) if ask.url.endswith("$batch") else super().__call__(ask)

    found = asked(Odd(), MOST)
    assert all(isinstance(one, RestFailed) and one.passing for one in found)


def test_versions_are_not_mixed_and_parameters_are_written_as_the_vendor_reads_them(patient: None) -> None:
    seen: list[tuple[str, str]] = []

    def made(ask: Ask) -> Reply:
        parts = ask.body["requests"] if ask.body else []
        seen.extend((ask.url, one["url"]) for one in parts)
        return Reply(ask, {"responses": [{"id": one["id"], "status": 200, "body": {}} for one in parts]}, {})

    batches = Batches(made, ROOT, most=2)
    start = threading.Barrier(4)

    def one(version: str) -> None:
        start.wait()
        query = {"$filter": "groupId eq 'a&b'", "$top": 9}
        batches.made(Ask("GET", f"{ROOT}/{version}/groups", query, headers={"ConsistencyLevel": "eventual"}))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, ["v1.0", "beta", "v1.0", "beta"]))
    told = "/groups?$filter=groupId%20eq%20'a%26b'&$top=9"
    assert sorted(seen) == [(f"{ROOT}/beta/$batch", told)] * 2 + [(f"{ROOT}/v1.0/$batch", told)] * 2
