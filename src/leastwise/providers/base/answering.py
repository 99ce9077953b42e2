"""How a provider answers questions about access, of an estate as it is, or changed in thought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .changing import Changing
from .scopes import ScopeTables

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.engine.arrays import Arrays


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
