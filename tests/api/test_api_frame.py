"""What is so for every request: ids, headers, problems, addresses, and that every route declares one right."""

from __future__ import annotations

import json
import logging
from typing import Annotated

import pytest
from starlette.testclient import TestClient

from leastwise import errors
from leastwise.api.application import check, create_app
from leastwise.api.logs import JsonLines
from leastwise.api.problems import STATUSES
from leastwise.api.requests import sound
from leastwise.api.routing import subject
from leastwise.api.security.rights import needs
from leastwise.api.settings import ApiSettings
from leastwise.app.duties import Caller, Duty, Right
from leastwise.app.wiring import Workspace

pytestmark = pytest.mark.together("demo")

ERRORS = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


def test_every_error_class_has_a_status_and_a_name_of_its_own():
    assert set(STATUSES) == set(ERRORS)
    assert len({name for _, name in STATUSES.values()}) == len(STATUSES)


def made(kind: type[errors.LeastwiseError]) -> errors.LeastwiseError:
    if issubclass(kind, errors.InputError):
        return kind("/secret/place", "a cause")
    if kind is errors.ThrottledError:
        return errors.ThrottledError("too many", 7)
    return kind("/secret/place: a cause")


@pytest.fixture(scope="module")
def failing(demo_home):
    """An application with an endpoint that raises each error, and one that nobody expected."""
    app = create_app(Workspace(demo_home), ApiSettings("http://127.0.0.1:8765", open_to=frozenset(Duty)))
    router = subject("failing")

    @router.get("/fail/{name:id}")
    def fail(name: str, caller: Annotated[Caller, needs(Right.SEE)]) -> str:
        if name == "unexpected":
            raise ZeroDivisionError("/secret/place")
        raise made(getattr(errors, name))

    @router.get("/say/{text:id}")
    def say(text: str, times: int, caller: Annotated[Caller, needs(Right.SEE)]) -> str:
        return text * times

    app.router.routes.extend(router.routes)
    check(app)
    return TestClient(app, "http://127.0.0.1:8765", raise_server_exceptions=False)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_are_problems(failing, kind):
    answer = failing.get(f"/api/v1/fail/{kind.__name__}")
    status, name = STATUSES[kind]
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (told["type"], told["status"]) == (f"urn:leastwise:problem:{name}", status)
    assert told["request"] == answer.headers["x-request-id"]
    server_side = issubclass(kind, (errors.StoreError, errors.EstateFileError, errors.RuleFileError))
    assert ("/secret/place" in answer.text) == (not server_side and kind is not errors.ThrottledError)
    assert answer.headers.get("retry-after") == {
        errors.ThrottledError: "7", errors.HomeLockedError: "2", errors.StoreError: "2",
    }.get(kind)  # fmt: skip


def test_what_nobody_expected_says_nothing_and_is_logged_under_its_id(failing):
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(JsonLines().format(record))
    logger = logging.getLogger("leastwise.api")
    logger.addHandler(handler)
    try:
        answer = failing.get("/api/v1/fail/unexpected", headers={"X-Request-Id": "mine-1"})
    finally:
        logger.removeHandler(handler)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:leastwise:problem:internal")
    assert "secret" not in answer.text and answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["x-frame-options"] == "DENY"
    told = [json.loads(line) for line in lines]
    assert told[0]["event"] == "internal error" and told[0]["request"] == "mine-1"
    assert "ZeroDivisionError" in told[0]["traceback"]


def test_a_parameter_that_is_none_is_named_without_its_value(failing):
    answer = failing.get("/api/v1/say/x", params={"times": "s3cret"})
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, "query.times")
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("text", ["a/b", "arn:aws:iam::1:role/x/y", "100%", "a b", "\u00e9", "%2F", "..x", "?#&"])
def test_an_id_in_a_path_is_read_as_it_was_written(failing, text):
    from urllib.parse import quote

    assert failing.get(f"/api/v1/say/{quote(text, safe='')}?times=1").json() == text


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        (b"/api/v1/me", True), (b"/api/v1/identities/arn%3Aaws%2Fx", True), (b"/", True),
        (b"/api/v1/../me", False), (b"/api/v1/%2e%2e/me", False), (b"/api/v1/.%2E/me", False), (b"/./me", False),
        (b"/api/%00", False), (b"/api/%ff", False), (b"/api/%2", False), (b"/api/%zz", False), (b"/a b", False),
        (b"/a\xff", False), (b"me", False), (b"http://elsewhere/me", False), (b"/a\\b", False),
    ],
)  # fmt: skip
def test_paths_are_sound_or_refused(path, fine):
    assert sound(path) is fine


def test_the_headers_that_forbid_are_on_every_answer(demo):
    for path in ("/healthz", "/api/v1/me", "/nothing", "/api/v1/%2e%2e/x"):
        headers = demo.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'self'") and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_a_request_id_that_is_none_is_replaced(demo):
    given = demo.get("/healthz", headers={"X-Request-Id": "a b;{}"}).headers["x-request-id"]
    assert given != "a b;{}" and len(given) == 16


def test_another_host_is_refused_but_for_probes(demo):
    assert demo.get("/api/v1/me", headers={"Host": "evil.example"}).status_code == 421
    assert demo.get("/api/v1/me", headers={"Host": "localhost:8765"}).status_code == 200
    assert demo.get("/healthz", headers={"Host": "10.0.0.9"}).status_code == 200


def test_what_is_not_there_and_what_is_not_possible(demo):
    assert demo.get("/api/v1/nothing").json()["type"] == "urn:leastwise:problem:not-found"
    refused = demo.post("/api/v1/me")
    assert (refused.status_code, refused.json()["type"]) == (405, "urn:leastwise:problem:method-not-allowed")
    assert refused.headers["allow"] == "GET"


def test_the_server_is_healthy_ready_and_counts(demo):
    assert demo.get("/healthz").json() == {"status": "ok"}
    assert demo.get("/readyz").json() == {"status": "ready"}
    assert demo.get("/metrics").status_code == 200  # all duties
    text = demo.get("/metrics").text
    assert 'leastwise_requests_total{method="GET",route="/readyz",status="200"}' in text


def test_metrics_are_for_this_machine_or_for_who_has_the_right(demo_home, opened):
    viewer = opened(demo_home, Duty.VIEWER)  # its address is `testclient`
    assert viewer.get("/metrics").status_code == 403


def test_the_description_has_every_route_and_its_right(demo):
    document = demo.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["paths"]["/api/v1/me"]["get"]["x-right"] == "own"
    assert document["paths"]["/healthz"]["get"]["security"] == []
    refused = document["paths"]["/api/v1/estate"]["get"]["responses"]["422"]["content"]
    assert list(refused) == ["application/problem+json"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize("rights", [(), (Right.SEE, Right.ASK)], ids=["none", "two"])
def test_a_route_that_does_not_declare_one_right_does_not_start(demo_home, rights):
    app = create_app(Workspace(demo_home), ApiSettings())
    app.get("/api/v1/undeclared", dependencies=[needs(right) for right in rights])(lambda: "x")
    with pytest.raises(AssertionError, match=f"declares {len(rights)} rights"):
        check(app)


@pytest.mark.parametrize(
    "url",
    ["http://leastwise.example", "ftp://127.0.0.1", "127.0.0.1", "https://", "https://x/path", "https://x:port", ""],
)
def test_an_address_for_browsers_that_is_none_or_unsafe_is_refused(url):
    with pytest.raises(errors.UsageError, match="--public-url"):
        ApiSettings(url)


def test_nobody_signs_in_on_this_machine_only():
    with pytest.raises(errors.UsageError, match="--without-sign-in"):
        ApiSettings("https://leastwise.example", open_to=frozenset(Duty))


def test_hosts_and_origins_are_those_of_the_address():
    public = ApiSettings("https://Leastwise.Example:443")
    assert public.hosts == {"leastwise.example"} and public.origins == {"https://leastwise.example"} and public.secure
    assert "http://[::1]:8765" in ApiSettings().origins and not ApiSettings().secure
