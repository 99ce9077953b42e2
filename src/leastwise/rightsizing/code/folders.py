"""Terraform's folders: what each declares, who calls it as a module, and what names its expressions give."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from leastwise.model.coding import Coding

from .hcl.escapes import unescaped
from .hcl.reading import node_of, plain, reason
from .hcl.tokens import tokens
from .hcl.tree import Attribute, Block, Chunk, Expression, Inserted, Items, Object, Reference, Template
from .located import Open, Scalar
from .places import Name

_DOTTED = re.compile(r"(?<![\w.-])[^\W\d][\w-]*(?:\.[\w-]+)+")
_FOLLOWED = 20
"""So many references are followed from one to the next: more is a circle."""
REPEATS = ("count", "for_each")


@dataclass
class Call:
    """A call of a module: where it stands, and whether it stands for several."""

    folder: Folder
    name: str
    block: Block
    repeated: bool


@dataclass
class Folder:
    """What the files of one folder declare together."""

    path: str
    texts: Mapping[str, str] = field(repr=False, default_factory=dict)
    files: dict[str, Block] = field(default_factory=dict)
    things: dict[str, tuple[str, Block]] = field(default_factory=dict)
    locals: dict[str, tuple[str, Expression]] = field(default_factory=dict)
    called: list[Call] = field(default_factory=list)
    overridden: dict[str, str] = field(default_factory=dict)
    """What an override file says something else about, and which."""

    @cached_property
    def named(self) -> Counter[str]:
        """How often each thing is named in its files."""
        return sum((named(self.texts[file]) for file in self.files), Counter())

    def changed(self, texts: Mapping[str, str], files: Mapping[str, Block]) -> Folder:
        """The folder with other files, called as it was."""
        made = Folder(self.path, texts, called=self.called)
        for file, root in files.items():
            made.add(file, root)
        return made

    def add(self, file: str, root: Block) -> None:
        """Enter what a file declares."""
        self.files[file] = root
        for block in root.items:
            if isinstance(block, Block):
                _declare(self, file, block)

    def several(self) -> str:
        """Why what stands here stands for several things; empty if it does not."""
        here, met = self, {self.path}
        while here.called:
            one = here.called[0]
            if len(here.called) > 1:
                calls = ", ".join(f"module.{one.name}" for one in here.called[:3])
                return f"stands in a module that is called {len(here.called)} times ({calls})"
            if one.repeated:
                return f"stands in a module whose call is repeated (module.{one.name})"
            here = one.folder
            if here.path in met:
                return f"stands in modules that call each other in a circle (module.{one.name})"
            met.add(here.path)
        return ""

    def prefix(self, depth: int = 0) -> str:
        """What the addresses of its things begin with."""
        if not self.called or depth > _FOLLOWED:
            return ""
        one = self.called[0]
        return f"{one.folder.prefix(depth + 1)}module.{one.name}."


def named(text: str) -> Counter[str]:
    """How often each thing is named in a text."""
    found: Counter[str] = Counter()
    code = "".join(text[one.begin : one.end] for one in tokens(text) if one.kind != "comment")
    for one in _DOTTED.finditer(code):
        steps = one[0].split(".")
        found[".".join(steps[: 3 if steps[0] == "data" else 2])] += 1
    return found


def spans_of(root: Block) -> list[tuple[int, int, str]]:
    """The blocks of a file, each with where it begins and ends, and its address."""
    return [
        (one.begin, one.end, ".".join(one.labels if one.kind == "resource" else (one.kind, *one.labels)))
        for one in root.items
        if isinstance(one, Block)
    ]


def folders(texts: Mapping[str, str], parsed: Mapping[str, Block]) -> dict[str, Folder]:
    """The folders of parsed files, by path, with who calls whom."""
    found: dict[str, Folder] = {}
    for file, root in parsed.items():
        folder = found.setdefault(posixpath.dirname(file), Folder(posixpath.dirname(file), texts))
        folder.add(file, root)
    for folder in list(found.values()):
        for name, (file, block) in folder.things.items():
            if block.kind == "module":
                source = block.attribute("source")
                where = plain(texts[file], source.value if source else None)
                if isinstance(where, str) and where.startswith("."):
                    below = found.get(posixpath.normpath(posixpath.join(folder.path, where)).removeprefix("./"))
                    if below is not None:
                        repeated = any(block.attribute(one) for one in REPEATS)
                        below.called.append(Call(folder, name.removeprefix("module."), block, repeated))
    return found


def _declare(folder: Folder, file: str, block: Block) -> None:
    """Enter what a block declares. What stands in an override file is laid over what others declare, whatever the
    order.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    stem = posixpath.basename(file).split(".")[0]
    if stem == "override" or stem.endswith("_override"):
        if block.kind == "resource":
            folder.overridden[".".join(block.labels)] = file
        return
    if block.kind == "resource" and len(block.labels) == 2:
        folder.things[".".join(block.labels)] = (file, block)
    elif block.kind == "data" and len(block.labels) == 2:
        folder.things[".".join(("data", *block.labels))] = (file, block)
    elif block.kind in ("module", "variable") and len(block.labels) == 1:
        folder.things[f"{'var' if block.kind == 'variable' else 'module'}.{block.labels[0]}"] = (file, block)
    elif block.kind == "locals":
        for one in block.items:
            if isinstance(one, Attribute):
                folder.locals[one.name] = (file, one.value)


@dataclass(frozen=True)
class Names:
    """What names expressions give, as far as code tells."""

    texts: Mapping[str, str]
    codings: Sequence[Coding]

    def of(self, folder: Folder, file: str, found: Expression | None, depth: int = 0) -> Name:
        """The name that an expression gives."""
        if found is None:
            return Name(why="the name is generated")
        if depth > _FOLLOWED:
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
        if len(after) == 1 and any(after[0] in one.referred for one in self.codings):
            kind = found.steps[1] if first == "data" else first
            if any(kind in one.names for one in self.codings):
                return self.thing(folder, address, depth + 1)
        return Name(why=reason(found))

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
        whys = [one.why for one in names if one.why]
        if not whys:
            refers = names[0].refers if len(names) == 1 else ""
            return Name("".join(one.text for one in names), refers=refers)
        pattern = "".join(re.escape(one.text) if not one.why else (one.pattern or ".*") for one in names)
        return Name(why=whys[0], pattern=pattern)
