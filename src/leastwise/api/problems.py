"""Every error as problem+json (RFC 9457): one status and one stable name for each class of errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leastwise import errors

from .etags import Unchanged, tagged

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("leastwise.api")

STATUSES: Mapping[type[errors.LeastwiseError], tuple[int, str]] = {
    errors.LeastwiseError: (500, "error"),
    errors.UsageError: (400, "usage"),
    errors.InputError: (422, "input"),
    errors.UnknownFormatError: (422, "unknown-format"),
    errors.EstateFileError: (503, "estate-file"),
    errors.RuleFileError: (500, "rule-file"),
    errors.StoreError: (503, "store"),
    errors.HomeLockedError: (409, "home-locked"),
    errors.IntegrityError: (503, "integrity"),
    errors.StorageFullError: (507, "storage-full"),
    errors.NotFoundError: (404, "not-found"),
    errors.AmbiguousError: (409, "ambiguous"),
    errors.SignInError: (401, "sign-in"),
    errors.RefusedError: (403, "refused"),
    errors.ThrottledError: (429, "throttled"),
}
"""Status and name of each class of errors; a test holds that none is missing."""

_UNTOLD: Mapping[type[errors.LeastwiseError], str] = {
    errors.HomeLockedError: "another process is writing to the home; try again when it has ended",
    errors.StorageFullError: "the disk or a quota of the server is full; nothing was committed",
    errors.IntegrityError: "stored bytes differ from what was recorded; the server's log says which",
    errors.StoreError: "the server's store cannot do its work; its log says why",
    errors.EstateFileError: "the server's estate.yaml does not say what it must; its log says where",
    errors.RuleFileError: "a rule file of the server does not follow the schema; its log says which",
}
"""What is said in place of messages that name places of the server."""
_RETRY = frozenset({errors.HomeLockedError, errors.StoreError})
_NAMES = {
    400: "bad-request", 401: "sign-in", 403: "refused", 404: "not-found", 405: "method-not-allowed", 408: "timeout",
    409: "conflict", 413: "too-large", 421: "wrong-host", 429: "throttled", 431: "headers-too-large", 500: "internal",
    503: "unavailable",
}  # fmt: skip


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    place: str = Field(description="Where: `query`, `path`, `body` or `header`, and the names below it.")
    cause: str = Field(description="What is wrong, without the value that was sent.")


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="A stable name, `urn:leastwise:problem:NAME`.")
    title: str = Field(description="The name in words.")
    status: int = Field(description="The status of the response.")
    detail: str = Field(description="One line that names the place and the cause.")
    request: str = Field("", description="The id of the request, as the server's log has it.")
    errors: list[Fault] = Field([], description="Each thing that is wrong, where several are.")


class ApiProblem(Exception):
    """An error of the protocol itself: raised in `api` only, where no class of `errors.py` fits."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, name: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.name = status, detail, dict(headers or {}), name


def problem(
    status: int,
    name: str,
    detail: str,
    request: str = "",
    headers: Mapping[str, str] | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response:
    """A response of that problem."""
    told: dict[str, Any] = {
        "type": f"urn:leastwise:problem:{name}",
        "title": name.replace("-", " "),
        "status": status,
        "detail": detail,
        "request": request,
        "errors": faults or [],
    }
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, dict(headers or {}), MEDIA_TYPE)


def protocol(status: int, detail: str, request: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A problem of the protocol, called by its status."""
    return problem(status, _NAMES.get(status, "error"), detail, request, headers)


def answer(error: errors.LeastwiseError, request: str = "") -> Response:
    """The problem that one of our errors is; what names places of the server goes to its log only."""
    kind = _kind(error)
    status, name = STATUSES[kind]
    headers = {"Retry-After": "2"} if kind in _RETRY else {}
    if isinstance(error, errors.ThrottledError):
        headers = {"Retry-After": str(error.seconds)}
    if isinstance(error, errors.SignInError):
        headers = {"WWW-Authenticate": 'Bearer realm="leastwise"'}
    return problem(status, name, told_of(error, request), request, headers)


def told_of(error: errors.LeastwiseError, request: str = "") -> str:
    """What is said of one of our errors; what is not goes to the server's log."""
    kind = _kind(error)
    if kind in _UNTOLD or STATUSES[kind][0] >= 500:
        _LOG.error("error", extra={"told": {"request": request, "class": kind.__name__, "cause": str(error)}})
    return _UNTOLD.get(kind, str(error))


def _kind(error: errors.LeastwiseError) -> type[errors.LeastwiseError]:
    return next(one for one in type(error).__mro__ if one in STATUSES)


def install(app: FastAPI) -> None:
    """Let the application answer every error so."""

    def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.LeastwiseError)
        return answer(error, request_id(request))

    def protocols(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return protocol(error.status_code, _detail(error, request), request_id(request), error.headers)

    def own(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiProblem)
        name = error.name or _NAMES.get(error.status, "error")
        return problem(error.status, name, error.detail, request_id(request), error.headers)

    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = [
            {"place": ".".join(str(part) for part in one["loc"]), "cause": str(one["msg"])} for one in error.errors()
        ]
        detail = "; ".join(f"{one['place']}: {one['cause']}" for one in faults[:3])
        return problem(422, "invalid", detail, request_id(request), faults=faults[:50])

    def unexpected(request: Request, error: Exception) -> Response:
        detail = "an internal error; the server's log has it under the id of this request"
        return protocol(500, detail, request_id(request))

    def unchanged(request: Request, error: Exception) -> Response:
        assert isinstance(error, Unchanged)
        return Response(None, 304, tagged(error.tag))

    app.add_exception_handler(Unchanged, unchanged)
    app.add_exception_handler(Exception, unexpected)
    app.add_exception_handler(errors.LeastwiseError, ours)
    app.add_exception_handler(HTTPException, protocols)
    app.add_exception_handler(ApiProblem, own)
    app.add_exception_handler(RequestValidationError, invalid)


def request_id(request: Request) -> str:
    """The id of a request."""
    return str(request.scope.get("leastwise.request", ""))


def _detail(error: HTTPException, request: Request) -> str:
    if error.status_code == 404:
        return "nothing is at this address"
    if error.status_code == 405:
        return f"{request.method} is not possible at this address"
    return str(error.detail)


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": told, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, told in (
        (400, "The request cannot be obeyed."),
        (401, "Nobody is signed in, or the token is none (any more)."),
        (403, "Whoever is signed in may not do this."),
        (404, "The thing is not in the estate, or out of sight."),
        (408, "The body did not come in time."),
        (409, "A name is that of several, or another process is writing."),
        (413, "The body is too large."),
        (421, "The `Host` header names another server."),
        (422, "A parameter or the body is not as declared."),
        (429, "Too many requests, or too many failures to sign in; `Retry-After` says when to come back."),
        (431, "The header fields are too large."),
        (503, "The store cannot be reached, or too much is asked at once."),
        (507, "The disk or a quota of the server is full."),
    )
}
"""What every endpoint may answer besides what it declares itself."""
DOCUMENTED[304] = {"description": "The answer is the one that `If-None-Match` names."}
