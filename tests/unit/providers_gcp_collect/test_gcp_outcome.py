"""Errors of Google's APIs in the words of coverage."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.model.scope import CoverageStatus as Status
from leastwise.providers.gcp.collect.outcome import failure

INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def error(code: int, status: str, message: str = "m", reason: str = "", **metadata: str) -> dict[str, Any]:
    details = [
        {"@type": "type.googleapis.com/google.rpc.Help"},
        {"@type": INFO, "reason": reason, "metadata": metadata},
    ]
    return {"error": {"code": code, "status": status, "message": message, **({"details": details} if reason else {})}}


def old(code: int, reason: str, message: str = "m") -> dict[str, Any]:
    """As the directory's APIs say it."""
    return {"error": {"code": code, "message": message, "errors": [{"domain": "global", "reason": reason}]}}


DENIED, OFTEN, FAILED = Status.DENIED, Status.THROTTLED, Status.FAILED
CASES: list[tuple[int, Any, str, Status]] = [
    (403, error(403, "PERMISSION_DENIED"), "PERMISSION_DENIED", DENIED),
    (403, error(403, "PERMISSION_DENIED", reason="IAM_PERMISSION_DENIED"), "IAM_PERMISSION_DENIED", DENIED),
    (403, error(403, "PERMISSION_DENIED", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
     DENIED),
    (403, error(403, "PERMISSION_DENIED", reason="SECURITY_POLICY_VIOLATED"), "SECURITY_POLICY_VIOLATED", DENIED),
    (403, error(403, "PERMISSION_DENIED", reason="USER_PROJECT_DENIED"), "USER_PROJECT_DENIED", DENIED),
    (403, error(403, "PERMISSION_DENIED", reason="SERVICE_DISABLED", service="iam.googleapis.com",
                consumer="projects/5"), "SERVICE_DISABLED", Status.UNSUPPORTED),
    (403, error(403, "PERMISSION_DENIED", reason="BILLING_DISABLED"), "BILLING_DISABLED", Status.UNLICENSED),
    (429, error(429, "RESOURCE_EXHAUSTED"), "RESOURCE_EXHAUSTED", OFTEN),
    (429, error(429, "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED"), "RATE_LIMIT_EXCEEDED", OFTEN),
    (403, error(403, "PERMISSION_DENIED", reason="RATE_LIMIT_EXCEEDED"), "RATE_LIMIT_EXCEEDED", OFTEN),
    (404, error(404, "NOT_FOUND"), "NOT_FOUND", FAILED),
    (400, error(400, "INVALID_ARGUMENT"), "INVALID_ARGUMENT", FAILED),
    (400, error(400, "FAILED_PRECONDITION"), "FAILED_PRECONDITION", FAILED),
    (409, error(409, "ABORTED"), "ABORTED", FAILED),
    (500, error(500, "INTERNAL"), "INTERNAL", FAILED),
    (501, error(501, "UNIMPLEMENTED"), "UNIMPLEMENTED", Status.UNSUPPORTED),
    (503, error(503, "UNAVAILABLE"), "UNAVAILABLE", FAILED),
    (403, old(403, "forbidden"), "HTTP 403", DENIED),
    (403, old(403, "insufficientPermissions"), "HTTP 403", DENIED),
    (403, old(403, "userRateLimitExceeded"), "userRateLimitExceeded", OFTEN),
    (403, old(403, "quotaExceeded"), "quotaExceeded", OFTEN),
    (403, old(403, "dailyLimitExceeded"), "dailyLimitExceeded", OFTEN),
    (403, old(403, "accessNotConfigured"), "accessNotConfigured", Status.UNSUPPORTED),
    (404, old(404, "notFound"), "HTTP 404", FAILED),
    (403, {"error": "a text"}, "HTTP 403", DENIED),
    (429, None, "HTTP 429", OFTEN),
    (502, None, "HTTP 502", FAILED),
    (403, [], "HTTP 403", DENIED),
    (403, {"error": {"details": [None, 3], "errors": [None]}}, "HTTP 403", DENIED),
    (403, {"error": {"details": [{"@type": INFO, "reason": "SERVICE_DISABLED", "metadata": None}]}},
     "SERVICE_DISABLED", Status.UNSUPPORTED),
]  # fmt: skip


@pytest.mark.parametrize(("http", "content", "code", "status"), CASES)
def test_every_error_is_an_outcome(http: int, content: Any, code: str, status: Status) -> None:
    found = failure(http, {}, content)
    assert (found.code, found.status, found.http) == (code, status, http)
    assert found.ending == "" and not found.network
    assert found.passing is (http >= 500 and status is FAILED)


DAYS = [
    (error(429, "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED", quota_limit="ReadsPerDayPerProject"), True),
    (error(429, "RESOURCE_EXHAUSTED", reason="RATE_LIMIT_EXCEEDED", quota_unit="1/d/{project}",
           quota_limit="ReadsPerMinutePerProject"), False),
    (error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for limit 'Queries per day' of service x"), True),
    (error(429, "RESOURCE_EXHAUSTED", "Quota exceeded for limit 'Queries per minute' of service x"), False),
    (error(429, "RESOURCE_EXHAUSTED", "come back later, your daily friend", "RATE_LIMIT_EXCEEDED",
           quota_limit="ReadsPerMinutePerProject"), False),
    (old(403, "dailyLimitExceeded"), True),
    (old(403, "rateLimitExceeded"), False),
    (error(403, "PERMISSION_DENIED", "not allowed per day"), False),
]  # fmt: skip


@pytest.mark.parametrize(("content", "spent"), DAYS)
def test_what_a_day_gives_no_waiting_brings_back(content: Any, spent: bool) -> None:
    assert failure(content["error"]["code"], {}, content).spent is spent


@pytest.mark.parametrize(
    ("reason", "ending"),
    [("ACCESS_TOKEN_EXPIRED", True), ("", True), ("ACCESS_TOKEN_TYPE_UNSUPPORTED", False)],
)
def test_a_token_that_is_not_accepted_serves_for_no_call(reason: str, ending: bool) -> None:
    assert bool(failure(401, {}, error(401, "UNAUTHENTICATED", reason=reason)).ending) is ending


def test_an_api_that_is_switched_off_is_named_with_its_project() -> None:
    content = error(403, "PERMISSION_DENIED", "a long text with a link to visit", "SERVICE_DISABLED",
                    service="policyanalyzer.googleapis.com", consumer="projects/77")  # fmt: skip
    assert (
        str(failure(403, {}, content))
        == "SERVICE_DISABLED: policyanalyzer.googleapis.com is not enabled in projects/77"
    )


def test_retry_after_is_kept() -> None:
    assert failure(429, {"retry-after": "12"}, error(429, "RESOURCE_EXHAUSTED")).wait == 12.0
