"""Terraform's files as places: which resource carries which document or attachment, and whether it can be edited."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from leastwise.model.coding import Carrier, Coding

from .attaching import Attaching
from .blocks import document_of_blocks
from .folders import REPEATS, Folder, spans_of
from .hcl.reading import document_of, node_of, plain, reason
from .hcl.tree import Block, Call, Chunk, Expression, Inserted, Reference, Template
from .json_text import read_json
from .located import Node, Open
from .naming import Names
from .places import Name, Place
from .spans import Malformed, line_of
from .states import Known
from .things import Thing, Told


def folder_places(
    texts: Mapping[str, str], folder: Folder, codings: Sequence[Coding], known: Mapping[str, Known]
) -> list[Place]:
    """The places of a folder. `texts` are all files, also those that are read by `file()`; `known` is what state
    tells.
    """
    told = Told(Names(texts, codings))
    reader = _Reader(texts, told, Attaching(texts, told))
    places: list[Place] = []
    several = folder.several()
    for address, (file, block) in folder.things.items():
        if block.kind != "resource":
            continue
        repeated = next((one for one in REPEATS if block.attribute(one)), "")
        over = folder.overridden.get(address)
        why = several or (f"is overridden in {over}" if over else f"is repeated by {repeated}" if repeated else "")
        whole = folder.prefix() + address
        for coding in codings:
            places += reader.places(Thing(folder, file, block, whole, coding, why, known.get(whole)))
    return places


def shared(places: Sequence[Place]) -> list[Place]:
    """Places whose document is that of several are not edited: the others would change with it."""
    users: dict[tuple[str, int], list[Place]] = {}
    for one in places:
        if one.kind == "document" and one.node is not None:
            users.setdefault((one.file, one.node.begin), []).append(one)
    made: list[Place] = []
    for one in places:
        of = users.get((one.file, one.node.begin), []) if one.kind == "document" and one.node is not None else []
        others = [f"{each.address} ({each.home})" for each in of if each is not one]
        made.append(
            replace(one, why=f"the document is also that of {', '.join(others)}") if others and not one.why else one
        )
    return made


@dataclass(frozen=True)
class _Reader:
    texts: Mapping[str, str]
    told: Told
    attaching: Attaching

    def places(self, thing: Thing) -> Iterator[Place]:
        """The places of a resource."""
        kind = thing.block.labels[0]
        for carrier in thing.coding.carriers:
            if carrier.type == kind and self._holds(thing, carrier):
                yield from self._documents(thing, carrier)
        for attacher in thing.coding.attachers:
            if attacher.type == kind:
                yield from self.attaching.of(thing, attacher)

    def _holds(self, thing: Thing, carrier: Carrier) -> bool:
        text = self.texts[thing.file]
        for name, value in carrier.only.items():
            attribute = thing.block.attribute(name)
            if attribute is None and not carrier.unset:
                return False
            if attribute is not None and plain(text, attribute.value) != value:
                return False
        return True

    # Documents

    def _documents(self, thing: Thing, carrier: Carrier) -> Iterator[Place]:
        if carrier.blocks is not None:
            if thing.block.blocks(carrier.blocks.block):
                written = document_of_blocks(self.texts[thing.file], thing.block, carrier.blocks)
                yield self._place(thing, carrier, thing.block, thing.file, written, "")
            return
        *outer, name = carrier.path
        for block in thing.block.blocks(outer[0]) if outer else [thing.block]:
            attribute = block.attribute(name)
            if block.kind == "dynamic":
                dynamic = Open(block.begin, block.end, f"a dynamic block {outer[0]}")
                yield self._place(thing, carrier, block, thing.file, dynamic, "")
            elif attribute is not None:
                if carrier.plain:
                    file, node, why = thing.file, node_of(self.texts[thing.file], attribute.value), ""
                else:
                    file, node, why = self._document(thing, thing.file, attribute.value)
                yield self._place(thing, carrier, block, file, node, why)

    def _place(self, thing: Thing, carrier: Carrier, block: Block, file: str, node: Node, why: str) -> Place:
        policy = self.told.named(thing, carrier.name[-1], block) if carrier.name else Name()
        owner, sign = Name(), thing.coding.signs.get(thing.block.labels[0], "")
        for path in carrier.owner:
            if thing.block.attribute(path[-1]) or (thing.known and path[-1] in thing.known.attributes):
                owner, sign = self.told.named(thing, path[-1], thing.block), thing.coding.signs.get(path[-1], "")
                break
        if not carrier.owner and carrier.layer != "bundle":
            owner = self.told.own(thing)
        open_why = node.why if isinstance(node, Open) else ""
        reasons = [thing.why, why, f"its document is not edited: {open_why}" if open_why else ""]
        inside = file == thing.file and block.begin <= node.begin <= block.end
        line = line_of(self.texts[file], block.begin if inside else node.begin)
        return Place(
            file, line, thing.address, "terraform", "document", carrier.layer, policy, owner,
            next((one for one in reasons if one), ""), None if open_why else node,
            ids=thing.known.ids if thing.known else frozenset(), provider=thing.coding.provider,
            block=".".join(thing.block.labels), sign=sign, home=thing.file, whole=(block.begin, block.end),
            source=self._source(thing, file, node),
        )  # fmt: skip

    def _source(self, thing: Thing, file: str, node: Node) -> str:
        """What a document stands in, where that is not the resource itself."""
        if file not in thing.folder.files:
            return file
        for begin, end, address in spans_of(thing.folder.files[file]):
            if begin <= node.begin <= end:
                return "" if (begin, end) == (thing.block.begin, thing.block.end) else address
        return ""

    def _document(self, thing: Thing, file: str, found: Expression, depth: int = 0) -> tuple[str, Node, str]:
        """Where the document of an expression is: file, node, and why it is not edited though it can be read."""
        text = self.texts[file]
        if depth > 5:
            return file, Open(found.begin, found.end, "references that go in a circle"), ""
        inner = (
            found.arguments[0] if isinstance(found, Call) and found.name == "jsonencode" and found.arguments else None
        )
        if isinstance(inner, Reference) and inner.steps[0] == "local":
            return self._local(thing, inner, depth, encoded=True)
        if isinstance(found, Template) and not found.heredoc and len(found.parts) == 1:
            only = found.parts[0]
            if isinstance(only, Inserted):
                return self._document(thing, file, only.value, depth + 1)
        if isinstance(found, Call) and found.name == "file" and len(found.arguments) == 1:
            return self._file(thing, file, found)
        if isinstance(found, Reference) and found.steps[0] == "local":
            return self._local(thing, found, depth, encoded=False)
        if isinstance(found, Reference) and found.steps[0] == "data" and len(found.steps) == 4:
            return self._data(thing, found)
        return file, document_of(text, found), ""

    def _local(self, thing: Thing, found: Reference, depth: int, *, encoded: bool) -> tuple[str, Node, str]:
        name = found.steps[1] if len(found.steps) == 2 else ""
        if name not in thing.folder.locals:
            return thing.file, Open(found.begin, found.end, reason(found)), ""
        file, value = thing.folder.locals[name]
        why = f"local.{name} is used in several places" if thing.folder.named[f"local.{name}"] > 1 else ""
        if encoded:
            return file, node_of(self.texts[file], value), why
        below, node, more = self._document(thing, file, value, depth + 1)
        return below, node, why or more

    def _data(self, thing: Thing, found: Reference) -> tuple[str, Node, str]:
        address = ".".join(found.steps[:3])
        known = thing.coding.data.get(found.steps[1])
        if known is None or known[0] != found.steps[3] or address not in thing.folder.things:
            return thing.file, Open(found.begin, found.end, reason(found)), ""
        file, block = thing.folder.things[address]
        why = ""
        if any(block.attribute(one) for one in REPEATS):
            why = f"{address} is repeated"
        elif thing.folder.named[address] > 1:
            why = f"{address} is used in several places"
        return file, document_of_blocks(self.texts[file], block, known[1]), why

    def _file(self, thing: Thing, file: str, found: Call) -> tuple[str, Node, str]:
        path = self._path(thing, file, found.arguments[0])
        where = posixpath.normpath(posixpath.join(thing.folder.path, path)) if path else ""
        if where not in self.texts:
            return file, Open(found.begin, found.end, f"in a file that was not given ({path or 'a computed name'})"), ""
        try:
            return where, read_json(self.texts[where]), ""
        except Malformed as error:
            return file, Open(found.begin, found.end, f"in {where}, which is no JSON: {error.cause}"), ""

    def _path(self, thing: Thing, file: str, found: Expression) -> str:
        """The path that an expression gives, `path.module` being the folder itself."""
        if not isinstance(found, Template) or found.heredoc:
            return ""
        made = ""
        for one in found.parts:
            if isinstance(one, Chunk):
                made += self.texts[file][one.begin : one.end]
            elif isinstance(one.value, Reference) and one.value.steps == ("path", "module"):
                made += "."
            else:
                return ""
        return made
