"""Terraform's folders: what each declares, who calls it as a module, and what names its expressions give."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .hcl.reading import plain
from .hcl.tokens import tokens
from .hcl.tree import Attribute, Block, Expression

_DOTTED = re.compile(r"(?<![\w.-])[^\W\d][\w-]*(?:\.[\w-]+)+")
FOLLOWED = 20
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
    vendors: dict[tuple[str, str], tuple[str, Block]] = field(default_factory=dict)
    """The blocks that set up a vendor's provider, by its name and the alias, which may be empty."""

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
        if not self.called or depth > FOLLOWED:
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
    elif block.kind == "provider" and len(block.labels) == 1:
        named = block.attribute("alias")
        alias = plain(folder.texts[file], named.value) if named else ""
        folder.vendors[block.labels[0], str(alias)] = (file, block)
    elif block.kind == "locals":
        for one in block.items:
            if isinstance(one, Attribute):
                folder.locals[one.name] = (file, one.value)
