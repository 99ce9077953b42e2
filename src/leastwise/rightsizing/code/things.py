"""A resource of Terraform that is looked at, and the names that it gives."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.model.coding import Coding

from .folders import Folder
from .hcl.tree import Block
from .naming import Names
from .places import Name
from .states import Known


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource that is looked at."""

    folder: Folder
    file: str
    block: Block
    address: str
    coding: Coding
    why: str
    known: Known | None


@dataclass(frozen=True)
class Told:
    """Names that resources give, by state where it is there."""

    names: Names

    def own(self, thing: Thing) -> Name:
        """The name of a resource itself."""
        kind = thing.block.labels[0]
        attribute = thing.coding.names.get(kind, "name")
        if thing.known and attribute in thing.known.attributes:
            return Name(thing.known.attributes[attribute], refers=thing.address)
        return self.names.thing(thing.folder, ".".join(thing.block.labels))

    def named(self, thing: Thing, attribute: str, block: Block) -> Name:
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
