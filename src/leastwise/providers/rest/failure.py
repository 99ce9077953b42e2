"""How an HTTP call ended, as coverage says it: by its status, and by what the vendor's error says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.failure import CallFailed

LONGEST_WAIT = 300.0
"""Seconds: who asks to wait longer has no more to give in this run."""
_STATUSES = {
    401: CoverageStatus.DENIED,
    402: CoverageStatus.UNLICENSED,
    403: CoverageStatus.DENIED,
    405: CoverageStatus.UNSUPPORTED,
    429: CoverageStatus.THROTTLED,
    501: CoverageStatus.UNSUPPORTED,
}
_SECRET = re.compile(
    r"(?i)(bearer\s+|basic\s+|(?:access_|refresh_|id_)?token[\"']?\s*[=:]\s*[\"']?|(?:client_)?secret[\"']?\s*[=:]\s*[\"']?"
    r"|password[\"']?\s*[=:]\s*[\"']?|(?<![a-z])key[\"']?\s*=\s*)[^\s&\"',;]+"
)


class RestFailed(CallFailed):
    """A call that did not succeed. `code` is the vendor's, or the kind of failure where nothing came back.

    Args:
        told: how it ended, where the vendor's error says more than the HTTP status does.
        gone: nothing came back, or what came was no answer of the vendor.
        expired: why these credentials serve for no call any more.
        used_up: a limit that no waiting within a run gives back.
        lost: what led to the page leads nowhere any more; the list can be read from its beginning.
    """

    def __init__(
        self, code: str, message: str, http: int = 0, headers: Mapping[str, str] | None = None, *,
        told: CoverageStatus | None = None, gone: bool = False, expired: str = "", used_up: bool = False,
        lost: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(code, without_secrets(message), http, headers)
        self._told, self._gone, self._expired, self._used_up, self._lost = told, gone, expired, used_up, lost

    @property
    def status(self) -> CoverageStatus:
        """How the call ended, as coverage says it."""
        return self._told or _STATUSES.get(self.http, CoverageStatus.FAILED)

    @property
    def network(self) -> bool:
        """Whether nothing came back."""
        return self._gone

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed a little later."""
        return self._gone or self.http == 408 or (self.http >= 500 and self.status is CoverageStatus.FAILED)

    @property
    def wait(self) -> float:
        """Seconds that the vendor asks to wait (Retry-After, as seconds or as a date beside its own clock)."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isdigit():
            return float(asked)
        try:
            until = parsedate_to_datetime(asked)
            now = parsedate_to_datetime(self.headers["date"])
        except (KeyError, TypeError, ValueError):
            return 0.0
        return max(0.0, (_zoned(until) - _zoned(now)).total_seconds())

    @property
    def spent(self) -> bool:
        """Whether a limit is used up that no waiting within a run gives back."""
        return self._used_up or (self.status is CoverageStatus.THROTTLED and self.wait > LONGEST_WAIT)

    @property
    def lost(self) -> bool:
        """Whether the list must be read from its beginning."""
        return self._lost

    @property
    def ending(self) -> str:
        """Why no further call with these credentials can succeed."""
        return self._expired


def without_secrets(text: str) -> str:
    """A text without what follows the words that announce a secret: an error may quote the request."""
    return _SECRET.sub(lambda found: f"{found[1]}***", text)


def _zoned(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
