"""Bundles that are granted at scopes, one by one: the form in which such grants are made smaller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyroaring import BitMap


@dataclass(frozen=True, slots=True)
class Placed:
    """A bundle that a principal is granted at a scope, and all below it.

    Args:
        id: of the grant, unique among those of one principal.
        holder: to whom it is granted: the principal itself, or a group that it is in.
        bundle: the vendor's id of what is granted.
        title: what people call that.
        scope: where, as `Access.above` names it.
        permissions: what it gives, by number; None where that was not read.
        condition: as the vendor writes it, in a form that can be compared; empty for none.
        told: further values of the change that takes the grant away or gives it back.
        firm: it lasts and hangs on nothing, so that others may rest on it.
        kept: why it is not to be touched; empty where it may be.
        hangs: the ids of the grants by which the principal belongs to the holder; what hangs on another is not firm.
    """

    id: str
    holder: str
    bundle: str
    title: str
    scope: str
    permissions: BitMap | None
    condition: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    firm: bool = True
    kept: str = ""
    hangs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that could be granted: the vendor's, or one of the customer's that is there already."""

    id: str
    title: str
    permissions: BitMap
    own: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle of the customer's own that is to be made.

    Args:
        id: that it would have.
        title: what people would call it.
        document: as the vendor's interface takes it.
        permissions: what it gives, by number.
    """

    id: str
    title: str
    document: Mapping[str, Any]
    permissions: BitMap


@dataclass(frozen=True, slots=True)
class Making:
    """The bundles of the customer's own that are to be made for some permissions.

    Args:
        bundles: in as few as the vendor's limits allow; none where such bundles can hold nothing of the wanted.
        left: what of the wanted such bundles cannot hold, by number.
        why: why not.
        blocked: why they cannot be made at all; empty where they can.
        doubt: what is not known of whether the vendor takes them; empty for nothing.
        beyond: that could hold some of what is left, further up, if nothing that is there does.
    """

    bundles: tuple[Written, ...]
    left: BitMap
    why: str = ""
    blocked: str = ""
    doubt: str = ""
    beyond: tuple[Written, ...] = ()
