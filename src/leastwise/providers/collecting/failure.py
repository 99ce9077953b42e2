"""A call that did not succeed, in words that need no vendor: how it ended, whether another try may help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.model.scope import CoverageStatus

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """One page: its members, and the parameters that ask for the next page (None for the last).

    `lacks` says what of the page the vendor could not give; empty when it is whole.
    """

    members: dict[str, Any]
    more: dict[str, Any] | None
    lacks: str = ""


class CallFailed(Exception):
    """A call that did not succeed: the vendor's code, its message in one short line, and headers if any.

    Providers say by the code what it means; what is said here is that of a failure of which nothing is known.
    """

    def __init__(self, code: str, message: str, http: int = 0, headers: Mapping[str, str] | None = None) -> None:
        short = " ".join(message[: 4 * _LONGEST].split())
        if len(short) > _LONGEST:
            short = short[:_LONGEST] + "…"
        self.code, self.message, self.http, self.headers = code, short, http, headers or {}
        super().__init__(f"{code}: {short}" if short else code)

    @property
    def status(self) -> CoverageStatus:
        """How the call ended, as coverage says it."""
        return CoverageStatus.FAILED

    @property
    def network(self) -> bool:
        """Whether nothing came back."""
        return False

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed a little later, though nobody said that it comes too often."""
        return self.network or self.http >= 500

    @property
    def wait(self) -> float:
        """Seconds that the vendor asks to wait before the next try; 0 when it says nothing."""
        return 0.0

    @property
    def spent(self) -> bool:
        """Whether a limit is used up that no waiting within a run gives back."""
        return False

    @property
    def lost(self) -> bool:
        """Whether the way from page to page is lost, and the list must be read from its beginning."""
        return False

    @property
    def ending(self) -> str:
        """Why no further call with these credentials can succeed; empty when others may."""
        return ""
