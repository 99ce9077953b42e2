"""Tags that somebody can write, so that conditions on them hold or fail: on resources, on users and roles, on sessions.

Of each tag that a condition asks for those values are tried that conditions name, another one and none; with a variable
in place of a value what the estate's own tags have. Of more values than a few, or where a variable can be anything, the
tag is left open, and what follows is CONDITIONAL. Which call writes a tag is what the catalogue says of a kind of
resource; whoever makes it may be bound to keys and values by `aws:TagKeys` and `aws:RequestTag`, so both are asked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import combinations, product

import pyarrow.compute as pc

from leastwise.model.shadows import IDENTITY, SESSION, THING, Call, Change
from leastwise.providers.base import ScopeTables

from . import catalog
from .tags_read import MOST_VALUES, Actions, Read, Tag, concerns, services_of

_MOST_PAIRS = 24
"""So many pairs of values of two tags are tried together."""
_MOST_BESIDES = 4
"""So many keys that policies ask a request for are carried one by one beside a tag; all of them together always."""
_REMOVING = ("untag", "removetags", "deletetags")
_REPLACING = ("s3:PutBucketTagging",)
"""Calls that put all tags of a thing in place of those that it has."""
_USER, _ROLE = "user", "role"


def changes(scopes: Sequence[ScopeTables]) -> tuple[list[Change], tuple[str, ...]]:
    """The changes of tags that could make a difference in an estate; and what was not tried."""
    read = Read(scopes)
    if not read.tags:
        return [], ()
    tables = (one.tables["resources"]["kind"] for one in scopes if "resources" in one.tables)
    kinds = sorted({kind for one in tables for kind in pc.unique(one).to_pylist()} | {"iam:policy"})
    making = _Making(read.carried, kinds)
    found, missing = [], []
    for of in (THING, IDENTITY):
        tags = [tag for (one, _), tag in sorted(read.tags.items()) if one == of]
        for tag in tags:
            found += [making.change(of, [(tag, value)]) for value in tag.tried()]
            if tag.open or len(tag.values) > MOST_VALUES:
                found.append(making.opened(of, tag))
            if tag.placed:
                why = f"{tag.keys()[0]} stands in ARNs, and only the values were tried that others have"
                found.append(replace(making.opened(of, tag), unasked=why))
        pairs = list(_pairs(tags, making))
        if len(pairs) > _MOST_PAIRS:
            missing.append(f"{len(pairs) - _MOST_PAIRS} pairs of tags that conditions ask for were not tried together")
        found += [making.change(of, pair) for pair in pairs[:_MOST_PAIRS]]
    sessions = [tag for (of, _), tag in sorted(read.tags.items()) if of == IDENTITY]
    found += [making.session(tag, value) for tag in sessions for value in tag.tried() if value is not None]
    return found, tuple(missing)


def _pairs(tags: Sequence[Tag], making: _Making) -> Iterator[list[tuple[Tag, str | None]]]:
    """Values of two tags that could make a difference together: something about one permission reads both, or one lets
    the other be written.
    """
    lets = [any(map(one.matters, making.writing)) for one in tags]
    reads = [_Reads(one) for one in tags]
    for one_, other_ in combinations(range(len(tags)), 2):
        first, second = tags[one_], tags[other_]
        if lets[one_] or lets[other_] or reads[one_].meets(reads[other_]):
            for one, other in product(first.tried(), second.tried()):
                yield [(first, one), (second, other)]
                if lets[other_]:
                    yield [(second, other), (first, one)]


class _Reads:
    """The actions of the statements that read a tag, looked at once."""

    def __init__(self, tag: Tag) -> None:
        self._matters = tag.matters
        self._wide = any(not named or any("*" in each or "?" in each for each in named) for named, _ in tag.actions)
        self._named = frozenset(tag.named())
        services = [services_of(one) for one in tag.actions]
        told = [one for one in services if one is not None]
        self.services = frozenset().union(*told) if len(told) == len(services) else None

    def meets(self, other: _Reads) -> bool:
        """Whether statements that read one and the other can be about one permission."""
        return (self._wide and other._wide) or self._reads_of(other) or other._reads_of(self)

    def _reads_of(self, other: _Reads) -> bool:
        """Whether statements that read it can be about what those of another name."""
        services = self.services
        return any(
            self._matters(one) for one in other._named if services is None or one.partition(":")[0].lower() in services
        )


class _Making:
    """Makes changes.

    Args:
        carried: keys of tags that statements ask requests for, by their actions.
        kinds: of the estate's resources.
    """

    def __init__(self, carried: Mapping[Actions, Collection[str]], kinds: Sequence[str]) -> None:
        self._carried, self._keys = carried, dict[str, list[str]]()
        self._calls = {kind: _calls_of(kind) for kind in kinds} | {
            one: ((f"iam:Tag{one.title()}",), (f"iam:Untag{one.title()}",)) for one in (_USER, _ROLE)
        }
        self.writing = sorted({name for both in self._calls.values() for several in both for name in several})

    def change(self, of: str, several: Sequence[tuple[Tag, str | None]]) -> Change:
        """Tags put on, or taken away, one after the other."""
        given: dict[str, tuple[str, ...]] = {}
        writes = []
        for tag, value in several:
            # What was written before can be what lets somebody write this.
            writes.append(self._writes(of, tag, value, dict(given)))
            given |= dict.fromkeys(tag.keys(), () if value is None else (value,))
        tags = [tag for tag, _ in several]
        text = " and ".join(
            f"takes the tag {tag.name} from" if value is None else f"puts the tag {tag.name}={value} on"
            for tag, value in several
        )
        return Change(text, of, given, (), writes, _all_matter(tags, self.writing), partial(_whom, tags))

    def opened(self, of: str, tag: Tag) -> Change:
        """A tag put on with a value that is not known."""
        writes = [self._kinds(of, lambda names: self._put(names, tag, None))]
        return Change(f"puts the tag {tag.name} on", of, {}, tuple(tag.keys()), writes, tag.matters, tag.whom)

    def session(self, tag: Tag, value: str) -> Change:
        """A tag that whoever assumes a role gives its session."""
        calls = {f"aws:RequestTag/{tag.name}": (value,), "aws:TagKeys": (tag.name,)}
        writes = [{_ROLE: (Call(name, calls),)} for name in ("sts:AssumeRole", "sts:TagSession")]
        given = dict.fromkeys(tag.keys(), (value,))
        text = f"gives the tag {tag.name}={value} to a session of"
        return Change(text, SESSION, given, (), writes, tag.matters, tag.whom)

    def _writes(
        self, of: str, tag: Tag, value: str | None, before: Mapping[str, tuple[str, ...]]
    ) -> Mapping[str, Sequence[Call]]:
        def made(both: tuple[Sequence[str], Sequence[str]]) -> Sequence[Call]:
            calls = self._taken(both[1], tag) if value is None else self._put(both, tag, value)
            laid = tuple(Call(one.permission, {**before, **one.given}, one.open) for one in calls) if before else ()
            return (*calls, *laid)

        return self._kinds(of, made)

    def _kinds(
        self, of: str, made: Callable[[tuple[Sequence[str], Sequence[str]]], Sequence[Call]]
    ) -> Mapping[str, Sequence[Call]]:
        told = {kind: made(both) for kind, both in self._calls.items() if of == THING or kind in (_USER, _ROLE)}
        return {kind: calls for kind, calls in told.items() if calls}

    def _put(self, both: tuple[Sequence[str], Sequence[str]], tag: Tag, value: str | None) -> Sequence[Call]:
        return [one for name in both[0] for one in self._call(name, tag, value)]

    def _taken(self, names: Sequence[str], tag: Tag) -> Sequence[Call]:
        return [one for name in names for one in self._call(name, tag, None)]

    def _call(self, name: str, tag: Tag, value: str | None) -> Iterator[Call]:
        """One call with this tag alone; and with others that policies ask for besides."""
        known = catalog.action(name)
        carried = known.condition_keys if known is not None else frozenset()
        given = {f"aws:RequestTag/{tag.name}": (value,)} if value is not None and "aws:requesttag/" in carried else {}
        if "aws:tagkeys" not in carried or name in _REPLACING:
            yield Call(name, given)
            return
        if name not in self._keys:
            told = (keys for actions, keys in self._carried.items() if concerns(actions, name))
            self._keys[name] = sorted({key for keys in told for key in keys})
        others = [one for one in self._keys[name] if one.lower() != tag.name.lower()]
        besides = [(one,) for one in others[:_MOST_BESIDES]] + ([tuple(others)] if len(others) > 1 else [])
        for more in [(), *besides]:
            yield Call(name, {**given, "aws:TagKeys": (tag.name, *more)})


def _whom(tags: Sequence[Tag], permission: str) -> frozenset[str] | None:
    """Of whom one of some tags can decide a permission; None: of anybody."""
    several = [one.whom(permission) for one in tags]
    mine = [one for one in several if one is not None]
    return frozenset().union(*mine) if len(mine) == len(several) else None


def _all_matter(tags: Sequence[Tag], writing: Sequence[str]) -> Callable[[str], bool]:
    """Whether each of some tags can matter to a permission, or to writing the others."""
    if len(tags) == 1:
        return tags[0].matters
    idle = [any(map(one.matters, writing)) for one in tags]

    def matter(permission: str) -> bool:
        told = [one.matters(permission) for one in tags]
        return any(told) and all(one or other for one, other in zip(told, idle, strict=True))

    return matter


@lru_cache(maxsize=4096)
def _calls_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The calls that put tags on resources of a kind, and those that take them away."""
    prefix, _, type = kind.partition(":")
    service = catalog.service(prefix)
    put: list[str] = []
    taken: list[str] = []
    for name in service.action_names if service else ():
        action = catalog.action(f"{prefix}:{name}")
        if action is None or action.level != "Tagging":
            continue
        if not any(one.type.lower() == type.lower() for one in action.resource_types):
            continue
        if action.name in _REPLACING:
            put.append(action.name)
            taken.append(action.name)
        else:
            (taken if name.lower().startswith(_REMOVING) else put).append(action.name)
    return tuple(put), tuple(taken)
