"""What is found in files of code."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from functools import cached_property

from .folders import Folder
from .hcl.tree import Block
from .places import Foreign, Place
from .states import Known


@dataclass(frozen=True, slots=True)
class FileRead:
    """What one file holds by itself."""

    parsed: Block | None = None
    places: tuple[Place, ...] = ()
    foreign: Foreign | None = None
    fault: str = ""
    known: dict[str, Known] = field(default_factory=dict)
    spans: tuple[tuple[int, int, str], ...] = ()
    """The resources of a file, each with where it begins and ends."""


@dataclass(frozen=True)
class Index:
    """What was found in the files: places, what is recognised and not edited, and what could not be read."""

    texts: dict[str, str]
    places: tuple[Place, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    faults: tuple[str, ...] = ()
    folders: dict[str, Folder] = field(default_factory=dict)
    """The folders of Terraform, by path."""
    reads: dict[str, FileRead] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    """What state tells, by address."""

    @cached_property
    def by_scope(self) -> dict[str, tuple[Place, ...]]:
        """The places by template, and by folder of Terraform (its path with `/` behind)."""
        found: dict[str, list[Place]] = {}
        for one in self.places:
            scope = f"{posixpath.dirname(one.home)}/" if one.language == "terraform" else one.file
            found.setdefault(scope, []).append(one)
        return {scope: tuple(some) for scope, some in found.items()}

    @cached_property
    def by_name(self) -> dict[tuple[str, str, str], tuple[Place, ...]]:
        """The places by kind, layer and each name or id that they have, in lower case; by no name those of which one is
        computed.
        """
        found: dict[tuple[str, str, str], dict[int, Place]] = {}
        for number, one in enumerate(self.places):
            names = {name.lower() for name in (one.policy.text, one.owner.text, *one.ids)}
            computed = one.policy.why or one.owner.why or one.on.why
            for name in names | {""} if computed else names - {""}:
                found.setdefault((one.kind, one.layer, name), {})[number] = one
        return {key: tuple(some.values()) for key, some in found.items()}
