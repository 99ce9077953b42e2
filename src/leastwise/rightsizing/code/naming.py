"""What names the expressions of Terraform give, as far as code tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leastwise.model.coding import Coding

from .folders import FOLLOWED, REPEATS, Folder
from .hcl.escapes import unescaped
from .hcl.reading import node_of, reason
from .hcl.tree import Block, Chunk, Expression, Inserted, Items, Object, Reference, Template
from .located import Open, Scalar
from .places import Name

_HOLE = re.compile(r"\{(\w+)\}")
_INDEX = re.compile(r'\["([^"\\$%]+)"\]')
"""A step in brackets that is written out."""


@dataclass(frozen=True)
class Names:
    """What names expressions give, as far as code tells."""

    texts: Mapping[str, str]
    codings: Sequence[Coding]

    def of(self, folder: Folder, file: str, found: Expression | None, depth: int = 0) -> Name:
        """The name that an expression gives."""
        if found is None:
            return Name(why="the name is generated")
        if depth > FOLLOWED:
            return Name(why="references that go in a circle")
        if isinstance(found, Reference):
            return self._reference(folder, found, depth)
        if isinstance(found, Template):
            return self._template(folder, file, found, depth)
        node = node_of(self.texts[file], found)
        if isinstance(node, Scalar) and isinstance(node.value, str | int):
            return Name(str(node.value))
        return Name(why=node.why if isinstance(node, Open) else reason(found))

    def thing(self, folder: Folder, address: str, depth: int = 0) -> Name:
        """The name of a thing that a folder declares."""
        if address not in folder.things:
            return Name(why=f"{address} is not declared in this folder", refers=address)
        file, block = folder.things[address]
        kind = block.labels[0]
        attribute = next((one.names[kind] for one in self.codings if kind in one.names), "name")
        where = f"{folder.prefix()}{address}"
        if any(block.attribute(one) for one in REPEATS):
            return Name(why=f"{address} is repeated", refers=where)
        value = block.attribute(attribute)
        prefix = block.attribute(f"{attribute}_prefix")
        if value is None and prefix is not None:
            begun = self.of(folder, file, prefix.value, depth + 1)
            text = re.escape(begun.text) if not begun.why else (begun.pattern or ".*")
            return Name(why="the name is generated", pattern=f"{text}.*", refers=where)
        found = self.of(folder, file, value.value if value else None, depth + 1)
        return Name(found.text, found.why, found.pattern, where)

    def _reference(self, folder: Folder, found: Reference, depth: int) -> Name:
        first, *rest = found.steps
        if first == "local" and rest and rest[0] in folder.locals:
            file, value = folder.locals[rest[0]]
            inner = self._inner(value, rest[1:])
            return self.of(folder, file, inner, depth + 1) if inner is not None else Name(why=reason(found))
        if first == "var" and len(rest) == 1:
            return self._input(folder, rest[0], found, depth)
        address = ".".join(found.steps[:3] if first == "data" else found.steps[:2])
        after = found.steps[3:] if first == "data" else found.steps[2:]
        kind = found.steps[1] if first == "data" and len(found.steps) > 1 else first
        if (
            formed := self.formed(folder, address, f"data.{kind}" if first == "data" else kind, after, depth)
        ) is not None:
            return formed
        if len(after) == 1 and any(after[0] in one.referred and kind in one.names for one in self.codings):
            return self.thing(folder, address, depth + 1)
        return Name(why=reason(found))

    def formed(self, folder: Folder, address: str, kind: str, after: Sequence[str], depth: int) -> Name | None:
        """What an attribute of a thing gives by the form that the vendor gives it; None where no form is told."""
        key = ""
        if len(after) == 2 and (indexed := _INDEX.fullmatch(after[1])):
            after, key = (f"{after[0]}[]",), indexed[1]
        name = ".".join(after)
        forms = [one.forms[kind][name] for one in self.codings if name in one.forms.get(kind, {})]
        if not forms or address not in folder.things:
            return None
        file, block = folder.things[address]
        where = f"{folder.prefix()}{address}"
        if any(block.attribute(one) for one in REPEATS):
            return Name(why=f"{address} is repeated", refers=where)
        made = [self.rendered(folder, file, block, text, key, depth + 1) for text in forms[0]]
        best = next((one for one in made if not one.why), made[-1])
        return Name(best.text, best.why, best.pattern, where)

    def rendered(self, folder: Folder, file: str, block: Block, form: str, key: str = "", depth: int = 0) -> Name:
        """A text of a block's attributes; what is not set is what the vendor's own block says, or has a form."""
        parts: list[Name] = []
        for number, piece in enumerate(_HOLE.split(form)):
            if not number % 2:
                parts.append(Name(piece))
            elif piece == "key":
                parts.append(Name(key))
            else:
                parts.append(self.part(folder, file, block, piece, depth))
        return joined(parts)

    def part(self, folder: Folder, file: str, block: Block, attribute: str, depth: int = 0) -> Name:
        """What an attribute of a block is, though the block itself may not set it."""
        found = block.attribute(attribute)
        if found is not None:
            return self.of(folder, file, found.value, depth + 1)
        if any(attribute in one.defaults for one in self.codings):
            return self._default(folder, block, block.labels[0], attribute, depth)
        kind = f"data.{block.labels[0]}" if block.kind == "data" else block.labels[0]
        form = next((one.forms[kind][attribute] for one in self.codings if attribute in one.forms.get(kind, {})), None)
        if form is not None and depth < FOLLOWED:
            return self.rendered(folder, file, block, form[0], "", depth + 1)
        return Name(why=f"{attribute} is not set")

    def _default(self, folder: Folder, block: Block, kind: str, attribute: str, depth: int) -> Name:
        """What the vendor's own block sets for all that do not; a module without one has that of who calls it.

        https://developer.hashicorp.com/terraform/language/modules/develop/providers
        """
        unknown = Name(why=f"the {attribute} is the provider's own", pattern="[^/]+")
        named = block.attribute("provider")
        vendor, alias = kind.partition("_")[0], ""
        if named is not None:
            if not isinstance(named.value, Reference) or len(named.value.steps) > 2:
                return unknown
            vendor, alias = named.value.steps[0], (*named.value.steps, "")[1]
        here = folder
        for _ in range(FOLLOWED):
            if (vendor, alias) in here.vendors:
                file, found = here.vendors[vendor, alias]
                value = found.attribute(attribute)
                return unknown if value is None else self.of(here, file, value.value, depth + 1)
            if alias or len(here.called) != 1 or here.called[0].block.attribute("providers"):
                return unknown
            here = here.called[0].folder
        return unknown

    def _inner(self, value: Expression, steps: Sequence[str]) -> Expression | None:
        """What lies at some keys of an object."""
        for step in steps:
            if not isinstance(value, Object):
                return None
            pair = next((one for one in value.pairs if one.key == step), None)
            if pair is None:
                return None
            value = pair.value
        return None if isinstance(value, Object | Items) else value

    def _input(self, folder: Folder, name: str, found: Reference, depth: int) -> Name:
        """What an input is: what the only call of the module sets. A root's default may be overridden by what no code
        tells.
        """
        if len(folder.called) == 1 and not folder.called[0].repeated:
            call = folder.called[0]
            given = call.block.attribute(name)
            file = next((one for one, root in call.folder.files.items() if call.block in root.items), "")
            if given is not None and file:
                return self.of(call.folder, file, given.value, depth + 1)
            declared = folder.things.get(f"var.{name}")
            default = declared[1].attribute("default") if declared and given is None else None
            if declared and default is not None:
                return self.of(folder, declared[0], default.value, depth + 1)
        return Name(why=reason(found))

    def _template(self, folder: Folder, file: str, found: Template, depth: int) -> Name:
        text = self.texts[file]
        if found.control:
            return Name(why="a template with directives")
        names = [
            Name(unescaped(text[one.begin : one.end], found.heredoc))
            if isinstance(one, Chunk)
            else self.of(folder, file, one.value, depth + 1)
            for one in found.parts
            if isinstance(one, Chunk | Inserted)
        ]
        return joined(names)


def joined(names: Sequence[Name]) -> Name:
    """Names one behind the other as one."""
    whys = [one.why for one in names if one.why]
    if not whys:
        refers = names[0].refers if len(names) == 1 else ""
        return Name("".join(one.text for one in names), refers=refers)
    pattern = "".join(re.escape(one.text) if not one.why else (one.pattern or ".*") for one in names)
    return Name(why=whys[0], pattern=pattern)
