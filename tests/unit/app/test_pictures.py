"""Pictures of paths: other programs read them, and no name from outside becomes anything but text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.app.pictures.dot import dot
from leastwise.app.pictures.graphml import graphml
from leastwise.app.pictures.opengraph import opengraph
from leastwise.app.pictures.page import page
from leastwise.app.pictures.picture import Edge, Node, Picture
from leastwise.app.pictures.texts import seen

HOSTILE = (
    '"]; evil [label="x', "</title><script>alert(1)</script>", "a\\", "<!--", "]]>", "x\n\x1b[31m\u202e", "&amp;",
    "é 漢", "' onload='x",
)  # fmt: skip
WHAT = ("principal", "power", "data")
STATES = ("ALLOWED", "CONDITIONAL", "UNKNOWN")


def drawn(names: list[str]) -> Picture:
    nodes = tuple(
        Node(f"{number}{name}", name, WHAT[number % 3], "aws", "kind", "1", len(names) - number)
        for number, name in enumerate(names)
    )  # fmt: skip
    edges = tuple(
        Edge(one.id, other.id, "aws-sts-001", other.label, "directory_role", STATES[number % 3], "T1078", other.label)
        for number, (one, other) in enumerate(pairwise(nodes))
    )
    return Picture(names[0], nodes, edges)


PICTURE = drawn(list(HOSTILE))
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ATTRIBUTE = rf"[a-z]+=(?:{_QUOTED}|[a-z]+)"
_STATEMENT = re.compile(rf"  n\d+(?: -> n\d+)? \[{_ATTRIBUTE}(?:, {_ATTRIBUTE})*\];")


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


NAMES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12)), min_size=2, max_size=5)


@settings(deadline=None, max_examples=60)
@given(NAMES)
def test_dot_holds_every_name_in_quotes(names: list[str]) -> None:
    picture = drawn(names)
    first, direction, *lines, last = dot(picture).split("\n")
    assert re.fullmatch(rf"digraph {_QUOTED} \{{", first) and direction == "  rankdir=LR;" and last == "}"
    assert len(lines) == len(picture.nodes) + len(picture.edges)
    assert all(_STATEMENT.fullmatch(one) for one in lines)
    labels = [unquoted(found[0]) for one in lines if (found := re.findall(rf"label=({_QUOTED})", one))]
    assert labels == [*(seen(one.label) for one in picture.nodes), *(seen(one.title) for one in picture.edges)]


@settings(deadline=None, max_examples=60)
@given(NAMES)
def test_graphml_is_xml_that_tells_the_same(names: list[str]) -> None:
    picture = drawn(names)
    root = ElementTree.fromstring(graphml(picture).encode())
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = root.findall("g:graph/g:node", space)
    assert [one.get("id") for one in nodes] == [seen(one.id) for one in picture.nodes]
    labels = [data.text or "" for one in nodes for data in one if data.get("key") == "node-label"]
    assert labels == [seen(one.label) for one in picture.nodes]
    ends = [(one.get("source"), one.get("target")) for one in root.findall("g:graph/g:edge", space)]
    assert ends == [(seen(one.source), seen(one.target)) for one in picture.edges]
    keys = {one.get("id") for one in root.findall("g:key", space)}
    assert {one.get("key") for one in root.iter("{http://graphml.graphdrawing.org/xmlns}data")} <= keys


def test_a_library_reads_the_graphml() -> None:
    networkx = pytest.importorskip("networkx")
    graph = networkx.parse_graphml(graphml(PICTURE))
    assert graph.is_directed() and graph.number_of_nodes() == len(HOSTILE)
    assert {one["state"] for _, _, one in graph.edges(data=True)} == set(STATES)


class Tags(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += f"{data}\n"


@settings(deadline=None, max_examples=60)
@given(NAMES)
def test_a_page_has_no_tag_that_a_name_brought(names: list[str]) -> None:
    read = Tags()
    text = page(drawn(names))
    read.feed(text)
    assert "script" not in read.tags and not {one for one in read.attributes if one.startswith("on")}
    assert read.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "p", "div", "svg", "defs", "marker", "path", "g",
        "rect", "text", "table", "thead", "tbody", "tr", "th", "td", "br",
    }  # fmt: skip
    assert not re.search(r"(?:src|href|url\()=?[\"']?(?:https?:|//)", text)
    assert all(seen(one) in read.text for one in names)


def test_open_graph_keeps_to_what_can_be_uploaded() -> None:
    told = opengraph(PICTURE)
    assert set(told) == {"metadata", "graph"} and set(told["graph"]) == {"nodes", "edges"}
    ids = {one["id"] for one in told["graph"]["nodes"]}
    for node in told["graph"]["nodes"]:
        assert set(node) == {"id", "kinds", "properties"} and 1 <= len(node["kinds"]) <= 3
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", one) for one in node["kinds"])
        assert all(
            re.fullmatch(r"[a-z_]+", key) and isinstance(value, str) for key, value in node["properties"].items()
        )
        assert "objectid" not in node["properties"]
    for edge in told["graph"]["edges"]:
        assert edge["kind"] == "Leastwise_DirectoryRole"
        assert {edge["start"]["value"], edge["end"]["value"]} <= ids
        assert edge["start"]["match_by"] == edge["end"]["match_by"] == "id"


def test_steps_between_two_are_drawn_once_and_as_sure_as_the_surest() -> None:
    one, other = drawn(["a", "b"]).nodes
    edges = [
        Edge(one.id, other.id, f"r{at}", f"t{at}", "assume", state, "", "") for at, state in enumerate(STATES[::-1])
    ]
    text = page(Picture("two", (one, other), tuple(edges)))
    assert text.count("marker-end") == 1 and '<path class="ALLOWED"' in text
    assert "t0 (r0); t1 (r1); t2 (r2)" in text and text.count("<tr><td>") == 3
