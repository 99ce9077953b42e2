"""Recommendations whose changes are of grants at scopes, written into code: all of it, or an issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leastwise.model.coding import Carrier
from leastwise.model.plan import Change, Recommendation
from leastwise.providers.base.spelling import IDENTITY, Spelling
from leastwise.rightsizing.code.editing import Editing
from leastwise.rightsizing.code.grant_blocks import Grant
from leastwise.rightsizing.code.matching import Wanted, match
from leastwise.rightsizing.code.new_blocks import at, new_block, new_grant
from leastwise.rightsizing.code.places import Place
from leastwise.rightsizing.code.spans import Refused

from .code_index import Code
from .patching import Patched

Told = Mapping[str, Any]


def patched_grants(code: Code, found: Recommendation, spelling: Spelling, editing: Editing | None = None) -> Patched:
    """The patch of one recommendation: wholly or not at all, as half of it may take away what is needed.

    Args:
        code: that was read.
        found: with its changes.
        spelling: what code calls what the estate calls by id.
        editing: where other changes were made to the code before; None for none. The patch is of all of them.
    """
    if not found.changes:
        return Patched((), "", "", ())
    editing = Editing(code.index, code.codings) if editing is None else editing
    writing = _Writing(editing.copied(), found.provider, spelling)
    try:
        places = writing.all(found.changes)
    except Refused as error:
        why = f"{writing.at}: {error}" if writing.at else str(error)
        return Patched((), "", "", (why,), suggested=_Writing(editing, found.provider, spelling).anew(found.changes))
    editing.adopt(writing.editing)
    owners = dict.fromkeys(owner for place in places if (owner := code.owner_of(place)))
    files = tuple(one.file for one in editing.changed())
    return Patched(files, editing.patch(), " ".join(owners), (), tuple(places))


@dataclass
class _Writing:
    """Writes changes one after the other; `at` is the one that is being written."""

    editing: Editing
    provider: str
    spelling: Spelling
    at: str = ""
    refers: dict[str, str] = field(default_factory=dict)
    """The expressions by which code names the bundles that it makes anew."""
    titles: dict[str, str] = field(default_factory=dict)

    def all(self, changes: Sequence[Change]) -> list[Place]:
        """The places that changes are written to. Raises Refused."""
        gone = [one.told for one in changes if one.verb == "unassign"]
        given = [one.told for one in changes if one.verb == "assign"]
        made = [one.told for one in changes if one.verb == "create"]
        others = [one for one in changes if one.verb not in ("assign", "unassign", "create")]
        places = [self._other(one) for one in others]
        if not gone and (given or made):
            raise Refused("nothing in code is given up for it that shows where it belongs")
        shares = _shared(gone, given)
        if made:
            self.at = f"create {made[0]['policy']}"
            file = self.editing.found(self._wanted(gone[0])).file
            for one in made:
                self._create(file, one)
        for one, grants in zip(gone, shares, strict=True):
            self.at = f"unassign {one['bundle']} at {one['on']}"
            places.append(self.editing.exchange(self._wanted(one), [self._grant(each) for each in grants]))
        return places

    def anew(self, changes: Sequence[Change]) -> str:
        """All of it as new blocks, where none of what goes stands in code; empty where that cannot be said."""
        gone = [one.told for one in changes if one.verb == "unassign"]
        given = [one.told for one in changes if one.verb == "assign"]
        made = [one.told for one in changes if one.verb == "create"]
        coding = next((one for one in self.editing.codings if one.provider == self.provider), None)
        if coding is None or not given or len(gone) + len(given) + len(made) < len(changes):
            return ""
        texts: list[str] = []
        try:
            if any(match(self.editing.index, self._wanted(one)).candidates for one in gone):
                return ""
            for one in made:
                block = new_block(self._role(one), "", one["document"], self.editing.codings, exists=False)
                self.refers[str(one["policy"])] = block.refers
                texts.append(block.text)
            for old, share in zip(gone, _shared(gone, given), strict=True):
                for number, one in enumerate(share):
                    texts.append(new_grant(self._grant(one), None if number else self._grant(old), coding))
        except Refused:
            return ""
        return "\n".join(texts)

    def _role(self, told: Told) -> Wanted:
        """A bundle of the customer's own that is to be made."""
        id = str(told["policy"])
        self.titles[id] = self.spelling.named(told["document"])
        return Wanted("document", "bundle", policy=self.titles[id], id=id, provider=self.provider)

    def _create(self, file: str, told: Told) -> None:
        """A bundle of the customer's own, in the file of what it takes the place of."""
        self.refers[str(told["policy"])] = self.editing.add(file, self._role(told), "", told["document"])

    def _other(self, change: Change) -> Place:
        """A change of a bundle that is there, or one that only takes away."""
        told = change.told
        self.at = f"{change.verb} {told.get('policy') or told.get('group') or told.get('bundle')}"
        match change.verb:
            case "put" if "on" not in told:
                before = next((one.told.get("document") for one in change.inverse), None)
                id = str(told["policy"])
                wanted = Wanted(
                    "document", "bundle", policy=id.rpartition("/")[2], id=id, titles=self.spelling.bundle(id),
                    document=self._part(before), fold=self.spelling.fold, provider=self.provider,
                )  # fmt: skip
                return self.editing.put(wanted, self._part(told["document"]))
            case "leave":
                names = self.spelling.principal(str(told["group"]))
                owner, *more = self.spelling.principal(str(told["principal"]))
                wanted = Wanted(
                    "attachment", "member", owner, names[0], names=tuple(more), terms="",
                    titles=_bare(names), fold=self.spelling.fold, provider=self.provider,
                )  # fmt: skip
                return self.editing.take(wanted)
        raise Refused("is not written into code")

    def _part(self, document: Any) -> Any:
        """What of a vendor's document code writes."""
        for one in self._carriers():
            part = at(document, one.taken)
            if part is not None:
                whole = part if one.blocks is None else [{k: v for k, v in each.items() if v} for each in part]
                return whole if one.blocks is None else {one.blocks.key: whole}
        return document

    def _carriers(self) -> Sequence[Carrier]:
        return [
            each
            for one in self.editing.codings
            if one.provider == self.provider
            for each in one.carriers
            if each.layer == "bundle" and each.taken
        ]

    def _grant(self, told: Told) -> Grant:
        bundle = str(told["bundle"])
        title = self.titles.get(bundle) or self.spelling.title(bundle)
        names = self.spelling.bundle(bundle)
        return Grant(
            self._wanted(told, title), self.spelling.placed(str(told["on"])), names[0], title,
            self.refers.get(bundle, ""),
        )  # fmt: skip

    def _wanted(self, told: Told, title: str = "") -> Wanted:
        bundle = str(told["bundle"])
        if told.get("eligible") or told.get("for") or told.get("until"):
            raise Refused("code that is read gives nothing to be activated, for somebody else, or for a time")
        layer, on = self.spelling.layer(bundle), tuple(self.spelling.scope(str(told["on"])))
        policy, *titles = self.spelling.bundle(bundle) if layer == IDENTITY else _bare(on)
        owner, *names = self.spelling.principal(str(told["principal"]))
        return Wanted(
            "attachment", layer, owner, policy, bundle if layer == IDENTITY else str(told["on"]),
            on=on if layer == IDENTITY else (), names=tuple(names),
            titles=tuple(one for one in (*titles, title) if one), terms=self.spelling.terms(told.get("condition")),
            fold=self.spelling.fold, provider=self.provider,
        )  # fmt: skip


def _bare(names: Sequence[str]) -> tuple[str, ...]:
    """Names with and without the word of their kind, as code names what it is about."""
    return tuple(dict.fromkeys(each for one in names for each in (one, one.partition(":")[2] or one)))


def _shared(gone: Sequence[Told], given: Sequence[Told]) -> list[list[Told]]:
    """What is given in the place of each that goes: of the same terms, and at the same place where one is there."""
    shares: list[list[Told]] = [[] for _ in gone]
    for one in given:
        alike = [n for n, old in enumerate(gone) if _terms(old) == _terms(one)] or list(range(len(gone)))
        there = next((n for n in alike if gone[n]["on"] == one["on"]), alike[0])
        shares[there].append(one)
    return shares


def _terms(told: Told) -> tuple[str, str]:
    return str(told["principal"]), str(told.get("condition"))
