"""The declarations of what is collected, held against the public shapes: methods, parameters, keeping, permissions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from fakes.google.shapes import DOCUMENTS, Method, document, host, methods, understood
from leastwise.providers.collecting.linking import linked
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.collect.asking import request
from leastwise.providers.gcp.collect.declaration import ROOTS, Call, Service, by_name, declared
from leastwise.providers.gcp.collect.policy import permissions

SAMPLES = {
    "organizations": "organizations/1", "folders": "folders/2", "projects": "projects/p-3", "groups": "groups/g",
    "locations": "locations/global", "policies": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1",
}  # fmt: skip
READ = re.compile(r"\.(get|list|search|query|use)[A-Za-z]*$")
DATA = re.compile(
    r"(?i)objects|secretmanager\.versions\.access|bigquery\.tables\.getData|getAccessToken|getOpenIdToken"
)
LOOKS_SECRET = re.compile(
    r"(?i)passw|secret|token|private|material|environment|variable|metadata|keydata|jwks|xml|credential|args|command"
    r"|startup|connection|webhook|payload|content$|headers|body|recovery|phone|address|ims|certificate"
)
REVIEWED = {
    "metadata", "oidcToken", "oauthToken", "workloadMetadataConfig", "environment", "environmentVariables", "content",
    "dynamicGroupMetadata", "serviceAccountEmailAddress", "idpMetadataXml",
}  # fmt: skip
"""Members whose names look as if they held secrets, and of which what is kept below them does not, or is hashed: the
identity in a token's settings, the names of variables, the permissions that an insight is about, who is in a group,
what an identity provider publishes of itself."""
FREE = {"cloudasset": "assets.resource.data"}
"""Members that hold an object of another API, in whose schema it is looked for elsewhere."""


class Made(NamedTuple):
    """A declared call and the one above it."""

    service: Service
    call: Call
    above: Call | None


def made(service: Service) -> list[Made]:
    def under(calls: list[Call], above: Call | None) -> Iterator[Made]:
        for call in calls:
            yield Made(service.of(call), call, above)
            yield from under(call.otherwise, above)
            yield from under(call.then, call)

    return list(under(service.calls, None))


EVERY = [pytest.param(one, id=f"{one.service.service} {one.call.call}") for s in declared() for one in made(s)]
every = pytest.mark.parametrize("one", EVERY)


def named(one: Made) -> list[Method]:
    """The methods that a call is, in its service's document."""
    known = {method.id.partition(".")[2]: method for method in methods(one.service.described)}
    return [known[name] for name in one.call.methods.values()]


def sample(method: Method, parameter: str) -> str:
    """A value that fits the pattern of a path's parameter."""
    pattern = method.parameters[parameter].get("pattern", "")
    text = pattern.strip("^$").replace("[^/]+", "x-1").replace("[^/:]+", "x-1").replace(".+", "C01")
    return "admin" if "(" in text else text or "x-1"


def schema_at(name: str, shape: dict[str, Any], path: str) -> dict[str, Any] | None:
    """The shape of what a path of member names leads to; lists are looked through."""
    schemas = document(name)["schemas"]
    for part in path.split(".") if path else ():
        shape = inside(schemas, shape)
        found = shape.get("properties", {}).get(part) or shape.get("additionalProperties")
        if found is None:
            return None
        shape = found
    return inside(schemas, shape)


def inside(schemas: Any, shape: dict[str, Any]) -> dict[str, Any]:
    while shape.get("type") == "array" or "$ref" in shape:
        shape = schemas[shape["$ref"]] if "$ref" in shape else shape["items"]
    return shape


def leaves(keep: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in keep.items():
        here = f"{path}.{name}" if path else name
        if isinstance(below, dict) and below:
            yield from leaves(below, here)
        else:
            yield here, below


def kept_at(keep: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if keep is None or isinstance(keep, str):
            return keep
        keep = keep.get(name, "dropped")
    return keep


def templates(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r"\{([.$][^{}]*)\}", value) or ([value] if value[:1] in (".", "$") else [])
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from templates(one)


@every
def test_methods_exist_at_that_address_and_are_answered_there(one: Made) -> None:
    for method in named(one):
        assert method.verb == one.call.verb
        assert host(one.service.described) == one.service.address
        values = dict.fromkeys(re.findall(r"\{\+?([^{}]+)\}", one.call.path), "")
        for parameter in values:
            values[parameter] = sample(method, parameter) if parameter in method.parameters else "projects/p-1"
        asked = request(one.service, one.call, {**one.call.with_, **values})
        path = asked.url.removeprefix(f"https://{one.service.address}/")
        found = understood(one.service.address, asked.method, path)
        assert found is not None and found[0] == method, f"{path} is {found and found[0].id}"


@every
def test_parameters_are_those_of_the_method(one: Made) -> None:
    for method in named(one):
        placed = set(re.findall(r"\{\+?([^{}]+)\}", one.call.path))
        query = set(one.call.with_) - placed - set(one.call.post)
        assert query <= {name for name, told in method.parameters.items() if told["location"] == "query"}
        required = {name for name, told in method.parameters.items() if told.get("required")}
        assert {name for name in required if method.parameters[name]["location"] == "query"} <= query
        for name in query:
            values = one.call.with_[name] if isinstance(one.call.with_[name], list) else [one.call.with_[name]]
            told = method.parameters[name]
            assert not told.get("enum") or set(values) <= set(told["enum"]), name
            assert len(values) == 1 or told.get("repeated"), name
            if name in ("pageSize", "maxResults") and told.get("maximum"):
                assert one.call.with_[name] <= int(told["maximum"])
        assert (method.verb == "POST") or not one.call.post
        if one.call.post:
            body = {"$ref": method.raw["request"]["$ref"]}
            for name in one.call.post:
                assert schema_at(one.service.described, body, name) is not None
        assert not one.call.subject or set(one.call.subject) <= set(one.call.with_)


@every
def test_what_leads_on_is_in_the_answer_above_and_is_kept(one: Made) -> None:
    wanted: list[tuple[Service, Call, str, bool]] = []
    givers = [(s, c) for s in declared() for c in s.walk()]
    asked = [
        (template[1:], template) for template in templates(one.call.with_) if template[0] == "." and template != "."
    ]
    paths = [path for path, _ in asked] + [path for path in one.call.where if path]
    for kind in one.call.of:
        roots = set(one.call.roots or ROOTS)
        found = [(s, c) for s, c in givers if kind in c.gives and roots & set(c.roots or ROOTS)]
        assert found, f"nothing gives {kind}"
        for service, call in found:
            each = call.gives[kind]
            wanted += [(service, call, f"{each}.{path}".strip("."), True) for path in paths]
    if one.above is not None and one.call not in one.above.otherwise:
        wanted += [(one.service, one.above, f"{one.call.each}.{path}".strip("."), True) for path in paths]
    if one.call.again:
        wanted += [(one.service, one.call, f"{one.call.again}.{path}".strip("."), True) for path in paths]
    for service, call, path, _ in wanted:
        # Organizations, folders and projects have members of their own; what one lacks is not asked for.
        method = named(Made(service, call, None))[0]
        shape = schema_at(service.described, {"$ref": method.response}, path)
        if shape is None:
            others = {"directoryCustomerId", "projectId"}
            assert path.rpartition(".")[2] in others and len(one.call.of) > 1, f"{path} of {call.call}"
        else:
            assert kept_at(call.keep, path) is None, f"{path} of {call.call} is not kept"
    for template in templates(one.call.with_):
        if template[0] == "$" and template != "$root":
            parents = [c for s in declared() for c in s.walk() if one.call in c.otherwise]
            assert parents and all(template[1:] in c.with_ for c in parents)


@every
def test_what_is_kept_exists(one: Made) -> None:
    assert one.call.keep
    for method in named(one):
        for path, below in leaves(one.call.keep):
            if path.startswith(FREE.get(one.service.name, "\0") + "."):
                continue
            assert schema_at(one.service.described, {"$ref": method.response}, path) is not None, path
            assert below in (None, "hash", {})
        for member in one.call.partial:
            assert schema_at(one.service.described, {"$ref": method.response}, member) is not None
        for path in one.call.gives.values():
            assert schema_at(one.service.described, {"$ref": method.response}, path) is not None
        told = document(one.service.described)["schemas"][method.response]["properties"]
        assert ("nextPageToken" in told) == ("pageToken" in method.parameters), "pages that nobody follows"
        unreachable = {"unreachable", "missingZones"} & set(told)
        assert unreachable <= set(one.call.partial), "what could not be reached is not said"


@every
def test_nothing_that_looks_like_a_secret_is_kept(one: Made) -> None:
    for path, below in leaves(one.call.keep):
        names = path.split(".")
        assert below == "hash" or not [x for x in names if LOOKS_SECRET.search(x) and x not in REVIEWED], path


def test_containers_of_code_keep_the_names_of_their_variables_only() -> None:
    (assets,) = [one.call for one in made(by_name()["cloudasset"]) if one.call.call == "assets.list:RESOURCE"]
    hashed = [path for path, below in leaves(assets.keep) if below == "hash"]
    assert len(hashed) >= 5 and all(
        path.endswith(("env", "nvironmentVariables", "uri", "pushEndpoint")) for path in hashed
    )


@every
def test_scopes_suffice_and_are_the_narrowest_that_only_read(one: Made) -> None:
    prefix = "https://www.googleapis.com/auth/"
    for method in named(one):
        accepted = {scope.removeprefix(prefix) for scope in method.raw["scopes"]}
        assert accepted & set(one.service.scopes)
        reading = {scope for scope in accepted if scope.endswith(("readonly", "read-only"))}
        if reading and one.service.service != "orgpolicy":
            assert reading & set(one.service.scopes), "there is a scope that can only read"


@every
def test_permissions_are_in_the_catalogue_and_read_nothing_but_settings(one: Made) -> None:
    known = catalog.current()
    assert bool(one.call.permission) != bool(one.call.privilege) or one.call.call == "roles.list"
    for permission in one.call.permission:
        assert known.knows(permission), permission
        assert READ.search(permission) and not DATA.search(permission)


@every
def test_every_call_says_what_cannot_be_known_without_it(one: Made) -> None:
    assert one.service.affects
    for question in (*one.call.affects, *one.service.affects):
        assert re.match(r"(who|whom|what|which|when) .{8,}", question), f"{question!r} is no question"


def test_names_are_unique_and_documents_known() -> None:
    names = Counter((one.service.name, one.call.call) for service in declared() for one in made(service))
    assert [name for name, count in names.items() if count > 1] == []
    assert {service.described for service in declared()} <= set(DOCUMENTS)


@pytest.mark.parametrize("root", ROOTS)
def test_every_call_is_made_from_some_root_and_none_without_end(root: Any) -> None:
    asked = {(s.of(c).service, c.call) for s in linked(declared(), root) for c in s.walk()}
    every_root = {(s.of(c).service, c.call) for r in ROOTS for s in linked(declared(), r) for c in s.walk()}
    assert every_root == {(one.service.service, one.call.call) for s in declared() for one in made(s)}
    assert ("cloudresourcemanager", f"{root}s.get") in asked
    assert (root != "project") == (("cloudresourcemanager", "folders.list") in asked)


def test_limits_of_the_user_go_before_the_declared_ones_wherever_a_call_is_made() -> None:
    for service in linked(declared(), "organization", {"iam-v2": 600}):
        for call in service.walk():
            owner = service.of(call)
            assert owner.per_minute == (600 if owner.service == "iam-v2" else by_name()[owner.service].per_minute)


@pytest.mark.parametrize("root", ROOTS)
def test_the_role_of_a_root_has_no_permission_that_only_what_lies_above_it_could_give(root: Any) -> None:
    needed = set(permissions(declared(), root))
    organization = {"resourcemanager.organizations.getIamPolicy", "iam.principalaccessboundarypolicies.list",
                    "iam.googleapis.com/workforcePools.list", "cloudasset.assets.listAccessPolicy"}  # fmt: skip
    assert organization <= needed if root == "organization" else not organization & needed
    assert "resourcemanager.projects.getIamPolicy" in needed
    assert ("resourcemanager.folders.list" in needed) == (root != "project")


@pytest.mark.parametrize("root", ROOTS)
def test_the_role_of_a_root_can_be_granted_there(root: Any) -> None:
    known = catalog.current()
    told = {one: known.levels(one) for one in permissions(declared(), root)}
    assert [one for one, levels in told.items() if levels and root not in levels] == []
