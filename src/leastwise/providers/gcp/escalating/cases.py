"""The estates of cases in rule files, in short: who may do what where, and what else there is.

    may:                       # each becomes a role of its own and a binding
    - {who: user:ada@corp.example, do: [iam.serviceAccounts.actAs], at: projects/p}
    - {who: group:g@corp.example, role: roles/editor, at: run@p, if: request.time < timestamp("2027-01-01T00:00:00Z")}
    accounts: [run@p]          # service accounts: `run@p` stands for run@p.iam.gserviceaccount.com; `off` for one that
                               # is disabled is written {run@p: off}
    things:                    # resources, by asset type and name below the project
    - {type: compute.googleapis.com/Instance, name: zones/z/instances/vm, in: p, data: {…}}
    custom: {projects/p/roles/own: [storage.buckets.list]}
    constraints: {projects/p: [iam.disableServiceAccountKeyCreation]}
    groups: {g@corp.example: [user:eve@corp.example]}
    objects: […]               # anything else, as an export has it
    answers: {KIND: […]}       # the same, where only the kind of the call tells what they are

Projects are those that are named, all in organization 1 unless `tree` says otherwise (`{p: [folders/2]}`). All was read
unless `unread` names calls.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leastwise.model.conformance import CaseError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, RawDocument, Scope
from leastwise.providers.base import ScopeTables

from ..exports.shapes import MEMBERSHIPS, kind_of
from ..language.resources import scope
from ..translate import translate

ORGANIZATION, DOMAIN = "organizations/1", "corp.example"
AT = datetime(2026, 11, 1, tzinfo=UTC)
_KEYS = frozenset(
    (
        "may",
        "accounts",
        "things",
        "custom",
        "constraints",
        "groups",
        "objects",
        "tree",
        "denies",
        "unread",
        "people",
        "answers",
    )
)
_MADE = "organizations/1/roles/made"
_ALL = "cloudasset.assets.list:IAM_POLICY+ORG_POLICY+RESOURCE"


def of_rule(body: Mapping[str, Any]) -> tuple[Sequence[ScopeTables], Collection[str]]:
    """The estate of a case in a rule file. Raises CaseError."""
    unknown = sorted(set(body) - _KEYS)
    if unknown:
        raise CaseError(f"estate.{unknown[0]}: is not known; known are {', '.join(sorted(_KEYS))}")
    one = _collected(body)
    return [ScopeTables("organization", ORGANIZATION, translate(one), time=AT)], ()


def _collected(body: Mapping[str, Any]) -> Collected:
    here = Scope("gcp", "organization", ORGANIZATION)
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for one in Estate(body).objects():
        kind = kind_of(one)
        if kind is None:
            raise CaseError(f"estate: {json.dumps(one)[:80]} is no object of an export")
        by_kind.setdefault(_ALL if kind.startswith("cloudasset.assets.list") else kind, []).append(one)
    people = [
        {
            "primaryEmail": mail,
            "id": mail,
            "isAdmin": admin == "super",
            "customerId": "C0corp",
            "isDelegatedAdmin": admin == "delegated",
        }
        for mail, admin in (body.get("people") or {}).items()
    ]
    for kind, several in ({"directory.users.list": people} | (body.get("answers") or {})).items():
        by_kind.setdefault(kind, []).extend(several)
    if "groups" in body:
        by_kind.setdefault(MEMBERSHIPS, [])
    documents = tuple(
        RawDocument(here, kind.partition(".")[0], kind, f"{kind}.json", json.dumps(told).encode(), time=AT)
        for kind, told in by_kind.items()
    )
    unread = set(map(str, body.get("unread") or ()))
    calls = {"cloudasset.assets.list/IAM_POLICY", "cloudasset.assets.list/RESOURCE", "orgpolicy.policies.list"}
    coverage = tuple(
        Coverage(service, call, CoverageStatus.DENIED if f"{service}.{call}" in unread else CoverageStatus.OK)
        for service, _, call in (name.partition(".") for name in sorted(calls | unread))
    )
    return Collected(here, AT, documents, coverage)


class Estate:
    """The objects of an export that a short estate stands for."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self._tree: dict[str, list[str]] = {id: list(above) for id, above in (body.get("tree") or {}).items()}
        self._accounts = [next(iter(one)) if isinstance(one, Mapping) else one for one in body.get("accounts") or ()]
        self._off = {next(iter(one)) for one in body.get("accounts") or () if isinstance(one, Mapping)}
        projects = {_project(one) for one in self._accounts} | {one["in"] for one in body.get("things") or ()}
        places = (str(one.get("at", "")) for one in body.get("may") or ())
        projects |= {one.removeprefix("projects/") for one in places if one.startswith("projects/")}
        for id in sorted(projects):
            self._tree.setdefault(id, [])
        self._numbers = {id: str(100 + place) for place, id in enumerate(sorted(self._tree))}
        self._roles: list[dict[str, Any]] = []

    def objects(self) -> Iterator[Mapping[str, Any]]:
        """Each object."""
        policies = self._policies()
        yield from self._containers(policies)
        for mail in self._accounts:
            yield self._account(mail, policies)
        for one in self._body.get("things") or ():
            yield self._thing(one, policies)
        left = sorted(set(policies) - self._named)
        if left:
            raise CaseError(f"estate.may: {left[0]} is nothing that the estate has")
        for name, permissions in (self._body.get("custom") or {}).items():
            self._roles.append({"name": name, "includedPermissions": permissions, "stage": "GA", "title": name})
        yield from self._roles
        for place, names in (self._body.get("constraints") or {}).items():
            for name in names:
                yield {"name": f"{place}/policies/{name}", "spec": {"rules": [{"enforce": True}]}}
        yield from self._denies()
        yield from self._people()
        yield from self._body.get("objects") or ()

    # --- policies

    def _policies(self) -> dict[str, list[dict[str, Any]]]:
        """The bindings of each resource, by full name."""
        self._named: set[str] = set()
        found: dict[str, list[dict[str, Any]]] = {}
        for number, one in enumerate(self._body.get("may") or ()):
            role = one.get("role")
            if role is None:
                role = f"{_MADE}{number}"
                self._roles.append({"name": role, "includedPermissions": one["do"], "stage": "GA", "title": "made"})
            who = one["who"] if isinstance(one["who"], list) else [one["who"]]
            binding: dict[str, Any] = {"role": role, "members": [_member(each) for each in who]}
            if "if" in one:
                binding["condition"] = {"title": "case", "expression": one["if"]}
            found.setdefault(self._full(one["at"]), []).append(binding)
        return found

    def _full(self, on: str) -> str:
        """The full name of a container, a service account, or a thing by the end of its name."""
        if on.startswith("//"):
            return on
        if on.startswith(("projects/", "folders/", "organizations/")) and on.count("/") == 1:
            project = on.removeprefix("projects/")
            return scope(f"projects/{self._numbers[project]}" if project != on else on)
        if on in self._accounts:
            return _account_name(on)
        named = [self._name(one) for one in self._body.get("things") or () if self._name(one).endswith(f"/{on}")]
        if len(named) != 1:
            raise CaseError(f"estate.may: {on} is nothing that the estate has, or several things")
        return named[0]

    def _asset(
        self, name: str, type: str, above: list[str], data: Mapping[str, Any], policies: Mapping[str, Any]
    ) -> dict[str, Any]:
        self._named.add(name)
        policy = {"iamPolicy": {"version": 3, "bindings": policies[name]}} if name in policies else {}
        return {"name": name, "assetType": type, "ancestors": above, "resource": {"data": dict(data)}, **policy}

    # --- what there is

    def _containers(self, policies: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        manager = "cloudresourcemanager.googleapis.com/"
        data = {"name": ORGANIZATION, "displayName": DOMAIN, "directoryCustomerId": "C0corp"}
        yield self._asset(scope(ORGANIZATION), f"{manager}Organization", [ORGANIZATION], data, policies)
        folders = dict.fromkeys(one for above in self._tree.values() for one in above)
        for name in folders:
            yield self._asset(scope(name), f"{manager}Folder", [name, ORGANIZATION], {"displayName": name}, policies)
        for id, number in self._numbers.items():
            data = {"projectId": id, "projectNumber": number, "name": id}
            yield self._asset(scope(f"projects/{number}"), f"{manager}Project", self._line(id), data, policies)

    def _line(self, project: str) -> list[str]:
        return [f"projects/{self._numbers[project]}", *self._tree[project], ORGANIZATION]

    def _account(self, mail: str, policies: Mapping[str, Any]) -> Mapping[str, Any]:
        project, address = _project(mail), _address(mail)
        data = {
            "name": f"projects/{project}/serviceAccounts/{address}", "email": address, "disabled": mail in self._off,
            "uniqueId": str(900 + self._accounts.index(mail)),
        }  # fmt: skip
        name = _account_name(mail)
        return self._asset(name, "iam.googleapis.com/ServiceAccount", self._line(project), data, policies)

    def _name(self, one: Mapping[str, Any]) -> str:
        if str(one["name"]).startswith("//"):
            return str(one["name"])
        return f"//{str(one['type']).partition('/')[0]}/projects/{one['in']}/{one['name']}"

    def _thing(self, one: Mapping[str, Any], policies: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._asset(
            self._name(one), one["type"], self._line(one["in"]), _spelled(one.get("data") or {}), policies
        )

    # --- guardrails and people

    def _denies(self) -> Iterator[Mapping[str, Any]]:
        for number, one in enumerate(self._body.get("denies") or ()):
            place = self._full(one["at"]).removeprefix("//").replace("/", "%2F")
            rule = {
                "deniedPrincipals": one["who"], "deniedPermissions": one["do"],
                "exceptionPrincipals": one.get("except") or [],
            }  # fmt: skip
            yield {"name": f"policies/{place}/denypolicies/d{number}", "rules": [{"denyRule": rule}]}

    def _people(self) -> Iterator[Mapping[str, Any]]:
        for number, (mail, members) in enumerate((self._body.get("groups") or {}).items()):
            yield {"name": f"groups/g{number}", "groupKey": {"id": mail}, "displayName": mail}
            for place, member in enumerate(members):
                kind, _, id = member.partition(":")
                yield {
                    "name": f"groups/g{number}/memberships/{place}", "preferredMemberKey": {"id": id},
                    "type": "GROUP" if kind == "group" else "USER", "roles": [{"name": "MEMBER"}],
                }  # fmt: skip


def _project(mail: str) -> str:
    """The project of a service account in short."""
    return mail.partition("@")[2].partition(".")[0]


def _address(mail: str) -> str:
    return mail if mail.endswith(".gserviceaccount.com") else f"{mail}.iam.gserviceaccount.com"


def _account_name(mail: str) -> str:
    return f"//iam.googleapis.com/projects/{_project(mail)}/serviceAccounts/{_address(mail)}"


def _member(who: str) -> str:
    """A member; `sa:run@p` stands for a service account in short."""
    return f"serviceAccount:{_address(who.removeprefix('sa:'))}" if who.startswith("sa:") else who


def _spelled(value: Any) -> Any:
    """Data in which `sa:run@p` stands for the address of a service account."""
    if isinstance(value, Mapping):
        return {key: _spelled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    return _address(value.removeprefix("sa:")) if isinstance(value, str) and value.startswith("sa:") else value
