"""The page as the server sends it: what is kept for ever, what is never stored, and who answers what."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from leastwise.api.page import Page, page_by_now, read_page

BASE = "http://127.0.0.1:8765"
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "export const a = 1;\n" * 200


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page")
    (place / "assets").mkdir()
    (place / "index.html").write_text("<!doctype html><title>Leastwise</title>")
    (place / "theme.js").write_text("// theme")
    (place / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (place / "manifest.json").write_text("{}")
    (place / "built-from.txt").write_text("0")
    (place / "assets" / "index-abc.js").write_text(SCRIPT)
    (place / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (place / "assets" / "inter.woff2").write_bytes(b"wOF2")
    (place.parent / "secret.js").write_text("secret")
    return place


async def _api(request: object) -> PlainTextResponse:
    return PlainTextResponse("the API")


def _client(place: Path) -> TestClient:
    api = Starlette(routes=[Route("/{path:path}", _api, methods=["GET", "POST", "HEAD"])])
    return TestClient(Page(api, read_page(place)), BASE)


@pytest.fixture(scope="module")
def client(built: Path) -> TestClient:
    return _client(built)


@pytest.mark.parametrize(
    "path", ["/", "/identities", "/identities/arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa.b", "/sign-in?problem=refused"]
)
def test_a_browser_that_goes_anywhere_gets_the_page_and_never_stores_it(client: TestClient, path: str) -> None:
    response = client.get(path, headers=HTML)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Leastwise" in response.text
    assert "cache-control" not in response.headers  # the frame of every request then says no-store


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/me",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/identities/a%2Fb",
        "/assets/gone-123.js",
        "/api/nothing",
    ],
)
def test_what_is_not_the_pages_is_the_apis_whoever_asks(client: TestClient, path: str) -> None:
    assert client.get(path, headers=HTML).text == "the API"


@pytest.mark.parametrize(
    "path",
    [
        "/manifest.json",
        "/built-from.txt",
        "/assets/index-abc.js.gz",
        "/nothing.js",
        "/assets/..%2F..%2Fsecret.js",
        "/../secret.js",
    ],
)
def test_only_the_files_of_the_page_are_sent(client: TestClient, path: str) -> None:
    assert client.get(path).text == "the API"


def test_a_change_is_never_answered_by_the_page(client: TestClient) -> None:
    assert client.post("/identities", headers=HTML).text == "the API"
    assert client.post("/", headers=HTML).text == "the API"


def test_files_with_a_hash_in_the_name_are_kept_and_come_compressed(client: TestClient) -> None:
    packed = client.get("/assets/index-abc.js", headers={"accept-encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["vary"] == "accept-encoding"
    assert int(packed.headers["content-length"]) < len(SCRIPT)
    assert packed.text == SCRIPT
    for coding in ("identity", "gzip;q=0", "br"):
        plain = client.get("/assets/index-abc.js", headers={"accept-encoding": coding})
        assert "content-encoding" not in plain.headers
        assert plain.text == SCRIPT


def test_files_without_a_hash_are_asked_for_again(client: TestClient) -> None:
    first = client.get("/theme.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/theme.js", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/theme.js", headers={"if-none-match": '"other"'}).status_code == 200


def test_head_sends_the_head(client: TestClient) -> None:
    response = client.head("/icon.svg")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert int(response.headers["content-length"]) > 0


def test_where_no_page_was_built_that_is_said_and_the_api_answers(tmp_path: Path) -> None:
    client = _client(tmp_path)
    response = client.get("/", headers=HTML)
    assert response.status_code == 404
    assert "./x web builds it" in response.json()["detail"]
    assert client.get("/api/v1/me").text == "the API"


def test_a_page_that_is_built_meanwhile_is_there_once_it_is_whole(tmp_path: Path) -> None:
    api = Starlette(routes=[Route("/{path:path}", _api, methods=["GET"])])
    client = TestClient(Page(api, read_page(tmp_path), lambda: page_by_now(tmp_path)), BASE)
    assert client.get("/", headers=HTML).status_code == 404
    (tmp_path / "index.html").write_text("<!doctype html><title>Leastwise</title>")
    assert client.get("/", headers=HTML).status_code == 404, "half of it"
    (tmp_path / "built-from.txt").write_text("0")
    assert client.get("/", headers=HTML).status_code == 200
