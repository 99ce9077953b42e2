"""Bindings that a tag turns on: what the tag could be bound to, and what one then has there.

https://cloud.google.com/iam/docs/tags-access-control, https://cloud.google.com/resource-manager/docs/tags/tags-overview
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from leastwise.model.decision import State
from leastwise.providers.conditions import ConditionError

from ..catalog import current
from ..language.cel import And, Call, Choice, Const, Name, Node, Not, Or, parse_condition
from ..language.resources import scope
from .granting import Grant
from .names import HOLDER, named

if TYPE_CHECKING:
    from .shading import Shading

_KEY, _VALUE = "cloudresourcemanager:tagkey", "cloudresourcemanager:tagvalue"
_FUNCTIONS = {"matchTag": 2, "matchTagId": 2, "hasTagKey": 1, "hasTagKeyId": 1}
_KINDS = (
    "artifactregistry:repository", "bigquery:dataset", "bigquery:table", "cloudkms:keyring", "compute:instance",
    "iam:serviceaccount", "pubsub:subscription", "pubsub:topic", "run:job", "run:service", "secretmanager:secret",
    "storage:bucket", "workflows:workflow",
)  # fmt: skip
"""Resources that tags can be bound to and that lead somewhere; the rule names the permission of each."""
_MOST = 1000
"""Places below one binding that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that a condition asks for: key and value, by their names or ids; no value where any will do."""

    key: str
    value: str = ""

    @property
    def name(self) -> str:
        """As people know it."""
        return f"{self.key}/{self.value}" if self.value else self.key


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the bindings lead to, in the words of `Ties`."""

    pairs: Mapping[str, list[tuple[str, str]]] = field(default_factory=lambda: {"tag": [], "resource tag": []})
    beside: Mapping[str, dict[str, str]] = field(
        default_factory=lambda: {"tag": {}, "tag key": {}, "tag owner": {}, "place": {}}
    )
    so: dict[str, State] = field(default_factory=dict)


class Tagging:
    """Follows bindings whose conditions ask for tags.

    Args:
        shading: the estate.
        custom: the permissions of each custom role.
    """

    def __init__(self, shading: Shading, custom: Mapping[str, frozenset[str]]) -> None:
        self._shading, self._trees, self._custom = shading, shading.trees, custom
        self.found = Bindings()

    def follow(self, target: str, account: str, grant: Grant, expression: str) -> None:
        """A binding: who is named by it, and may bind a tag that turns it on, has what it gives."""
        try:
            condition = parse_condition(expression)
        except ConditionError:
            return  # the evaluator says UNKNOWN of such a binding, whatever tags there are
        for tag in dict.fromkeys(_tags(condition)):
            when = _with(condition, tag)
            if when is not False:
                self._turned_on(target, account, grant, tag, State.ALLOWED if when else State.CONDITIONAL)

    def _turned_on(self, target: str, account: str, grant: Grant, tag: Tag, state: State) -> None:
        besides = list(self._besides(tag, target))
        places, more = self._places(target, grant.role)
        for value, key, owner, known in besides:
            thing = self._shading.hold([Grant(HOLDER, grant.members)], account)
            self.found.so[thing] = state if known else State.UNKNOWN
            for word, id in (("tag", value), ("tag key", key), ("tag owner", owner)):
                self.found.beside[word][thing] = id
            for kind, place, of in places:
                self.found.pairs[kind].append((thing, self._somebody(grant.role, tag, place, of)))
            if more:
                rest = self._shading.hold([Grant(HOLDER, grant.members)], account)
                self.found.so[rest] = State.UNKNOWN
                for word in ("tag", "tag key", "tag owner"):
                    self.found.beside[word][rest] = self.found.beside[word][thing]
                self.found.pairs["resource tag"].append((rest, self._somebody(grant.role, tag, target, account)))

    def _somebody(self, role: str, tag: Tag, place: str, account: str) -> str:
        """Whoever has a role on a place because the tag is there."""
        told = f"whoever holds {role} on {place}, the tag {tag.name} set"
        who = self._shading.somebody(f"tagged/{role}/{tag.name}", named(place), told)
        if who not in self.found.beside["place"]:
            self.found.beside["place"][who] = named(place)
            self._shading.grant(place, Grant(role, (who,)), account)
        return who

    # --- where

    def _places(self, target: str, role: str) -> tuple[list[tuple[str, str, str]], bool]:
        """What a tag could be bound to, so that a binding gives something there, and whether there is more of it."""
        if target not in self._trees.containers:
            return [("resource tag", target, "")], False
        found = list(islice(self._below(target, role), _MOST + 1))
        return [("tag", target, target), *found[:_MOST]], len(found) > _MOST

    def _below(self, target: str, role: str) -> Iterator[tuple[str, str, str]]:
        services = self._services(role)
        waiting, seen = [target], {target}
        while waiting:
            container = waiting.pop()
            for id in self._children.get(container, ()):
                if id not in seen:
                    seen.add(id)
                    waiting.append(id)
                    yield "tag", id, id
            for id, service in self._taggable.get(container, ()):
                if services is None or service in services:
                    yield "resource tag", id, container

    def _services(self, role: str) -> frozenset[str] | None:
        """The services of a role's permissions; None where these are not known."""
        permissions = self._custom.get(role)
        if permissions is None:
            permissions = current().permissions_of(role)
        return None if permissions is None else frozenset(one.partition(".")[0] for one in permissions)

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for id, row in self._trees.containers.items():
            if row["parent"]:
                found[row["parent"]].append(id)
        return found

    @cached_property
    def _taggable(self) -> Mapping[str, list[tuple[str, str]]]:
        """Resources that tags can be bound to, with their service, by their account."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for number, granting in enumerate(self._shading.granting):
            for account, id, kind in granting.rows("resources", "account", "id", "kind"):
                if kind in _KINDS and self._trees.speaks(number, account):
                    found[account].append((id, kind.partition(":")[0]))
        return found

    # --- which tags there are

    def _besides(self, tag: Tag, target: str) -> Iterator[tuple[str, str, str, bool]]:
        """Value, key and owner of a tag, each as the resource that it is; and whether any of them is known."""
        key = self._names.get(tag.key, tag.key)
        owner = self._owners.get(key.partition("/")[0], "")
        wanted = [f"{key}/{tag.value}", tag.value] if tag.value else self._of_key.get(key, [])
        values = list(dict.fromkeys(self._ids[one] for one in wanted if one in self._ids))
        known = bool(owner or values or key in self._ids)
        for value in values or [""]:
            # Tags of a container that is not known are those of something above: no one here knows who may use them.
            yield value, self._ids.get(key, ""), owner if known else named(self._top(target)), known

    def _top(self, target: str) -> str:
        container = target
        if container not in self._trees.containers:
            accounts = (
                account for granting in self._shading.granting
                for account, id in granting.rows("resources", "account", "id") if id == target
            )  # fmt: skip
            container = next(accounts, "")
        seen: list[str] = []
        while container in self._trees.containers and container not in seen:
            seen.append(container)
            container = self._trees.containers[container]["parent"] or ""
        return seen[-1] if seen else target

    @cached_property
    def _told(self) -> list[tuple[str, str, str, str]]:
        """Resource, kind, name and key of each tag key and value that is a resource."""
        return [
            (id, kind, name, dict(details or ()).get("key", ""))
            for granting in self._shading.granting
            for id, kind, name, details in granting.rows("resources", "id", "kind", "name", "details")
            if kind in (_KEY, _VALUE)
        ]

    @cached_property
    def _ids(self) -> Mapping[str, str]:
        """The resource of keys and values, by id and by name with what stands before it."""
        found = {}
        for id, _, name, _ in self._told:
            found[id.removeprefix(scope(""))] = found[name] = id
        return found

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The names of keys by their ids: as keys were told, and as tags that are bound tell them."""
        found = {}
        for granting in self._shading.granting:
            for table in ("scopes", "resources"):
                for (ids,) in granting.rows(table, "tag_ids"):
                    for key, both in ids or ():
                        found[both.rpartition("/tagValues/")[0]] = key
        return found | {id.removeprefix(scope("")): name for id, kind, name, _ in self._told if kind == _KEY}

    @cached_property
    def _of_key(self) -> Mapping[str, list[str]]:
        """The values of each key, by its name."""
        found: dict[str, list[str]] = defaultdict(list)
        for id, kind, name, key in self._told:
            if kind == _VALUE:
                found[self._names.get(key, name.rpartition("/")[0])].append(id.removeprefix(scope("")))
        return found

    @cached_property
    def _owners(self) -> Mapping[str, str]:
        """The containers that keys can be of, by what stands before their names."""
        found = {}
        for id in self._trees.containers:
            number = None if "/" in id else self._trees.projects.number(id)
            found[id.removeprefix("organizations/")] = named(id)
            if number:
                found[number] = named(id)
        return found


def _tags(node: Node) -> Iterator[Tag]:
    """The tags that a condition asks for."""
    found = _tag(node)
    if found is not None:
        yield found
        return
    for one in _parts(node):
        yield from _tags(one)


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, And | Or):
        return node.left, node.right
    if isinstance(node, Not):
        return (node.part,)
    if isinstance(node, Choice):
        return node.test, node.then, node.other
    return node.args if isinstance(node, Call) else ()


def _tag(node: Node) -> Tag | None:
    if not isinstance(node, Call) or node.target != Name("resource") or len(node.args) != _FUNCTIONS.get(node.function):
        return None
    texts = [one.value for one in node.args if isinstance(one, Const) and isinstance(one.value, str)]
    return Tag(*texts) if len(texts) == len(node.args) else None


def _with(node: Node, tag: Tag) -> bool | None:
    """Whether a condition is true with a tag, whatever else; None where that decides."""
    if _tag(node) == tag:
        return True
    if isinstance(node, Not):
        inner = _with(node.part, tag)
        return None if inner is None else not inner
    if isinstance(node, And | Or):
        decides = isinstance(node, Or)
        sides = {_with(node.left, tag), _with(node.right, tag)}
        return decides if decides in sides else None if None in sides else not decides
    return None
