"""A picture as Graphviz reads it: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from .picture import Picture
from .texts import seen

_SHAPES = {"principal": "box", "power": "octagon", "data": "cylinder"}
_STYLES = {"ALLOWED": "solid", "CONDITIONAL": "dashed", "UNKNOWN": "dotted"}


def dot(picture: Picture) -> str:
    """The picture as a directed graph."""
    numbers = {one.id: f"n{number}" for number, one in enumerate(picture.nodes)}
    lines = [f"digraph {_text(picture.title)} {{", "  rankdir=LR;"]
    lines += [
        f"  {numbers[one.id]} [label={_text(one.label)}, shape={_SHAPES[one.what]}, tooltip={_text(one.id)}];"
        for one in picture.nodes
    ]
    lines += [
        f"  {numbers[one.source]} -> {numbers[one.target]} "
        f"[label={_text(one.title)}, style={_STYLES[one.state]}, tooltip={_text(one.rule)}];"
        for one in picture.edges
    ]
    return "\n".join([*lines, "}"])


def _text(text: str) -> str:
    """A text in quotes. A backslash of a label would be read as an escape, two of them are one."""
    escaped = seen(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
