"""The port through which principals come in elsewhere, and others come in; what an id tells by its form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.model.federation import Bearer, Door

    from .scopes import ScopeTables


@dataclass(frozen=True, slots=True)
class Federating:
    """How principals of a provider come in elsewhere, and others come in to it; see decision 0039.

    `reads()` names the columns by table that both functions need. `bearers(scopes, wanted)` are those of its
    principals that can present tokens of some forms and issuers (see `issuer_key`), which are those that some door
    takes. `doors(scopes, access)` are its trusts that take tokens; `access` answers questions about the same scopes.
    `issuers(scope)` are those of the tokens of a scope, where the provider is a directory of people.
    """

    reads: Callable[[], Mapping[str, Sequence[str]]]
    bearers: Callable[[Sequence[ScopeTables], Collection[tuple[str, str]]], Iterable[Bearer]]
    doors: Callable[[Sequence[ScopeTables], Access], Iterable[Door]]
    issuers: Callable[[str], Sequence[str]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class IdForm:
    """What the form of an id tells by itself.

    Args:
        what: what it names, in words.
        account: that holds it, where the id holds that.
        because: how that is known, with the page.
    """

    what: str
    account: str = ""
    because: str = ""
