"""How a provider answers questions about access, of an estate as it is, or changed in thought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.engine.access import Access
    from leastwise.engine.arrays import Arrays


@dataclass(frozen=True, slots=True)
class ScopeTables:
    """One scope of an estate: its fact tables by name, none when it could not be read.

    `time` is that of its snapshot, which may be long before the estate's; None where only the estate's matters.
    `provider` is whose scope it is, which may be a directory of the provider that is asked; empty where there are none.
    """

    kind: str
    id: str
    tables: Mapping[str, pa.Table]
    readable: bool = True
    time: datetime | None = None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """Where the documents of a layer can lie.

    Args:
        table: of the targets: principals, resources or scopes.
        natives: which principals (their native word) or scopes (their kind) can be targets; empty: all of the table.
        kind: of an attachment of a document that is no bundle; such attachments are replaced by name.
        name: of the only document that a target has; empty where it can have several.
        bundles: kinds of bundles that can be attached.
        removable: a target can be without.
        implied: policy and document that the vendor lays on a target with the first one.
    """

    table: str
    natives: frozenset[str]
    kind: str
    name: str = ""
    bundles: frozenset[str] = frozenset()
    removable: bool = True
    implied: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Changing:
    """What a provider tells of an estate that is changed in thought.

    `layers` are those whose documents can be changed. `interpret(document, layer)` gives the rows of the tables
    documents and statements of one document as translation makes them; ValueError with the cause when it is
    malformed, or none of that layer. `bundle(id)` is the kind and document of one of the vendor's own bundles.
    `opened(documents, account)` are the columns of a resource that depend on the documents that lie on it. `members` is
    the kind of a membership by the native words of member and group. `assignees` is the kind of principal, by its
    native word, to whom bundles are given on an account. `blockable` are the kinds of resources that a public block can
    hold back.
    """

    layers: Mapping[str, Layer]
    interpret: Callable[[bytes, str], Mapping[str, pa.Table]]
    bundle: Callable[[str], tuple[str, bytes] | None]
    opened: Callable[[Sequence[bytes], str], Mapping[str, Any]]
    members: Mapping[tuple[str, str], str]
    assignees: Mapping[str, str]
    blockable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answering:
    """How a provider answers questions about access.

    `format` names what `compile` makes; arrays of another format are made again. `compile(scopes)` makes the arrays of
    an estate from the tables of its scopes, and of those of the provider's directories, of which it reads those columns
    that `reads()` names by table.
    `access(arrays, alone)` answers questions from them; `alone` are those accounts of which the user says that nothing
    stands above them. `speaks(text, permission)` says whether a text is a permission as the vendor writes it, or can
    only be an id of the vendor's. `changing` lets an estate be changed in thought. `apart`: each scope is a world of
    its own, and a question is about one of them; `visiting(home, there, who)` tells as whom somebody of one scope comes
    into another: the ids that are known there to be the same.
    """

    format: str
    reads: Callable[[], Mapping[str, Sequence[str]]]
    compile: Callable[[Sequence[ScopeTables]], Arrays]
    access: Callable[[Arrays, Collection[str]], Access]
    speaks: Callable[[str, bool], bool]
    changing: Changing | None = None
    apart: bool = False
    visiting: Callable[[Access, Access, str], Sequence[str]] = lambda home, there, who: ()
