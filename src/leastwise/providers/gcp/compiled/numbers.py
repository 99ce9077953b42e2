"""Permissions by number, and as sets what roles hold, deny rules name and boundaries can block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from pyroaring import BitMap

from leastwise.engine.formula import Formula

from .. import catalog
from ..evaluate.boundary import can_block, enforcement
from ..evaluate.deny import names
from ..evaluate.directions import permissions_of
from ..evaluate.request import Request
from ..language.members import Kind, Member
from ..language.names import canonical, permission_pattern, written
from ..language.policies import DenyRule
from ..language.roles import without_condition
from .estate import Compiled

Named = tuple[tuple[BitMap, Formula], ...]
"""Sets of permissions that have nothing in common, each with when something is about them; of others it never is."""
NOBODY = Member(Kind.EVERYONE, text="allUsers")
"""Who asks where that does not matter."""


class Numbers:
    """The permissions of the catalogue and of roles that were read, numbered in the order of their names."""

    def __init__(self, held: Compiled) -> None:
        self._held = held
        self._roles: dict[str, BitMap | None] = {}
        self._rules: dict[DenyRule, Named] = {}
        self._blocked: dict[int, Named] = {}

    @cached_property
    def names(self) -> list[str]:
        """Every permission as a user sees it, sorted."""
        return sorted({*catalog.current().permissions, *map(written, self._held.permissions)})

    @cached_property
    def canonical(self) -> list[str]:
        """The canonical spelling of each."""
        return [canonical(name) for name in self.names]

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.canonical)}

    @cached_property
    def all(self) -> BitMap:
        """Every number."""
        return BitMap(range(len(self.names)))

    @cached_property
    def by_host(self) -> Mapping[str, BitMap]:
        """The permissions of each service."""
        found: dict[str, list[int]] = {}
        for number, name in enumerate(self.canonical):
            found.setdefault(name.partition("/")[0], []).append(number)
        return {host: BitMap(numbers) for host, numbers in found.items()}

    def of(self, permissions: Iterable[str]) -> BitMap:
        """The numbers of permissions in their canonical spelling."""
        return BitMap([self._places[one] for one in permissions])

    def known(self, permissions: Iterable[str]) -> BitMap:
        """The numbers of those of some permissions, in their canonical spelling, that there are."""
        return BitMap([self._places[one] for one in permissions if one in self._places])

    def asked(self, resource: str = "") -> Request:
        """A question that nobody asks, about a place and what lies below it."""
        return Request(self._held.estate, NOBODY, "", resource, below=True)

    def role(self, name: str) -> BitMap | None:
        """What a role holds, nothing for one that gives nothing; None where that is not known."""
        if name not in self._roles:
            known = permissions_of(self.asked(), without_condition(name) or name)
            self._roles[name] = None if known is None else self.of(known)
        return self._roles[name]

    def named(self, rule: DenyRule) -> Named:
        """The permissions that a deny rule names and does not except, or may."""
        if rule not in self._rules:
            texts = (*rule.permissions, *rule.excepted)
            patterns = [(text, permission_pattern(text)) for text in texts]
            hosts = {text.partition("/")[0] for text in texts} | {one.host for _, one in patterns if one is not None}
            anything = any(one is None and "/" not in text for text, one in patterns)
            among = self.all if anything else self._of_hosts(hosts)
            asked = self.asked()
            told = ((number, names(replace(asked, permission=self.canonical[number]), rule)) for number in among)
            self._rules[rule] = _gathered(told)
        return self._rules[rule]

    def blocked(self, version: int) -> Named:
        """The permissions that boundaries of an enforcement version can block, or may."""
        if version not in self._blocked:
            known = enforcement()
            hosts = {one.host for can, _ in known.versions.values() for one in can}
            among = self.all if version > max(known.versions) else self._of_hosts(hosts)
            told = ((number, can_block(version, self.canonical[number])) for number in among)
            self._blocked[version] = _gathered(told)
        return self._blocked[version]

    def _of_hosts(self, hosts: Iterable[str]) -> BitMap:
        return BitMap.union(BitMap(), *(self.by_host[host] for host in hosts if host in self.by_host))


def _gathered(told: Iterable[tuple[int, Formula]]) -> Named:
    found: dict[Formula, BitMap] = {}
    for number, formula in told:
        if formula is not False:
            found.setdefault(formula, BitMap()).add(number)
    return tuple((members, formula) for formula, members in found.items())
