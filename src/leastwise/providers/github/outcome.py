"""GitHub's errors as failures.

Errors: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.rest.failure import RestFailed

_MINUTE = "60"
"""So long to wait, at least, where a secondary limit says nothing."""


def failure(http: int, headers: Mapping[str, str], content: Any) -> RestFailed:
    """A refused call of GitHub."""
    message = _message(content)
    if http == 401:
        return RestFailed("HTTP 401", message, http, headers, expired=f"the token is refused ({message or 'HTTP 401'})")
    if http in (403, 429) and _limited(headers, message):
        return RestFailed(
            "RateLimited", message, http, {**headers, "retry-after": _wait(headers)}, told=CoverageStatus.THROTTLED
        )
    if "required" in headers.get("x-github-sso", ""):
        message = f"{message}: the token is not authorised for the single sign-on of the organization"
    if accepted := headers.get("x-accepted-github-permissions", ""):
        message = f"{message} (it takes {accepted})"
    return RestFailed(f"HTTP {http}", message, http, headers)


def _limited(headers: Mapping[str, str], message: str) -> bool:
    if headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers:
        return True
    return "rate limit" in message.lower()


def _wait(headers: Mapping[str, str]) -> str:
    """Seconds, as GitHub wants them counted: Retry-After, else until the limit is renewed, else a minute."""
    if "retry-after" in headers:
        return headers["retry-after"]
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") != "0" or not reset.isdigit():
        return _MINUTE
    try:
        now = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return _MINUTE
    return str(max(0, int(reset) - int(now)))


def _message(content: Any) -> str:
    if not isinstance(content, Mapping):
        return ""
    parts = [str(content.get("message") or "")]
    for one in content.get("errors") or ():
        told = (
            one.get("message") or " ".join(str(one.get(key, "")) for key in ("resource", "field", "code"))
            if isinstance(one, Mapping)
            else one
        )
        parts.append(str(told))
    return ": ".join(part for part in parts if part)
