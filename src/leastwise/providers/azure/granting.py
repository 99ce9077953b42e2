"""Role assignments and custom roles of an estate that is changed in thought.

https://learn.microsoft.com/azure/role-based-access-control/role-assignments
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.model.scope import Scope
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import (
    Grant,
    MisfitError,
    Standing,
    WithoutLayers,
    drop_unless_given,
    object_of,
    only,
)

from . import catalog
from .language.assignments import FOREIGN, principal_key
from .language.ids import ROOT, IdError, arm_id, guid, named
from .translate.assignments import ACTIVATED, ASSIGNED, ELIGIBLE
from .translate.changed import Fragment
from .translate.entries import condition_of
from .tree import MANAGEMENT_GROUPS, SUBSCRIPTIONS

_ROLES = ("predefined_role", "custom_role")
_GIVEN = frozenset({ASSIGNED, ACTIVATED, ELIGIBLE})
_TYPES = {"human": "User", "group": "Group", "workload": "ServicePrincipal", "provider_service": "ServicePrincipal",
          "device": "Device"}  # fmt: skip
_CALL = "roleAssignments.list"


class Grants(WithoutLayers):
    """See `providers.base.granting.Granting`."""

    def spelled(self, text: str) -> tuple[str, ...]:
        """The ids that a text may mean: itself, and an object id as it is compared."""
        return text, principal_key(text)

    def bundle(self, draft: Draft, text: str) -> str:
        """The key of a role definition."""
        found = only(draft, "policies", text, (named(text),), _ROLES)
        key = found or catalog.current().by_title.get(text.lower(), named(text))
        if found or catalog.role(key) is not None or (guid(key) and draft.mentioning(f'"roleDefinitionId":"{key}"')):
            return key
        raise MisfitError(f"{text}: no such role in the estate, nor one of Azure's")

    def place(self, draft: Draft, text: str) -> str:
        """The id of a container or resource, as attachments name it."""
        if not text:
            raise MisfitError("needs on: a management group, subscription, resource group or resource", "on")
        if text.rstrip("/") == "":
            return ROOT
        if not text.startswith("/"):
            found = _container(draft, text.lower()) or only(draft, "scopes", text) or only(draft, "resources", text)
            if not found:
                raise MisfitError(f"{text}: no such scope or resource in the estate")
            return found
        try:
            wanted = arm_id(text)
        except IdError as error:
            raise MisfitError(str(error)) from None
        account = _container(draft, wanted.top)
        if wanted.key == wanted.top and account:
            return account
        ids = _below(draft, wanted.key) if account else []
        if not ids:
            raise MisfitError(f"{text}: no such scope or resource in the estate")
        # What is known by what lies in it alone has no row of its own.
        return next((one for one in ids if one.lower() == wanted.key), wanted.text)

    def standing(self, draft: Draft, on: str) -> Standing:
        """The assignments of a place itself, active and eligible."""
        found: dict[Grant, None] = {}
        for place, row in self._rows(draft, on):
            told = json.loads(draft.text(place, row["document"]))
            condition = condition_of(told.get("condition") or "", told.get("conditionVersion") or "")
            found[Grant(
                told["roleDefinitionId"], told["principalId"], on, condition or "", row["layer"] == "eligible",
                until=row["until"], activated=row["kind"] == ACTIVATED, id=row["policy"],
            )] = None  # fmt: skip
        return Standing(list(found), _unread(draft, on))

    def _rows(self, draft: Draft, on: str) -> list[tuple[int, dict[str, Any]]]:
        spelled = {on, *(_below(draft, on.lower(), alone=True) if on.startswith("/") and on != ROOT else ())}
        return [(place, row) for place, row in draft.spoken("attachments", "target", spelled)
                if row["kind"] in _GIVEN and row["document"] is not None]  # fmt: skip

    def give(self, draft: Draft, grant: Grant, source: str) -> None:
        """Add an assignment."""
        if grant.behalf:
            raise MisfitError("nobody acts for somebody by a role of Azure", "for")
        account = _account(draft, grant.on)
        scope = grant.on if grant.on.startswith("/") else _written(draft, grant.on)
        condition = json.loads(grant.condition) if grant.condition else {}
        if condition and not isinstance(condition.get("expression"), str):
            raise MisfitError("needs an expression", "condition")
        until = {"endDateTime": grant.until.isoformat()} if grant.until else {}
        told = {"condition": condition["expression"]} if condition else {}
        told |= {"conditionVersion": condition["version"]} if "version" in condition else {}
        body = {"id": grant.id or f"{grant.bundle} {grant.principal}", "properties": {
            "roleDefinitionId": grant.bundle, "principalId": grant.principal, "scope": scope,
            "principalType": self._type(draft, grant), **told, **until}}  # fmt: skip
        home = _home(draft, account)
        made = self._fragment(draft, home)
        made.assignment(body, eligible=grant.eligible, activated=grant.activated, source=source)
        draft.merge(home, made.tables(account, grant.on))

    def take(self, draft: Draft, grant: Grant) -> None:
        """Take an assignment away, whichever trees tell of it."""
        for place, row in self._rows(draft, grant.on):
            told = json.loads(draft.text(place, row["document"]))
            condition = condition_of(told.get("condition") or "", told.get("conditionVersion") or "") or ""
            mine = (told["roleDefinitionId"], told["principalId"], condition, row["layer"] == "eligible")
            if mine != (grant.bundle, grant.principal, grant.condition, grant.eligible):
                continue
            if told.get("endDateTime"):
                raise MisfitError(f"its end, {told['endDateTime']}, is no time: it could not be given again as it was")
            where = {name: row[name] for name in ("layer", "target", "policy", "document")}
            draft.take(place, "attachments", {row["kind"]}, **where)

    def _type(self, draft: Draft, grant: Grant) -> str:
        """The type by which assignments call somebody: as one like this did, or any; else what a directory tells."""
        told = [json.loads(one) for one in draft.mentioning(f'"principalId":"{grant.principal}"')]
        told.sort(key=lambda one: one.get("roleDefinitionId") != grant.bundle)
        types = [str(one.get("principalType") or "") for one in told]
        # What a delegation calls somebody holds of nobody whom an assignment names.
        written = [one for one in types if one not in ("", FOREIGN)]
        kinds = {row["kind"] for _, row in draft.found("principals", id=grant.principal)}
        return next(iter(written or [_TYPES[one] for one in sorted(kinds & _TYPES.keys())]), "")

    # --- roles

    def own(self, draft: Draft, text: str) -> str:
        """The key of a custom role."""
        found = only(draft, "policies", text, (named(text),), _ROLES)
        key = found or named(text)
        if catalog.role(key) is not None or (found and not draft.known("policies", id=found, kind="custom_role")):
            raise MisfitError(f"{text}: is one of Azure's own roles, which cannot be changed")
        if not found and not guid(key):
            raise MisfitError(f"{text}: is no custom role: a GUID, the id of a role definition, or a unique name")
        return key

    def definition(self, draft: Draft, id: str) -> bytes | None:
        """What a custom role says; None where there is none."""
        for place, row in draft.found("policies", id=id, kind="custom_role"):
            return draft.text(place, row["document"])
        return None

    def define(self, draft: Draft, id: str, document: bytes, source: str) -> None:
        """Put what a custom role says, in a form in which the vendor's tools write it."""
        told = object_of(document)
        inner = told.get("properties")
        told = {**told, **inner} if isinstance(inner, dict) else told
        rows = draft.found("policies", id=id)
        kept = {key: one for key, one in told.items() if key.lower() not in ("id", "name", "type", "properties")}
        names = (told.get("roleName"), told.get("Name"), told.get("name"), rows[0][1]["name"] if rows else None)
        title = next((one for one in names if isinstance(one, str) and one and not guid(one)), id)
        body = {**kept, "id": id, "roleName": title, "roleType": "CustomRole"}
        home = rows[0][0] if rows else self._home_of(draft, kept)
        made = self._fragment(draft, home, but=id)
        made.role(body, source)
        tables = made.tables("", "")
        for at, _ in rows:
            draft.change(at, "policies", {"id": id}, document=draft.intern(at, tables), name=title)
        if not rows:
            draft.merge(home, tables)

    def drop(self, draft: Draft, id: str) -> None:
        """Delete a custom role; one that is assigned cannot be.

        https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-limits
        """
        drop_unless_given(draft, id, _GIVEN, "roleDefinitionId")

    # --- rows

    def _home_of(self, draft: Draft, told: Mapping[str, Any]) -> int:
        for one in told.get("assignableScopes") or ():
            if isinstance(one, str) and one.startswith("/") and (account := _container(draft, arm_id(one).top)):
                return _home(draft, account)
        return _home(draft, ROOT)

    def _fragment(self, draft: Draft, place: int, but: str = "") -> Fragment:
        known = {row["id"] for _, row in draft.spoken("policies", "kind", _ROLES)} - {but}
        entry = draft.entries[place]
        return Fragment(Scope("azure", entry.kind, entry.id), known)


def _container(draft: Draft, key: str) -> str:
    """What tables call a subscription, management group or the root by its key; empty for one that is not there."""
    if key == ROOT:
        return ROOT
    name = key.rpartition("/")[2]
    for place in draft.places:
        table = draft.tables[place].get("scopes")
        for id in table["id"].to_pylist() if table is not None else ():
            if id.lower() == name:
                return str(id)
    return ""


def _below(draft: Draft, key: str, *, alone: bool = False) -> list[str]:
    """The ids of resources that a key is of, and unless `alone` of those that lie in what it is of."""
    found: dict[str, None] = {}
    for place in draft.places:
        table = draft.tables[place].get("resources")
        if table is None or not table.num_rows:
            continue
        low = pc.utf8_lower(table["id"].cast(pa.string()))
        mask = pc.equal(low, key)
        if not alone:
            mask = pc.or_(mask, pc.starts_with(low, f"{key}/"))
        found.update(dict.fromkeys(table.filter(mask)["id"].to_pylist()))
    return list(found)


def _account(draft: Draft, on: str) -> str:
    """The container that a place is or lies in, as tables call it."""
    return _container(draft, arm_id(on).top) if on.startswith("/") else on


def _written(draft: Draft, account: str) -> str:
    """The id of a container."""
    kinds = {row["kind"] for _, row in draft.found("scopes", id=account)}
    return f"{MANAGEMENT_GROUPS if 'management_group' in kinds else SUBSCRIPTIONS}{account}"


def _home(draft: Draft, account: str) -> int:
    """The tree that speaks for a container."""
    trees = [place for place in draft.places if draft.entries[place].provider in ("", "azure")]
    home = draft.among(trees).home(account)
    return home if home is not None else trees[0]


def _unread(draft: Draft, on: str) -> str:
    """Why assignments of a place may be there that were not read."""
    account = _account(draft, on)
    for place in draft.places:
        table = draft.tables[place].get("coverage")
        for row in table.to_pylist() if table is not None and "account" in table.column_names else ():
            mine = row["call"].partition(":")[0] == _CALL and row["account"] in (None, "", account)
            if mine and row["status"] != "ok":
                return str(row["detail"] or row["status"])
    return ""
