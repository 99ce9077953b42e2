"""Rows of usage under a name that is no id: joined to whoever has it, or held against whoever may be meant by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import encoded
from leastwise.model.aliases import Aliases, Meant

_SHOWN = 2
"""So many names are told one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Doubt:
    """A name of which it is not known who of several is meant."""

    name: str
    meant: Meant


class Doubts:
    """The names of a lake of which it is not known whom they mean, by who may be meant.

    Args:
        doubts: each name once.
    """

    def __init__(self, doubts: Sequence[Doubt] = ()) -> None:
        self._all = tuple(doubts)
        self._shared: list[tuple[Meant, list[Doubt]]] = []
        by: dict[int, list[Doubt]] = {}
        for one in self._all:
            # Names that may mean the same share one collection of ids, which may be all of an estate.
            if id(one.meant.maybe) not in by:
                by[id(one.meant.maybe)] = []
                self._shared.append((one.meant, by[id(one.meant.maybe)]))
            by[id(one.meant.maybe)].append(one)

    def __bool__(self) -> bool:
        return bool(self._all)

    def __iter__(self) -> Iterator[Doubt]:
        return iter(self._all)

    @property
    def names(self) -> list[str]:
        """Every such name."""
        return [one.name for one in self._all]

    def of(self, principal: str) -> list[Doubt]:
        """Those that may mean a principal."""
        return [one for meant, some in self._shared if principal in meant.maybe for one in some]

    def groups(self) -> Iterator[tuple[Sequence[str], list[str]]]:
        """Ids who may be meant by the same names, and these; an id may stand in several."""
        for meant, some in self._shared:
            yield tuple(meant.maybe), [one.name for one in some]


@dataclass(frozen=True, slots=True)
class Named:
    """Rows of usage by the ids of principals, and the names in them of which more than one may be meant.

    Args:
        table: what stands under a name stands under the id of whoever surely has it.
        names: of each row the name that the log has.
    """

    table: pa.Table
    names: pa.ChunkedArray
    doubts: Doubts

    @property
    def doubtful(self) -> pa.Table:
        """The rows whose name may mean somebody else, or nobody knows whom, under the names themselves."""
        if not self.doubts:
            return self.table.slice(0, 0)
        chosen = pc.is_in(self.names, value_set=pa.array(self.doubts.names, pa.string()))
        place = self.table.schema.get_field_index("principal")
        return self.table.set_column(place, "principal", self.names).filter(chosen)


def named(table: pa.Table, aliases: Aliases | None) -> Named:
    """Rows with the column `principal`, joined with what is known of names."""
    if aliases is None:
        return Named(table, table["principal"], Doubts())
    column = table["principal"].cast(pa.string())
    texts = [one for one in encoded(column).unique().to_pylist() if one]
    known = {text: meant for text in texts if (meant := aliases.of(text)) is not None}
    doubts = Doubts([Doubt(text, meant) for text, meant in known.items() if meant.maybe])
    surely = {text: meant.id for text, meant in known.items() if meant.id and meant.id != text}
    if surely:
        at = pc.index_in(column, value_set=pa.array(list(surely), pa.string()))
        ids = pa.chunked_array([pa.array(list(surely.values()), pa.string())]).combine_chunks()
        found = pa.chunked_array([ids.take(part) for part in at.chunks], pa.string())
        place = table.schema.get_field_index("principal")
        table = table.set_column(place, "principal", pc.coalesce(found, column))
    return Named(table, column, doubts)


def in_words(counts: Mapping[Doubt, int]) -> str:
    """Why it is not known whether somebody did what a log tells of some names, so many times; empty for none."""
    if not counts:
        return ""
    total, ordered = sum(counts.values()), sorted(counts, key=lambda one: (-counts[one], one.name))
    told = ", ".join(one.name for one in ordered[:_SHOWN])
    rest = len(ordered) - _SHOWN
    more = f" and {rest} more" if rest > 0 else ""
    uses = "1 use" if total == 1 else f"{total} uses"
    verb = "names" if total == 1 else "name"
    return f"{uses} of the log {verb} only {told}{more}, {'; '.join(dict.fromkeys(one.meant.why for one in ordered))}"
