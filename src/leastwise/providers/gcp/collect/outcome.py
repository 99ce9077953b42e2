"""How a call to a Google API ended, read from its error.

https://cloud.google.com/apis/design/errors (google.rpc.Status with ErrorInfo) and, for the directory,
https://developers.google.com/workspace/admin/directory/v1/limits (errors with reasons).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.rest.failure import RestFailed

_DISABLED = frozenset(("SERVICE_DISABLED", "accessNotConfigured", "SERVICE_NOT_ACTIVATED"))
_UNPAID = frozenset(("BILLING_DISABLED", "billingNotEnabled", "ORG_RESTRICTION_VIOLATION_LICENSE"))
_OFTEN = frozenset(
    ("RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "RESOURCE_QUOTA_EXCEEDED", "rateLimitExceeded",
     "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded")
)  # fmt: skip
_DAILY = re.compile(r"(?i)per[ _]?day|daily")
_ALIVE = frozenset(("ACCESS_TOKEN_TYPE_UNSUPPORTED", "ACCOUNT_STATE_INVALID"))
"""Reasons of a 401 that speak of one API, not of the token."""


def failure(http: int, headers: Mapping[str, str], content: Any) -> RestFailed:
    """The failure that an error answer stands for."""
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return RestFailed(f"HTTP {http}", "", http, headers, told=_told("", http))
    reason, limit, about = _reason(error)
    status = str(error.get("status") or "")
    code = reason or status or f"HTTP {http}"
    message = str(error.get("message") or "")
    told = _told(code, http) or _told(status, http)
    expired = ""
    if http == 401 and reason not in _ALIVE:
        expired = f"the credentials are not accepted any more ({code})"
    spent = told is CoverageStatus.THROTTLED and bool(
        code == "dailyLimitExceeded" or _DAILY.search(limit) or (not limit and _DAILY.search(message))
    )
    if told is CoverageStatus.UNSUPPORTED and about:
        message = about
    return RestFailed(code, message, http, headers, told=told, expired=expired, used_up=spent)


def _told(code: str, http: int) -> CoverageStatus | None:
    if code in _DISABLED:
        return CoverageStatus.UNSUPPORTED
    if code in _UNPAID:
        return CoverageStatus.UNLICENSED
    if code in _OFTEN or http == 429:
        return CoverageStatus.THROTTLED
    return None


def _reason(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """The reason, the limit that it names, and in words which API is not switched on where."""
    for detail in error.get("details") or ():
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("google.rpc.ErrorInfo"):
            told = detail.get("metadata")
            metadata = told if isinstance(told, dict) else {}
            reason = str(detail.get("reason") or "")
            limit = " ".join(str(metadata.get(name, "")) for name in ("quota_limit", "quota_unit"))
            about = f"{metadata.get('service')} is not enabled in {metadata.get('consumer')}" if metadata else ""
            return reason, limit.strip(), about if reason in _DISABLED else ""
    for detail in error.get("errors") or ():
        if isinstance(detail, dict) and detail.get("reason"):
            reason = str(detail["reason"])
            return (reason if reason in _DISABLED | _UNPAID | _OFTEN else "", "", "")
    return "", "", ""
