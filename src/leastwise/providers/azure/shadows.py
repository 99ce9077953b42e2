"""Shadows of Azure: who could do everything at a place, who is only in a group, who has activated a role.

See decision 0037. Whoever may write role assignments at a place can give himself any role there, of both planes, so its
shadow has all operations; what stands against it are deny assignments. Places are containers, and what roles are
assigned at besides: at others nobody has more than where these lie.

https://learn.microsoft.com/azure/role-based-access-control/role-assignments-steps
https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from leastwise.model.decision import State
from leastwise.model.shadows import Shadows, Ties
from leastwise.providers.base import ScopeTables
from leastwise.providers.microsoft.shadows import Added, activated, administrator_of, members, open_groups, over

from .compiled.assigned import Assigned, assigned_of
from .compiled.placing import Placed, above_of, placed
from .compiled.reads import Trees
from .delegated import Delegating
from .evaluate.estate import NOT_HERE
from .language.assignments import principal_key
from .language.ids import ROOT, arm_id
from .shadow_roles import EVERYTHING, Rewriting, Roles
from .unlisted import unlisted

READS: Mapping[str, Sequence[str]] = {
    "principals": ("id", "native", "kind", "members_known"),
    "resources": ("id", "kind", "principal", "details"),
    "attachments": ("layer", "kind", "target", "document", "until", "requires"),
    "memberships": ("member", "group", "kind"),
    "policies": ("id", "name", "kind", "document"),
    "documents": ("text",),
    "coverage": ("service", "call", "status", "account"),
}
"""What is read of the tables besides what the estate is compiled from."""
_ELEVATING = "5ead0e00-0000-4000-8000-000000000002"
_ROLES = {
    EVERYTHING: ("everything", {"actions": ["*"], "dataActions": ["*"]}),
    _ELEVATING: ("elevating access", {"actions": ["Microsoft.Authorization/elevateAccess/action"]}),
}
_ACCOUNTS = ("root", "management_group", "subscription")
_GROUP = "/resourcegroups/"
_IDENTITIES = "managedidentity:userassignedidentities"
_ACTIVATION = "activation"
_OFF, _ON = {"true": State.DENIED, "false": State.ALLOWED}, {"true": State.ALLOWED, "false": State.DENIED}
_SO = {
    ("keyvault:vaults", "enableRbacAuthorization"): ("access policies", _OFF),
    ("storage:storageaccounts", "allowSharedKeyAccess"): ("keys", _ON),
    ("documentdb:databaseaccounts", "disableLocalAuth"): ("keys", _OFF),
    ("servicebus:namespaces", "disableLocalAuth"): ("keys", _OFF),
    ("eventhub:namespaces", "disableLocalAuth"): ("keys", _OFF),
}
"""What details of resources say of what rules ask: whether access policies decide, and whether keys let anybody in."""


def shaded(scopes: Sequence[ScopeTables]) -> tuple[list[ScopeTables], Shadows]:
    """The scopes of an estate with shadows in them, and whose they are."""
    trees = Trees(scopes)
    added = {id(one): Added(one) for one in scopes if one.readable}
    number = {(one.kind, one.id): at for at, one in enumerate(trees.trees)}
    mine = [one for one in scopes if one.readable and one.provider in ("", "azure")]
    own = [added[id(one)] for one in sorted(mine, key=lambda one: number[one.kind, one.id])]
    if not own:
        return list(scopes), Shadows({}, {}, {})
    groups: dict[str, str] = {}
    for one in scopes:
        if one.readable and one.provider not in ("", "azure"):
            _leave_open(added[id(one)])
            groups |= added[id(one)].members(one.id)
    shadows = _Shading(trees, own, groups).shadows()
    return [added[id(one)].scope() if one.readable else one for one in scopes], shadows


def _leave_open(directory: Added) -> None:
    """Say of groups whose members nobody listed that not all are known: with one added it would look as if."""
    listed = {row["group"] for row in directory.rows("memberships")}
    for row in directory.rows("principals"):
        if row["native"] == "group" and row["members_known"] is None and row["id"] not in listed:
            directory.add(
                "principals", id=row["id"], account="", kind="unknown", name="", path="/", native="directory_object",
                directory="unknown", members_known=False,
            )  # fmt: skip


class _Shading:
    """The trees being given their shadows; what none of them speaks for goes into the first."""

    def __init__(self, trees: Trees, own: Sequence[Added], groups: Mapping[str, str]) -> None:
        self._trees, self._own, self._first, self._groups = trees, own, own[0], groups
        self._missing: dict[str, None] = {}
        assigned = assigned_of(trees)
        self._places = placed(trees, above_of(trees), assigned.targets())
        self._roles()
        self.titles: dict[str, str] = {}
        self.over = self._over(assigned, self._places)
        accounts = [id for id, kind in zip(self._places.ids, self._places.kinds, strict=True) if kind in _ACCOUNTS]
        # The group at the top is called as its directory, which has administrators of its own.
        tenants = {trees.tenant(key) for key in trees.containers}
        self.places = {id if _called(id) in tenants else _called(id): id for id in accounts}
        self.administrators = {name: self.over[id] for name, id in self.places.items()}
        self._elevating()
        self._acting()
        self.offered = self._offered()
        roles = Roles(own, self._places)
        self._rewriting = Rewriting(roles, assigned, self._places, self.over, self._members(), groups, self._first)
        self._delegating = Delegating(roles, assigned, self._places, self._first)

    def shadows(self) -> Shadows:
        """All of them, and what is told besides."""
        rewriting, delegating = self._rewriting, self._delegating
        open = unlisted(self._trees, self._places)
        lists = (f"which resources {one} has, and as whom they run" for one in open)
        ties = Ties(
            pairs={"custom role": list(rewriting.pairs()), "delegated roles": delegating.pairs},
            beside={"place": delegating.place},
            several={"assignable scopes": rewriting.defined, "roles": delegating.roles},
            so={**self.so(), "assignable scopes": {**rewriting.so, **delegating.so}},
            unlisted=open,
        )
        return Shadows(
            self.administrators, {}, self._groups, self.over, self.places,
            {**self.titles, **rewriting.titles, **delegating.titles}, ties, offered=self.offered,
            rewriting=rewriting.rewriting, above=rewriting.above,
            missing=(*self._missing, *delegating.missing, *lists),
        )  # fmt: skip

    def _roles(self) -> None:
        for role, (name, entry) in _ROLES.items():
            told = {"id": role, "roleName": name, "roleType": "CustomRole", "permissions": [entry]}
            document = self._first.document(told)
            self._first.add(
                "policies", id=role, name=name, kind="custom_role", version="", default=True, document=document
            )

    # --- places

    def _over(self, assigned: Assigned, places: Placed) -> dict[str, str]:
        named = {one.key for one in (*assigned.given, *assigned.offered)}
        found = {}
        for key, id, kind in zip(places.keys, places.ids, places.kinds, strict=True):
            group = _GROUP in key and key.count("/") == 4
            if kind in _ACCOUNTS or group or key in named:
                top = arm_id(key).top if key != ROOT else ROOT
                shadow = self._first.user(over(key), _called(top))
                self._first.assigned(id, {"roleDefinitionId": EVERYTHING, "principalId": shadow})
                found[id] = shadow
        return found

    def _elevating(self) -> None:
        """Whoever may do everything in the directory of a tree can make himself administrator of the root."""
        self._first.add("resources", id=ROOT, account="", kind="root", name=ROOT)
        for tenant in sorted({self._trees.tenant(key) for key in self._trees.containers} - {""}):
            shadow = self._first.user(administrator_of(tenant), tenant)
            self.titles[shadow] = f"administrator of {tenant}"
            self._first.assigned(ROOT, {"roleDefinitionId": _ELEVATING, "principalId": shadow})

    def _acting(self) -> None:
        """Whoever signs in as an identity of the user's is its principal."""
        for one in self._own:
            for row in one.rows("resources"):
                if row["kind"] == _IDENTITIES and row["principal"]:
                    one.add("runs_as", subject=row["id"], object=row["principal"], kind="executes_as", account="")

    def so(self) -> dict[str, dict[str, State]]:
        """What is so of which resource; of others nothing told it."""
        found: dict[str, dict[str, State]] = defaultdict(dict)
        for one in self._own:
            for row in one.rows("resources"):
                for name, value in row["details"] or ():
                    word, states = _SO.get((row["kind"], name), ("", {}))
                    if value in states:
                        found[word][row["id"]] = states[value]
        return found

    # --- what can be activated

    def _offered(self) -> dict[tuple[str, str], str]:
        """Who can activate what, and the shadow of whoever has."""
        found: dict[tuple[str, str], str] = {}
        inside = self._members()
        for one in self._own:
            texts = [row["text"] for row in one.rows("documents")]
            names = {row["id"]: row["name"] for row in one.rows("policies")}
            for row in one.rows("attachments"):
                if row["layer"] != "eligible" or row["document"] is None:
                    continue
                told = json.loads(texts[row["document"]])
                shadow = self._activated(one, row, told, names)
                text = f"{_ACTIVATION}: {row['requires']}" if row["requires"] else _ACTIVATION
                principal = principal_key(str(told["principalId"]))
                for who in members(inside, principal, self._groups):
                    found.setdefault((who, shadow), text)
                if principal in self._open or (principal not in self._groups and _is_group(told)):
                    self._missing[f"who is in {principal}, whose members can activate {self.titles[shadow]}"] = None
        return found

    def _activated(self, one: Added, row: Mapping[str, Any], told: Mapping[str, Any], names: Mapping[str, str]) -> str:
        role, until = str(told["roleDefinitionId"]), row["until"]
        mark = ":".join((until.isoformat() if until else "", str(told.get("condition") or ""))).strip(":")
        shadow = activated(role, row["target"], mark)
        if shadow not in self.titles:
            self.titles[shadow] = f"{names.get(role, role)} at {row['target']}, activated"
            one.user(shadow, _called(row["target"]))
            kept = {key: told[key] for key in ("condition", "conditionVersion", "endDateTime") if told.get(key)}
            one.assigned(row["target"], {"roleDefinitionId": role, "principalId": shadow, **kept}, until)
        return shadow

    @cached_property
    def _open(self) -> frozenset[str]:
        return open_groups(row for one in self._trees.directories for row in one.rows("principals"))

    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for one in (*self._trees.directories, *self._trees.trees):
            for row in one.rows("memberships"):
                if row["kind"] == "directory_group":
                    found[principal_key(row["group"])].append(principal_key(row["member"]))
        return found


def _is_group(told: Mapping[str, Any]) -> bool:
    return str(told.get("principalType") or "").lower() in ("group", NOT_HERE)


def _called(place: str) -> str:
    """What users call a place that is an account: the id of a subscription, the name of a management group, `/`."""
    return place.rstrip("/").rpartition("/")[2] or ROOT
