"""Which function translates which saved call. Modules of functions register themselves when they are imported."""

from __future__ import annotations

from collections.abc import Callable

from .context import Context
from .saved import Saved

Translate = Callable[[Saved, Context], None]
RESPONSES: dict[str, Translate] = {}
"""`service.operation`, or `service.operation!ErrorCode` for a failure that is a fact."""


def reads(*calls: str) -> Callable[[Translate], Translate]:
    """Registers a function for calls."""

    def register(function: Translate) -> Translate:
        RESPONSES.update(dict.fromkeys(calls, function))
        return function

    return register
