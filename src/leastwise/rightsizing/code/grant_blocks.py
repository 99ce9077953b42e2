"""The blocks of Terraform that give something: one that is changed into another, or that stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from leastwise.model.coding import Attacher, Coding, Made

from .folders import Folder
from .hcl.aligned import aligned
from .hcl.parse import parse
from .hcl.reading import node_of
from .hcl.tree import Attribute, Block
from .index import Index
from .located import Listing
from .matching import Wanted
from .places import Place
from .segments import rebuilt, segments
from .spans import Refused, indent_of, line_end_of
from .writing import Style

_ALWAYS = ("provider", "depends_on")
_WORD = re.compile(r"\W+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as code is to make it.

    Args:
        wanted: how it is known again.
        scope: the id of what it is on, by which its form is chosen.
        policy: what code calls the bundle.
        title: what people call it.
        refers: the expression that names it, where code makes it; empty where it is named by `policy` or `title`.
    """

    wanted: Wanted
    scope: str
    policy: str
    title: str
    refers: str = ""


@dataclass(frozen=True)
class Writing:
    """What is written in the place of one attachment, or beside it."""

    found: Index
    place: Place
    text: str
    outer: Block
    top: Block
    attacher: Attacher
    coding: Coding
    folder: Folder
    owner: str

    @classmethod
    def of(cls, found: Index, place: Place, codings: Sequence[Coding]) -> Writing:
        """What is written for one place."""
        text = found.texts[place.file]
        assert place.cut is not None
        block = block_at(text, place.cut[0])
        coding = next(one for one in codings if one.provider == place.provider)
        folder = found.folders[place.home.rpartition("/")[0]]
        attacher = attacher_of(place, codings, block)
        top = next(one for one in parse(text).items if isinstance(one, Block) and one.begin <= block.begin < one.end)
        return cls(found, place, text, block, top, attacher, coding, folder, owner_of(found, place, codings))

    def changed(self, grant: Grant) -> str:
        """The block itself as another grant, or another block where its type does not fit."""
        form = self._form(grant)
        bare = self.attacher.closed == "" or bool(grant.refers)
        if not bare or (form.type != self.outer.labels[0] and not self._same(grant)):
            return self.beside(grant, keep=True)
        attribute, bundle = self._bundle(form, grant)
        told: dict[str, str | None] = {attribute: bundle}
        for other in self.coding.attachers:
            if other.type == self.attacher.type and other.bundle[-1] != attribute:
                told[other.bundle[-1]] = None
        if not self._same(grant):
            told |= dict(self._scope(form, grant))
        return _edited(self.text, self.outer, told)

    def beside(self, grant: Grant, *, keep: bool = False) -> str:
        """A block of its own for a grant, with the label of this one where that goes."""
        form = self._form(grant)
        attribute, bundle = self._bundle(form, grant)
        same = self._same(grant)
        own = same and (not self.attacher.closed or bool(grant.refers))
        kind = self.attacher.type if own else form.type
        to = next(one.to[0][-1] for one in self.coding.attachers if one.type == kind and one.to)
        owner = f"[{self.owner}]" if own and self.attacher.closed else self.owner
        told = {**dict(self._scope(form, grant)), attribute: bundle, to: owner}
        for name in (*self.attacher.beside, *_ALWAYS):
            if (found := self.outer.attribute(name)) is not None:
                told[name] = self._written(found)
        blocks = []
        for name in dict.fromkeys(path[0] for path in self.attacher.terms):
            blocks += [self.text[one.begin : one.end] for one in self.outer.blocks(name)]
            if (found := self.outer.attribute(name)) is not None:
                told[name] = self._written(found)
        label = self._label(kind, grant, keep=keep)
        return block_text("resource", (kind, label), told, blocks, Style("hcl", line=line_end_of(self.text)))

    def _written(self, found: Attribute) -> str:
        return self.text[found.value.begin : found.value.end]

    def _same(self, grant: Grant) -> bool:
        """Whether a grant is on the scope that this one is on."""
        on = self.place.on
        return not on.why and any(on.may_be(one, fold=grant.wanted.fold) for one in grant.wanted.on)

    def _form(self, grant: Grant) -> Made:
        for one in self.coding.made:
            if one.kind == "attachment" and one.layer == self.place.layer and re.fullmatch(one.on, grant.scope):
                return one
        raise Refused(f"no form of Terraform is known for a grant on {grant.scope}")

    def _bundle(self, form: Made, grant: Grant) -> tuple[str, str]:
        """The attribute that names the bundle, and what it is set to."""
        named = next(name for name, text in form.attributes.items() if text in ("{policy}", "{title}"))
        if grant.refers:
            return form.by or named, grant.refers
        text = grant.policy if form.attributes[named] == "{policy}" else grant.title
        if not text:
            raise Refused(f"what code calls {grant.wanted.id} is not known")
        return named, Style("hcl").scalar(text)

    def _scope(self, form: Made, grant: Grant) -> Iterator[tuple[str, str]]:
        """The attributes that name a scope: as this block does where it is the same one."""
        words = re.fullmatch(form.on, grant.scope)
        assert words is not None
        same = self._same(grant)
        for name, text in form.attributes.items():
            if text in ("{policy}", "{title}", "{owner}"):
                continue
            found = self.outer.attribute(name)
            if same and found is not None:
                yield name, self._written(found)
            elif not same or name not in self.coding.defaults:
                yield name, Style("hcl").scalar(text.format(**words.groupdict()))

    def _label(self, kind: str, grant: Grant, *, keep: bool) -> str:
        """A label that no other resource of that type has in the folder; with `keep` its own, where that is free."""
        own = self.place.block.partition(".")[2]
        tail = _WORD.sub("_", (grant.title or grant.policy.rpartition("/")[2]).lower()).strip("_")
        base = f"{own}_{tail}"[:100]
        taken = {name.partition(".")[2] for name in self.folder.things if name.startswith(f"{kind}.")}
        if keep and (own not in taken or kind == self.attacher.type):
            return own
        return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 1000))) if name not in taken)


def owner_of(found: Index, place: Place, codings: Sequence[Coding]) -> str:
    """The expression by which code names whom an attachment is given to."""
    text = found.texts[place.file]
    assert place.cut is not None
    if place.listed:
        element = text[place.cut[0] : place.cut[1]]
        block = block_at(text, place.cut[0])
        named = block.attribute(attacher_of(place, codings, block).to[0][-1])
        if (
            named is None
            or named.begin <= place.cut[0] < named.end
            or text[named.value.begin : named.value.end].startswith("each.")
        ):
            return element
        return text[named.value.begin : named.value.end]
    block = block_at(text, place.cut[0])
    attribute = block.attribute(attacher_of(place, codings, block).to[0][-1])
    if attribute is None:
        raise Refused(f"{place.address} does not name whom it is given to")
    node = node_of(text, attribute.value)
    if isinstance(node, Listing) and node.entries:
        return text[node.entries[0].begin : node.entries[0].value.end]
    return text[attribute.value.begin : attribute.value.end]


def block_at(text: str, offset: int) -> Block:
    """The innermost block of a text that an offset lies in."""
    found: Block | None = None
    waiting: list[Block | Attribute] = list(parse(text).items)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Block) and one.begin <= offset < one.end:
            found, waiting = one, list(one.items)
    if found is None:
        raise Refused("is not where it was read")
    return found


def attacher_of(place: Place, codings: Sequence[Coding], block: Block) -> Attacher:
    """How the resource of a place attaches."""
    kind = place.block.partition(".")[0]
    found = [one for coding in codings for one in coding.attachers if one.type == kind and one.layer == place.layer]
    held = [one for one in found if block.attribute(one.bundle[-1]) is not None]
    if not held or not held[0].to:
        raise Refused(f"{place.address} is of no form that others are written beside")
    return held[0]


def _edited(text: str, block: Block, told: Mapping[str, str | None]) -> str:
    """A block with other values of some attributes; None takes one away."""
    spans = [(one.begin, one.end) for one in block.items]
    cores: dict[int, str | None] = {}
    left = {name: value for name, value in told.items() if value is not None}
    at = len(spans)
    for number, one in enumerate(block.items):
        if isinstance(one, Attribute) and one.name in told:
            value = told[one.name]
            cores[number] = None if value is None else text[one.begin : one.value.begin] + value
            left.pop(one.name, None)
            at = min(at, number + 1)
    new = [f"{name} = {value}" for name, value in left.items()]
    found = segments(text, block.inner, block.inner_end, spans, "hcl", "never")
    made = text[block.begin : block.inner] + rebuilt(found, cores, {at: new}) + text[block.inner_end : block.end]
    return aligned(made, 0, len(made))


def block_text(kind: str, labels: Sequence[str], told: Mapping[str, str], blocks: Sequence[str], style: Style) -> str:
    """A new block, each of whose lines but the first begins with the indent."""
    inner = style.indent + style.unit
    head = " ".join((kind, *(f'"{one}"' for one in labels)))
    lines = [f"{head} {{", *(f"{inner}{name} = {value}" for name, value in told.items())]
    for one in blocks:
        lines += ["", inner + one]
    made = "\n".join((*lines, style.indent + "}"))
    return aligned(made, 0, len(made)).replace("\r\n", "\n").replace("\n", style.line)


def joined(made: Sequence[str], line: str) -> str:
    """Blocks one below the other, with an empty line between."""
    return f"{line}{line}".join(made)


def behind(text: str, block: Block, made: Sequence[str]) -> str:
    """A text with blocks behind another one, in lines of their own."""
    line = line_end_of(text)
    end = (text + "\n").index("\n", block.end)
    end -= text[end - 1 : end] == "\r"
    indent = indent_of(text, block.begin)
    return text[:end] + "".join(f"{line}{line}{indent}{one}" for one in made) + text[end:]
