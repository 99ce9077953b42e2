"""A picture as GraphML: http://graphml.graphdrawing.org/specification.html."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .picture import Picture
from .texts import seen

_NODE = ("label", "what", "provider", "kind", "account")
_EDGE = ("rule", "title", "gain", "state", "technique", "through")


def graphml(picture: Picture) -> str:
    """The picture as a document; ids of nodes are those of the estate."""
    return "\n".join(_lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for domain, names in (("node", _NODE), ("edge", _EDGE)):
        for name in names:
            yield f'  <key id="{domain}-{name}" for="{domain}" attr.name="{name}" attr.type="string"/>'
    yield f'  <graph id={quoteattr(seen(picture.title))} edgedefault="directed">'
    for node in picture.nodes:
        yield f"    <node id={quoteattr(seen(node.id))}>"
        yield from _data("node", asdict(node), _NODE)
        yield "    </node>"
    for number, edge in enumerate(picture.edges):
        ends = f"source={quoteattr(seen(edge.source))} target={quoteattr(seen(edge.target))}"
        yield f'    <edge id="e{number}" {ends}>'
        yield from _data("edge", asdict(edge), _EDGE)
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _data(domain: str, values: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    return (f'      <data key="{domain}-{name}">{escape(seen(values[name]))}</data>' for name in names)
