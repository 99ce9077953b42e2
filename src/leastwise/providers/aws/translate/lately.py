"""What was said lately, by its bytes.

Exports say the same few things again and again, mostly near to each other. Remembering every one of them would hold as
much as the export itself; what is forgotten is only worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")
_PART = 6


class Lately(Generic[V]):
    """Values by bytes; what was not asked for while many others were kept may be forgotten.

    There are two generations: when the younger is full it takes the place of the older, which is let go of. What is
    asked for goes to the younger. It is full with `most`, or with a part of all that was ever kept, if that is more:
    the more there is, the further apart are the places that say the same.
    """

    def __init__(self, most: int) -> None:
        self._most, self._ever = most, 0
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}

    def find(self, keys: Sequence[bytes]) -> list[V | None]:
        """The value of each key, or None if it is not known, or not any more."""
        found: list[V | None] = list(map(self._young.get, keys))
        if None in found and self._old:
            for place, value in enumerate(found):
                if value is None:
                    older = self._old.pop(keys[place], None)
                    found[place] = self._young.get(keys[place]) if older is None else older
                    if older is not None:
                        self._young[keys[place]] = older
        return found

    def keep(self, found: Iterable[tuple[bytes, V]]) -> None:
        """Remember these."""
        if len(self._young) >= max(self._most, self._ever // _PART):
            self._old, self._young = self._young, {}
        before = len(self._young)
        self._young.update(found)
        self._ever += len(self._young) - before

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}
