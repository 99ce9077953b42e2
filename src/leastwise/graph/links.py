"""What hangs together in an estate: things that run as an identity, policies and who holds them, groups and members.

Read off the tables of its scopes; linear in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.engine.columns import plain
from leastwise.model.shadows import Shadows

Tables = Mapping[str, pa.Table]
Pair = tuple[str, str]


class Links:
    """Pairs of a thing and a principal, by the kind of the link (`rules.escalation.LINKS`).

    Args:
        scopes: the tables of each scope.
        shadows: see there.
    """

    def __init__(self, scopes: Sequence[Tables], shadows: Shadows) -> None:
        self._scopes, self._shadows = scopes, shadows

    def pairs(self, link: str, kinds: Collection[str]) -> list[Pair]:
        """The pairs of a link, for things of some kinds where it is one of resources; sorted."""
        if link == "runs":
            found = self._runs
            return sorted({pair for pair in found if not kinds or self._kinds.get(pair[0]) in kinds})
        if link == "itself":
            return sorted((id, id) for id, kind in self._kinds.items() if kind in kinds)
        makers: Mapping[str, Callable[[], Iterator[Pair]]] = {
            "holds": self._holds, "has": self._has, "group": lambda: iter(self._shadows.member.items()),
            "version": lambda: ((policy, power) for power, (policy, _, _) in self._shadows.versions.items()),
            "full": lambda: ((policy, id) for id, policy in self._shadows.full.items()),
            "administers": lambda: self._administers(kinds), "is": self._are,
            "told": lambda: (pair for kind in kinds for pair in self._shadows.ties.pairs.get(kind, ())),
        }  # fmt: skip
        return sorted(set(makers[link]()))

    def unsaid(self, kinds: Collection[str]) -> list[tuple[str, Pair]]:
        """Things of some kinds that run as somebody of whom it is not known who that is: with `Ties.unsaid`; sorted."""
        told = self._shadows.ties.unsaid.items()
        return sorted((id, whom) for id, whom in told if not kinds or self._kinds.get(id) in kinds)

    def existing(self, kinds: Collection[str]) -> list[Pair]:
        """The resources of some kinds, each with the account that it lies in; sorted."""
        return sorted((id, account) for id, kind, account in self._rows("resources", "id", "kind", "account")
                      if kind in kinds)  # fmt: skip

    def kind(self, id: str) -> str:
        """The kind of a resource; empty of what is none."""
        return self._kinds.get(id, "")

    def lies_in(self, id: str) -> str:
        """The account of a resource; empty of what is none."""
        return self._accounts.get(id, "")

    @cached_property
    def _accounts(self) -> dict[str, str]:
        return dict(self._rows("resources", "id", "account"))  # type: ignore[arg-type]

    def _rows(self, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
        for tables in self._scopes:
            if name in tables:
                part = plain(tables[name].select(columns))
                yield from zip(*(part[column].to_pylist() for column in columns), strict=True)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return dict(self._rows("resources", "id", "kind")) | dict(self._shadows.ties.kinds)  # type: ignore[arg-type]

    @cached_property
    def _runs(self) -> list[Pair]:
        """Things and the identities that they run as, also through a profile that carries one."""
        direct: list[Pair] = []
        through: dict[str, list[str]] = defaultdict(list)
        for subject, object, kind in self._rows("runs_as", "subject", "object", "kind"):
            if kind == "instance_profile":
                through[subject].append(object)
            # With a service_role the service itself works: what is run there does not get at it.
            if kind == "executes_as":
                direct.append((subject, object))
        for subject, given in through.items():
            direct += [(subject, role) for one in given for role in (through.get(one) or [one])]
        return direct

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for member, group in self._rows("memberships", "member", "group"):
            found[group].append(member)
        return found

    def _has(self) -> Iterator[Pair]:
        return ((group, member) for group, members in self._members.items() for member in members)

    def _administers(self, kinds: Collection[str]) -> Iterator[Pair]:
        """Resources that others lie under, and who can do all there."""
        return (pair for pair in self._shadows.over.items() if not kinds or self._kinds.get(pair[0]) in kinds)

    def _are(self) -> Iterator[Pair]:
        """Resources that are identities."""
        return ((resource, id) for id, resource in self._shadows.ties.beside.get("resource", {}).items())

    def _holds(self) -> Iterator[Pair]:
        for tables in self._scopes:
            if "attachments" not in tables:
                continue
            part = plain(tables["attachments"].select(["layer", "kind", "policy", "target"]))
            part = part.filter(pc.and_(pc.equal(part["layer"], "identity"), pc.equal(part["kind"], "managed_customer")))
            for policy, target in zip(part["policy"].to_pylist(), part["target"].to_pylist(), strict=True):
                yield policy, target
                yield from ((policy, member) for member in self._members.get(target, ()))
