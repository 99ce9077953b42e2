"""What tables tell of who is given what: assignments, eligible ones, deny assignments, access policies of vaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from ..evaluate.estate import NOT_HERE
from ..language.ids import ROOT, arm_id, guid
from ..tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS
from .columns import UNREAD
from .reads import Trees


@dataclass(frozen=True, slots=True)
class Row:
    """A role assignment, or an eligible one.

    `until` is in microseconds since 1970, 0 for never, `UNREAD` where what is told of it is no time. `tenant` is the
    other tenant whose principal it is, `here` the tenant in which a group of another one is listed; empty if not told.
    """

    key: str
    target: str
    role: str
    principal: str
    type: str
    condition: str
    id: str
    until: int
    activated: bool
    tenant: str
    here: str


class _Told(msgspec.Struct):
    """The document of an assignment, or of an access policy of a vault; it tells an end only where that is no time."""

    roleDefinitionId: str = ""
    principalId: str = ""
    principalType: str | None = None
    condition: str | None = None
    accessPolicy: str = ""
    objectId: str = ""
    endDateTime: str | None = None
    managedByTenantId: str = ""


@dataclass(slots=True)
class Assigned:
    """All of it.

    Args:
        given: assignments in force.
        offered: eligible assignments.
        denied: deny assignments: key of their scope, and the object of each with its id and scope.
        policies: of vaults, by the vault's key: the principal of each, and what it gives.
    """

    given: list[Row] = field(default_factory=list)
    offered: list[Row] = field(default_factory=list)
    denied: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    policies: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def targets(self) -> Iterator[str]:
        """The ids, as they are written, of resources that something is attached to."""
        yield from dict.fromkeys(one.target for one in (*self.given, *self.offered) if one.target.startswith("/"))
        yield from dict.fromkeys(str(one["scope"]) for _, one in self.denied if one["scope"] != ROOT)


def assigned_of(trees: Trees) -> Assigned:
    """What attachments tell, each once, whichever trees tell it."""
    found = Assigned()
    seen: set[tuple[str, ...]] = set()
    texts = [tree.table("documents").column("text") for tree in trees.trees]
    decoded: dict[tuple[int, int], _Told] = {}
    decoder = msgspec.json.Decoder(_Told)
    keys: dict[tuple[int, str], str] = {}
    for tree, row in trees.spoken("attachments"):
        layer, document = row["layer"], row["document"]
        if layer not in ("allow", "eligible", "deny") or document is None:
            continue
        target = row["target"]
        key = keys.get((tree, target))
        if key is None:
            key = keys[tree, target] = trees.key(tree, target)
        if layer == "deny":
            text = texts[tree][document].as_py()
            twin = (layer, row["policy"].lower(), key, text.decode())
            if twin not in seen:
                seen.add(twin)
                found.denied.append((key, _denial(text, row["policy"], _written(key, target))))
            continue
        told = decoded.get((tree, document))
        if told is None:
            told = decoded[tree, document] = decoder.decode(texts[tree][document].as_py())
        if row["kind"] == "access_policy":
            one = (told.objectId, told.accessPolicy)
            if one not in found.policies.setdefault(key, []):
                found.policies[key].append(one)
            continue
        if row["kind"] == "resource_role":
            # Of a system of the resource's own: no role of Azure gives what it gives.
            continue
        condition = told.condition or ""
        tenant = guid(told.managedByTenantId) or ""
        here = trees.tenant(arm_id(key).top) if (told.principalType or "").lower() == NOT_HERE else ""
        same = (layer, told.roleDefinitionId, told.principalId, key, condition, tenant)
        until = _stamp(row["until"]) if told.endDateTime is None else UNREAD
        if same not in seen:
            seen.add(same)
            (found.given if layer == "allow" else found.offered).append(
                Row(
                    key, target, told.roleDefinitionId, told.principalId, told.principalType or "", condition,
                    row["policy"], until, row["kind"] == "activated_assignment", tenant, here,
                )
            )  # fmt: skip
    return found


def _written(key: str, target: str) -> str:
    """The id of a scope, as it is written where that is told."""
    if target.startswith("/"):
        return target
    prefix = SUBSCRIPTIONS if key.startswith(SUBSCRIPTIONS) else MANAGEMENT_GROUPS
    return f"{prefix}{target}"


def _denial(text: bytes, id: str, scope: str) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(text)
    return {**told, "id": id, "scope": scope}


def _stamp(until: datetime | None) -> int:
    return 0 if until is None else int(until.timestamp() * 1_000_000)
