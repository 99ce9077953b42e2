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
    of that name; `on` are the names of the scope that an attachment is on.
    """

    kind: str
    layer: str
    owner: str = ""
    policy: str = ""
    id: str = ""
    document: Any = None
    owner_id: str = ""
    on: Sequence[str] = ()


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
    sure = sure or [one for one in of_kind if _sure(one, wanted)]
    if len(sure) > 1:
        return Found(None, f"stands in several places: {_named(sure)}", tuple(sure))
    if sure:
        return _checked(index, sure[0], wanted)
    possible = [one for one in of_kind if _possible(one, wanted)]
    if possible:
        whys = sorted({name.why for one in possible for name in (one.policy, one.owner, one.on) if name.why})
        return Found(
            None,
            f"may be {_named(possible)}, whose name is computed ({'; '.join(whys[:3])}): state would tell",
            tuple(possible),
        )
    what = " of ".join(part for part in (wanted.policy, wanted.owner) if part) or wanted.id
    return Found(None, f"no code was found that makes {what}")


def _near(index: Index, wanted: Wanted) -> list[Place]:
    """The places of that kind that share a name, and those whose names are computed."""
    names = dict.fromkeys(("", wanted.policy, wanted.owner, wanted.id))
    found = {
        (one.file, one.line, one.address, one.cut, one.owner.text, one.policy.text): one
        for name in names
        for one in index.by_name.get((wanted.kind, wanted.layer, name), ())
    }
    return list(found.values())


def _sure(place: Place, wanted: Wanted) -> bool:
    return (
        _is(place.policy, wanted.policy, wanted.id, bool(wanted.policy))
        and _is(place.owner, wanted.owner, "" if wanted.policy else wanted.id, bool(wanted.owner))
        and _alike(place, wanted)
        and (not place.on.why or not wanted.on)
    )


def _alike(place: Place, wanted: Wanted) -> bool:
    """Whether owner and scope are of the kind, and the one, that is wanted, as far as both are known."""
    if place.sign and wanted.owner_id and place.sign not in wanted.owner_id:
        return False
    scoped = bool(place.on.text or place.on.why)
    return not (scoped and wanted.on) or any(place.on.may_be(one) for one in wanted.on)


def _is(name: Name, text: str, id: str, asked: bool) -> bool:
    if name.why:
        return False
    return (not asked and not name.text) or (bool(name.text) and name.text in (text, id))


def _possible(place: Place, wanted: Wanted) -> bool:
    pairs = [(place.policy, wanted.policy, wanted.id), (place.owner, wanted.owner, "" if wanted.policy else wanted.id)]
    return _alike(place, wanted) and all(
        name.may_be(text) or bool(id and name.may_be(id)) if name.why else _is(name, text, id, bool(text))
        for name, text, id in pairs
    )


def _named(places: Sequence[Place]) -> str:
    shown = [f"{one.address} ({one.file}:{one.line})" for one in places[:3]]
    return ", ".join(shown) + (f" and {len(places) - 3} more" if len(places) > 3 else "")


def _checked(index: Index, place: Place, wanted: Wanted) -> Found:
    """The place with its document laid beside the cloud's, if it can be edited and says the same."""
    where = f"{place.address} ({place.file}:{place.line})"
    if place.why:
        return Found(None, f"{where} cannot be edited: {place.why}", (place,))
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
