"""What-if files: changes that are laid over an estate for a question, and never stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leastwise.errors import InputError
from leastwise.providers.base.draft import Draft

from .joining import Joining
from .marked import Item, Marked, read_marked, versioned
from .regranting import Regranting
from .thought import Thought

if TYPE_CHECKING:
    from leastwise.model.plan import Change
    from leastwise.providers.base import Changing, ScopeTables

_MOST_BYTES = 1 << 20

READS = {
    "policies": ("id", "name", "kind", "default", "document", "account"),
    "attachments": ("account", "layer", "kind", "target", "policy", "document", "condition", "until"),
    "resources": ("id", "name", "kind", "account"),
    "principals": ("name", "native", "kind", "account", "mail", "members_known", "tags"),
    "scopes": ("name", "source"),
    "memberships": ("kind",),
    "assignments": (),
    "documents": ("hash", "text", "unsupported"),
}
"""The columns that laying over reads besides those that the estate is compiled from."""


@dataclass(frozen=True)
class Overlay:
    """A what-if file, read: its changes in order, with the document that each brings."""

    file: Path
    name: str
    digest: str
    changes: tuple[tuple[str, Item, bytes], ...]

    def header(self) -> dict[str, Any]:
        """What answers say of it."""
        return {"file": str(self.file), "name": self.name, "sha256": self.digest, "changes": len(self.changes)}


def read_overlay(path: Path) -> Overlay:
    """The changes of a file. Raises InputError naming line, change and cause."""
    return overlay_in(read_marked(path))


def overlay_of_changes(name: str, changes: Sequence[Mapping[str, Any]]) -> Overlay:
    """Changes that were made here, as a what-if file of that name would have them."""
    return overlay_in(Marked(Path(name), {"version": 1, "name": name, "changes": list(changes)}, {}))


def overlay_in(marked: Marked) -> Overlay:
    """The changes of a what-if file that was read, or made. Raises InputError."""
    whole = versioned(marked, ("name", "changes"))
    changes = []
    for item in whole.items("changes"):
        if len(item.value) != 1 or next(iter(item.value)) not in _KEYS:
            raise item.error(f"must be one of {', '.join(_KEYS)}")
        verb = next(iter(item.value))
        told = item.item(verb)
        told.only(*_KEYS[verb], *_ALL)
        changes.append((verb, told, _document(told) if verb in _BRING else b""))
    if not changes:
        raise whole.error("is empty", "changes")
    # What the answer rests on: the changes with the documents of other files in them.
    said = json.dumps([[verb, told.value, body.decode("utf-8", "replace")] for verb, told, body in changes])
    digest = hashlib.sha256(said.encode()).hexdigest()
    return Overlay(marked.file, whole.text("name", ""), digest, tuple(changes))


_GRANT = ("bundle", "principal", "on", "condition", "eligible", "for")
_KEYS = {
    "put": ("policy", "on", "layer", "document", "file"),
    "remove": ("policy", "on", "layer"),
    "attach": ("policy", "to", "layer"),
    "detach": ("policy", "from", "layer"),
    "join": ("principal", "group"),
    "leave": ("principal", "group"),
    "assign": (*_GRANT, "account", "since", "until", "activated", "id"),
    "unassign": (*_GRANT, "account"),
    "replace": (*_GRANT, "by", "id"),
    "move": (*(one for one in _GRANT if one != "on"), "from", "to", "id"),
    "create": ("policy", "document", "file"),
    "delete": ("policy",),
    "block_public": ("resource", "block"),
}
"""The changes, and the keys of each."""
_ALL = ("before", "provider")
"""The keys of every change."""
_BRING = frozenset({"put", "create"})
"""The changes that bring a document."""


def _document(item: Item) -> bytes:
    """The bytes of the document that a change brings. Raises InputError."""
    if ("document" in item.value) == ("file" in item.value):
        raise item.error("needs either document or file")
    if "document" in item.value:
        if not isinstance(item.value["document"], dict):
            raise item.error("must be a policy document", "document")
        return json.dumps(item.value["document"]).encode()
    path = item.marked.file.parent / item.text("file")
    try:
        found = path.read_bytes()
    except OSError as error:
        raise item.error(f"{path}: {error.strerror or error}", "file") from None
    if len(found) > _MOST_BYTES:
        raise item.error(f"{path}: is larger than a policy document can be", "file")
    return found


class Layers:
    """Lays changes over the tables of one provider's scopes; every method raises InputError where one does not apply.

    Args:
        draft: the tables.
        changing: what the provider tells of changes; None where it tells nothing.
    """

    def __init__(self, draft: Draft, changing: Changing) -> None:
        self._granting = None if changing.granting is None else changing.granting()
        self._thought, self._joining = Thought(draft, changing), Joining(draft, changing)
        self._regranting = None if self._granting is None else Regranting(draft, changing, self._granting)

    def lay(self, verb: str, item: Item, body: bytes) -> Change:
        """Make a change; itself in canonical ids, with what takes it back."""
        if verb in ("join", "leave"):
            return self._joining.join(item) if verb == "join" else self._joining.leave(item)
        maker: Any = self._regranting or self._thought
        make = getattr(maker, verb, None)
        if make is None:
            raise item.error(f"nothing of this provider's is changed by {verb}")
        made: Change = make(item, body) if verb in _BRING else make(item)
        return made


def laid_over(overlay: Overlay, scopes: Sequence[ScopeTables], changing: Changing | None) -> list[ScopeTables]:
    """The tables of an estate after the changes, each made on what those before it left.

    Raises:
        InputError: a change does not apply; it names the file, the line, the change and the cause.
    """
    return undone(overlay, scopes, changing)[0]


def undone(
    overlay: Overlay, scopes: Sequence[ScopeTables], changing: Changing | None
) -> tuple[list[ScopeTables], tuple[Change, ...]]:
    """As `laid_over`, and each change in canonical ids, with what must stand there and what takes it back."""
    if changing is None:
        raise InputError(overlay.file, "this estate's provider has nothing that can be changed")
    draft = Draft(scopes)
    layers = Layers(draft, changing)
    made = tuple(layers.lay(verb, item, body) for verb, item, body in overlay.changes)
    return draft.scopes(), made
