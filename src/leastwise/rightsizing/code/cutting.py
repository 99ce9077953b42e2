"""A text without an item of a body or an element of a list, and without the comments that are its own."""

from __future__ import annotations

from collections.abc import Sequence

from .located import Listing
from .rewriting import assembled, parts_of, style_of
from .segments import not_own, rebuilt, segments
from .spans import line_end_of
from .writing import Style


def without(text: str, begin: int, end: int, spans: Sequence[tuple[int, int]], span: tuple[int, int]) -> str:
    """The whole text without one of the items of a body, and without the comments that are its own."""
    found = segments(text, begin, end, spans, "hcl", "never")
    number = list(spans).index(span)
    alone = len(spans) == 1
    inner = not_own(found.elements[0].lead) + found.foot if alone else rebuilt(found, {number: None}, {})
    return text[:begin] + inner + text[end:]


def entry_cut(text: str, node: Listing, begin: int) -> str:
    """The whole text without an element of a list."""
    number = next(n for n, one in enumerate(node.entries) if one.begin == begin)
    if len(node.entries) == 1:
        return text[: node.begin] + "[]" + text[node.end :]
    style = style_of(text, node, Style("hcl", line=line_end_of(text)))
    inner = rebuilt(parts_of(text, node, style), {number: None}, {})
    return text[: node.begin] + assembled(text, node, inner) + text[node.end :]
