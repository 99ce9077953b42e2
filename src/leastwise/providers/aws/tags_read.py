"""What the conditions of an estate ask of tags: of resources, of users and roles; which values matter, of whom."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.shadows import IDENTITY, THING
from leastwise.providers.base import ScopeTables
from leastwise.providers.tabled import rows_of

from . import catalog
from .evaluate.policy import action_pattern

_KEY = re.compile(r"([^:]+):(principaltag|resourcetag)/(.+)\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{\s*([^:{}]+):(principaltag|resourcetag)/([^},]*?)\s*(?:,[^}]*)?\}", re.IGNORECASE)
_COMPARES = ("string", "bool", "null", "arn")
_OF = {"principaltag": IDENTITY, "resourcetag": THING}
MOST_VALUES = 6
"""So many values of a tag are tried by themselves."""
Actions = tuple[tuple[str, ...], tuple[str, ...]]
"""Action and NotAction of a statement."""


@dataclass
class Tag:
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
                self.services = {one: services_of(one) for one in self.actions}
            service = permission.partition(":")[0].lower()
            mine = (one for one, services in self.services.items() if services is None or service in services)
            self.asked[permission] = [one for one in mine if concerns(one, permission)]
        return self.asked[permission]

    def named(self) -> Iterator[str]:
        """The actions that statements that read it name by themselves."""
        return (each for named, _ in self.actions for each in named if "*" not in each and "?" not in each)

    def tried(self) -> list[str | None]:
        """The values that are tried; None: the tag is taken away."""
        values: list[str | None] = [*sorted(self.values)[:MOST_VALUES]]
        if self.besides:
            values += ["another" if "another" not in self.values else "yet-another", None]
        return values

    def keys(self) -> list[str]:
        """The condition keys of it."""
        return [f"{prefix}{self.name}" for prefix in sorted(self.prefixes)]


class Read:
    """The tags that the conditions of an estate read.

    Args:
        scopes: of the estate.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self._scopes = scopes
        self.tags: dict[tuple[str, str], Tag] = {}
        self._of: frozenset[str] | None = frozenset()
        self.together: list[tuple[tuple[str, str], ...]] = []
        self.carried: dict[Actions, set[str]] = defaultdict(set)
        self._compared: dict[tuple[tuple[str, str], tuple[str, str]], None] = {}
        for one in scopes:
            self._scope(one)
        self._share()

    def _share(self) -> None:
        """What conditions name of a tag is tried of each that is held against it, too: one nobody read may be that."""
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
    def _value(tag: Tag, operator: str, value: str) -> None:
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
        tag = self.tags.setdefault(key, Tag(name))
        word = "aws:PrincipalTag/" if key[0] == IDENTITY else f"{prefix.lower()}:ResourceTag/"
        tag.prefixes |= {word, "aws:PrincipalTag/" if key[0] == IDENTITY else "aws:ResourceTag/"}
        tag.prefixes = {one for one in tag.prefixes if catalog.condition_key(f"{one}x") is not None}
        known = tag.actions.get(actions, frozenset())
        tag.actions[actions] = None if self._of is None or known is None else known | self._of
        return key


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


def concerns(actions: Actions, permission: str) -> bool:
    """Whether a statement is about a permission."""
    named, others = actions
    return (
        any(_matches(one, permission) for one in named)
        if named
        else not any(_matches(one, permission) for one in others)
    )


def services_of(actions: Actions) -> frozenset[str] | None:
    """The services that a statement can be about; None for any."""
    named, others = actions
    found = frozenset(one.partition(":")[0].lower() for one in named)
    return None if others or any("*" in one for one in found) else found


@lru_cache(maxsize=65536)
def _matches(text: str, permission: str) -> bool:
    return action_pattern(text).matches(permission)
