"""How a provider makes smaller documents out of those that somebody holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from .sizing import Terms

if TYPE_CHECKING:
    from leastwise.engine.containment import Containment
    from leastwise.engine.holdings import Part
    from leastwise.model.plan import Change, Held, Step

    from .scopes import ScopeTables


class Cutting(Protocol):
    """What is left of documents; see `Shrinking.cut`."""

    def __call__(self, documents: Sequence[Held], wanted: Sequence[Wanted], /, *, short: bool = False) -> Sequence[Cut]:
        """What is left of each."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A permission that is to stay: on these patterns of resources, or wherever it is granted where none are named."""

    permission: str
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a document.

    Args:
        document: the smaller one; None where nothing is left that gives or denies anything.
        gives: whether something that it gives is left; a document that only denies gives nothing.
        same: nothing was cut.
        beyond: what it still gives beyond what is wanted, in words.
    """

    document: bytes | None
    gives: bool
    same: bool
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """Something that the vendor lays on several principals as documents of each: a permission set of a directory.

    Args:
        holders: the principals that have it, whose documents are all its.
        only: the name of the only document of each that is no bundle.
        steps: what makes changes of the first holder by hand, for all of them.
        why: why it cannot be said what it gives whom; empty where it can.
    """

    id: str
    name: str
    holders: tuple[str, ...]
    only: str
    steps: Callable[[Sequence[Change]], Sequence[Step]]
    why: str = ""


def nothing_shared(scopes: Sequence[ScopeTables]) -> Sequence[Several]:
    """Nothing of that kind."""
    return ()


@dataclass(frozen=True, slots=True)
class Limit:
    """How long documents may be: those of one target's own together, and a bundle; characters, as `length` counts.

    `bundles` is how many a target can have.
    """

    own: int
    bundle: int
    length: Callable[[bytes], int]
    bundles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinking(Terms):
    """What a provider tells so that grants can be made smaller.

    Args:
        layer: of the documents that give a principal what it has.
        meant: the resources that a bucket of usage names, as documents write them; none where it is not known.
        places: the patterns on which a permission must be given so that what was done on such a resource is; none where
            that is not known by the resource.
        cut: what is left of some documents together, so that what is wanted is still given as it was: a smaller
            statement keeps its conditions, and what denies stays. Documents come in the order in which they are to be
            kept. With `short` permissions are told by patterns, where these lie in the patterns of the statement.
            ValueError naming the policy that cannot be read.
        parts: what a document gives, by the numbers of `Access.permissions`; ValueError when it cannot be read.
        contains: whether everything that documents allow together is allowed by others; ValueError when one cannot be
            read.
        unchanged: whether a permission on one resource is surely given as much by the second documents as by the first.
        described: what documents give, as plain values for people: one for each statement.
        sentence: what a plan does, in words of the vendor: what is used, where, and what goes.
        bundles: the vendor's own bundles that could be given to a principal and deny nothing: id and document.
        general: whether a bundle is not made for one service of the vendor's.
        merged: one document of what several give and deny.
        split: several documents that give together what one does, each fit for a bundle; ValueError without any.
        called: the id of a customer's bundle that a principal can be given, by its name.
        limit: how much a principal may have as documents of its own, by its native word.
        group: the native word of groups, whose documents all members have; empty where there are none.
        several: what the vendor lays on several principals as documents of each.
    """

    layer: str
    meant: Callable[[Sequence[ScopeTables]], Callable[[str], tuple[str, ...]]]
    places: Callable[[str, str], tuple[str, ...]]
    cut: Cutting
    parts: Callable[[bytes], tuple[Part, ...]]
    contains: Callable[[Sequence[Held], Sequence[Held]], Containment]
    unchanged: Callable[[Sequence[Held], Sequence[Held]], Callable[[str, str], bool]]
    described: Callable[[Sequence[Held]], Sequence[Mapping[str, Any]]]
    sentence: Callable[[Sequence[Held], Collection[str], Collection[str], int], str]
    bundles: Callable[[str], Mapping[str, bytes]]
    general: Callable[[str], bool]
    merged: Callable[[Sequence[bytes]], bytes]
    split: Callable[[bytes, Limit], Sequence[bytes]]
    called: Callable[[str, str], str]
    limit: Callable[[str], Limit]
    group: str = ""
    several: Callable[[Sequence[ScopeTables]], Sequence[Several]] = nothing_shared
