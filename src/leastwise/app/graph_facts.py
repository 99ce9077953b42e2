"""What the tables of an estate tell of its graph besides access: whose a principal is, its name, what was asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leastwise.model.scope import CoverageStatus

if TYPE_CHECKING:
    from leastwise.graph.nodes import Told
    from leastwise.providers.base import ScopeTables

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "name", "kind"),
    "resources": ("id", "kind", "account", "name", "tags"),
    "scopes": ("id",),
    "runs_as": ("subject", "object", "kind"),
    "memberships": ("member", "group"),
    "attachments": ("layer", "kind", "policy", "target"),
    "coverage": ("service", "call", "status"),
}
"""Columns that this and what hangs together (`graph.links`) are read from."""


class GraphFacts:
    """The facts of some scopes of one provider and its directories.

    Args:
        scopes: as the estate has them, without shadows.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self._accounts: dict[str, str] = {}
        self._natives: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._named: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, str] = {}
        self._resources: dict[str, str] = {}
        self._lies_in: dict[str, str] = {}
        self._things: dict[str, list[str]] = defaultdict(list)
        self._tags: dict[str, Mapping[str, str]] = {}
        self._tagged: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._providers: dict[str, str] = {}
        self._calls: dict[str, dict[str, set[str]]] = {}
        for one in scopes:
            for id, account, native, name, kind in _rows(one, "principals", "id", "account", "native", "name", "kind"):
                self._named[name].append(id)
                if name and name.lower() not in id.lower():
                    self._names[id] = name
                # A scope that only names a principal of another does not know what it is.
                if kind == "external" and id in self._accounts:
                    continue
                self._accounts[id], self._natives[id], self._kinds[id] = account, native, kind
                self._providers[id] = one.provider
            for id, kind, account, name in _rows(one, "resources", "id", "kind", "account", "name"):
                self._resources[id], self._providers[id] = kind, one.provider
                self._lies_in[id] = account
                self._things[name].append(id)
                self._things[f"{account}.{name}"].append(id)
            for id, tags in _rows(one, "resources", "id", "tags"):
                if tags:
                    self._tags[id] = dict(tags)
                for key, value in tags or ():
                    self._tagged[key, value].append(id)
            calls: dict[str, set[str]] = defaultdict(set)
            for service, call, status in _rows(one, "coverage", "service", "call", "status"):
                calls[f"{service}.{call}"].add(status)
            # Where accounts lie in a tree that is read at once, what was asked was asked of all of them.
            below = () if one.kind == "account" else (id for (id,) in _rows(one, "scopes", "id"))
            for account in (one.id, *below):
                self._calls.setdefault(account, {}).update(calls)

    def told(self) -> Told:
        """What gates are built with."""
        from leastwise.graph.nodes import Told

        return Told(self.account, lambda id: self._natives.get(id, ""), self.unlisted)

    def account(self, id: str) -> str:
        """The account of a principal; none where it is not of the estate."""
        return self._accounts.get(id, "")

    def lies_in(self, id: str) -> str:
        """The account of a principal or resource; none where it is not of the estate."""
        return self._accounts.get(id) or self._lies_in.get(id, "")

    def known(self, id: str) -> bool:
        """Whether a principal or resource of the estate has an id."""
        return id in self._natives or id in self._resources

    def principals(self) -> Mapping[str, str]:
        """The kind of each principal."""
        return self._kinds

    def resources(self) -> Collection[str]:
        """The ids of all resources."""
        return self._resources.keys()

    def kind(self, id: str) -> str:
        """The kind of a resource or principal; none where it is not of the estate."""
        return self._resources.get(id) or self._kinds.get(id, "")

    def things(self, name: str) -> list[str]:
        """The resources of a name, or of an account and a name, as in `ACCOUNT.NAME`."""
        return sorted(set(self._things.get(name, ())))

    def tags(self, id: str) -> Mapping[str, str]:
        """The tags of a resource."""
        return self._tags.get(id, {})

    def tagged(self, key: str, value: str) -> list[str]:
        """The resources that carry a tag."""
        return sorted(set(self._tagged.get((key, value), ())))

    def provider(self, id: str) -> str:
        """Of whose scope a principal or resource is told; empty where scopes do not say."""
        return self._providers.get(id, "")

    def name(self, id: str) -> str:
        """The name of a principal whose id does not hold it; else empty."""
        return self._names.get(id, "")

    def named(self, name: str) -> list[str]:
        """The principals of a name, by id."""
        return sorted(set(self._named.get(name, ())))

    def unlisted(self, calls: Sequence[str]) -> frozenset[str]:
        """The accounts in which there may be more than is known of what some calls list: the first was not made, or one
        of them did not end well. All, where no call lists it.
        """
        return frozenset(account for account, made in self._calls.items() if not calls or not _whole(calls, made))


def _whole(calls: Sequence[str], made: Mapping[str, Collection[str]]) -> bool:
    ended = {status for call in calls for status in made.get(call, ())}
    return calls[0] in made and ended <= {CoverageStatus.OK}


def _rows(one: ScopeTables, name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    from leastwise.engine.columns import plain

    if name in one.tables:
        part = plain(one.tables[name].select(columns))
        yield from zip(*(part[column].to_pylist() for column in columns), strict=True)
