"""Operations folded back into patterns as roles write them, each on its plane."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from leastwise.engine.folding import Folding

from ..language.operations import DATA, Plane, literal
from .numbers import Numbers

_SEGMENT = re.compile(r"[^/]*/")


class Folded:
    """Operations of one estate as patterns.

    A pattern takes in operations of the control plane, as one of `actions` does; with `data:` before it those of the
    data plane, as one of `dataActions`. A single operation is written as everywhere else.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def of(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Patterns that take in exactly these of all operations, sorted; what nothing tells of stands for itself."""
        sides: dict[Plane, list[str]] = {plane: [] for plane in Plane}
        found: set[str] = set()
        for one in set(permissions):
            plane = self._planes.get(one)
            if plane is None:
                found.add(one)
            else:
                sides[plane].append(_bare(one, plane))
        for plane, names in sides.items():
            for one in self._trees[plane].folded(names):
                found.add(self._written[one, plane] if literal(one) else f"{_BEFORE[plane]}{one}")
        return tuple(sorted(found))

    @cached_property
    def _planes(self) -> Mapping[str, Plane]:
        return dict(zip(self._numbers.names, self._numbers.planes, strict=True))

    @cached_property
    def _written(self) -> Mapping[tuple[str, Plane], str]:
        return {(_bare(one, plane), plane): one for one, plane in self._planes.items()}

    @cached_property
    def _trees(self) -> Mapping[Plane, Folding]:
        names: dict[Plane, list[str]] = {plane: [] for plane in Plane}
        for one, plane in self._written:
            names[plane].append(one)
        return {plane: Folding(those, _pieces, "/") for plane, those in names.items()}


_BEFORE = {Plane.CONTROL: "", Plane.DATA: DATA}


def _bare(name: str, plane: Plane) -> str:
    """A written name without what says that it is of the data plane."""
    return name.removeprefix(_BEFORE[plane])


def _pieces(name: str) -> Sequence[str]:
    """The whole plane, and the segments of an operation but for its last."""
    return ["", *_SEGMENT.findall(name)]
