"""Conditions as vendors write them: what a text means is remembered, as is why one does not parse."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
_MOST = 4096


class ConditionError(ValueError):
    """A condition does not parse; the message says where and why."""


def remembered(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The same parser, which reads each text once: one that does not parse is asked for as often as others.

    Raises:
        ConditionError: what `parse` says of the text.
    """

    @lru_cache(maxsize=_MOST)
    def known(text: str) -> tuple[T, None] | tuple[None, str]:
        try:
            return parse(text), None
        except ConditionError as error:
            return None, str(error)

    def parsed(text: str) -> T:
        found = known(text)
        if found[1] is not None:
            raise ConditionError(found[1])
        return found[0]

    return parsed
