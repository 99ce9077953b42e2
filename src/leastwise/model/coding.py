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
    taken: Path = ()
    """Where in the vendor's document that lies which the code writes; nothing where it is the document itself."""


@dataclass(frozen=True, slots=True)
class Attacher:
    """A type that attaches: the bundle at `bundle`, to each of `to` (none: to itself), on the scope at the first of
    `on`.

    Args:
        at: the scope's name as a text of attributes (`projects/{project}/topics/{topic}`), where one of them does not
            tell it; an attribute with a slash in it tells all.
        unset: the scope where none of `on` is set.
        terms: what makes it hang on something, and another one than its names tell: a condition.
        closed: what it names everybody of, so that whoever else is given it stands there too: `bundle` (all who have
            that bundle on the scope), `scope` (all who have anything there).
        within: the attribute that refers to the data source in whose blocks bundle and owners stand.
        block: the kind of these blocks.
        beside: attributes that another attachment of the same owner has as well.
    """

    type: str
    bundle: Path
    layer: str = "identity"
    to: tuple[Path, ...] = ()
    on: tuple[Path, ...] = ()
    at: str = ""
    unset: str = ""
    terms: tuple[Path, ...] = ()
    closed: str = ""
    within: str = ""
    block: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """The block that makes what no code makes yet: of which kind and layer, for which owners (by a part of their id).

    `attributes` and `imported` (the id of its import block) are texts in which `{owner}`, `{policy}` and `{id}` are
    filled in; `document` is the attribute of the document.

    Args:
        on: a pattern of the scopes that it is for, whose named groups are filled in as well.
        taken: attributes whose value is a part of the document, and where that lies.
        nested: blocks for each element of a part of the document: where it lies, and the attributes of each.
        refers: the attribute by which others refer to it.
        by: the attribute that takes a reference to the bundle, where that is not the one that takes its name.
    """

    kind: str
    layer: str
    type: str
    attributes: Mapping[str, str]
    imported: str
    document: str = ""
    sign: str = ""
    on: str = ""
    taken: Mapping[str, Path] = field(default_factory=dict)
    nested: Mapping[str, tuple[Path, Mapping[str, str]]] = field(default_factory=dict)
    refers: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """What a vendor's code looks like.

    `names` is the attribute that names a thing, by type; `referred` are the attributes by which others refer to a
    thing. `data` are the data sources that write a document as blocks, by type, each with the attribute that gives
    the document; `identifies` the attributes of state that hold the cloud's id. `marks` are texts of which a template
    of this vendor holds one, `statements` the key that every document of it has. `made` are the blocks for what is
    not in code yet. `signs` is a part of the cloud's id that every owner has who is named by an attribute, or is of a
    type. `templated` are the resources of templates for what is not in code yet, as `made`. `forms` is what an
    attribute of a type gives, as a text of the attributes that are set: the first of which all are. `defaults` are
    attributes that the vendor's own block sets for all that do not.
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
    forms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()
    templated: tuple[Made, ...] = ()
