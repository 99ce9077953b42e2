"""What resources of Terraform attach: a bundle to somebody, perhaps on a scope."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from leastwise.model.coding import Attacher, Path

from .hcl.reading import node_of, reason
from .hcl.tree import Attribute, Block, Call, Expression, Reference
from .located import Entry, Listing, Node
from .places import Name, Place
from .spans import line_of
from .things import Thing, Told


@dataclass(frozen=True)
class Attaching:
    """Reads the attachments of resources."""

    texts: Mapping[str, str]
    told: Told

    def of(self, thing: Thing, attacher: Attacher) -> Iterator[Place]:
        """What a resource attaches."""
        if attacher.within:
            yield from self._inside(thing, attacher)
            return
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
        if over is not None and len(targets) == 1 and self._is_each(targets[0].value):
            listed = node_of(text, over.value)
            if isinstance(listed, Listing):
                yield from self._each_owner(thing, attacher, over, bundle)
                return
        node = node_of(text, bundle.value)
        if isinstance(node, Listing):
            for entry in node.entries:
                name = self._element(thing, bundle.value, entry)
                owner = self._refer(thing, targets[0]) if targets else self.told.own(thing)
                yield self._attachment(thing, attacher, name, owner, targets[0] if targets else bundle, node, entry)
            return
        policy = self._refer(thing, bundle)
        if not attacher.to:
            yield self._attachment(thing, attacher, policy, self.told.own(thing), bundle)
        for target in targets:
            yield from self._owners(thing, attacher, policy, target, alone=len(targets) == 1)

    def _owners(
        self, thing: Thing, attacher: Attacher, policy: Name, target: Attribute, *, alone: bool
    ) -> Iterator[Place]:
        """Whom an attribute names: one, or each of a list."""
        listed = node_of(self.texts[thing.file], target.value)
        if not isinstance(listed, Listing):
            yield self._attachment(thing, attacher, policy, self._refer(thing, target), target)
            return
        if not listed.entries and attacher.closed:
            yield self._attachment(thing, attacher, policy, Name(why="it names nobody"), target)
        for entry in listed.entries:
            owner = self._element(thing, target.value, entry)
            # Without its only member it would be of nobody, which is not valid: all of it goes.
            part = (None, None) if alone and len(listed.entries) == 1 else (listed, entry)
            yield self._attachment(thing, attacher, policy, owner, target, *part)

    def _inside(self, thing: Thing, attacher: Attacher) -> Iterator[Place]:
        """What the blocks of a data source attach that a resource refers to."""
        found = thing.block.attribute(attacher.within)
        steps = found.value.steps if found is not None and isinstance(found.value, Reference) else ()
        address = ".".join(steps[:3])
        on = self._on(thing, attacher)
        if found is None or steps[:1] != ("data",) or address not in thing.folder.things:
            if found is not None:
                why = "its policy stands elsewhere" if steps else reason(found.value)
                yield self._unknown(thing, attacher, on, f"what it gives is not read: {why}")
            return
        file, block = thing.folder.things[address]
        several = f"{address} is used in several places" if thing.folder.named[address] > 1 else ""
        dynamic = any(one.kind == "dynamic" for one in block.blocks(attacher.block))
        inner = replace(thing, file=file, block=block, why=thing.why or several, known=None)
        places = []
        for one in block.blocks(attacher.block):
            if one.kind == attacher.block:
                places += self._inner(replace(inner, block=one), attacher, block)
        if dynamic or not places:
            why = f"a dynamic block {attacher.block}" if dynamic else "it names nobody"
            yield self._unknown(thing, attacher, on, why)
        for place in places:
            yield replace(
                place, on=on, home=thing.file, block=".".join(thing.block.labels), source=address, address=thing.address
            )

    def _inner(self, thing: Thing, attacher: Attacher, around: Block) -> list[Place]:
        """What one block of a data source attaches."""
        bundle = thing.block.attribute(attacher.bundle[-1])
        targets = [one for path in attacher.to if (one := thing.block.attribute(path[-1])) is not None]
        if bundle is None or not targets:
            return []
        # A block has no label: names are those of the folder, whatever the block is.
        policy = self.told.names.of(thing.folder, thing.file, bundle.value)
        bare = replace(thing, block=replace(thing.block, labels=around.labels))
        return [*self._owners(bare, replace(attacher, on=(), at=""), policy, targets[0], alone=True)]

    def _unknown(self, thing: Thing, attacher: Attacher, on: Name, why: str) -> Place:
        """That something is attached of which nothing can be told."""
        name = Name(why=why)
        line = line_of(self.texts[thing.file], thing.block.begin)
        return Place(
            thing.file, line, thing.address, "terraform", "attachment", attacher.layer, name, name, why,
            provider=thing.coding.provider, block=".".join(thing.block.labels), home=thing.file, on=on,
            closed=attacher.closed,
        )  # fmt: skip

    def _is_each(self, found: Expression) -> bool:
        return isinstance(found, Reference) and found.steps in (("each", "value"), ("each", "key"))

    def _each(self, thing: Thing, attacher: Attacher, over: Attribute, target: Attribute) -> Iterator[Place]:
        """One attachment for each element of a set that is written out."""
        owner = self._refer(thing, target)
        for entry, once, node in self._repeated(thing, over):
            yield self._attachment(once, attacher, self._element(thing, over.value, entry), owner, target, node, entry)

    def _each_owner(self, thing: Thing, attacher: Attacher, over: Attribute, bundle: Attribute) -> Iterator[Place]:
        """One attachment for each owner of a set that is written out."""
        policy = self._refer(thing, bundle)
        for entry, once, node in self._repeated(thing, over):
            owner = self._element(thing, over.value, entry)
            yield self._attachment(once, attacher, policy, owner, bundle, node, entry)

    def _repeated(self, thing: Thing, over: Attribute) -> Iterator[tuple[Entry, Thing, Listing]]:
        node = node_of(self.texts[thing.file], over.value)
        assert isinstance(node, Listing)
        once = replace(thing, why=thing.folder.several())
        for entry in node.entries:
            yield entry, once, node

    def _refer(self, thing: Thing, attribute: Attribute) -> Name:
        name = self.told.names.of(thing.folder, thing.file, attribute.value)
        if thing.known and attribute.name in thing.known.attributes:
            return Name(thing.known.attributes[attribute.name], refers=name.refers)
        return name

    def _element(self, thing: Thing, found: Expression, entry: Entry) -> Name:
        """The name that an element of a list gives."""
        while isinstance(found, Call):
            found = found.arguments[0]
        items = getattr(found, "items", ())
        return self.told.names.of(thing.folder, thing.file, next(one for one in items if one.begin == entry.begin))

    def _attachment(
        self, thing: Thing, attacher: Attacher, policy: Name, owner: Name, target: Attribute,
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
        signs = thing.coding.signs
        return Place(
            thing.file, line_of(self.texts[thing.file], cut[0]), thing.address, "terraform", "attachment",
            attacher.layer, policy, owner, thing.why, node, cut,
            entry is not None, thing.known.ids if thing.known else frozenset(), provider=thing.coding.provider,
            block=".".join(thing.block.labels), home=thing.file, on=self._on(thing, attacher),
            sign=signs.get(target.name) or signs.get(thing.block.labels[0], ""),
            terms=self._terms(thing, attacher), closed=attacher.closed,
        )  # fmt: skip

    def _on(self, thing: Thing, attacher: Attacher) -> Name:
        """The scope that an attachment is on."""
        if not attacher.on:
            return Name()
        for path in attacher.on:
            if thing.block.attribute(path[-1]) or (thing.known and path[-1] in thing.known.attributes):
                found = self.told.named(thing, path[-1], thing.block)
                if not attacher.at or "/" in found.text:
                    return found
                return self._at(thing, attacher.at)
        if attacher.unset:
            return Name(attacher.unset)
        found = self.told.names.part(thing.folder, thing.file, thing.block, attacher.on[0][-1])
        return found if not found.why or found.pattern else Name(why="the scope is the provider's own")

    def _at(self, thing: Thing, form: str) -> Name:
        """The name of a scope of which several attributes tell together."""
        known = thing.known.attributes if thing.known else {}
        for name, value in known.items():
            form = form.replace(f"{{{name}}}", value)
        return self.told.names.rendered(thing.folder, thing.file, thing.block, form)

    def _terms(self, thing: Thing, attacher: Attacher) -> Name:
        """What it hangs on, as a text that is equal for equal conditions; no text where it hangs on nothing."""
        told: dict[str, Name] = {}
        for path in attacher.terms:
            if (found := self._term(thing, path)) is not None:
                told[path[-1]] = found
        computed = next((one for one in told.values() if one.why), None)
        if computed is not None:
            return Name(why=computed.why)
        if len(attacher.terms) == 1:
            return Name("".join(one.text for one in told.values()))
        texts = {name: one.text for name, one in told.items()}
        return Name(json.dumps(texts, sort_keys=True) if texts else "")

    def _term(self, thing: Thing, path: Path) -> Name | None:
        """One text of a condition."""
        block = thing.block
        for kind in path[:-1]:
            below = block.blocks(kind)
            if not below:
                return None
            if below[0].kind == "dynamic" or len(below) > 1:
                return Name(why=f"a dynamic block {kind}")
            block = below[0]
        found = block.attribute(path[-1])
        return None if found is None else self.told.names.of(thing.folder, thing.file, found.value)
