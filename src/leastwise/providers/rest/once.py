"""Making something once, though an answer may get lost on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import stamina

from leastwise.model.scope import CoverageStatus

from .failure import RestFailed
from .patient import again

_TRIES = 3
Made = TypeVar("Made")


def once(make: Callable[[], Made], there: Callable[[], Made | None]) -> Made:
    """What `make` gives; where no answer came it is made again only if it is not there.

    Args:
        make: one try.
        there: looks for what may have been made; None where it is not.

    Raises:
        RestFailed: it was refused, a limit is used up, or nothing came back to the last.
    """
    unsure = False

    def attempt() -> Made:
        nonlocal unsure
        if unsure and (found := there()) is not None:
            return found
        try:
            return make()
        except RestFailed as error:
            # Who is throttled has made nothing; any other failure that passes may hide that it was made.
            unsure = unsure or error.status is not CoverageStatus.THROTTLED
            raise

    for one in stamina.retry_context(on=again, attempts=_TRIES, timeout=None, wait_initial=0.5, wait_max=20.0):
        with one:
            return attempt()
    raise AssertionError("the last attempt returns or raises")
