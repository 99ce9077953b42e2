"""What a provider tells of an estate that is changed in thought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from .granting import Granting


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
    hold back. `made(id)` is the kind, account and name that the id of a customer's bundle says. `granting()` finds and
    changes grants one by one, where the vendor's are given so.
    """

    layers: Mapping[str, Layer] = field(default_factory=dict)
    interpret: Callable[[bytes, str], Mapping[str, pa.Table]] = lambda document, layer: {}
    bundle: Callable[[str], tuple[str, bytes] | None] = lambda id: None
    opened: Callable[[Sequence[bytes], str], Mapping[str, Any]] = lambda documents, account: {}
    members: Mapping[tuple[str, str], str] = field(default_factory=dict)
    assignees: Mapping[str, str] = field(default_factory=dict)
    blockable: frozenset[str] = frozenset()
    made: Callable[[str], tuple[str, str, str] | None] = lambda id: None
    granting: Callable[[], Granting] | None = None
