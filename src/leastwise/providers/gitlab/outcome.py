"""GitLab's errors as failures.

Errors: https://docs.gitlab.com/api/rest/troubleshooting/
Limits: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leastwise.providers.rest.failure import RestFailed


def failure(http: int, headers: Mapping[str, str], content: Any) -> RestFailed:
    """A refused call of GitLab."""
    message = _message(content)
    if http == 401:
        return RestFailed("HTTP 401", message, http, headers, expired=f"the token is refused ({message or 'HTTP 401'})")
    return RestFailed(f"HTTP {http}", message, http, headers)


def _message(content: Any) -> str:
    """What it says: a text, texts by field, or an error with its description."""
    if not isinstance(content, Mapping):
        return ""
    said = content.get("message")
    if isinstance(said, Mapping):
        said = "; ".join(f"{field}: {_texts(value)}" for field, value in said.items())
    parts = [_texts(said), _texts(content.get("error")), _texts(content.get("error_description"))]
    return ": ".join(part for part in parts if part)


def _texts(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
