"""How much a client may send, how slowly, how often; and answers that need not be sent again."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
import uvicorn
from signing import Signing
from starlette.testclient import TestClient

from leastwise.api.application import create_app
from leastwise.api.connection import Connection
from leastwise.api.rates import CALLERS, Rates
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Duty
from leastwise.app.wiring import Workspace

pytestmark = pytest.mark.together("demo")


class Quick(Connection):
    head_bytes = 4096
    head_seconds = 0.4


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A real server on loopback with small limits."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
        settings = ApiSettings(f"http://127.0.0.1:{port}", open_to=frozenset(Duty), body_bytes=2000)
        app = create_app(Workspace(tmp_path_factory.mktemp("limits") / "home"), settings)
        config = uvicorn.Config(app, http=Quick, log_config=None, access_log=False, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield "127.0.0.1", port
        server.should_exit = True
        thread.join()


def said(address, *pieces, end=False):
    """What the server answers to bytes, until it closes or has answered one request."""
    with socket.create_connection(address, timeout=20) as client:
        got = b""
        try:
            for piece in pieces:
                client.sendall(piece)
            if end:
                client.shutdown(socket.SHUT_WR)
            while b"\r\n\r\n" not in got or len(got.partition(b"\r\n\r\n")[2]) < length(got):
                more = client.recv(65536)
                if not more:
                    break
                got += more
        except ConnectionError:
            pass
    return got


def length(got):
    found = [line for line in got.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return int(found[0].partition(b":")[2]) if found else 0


def status(got):
    return int(got.split(b" ", 2)[1])


def head(address, method="GET", path="/api/v1/me", *lines):
    host = f"Host: {address[0]}:{address[1]}"
    return "\r\n".join([f"{method} {path} HTTP/1.1", host, *lines, "", ""]).encode("latin-1")


def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(address):
    declared = head(address, "PUT", "/api/v1/settings", "Content-Type: application/json", "Content-Length: 3000000000")
    got = said(address, declared)
    assert status(got) == 413 and b"connection: close" in got.lower()
    chunked = head(address, "PUT", "/api/v1/settings", "Content-Type: application/json", "Transfer-Encoding: chunked")
    got = said(address, chunked, *[b"400\r\n" + b" " * 1024 + b"\r\n"] * 4, b"0\r\n\r\n")
    assert status(got) == 413
    told = json.loads(got.partition(b"\r\n\r\n")[2])
    assert told["type"] == "urn:leastwise:problem:too-large"
    body = json.dumps({"name": "retention_days", "value": "30"}).encode()
    fine = head(address, "PUT", "/api/v1/settings", "Content-Type: application/json", f"Content-Length: {len(body)}")
    assert status(said(address, fine + body)) == 200


def test_a_head_that_is_too_large_or_never_done_ends_the_connection(address):
    got = said(address, head(address, "GET", "/api/v1/me", f"X: {'a' * 70_000}"))
    assert status(got) == 431
    got = said(address, b"GET /api/v1/me HTTP/1.1\r\n", *[b"X: " + b"a" * 1000 + b"\r\n"] * 5)
    assert status(got) == 431 and json.loads(got.partition(b"\r\n\r\n")[2])["status"] == 431
    assert status(said(address, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n")) in (400, 431)
    for began in (b"", b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n"):
        assert status(said(address, began)) == 408


def test_a_body_that_never_comes_is_given_up(address, monkeypatch):
    from leastwise.api import bodies

    monkeypatch.setattr(bodies, "PIECE_SECONDS", 0.2)
    begun = head(address, "PUT", "/api/v1/settings", "Content-Type: application/json", "Content-Length: 20")
    assert status(said(address, begun + b"{")) == 408


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (b"\x00\x01\x02\r\n\r\n", {400}),
        (b"GET / HTTP/9.9\r\n\r\n", {400}),
        (b"GET /api/v1/me HTTP/1.1\r\n\r\n", {421}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost: a\r\nHost: HOST\r\n\r\n", {421, 400}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", {400}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n", {400}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n", {400, 200}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost : HOST\r\n\r\n", {400}),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
        (b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
        (b"GET /..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: HOST\r\n\r\n", {404}),
        (b"GET /api/v1/\xff HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
        (b"GET http://evil.example/api/v1/me HTTP/1.1\r\nHost: HOST\r\n\r\n", {200, 400}),
        (b"GET //evil.example/api/v1/me HTTP/1.1\r\nHost: HOST\r\n\r\n", {404}),
        (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n", {400, 404, 405}),
        (b"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
        (b"BREW /api/v1/me HTTP/1.1\r\nHost: HOST\r\n\r\n", {400}),
        (b"GET /api/v1/me HTTP/1.1\r\nHost: HOST\r\nX-Forwarded-For: 9.9.9.9\r\nX-Original-URL: /x\r\n\r\n", {200}),
        (b"POST /api/v1/me HTTP/1.1\r\nHost: HOST\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n", {405}),
    ],
)  # fmt: skip
def test_tricks_with_lines_and_paths(address, request_, statuses):
    got = said(address, request_.replace(b"HOST", f"{address[0]}:{address[1]}".encode()))
    assert status(got) in statuses, got
    assert b"root:" not in got and b"Traceback" not in got


def test_two_requests_on_one_connection(address):
    both = head(address) + head(address, "GET", "/healthz", "Connection: close")
    with socket.create_connection(address, timeout=20) as client:
        client.sendall(both)
        got = b""
        while more := client.recv(65536):
            got += more
    assert got.count(b"HTTP/1.1 200") == 2


def test_rates_let_a_burst_in_and_then_so_many_a_second():
    moment = [0.0]
    rates = Rates(2, 3, lambda: moment[0])
    assert [rates.take("ann") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rates.take("bob") == 0
    moment[0] += 0.5
    assert [rates.take("ann") for _ in range(2)] == [0, 0.5]
    moment[0] += 100
    assert [rates.take("ann") for _ in range(4)] == [0, 0, 0, 0.5]
    for number in range(CALLERS * 2):
        rates.take(f"u{number}")
    assert len(rates._left) == CALLERS


def test_a_caller_who_asks_too_often_waits_and_others_do_not(tmp_path):
    app = create_app(Workspace(tmp_path / "home"), ApiSettings(requests_a_second=0.1, requests_at_once=2))
    client = TestClient(app, "http://127.0.0.1:8765")
    answers = [client.get("/api/v1/me") for _ in range(3)]
    assert [one.status_code for one in answers] == [401, 401, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 10
    other = TestClient(app, "http://127.0.0.1:8765", client=("192.0.2.1", 1))
    assert other.get("/api/v1/me").status_code == 401


def test_an_answer_that_the_client_has_is_not_sent_again(demo, demo_home, opened):
    first = demo.get("/api/v1/estate")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache" and "Cookie" in first.headers["vary"]
    for given in (tag, f'"x", W/{tag}', "*"):
        again = demo.get("/api/v1/estate", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["x-frame-options"] == "DENY"
    assert demo.get("/api/v1/estate", headers={"If-None-Match": '"x"'}).status_code == 200
    assert demo.get("/api/v1/estate?x=1").headers["etag"] != tag
    assert opened(demo_home, Duty.VIEWER).get("/api/v1/estate").headers["etag"] != tag


def test_the_tag_of_who_sees_less_is_another(tmp_path):
    server = Signing(tmp_path / "home")
    admin = server.admin()
    tags = set()
    for places in (["*"], ["aws:1"], ["aws:2"]):
        asked = {"name": "t", "rights": ["see"], "places": places, "days": 1}
        secret = admin.post("/api/v1/tokens", json=asked).json()["secret"]
        tags.add(server.bearer(secret).get("/api/v1/estate").headers["etag"])
    assert len(tags) == 3
