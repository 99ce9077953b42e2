"""Documents that are written as blocks, such as the data source of policies, as nodes."""

from __future__ import annotations

import json
import re
from typing import Any

from leastwise.model.coding import Blocks, Grouped

from .hcl.reading import node_of
from .hcl.tree import Attribute, Block
from .located import (
    BlockListing,
    BlockMapped,
    Entry,
    Listing,
    Mapped,
    Node,
    Open,
    Scalar,
    listed,
    opens,
    value_of,
)


def document_of_blocks(text: str, block: Block, form: Blocks) -> Node:
    """The document that the blocks in a block make; open, with the reason, where more than these blocks makes it."""
    for one in block.items:
        name = one.name if isinstance(one, Attribute) else one.labels[0] if one.kind == "dynamic" else one.kind
        if name in form.barred:
            return Open(one.begin, one.end, f"a document that {name} adds to")
        if isinstance(one, Block) and one.kind == "dynamic" and one.labels == (form.block,):
            return Open(one.begin, one.end, f"a dynamic block {form.block}")
    entries: list[Entry] = []
    for name, key in form.outer.items():
        attribute = block.attribute(name)
        value = node_of(text, attribute.value) if attribute else _given(block.inner, form.outer_given.get(name))
        if value is not None:
            entries.append(Entry(attribute.begin if attribute else block.inner, key, value))
    elements = tuple(Entry(one.begin, None, _element(text, one, form)) for one in block.blocks(form.block))
    spans = tuple((one.begin, one.end) for one in block.items)
    listing = BlockListing(block.inner, block.inner_end, "blocks", elements, spans, form)
    entries.append(Entry(block.inner, form.key, listing))
    return Mapped(block.inner, block.inner_end, "outer", tuple(entries))


def _given(begin: int, value: Any) -> Node | None:
    """What is so where nothing is set."""
    return None if value is None else Scalar(begin, begin, value)


def _element(text: str, block: Block, form: Blocks) -> Node:
    """A block of a document as a map."""
    entries: list[Entry] = []
    grouped = {group.block for group in form.grouped}
    for one in block.items:
        if isinstance(one, Attribute) and one.name in form.keys:
            entries.append(Entry(one.begin, form.keys[one.name], _spoken(node_of(text, one.value), form)))
        elif not (isinstance(one, Block) and (one.kind in grouped or (one.labels[:1] and one.labels[0] in grouped))):
            what = one.name if isinstance(one, Attribute) else f"a block {one.kind}"
            return Open(block.begin, block.end, f"a block {form.block} with {what}")
    for name, value in form.given.items():
        if block.attribute(name) is None:
            entries.append(Entry(block.inner, form.keys[name], Scalar(block.inner, block.inner, value)))
    for group in form.grouped:
        found = block.blocks(group.block)
        if found:
            entries.append(Entry(found[0].begin, group.key, _group(text, found, group, form)))
    spans = tuple((one.begin, one.end) for one in block.items)
    return BlockMapped(block.begin, block.end, "block", tuple(entries), block.inner, block.inner_end, spans, form)


def _spoken(node: Node, form: Blocks) -> Node:
    """A node as the document has it: all its values are texts, and the vendor's own variables have their own sign."""
    if isinstance(node, Scalar):
        if isinstance(node.value, bool | int | float):
            return Scalar(node.begin, node.end, json.dumps(node.value))
        if isinstance(node.value, str) and form.variable:
            return Scalar(node.begin, node.end, node.value.replace(form.variable, "${"))
    if isinstance(node, Open) and node.pattern is not None and form.variable:
        return Open(node.begin, node.end, node.why, node.pattern.replace(re.escape(form.variable), re.escape("${")))
    if isinstance(node, Listing):
        entries = tuple(Entry(one.begin, one.key, _spoken(one.value, form)) for one in node.entries)
        return Listing(node.begin, node.end, node.style, entries)
    return node


def _group(text: str, blocks: list[Block], group: Grouped, form: Blocks) -> Node:
    """Blocks that together are one key, as maps in maps; where two of them share a name, they are known and not
    edited.
    """
    begin, end = blocks[0].begin, blocks[-1].end
    rows: list[tuple[tuple[str, ...], Block, Node]] = []
    for block in blocks:
        if block.kind == "dynamic":
            return Open(begin, end, f"a dynamic block {group.block}")
        known = {name: block.attribute(name) for name in (*group.path, group.values)}
        nodes = {name: _spoken(node_of(text, one.value), form) for name, one in known.items() if one is not None}
        computed = [one for name in group.path if name in nodes for one in opens(nodes[name])]
        if computed or len(nodes) < len(known):
            return Open(begin, end, computed[0].why if computed else f"a block {group.block} that lacks something")
        rows.append((tuple(str(value_of(nodes[name])) for name in group.path), block, nodes[group.values]))
    if group.whole and [path for path, _, _ in rows] == [(group.whole,) * len(group.path)]:
        values = rows[0][2]
        if not opens(values) and listed(value_of(values)) == [group.whole]:
            return Scalar(begin, end, group.whole, f"blocks {group.block}")
    if len({path for path, _, _ in rows}) == len(rows):
        return _nested(rows, 0)
    if any(opens(values) for _, _, values in rows):
        return Open(begin, end, f"blocks {group.block} of one name, of which one is computed")
    made: dict[str, Any] = {}
    for path, _, values in rows:
        _placed(made, path, listed(value_of(values)))
    return Scalar(begin, end, made, f"blocks {group.block}")


def _nested(rows: list[tuple[tuple[str, ...], Block, Node]], depth: int) -> Mapped:
    """Blocks as maps in maps, by the names that they have."""
    entries: list[Entry] = []
    for key in dict.fromkeys(path[depth] for path, _, _ in rows):
        some = [row for row in rows if row[0][depth] == key]
        leaf = depth + 1 == len(some[0][0])
        entries.append(Entry(some[0][1].begin, key, some[0][2] if leaf else _nested(some, depth + 1)))
    return Mapped(rows[0][1].begin, rows[-1][1].end, "grouped", tuple(entries))


def _placed(made: dict[str, Any], path: tuple[str, ...], values: list[Any]) -> None:
    for key in path[:-1]:
        made = made.setdefault(key, {})
    made[path[-1]] = [*made.get(path[-1], []), *values]
