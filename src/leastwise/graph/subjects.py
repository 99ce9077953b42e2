"""Bearers by the subjects of their tokens, so that patterns find those whom they mean without looking at all."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from leastwise.model.federation import Bearer

_WILD = re.compile(r"[*?]")


class Subjects:
    """The bearers of one issuer."""

    def __init__(self) -> None:
        self._of: dict[str, list[Bearer]] = defaultdict(list)
        self._sorted: list[str] = []

    def add(self, one: Bearer) -> None:
        """One more."""
        self._of[one.token.subject].append(one)

    def like(self, pattern: str) -> Iterator[Bearer]:
        """Those whose subject is a text, or matches it: `*` stands for any letters, `?` for one."""
        wild = _WILD.search(pattern)
        if wild is None:
            yield from self._of.get(pattern, ())
            return
        if len(self._sorted) != len(self._of):
            self._sorted = sorted(self._of)
        head = pattern[: wild.start()]
        whole = re.compile("".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern), re.DOTALL)
        for place in range(bisect_left(self._sorted, head), len(self._sorted)):
            subject = self._sorted[place]
            if not subject.startswith(head):
                return
            if whole.fullmatch(subject):
                yield from self._of[subject]
