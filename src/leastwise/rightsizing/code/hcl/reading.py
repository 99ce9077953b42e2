"""Expressions of Terraform as nodes: what is written out, and what is computed."""

from __future__ import annotations

import re
from typing import Any

from ..json_text import read_json
from ..located import Entry, Listing, Mapped, Node, Open, Scalar
from ..spans import Malformed
from .escapes import unescaped
from .tree import Call, Chunk, Computed, Expression, Inserted, Items, Literal, Object, Reference, Template

_SAME = frozenset(("toset", "tolist", "tomap", "tostring"))
"""Functions that change a value's type only."""


def node_of(text: str, found: Expression) -> Node:
    """The node of an expression; whatever is not written out is open, with the reason."""
    if isinstance(found, Literal):
        return Scalar(found.begin, found.end, found.value)
    if isinstance(found, Template):
        return _template(text, found)
    if isinstance(found, Items):
        items = tuple(Entry(one.begin, None, node_of(text, one)) for one in found.items)
        return Listing(found.begin, found.end, "hcl", items)
    if isinstance(found, Object):
        return _object(text, found)
    if isinstance(found, Call) and found.name in _SAME and len(found.arguments) == 1:
        return node_of(text, found.arguments[0])
    return Open(found.begin, found.end, reason(found))


def document_of(text: str, found: Expression) -> Node:
    """The node of a document that an attribute holds as a text: `jsonencode(…)` or JSON in a heredoc.

    Anything else is open, with the reason.
    """
    if isinstance(found, Call) and found.name == "jsonencode" and len(found.arguments) == 1:
        return node_of(text, found.arguments[0])
    if isinstance(found, Template) and found.heredoc and not found.control and found.parts:
        inserted = [one for one in found.parts if isinstance(one, Inserted)]
        holes = {one.begin: (one.end, reason(one.value)) for one in inserted}
        try:
            return read_json(text, text.index("\n", found.begin) + 1, text.rindex("\n", 0, found.end) + 1, holes)
        except Malformed as error:
            return Open(found.begin, found.end, f"a heredoc that holds no JSON: {error.cause}")
    if isinstance(found, Template) and not found.heredoc:
        written = all(isinstance(one, Chunk) for one in found.parts)
        return Open(found.begin, found.end, "JSON in a quoted string" if written else reason(found))
    return Open(found.begin, found.end, reason(found))


def _object(text: str, found: Object) -> Node:
    entries: list[Entry] = []
    names: set[str] = set()
    for one in found.pairs:
        if one.key is None or one.key in names:
            what = "an object with a computed key" if one.key is None else f"an object that sets {one.key!r} twice"
            return Open(found.begin, found.end, what)
        names.add(one.key)
        entries.append(Entry(one.begin, one.key, node_of(text, one.value)))
    return Mapped(found.begin, found.end, "hcl", tuple(entries))


def _template(text: str, found: Template) -> Node:
    if found.control:
        return Open(found.begin, found.end, "a template with directives")
    pattern, plain, whys = "", "", []
    for one in found.parts:
        if isinstance(one, Chunk):
            written = unescaped(text[one.begin : one.end], found.heredoc)
            plain += written
            pattern += re.escape(written)
        else:
            pattern += ".*"
            whys.append(reason(one.value))
    if whys:
        return Open(found.begin, found.end, whys[0], pattern)
    # What `<<-` takes off the lines is of no matter to anything that is read here: heredocs hold documents.
    return Scalar(found.begin, found.end, plain)


def reason(found: Expression) -> str:
    """Why an expression is computed, in a few words."""
    if isinstance(found, Reference):
        what = ".".join(found.steps)
        kinds = {
            "var": "the input",
            "local": "the local value",
            "module": "an output of a module",
            "each": "the repetition",
        }
        return f"{kinds.get(found.steps[0], 'the reference')} {what}"
    if isinstance(found, Call):
        return f"the function {found.name}"
    if isinstance(found, Computed):
        return found.what
    if isinstance(found, Template):
        inner = next((one.value for one in found.parts if isinstance(one, Inserted)), None)
        return "a template" if inner is None else reason(inner)
    return "a computed value"


def plain(text: str, found: Expression | None) -> Any:
    """The value of an expression that is written out; None for any other."""
    node = node_of(text, found) if found is not None else None
    return node.value if isinstance(node, Scalar) else None
