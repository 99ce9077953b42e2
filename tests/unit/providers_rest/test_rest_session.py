"""The session: one try, every outcome in the words of coverage, no secret in what it says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from leastwise.errors import UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.rest.failure import LONGEST_WAIT, RestFailed, without_secrets
from leastwise.providers.rest.session import Ask, Session, base_of

URL = "https://api.example.test/v1/things"


def session(handler: Callable[[httpx.Request], httpx.Response], **more: Any) -> Session:
    return Session("leastwise/test", 2, transport=httpx.MockTransport(handler), **more)


def answering(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Session:
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return session(lambda request: httpx.Response(status, content=content, headers=headers or {}))


def failed(one: Session, ask: Ask | None = None) -> RestFailed:
    with pytest.raises(RestFailed) as caught:
        one.ask(ask or Ask("GET", URL))
    return caught.value


def test_a_request_is_made_as_it_was_described() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"things": [1]}, headers={"X-Page": "Two"})

    one = session(handler, sign=lambda ask: {"authorization": f"Bearer {ask.method}"})
    query = {"pageSize": 10, "deleted": True, "types": ["a", "b"], "none": None}
    reply = one.ask(Ask("POST", URL, query, {"options": {"requestedPolicyVersion": 3}}, {"x-user": "p"}))
    (request,) = seen
    assert str(request.url) == f"{URL}?pageSize=10&deleted=true&types=a&types=b"
    assert json.loads(request.content) == {"options": {"requestedPolicyVersion": 3}}
    assert request.headers["authorization"] == "Bearer POST" and request.headers["x-user"] == "p"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "leastwise/test"
    assert reply.content == {"things": [1]} and reply.headers["x-page"] == "Two"
    one.ask(Ask("GET", URL), signed=False)
    assert "authorization" not in seen[1].headers and seen[1].content == b"" and "content-type" not in seen[1].headers


OUTCOMES = [
    (400, CoverageStatus.FAILED, False), (401, CoverageStatus.DENIED, False), (402, CoverageStatus.UNLICENSED, False),
    (403, CoverageStatus.DENIED, False), (404, CoverageStatus.FAILED, False), (405, CoverageStatus.UNSUPPORTED, False),
    (408, CoverageStatus.FAILED, True), (429, CoverageStatus.THROTTLED, False), (500, CoverageStatus.FAILED, True),
    (501, CoverageStatus.UNSUPPORTED, False), (502, CoverageStatus.FAILED, True), (503, CoverageStatus.FAILED, True),
    (504, CoverageStatus.FAILED, True),
]  # fmt: skip


@pytest.mark.parametrize(("http", "status", "passing"), OUTCOMES)
def test_every_status_is_an_outcome(http: int, status: CoverageStatus, passing: bool) -> None:
    error = failed(answering(http, {"error": "x"}))
    assert (error.status, error.passing, error.network, error.http) == (status, passing, False, http)


@pytest.mark.parametrize("http", [301, 302, 307, 308])
def test_who_is_sent_elsewhere_does_not_go_there(http: int) -> None:
    error = failed(answering(http, headers={"location": "https://evil.example.test/"}))
    assert "elsewhere" in str(error) and not error.passing


@pytest.mark.parametrize(
    "body", [b"", b" ", b"<html>Welcome to the hotel</html>", b'{"things": [1, 2', b"\xff\xfe", b"{} trailing"]
)
def test_what_is_no_json_is_never_an_empty_answer(body: bytes) -> None:
    error = failed(answering(200, body))
    assert (error.code, error.status, error.passing) == ("NotJson", CoverageStatus.FAILED, True)
    assert "hotel" not in str(error)


def test_no_content_is_an_answer_where_the_status_says_so() -> None:
    assert session(lambda _: httpx.Response(204)).ask(Ask("GET", URL)).content == {}


NETWORK = [
    httpx.ConnectError("[Errno 111] https://user:canary@proxy"), httpx.ConnectTimeout("x"), httpx.ReadTimeout("x"),
    httpx.ReadError("x"), httpx.RemoteProtocolError("peer closed connection"), httpx.ProxyError("canary"),
    httpx.WriteError("x"), httpx.DecodingError("bad gzip"),
]  # fmt: skip


@pytest.mark.parametrize("error", NETWORK, ids=lambda one: type(one).__name__)
def test_nothing_came_back(error: httpx.RequestError) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise error

    found = failed(session(broken), Ask("GET", f"{URL}?token=canary"))
    assert found.network and found.passing and found.status is CoverageStatus.FAILED
    assert str(found) == f"{type(error).__name__}: api.example.test"


@pytest.mark.parametrize(
    ("sent", "code"),
    [(b"", "RemoteProtocolError"), (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}", "RemoteProtocolError"),
     (b"no protocol of ours\r\n\r\n", "RemoteProtocolError")],
)  # fmt: skip
def test_a_connection_that_breaks_off_is_no_answer(sent: bytes, code: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(sent)
            connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with Session("x", 1) as one:
            error = failed(one, Ask("GET", f"http://127.0.0.1:{server.getsockname()[1]}/"))
    assert (error.code, error.network) == (code, True)


def test_nobody_listens() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with Session("x", 1) as one:
        assert failed(one, Ask("GET", f"http://127.0.0.1:{port}/")).code == "ConnectError"


def test_no_more_calls_than_allowed_get_through_at_once() -> None:
    now, most, lock, all_in = [0], [0], threading.Lock(), threading.Barrier(2, timeout=10)

    def handler(request: httpx.Request) -> httpx.Response:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        all_in.wait()
        with lock:
            now[0] -= 1
        return httpx.Response(200, json={})

    one = session(handler)
    threads = [threading.Thread(target=one.ask, args=(Ask("GET", URL),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most[0] == 2


def test_a_session_that_was_ended_makes_no_call() -> None:
    calls: list[Any] = []
    one = session(lambda request: calls.append(request) or httpx.Response(200, json={}))  # type: ignore[func-returns-value]
    one.close()
    error = failed(one)
    assert (error.code, calls) == ("Closed", [])


def test_the_longest_beginning_is_replaced_by_its_base() -> None:
    bases = {"https://": "http://127.0.0.1:9/", "https://api.example.test/v1": "https://private.test/x/"}
    one = session(lambda request: httpx.Response(200, json={"url": str(request.url)}), bases=bases)
    assert one.ask(Ask("GET", URL)).content == {"url": "https://private.test/x/things"}
    assert one.ask(Ask("GET", "https://other.test/a?b=c")).content == {"url": "http://127.0.0.1:9/other.test/a?b=c"}


@pytest.mark.parametrize(
    "url", ["http://internal.test", "http://10.0.0.1", "ftp://127.0.0.1", "127.0.0.1:80", "", "https://"]
)
def test_a_token_is_sent_in_the_clear_nowhere(url: str) -> None:
    with pytest.raises(UsageError, match="endpoint"):
        base_of(url, "endpoint")


@pytest.mark.parametrize(
    "url", ["https://private.test", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"]
)
def test_where_a_token_may_be_sent(url: str) -> None:
    assert base_of(url, "endpoint") == url


WAITS = [
    ({"retry-after": "7"}, 7.0), ({"retry-after": " 0 "}, 0.0), ({}, 0.0), ({"retry-after": "soon"}, 0.0),
    ({"retry-after": "-3"}, 0.0),
    ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 30.0),
    ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 0.0),
    ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "seconds"), WAITS)
def test_how_long_the_vendor_asks_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert RestFailed("x", "", 429, headers).wait == seconds


def test_who_asks_to_wait_for_hours_has_no_more_to_give() -> None:
    assert not RestFailed("x", "", 429, {"retry-after": str(int(LONGEST_WAIT))}).spent
    assert RestFailed("x", "", 429, {"retry-after": "3600"}).spent
    assert not RestFailed("x", "", 503, {"retry-after": "3600"}).spent
    assert RestFailed("x", "", 429, used_up=True).spent


SECRETS = some.from_regex(r"[A-Za-z0-9._~-]{8,60}", fullmatch=True)
ANNOUNCED = [
    "Authorization: Bearer {}", "access_token={}&x=1", '{{"access_token": "{}"}}', "client_secret: {}", "password={}",
    "refresh_token={}", "id_token: '{}'", "https://x?key={}", "Basic {}",
]  # fmt: skip


@given(SECRETS, some.sampled_from(ANNOUNCED))
def test_what_announces_itself_as_secret_is_not_repeated(secret: str, text: str) -> None:
    told = str(RestFailed("x", f"before {text.format(secret)} after", 400))
    assert secret not in told and told.startswith("x: before")


def test_words_about_tokens_stay() -> None:
    text = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other"
    assert without_secrets(text) == text
