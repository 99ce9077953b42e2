"""The change of a file: the new document put into its place, read again, and held against what was wanted."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leastwise.model.coding import Coding

from .cutting import entry_cut, without
from .folders import spans_of
from .hcl.aligned import aligned
from .hcl.parse import parse
from .hcl.tree import Attribute, Block
from .index import Index
from .indexing import TERRAFORM, around, indexed_again
from .located import Listing, Mapped, Mismatch, Node, Open, bound, same, value_of
from .places import Place
from .rewriting import changed
from .spans import Malformed, Refused, place_of


@dataclass(frozen=True, slots=True)
class Spliced:
    """A changed file: its path, its text before and after."""

    file: str
    before: str
    after: str

    @property
    def patch(self) -> str:
        """The change as a patch that `git apply` takes."""
        return patch(self.file, self.before, self.after)


def splice(found: Index, place: Place, wanted: Any, codings: Sequence[Coding]) -> Spliced:
    """The file with another document at a place that `match` gave. Raises Refused where the change is not made, with
    the reason.
    """
    if place.why or place.node is None:
        raise Refused(place.why or "is no document")
    text = found.texts[place.file]
    if not _bound(place.node):
        raise Refused("a part of the document is computed, and what the cloud has there is not known")
    after = _tidy(found, place.file, changed(text, place.node, wanted), place.node.begin)
    _verify(found, place, after, wanted, codings)
    return Spliced(place.file, text, after)


def detach(found: Index, place: Place, codings: Sequence[Coding]) -> Spliced:
    """The file without an attachment. Raises Refused where it is not taken away."""
    if place.why or place.cut is None:
        raise Refused(place.why or "is no attachment")
    text = found.texts[place.file]
    if place.listed and isinstance(place.node, Listing):
        after = entry_cut(text, place.node, place.cut[0])
    else:
        after = without_item(text, place.cut)
    after = _tidy(found, place.file, after, place.cut[0])
    part = around(found, place)
    again = indexed_again(part, place.file, after, codings)
    _no_new_fault(again)
    was, now = ([_sign(one) for one in side.places] for side in (part, again))
    was.remove(_sign(place))
    if sorted(was) != sorted(now):
        raise Refused("to take it away would change something else")
    return Spliced(place.file, text, after)


def remove(found: Index, place: Place, codings: Sequence[Coding]) -> list[Spliced]:
    """The files without the resource of Terraform that carries a document, and without the data source that only it
    used.

    Raises Refused where it is not taken away: something refers to it, or it carries more.
    """
    if place.why or place.whole is None or place.language != "terraform":
        raise Refused(place.why or "only a resource of Terraform is taken away as a whole")
    cuts = {place.home: [place.whole]}
    part = around(found, place)
    named = part.folders[posixpath.dirname(place.home)].named
    if named[place.block] > 0:
        raise Refused(f"{place.block} is referred to by something else")
    if any(one.block == place.block and one.home == place.home and one != place for one in part.places):
        raise Refused(f"{place.block} carries more than this document")
    if place.source.startswith("data.") and named[place.source] == 1:
        span = next((b, e) for b, e, address in found.reads[place.file].spans if address == place.source)
        cuts.setdefault(place.file, []).append(span)
    made: list[Spliced] = []
    after = part
    for file, spans in cuts.items():
        text = found.texts[file]
        # From the end on: what stands above keeps its place.
        for span in sorted(spans, reverse=True):
            text = without_item(text, span)
        made.append(Spliced(file, found.texts[file], text))
        after = indexed_again(after, file, text, codings)
    _no_new_fault(after)
    was, now = ([_sign(one) for one in side.places] for side in (part, after))
    was.remove(_sign(place))
    if sorted(was) != sorted(now):
        raise Refused("to take it away would change something else")
    return made


def patch(file: str, before: str, after: str) -> str:
    """The difference of two texts of a file as a patch that `git apply` takes."""
    old, new = (_lines(text) for text in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{file}" if before else "/dev/null", f"b/{file}", n=3)
    return "".join(one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in lines)


def _lines(text: str) -> list[str]:
    """Lines that end by a newline and by nothing else."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _bound(node: Node) -> bool:
    try:
        value_of(node)
    except Mismatch:
        return False
    return True


def _sign(place: Place) -> tuple[str, ...]:
    return (
        place.file, place.address, place.kind, place.layer, place.policy.text, place.owner.text, place.policy.refers,
    )  # fmt: skip


def _tidy(found: Index, file: str, after: str, at: int) -> str:
    """A file of Terraform with the block that changed aligned as `terraform fmt` leaves it, if it was before."""
    if not file.endswith(TERRAFORM):
        return after
    before = found.texts[file]
    try:
        now = spans_of(parse(after))
    except Malformed:
        return after
    was, now_at = _lines_at(before, found.reads[file].spans, at), _lines_at(after, now, at)
    if was is None or now_at is None or aligned(before, *was) != before:
        return after
    return aligned(after, *now_at)


def _lines_at(text: str, spans: Sequence[tuple[int, int, str]], at: int) -> tuple[int, int] | None:
    """The lines of the outermost block that holds an offset."""
    found = next(((begin, end) for begin, end, _ in spans if begin <= at <= end), None)
    if found is None:
        return None
    return text.rfind("\n", 0, found[0]) + 1, (text + "\n").index("\n", found[1])


def without_item(text: str, cut: tuple[int, int]) -> str:
    """The text without an item of the file or of a block of it. Raises Refused where there is none."""
    root = parse(text)
    spans = [(one.begin, one.end) for one in root.items]
    if cut in spans:
        return without(text, 0, len(text), spans, cut)
    waiting: list[Block | Attribute] = list(root.items)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Block) and one.inner <= cut[0] and cut[1] <= one.inner_end:
            spans = [(item.begin, item.end) for item in one.items]
            if cut in spans:
                return without(text, one.inner, one.inner_end, spans, cut)
            waiting += one.items
    raise Refused("is not where it was read")


def _verify(found: Index, place: Place, after: str, wanted: Any, codings: Sequence[Coding]) -> None:
    """Raises Refused unless the changed file, read again, has what was wanted there, and all else as it was."""
    part = around(found, place)
    again = indexed_again(part, place.file, after, codings)
    _no_new_fault(again)
    if len(again.places) != len(part.places):
        raise Refused("the changed file would have other places than before")
    number = next((n for n, one in enumerate(part.places) if _where(one) == _where(place)), -1)
    if number < 0:
        raise Refused("the place is not in this index")
    for n, (old, new) in enumerate(zip(part.places, again.places, strict=True)):
        if _sign(old) != _sign(new):
            raise Refused(f"{old.address} would change with it")
        if n != number and old.kind == "document" and not _alike(old.node, new.node):
            raise Refused(f"the document of {old.address} would change with it")
    now = again.places[number]
    if now.node is None:
        raise Refused(f"the changed document could not be read: {now.why}")
    try:
        read = value_of(bound(now.node, wanted))
    except Mismatch as error:
        raise Refused(
            f"the changed document would not be what is wanted: {place_of(after, error.offset)}: {error.cause}"
        ) from None
    if not same(read, wanted):
        raise Refused("the changed document would not be what is wanted")


def _where(place: Place) -> tuple[object, ...]:
    return (*_sign(place), place.line, place.node.begin if place.node else place.cut)


def _no_new_fault(again: Index) -> None:
    if again.faults:
        raise Refused(f"the changed file could not be read again: {again.faults[0]}")


def _alike(one: Node | None, other: Node | None) -> bool:
    """Whether two nodes say the same, what is computed included."""
    return _spoken(one) == _spoken(other)


def _spoken(node: Node | None) -> object:
    if isinstance(node, Listing):
        return [_spoken(one.value) for one in node.entries]
    if isinstance(node, Mapped):
        return {one.key: _spoken(one.value) for one in node.entries}
    return ("computed", node.why) if isinstance(node, Open) else getattr(node, "value", None)
