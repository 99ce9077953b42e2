"""Values of vendor documents, read with care: a member of another type than documented counts as not told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Members:
    """What members of documents are, by the names on the way to them.

    Args:
        of: the member of a value that is reached by some names, one below another; None where one is missing.
    """

    of: Callable[..., Any]

    def text(self, value: Any, *names: str) -> str:
        """A text; empty where there is none."""
        found = self.of(value, *names)
        return found if isinstance(found, str) else ""

    def objects(self, value: Any, *names: str) -> list[Object]:
        """The objects of a list."""
        found = self.of(value, *names)
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []

    def texts(self, value: Any, *names: str) -> list[str]:
        """The texts of a list."""
        found = self.of(value, *names)
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

    def truth(self, value: Any, *names: str) -> bool | None:
        """A truth value; None where there is none."""
        found = self.of(value, *names)
        return found if isinstance(found, bool) else None

    def pairs(self, value: Any, *names: str) -> tuple[tuple[str, str], ...]:
        """A map of texts as pairs."""
        found = self.of(value, *names)
        if not isinstance(found, Mapping):
            return ()
        return tuple((key, one) for key, one in found.items() if isinstance(key, str) and isinstance(one, str))
