"""Guardrails that a provider can write: denials to all but some, over an account, a scope, somebody or a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .scopes import ScopeTables

READS: Mapping[str, Sequence[str]] = {
    "scopes": ("id", "kind", "parent", "number", "management"),
    "principals": ("id", "native", "account"),
    "resources": ("id", "account"),
    "attachments": ("layer", "target", "policy", "document"),
    "documents": ("text",),
}
"""What `Guardrails.takes` is given."""
NAME = "leastwise-guardrail"


class Denying(Protocol):
    """Permissions that are denied to all but some principals."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """What is denied."""
        ...

    @property
    def but(self) -> tuple[str, ...]:
        """To whom it is not."""
        ...


One = TypeVar("One", bound=Denying)
Patterns = Mapping[tuple[str, ...], Sequence[str]]
"""What is denied, by whom it is not denied to."""
Folded = Callable[[Iterable[str]], tuple[str, ...]]
Written = Callable[[Sequence[Any], Folded, "Target"], tuple[bytes, list[Any], int]]


@dataclass(frozen=True, slots=True)
class Target:
    """What a guardrail is put on.

    Args:
        told: how a what-if file names it: `policy`, `on`.
        accounts: by any of their names those whose logs tell who uses what, and whose principals it holds back.
        principals: whom alone it holds back; none: everybody there.
        resource: on which alone it denies something; empty: on all.
        idle: why it holds nobody back; empty where it does.
        before: the document that stands there and that it goes on from; None for none.
    """

    told: Mapping[str, Any]
    accounts: frozenset[str]
    principals: frozenset[str] = field(default=frozenset())
    resource: str = ""
    idle: str = ""
    before: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """One kind of guardrail.

    Args:
        kind: what the vendor calls it.
        layer: of its document, as what-if files call it.
        most: how much one may hold, in `unit`.
        unit: what that is counted in.
        takes: what it would be put on, by how somebody names it; None where that is nothing that it is for.
        written: the document, what of the denials has room in it (what comes first is asked for first), and how much
            of `most` that is. It is given how permissions are folded into patterns.
        denies: whether it can deny a permission on its target.
        held_back: whether it can name somebody as an exception.
        touches: whether a bucket of usage may be the resource of its target.
        asked: the resource that a question about usage is about, by its bucket (which may be empty); empty for any.
        doubt: what is not known of whether the vendor takes it; empty for nothing.
    """

    kind: str
    layer: str
    most: int
    unit: str
    takes: Callable[[Sequence[ScopeTables], str], Target | None]
    written: Written
    denies: Callable[[str, Target], bool] = lambda permission, target: True
    held_back: Callable[[str], bool]
    touches: Callable[[str, Target], bool] = lambda bucket, target: True
    asked: Callable[[str, Target], str] = lambda bucket, target: target.resource
    doubt: str = ""


def below(rows: Mapping[str, Mapping[str, Any]], scope: str) -> frozenset[str]:
    """A scope and all that lie in it, by their ids and numbers."""
    found, grown = {scope}, True
    while grown:
        more = {id for id, row in rows.items() if row["parent"] in found} - found
        found |= more
        grown = bool(more)
    return frozenset(found)


def filled(
    denied: Sequence[One], folded: Folded, fits: Callable[[Mapping[tuple[str, ...], Sequence[str]]], bool]
) -> tuple[dict[tuple[str, ...], list[str]], list[One]]:
    """The patterns of the denials that fit, by exceptions, those to all but the same together; and these denials."""
    kept: list[One] = []
    patterns: dict[tuple[str, ...], list[str]] = {}
    for one in denied:
        longer = {**patterns, one.but: [*patterns.get(one.but, ()), *folded(one.permissions)]}
        if fits(longer):
            kept.append(one)
            patterns = longer
    return patterns, kept
