"""Tags that somebody can write, so that conditions on them hold or fail: on resources, on users and roles, on sessions.

Of each tag that a condition asks for those values are tried that conditions name, another one and none; with a variable
in place of a value what the estate's own tags have. Of more values than a few, or where a variable can be anything, the
tag is left open, and what follows is CONDITIONAL. Which call writes a tag is what the catalogue says of a kind of
resource; whoever makes it may be bound to keys and values by `aws:TagKeys` and `aws:RequestTag`, so both are asked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import combinations, product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.shadows import IDENTITY, SESSION, THING, Call, Change
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

from . import catalog
from .evaluate.policy import action_pattern

_KEY = re.compile(r"([^:]+):(principaltag|resourcetag)/(.+)\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{\s*([^:{}]+):(principaltag|resourcetag)/([^},]*?)\s*(?:,[^}]*)?\}", re.IGNORECASE)
_COMPARES = ("string", "bool", "null", "arn")
_MOST_VALUES, _MOST_PAIRS = 6, 24
"""So many values of a tag are tried by themselves, and so many pairs of values of two tags together."""
_MOST_BESIDES = 4
"""So many keys that policies ask a request for are carried one by one beside a tag; all of them together always."""
_OF = {"principaltag": IDENTITY, "resourcetag": THING}
_REMOVING = ("untag", "removetags", "deletetags")
_REPLACING = ("s3:PutBucketTagging",)
"""Calls that put all tags of a thing in place of those that it has."""
_USER, _ROLE = "user", "role"
Actions = tuple[tuple[str, ...], tuple[str, ...]]
"""Action and NotAction of a statement."""


@dataclass
class _Tag:
    """What conditions ask of one tag.

    Args:
        name: as it was met first.
        prefixes: of the condition keys that name it.
        values: that could make a difference.
        besides: so could another value, or none.
        open: so could values that are not known.
        placed: it stands in the place of a part of an ARN, which could be anything.
        actions: of the statements that read it, with whose policies these are of; None: of what is about anybody.
    """

    name: str
    prefixes: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    besides: bool = False
    open: bool = False
    placed: bool = False
    actions: dict[Actions, frozenset[str] | None] = field(default_factory=dict)
    asked: dict[str, list[Actions]] = field(default_factory=dict)
    services: dict[Actions, frozenset[str] | None] = field(default_factory=dict)

    def matters(self, permission: str) -> bool:
        """Whether a statement about a permission reads the tag."""
        return bool(self._about(permission))

    def whom(self, permission: str) -> frozenset[str] | None:
        """Whose statements about a permission read the tag; None: some that are about anybody."""
        several = [self.actions[one] for one in self._about(permission)]
        mine = [one for one in several if one is not None]
        return frozenset().union(*mine) if len(mine) == len(several) else None

    def _about(self, permission: str) -> list[Actions]:
        if permission not in self.asked:
            if len(self.services) < len(self.actions):
                self.services = {one: _services(one) for one in self.actions}
            service = permission.partition(":")[0].lower()
            mine = (one for one, services in self.services.items() if services is None or service in services)
            self.asked[permission] = [one for one in mine if _concerns(one, permission)]
        return self.asked[permission]

    def named(self) -> Iterator[str]:
        """The actions that statements that read it name by themselves."""
        return (each for named, _ in self.actions for each in named if "*" not in each and "?" not in each)

    def tried(self) -> list[str | None]:
        """The values that are tried; None: the tag is taken away."""
        values: list[str | None] = [*sorted(self.values)[:_MOST_VALUES]]
        if self.besides:
            values += ["another" if "another" not in self.values else "yet-another", None]
        return values

    def keys(self) -> list[str]:
        """The condition keys of it."""
        return [f"{prefix}{self.name}" for prefix in sorted(self.prefixes)]


class _Read:
    """The tags that the conditions of an estate read.

    Args:
        scopes: of the estate.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self._scopes = scopes
        self.tags: dict[tuple[str, str], _Tag] = {}
        self._of: frozenset[str] | None = frozenset()
        self.together: list[tuple[tuple[str, str], ...]] = []
        self.carried: dict[Actions, set[str]] = defaultdict(set)
        self._compared: dict[tuple[tuple[str, str], tuple[str, str]], None] = {}
        for one in scopes:
            self._scope(one)
        self._share()

    def _share(self) -> None:
        """What a condition names of a tag is tried of each that is held against it, too: tags nobody read may be that."""
        fresh = True
        while fresh:
            fresh = False
            for one, other in self._compared:
                both = self.tags[one].values | self.tags[other].values
                fresh = fresh or not both == self.tags[one].values == self.tags[other].values
                self.tags[one].values, self.tags[other].values = set(both), set(both)

    def _scope(self, scope: ScopeTables) -> None:
        names = ("document", "effect", "actions", "not_actions", "resources", "not_resources", "condition")
        scope = _tagged(scope)
        holders: Mapping[int, set[str] | None] | None = None
        for document, effect, actions, others, resources, rest, condition in rows_of([scope], "statements", *names):
            texts = (*(resources or ()), *(rest or ()))
            joined = f"{condition or ''} {' '.join(one for one in texts if '${' in one)}".lower()
            if "aws:tagkeys" in joined or "aws:requesttag/" in joined:
                asks = tuple(actions or ()), tuple(others or ())
                self.carried[asks] |= set(_carried(json.loads(condition or "{}")))
            if "resourcetag/" in joined or "principaltag/" in joined:
                holders = _holders(scope) if holders is None else holders
                read = tuple(actions or ()), tuple(others or ())
                mine = holders.get(document, set())
                self._of = None if mine is None else frozenset(mine)
                if mine is None or mine:
                    self._statement(effect == "Deny", read, texts, json.loads(condition or "{}"))

    @cached_property
    def _own(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The values that tags have, of things and of identities."""
        return {of: _known(self._scopes, of) for of in (THING, IDENTITY)}

    def _statement(
        self, denies: bool, actions: Actions, resources: Sequence[str], condition: Mapping[str, Any]
    ) -> None:
        named: dict[tuple[str, str], None] = {}
        for text in resources:
            for one in self._variables(text, actions):
                # Of what a place in an ARN can be, what others carry is tried.
                self.tags[one].values |= self._own[IDENTITY].get(one[1], frozenset())
                self.tags[one].placed = True
                named[one] = None
        for operator, tests in condition.items():
            for key, told in tests.items():
                values = [str(one) for one in (told if isinstance(told, list) else [told])]
                for one in self._test(denies, actions, operator.lower(), key, values):
                    named[one] = None
        if len(named) > 1:
            self.together.append(tuple(named))

    def _test(
        self, denies: bool, actions: Actions, operator: str, key: str, values: Sequence[str]
    ) -> Iterator[tuple[str, str]]:
        found = _KEY.match(key)
        own = found and self._tag(found[1], found[2], found[3], actions)
        if own:
            tag = self.tags[own]
            tag.besides |= denies or "not" in operator or "null" in operator or "ifexists" in operator
            tag.open |= not any(one in operator for one in _COMPARES)
            yield own
        for value in values:
            several = list(self._variables(value, actions))
            yield from several
            for one in several:
                # What a variable stands for is one of the estate's tags, where it is held against one.
                self.tags[one].besides |= bool(own and self.tags[own].besides)
                if own and value.startswith("${") and value.count("${") == 1 and value.endswith("}"):
                    self.tags[one].values |= self._own[own[0]].get(own[1], frozenset())
                    self.tags[own].values |= self._own[one[0]].get(one[1], frozenset())
                    self._compared[own, one] = None
                else:
                    self.tags[one].open = True
            if own and not several:
                self._value(self.tags[own], operator, value)

    @staticmethod
    def _value(tag: _Tag, operator: str, value: str) -> None:
        if "${" in value:
            tag.open = True
        elif "null" not in operator:
            wild = "like" in operator or "arn" in operator
            tag.values.add(value.replace("*", "").replace("?", "x") if wild else value)

    def _variables(self, text: str, actions: Actions) -> Iterator[tuple[str, str]]:
        for prefix, kind, name in _VARIABLE.findall(text):
            yield self._tag(prefix, kind, name, actions)

    def _tag(self, prefix: str, kind: str, name: str, actions: Actions) -> tuple[str, str]:
        key = _OF[kind.lower()], name.lower()
        tag = self.tags.setdefault(key, _Tag(name))
        word = "aws:PrincipalTag/" if key[0] == IDENTITY else f"{prefix.lower()}:ResourceTag/"
        tag.prefixes |= {word, "aws:PrincipalTag/" if key[0] == IDENTITY else "aws:ResourceTag/"}
        tag.prefixes = {one for one in tag.prefixes if catalog.condition_key(f"{one}x") is not None}
        known = tag.actions.get(actions, frozenset())
        tag.actions[actions] = None if self._of is None or known is None else known | self._of
        return key


def changes(scopes: Sequence[ScopeTables]) -> tuple[list[Change], tuple[str, ...]]:
    """The changes of tags that could make a difference in an estate; and what was not tried."""
    read = _Read(scopes)
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
            if tag.open or len(tag.values) > _MOST_VALUES:
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


def _pairs(tags: Sequence[_Tag], making: _Making) -> Iterator[list[tuple[_Tag, str | None]]]:
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

    def __init__(self, tag: _Tag) -> None:
        self._matters = tag.matters
        self._wide = any(not named or any("*" in each or "?" in each for each in named) for named, _ in tag.actions)
        self._named = frozenset(tag.named())
        services = [_services(one) for one in tag.actions]
        told = [one for one in services if one is not None]
        self._services = frozenset().union(*told) if len(told) == len(services) else None

    def meets(self, other: _Reads) -> bool:
        """Whether statements that read one and the other can be about one permission."""
        return (self._wide and other._wide) or self._reads_of(other) or other._reads_of(self)

    def _reads_of(self, other: _Reads) -> bool:
        """Whether statements that read it can be about what those of another name."""
        services = self._services
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

    def change(self, of: str, several: Sequence[tuple[_Tag, str | None]]) -> Change:
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

    def opened(self, of: str, tag: _Tag) -> Change:
        """A tag put on with a value that is not known."""
        writes = [self._kinds(of, lambda names: self._put(names, tag, None))]
        return Change(f"puts the tag {tag.name} on", of, {}, tuple(tag.keys()), writes, tag.matters, tag.whom)

    def session(self, tag: _Tag, value: str) -> Change:
        """A tag that whoever assumes a role gives its session."""
        calls = {f"aws:RequestTag/{tag.name}": (value,), "aws:TagKeys": (tag.name,)}
        writes = [{_ROLE: (Call(name, calls),)} for name in ("sts:AssumeRole", "sts:TagSession")]
        given = dict.fromkeys(tag.keys(), (value,))
        text = f"gives the tag {tag.name}={value} to a session of"
        return Change(text, SESSION, given, (), writes, tag.matters, tag.whom)

    def _writes(
        self, of: str, tag: _Tag, value: str | None, before: Mapping[str, tuple[str, ...]]
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

    def _put(self, both: tuple[Sequence[str], Sequence[str]], tag: _Tag, value: str | None) -> Sequence[Call]:
        return [one for name in both[0] for one in self._call(name, tag, value)]

    def _taken(self, names: Sequence[str], tag: _Tag) -> Sequence[Call]:
        return [one for name in names for one in self._call(name, tag, None)]

    def _call(self, name: str, tag: _Tag, value: str | None) -> Iterator[Call]:
        """One call with this tag alone; and with others that policies ask for besides."""
        known = catalog.action(name)
        carried = known.condition_keys if known is not None else frozenset()
        given = {f"aws:RequestTag/{tag.name}": (value,)} if value is not None and "aws:requesttag/" in carried else {}
        if "aws:tagkeys" not in carried or name in _REPLACING:
            yield Call(name, given)
            return
        if name not in self._keys:
            told = (keys for actions, keys in self._carried.items() if _concerns(actions, name))
            self._keys[name] = sorted({key for keys in told for key in keys})
        others = [one for one in self._keys[name] if one.lower() != tag.name.lower()]
        besides = [(one,) for one in others[:_MOST_BESIDES]] + ([tuple(others)] if len(others) > 1 else [])
        for more in [(), *besides]:
            yield Call(name, {**given, "aws:TagKeys": (tag.name, *more)})


def _carried(condition: Mapping[str, Any]) -> Iterator[str]:
    """The keys of tags that a condition asks a request for."""
    for tests in condition.values():
        for key, told in tests.items():
            prefix, _, name = key.partition("/")
            if prefix.lower() == "aws:requesttag":
                yield name
            elif key.lower() == "aws:tagkeys":
                values = [str(one) for one in (told if isinstance(told, list) else [told])]
                yield from (one for one in values if not any(sign in one for sign in "*?$"))


def _whom(tags: Sequence[_Tag], permission: str) -> frozenset[str] | None:
    """Of whom one of some tags can decide a permission; None: of anybody."""
    several = [one.whom(permission) for one in tags]
    mine = [one for one in several if one is not None]
    return frozenset().union(*mine) if len(mine) == len(several) else None


def _all_matter(tags: Sequence[_Tag], writing: Sequence[str]) -> Callable[[str], bool]:
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


def _tagged(scope: ScopeTables) -> ScopeTables:
    """A scope with those statements alone that say something of tags, and what is attached of their documents."""
    if "statements" not in scope.tables or "attachments" not in scope.tables:
        return replace(scope, tables={})
    statements, attachments = plain(scope.tables["statements"]), plain(scope.tables["attachments"])
    mask = np.array(pc.fill_null(_says_tag(statements["condition"]), False))
    for name in ("resources", "not_resources"):
        several = statements[name].combine_chunks()
        rows = pc.list_parent_indices(several).filter(_says_tag(pc.list_flatten(several)))
        mask[np.array(rows, np.int64)] = True
    statements = statements.filter(pa.array(mask))
    attachments = attachments.filter(
        pc.is_in(attachments["document"], value_set=statements["document"].combine_chunks())
    )
    return replace(scope, tables={**scope.tables, "statements": statements, "attachments": attachments})


def _says_tag(texts: Any) -> Any:
    return pc.match_substring_regex(texts, "tag(/|keys)", ignore_case=True)


def _holders(scope: ScopeTables) -> Mapping[int, set[str] | None]:
    """By document whose policy or boundary it is; None for what is about anybody."""
    members: dict[str, list[str]] = defaultdict(list)
    for member, group in rows_of([scope], "memberships", "member", "group"):
        members[group].append(member)
    found: dict[int, set[str] | None] = {}
    for layer, target, document in rows_of([scope], "attachments", "layer", "target", "document"):
        if document is None:
            continue
        known = found.setdefault(document, set())
        if layer not in ("identity", "boundary"):
            found[document] = None
        elif known is not None:
            known |= {target, *members[target]}
    return found


def _known(scopes: Sequence[ScopeTables], of: str) -> Mapping[str, frozenset[str]]:
    """The values that each tag has in the estate, by its key in lower case; users and roles are things, too."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in ("principals", "resources") if of == THING else ("principals",):
        for (tags,) in rows_of(scopes, table, "tags"):
            for key, value in tags or ():
                found[key.lower()].add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _concerns(actions: Actions, permission: str) -> bool:
    named, others = actions
    return (
        any(_matches(one, permission) for one in named)
        if named
        else not any(_matches(one, permission) for one in others)
    )


def _services(actions: Actions) -> frozenset[str] | None:
    """The services that a statement can be about; None for any."""
    named, others = actions
    found = frozenset(one.partition(":")[0].lower() for one in named)
    return None if others or any("*" in one for one in found) else found


@lru_cache(maxsize=65536)
def _matches(text: str, permission: str) -> bool:
    return action_pattern(text).matches(permission)
