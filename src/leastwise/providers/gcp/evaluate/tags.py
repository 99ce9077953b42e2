"""Tags of a resource: those attached to it, and those of what is above it where no nearer one has the same key.

https://cloud.google.com/resource-manager/docs/tags/tags-overview#inheritance
"""

from __future__ import annotations

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from ..language.cel import Constant
from ..language.resources import scope_of
from .conditions import NEITHER, Truth, lacking
from .estate import Chain, Estate, TagValue

_BY_KEY = {"hasTagKey": "namespaced", "hasTagKeyId": "id"}
_BY_VALUE = {"matchTag": "namespaced", "matchTagId": "id"}


def tag_truth(estate: Estate, chain: Chain, function: str, args: tuple[Constant, ...]) -> Truth | None:
    """What a function of a resource's tags says, or None for a function that there is not."""
    count = 1 if function in _BY_KEY else 2
    by = _BY_KEY.get(function) or _BY_VALUE.get(function)
    if by is None:
        return None
    if len(args) != count or not all(isinstance(one, str) for one in args):
        return NEITHER
    texts = [one for one in args if isinstance(one, str)]
    found = _found(estate, chain, texts[0], texts[1] if count == 2 else None, by)
    return Truth(found, negate(found)) if isinstance(found, bool) else lacking(_gap(estate, chain))


def _found(estate: Estate, chain: Chain, key: str, value: str | None, by: str) -> Formula:
    """Whether the nearest tag of a key has a value (any, for None); a formula of gaps where that is not known."""
    parts: list[Formula] = []
    nearer: list[Formula] = []
    for name in chain.names:
        here: list[Formula] = []
        for id in estate.tags.get(name, ()):
            tag = estate.tag_values.get(id)
            same = _same_key(estate, tag, id, key, by)
            if same is False:
                continue
            said = True if value is None else _same_value(tag, id, value, by)
            parts.append(all_of((*nearer, same, said)))
            here.append(negate(same))
        nearer += here
        if _unnumbered(estate, name) or (name == chain.astray and _elsewhere(estate, chain)):
            between = Literal(Gap("tags"))
            parts.append(all_of((*nearer, between)))
            nearer.append(negate(between))
    if chain.open and _elsewhere(estate, chain):
        parts.append(all_of((*nearer, Literal(Gap("tags")))))
    return any_of(parts)


def _same_key(estate: Estate, tag: TagValue | None, id: str, key: str, by: str) -> Formula:
    """Whether a tag is of a key; not known of a value that was not read, or whose key was not."""
    if tag is None:
        # The namespaced name of a value says its key: `123/env/prod`.
        whole = by == "namespaced" and not id.startswith("tagValues/")
        return id.rpartition("/")[0] == key if whole else Literal(Gap("tags"))
    known = tag.namespaced_key if by == "namespaced" else tag.key
    if not known:
        return Literal(Gap("tags"))
    return known in _spellings(estate, key) if by == "namespaced" else known == key


def _spellings(estate: Estate, key: str) -> set[str]:
    """A namespaced key, also with the other name of the project that it belongs to."""
    owner, _, short = key.partition("/")
    others = (estate.projects.numbers.get(owner), estate.projects.ids.get(owner))
    return {key, *(f"{other}/{short}" for other in others if other is not None)}


def _same_value(tag: TagValue | None, id: str, value: str, by: str) -> Formula:
    if by == "id":
        if tag is not None and tag.id:
            return tag.id == value
        return id == value if id.startswith("tagValues/") else Literal(Gap("tags"))
    if tag is not None and tag.short:
        return tag.short == value
    return id.rpartition("/")[2] == value if not id.startswith("tagValues/") else Literal(Gap("tags"))


def _unnumbered(estate: Estate, name: str) -> bool:
    """Whether tags may be bound to a resource by a number of it that was not told."""
    place = estate.places.get(name)
    return place is not None and place.unnumbered


def _elsewhere(estate: Estate, chain: Chain) -> bool:
    """Whether tags are attached to a scope that may be above a chain whose end is not known."""
    return any(chain.holds(name) is None for name in estate.tags if scope_of(name) is not None)


def _gap(estate: Estate, chain: Chain) -> str:
    unread = [id for name in chain.names for id in estate.tags.get(name, ()) if id not in estate.tag_values]
    if unread:
        return f"the tag value {unread[0]}"
    lost = next((one for one in chain.names if _unnumbered(estate, one)), None)
    if lost is not None:
        return f"the number of {lost}, to which tags may be bound"
    if chain.astray:
        return f"the tags of the project of {chain.astray}"
    return f"the tags of what is above {chain.names[-1]}" if chain.open else "the keys of some tag values"
