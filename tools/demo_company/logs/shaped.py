"""The packed form of logs whose entries repeat (`leastwise.demo.shaped_logs` unpacks it), and the truth behind them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from demo_company.ids import SEED
from demo_company.logs.truth import Row

TIME, SECOND, ID, GUID = "\x02time\x03", "\x02second\x03", "\x02id\x03", "\x02guid\x03"
"""What stands in an entry for its time, a second later, its id, and one that is a GUID."""
_PLACES = {TIME: "%(t)s", SECOND: "%(u)s", ID: "%(i)s", GUID: "%(g)s"}


class Deed(Protocol):
    """What somebody did: when (seconds since 1970), and whether it was refused."""

    @property
    def when(self) -> int: ...
    @property
    def denied(self) -> bool: ...
    @property
    def logged(self) -> bool: ...
    @property
    def counts_as(self) -> tuple[str, str, str]:
        """Principal, permission, bucket of resources."""
        ...


class Packing:
    """An archive under construction; rows of a file are added by time."""

    def __init__(self) -> None:
        self._shapes: dict[str, int] = {}
        self._files: dict[str, tuple[int, list[int]]] = {}
        self._before: dict[str, int] = {}

    def add(self, name: str, begun: int, when: int, lines: Iterable[Mapping[str, Any]]) -> None:
        """One row of a file that begins at a time: the entries that are written of one deed."""
        shape = "\n".join(map(_shape, lines))
        number = self._shapes.setdefault(shape, len(self._shapes))
        _, rows = self._files.setdefault(name, (begun, []))
        rows.extend((number, when - self._before.get(name, begun)))
        self._before[name] = when

    def packed(self) -> bytes:
        """The archive."""
        files = [(name, *held) for name, held in sorted(self._files.items())]
        told = {"seed": SEED, "shapes": list(self._shapes), "files": files}
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _shape(entry: Mapping[str, Any]) -> str:
    text = json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False).replace("%", "%%")
    for mark, place in _PLACES.items():
        text = text.replace(json.dumps(mark)[1:-1], place)
    return text


def truth(deeds: Iterable[Deed]) -> dict[tuple[str, str, str, bool], Row]:
    """By principal, permission, bucket of resources and whether it is logged."""
    found: dict[tuple[str, str, str, bool], Row] = {}
    for one in deeds:
        row = found.setdefault((*one.counts_as, one.logged), Row())
        row.first = min(row.first or one.when, one.when)
        row.last = max(row.last, one.when)
        row.calls += 1
        row.denied += one.denied
    return dict(sorted(found.items()))
