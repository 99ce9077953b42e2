"""Changes that leave a principal with what is wanted of the documents that it and its groups hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leastwise.model.plan import Change, Held, digest
from leastwise.providers.base.shrinking import Cut

from .documents import Document
from .wording import number_of

if TYPE_CHECKING:
    from leastwise.providers.base.shrinking import Limit, Shrinking, Wanted


@dataclass(frozen=True, slots=True)
class Drafted:
    """Changes, and the documents before and after them.

    Args:
        blocked: why the changes cannot be made as they are; empty where they can.
        notes: what to know before making them.
    """

    changes: tuple[Change, ...]
    before: tuple[Held, ...]
    after: tuple[Held, ...]
    blocked: str = ""
    notes: tuple[str, ...] = ()


def drafted(
    shrinking: Shrinking,
    principal: str,
    name: str,
    documents: Sequence[Document],
    wanted: Sequence[Wanted],
    limit: Limit,
    trifling: Callable[[Document], bool],
    bundles: Mapping[str, bytes] | None = None,
    only: str = "",
) -> Drafted:
    """What is changed so that one principal keeps what is wanted, and nobody else loses anything.

    A document of its own, or a bundle that only it has, is cut in place. A bundle that others have too is detached,
    and a group is left, where more than trifles of it go: what is wanted of it becomes a document of the principal's
    own. `bundles` of the vendor, by id, are attached: what is wanted is wanted besides. Of whom `only` one document can
    be its own, of that name, all that is cut becomes that, however long: bundles cannot be attached to it one by one.

    Raises:
        ValueError: a document cannot be read, or was not.
    """
    made = _drafted(shrinking, principal, name, documents, wanted, limit, trifling, bundles or {}, only, short=False)
    if made.blocked:
        # What is told by patterns is shorter, and what is too long for documents of its own can be bundles.
        made = _drafted(shrinking, principal, name, documents, wanted, limit, trifling, bundles or {}, only, short=True)
    return made


def _drafted(
    shrinking: Shrinking,
    principal: str,
    name: str,
    documents: Sequence[Document],
    wanted: Sequence[Wanted],
    limit: Limit,
    trifling: Callable[[Document], bool],
    chosen: Mapping[str, bytes],
    only: str,
    *,
    short: bool,
) -> Drafted:
    unread = next((one.name for one in documents if one.text is None), None)
    if unread is not None:
        raise ValueError(f"{unread}: its document was not read")
    before = tuple(map(_held, documents))
    cuts = dict(zip(documents, shrinking.cut(before, wanted, short=short), strict=True))
    others = {one for one, cut in cuts.items() if not cut.same and (one.target != principal or not one.editable)}
    others |= {one for one, cut in cuts.items() if only and not cut.same and not one.own}
    small = {one for one in others if cuts[one].gives and trifling(one)}
    cuts |= {one: Cut(one.text, gives=True, same=True) for one in small}
    left = {one.target for one, cut in cuts.items() if one.target != principal and not cut.same}
    draft = _Draft(shrinking, principal, [], [], [])
    cuts |= {one: Cut(one.text, gives=True, same=True) for one in documents if one.policy in chosen}
    draft.attach({id: text for id, text in chosen.items() if id not in {one.policy for one in documents}})
    if only:
        draft.into(only, cuts)
    else:
        draft.each(cuts, left)
        draft.together(name, {one.policy for one in documents})
    own = {one.policy for one in documents if one.own}
    if short and _too_long(draft, own, limit):
        draft.spread(name, limit, {one.policy for one in documents})
    blocked = _too_long(draft, own, limit)
    return Drafted(tuple(draft.changes), before, tuple(draft.after), blocked, _notes(documents, left, small))


def rewritten(shrinking: Shrinking, one: Document, wanted: Sequence[Wanted], limit: Limit) -> Drafted:
    """What is changed so that a bundle gives what is wanted of it, to all who have it. Raises ValueError."""
    if one.text is None:
        raise ValueError(f"{one.name}: its document was not read")
    before = (Held(one.name, one.text, "", one.policy),)
    [cut] = shrinking.cut(before, wanted)
    if cut.same:
        return Drafted((), before, before)
    if cut.document is None:
        return Drafted((), before, before, notes=("nobody who has it needs anything of it: detach and delete it",))
    told = {"policy": one.policy}
    back = Change("put", {**told, "document": json.loads(one.text)})
    change = Change("put", {**told, "document": json.loads(cut.document)}, (back,), digest(one.text))
    blocked, length = "", limit.length(cut.document)
    if length > limit.bundle:
        blocked = f"{one.name} would be {length} characters long, {limit.bundle} are allowed"
    return Drafted((change,), before, (Held(one.name, cut.document, "", one.policy),), blocked)


def _held(one: Document) -> Held:
    return Held(one.name, one.text or b"", one.target, one.policy)


def _too_long(draft: _Draft, own: Collection[str], limit: Limit) -> str:
    """Why what is written is longer than the vendor takes; empty where it is not."""
    mine = [one for one in draft.after if one.target == draft.principal and one.id in {*own, draft.made}]
    length = sum(limit.length(one.document) for one in mine)
    if length > limit.own:
        return f"documents of its own would be {length} characters long, {limit.own} are allowed"
    held = {one.id for one in draft.after if one.target == draft.principal} - {*own, draft.made}
    if len(held) > limit.bundles:
        return f"it would have {number_of(len(held), 'bundle')}, {limit.bundles} are allowed"
    for one in draft.after:
        if one.id in draft.written and limit.length(one.document) > limit.bundle:
            return f"{one.policy} would be {limit.length(one.document)} characters long, {limit.bundle} are allowed"
    return ""


@dataclass
class _Draft:
    shrinking: Shrinking
    principal: str
    changes: list[Change]
    after: list[Held]
    rest: list[bytes]
    made: str = ""
    written: set[str] = field(default_factory=set)
    """Ids of the bundles that are written anew."""

    def each(self, cuts: Mapping[Document, Cut], left: Collection[str]) -> None:
        """Each document by itself; groups that are left."""
        for one, cut in cuts.items():
            if one.target in left:
                self.moved(one, cut)
            elif cut.same:
                self.after.append(_held(one))
            else:
                self.cut(one, cut)
        for group in sorted(left):
            self.leave(group)

    def into(self, only: str, cuts: Mapping[Document, Cut]) -> None:
        """All that is cut into the one document that can be its own."""
        own = next((one for one in cuts if one.own), None)
        if all(cut.same for cut in cuts.values()):
            self.after += map(_held, cuts)
            return
        for one, cut in cuts.items():
            if one.own or not cut.same:
                self.moved(one, cut)
            else:
                self.after.append(_held(one))
            if not one.own and not cut.same:
                self._detach(one)
        told: Mapping[str, Any] = {"policy": only, "on": self.principal, "layer": self.shrinking.layer}
        old = {**told, "document": json.loads(own.text or b"")} if own is not None else {}
        if self.rest:
            document = self.shrinking.merged(self.rest)
            back = Change("put", old) if own is not None else Change("remove", told)
            before = digest(own.text or b"") if own is not None else ""
            # First what is new, so that nothing is missing in between.
            self.changes.insert(0, Change("put", {**told, "document": json.loads(document)}, (back,), before))
            self.made = only
            self.after.append(Held(only, document, self.principal, only))
        elif own is not None:
            self.changes.append(Change("remove", told, (Change("put", old),), digest(own.text or b"")))

    def cut(self, one: Document, cut: Cut) -> None:
        """A document of which something goes."""
        if not one.editable:
            self.moved(one, cut)
            self._detach(one)
            return
        if cut.document is None:
            self._remove(one)
            return
        self._put(one, cut.document)

    def moved(self, one: Document, cut: Cut) -> None:
        """What is left of a document is to stand in one of the principal's own."""
        if cut.document is not None:
            self.rest.append(cut.document)

    def _put(self, one: Document, document: bytes) -> None:
        on = {"on": one.target, "layer": self.shrinking.layer} if one.own else {}
        told = {"policy": one.policy, **on}
        back = Change("put", {**told, "document": json.loads(one.text or b"")})
        new = {**told, "document": json.loads(document)}
        self.changes.append(Change("put", new, (back,), digest(one.text or b"")))
        self.after.append(Held(one.name, document, one.target, one.policy))
        if not one.own:
            self.written.add(one.policy)

    def _remove(self, one: Document) -> None:
        if not one.own:
            self._detach(one)
            return
        told = {"policy": one.policy, "on": one.target, "layer": self.shrinking.layer}
        back = Change("put", {**told, "document": json.loads(one.text or b"")})
        self.changes.append(Change("remove", told, (back,), digest(one.text or b"")))

    def _detach(self, one: Document) -> None:
        back = Change("attach", {"policy": one.policy, "to": one.target, "layer": self.shrinking.layer})
        told = {"policy": one.policy, "from": one.target, "layer": self.shrinking.layer}
        self.changes.append(Change("detach", told, (back,), digest(one.text or b"")))

    def attach(self, bundles: Mapping[str, bytes]) -> None:
        """Bundles of the vendor."""
        for id, document in bundles.items():
            told = {"policy": id, "to": self.principal, "layer": self.shrinking.layer}
            back = Change("detach", {"policy": id, "from": self.principal, "layer": self.shrinking.layer})
            self.changes.append(Change("attach", told, (back,)))
            self.after.append(Held(id, document, self.principal, id))

    def spread(self, name: str, limit: Limit, taken: Collection[str]) -> None:
        """Bundles of the customer's own in the place of the document that was made. Raises ValueError."""
        at = next((at for at, one in enumerate(self.changes) if one.told.get("policy") == self.made), None)
        if at is None or not self.made:
            return
        [whole] = [one for one in self.after if one.id == self.made]
        change = self.changes.pop(at)
        self.after.remove(whole)
        if any(one.verb == "put" for one in change.inverse):
            # What it takes the place of goes.
            told = {key: value for key, value in change.told.items() if key != "document"}
            self.changes.insert(0, Change("remove", told, change.inverse, change.before))
        made: list[Change] = []
        for number, document in enumerate(self.shrinking.split(whole.document, limit), 1):
            id = self.shrinking.called(self.principal, f"leastwise-{name}-{number}")
            if id in taken:
                raise ValueError(f"{id} is there already")
            told = {"policy": id, "document": json.loads(document)}
            made.append(Change("create", told, (Change("delete", {"policy": id}),)))
            on = {"policy": id, "to": self.principal, "layer": self.shrinking.layer}
            back = {"policy": id, "from": self.principal, "layer": self.shrinking.layer}
            made.append(Change("attach", on, (Change("detach", back),)))
            self.after.append(Held(id, document, self.principal, id))
        self.changes[:0] = made
        self.made = ""

    def leave(self, group: str) -> None:
        """Out of a group."""
        told = {"principal": self.principal, "group": group}
        self.changes.append(Change("leave", told, (Change("join", told),)))

    def together(self, name: str, taken: set[str]) -> None:
        """One document of its own for what is left of those that are given up."""
        if not self.rest:
            return
        document = self.shrinking.merged(self.rest)
        self.made = next(
            one for one in (f"leastwise-{name}", *(f"leastwise-{name}-{n}" for n in range(2, 99))) if one not in taken
        )
        told: Mapping[str, Any] = {"policy": self.made, "on": self.principal, "layer": self.shrinking.layer}
        change = Change("put", {**told, "document": json.loads(document)}, (Change("remove", told),))
        # First what is new, so that nothing is missing in between.
        self.changes.insert(0, change)
        self.after.append(Held(self.made, document, self.principal, self.made))


def _notes(documents: Sequence[Document], left: set[str], small: set[Document]) -> tuple[str, ...]:
    stay = [
        f"{one.name} stays as it is: little of it is unused, and it is not its alone"
        for one in documents
        if one in small
    ]
    groups = [f"{group} is left: what else it gives, and will give, is no longer its" for group in sorted(left)]
    shared = [
        f"{one.name} is detached: {one.holders - 1} others keep it"
        for one in documents
        if not one.editable and one.account is not None and one.target not in left and one.holders > 1
    ]
    unsure = [f"{one.name}: not everybody who has it is known" for one in documents if not one.sure]
    return (*stay, *groups, *shared, *unsure)
