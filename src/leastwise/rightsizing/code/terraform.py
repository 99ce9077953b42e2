"""Terraform's files as places: which resource carries which document or attachment, and whether it can be edited."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from leastwise.model.coding import Attacher, Carrier, Coding

from .blocks import document_of_blocks
from .folders import REPEATS, Folder, Names, spans_of
from .hcl.reading import document_of, node_of, plain, reason
from .hcl.tree import Attribute, Block, Call, Chunk, Expression, Inserted, Reference, Template
from .json_text import read_json
from .located import Entry, Listing, Node, Open
from .places import Name, Place
from .spans import Malformed, line_of
from .states import Known


@dataclass(frozen=True, slots=True)
class _Thing:
    """A resource that is looked at."""

    folder: Folder
    file: str
    block: Block
    address: str
    coding: Coding
    why: str
    known: Known | None


def folder_places(
    texts: Mapping[str, str], folder: Folder, codings: Sequence[Coding], known: Mapping[str, Known]
) -> list[Place]:
    """The places of a folder. `texts` are all files, also those that are read by `file()`; `known` is what state
    tells.
    """
    reader = _Reader(texts, Names(texts, codings))
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
            places += reader.places(_Thing(folder, file, block, whole, coding, why, known.get(whole)))
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
    names: Names

    def places(self, thing: _Thing) -> Iterator[Place]:
        """The places of a resource."""
        kind = thing.block.labels[0]
        for carrier in thing.coding.carriers:
            if carrier.type == kind and self._holds(thing, carrier):
                yield from self._documents(thing, carrier)
        for attacher in thing.coding.attachers:
            if attacher.type == kind:
                yield from self._attachments(thing, attacher)

    def _holds(self, thing: _Thing, carrier: Carrier) -> bool:
        text = self.texts[thing.file]
        for name, value in carrier.only.items():
            attribute = thing.block.attribute(name)
            if attribute is None and not carrier.unset:
                return False
            if attribute is not None and plain(text, attribute.value) != value:
                return False
        return True

    # Documents

    def _documents(self, thing: _Thing, carrier: Carrier) -> Iterator[Place]:
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

    def _place(self, thing: _Thing, carrier: Carrier, block: Block, file: str, node: Node, why: str) -> Place:
        policy = self._name(thing, carrier.name[-1], block) if carrier.name else Name()
        owner, sign = Name(), thing.coding.signs.get(thing.block.labels[0], "")
        for path in carrier.owner:
            if thing.block.attribute(path[-1]) or (thing.known and path[-1] in thing.known.attributes):
                owner, sign = self._name(thing, path[-1], thing.block), thing.coding.signs.get(path[-1], "")
                break
        if not carrier.owner and carrier.layer != "bundle":
            owner = self._own(thing)
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

    def _source(self, thing: _Thing, file: str, node: Node) -> str:
        """What a document stands in, where that is not the resource itself."""
        if file not in thing.folder.files:
            return file
        for begin, end, address in spans_of(thing.folder.files[file]):
            if begin <= node.begin <= end:
                return "" if (begin, end) == (thing.block.begin, thing.block.end) else address
        return ""

    def _own(self, thing: _Thing) -> Name:
        kind = thing.block.labels[0]
        attribute = thing.coding.names.get(kind, "name")
        if thing.known and attribute in thing.known.attributes:
            return Name(thing.known.attributes[attribute], refers=thing.address)
        return self.names.thing(thing.folder, ".".join(thing.block.labels))

    def _name(self, thing: _Thing, attribute: str, block: Block) -> Name:
        """The name that an attribute gives, by state where it is there."""
        found = block.attribute(attribute)
        made = self.names.of(thing.folder, thing.file, found.value if found else None)
        if thing.known and block is thing.block and attribute in thing.known.attributes:
            return Name(thing.known.attributes[attribute], refers=made.refers)
        prefix = block.attribute(f"{attribute}_prefix")
        if found is None and prefix is not None:
            begun = self.names.of(thing.folder, thing.file, prefix.value)
            return Name(why="the name is generated", pattern=None if begun.why else f"{begun.text}.*")
        return made

    def _document(self, thing: _Thing, file: str, found: Expression, depth: int = 0) -> tuple[str, Node, str]:
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

    def _local(self, thing: _Thing, found: Reference, depth: int, *, encoded: bool) -> tuple[str, Node, str]:
        name = found.steps[1] if len(found.steps) == 2 else ""
        if name not in thing.folder.locals:
            return thing.file, Open(found.begin, found.end, reason(found)), ""
        file, value = thing.folder.locals[name]
        why = f"local.{name} is used in several places" if thing.folder.named[f"local.{name}"] > 1 else ""
        if encoded:
            return file, node_of(self.texts[file], value), why
        below, node, more = self._document(thing, file, value, depth + 1)
        return below, node, why or more

    def _data(self, thing: _Thing, found: Reference) -> tuple[str, Node, str]:
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

    def _file(self, thing: _Thing, file: str, found: Call) -> tuple[str, Node, str]:
        path = self._path(thing, file, found.arguments[0])
        where = posixpath.normpath(posixpath.join(thing.folder.path, path)) if path else ""
        if where not in self.texts:
            return file, Open(found.begin, found.end, f"in a file that was not given ({path or 'a computed name'})"), ""
        try:
            return where, read_json(self.texts[where]), ""
        except Malformed as error:
            return file, Open(found.begin, found.end, f"in {where}, which is no JSON: {error.cause}"), ""

    def _path(self, thing: _Thing, file: str, found: Expression) -> str:
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

    # Attachments

    def _attachments(self, thing: _Thing, attacher: Attacher) -> Iterator[Place]:
        bundle = thing.block.attribute(attacher.bundle[-1])
        if bundle is None:
            return
        text = self.texts[thing.file]
        targets = [one for path in attacher.to if (one := thing.block.attribute(path[-1])) is not None]
        over = thing.block.attribute("for_each")
        if over is not None and self._is_each(bundle.value) and isinstance(node_of(text, over.value), Listing):
            for target in targets:
                yield from self._each(thing, attacher, over, target)
            return
        node = node_of(text, bundle.value)
        if isinstance(node, Listing):
            for entry in node.entries:
                name = self._element(thing, bundle.value, entry)
                owner = self._refer(thing, targets[0]) if targets else self._own(thing)
                yield self._attachment(thing, attacher, name, owner, targets[0] if targets else bundle, node, entry)
            return
        policy = self._refer(thing, bundle)
        if not attacher.to:
            yield self._attachment(thing, attacher, policy, self._own(thing), bundle)
        for target in targets:
            listed = node_of(text, target.value)
            alone = isinstance(listed, Listing) and len(listed.entries) == 1 and len(targets) == 1
            if isinstance(listed, Listing):
                for entry in listed.entries:
                    owner = self._element(thing, target.value, entry)
                    # Without its only member it would be of nobody, which is not valid: all of it goes.
                    part = (None, None) if alone else (listed, entry)
                    yield self._attachment(thing, attacher, policy, owner, target, *part)
            else:
                yield self._attachment(thing, attacher, policy, self._refer(thing, target), target)

    def _is_each(self, found: Expression) -> bool:
        return isinstance(found, Reference) and found.steps in (("each", "value"), ("each", "key"))

    def _each(self, thing: _Thing, attacher: Attacher, over: Attribute, target: Attribute) -> Iterator[Place]:
        """One attachment for each element of a set that is written out."""
        node = node_of(self.texts[thing.file], over.value)
        assert isinstance(node, Listing)
        once = replace(thing, why=thing.folder.several())
        owner = self._refer(thing, target)
        for entry in node.entries:
            yield self._attachment(once, attacher, self._element(thing, over.value, entry), owner, target, node, entry)

    def _refer(self, thing: _Thing, attribute: Attribute) -> Name:
        name = self.names.of(thing.folder, thing.file, attribute.value)
        if thing.known and attribute.name in thing.known.attributes:
            return Name(thing.known.attributes[attribute.name], refers=name.refers)
        return name

    def _element(self, thing: _Thing, found: Expression, entry: Entry) -> Name:
        """The name that an element of a list gives."""
        while isinstance(found, Call):
            found = found.arguments[0]
        items = getattr(found, "items", ())
        return self.names.of(thing.folder, thing.file, next(one for one in items if one.begin == entry.begin))

    def _attachment(
        self, thing: _Thing, attacher: Attacher, policy: Name, owner: Name, target: Attribute,
        node: Node | None = None, entry: Entry | None = None,
    ) -> Place:  # fmt: skip
        """The attachment that an attribute makes: by its whole block, by itself where it names the bundle, or by an
        element.
        """
        if entry is not None:
            cut = (entry.begin, entry.value.end)
        elif target.name == attacher.bundle[-1] and not attacher.to:
            cut = (target.begin, target.end)
        else:
            cut = (thing.block.begin, thing.block.end)
        apart = next(
            (one for one in sorted(attacher.apart) if thing.block.attribute(one) or thing.block.blocks(one)), ""
        )
        signs = thing.coding.signs
        return Place(
            thing.file, line_of(self.texts[thing.file], cut[0]), thing.address, "terraform", "attachment",
            attacher.layer,
            policy, owner, thing.why or (f"has a {apart}, which is not compared" if apart else ""), node, cut,
            entry is not None, thing.known.ids if thing.known else frozenset(), provider=thing.coding.provider,
            block=".".join(thing.block.labels), home=thing.file, on=self._on(thing, attacher),
            sign=signs.get(target.name) or signs.get(thing.block.labels[0], ""),
        )  # fmt: skip

    def _on(self, thing: _Thing, attacher: Attacher) -> Name:
        """The scope that an attachment is on."""
        for path in attacher.on:
            if thing.block.attribute(path[-1]) or (thing.known and path[-1] in thing.known.attributes):
                return self._name(thing, path[-1], thing.block)
        return Name(why="the scope is the provider's own") if attacher.on else Name()
