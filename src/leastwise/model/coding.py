"""Which types of a vendor's code carry what: documents, attachments, names. A provider gives one `Coding`.

Types are those of Terraform (`aws_iam_role_policy`) and of templates (`AWS::IAM::Role`) alike; an attribute is a path
of names, in which `*` stands for every element of a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Blocks of a statement that together are one key: `condition { test variable values }` is `{test: {variable:
    values}}`.

    `path` are the attributes that name the keys, `values` the one that lists what lies below. A block whose path and
    values are all `whole` stands for that text alone.
    """

    block: str
    key: str
    path: Path
    values: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document that is written as blocks: each `block` is an element of the list at `key`.

    `keys` are the keys of an element by attribute, `lists` the attributes that are always lists, `given` what an
    element has where the attribute is not set. `outer` and `outer_given` are the same of the document itself. An
    attribute or block of `barred` means more than is written there. `variable` is how `${` of a document is written.
    """

    block: str
    key: str
    keys: Mapping[str, str]
    lists: frozenset[str] = frozenset()
    given: Mapping[str, Any] = field(default_factory=dict)
    outer: Mapping[str, str] = field(default_factory=dict)
    outer_given: Mapping[str, Any] = field(default_factory=dict)
    grouped: tuple[Grouped, ...] = ()
    barred: frozenset[str] = frozenset()
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A type that carries a document: at `path` (with `blocks`: the blocks themselves), in a layer of the what-if
    words.

    `name` is where the document's name stands, `owner` what it is put on (the first that is set; none: itself). A
    layer of `bundle` means a document with an id of its own that is attached elsewhere.
    """

    type: str
    path: Path
    layer: str
    name: Path = ()
    owner: tuple[Path, ...] = ()
    blocks: Blocks | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    """Attributes and the value that each must have; with `unset`, also where it is not set."""
    unset: bool = False
    plain: bool = False
    """Whether the value at `path` is the document itself, and no text that holds it."""


@dataclass(frozen=True, slots=True)
class Attacher:
    """A type that attaches: the bundle at `bundle`, to each of `to` (none: to itself), on the scope at the first of
    `on`.

    An attribute or block of `apart` makes it another attachment than its names tell.
    """

    type: str
    bundle: Path
    layer: str = "identity"
    to: tuple[Path, ...] = ()
    on: tuple[Path, ...] = ()
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Made:
    """The block that makes what no code makes yet: of which kind and layer, for which owners (by a part of their id).

    `attributes` and `imported` (the id of its import block) are texts in which `{owner}`, `{policy}` and `{id}` are
    filled in; `document` is the attribute of the document.
    """

    kind: str
    layer: str
    type: str
    attributes: Mapping[str, str]
    imported: str
    document: str = ""
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """What a vendor's code looks like.

    `names` is the attribute that names a thing, by type; `referred` are the attributes by which others refer to a
    thing. `data` are the data sources that write a document as blocks, by type, each with the attribute that gives
    the document; `identifies` the attributes of state that hold the cloud's id. `marks` are texts of which a template
    of this vendor holds one, `statements` the key that every document of it has. `made` are the blocks for what is
    not in code yet. `signs` is a part of the cloud's id that every owner has who is named by an attribute, or is of a
    type.
    """

    provider: str
    carriers: tuple[Carrier, ...] = ()
    attachers: tuple[Attacher, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    referred: frozenset[str] = frozenset()
    data: Mapping[str, tuple[str, Blocks]] = field(default_factory=dict)
    identifies: tuple[str, ...] = ("id",)
    marks: tuple[str, ...] = ()
    statements: str = ""
    made: tuple[Made, ...] = ()
    signs: Mapping[str, str] = field(default_factory=dict)
