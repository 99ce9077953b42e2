"""A picture as BloodHound takes in OpenGraph data.

https://bloodhound.specterops.io/opengraph/developer/schema: an id, at most three kinds, properties that are texts or
numbers with names in small letters; https://bloodhound.specterops.io/opengraph/developer/edges: kinds of edges are of
letters, digits and underscores, with a prefix of the source.
"""

from __future__ import annotations

import re
from typing import Any

from .picture import Edge, Node, Picture

_BASE = "Leastwise"


def opengraph(picture: Picture) -> dict[str, Any]:
    """The picture as data to upload."""
    return {
        "metadata": {"source_kind": _BASE},
        "graph": {"nodes": [_node(one) for one in picture.nodes], "edges": [_edge(one) for one in picture.edges]},
    }


def _node(one: Node) -> dict[str, Any]:
    kinds = [f"{_BASE}_{_word(one.what)}", *([f"{_BASE}_{_word(one.provider)}"] if one.provider else []), _BASE]
    told = {"provider": one.provider, "kind": one.kind, "account": one.account, "what": one.what}
    properties = {"name": one.label, "displayname": one.label, **{key: text for key, text in told.items() if text}}
    return {"id": one.id, "kinds": kinds, "properties": properties}


def _edge(one: Edge) -> dict[str, Any]:
    told = {
        "rule": one.rule, "title": one.title, "state": one.state, "technique": one.technique, "through": one.through,
    }  # fmt: skip
    return {
        "kind": f"{_BASE}_{_word(one.gain)}",
        "start": {"match_by": "id", "value": one.source},
        "end": {"match_by": "id", "value": one.target},
        "properties": {key: text for key, text in told.items() if text},
    }


def _word(text: str) -> str:
    """A word of letters and digits: `directory_role` is DirectoryRole."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", text))
