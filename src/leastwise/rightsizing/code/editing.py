"""Several changes of code one after the other, as one patch of each file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.model.coding import Coding

from .index import Index
from .indexing import TERRAFORM, indexed_with
from .matching import Wanted, match
from .new_blocks import new_block
from .places import Place
from .spans import Refused, line_end_of
from .splicing import Spliced, detach, remove, splice


class Editing:
    """Changes laid over an index. Each is made wholly or refused, with the reason; what was made before stays."""

    def __init__(self, index: Index, codings: Sequence[Coding]) -> None:
        self.index, self.codings = index, tuple(codings)
        self._begun = dict[str, str]()

    def copied(self) -> Editing:
        """The same changes, to which others are added without changing these."""
        found = Editing(self.index, self.codings)
        found._begun = dict(self._begun)
        return found

    def put(self, wanted: Wanted, document: Any) -> Place:
        """Puts a document in place of the one that is wanted; the place where it stood. Raises Refused."""
        place = self._found(wanted)
        self._lay(splice(self.index, place, document, self.codings))
        return place

    def take(self, wanted: Wanted) -> Place:
        """Takes an attachment away, or the resource that carries a document. Raises Refused."""
        place = self._found(wanted)
        if wanted.kind == "attachment":
            self._lay(detach(self.index, place, self.codings))
        else:
            for one in remove(self.index, place, self.codings):
                self._lay(one)
        return place

    def add(self, file: str, wanted: Wanted, owner_id: str, document: Any = None, *, exists: bool = False) -> None:
        """Adds a block for what no code makes yet at the end of a file of Terraform. Raises Refused."""
        if not file.endswith(TERRAFORM):
            raise Refused(f"{file} is no file of Terraform")
        text = self.index.texts.get(file, "")
        line = line_end_of(text)
        block = new_block(wanted, owner_id, document, self.codings, exists=exists).replace("\n", line)
        above = text if not text or text.endswith("\n") else text + line
        self._lay(Spliced(file, text, above + (line if above else "") + block))

    def changed(self) -> list[Spliced]:
        """The files that have changed, each from its first text to its last."""
        pairs = sorted(self._begun.items())
        return [Spliced(file, was, self.index.texts[file]) for file, was in pairs if self.index.texts[file] != was]

    def patch(self) -> str:
        """All of it as a patch that `git apply` takes."""
        return "".join(one.patch for one in self.changed())

    def _found(self, wanted: Wanted) -> Place:
        found = match(self.index, wanted)
        if found.place is None:
            raise Refused(found.why)
        return found.place

    def _lay(self, made: Spliced) -> None:
        after = indexed_with(self.index, made.file, made.after, self.codings)
        new = [one for one in after.faults if one not in self.index.faults]
        if new:
            raise Refused(f"the changed file could not be read again: {new[0]}")
        self._begun.setdefault(made.file, made.before)
        self.index = after
