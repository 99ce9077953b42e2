"""An answer as plain values, with what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ..asking import Asking

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """An answer.

    Args:
        body: its JSON, without the estate that was asked.
        made_of: what the JSON was made of, for whoever shows it in another way.
        used: parts of estate.yaml that it rests on, where they are more than those of the question.
        unasked: providers of which it does not speak, where they are others than those that were not opened first.
    """

    body: Mapping[str, Any]
    made_of: T
    used: tuple[str, ...] | None = None
    unasked: tuple[str, ...] | None = None

    def whole(self, asking: Asking) -> dict[str, Any]:
        """The JSON, with what was asked."""
        return whole(asking, self.body, self.used, self.unasked)


def whole(
    asking: Asking,
    body: Mapping[str, Any],
    used: tuple[str, ...] | None = None,
    unasked: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    """An answer with what it was asked of; `used` and `unasked` as `Told` has them."""
    opened = asking if unasked is None else replace(asking, unasked=unasked)
    found = opened.answer(body)
    if used is not None:
        found["estate"]["estate_file"] = list(used)
    return found


def listed(
    estate: Mapping[str, Any], items: list[dict[str, Any]], coverage: Mapping[str, Any], total: int | None = None
) -> dict[str, Any]:
    """The JSON of a list that is given whole: `total` only where it is told."""
    told = {} if total is None else {"total": total}
    return {"estate": estate, "items": items, "next": None, **told, "coverage": coverage}
