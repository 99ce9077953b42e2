"""Bindings, custom roles and deny policies of an estate that is changed in thought.

A binding is a part of the one allow policy that a resource has, which is written as a whole.
https://cloud.google.com/iam/docs/granting-changing-revoking-access
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc

from leastwise.model.scope import Scope
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import Grant, MisfitError, Standing, object_of, only
from leastwise.providers.interned import canonical

from . import catalog
from .compiled.gaps import policies_told
from .compiled.reads import Trees
from .language.members import parse_member
from .language.resources import MANAGER, scope_of
from .translate.changed import Fragment
from .translate.documents import UNREAD_CONDITION, WITHOUT_CONDITION, bindings_of
from .translate.policies import ALLOW_POLICY

_ROLES = frozenset({"basic_role", "predefined_role", "custom_role"})
_OWN = re.compile(r"(projects|organizations)/[^/]+/roles/[^/]+")
_DENY = "/denypolicies/"


class Grants:
    """See `providers.base.granting.Granting`."""

    layers: Mapping[str, str] = {"allow": ALLOW_POLICY, "deny": ""}

    def spelled(self, text: str) -> tuple[str, ...]:
        """The ids that a text may mean: itself, and the one spelling of a member string."""
        return text, parse_member(text).text

    def bundle(self, draft: Draft, text: str) -> str:
        """The id of a role."""
        found = only(draft, "policies", text, kinds=_ROLES)
        if found:
            return _undeleted(draft, found)
        if (text.startswith("roles/") and catalog.role(text) is not None) or _named(draft, text):
            return text
        raise MisfitError(f"{text}: no such role in the estate, nor one of Google's")

    def place(self, draft: Draft, text: str) -> str:
        """The id of a container or resource, as attachments name it."""
        if not text:
            raise MisfitError("needs on: a project, folder, organization or resource", "on")
        found = only(draft, "scopes", text) or only(draft, "resources", text)
        if found:
            return found
        trees = Trees(draft.scopes())
        wanted = trees.full(text if scope_of(text) is None else scope_of(text) or "")
        for id in trees.containers:
            if trees.full(id) == wanted:
                return id
        for _, _, row in trees.spoken("resources"):
            if trees.full(row["id"]) == wanted:
                return str(row["id"])
        raise MisfitError(f"{text}: no such project, folder, organization or resource in the estate")

    def standing(self, draft: Draft, on: str) -> Standing:
        """The bindings of a place's own policy, one for each member."""
        found = self._policy(draft, on)
        if found is None:
            return Standing((), _unread(draft, on))
        grants = [
            Grant(one.actions[0], who, on, one.condition or "")
            for one in bindings_of(json.loads(found))
            for who in one.principals
        ]
        return Standing(list(dict.fromkeys(grants)))

    def give(self, draft: Draft, grant: Grant, source: str) -> None:
        """Write a member into the policy of a place."""
        if grant.eligible or grant.behalf:
            raise MisfitError("what can be had on request is an entitlement, and no binding", "eligible")
        if grant.until or grant.since:
            raise MisfitError("a binding has no end: a condition on request.time has one", "until")
        policy = json.loads(self._known(draft, grant.on) or b"{}")
        bindings = list(policy.get("bindings") or ())
        for number, one in enumerate(bindings):
            if _is(one, grant):
                bindings[number] = {**one, "members": [*one.get("members", ()), grant.principal]}
                break
        else:
            bindings.append(_binding(grant))
        told = {**policy, "bindings": bindings} | ({"version": 3} if grant.condition else {})
        self._write(draft, grant.on, told, source)

    def take(self, draft: Draft, grant: Grant) -> None:
        """Take a member out of the policy of a place; a binding of nobody goes with it."""
        policy = json.loads(self._policy(draft, grant.on) or b"{}")
        bindings = []
        for one in policy.get("bindings") or ():
            left = [who for who in one.get("members", ()) if parse_member(who).text != grant.principal]
            if not _is(one, grant):
                bindings.append(one)
            elif left:
                bindings.append({**one, "members": left})
        self._write(draft, grant.on, {**policy, "bindings": bindings}, "")

    # --- roles

    def own(self, draft: Draft, text: str) -> str:
        """The id of a custom role."""
        if text.startswith("roles/"):
            raise MisfitError(f"{text}: is one of Google's own roles, which cannot be changed")
        if _OWN.fullmatch(text):
            owner = text.partition("/roles/")[0]
            if not draft.known("scopes", id=owner.removeprefix("projects/")) and not draft.known("scopes", id=owner):
                raise MisfitError(f"{text}: {owner} is not in the estate")
            return text
        found = only(draft, "policies", text, kinds=("custom_role",))
        if not found:
            raise MisfitError(
                f"{text}: is no custom role: projects/P/roles/R, organizations/N/roles/R, or a unique name"
            )
        return found

    def definition(self, draft: Draft, id: str) -> bytes | None:
        """What a custom role says; None where there is none, or it is deleted."""
        for place, row in draft.found("policies", id=id, kind="custom_role"):
            text = draft.text(place, row["document"])
            if json.loads(text).get("deleted") is not True:
                return text
        return None

    def define(self, draft: Draft, id: str, document: bytes, source: str) -> None:
        """Put what a custom role says."""
        value = {key: one for key, one in object_of(document).items() if key not in ("name", "deleted")}
        self._define(draft, {**value, "name": id}, source)

    def drop(self, draft: Draft, id: str) -> None:
        """Delete a custom role: bindings of it stay, and give nothing.

        https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role
        """
        for place, row in draft.found("policies", id=id, kind="custom_role"):
            self._define(
                draft, {**json.loads(draft.text(place, row["document"])), "deleted": True}, row.get("source") or ""
            )

    def _define(self, draft: Draft, value: Mapping[str, Any], source: str) -> None:
        id = str(value["name"])
        owner = id.partition("/roles/")[0]
        account = (
            owner.removeprefix("projects/") if draft.known("scopes", id=owner.removeprefix("projects/")) else owner
        )
        place = _home(draft, account)
        made = self._fragment(draft, place)
        made.role(value, account, source)
        tables = made.tables()
        rows = draft.found("policies", id=id)
        for at, _ in rows:
            title = {"name": value["title"]} if value.get("title") else {}
            draft.change(at, "policies", {"id": id}, document=draft.intern(at, tables), **title)
        if not rows:
            draft.merge(place, tables)

    # --- documents of places

    def called(self, draft: Draft, layer: str, on: str, text: str) -> str:
        """The whole name of a policy of a place."""
        return text if layer == "allow" else _denying(draft, on, text)

    def laid(self, draft: Draft, layer: str, on: str, policy: str) -> bytes | None:
        """The allow policy of a place, or one of its deny policies."""
        if layer == "allow":
            return self._known(draft, on)
        for place, row in draft.found("attachments", target=on, layer="deny", policy=policy):
            if row["document"] is not None:
                return draft.text(place, row["document"])
        return None

    def lay(self, draft: Draft, layer: str, on: str, policy: str, document: bytes, source: str) -> None:
        """Put an allow policy, or a deny policy."""
        value = object_of(document)
        if layer == "allow":
            self._write(draft, on, value, source)
            return
        home = _home(draft, on)
        made = self._fragment(draft, home)
        made.deny({**value, "name": policy}, on, source)
        tables = made.tables()
        self._drop_denial(draft, on, policy)
        draft.merge(home, tables)

    def lift(self, draft: Draft, layer: str, on: str, policy: str) -> None:
        """Take away a deny policy, or all bindings of a place."""
        if layer == "allow":
            self._write(draft, on, {"bindings": []}, "")
        else:
            self._drop_denial(draft, on, policy)

    def _drop_denial(self, draft: Draft, on: str, name: str) -> None:
        for place in draft.places:
            draft.take(place, "attachments", None, target=on, layer="deny", policy=name)
            draft.take(place, "policies", None, id=name)

    # --- rows

    def _policy(self, draft: Draft, on: str) -> bytes | None:
        """The allow policy of a place as it was read; None where it has none, or none was read."""
        rows = dict(draft.found("attachments", target=on, layer="allow"))
        home = _home(draft, on) if rows else -1
        row = rows.get(home) or next(iter(rows.values()), None)
        if row is None or row["document"] is None:
            return None
        return draft.text(home if home in rows else next(iter(rows)), row["document"])

    def _known(self, draft: Draft, on: str) -> bytes | None:
        """The same, where it is known that there is no other. Raises MisfitError."""
        found, unread = self._policy(draft, on), _unread(draft, on)
        if found is None and unread:
            raise MisfitError(f"{on}: its allow policy was not read, so that it cannot be changed ({unread})")
        return found

    def _write(self, draft: Draft, on: str, policy: Mapping[str, Any], source: str) -> None:
        account = on if not on.startswith("//") else str(draft.found("resources", id=on)[0][1]["account"])
        home = _home(draft, on)
        made = self._fragment(draft, home)
        made.allow(policy, on, account, source)
        tables = made.tables()
        for place in draft.places:
            draft.take(place, "attachments", None, target=on, layer="allow")
        if policy.get("bindings") or _unread(draft, on):
            draft.merge(home, tables)

    def _fragment(self, draft: Draft, place: int) -> Fragment:
        rows = [row for _, row in draft.spoken("policies", "kind", _ROLES)]
        scopes = [row for at in draft.places for row in draft.tables[at]["scopes"].to_pylist()]
        accounts = {row["number"]: row["id"] for row in scopes if row.get("number")}
        ids = {row["id"] for row in scopes}
        entry = draft.entries[place]

        def account_of(node: str) -> str:
            name = node.removeprefix("projects/")
            found = accounts.get(name, name if name in ids else node)
            return found if found in ids else ""

        domains = {one for row in scopes for one in row.get("domains") or ()}
        whole = any(row.get("domains_known") for row in scopes)
        return Fragment(Scope("gcp", entry.kind, entry.id), (row["id"] for row in rows), account_of, domains, whole)


def _named(draft: Draft, role: str) -> bool:
    """Whether a policy that was read names a role: there is such a role then, though nothing tells what it gives."""
    texts = (draft.tables[place]["statements"]["actions"].combine_chunks() for place in draft.places)
    return any(pc.any(pc.equal(one.flatten(), role)).as_py() for one in texts)


def _undeleted(draft: Draft, id: str) -> str:
    for place, row in draft.found("policies", id=id, kind="custom_role"):
        if json.loads(draft.text(place, row["document"])).get("deleted") is True:
            raise MisfitError(f"{id}: is deleted, and cannot be given")
    return id


def _home(draft: Draft, on: str) -> int:
    """The tree that speaks for a place."""
    resources = draft.found("resources", id=on) if on.startswith("//") else []
    home = draft.home(str(resources[0][1]["account"]) if resources else on)
    return home if home is not None else resources[0][0] if resources else draft.places[0]


def _unread(draft: Draft, on: str) -> str:
    """Why a place without a policy may have one; empty where it is known to have none."""
    if on.startswith("//"):
        rows = [row for _, row in draft.found("resources", id=on)]
        return "" if any(row["policy_known"] for row in rows) else "its policy was not asked for"
    trees = Trees(draft.scopes())
    row = trees.containers.get(on)
    told = row is not None and bool(row["source"]) and policies_told(trees, trees.owner[on], on)
    return "" if told else "allow policies of it were not asked for, or not all were told"


def _binding(grant: Grant) -> dict[str, Any]:
    if grant.condition == UNREAD_CONDITION:
        return {"role": f"{grant.bundle}{WITHOUT_CONDITION}0", "members": [grant.principal]}
    condition = {"condition": json.loads(grant.condition)} if grant.condition else {}
    return {"role": grant.bundle, "members": [grant.principal], **condition}


def _is(binding: Mapping[str, Any], grant: Grant) -> bool:
    """Whether a binding gives the role of a grant under its condition."""
    (one,) = bindings_of({"bindings": [binding]})
    condition = canonical(json.loads(grant.condition)) if grant.condition else ""
    return one.actions[0] == grant.bundle and (one.condition or "") == condition


def _denying(draft: Draft, on: str, text: str) -> str:
    """The full name of a deny policy of a container."""
    if on.startswith("//"):
        raise MisfitError(f"{on}: deny policies lie on projects, folders and organizations", "on")
    for _, row in draft.found("attachments", target=on, layer="deny"):
        if text in (row["policy"], row["policy"].rpartition(_DENY)[2]):
            return str(row["policy"])
    if _DENY in text:
        return text
    node = on if "/" in on else f"projects/{on}"
    point = f"{MANAGER.removeprefix('//')}{node}".replace("/", "%2F")
    return f"policies/{point}{_DENY}{text}"
