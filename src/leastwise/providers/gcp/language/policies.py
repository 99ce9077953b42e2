"""Policies as the vendor gives them: allow (v1), deny (v2), principal access boundaries and their bindings (v3).

Both spellings of JSON are read, that of the REST APIs and that of exports (`iam_policy`, `denied_principals`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import msgspec

from .members import Member, parse_member


class PolicyError(ValueError):
    """A policy that is none; the message names the field and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A role for members, perhaps under a condition; `position` counts from 0 in its policy."""

    role: str
    members: tuple[Member, ...]
    condition: str | None
    title: str
    position: int


@dataclass(frozen=True, slots=True)
class AllowPolicy:
    """What is granted on one resource. https://cloud.google.com/iam/docs/reference/rest/v1/Policy"""

    version: int
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class DenyRule:
    """One rule of a deny policy. https://cloud.google.com/iam/docs/reference/rest/v2/policies#denyrule"""

    principals: tuple[Member, ...]
    exceptions: tuple[Member, ...]
    permissions: tuple[str, ...]
    excepted: tuple[str, ...]
    condition: str | None
    position: int


@dataclass(frozen=True, slots=True)
class DenyPolicy:
    """Deny rules, and the full name of the project, folder or organization that they are attached to."""

    name: str
    attached: str
    rules: tuple[DenyRule, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """What principals may reach at all; `version` None where the default is in force.

    https://cloud.google.com/iam/docs/principal-access-boundary-policies
    """

    name: str
    resources: tuple[str, ...]
    version: int | None


@dataclass(frozen=True, slots=True)
class BoundaryBinding:
    """A boundary (`policy`, its name) for a set of principals (`target`, its full name), perhaps under a condition."""

    name: str
    policy: str
    target: str
    condition: str | None


def parse_allow_policy(body: object) -> AllowPolicy:
    """The allow policy of an object. Raises PolicyError."""
    given = _object(body, "the policy")
    version = 0 if given.get("version") is None else given["version"]
    if not isinstance(version, int) or isinstance(version, bool):
        raise PolicyError("version is no number")
    bindings = []
    for position, one in enumerate(_objects(given, "bindings")):
        role = one.get("role")
        if not isinstance(role, str) or not role:
            raise PolicyError(f"bindings/{position}: role is missing, or no text")
        members = tuple(map(parse_member, _texts(one, f"bindings/{position}: ", "members")))
        title, condition = _condition(one, f"bindings/{position}: ", "condition")
        bindings.append(Binding(role, members, condition, title, position))
    return AllowPolicy(version, tuple(bindings))


class _Expression(msgspec.Struct):
    expression: str = ""


class _Granting(msgspec.Struct):
    role: str
    members: list[str] | None = None
    condition: _Expression | None = None


class _Allowing(msgspec.Struct):
    version: object = None
    bindings: list[_Granting] | None = None


_ALLOWING = msgspec.json.Decoder(_Allowing)


def is_allow_policy(text: bytes) -> bool:
    """Whether `parse_allow_policy` reads what a text of JSON says; about forty times as fast."""
    try:
        found = _ALLOWING.decode(text)
    except msgspec.DecodeError:
        return False
    numbered = found.version is None or (isinstance(found.version, int) and not isinstance(found.version, bool))
    return numbered and all(one.role for one in found.bindings or ())


_OF_ACCESS = {"READER": "dataViewer", "WRITER": "dataEditor", "OWNER": "dataOwner"}
_SPECIAL = {"projectOwners": "projectOwner", "projectWriters": "projectEditor", "projectReaders": "projectViewer"}


def policy_of_access_list(entries: Sequence[object], project: str) -> dict[str, Any]:
    """The allow policy that the access list of a BigQuery dataset is; authorized views and the like name nobody.

    Args:
        entries: `access` of the dataset.
        project: id or number of its project, for the convenience values.

    https://cloud.google.com/bigquery/docs/access-control-basic-roles#dataset-basic-roles
    """
    bindings = []
    for one in entries:
        role, who = (one.get("role"), _of_entry(one, project)) if isinstance(one, Mapping) else (None, None)
        if isinstance(one, Mapping) and isinstance(role, str) and who is not None:
            named = f"roles/bigquery.{_OF_ACCESS[role]}" if role in _OF_ACCESS else role
            told = {"condition": one["condition"]} if one.get("condition") is not None else {}
            bindings.append({"role": named, "members": [who], **told})
    return {"version": 3, "bindings": bindings}


def _of_entry(given: Mapping[str, Any], project: str) -> str | None:
    """Whom an entry of an access list names, as a member of a policy; None for a view, routine or dataset."""
    for key, kind in (("userByEmail", "user"), ("groupByEmail", "group"), ("domain", "domain")):
        if isinstance(given.get(key), str):
            account = kind == "user" and given[key].endswith(".gserviceaccount.com")
            return f"{'serviceAccount' if account else kind}:{given[key]}"
    special = given.get("specialGroup")
    if isinstance(special, str):
        return f"{_SPECIAL[special]}:{project}" if special in _SPECIAL else special
    member = given.get("iamMember")
    return member if isinstance(member, str) else None


_IAM = "//iam.googleapis.com/"  # exports write boundaries by their full names
_ATTACHED = re.compile(r"policies/(.+)/denypolicies/([^/]+)")


def parse_deny_policy(body: object) -> DenyPolicy:
    """The deny policy of an object. Raises PolicyError."""
    given = _object(body, "the policy")
    name = given.get("name")
    found = _ATTACHED.fullmatch(name) if isinstance(name, str) else None
    attached = f"//{unquote(found[1])}" if found is not None else ""
    if not re.fullmatch(r"//cloudresourcemanager\.googleapis\.com/(projects|folders|organizations)/[^/]+", attached):
        raise PolicyError(f"name {name!r} does not say what a deny policy is attached to")
    rules = []
    for position, one in enumerate(_objects(given, "rules")):
        place = f"rules/{position}: "
        rule = _object(one.get("denyRule", one.get("deny_rule")), f"{place}denyRule")
        _, condition = _condition(rule, place, "denialCondition", "denial_condition")
        rules.append(
            DenyRule(
                tuple(map(parse_member, _texts(rule, place, "deniedPrincipals", "denied_principals"))),
                tuple(map(parse_member, _texts(rule, place, "exceptionPrincipals", "exception_principals"))),
                tuple(_texts(rule, place, "deniedPermissions", "denied_permissions")),
                tuple(_texts(rule, place, "exceptionPermissions", "exception_permissions")),
                condition,
                position,
            )
        )
    return DenyPolicy(str(name), attached, tuple(rules))


def parse_boundary(body: object) -> Boundary:
    """The principal access boundary policy of an object. Raises PolicyError."""
    given = _object(body, "the policy")
    name = given.get("name")
    if not isinstance(name, str) or "/principalAccessBoundaryPolicies/" not in name:
        raise PolicyError(f"name {name!r} is no name of a principal access boundary policy")
    details = _object(given.get("details", {}), "details")
    resources: list[str] = []
    for position, one in enumerate(_objects(details, "rules")):
        effect = one.get("effect", "ALLOW")
        if effect not in ("ALLOW", "EFFECT_UNSPECIFIED"):
            raise PolicyError(f"details/rules/{position}: effect {effect!r} is not known")
        resources += _texts(one, f"details/rules/{position}: ", "resources") if effect == "ALLOW" else []
    version = details.get("enforcementVersion", details.get("enforcement_version"))
    if version in (None, "", "latest"):
        return Boundary(name.removeprefix(_IAM), tuple(resources), None)
    if not str(version).isdigit() or isinstance(version, bool):
        raise PolicyError(f"details: enforcementVersion {version!r} is no number")
    return Boundary(name.removeprefix(_IAM), tuple(resources), int(version))


@dataclass(frozen=True, slots=True)
class AccessBinding:
    """An access policy (`policy`, its name) bound to a resource (`target`, its full name).

    https://cloud.google.com/iam/docs/access-policies
    """

    name: str
    policy: str
    target: str


def parse_policy_binding(body: object) -> BoundaryBinding | AccessBinding:
    """The binding of a boundary, or of an access policy. Raises PolicyError."""
    given = _object(body, "the binding")
    policy, kind = given.get("policy"), given.get("policyKind", given.get("policy_kind"))
    if not isinstance(policy, str) or not policy:
        raise PolicyError("policy is missing, or no text")
    target = _object(given.get("target"), "target")
    if kind == "ACCESS" or "/accessPolicies/" in policy:
        resource = target.get("resource")
        if not isinstance(resource, str) or not resource.startswith("//"):
            raise PolicyError("target: resource is no full name")
        return AccessBinding(str(given.get("name", "")), policy, resource)
    if kind not in (None, "POLICY_KIND_UNSPECIFIED", "PRINCIPAL_ACCESS_BOUNDARY"):
        raise PolicyError(f"policyKind {kind!r} is not known")
    principals = target.get("principalSet", target.get("principal_set"))
    if not isinstance(principals, str) or not principals.startswith("//"):
        raise PolicyError("target: principalSet is no full name")
    _, condition = _condition(given, "", "condition")
    return BoundaryBinding(str(given.get("name", "")), policy.removeprefix(_IAM), principals, condition)


def _object(body: object, what: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise PolicyError(f"{what} is no object")
    return body


def _objects(body: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = body.get(key)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise PolicyError(f"{key} is no list of objects")
    return found


def _texts(body: Mapping[str, Any], place: str, *keys: str) -> list[str]:
    found: Any = next((body[key] for key in keys if body.get(key) is not None), [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise PolicyError(f"{place}{keys[0]} is no list of texts")
    return found


def _condition(body: Mapping[str, Any], place: str, *keys: str) -> tuple[str, str | None]:
    """Title and expression of a condition; None where there is none, empty where it does not say what it is."""
    found: Any = next((body[key] for key in keys if body.get(key) is not None), None)
    if found is None:
        return "", None
    if not isinstance(found, Mapping) or not isinstance(found.get("expression", ""), str):
        raise PolicyError(f"{place}{keys[0]} is no condition")
    title = found.get("title")
    return (title if isinstance(title, str) else ""), found.get("expression", "") if found else None
