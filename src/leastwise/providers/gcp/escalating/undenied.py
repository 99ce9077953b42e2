"""Those who may edit deny policies that stand against themselves: each as he is once they are gone.

https://cloud.google.com/iam/docs/deny-overview, https://cloud.google.com/iam/docs/deny-access
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..catalog import current
from ..language.members import Kind, Member, parse_member
from .granting import Grant
from .names import HOLDER, named, shadow

if TYPE_CHECKING:
    from .shading import Shading

EDITS = frozenset({"iam.denypolicies.update", "iam.denypolicies.delete"})
_FOLLOWED = frozenset({Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP})
_MARK = "leastwise-undenied"
_Bound = tuple[str, str, Grant]
"""Target, account and binding."""


class Undenied:
    """Follows the editors of deny policies.

    Args:
        shading: the estate.
        custom: the permissions of each custom role.
        bound: every binding of the estate.
    """

    def __init__(self, shading: Shading, custom: Mapping[str, frozenset[str]], bound: list[_Bound]) -> None:
        self._shading, self._trees, self._custom = shading, shading.trees, custom
        self.pairs: list[tuple[str, str]] = []
        self.beside: dict[str, str] = {}
        rules = dict(self._rules())
        if not rules:
            return
        self._by_target: dict[str, list[Grant]] = defaultdict(list)
        self._by_member: dict[str, list[_Bound]] = defaultdict(list)
        for target, account, grant in bound:
            self._by_target[target].append(grant)
            for member in grant.members:
                self._by_member[member].append((target, account, grant))
        for number, (container, denied) in enumerate(rules.items()):
            for editor in map(parse_member, self._editors(container)):
                if editor.kind in _FOLLOWED and any(_may_mean(one, editor) for one in denied):
                    self._follow(container, number, editor)

    def _rules(self) -> Iterator[tuple[str, list[Member]]]:
        """Whom the rules of the deny policies of each container name."""
        found: dict[str, list[Member]] = defaultdict(list)
        for number, granting in enumerate(self._shading.granting):
            texts = granting.texts()
            columns = ("account", "layer", "target", "document")
            for account, layer, target, document in granting.rows("attachments", *columns):
                known = layer == "deny" and document is not None and self._trees.speaks(number, account)
                if known and target in self._trees.containers:
                    found[target] += _denied(msgspec.json.decode(texts[document].as_py()))
        return iter(found.items())

    def _editors(self, container: str) -> dict[str, None]:
        """Whom bindings on a container, or above it, name that give the right to edit its deny policies."""
        found: dict[str, None] = {}
        at: str | None = container
        seen: set[str] = set()
        while at is not None and at not in seen:
            seen.add(at)
            for grant in self._by_target.get(at, ()):
                if self._edits(grant.role):
                    found |= dict.fromkeys(grant.members)
            row = self._trees.containers.get(at)
            at = row["parent"] if row is not None else None
        return found

    def _edits(self, role: str) -> bool:
        """Whether a role lets one edit deny policies, or nobody knows what it holds."""
        permissions = self._custom.get(role)
        if permissions is None:
            permissions = current().permissions_of(role)
        return permissions is None or not EDITS.isdisjoint(permissions)

    def _follow(self, container: str, number: int, member: Member) -> None:
        """Somebody like a member in all but the deny policies of a container."""
        who = _like(member, number, named(container))
        told = f"{member.text} without the deny policies of {container}"
        self._shading.double(member, who, told)
        for target, account, grant in self._by_member[member.text]:
            self._shading.grant(target, Grant(grant.role, (who,), grant.condition), account)
        for granting in self._shading.granting:
            granting.mirror(member, who)
            granting.spare(container, who)
        thing = self._shading.hold([Grant(HOLDER, (member.text,))], container)
        self.beside[thing] = named(container)
        self.pairs.append((thing, who))


def _denied(body: Mapping[str, Any]) -> list[Member]:
    rules = (one.get("denyRule", one.get("deny_rule")) or {} for one in body.get("rules") or ())
    names = (one.get("deniedPrincipals", one.get("denied_principals")) or () for one in rules)
    return [parse_member(text) for several in names for text in several]


def _may_mean(denied: Member, member: Member) -> bool:
    """Whether a rule that names one may stand against another: a set may."""
    return denied == member or not denied.single or member.kind is Kind.GROUP


def _like(member: Member, number: int, place: str) -> str:
    """An id of somebody who is nobody else, in the same domain; of a group somebody who is only in it."""
    if member.kind is Kind.GROUP:
        return shadow(_MARK, f"{member.text}/{place.removeprefix('//')}")
    local, _, domain = member.id.rpartition("@")
    return f"{member.text.partition(':')[0]}:{local}+{_MARK}-{number}@{domain}"
