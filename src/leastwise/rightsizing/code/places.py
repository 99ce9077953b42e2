"""What an index of code holds: places with a document or an attachment, and whether they can be edited."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .located import Node


@dataclass(frozen=True, slots=True)
class Name:
    """A name that code gives: the text, or (computed) why and the pattern that it has."""

    text: str = ""
    why: str = ""
    pattern: str | None = None
    refers: str = ""
    """The address of the thing whose name it is, if code says so."""

    def may_be(self, text: str, *, fold: bool = False) -> bool:
        """Whether it is or can be that text; with `fold` whatever its case, and where it is that of a path's end."""
        if not self.why:
            mine, other = self.text.lower(), text.lower()
            return self.text == text or (fold and (mine == other or mine.endswith(f"/{other}")))
        flags = re.DOTALL | (re.IGNORECASE if fold else re.NOFLAG)
        return self.pattern is None or re.fullmatch(self.pattern, text, flags) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """One document or attachment in code.

    `kind` is `document` or `attachment`; `layer` the word of what-if files (`bundle` for a document of its own).
    `why` says why it cannot be edited; empty if it can. `node` is the document where it can be read. `cut` is what is
    removed to take an attachment away: an item of the body of the file, or (`listed`) an element of the list `node`.
    """

    file: str
    line: int
    address: str
    language: str
    kind: str
    layer: str
    policy: Name = Name()
    owner: Name = Name()
    why: str = ""
    node: Node | None = None
    cut: tuple[int, int] | None = None
    listed: bool = False
    ids: frozenset[str] = frozenset()
    owner_ids: frozenset[str] = frozenset()
    provider: str = ""
    block: str = ""
    """The resource of the file itself, without the modules that it is called through."""
    on: Name = Name()
    """The scope that an attachment is on, where it is on one."""
    sign: str = ""
    """A part of the cloud's id that the owner must have."""
    home: str = ""
    """The file of the resource that carries a document; `whole` is where that stands in it."""
    whole: tuple[int, int] | None = None
    source: str = ""
    """What the document or attachment stands in, where that is not the resource itself."""
    terms: Name = Name()
    """What an attachment hangs on, as one text; none where it hangs on nothing."""
    closed: str = ""
    """What an attachment names everybody of: `bundle`, `scope` or nothing."""

    @property
    def subject(self) -> str:
        """Whose document it is, for people: the owner's name, else the document's."""
        owner = self.owner.text or self.owner.refers
        return owner if owner or not self.policy.text else self.policy.text


@dataclass(frozen=True, slots=True)
class Foreign:
    """A file of code that is recognised and not edited, with what to say."""

    file: str
    language: str
    why: str
