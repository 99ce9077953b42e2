"""Calls outside the lanes of a collection, tried again while they may yet succeed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import stamina

from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.failure import CallFailed

_TRIES = 5
_FIRST, _LONGEST = 0.5, 20.0
Given = TypeVar("Given")


def patiently(ask: Callable[[], Given], tries: int = _TRIES) -> Given:
    """What a call gives; tried again when it is throttled, fails at the vendor's, or nothing comes back.

    Waits as long as the vendor asks, else exponentially with jitter. Raises CallFailed: it was refused, a limit is
    used up, or it failed to the last.
    """
    for attempt in stamina.retry_context(
        on=again, attempts=tries, timeout=None, wait_initial=_FIRST, wait_max=_LONGEST, wait_jitter=_FIRST
    ):
        with attempt:
            return ask()
    raise AssertionError("the last attempt returns or raises")


def again(error: Exception) -> bool | float:
    """Whether to try again after an error; seconds where the vendor says how long to wait."""
    if not isinstance(error, CallFailed) or error.ending or error.spent:
        return False
    if error.status is not CoverageStatus.THROTTLED and not error.passing:
        return False
    return error.wait or True
