"""Paths as a graph: nodes, edges, and what allows each edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def drawn(paths: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """`nodes` and `edges` of paths as `graph.paths` has them, each once."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, str, str], dict[str, Any]] = {}
    for path in paths:
        for hop in path["hops"]:
            for id, name in ((hop["from"], hop["from_name"]), (hop["to"], hop["to_name"])):
                blank = {"id": id, "name": name, "provider": hop["provider"], "start": False, "end": False}
                nodes.setdefault(id, blank)
            edges.setdefault((hop["from"], hop["to"], hop["rule"]), _edge(hop))
        nodes[path["from"]]["start"] = nodes[path["to"]]["end"] = True
    return {"nodes": list(nodes.values()), "edges": list(edges.values())}


def _edge(hop: Mapping[str, Any]) -> dict[str, Any]:
    told = [reason["text"] for step in hop["needs"] for need in step[:1] for reason in need["decision"]["reasons"]]
    return {
        "from": hop["from"], "to": hop["to"], "rule": hop["rule"], "title": hop["title"], "state": hop["state"],
        "reasons": list(dict.fromkeys(told)),
    }  # fmt: skip


def drawn_blast(principal: str, items: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What one reaches as a star: its first step, and what lies behind that."""
    nodes = {principal: {"id": principal, "name": "", "provider": "", "start": True, "end": False}}
    edges: dict[tuple[str, str], dict[str, Any]] = {}
    for one in items:
        end = {"id": one["id"], "name": one["name"], "provider": one["provider"], "start": False, "end": True}
        nodes.setdefault(one["id"], end)
        by = one["through"]
        if by:
            blank = {"id": by, "name": one["through_name"], "provider": one["provider"], "start": False, "end": False}
            nodes.setdefault(by, blank)
            edges.setdefault((principal, by), _line(principal, by, one, 1))
        begin = by or principal
        edges.setdefault((begin, one["id"]), _line(begin, one["id"], one, one["steps"]))
    return {"nodes": list(nodes.values()), "edges": list(edges.values())}


def _line(begin: str, end: str, one: Mapping[str, Any], steps: int) -> dict[str, Any]:
    told = [f"in {steps} steps"] if steps > 1 else []
    return {"from": begin, "to": end, "rule": "", "title": "", "state": one["state"], "reasons": told}
