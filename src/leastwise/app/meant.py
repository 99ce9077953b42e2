"""What a question about paths means by a text: administrators, crown jewels, what carries a tag, an id, a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import NotFoundError

from .escalation_graph import ADMIN, EscalationGraph
from .estate_file import EstateFile

if TYPE_CHECKING:
    import pyarrow as pa

JEWELS = "jewels"
_TAG = re.compile(r"([\w.:/@+-]*[\w]) ?= ?(\S.*)")


@dataclass(frozen=True)
class Meant:
    """Nodes of a graph that are meant.

    Args:
        nodes: their numbers; what nobody reaches has none.
        unfollowed: ids of resources that are meant and that no rule is about.
        used: parts of estate.yaml that told so.
    """

    nodes: tuple[int, ...]
    unfollowed: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


def meant(graph: EscalationGraph, file: EstateFile, text: str) -> Meant:
    """What a text means: `admin`, `admin:ACCOUNT`, `jewels`, a tag as in `data=pii`, a glob, an id or a name.

    `sensitivity=WORD` also means the crown jewels of that sensitivity.

    Raises:
        NotFoundError: nothing has that id, name or tag; estate.yaml names no crown jewel, or none is of the estate.
        UsageError: several have the name.
    """
    if text == ADMIN or text.startswith(f"{ADMIN}:"):
        return Meant(tuple(graph.targets(text)))
    if text == JEWELS:
        return _jewels(graph, file)
    if text in graph.numbers or any(one.facts.known(text) for one in graph.parts):
        return _of_ids(graph, [text])
    tag = _TAG.fullmatch(text)
    if tag is not None:
        return _tagged(graph, file, text, tag[1], tag[2])
    if "*" in text or "?" in text:
        found = _matching(graph, [text])
        if not found:
            raise NotFoundError(f"{text}: no resource of the estate has such an id")
        return _of_ids(graph, found)
    named = graph.named_thing(text)
    return _of_ids(graph, [named])


def _jewels(graph: EscalationGraph, file: EstateFile) -> Meant:
    if not file.crown_jewels:
        raise NotFoundError(f"{JEWELS}: estate.yaml names no crown jewels (crown_jewels)")
    found = _matching(graph, [one.resource for one in file.crown_jewels])
    if not found:
        raise NotFoundError(f"{JEWELS}: none of the crown jewels of estate.yaml is a resource of the estate")
    return _of_ids(graph, found, ("crown_jewels",))


def _tagged(graph: EscalationGraph, file: EstateFile, text: str, key: str, value: str) -> Meant:
    found = {id for one in graph.parts for id in one.facts.tagged(key, value)}
    said = [one.resource for one in file.crown_jewels if key == "sensitivity" and one.sensitivity == value]
    jewels = set(_matching(graph, said))
    if not found | jewels:
        raise NotFoundError(f"{text}: no resource of the estate carries this tag")
    return _of_ids(graph, sorted(found | jewels), ("crown_jewels",) if jewels else ())


def _of_ids(graph: EscalationGraph, ids: Sequence[str], used: tuple[str, ...] = ()) -> Meant:
    nodes = tuple(graph.numbers[id] for id in ids if id in graph.numbers)
    return Meant(nodes, tuple(id for id in ids if not graph.followed(id)), used)


def sensitivity_of(graph: EscalationGraph, file: EstateFile) -> dict[str, str]:
    """The sensitivity of each resource that is a crown jewel; that of the last that matches."""
    return {id: one.sensitivity for one in file.crown_jewels for id in _matching(graph, [one.resource])}


def _matching(graph: EscalationGraph, patterns: Iterable[str]) -> list[str]:
    """The resources of the estate whose ids match a glob."""
    import pyarrow.compute as pc

    from .globs import globs

    ids = _ids(graph)
    found: list[str] = pc.filter(ids, globs(ids, patterns)).to_pylist()
    return sorted(found)


def _ids(graph: EscalationGraph) -> pa.ChunkedArray:
    import pyarrow as pa

    every = {id for one in graph.parts for id in one.facts.resources()}
    return pa.chunked_array([pa.array(sorted(every), pa.string())])
