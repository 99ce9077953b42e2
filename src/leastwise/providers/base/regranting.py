"""How a provider whose bundles are granted at scopes, one by one, makes such grants smaller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .sizing import Terms

if TYPE_CHECKING:
    from pyroaring import BitMap

    from leastwise.engine.access import Access
    from leastwise.engine.placed import Bundle, Making, Placed

    from .scopes import ScopeTables


@dataclass(frozen=True, slots=True)
class Granted:
    """What one estate grants, as a provider tells it.

    Args:
        of: the grants of a principal, its own and those of its groups. UsageError, NotFoundError as `Access.given`.
        offers: the bundles that may be granted at a scope.
        written: bundles of the customer's own for some permissions (by number) at a scope, made for somebody, of a
            grant's; None where there are no such bundles.
        defined: what a bundle gives, in the vendor's form, as `Access.contains` takes it; None where it is not known,
            or where that compares no bundles.
    """

    of: Callable[[str], Sequence[Placed]]
    offers: Callable[[Placed, str], Sequence[Bundle]]
    written: Callable[[Placed, str, str, BitMap], Making] | None
    defined: Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regranting(Terms):
    """What a provider tells so that grants at scopes can be made smaller.

    Args:
        granted: what an estate grants; it is given the answers of that estate and its tables.
        lowest: the lowest scope at which a permission must be given for what was done on a resource, of those that the
            resource lies in (itself first); empty where that is not known, so that it stays where it is.
        gives: what the document of a bundle of the customer's own gives, as patterns; ValueError, KeyError, TypeError
            where it is none.
        normal: a permission, or a pattern of them, as it is compared with others.
        command: what makes a change by hand, by its verb and what it names; empty where there is no such command.
    """

    granted: Callable[[Access, Sequence[ScopeTables]], Granted]
    lowest: Callable[[str, Sequence[str]], str]
    gives: Callable[[Mapping[str, Any]], Sequence[str]]
    command: Callable[[str, Mapping[str, Any]], str]
    normal: Callable[[str], str] = str.lower
