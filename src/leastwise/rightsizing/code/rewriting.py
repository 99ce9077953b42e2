"""A node's text with another value: only what differs is written anew, the rest keeps its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .block_writing import new_element
from .located import BlockListing, BlockMapped, Entry, Listing, Mapped, Node, Scalar, listed, same, sign_of, value_of
from .pairing import paired
from .segments import Segments, rebuilt, segments
from .spans import Refused, indent_of, line_end_of, line_of
from .writing import WIDTH, Style

_LANGUAGES = {"hcl": "hcl", "json": "json", "json in hcl": "json", "yaml": "yaml", "yaml flow": "yaml"}


def rewritten(text: str, node: Node, wanted: Any, style: Style | None = None) -> str:
    """The text of a node that is bound, with the wanted value. Raises Refused where that is not one of the forms that
    are edited.
    """
    if same(value_of(node), wanted):
        return text[node.begin : node.end]
    style = style or Style("hcl", line=line_end_of(text))
    if isinstance(node, Scalar):
        return _scalar(text, node, wanted, style)
    if isinstance(node, BlockListing):
        return _block_list(text, node, listed(wanted), style)
    if isinstance(node, BlockMapped):
        return _block_map(text, node, _map(node, wanted, text), style)
    if isinstance(node, Listing):
        return _list(text, node, listed(wanted), style)
    if isinstance(node, Mapped):
        return _mapped(text, node, wanted, style)
    raise Refused(f"line {line_of(text, node.begin)}: is computed ({node.why})")


def _scalar(text: str, node: Scalar, wanted: Any, style: Style) -> str:
    if node.fixed:
        raise Refused(
            f"line {line_of(text, node.begin)}: the value that would have to change is computed ({node.fixed})"
        )
    one = wanted[0] if isinstance(wanted, list | tuple) and len(wanted) == 1 else wanted
    written = text[node.begin : node.end]
    own = replace(style, quote=written[:1] if written[:1] in ("'", '"') else "")
    rest = text[node.end : (text + "\n").index("\n", node.end)]
    flow = style.flow or (style.language == "yaml" and "#" in rest)
    begin = text.rfind("\n", 0, node.begin) + 1
    own = replace(own, flow=flow, inline=style.inline or (flow and not style.flow))
    if isinstance(one, list | tuple | Mapping) and style.language == "yaml" and not flow:
        own = own.deeper()
    return own.value(one, node.begin - begin)


def _map(node: Node, wanted: Any, text: str) -> Mapping[str, Any]:
    one = wanted[0] if isinstance(wanted, list | tuple) and len(wanted) == 1 else wanted
    if not isinstance(one, Mapping):
        raise Refused(f"line {line_of(text, node.begin)}: an object would have to become something else")
    return one


def style_of(text: str, node: Listing | Mapped, style: Style) -> Style:
    """The style of what stands in a list or map."""
    flow = node.style == "yaml flow"
    outer = indent_of(text, node.begin)
    entries = node.entries
    first = entries[0].begin if entries else node.begin
    inner = indent_of(text, first)
    if node.style == "yaml":
        inner = " " * (first - (text.rfind("\n", 0, first) + 1))
    same_line = "\n" not in text[node.begin : first]
    unit = (
        inner[len(outer) :]
        if inner.startswith(outer) and len(inner) > len(outer) and node.style != "yaml"
        else style.unit
    )
    keys = next((text[one.begin : one.value.begin] for one in entries if one.key is not None), style.keys)
    inline = style.inline or ("\n" not in text[node.begin : node.end] and node.style != "yaml")
    if inline and isinstance(node, Listing) and not style.inline and node.style != "yaml flow":
        inline = False
    return replace(
        style,
        language=_LANGUAGES[node.style],
        holes=node.style == "json in hcl",
        flow=flow,
        indent=outer if same_line and node.style != "yaml" else inner,
        unit=unit,
        keys=keys,
        inline=inline,
    )


def parts_of(text: str, node: Listing | Mapped, style: Style) -> Segments:
    """A list or map as segments. Raises Refused where it cannot be parted."""
    spans = [(one.begin, one.value.end) for one in node.entries]
    if node.style == "yaml":
        found = segments(text, node.begin, node.end, spans, "yaml", "never")
        return replace(found, below=style.line + style.indent)
    parted = "lines" if node.style == "hcl" and isinstance(node, Mapped) else "always"
    language = "json" if node.style.startswith("json") else style.language
    return segments(text, node.begin + 1, node.end - 1, spans, language, parted)


def assembled(text: str, node: Listing | Mapped, inner: str) -> str:
    """The text of a list or map of which the inside is known."""
    return inner if node.style == "yaml" else text[node.begin] + inner + text[node.end - 1]


def _mapped(text: str, node: Mapped, given: Any, style: Style) -> str:
    wanted = _map(node, given, text)
    if node.style == "outer":
        return _outer(text, node, wanted, style)
    if not node.entries or not wanted:
        return replace(style, inline=True).value(wanted)
    own = style_of(text, node, style)
    cores: dict[int, str | None] = {}
    for number, one in enumerate(node.entries):
        if one.key in wanted:
            cores[number] = _entry(text, one, wanted[str(one.key)], own)
        elif not (isinstance(one.value, Scalar) and one.value.value is None):
            cores[number] = None
    known = {one.key for one in node.entries}
    new = [own.entry(key, value) for key, value in wanted.items() if key not in known and value not in ([], None)]
    dropped = [number for number, core in cores.items() if core is None]
    where = dropped[0] + 1 if dropped else len(node.entries)
    return assembled(text, node, rebuilt(parts_of(text, node, own), cores, {where: new}))


def _entry(text: str, one: Entry, wanted: Any, style: Style) -> str:
    """An element of a map or list with another value, its key as it was."""
    begin = text[one.begin : one.value.begin]
    made = rewritten(text, one.value, wanted, style)
    return (begin.rstrip() if made.startswith(("\n", "\r")) else begin) + made


def _outer(text: str, node: Mapped, wanted: Mapping[str, Any], style: Style) -> str:
    """A document of blocks: its list of blocks may change, what stands beside may not."""
    blocks = next(one for one in node.entries if isinstance(one.value, BlockListing))
    for one in node.entries:
        if one is not blocks and not same(value_of(one.value), wanted.get(str(one.key))):
            raise Refused(f"line {line_of(text, node.begin)}: {one.key} of a document of blocks would have to change")
    more = wanted.keys() - {one.key for one in node.entries}
    if more:
        raise Refused(f"line {line_of(text, node.begin)}: {min(more)} would have to be added to a document of blocks")
    return rewritten(text, blocks.value, wanted.get(str(blocks.key), []), style)


def _list(text: str, node: Listing, wanted: list[Any], style: Style) -> str:
    begin = text.rfind("\n", 0, node.begin) + 1
    if not node.entries or not wanted:
        if node.style == "yaml":
            return replace(style, flow=True).value(wanted)
        return replace(style, indent=indent_of(text, node.begin)).value(wanted, node.begin - begin)
    own = style_of(text, node, style)
    if own.language == "yaml":
        quotes = {text[one.value.begin] for one in node.entries if isinstance(one.value, Scalar)}
        quote = quotes.pop() if len(quotes) == 1 else ""
        own = replace(own, quote=quote if quote in ("'", '"') else "")
    deep = any(isinstance(one.value, Mapped | Listing) for one in node.entries)
    cores, new = _of_deep(text, node, wanted, own) if deep else _of_plain(node, wanted, own)
    found = parts_of(text, node, own)
    if new and all(core is None for core in cores.values()) and len(cores) == len(node.entries):
        cores, new = _in_place(text, node, wanted, own)
    made = assembled(text, node, rebuilt(found, cores, new))
    if own.language == "hcl" and not own.inline and not deep and _too_long(text, node, made, node.begin - begin):
        return replace(own, indent=indent_of(text, node.begin)).value(wanted, node.begin - begin)
    return made


def _too_long(text: str, node: Listing, made: str, used: int) -> bool:
    """Whether a list that stood in one line is better written anew on lines of its own."""
    was = text[node.begin : node.end]
    written = not any(isinstance(one.value, Scalar) and one.value.fixed for one in node.entries) and "/*" not in was
    return written and "\n" not in was + made and used + len(made) > WIDTH and len(made) > len(was)


def _in_place(
    text: str, node: Listing, wanted: list[Any], own: Style
) -> tuple[dict[int, str | None], dict[int, list[str]]]:
    """A list of which nothing stays: the new elements take the places of the old ones."""
    texts = [own.item(one) for one in wanted]
    cores: dict[int, str | None] = {n: texts[n] if n < len(texts) else None for n in range(len(node.entries))}
    return cores, {len(node.entries): texts[len(node.entries) :]}


def _of_plain(node: Listing, wanted: list[Any], own: Style) -> tuple[dict[int, str | None], dict[int, list[str]]]:
    """A list of plain values is a set: what is wanted stays where it is; the rest goes, and new ones come to the end.

    In a list that is sorted they come to their place.
    """
    left = {sign_of(one): one for one in wanted}
    cores: dict[int, str | None] = {}
    values = [value_of(one.value) for one in node.entries]
    met: set[str] = set()
    for number, value in enumerate(values):
        sign = sign_of(value)
        if sign not in left or sign in met:
            cores[number] = None
        met.add(sign)
    kept = [(number, str(value)) for number, value in enumerate(values) if number not in cores]
    ordered = len(values) > 1 and [str(one) for one in values] == sorted(str(one) for one in values)
    new: dict[int, list[str]] = {}
    for sign, value in left.items():
        if sign not in met:
            at = len(values)
            if ordered:
                at = next((number for number, one in kept if one > str(value)), len(values))
            new.setdefault(at, []).append(value)
    return cores, {at: [own.item(one) for one in (sorted(some) if ordered else some)] for at, some in new.items()}


def _of_deep(
    text: str, node: Listing, wanted: list[Any], own: Style
) -> tuple[dict[int, str | None], dict[int, list[str]]]:
    """A list of objects: each is paired with the one that it was."""
    pairs = paired([value_of(one.value) for one in node.entries], wanted)
    cores: dict[int, str | None] = dict.fromkeys(range(len(node.entries)))
    new: dict[int, list[str]] = {}
    at = 0
    for number, value in enumerate(wanted):
        if number in pairs:
            cores[pairs[number]] = _entry(text, node.entries[pairs[number]], value, own)
            at = pairs[number] + 1
        else:
            new.setdefault(at, []).append(own.item(value))
    return cores, new


def _block_list(text: str, node: BlockListing, wanted: list[Any], style: Style) -> str:
    """A body whose blocks are the elements of a list: blocks change, go and come among its other items."""
    assert node.form is not None
    pairs = paired([value_of(one.value) for one in node.entries], wanted)
    numbers = {begin: number for number, (begin, _) in enumerate(node.spans)}
    where = [numbers[one.begin] for one in node.entries]
    cores: dict[int, str | None] = dict.fromkeys(where)
    new: dict[int, list[str]] = {}
    at = where[0] if where else len(node.spans)
    inner = Style("hcl", indent=_body_indent(text, node), line=style.line, variable=node.form.variable)
    for number, value in enumerate(wanted):
        if number in pairs:
            entry = node.entries[pairs[number]]
            cores[where[pairs[number]]] = _changed_block(text, node, entry.value, value, inner)
            at = where[pairs[number]] + 1
        else:
            new.setdefault(at, []).append(new_element(node.form, value, inner))
    found = segments(text, node.begin, node.end, node.spans, "hcl", "never")
    return rebuilt(found, cores, new)


def _changed_block(text: str, node: BlockListing, old: Node, wanted: Any, style: Style) -> str:
    """A block with another value; written anew where what other blocks in it say would have to change."""
    try:
        return rewritten(text, old, wanted, style)
    except Refused:
        if any(not one.fixed.startswith("blocks ") for one in _fixed(old)) or "#" in text[old.begin : old.end]:
            raise
        assert node.form is not None
        return new_element(node.form, wanted, style)


def _fixed(node: Node) -> list[Scalar]:
    """The values in a node that are computed."""
    if isinstance(node, Scalar):
        return [node] if node.fixed else []
    return [found for one in getattr(node, "entries", ()) for found in _fixed(one.value)]


def _body_indent(text: str, node: BlockListing) -> str:
    return indent_of(text, node.entries[0].begin if node.entries else node.begin)


def _block_map(text: str, node: BlockMapped, wanted: Mapping[str, Any], style: Style) -> str:
    """A block with other attributes; what other blocks in it say stays."""
    assert node.form is not None
    form = node.form
    names = {key: name for name, key in form.keys.items()}
    numbers = {begin: number for number, (begin, _) in enumerate(node.spans)}
    inner = indent_of(text, node.spans[0][0]) if node.spans else indent_of(text, node.begin) + style.unit
    own = Style("hcl", indent=inner, unit=style.unit, line=style.line, variable=form.variable)
    cores: dict[int, str | None] = {}
    known: set[str] = set()
    for one in node.entries:
        known.add(str(one.key))
        value = wanted.get(str(one.key))
        if same(value_of(one.value), value):
            continue
        if isinstance(one.value, Mapped):
            cores |= _regrouped(text, node, one.value, value, own)
            continue
        name = names.get(str(one.key))
        if name is None or one.begin not in numbers:
            if name is not None and value is not None:
                known.discard(str(one.key))
                continue
            raise Refused(
                f"line {line_of(text, node.begin)}: {one.key} of a block would have to change, which is not edited"
            )
        if value is None:
            cores[numbers[one.begin]] = None
        else:
            wished = listed(value) if name in form.lists else value
            cores[numbers[one.begin]] = _entry(text, one, wished, own)
    new: list[str] = []
    for key, value in wanted.items():
        if key not in known and value not in ([], None):
            if key not in names:
                raise Refused(
                    f"line {line_of(text, node.begin)}: {key} would have to be added to a block, which is not edited"
                )
            new.append(own.entry(names[key], listed(value) if names[key] in form.lists else value))
    gone = [number for number, core in cores.items() if core is None]
    where = gone[0] + 1 if gone else _after_attributes(node)
    found = segments(text, node.inner, node.inner_end, node.spans, "hcl", "never")
    if not found.elements:
        raise Refused(f"line {line_of(text, node.begin)}: an empty block is not edited")
    return text[node.begin : node.inner] + rebuilt(found, cores, {where: new}) + text[node.inner_end : node.end]


def _regrouped(text: str, node: BlockMapped, old: Mapped, wanted: Any, style: Style) -> dict[int, str | None]:
    """Blocks that together are one key, with other lists in them; one of which nothing is left goes."""
    cores: dict[int, str | None] = {}
    for leaf, value in _leaves(text, old, {} if wanted is None else wanted):
        number, (begin, end) = next((n, span) for n, span in enumerate(node.spans) if span[0] <= leaf.begin < span[1])
        if value is None:
            cores[number] = None
        elif not same(value_of(leaf), value):
            cores[number] = (
                text[begin : leaf.begin] + rewritten(text, leaf, listed(value), style) + text[leaf.end : end]
            )
    return cores


def _leaves(text: str, old: Mapped, wanted: Any) -> list[tuple[Node, Any]]:
    """The lists of such blocks, each with what is wanted there; None where nothing is."""
    if not isinstance(wanted, Mapping) or wanted.keys() - {one.key for one in old.entries}:
        raise Refused(f"line {line_of(text, old.begin)}: another block would have to be added, which is not edited")
    found: list[tuple[Node, Any]] = []
    for one in old.entries:
        value = wanted.get(str(one.key))
        if isinstance(one.value, Mapped):
            found += _leaves(text, one.value, {} if value is None else value)
        else:
            found.append((one.value, value))
    return found


def _after_attributes(node: BlockMapped) -> int:
    """Behind the last attribute of a block: other blocks stand below."""
    begins = {one.begin for one in node.entries}
    numbers = [number for number, (begin, _) in enumerate(node.spans) if begin in begins]
    return numbers[-1] + 1 if numbers else 0


def changed(text: str, node: Node, wanted: Any) -> str:
    """The whole text with another value at a node. Raises Refused."""
    return text[: node.begin] + rewritten(text, node, wanted) + text[node.end :]
