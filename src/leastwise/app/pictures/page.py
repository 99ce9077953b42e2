"""A picture as one page that needs nothing else: no script, no font, no address. Names from outside are escaped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from .picture import Edge, Node, Picture
from .texts import seen

_WIDE, _HIGH, _APART, _BELOW, _EDGE = 270, 46, 150, 22, 24
_SHOWN = 32
_STYLE = """
:root { color-scheme: light; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; color: #1c2430; background: #fff; }
h1 { font-size: 20px; margin: 0 0 4px; } p { margin: 0 0 16px; color: #495466; }
.scroll { overflow: auto; border: 1px solid #d5dae2; border-radius: 6px; }
rect { stroke-width: 1.5; rx: 6; } text { font: 12px system-ui, sans-serif; fill: #1c2430; }
.small { font-size: 11px; fill: #495466; }
.principal { fill: #eef3fb; stroke: #4470b5; } .power { fill: #fdecea; stroke: #b3392f; }
.data { fill: #eef7ee; stroke: #3c7d43; }
path { fill: none; stroke: #5a6576; stroke-width: 1.4; } .CONDITIONAL { stroke-dasharray: 7 4; }
.UNKNOWN { stroke-dasharray: 2 4; }
table { border-collapse: collapse; margin-top: 20px; width: 100%; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid #e4e8ee; vertical-align: top;
  overflow-wrap: anywhere; } td:last-child { white-space: nowrap; }
""".strip()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: its left upper corner."""

    x: int
    y: int


def page(picture: Picture) -> str:
    """The page: whoever begins stands on the left, what is reached on the right; below, every step in words."""
    places = _placed(picture)
    width = max((one.x for one in places.values()), default=0) + _WIDE + _EDGE
    height = max((one.y for one in places.values()), default=0) + _HIGH + _EDGE
    names = {one.id: one.label for one in picture.nodes}
    return "\n".join((
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
        f"<title>{_text(picture.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(picture.title)}</h1>",
        f"<p>{len(picture.nodes)} nodes, {len(picture.edges)} steps. Solid: surely possible; dashed: under a "
        "condition; dotted: something was not read.</p>",
        f'<div class="scroll"><svg role="img" aria-label="{_text(picture.title)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" style="fill:#5a6576;stroke:none"/></marker></defs>',
        *_edges(picture.edges, places),
        *(_box(one, places[one.id]) for one in picture.nodes),
        "</svg></div>",
        "<table><thead><tr><th>From</th><th>Step</th><th>To</th><th>State</th></tr></thead><tbody>",
        *(_row(one, names) for one in picture.edges),
        "</tbody></table></body></html>",
    ))  # fmt: skip


def _placed(picture: Picture) -> dict[str, _Place]:
    """A column for each number of steps that are left, the last on the right; in each, what leads to one beside it."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in picture.nodes:
        columns[node.left].append(node)
    leads: dict[str, list[str]] = defaultdict(list)
    for edge in picture.edges:
        leads[edge.source].append(edge.target)
    most = max(columns, default=0)
    places: dict[str, _Place] = {}
    for left in sorted(columns):

        def middle(node: Node) -> tuple[float, str]:
            ends = [places[one].y for one in leads[node.id] if one in places]
            return (sum(ends) / len(ends) if ends else 0.0, node.id)

        for row, node in enumerate(sorted(columns[left], key=middle)):
            x, y = _EDGE + (most - left) * (_WIDE + _APART), _EDGE + row * (_HIGH + _BELOW)
            places[node.id] = _Place(x, y)
    return places


def _edges(edges: Sequence[Edge], places: Mapping[str, _Place]) -> Iterator[str]:
    """Each pair of nodes is drawn once, as sure as its surest step; its title tells them all."""
    between: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in edges:
        between[edge.source, edge.target].append(edge)
    for (source, target), several in between.items():
        begin, end = places[source], places[target]
        x1, y1, x2, y2 = begin.x + _WIDE, begin.y + _HIGH // 2, end.x, end.y + _HIGH // 2
        bend = max(40, abs(x2 - x1) // 2)
        state = min((one.state for one in several), key=("ALLOWED", "CONDITIONAL", "UNKNOWN").index)
        title = "; ".join(f"{one.title} ({one.rule})" for one in several)
        line = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        yield f'<path class="{state}" d="{line}" marker-end="url(#tip)"><title>{_text(title)}</title></path>'


def _box(node: Node, place: _Place) -> str:
    below = " · ".join(filter(None, (node.provider, node.kind or node.what, node.account)))
    return (
        f'<g><title>{_text(node.label)}</title><rect class="{node.what}" x="{place.x}" y="{place.y}" '
        f'width="{_WIDE}" height="{_HIGH}"/>'
        f'<text x="{place.x + 10}" y="{place.y + 19}">{_text(_short(node.label))}</text>'
        f'<text class="small" x="{place.x + 10}" y="{place.y + 36}">{_text(_short(below, _SHOWN + 6))}</text></g>'
    )


def _row(edge: Edge, names: Mapping[str, str]) -> str:
    through = f"<br>by {_text(edge.through)}" if edge.through else ""
    return (
        f"<tr><td>{_text(names[edge.source])}</td><td>{_text(edge.title)} ({_text(edge.rule)}){through}</td>"
        f"<td>{_text(names[edge.target])}</td><td>{edge.state}</td></tr>"
    )


def _short(text: str, most: int = _SHOWN) -> str:
    """The end of a long name, which tells more than its beginning."""
    return text if len(text) <= most else f"…{text[1 - most :]}"


def _text(text: str) -> str:
    return escape(seen(text), quote=True)
