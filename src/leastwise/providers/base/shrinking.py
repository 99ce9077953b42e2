"""How a provider makes smaller documents out of those that somebody holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leastwise.engine.containment import Containment
    from leastwise.engine.holdings import Part
    from leastwise.model.plan import Clock, Held

    from .scopes import ScopeTables


Guard = Callable[[Sequence[Any], Callable[[Iterable[str]], tuple[str, ...]]], tuple[bytes, list[Any]]]


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
class Limit:
    """How long documents may be: those of one target's own together, and a bundle; characters, as `length` counts."""

    own: int
    bundle: int
    length: Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Shrinking:
    """What a provider tells so that grants can be made smaller.

    Args:
        layer: of the documents that give a principal what it has.
        reads: columns by table that `clocks` and `fixed` read.
        eventless: permissions that are no operation of the vendor, so that no log shows them by themselves.
        meant: the resources that a bucket of usage names, as documents write them; none where it is not known.
        places: the patterns on which a permission must be given so that what was done on such a resource is; none where
            that is not known by the resource.
        cut: what is left of some documents together, so that what is wanted is still given as it was: a smaller
            statement keeps its conditions, and what denies stays. Documents come in the order in which they are to be
            kept. ValueError naming the policy that cannot be read.
        parts: what a document gives, by the numbers of `Access.permissions`; ValueError when it cannot be read.
        contains: whether everything that documents allow together is allowed by others; ValueError when one cannot be
            read.
        unchanged: whether a permission on one resource is surely given as much by the second documents as by the first.
        described: what documents give, as plain values for people: one for each statement.
        sentence: what a plan does, in words of the vendor: what is used, where, and what goes.
        level: the service and access level of a permission, as one word.
        bundles: the vendor's own bundles that could be given to a principal and deny nothing: id and document.
        general: whether a bundle is not made for one service of the vendor's.
        merged: one document of what several give and deny.
        clocks: what runs by the clock, and as whom.
        fixed: by principal why its grants are the vendor's own affair; others are not named.
        guardrail: a document that denies, for an account, permissions to all but some, and what of them had room in it;
            what is asked for first comes first. It is given how permissions are folded into patterns. None where the
            vendor has no guardrails.
        held_back: whether a guardrail can name somebody as an exception.
        guardrail_layer: of that document, as what-if files call it.
        guardrail_idle: why guardrails do not hold somebody back in an account; empty where they do.
        guardrail_length: how long it may be, in characters.
        limit: how much a principal may have as documents of its own, by its native word.
    """

    layer: str
    reads: Mapping[str, Sequence[str]]
    eventless: Callable[[], Collection[str]]
    meant: Callable[[Sequence[ScopeTables]], Callable[[str], tuple[str, ...]]]
    places: Callable[[str, str], tuple[str, ...]]
    cut: Callable[[Sequence[Held], Sequence[Wanted]], Sequence[Cut]]
    parts: Callable[[bytes], tuple[Part, ...]]
    contains: Callable[[Sequence[Held], Sequence[Held]], Containment]
    unchanged: Callable[[Sequence[Held], Sequence[Held]], Callable[[str, str], bool]]
    described: Callable[[Sequence[Held]], Sequence[Mapping[str, Any]]]
    sentence: Callable[[Sequence[Held], Collection[str], Collection[str], int], str]
    level: Callable[[str], str]
    bundles: Callable[[str], Mapping[str, bytes]]
    general: Callable[[str], bool]
    merged: Callable[[Sequence[bytes]], bytes]
    clocks: Callable[[Sequence[ScopeTables]], Sequence[Clock]]
    fixed: Callable[[str], str]
    limit: Callable[[str], Limit]
    guardrail: Guard | None = None
    guardrail_layer: str = ""
    guardrail_idle: Callable[[Sequence[ScopeTables], str], str] = lambda scopes, account: ""
    guardrail_length: int = 0
    held_back: Callable[[str], bool] = lambda principal: True
    natives: frozenset[str] = field(default_factory=frozenset)
