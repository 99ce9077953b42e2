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
    Mismatch,
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
    """Blocks that together are one key, known where all of them are written out; they are not edited."""
    begin, end = blocks[0].begin, blocks[-1].end
    made: dict[str, Any] = {}
    for block in blocks:
        if block.kind == "dynamic":
            return Open(begin, end, f"a dynamic block {group.block}")
        known = {name: block.attribute(name) for name in (*group.path, group.values)}
        nodes = {name: _spoken(node_of(text, one.value), form) for name, one in known.items() if one is not None}
        computed = [one for node in nodes.values() for one in opens(node)]
        if computed or len(nodes) < len(known):
            return Open(begin, end, computed[0].why if computed else f"a block {group.block} that lacks something")
        try:
            _placed(made, [str(value_of(nodes[name])) for name in group.path], listed(value_of(nodes[group.values])))
        except Mismatch as error:
            return Open(begin, end, error.cause)
    whole: Any = made
    for _ in group.path:
        whole = whole.get(group.whole) if isinstance(whole, dict) and len(whole) == 1 else None
    if group.whole and whole == [group.whole]:
        return Scalar(begin, end, group.whole, f"blocks {group.block}")
    return Scalar(begin, end, made, f"blocks {group.block}")


def _placed(made: dict[str, Any], path: list[str], values: list[Any]) -> None:
    for key in path[:-1]:
        made = made.setdefault(key, {})
    made[path[-1]] = [*made.get(path[-1], []), *values]
