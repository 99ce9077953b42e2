"""Several changes of code one after the other, as one patch of each file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leastwise.model.coding import Coding

from .grant_blocks import Grant, owner_of
from .granting import exchange, governing, join
from .index import Index
from .indexing import TERRAFORM, indexed_with
from .matching import Wanted, match
from .new_blocks import new_block
from .places import Place
from .spans import Refused, line_end_of
from .splicing import Spliced, detach, remove, splice
from .template_blocks import with_resource


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
        place = self.found(wanted)
        self._lay(splice(self.index, place, document, self.codings))
        return place

    def take(self, wanted: Wanted) -> Place:
        """Takes an attachment away, or the resource that carries a document. Raises Refused."""
        place = self.found(wanted)
        if wanted.kind == "attachment":
            self._lay(detach(self.index, place, self.codings))
        else:
            for one in remove(self.index, place, self.codings):
                self._lay(one)
        return place

    def exchange(self, wanted: Wanted, grants: Sequence[Grant]) -> Place:
        """Puts grants in the place of one; the place where it stood. Raises Refused."""
        place = self.found(wanted)
        trial, left = self.copied(), list[Grant]()
        for one in grants:
            host = governing(trial.index, one, place.provider)
            if host is None:
                left.append(one)
            else:
                owner = owner_of(self.index, place, self.codings)
                trial._lay(join(trial.index, host, one, owner, self.codings))
        trial._lay(exchange(trial.index, trial.found(wanted), left, self.codings))
        self.adopt(trial)
        return place

    def adopt(self, other: Editing) -> None:
        """Takes over what was made in a copy."""
        self.index, self._begun = other.index, other._begun

    def add(
        self, file: str, wanted: Wanted, owner_id: str, document: Any = None, *, exists: bool = False, refers: str = ""
    ) -> str:
        """Adds a block for what no code makes yet at the end of a file of Terraform, or a resource of a template; the
        expression that refers to it, where others may. Raises Refused.
        """
        if not file.endswith(TERRAFORM):
            self._lay(with_resource(self.index, file, wanted, owner_id, document, self.codings))
            return ""
        text = self.index.texts.get(file, "")
        line = line_end_of(text)
        taken = {name for one in self.index.folders.values() for name in one.things}
        made = new_block(wanted, owner_id, document, self.codings, exists=exists, taken=taken, refers=refers)
        block = made.text.replace("\n", line)
        above = "" if not text.strip() else text if text.endswith("\n") else text + line
        self._lay(Spliced(file, text, above + (line if above else "") + block))
        return made.refers

    def changed(self) -> list[Spliced]:
        """The files that have changed, each from its first text to its last."""
        pairs = sorted(self._begun.items())
        return [Spliced(file, was, self.index.texts[file]) for file, was in pairs if self.index.texts[file] != was]

    def patch(self) -> str:
        """All of it as a patch that `git apply` takes."""
        return "".join(one.patch for one in self.changed())

    def found(self, wanted: Wanted) -> Place:
        """The place that is surely what is wanted and can be edited. Raises Refused."""
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
