"""Shadows of Google Cloud: who stands for what nobody is yet, added to an estate before its graph is made.

See decision 0037. Whoever may write the policy of a container can give everything on it to whomever he likes: the
shadow over it is named by that policy, with a role that holds every permission. It is nobody in particular, in no
group and no domain, so what stands against it are deny rules for everybody and nothing else.

https://cloud.google.com/iam/docs/resource-hierarchy-access-control
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from leastwise.model.shadows import Shadows, Ties
from leastwise.providers.base import ScopeTables
from leastwise.rules.escalation import load_escalation

from ..compiled.gaps import policies_told
from ..compiled.reads import Trees
from ..language.members import Kind, Member
from .bound import Bound
from .granting import Grant, Granting
from .names import EVERYTHING, HOLDER, HOLDING, holding, named, shadow
from .standing import Standing

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "account", "native", "enabled", "keys_known", "tags", "details"),
    "resources": ("id", "account", "kind", "name", "principal", "details", "tags", "tag_ids"),
    "scopes": ("tag_ids",),
    "memberships": ("member", "group", "kind", "until"),
    "runs_as": ("subject", "object", "kind"),
    "credentials": ("principal", "active", "kind"),
    "coverage": ("service", "call", "status", "detail"),
}
"""What is read of the tables besides what the estate is compiled from."""
_OLDEST = datetime.min.replace(tzinfo=UTC)


def shaded(scopes: Sequence[ScopeTables]) -> tuple[list[ScopeTables], Shadows]:
    """The scopes of an estate with shadows in them, and whose they are."""
    if not any(one.readable for one in scopes):
        return list(scopes), Shadows({}, {}, {})
    return Shading(scopes).shaded()


class Shading:
    """An estate being given its shadows.

    Args:
        scopes: its tables; one at least can be read.
    """

    def __init__(self, scopes: Sequence[ScopeTables]) -> None:
        self._scopes = scopes
        self.trees = Trees(scopes)
        # `Trees` has those that can be read in this order.
        self._readable = sorted((one for one in scopes if one.readable), key=lambda one: (one.time or _OLDEST, one.id))
        self.granting = [Granting(one.tables) for one in self._readable]
        self.others: dict[str, str] = {}
        self._powers: dict[str, str] = {}
        self._made: set[str] = set()
        self._numbers, self._held = count(), False

    def shaded(self) -> tuple[list[ScopeTables], Shadows]:
        """The scopes with shadows in them, and whose they are."""
        over = {named(id): self.power_over(id) for id in self.trees.containers}
        administrator = {id: over[named(id)] for id in self.trees.containers}
        standing = Standing(self)
        bound = Bound(self)
        ties = Ties(
            pairs={**standing.pairs(), **bound.pairs}, beside={**standing.beside(), **bound.beside},
            so={**standing.so(), **bound.so}, otherwise=standing.otherwise(), acting=standing.acting,
            kinds={named(id): f"cloudresourcemanager:{row['kind']}" for id, row in self.trees.containers.items()},
        )  # fmt: skip
        for number, tree in enumerate(self.trees.trees):
            if tree.listed():
                self.granting[number].add("coverage", service="cloudasset", call="resources", status="ok")
        self.granting[0].role(EVERYTHING, self._everything())
        if self._held:
            self.granting[0].role(HOLDER, [HOLDING])
        made = {
            id(one): replace(one, tables=granting.tables())
            for one, granting in zip(self._readable, self.granting, strict=True)
        }
        places = {id: named(id) for id in self.trees.containers}
        shadows = Shadows(administrator, {}, {}, over, places, self.others, ties)
        return [made.get(id(one), one) for one in self._scopes], shadows

    def _everything(self) -> list[str]:
        """Every permission that a rule can ask for, and those of the roles that were read."""
        own = (one for granting in self.granting for one in granting.permissions())
        asked = (need.permission for rule in load_escalation() if rule.provider == "gcp" for need in rule.every())
        return sorted({*asked, *own} - {HOLDING})

    # --- shadows

    def somebody(self, power: str, of: str, told: str = "", account: str = "") -> str:
        """A shadow, who is a principal of the estate; `told` where people are to be told it otherwise than by place."""
        id = shadow(power, of)
        if id in self._made:
            return id
        self._made.add(id)
        self.granting[0].add("principals", id=id, account=account, kind="external", name=id, path="/", native="shadow")
        if told:
            self.others[id] = told
        return id

    def double(self, member: Member, id: str, told: str) -> None:
        """Somebody who is in all groups that a member is in, or in the group that the member is, and is nobody else."""
        if id in self._made:
            return
        self._made.add(id)
        native, account = "shadow", ""
        for granting in self.granting:
            for known, of, noun in granting.rows("principals", "id", "account", "native"):
                if known == member.text and member.kind is not Kind.GROUP:
                    native, account = noun, of
            for one, group, kind, until in granting.rows("memberships", "member", "group", "kind", "until"):
                if one == member.text and member.kind is not Kind.GROUP:
                    granting.add("memberships", member=id, group=group, kind=kind, until=until, source="shadow")
        if member.kind is Kind.GROUP:
            self.granting[0].add("memberships", member=id, group=member.text, kind="directory_group", source="shadow")
        kind_ = {"user": "human", "service_account": "workload"}.get(native, "external")
        self.granting[0].add("principals", id=id, account=account, kind=kind_, name=id, path="/", native=native)
        self.others[id] = told

    def power_over(self, target: str, account: str = "") -> str:
        """Whoever may do everything at a container, or at a resource of an account, and below it."""
        if target not in self._powers:
            container = target in self.trees.containers
            told = "" if container else f"whoever may do everything on {target}"
            self._powers[target] = id = self.somebody("everything", named(target), told, target if container else "")
            self.grant(target, Grant(EVERYTHING, (id,)), account)
        return self._powers[target]

    def grant(self, target: str, grant: Grant, account: str = "") -> None:
        """A binding on a container, or on a resource of an account; nothing where its policy was not read.

        There nobody knows what anybody may do, shadows included.
        """
        account = account or (target if target in self.trees.containers else "")
        if self.told(target, account):
            self.granting[self.trees.owner.get(account, 0)].grant(target, account, grant)

    def told(self, target: str, account: str) -> bool:
        """Whether it is known what the policy of a container, or of a resource of an account, says, if anything."""
        number = self.trees.owner.get(account, 0)
        if self.granting[number].has_policy(target):
            return True
        container = self.trees.containers.get(target)
        if container is None:
            return self.granting[number].has_none(target)
        return bool(container["source"]) and policies_told(self.trees, number, target)

    def hold(self, grants: Iterable[Grant], account: str) -> str:
        """A resource on which those whom bindings name have `HOLDING`."""
        id, self._held = holding(next(self._numbers)), True
        number = self.trees.owner.get(account, 0)
        self.granting[number].add("resources", id=id, account=account, kind="leastwise:holding", policy_known=True)
        for one in grants:
            self.granting[number].grant(id, account, one)
        return id
