"""Which place of code is a document or attachment of the cloud: one that is surely it, or the reason why none is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .index import Index
from .located import Mismatch, bound, opens
from .places import Name, Place
from .spans import line_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, as the cloud tells it.

    `kind` is `document` or `attachment`, `layer` the word of what-if files (`bundle` for a document of its own).
    `owner` and `policy` are names; `id` is the cloud's own id of the document, the bundle or (for a document without
    a name) the owner. `document` is what was collected: the code must say the same. `owner_id` tells a role from a user
    of that name; `on` are the names of the scope that an attachment is on. `names` are more names of the owner,
    `titles` more of the bundle. `terms` is what it hangs on, empty for nothing; None where that was not told. `fold`:
    names are equal whatever their case. `provider` is whose it is; empty where the names tell it.
    """

    kind: str
    layer: str
    owner: str = ""
    policy: str = ""
    id: str = ""
    document: Any = None
    owner_id: str = ""
    on: Sequence[str] = ()
    names: Sequence[str] = ()
    titles: Sequence[str] = ()
    terms: str | None = None
    fold: bool = False
    provider: str = ""

    @property
    def owners(self) -> tuple[str, ...]:
        """All names of the owner."""
        return (self.owner, *self.names)

    @property
    def policies(self) -> tuple[str, ...]:
        """All names of the document or bundle."""
        return (self.policy, *self.titles)


@dataclass(frozen=True, slots=True)
class Found:
    """The place, ready to be edited; or why there is none, with the places that may be meant."""

    place: Place | None
    why: str = ""
    candidates: tuple[Place, ...] = ()


def match(index: Index, wanted: Wanted) -> Found:
    """The place that is surely what is wanted and can be edited, its document laid beside the cloud's; else the
    reason.
    """
    of_kind = _near(index, wanted)
    by_id = [one for one in of_kind if wanted.id and wanted.kind == "document" and wanted.id in one.ids]
    sure = [one for one in by_id if not wanted.policy or one.policy.may_be(wanted.policy)]
    sure = sure or [one for one in of_kind if surely(one, wanted)]
    if len(sure) > 1:
        return Found(None, f"stands in several places: {_named(sure)}", tuple(sure))
    if sure:
        return _checked(index, sure[0], wanted)
    possible = [one for one in of_kind if possibly(one, wanted)]
    if possible:
        whys = sorted({name.why for one in possible for name in (one.policy, one.owner, one.on, one.terms) if name.why})
        return Found(
            None,
            f"may be {_named(possible)}, whose name is computed ({'; '.join(whys[:3])}): state would tell",
            tuple(possible),
        )
    what = " of ".join(part for part in (wanted.policy, wanted.owner) if part) or wanted.id
    return Found(None, f"no code was found that makes {what}")


def _near(index: Index, wanted: Wanted) -> list[Place]:
    """The places of that kind that share a name, and those whose names are computed."""
    names = dict.fromkeys(one.lower() for one in ("", *wanted.policies, *wanted.owners, wanted.id))
    found = {
        (one.file, one.line, one.address, one.cut, one.owner.text, one.policy.text): one
        for name in names
        for one in index.by_name.get((wanted.kind, wanted.layer, name), ())
        if wanted.provider in ("", one.provider)
    }
    return list(found.values())


def surely(place: Place, wanted: Wanted) -> bool:
    """Whether a place is what is wanted, by names that are all known."""
    return (
        _is(place.policy, wanted.policies, wanted.id, bool(wanted.policy), wanted.fold)
        and _is(place.owner, wanted.owners, "" if wanted.policy else wanted.id, bool(wanted.owner), wanted.fold)
        and _alike(place, wanted)
        and (not place.on.why or not wanted.on)
        and (wanted.terms is None or not place.terms.why)
    )


def _alike(place: Place, wanted: Wanted) -> bool:
    """Whether owner and scope are of the kind, and the one, that is wanted, as far as both are known."""
    if place.sign and wanted.owner_id and place.sign not in wanted.owner_id:
        return False
    if wanted.terms is not None and not place.terms.why and place.terms.text != wanted.terms:
        return False
    scoped = bool(place.on.text or place.on.why)
    return not (scoped and wanted.on) or any(place.on.may_be(one, fold=wanted.fold) for one in wanted.on)


def _is(name: Name, texts: Sequence[str], id: str, asked: bool, fold: bool) -> bool:
    if name.why:
        return False
    if not asked and not name.text:
        return True
    return bool(name.text) and any(name.may_be(one, fold=fold) for one in (*texts, id) if one)


def possibly(place: Place, wanted: Wanted) -> bool:
    """Whether a place may be what is wanted, of which not all is known."""
    pairs = [
        (place.policy, wanted.policies, wanted.id), (place.owner, wanted.owners, "" if wanted.policy else wanted.id),
    ]  # fmt: skip
    return _alike(place, wanted) and all(
        any(name.may_be(one, fold=wanted.fold) for one in (*texts, id) if one or not id)
        if name.why
        else _is(name, texts, id, bool(texts[0]), wanted.fold)
        for name, texts, id in pairs
    )


def _named(places: Sequence[Place]) -> str:
    shown = [f"{one.address} ({one.file}:{one.line})" for one in places[:3]]
    return ", ".join(shown) + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _checked(index: Index, place: Place, wanted: Wanted) -> Found:
    """The place with its document laid beside the cloud's, if it can be edited and says the same."""
    where = f"{place.address} ({place.file}:{place.line})"
    if place.why:
        return Found(None, f"{where} cannot be edited: {place.why}", (place,))
    if wanted.terms is None and (place.terms.text or place.terms.why):
        return Found(None, f"{where} cannot be edited: has a condition, which is not compared", (place,))
    if place.kind == "attachment" or place.node is None:
        return Found(place)
    if wanted.document is None:
        computed = opens(place.node)
        if computed:
            why = f"{where} cannot be edited: line {line_of(index.texts[place.file], computed[0].begin)} is computed"
            return Found(None, f"{why} ({computed[0].why}), and what the cloud has there is not known", (place,))
        return Found(place)
    try:
        node = bound(place.node, wanted.document)
    except Mismatch as error:
        line = line_of(index.texts[place.file], error.offset)
        return Found(None, f"the code does not match the cloud: {place.file}:{line}: {error.cause}", (place,))
    return Found(replace(place, node=node))
