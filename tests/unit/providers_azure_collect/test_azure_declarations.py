"""The declarations of what is collected: permissions that exist, versions that are pinned, what leads on is kept."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from fakes.azure.directory import SHAPES as GRAPH_SHAPES
from fakes.azure.shapes import SHAPES
from fakes.declared import Made, kept_at, leaves, looks_secret, made, templates
from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.catalog import bundled
from leastwise.providers.azure.collect.declaration import ROOTS, Call, Service, asked, declared
from leastwise.providers.azure.language.operations import Plane
from leastwise.providers.collecting.prune import prune
from leastwise.providers.microsoft.outcome import failure

NEWER = {"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read"}
"""Operations that the bundled catalogue may be too old to know."""


EVERY = [pytest.param(one, id=f"{one.service.service} {one.call.call}") for s in declared() for one in made(s)]
every = pytest.mark.parametrize("one", EVERY)


@every
def test_each_call_is_one_of_the_reference_in_a_version_that_it_has(one: Made) -> None:
    filled = {
        "scope": "/providers/Microsoft.Management/managementGroups/x"
        if one.call.roots == ["management_group"] or one.call.call.startswith("managementGroups")
        else "/subscriptions/x",
        "resource": "/subscriptions/x/r", "group": "g", "application": "a",
        "account": "/subscriptions/x/providers/Microsoft.DocumentDB/databaseAccounts/c",
        "identity": "/subscriptions/x/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i",
    }  # fmt: skip
    path = "/" + re.sub(r"\{\+?(\w+)\}", lambda found: filled[found[1]], one.call.path).lstrip("/")
    (shape,) = [shape for shape in (*SHAPES, *GRAPH_SHAPES) if shape.match(one.service.place, one.call.verb, path)]
    assert one.call.call.partition(":")[0] == shape.name
    if one.service.place == "arm":
        assert {one.call.version, *one.call.older} <= set(shape.versions) and one.call.version
        assert not list(one.call.older) or one.call.version > max(one.call.older), "the newest first"
    else:
        # Version 1.0 leaves service principals out of the members of groups.
        beta = one.call.call.startswith("groups.members.list")
        assert not one.call.version and one.call.path.startswith("beta/" if beta else "v1.0/")


@every
def test_permissions_exist_and_only_read(one: Made) -> None:
    known = {name.lower() for name in bundled().every(Plane.CONTROL)}
    for permission in one.call.permission:
        assert permission.endswith("/read")
        assert permission == "*/read" or permission in NEWER or permission.lower() in known, permission
    assert bool(one.call.privilege) == (one.service.place == "graph")
    for privilege in one.call.privilege:
        assert privilege.endswith(".Read.All")


@every
def test_what_leads_on_is_in_the_answer_above_and_is_kept(one: Made) -> None:
    paths = [template[1:] for template in templates(one.call.with_) if template != "."] + list(one.call.where)
    if one.above is not None:
        assert all(kept_at(one.above.keep, f"{one.call.each}.{path}") is None for path in paths)
    for kind in one.call.of:
        givers = [(c, c.gives[kind]) for s in declared() for c in s.walk() if kind in c.gives]
        assert givers, f"nothing gives {kind}"
        for call, each in givers:
            assert all(kept_at(call.keep, f"{each}.{path}".strip(".")) is None for path in paths), call.call
    for path in one.call.gives.values():
        assert kept_at(one.call.keep, path) not in ("dropped", "hash")


@every
def test_nothing_that_looks_like_a_secret_is_kept(one: Made) -> None:
    assert one.call.keep
    assert looks_secret(one.call.keep) == []
    assert all(below in (None, "hash", {}) for _, below in leaves(one.call.keep))


@every
def test_what_is_asked_of_graph_is_what_is_kept(one: Made) -> None:
    if one.service.place == "graph":
        selected = set(one.call.with_["$select"].split(","))
        assert selected == set(one.call.keep["value"]) - {"@odata.type"}


@every
def test_every_call_says_what_is_unknown_without_it(one: Made) -> None:
    assert one.service.questions(one.call) and not one.service.questions(one.call)[0].startswith("what Microsoft")


def made_of(service: Service) -> list[Call]:
    return [one.call for one in made(service)]


@pytest.mark.parametrize("root", ROOTS)
def test_each_call_is_made_once_for_a_thing_and_none_is_lost(root: Any) -> None:
    reached = {call.call for service in asked(declared(), root) for call in service.walk()}
    place = "graph" if root == "directory" else "arm"
    wanted = {
        call.call for service in declared() if service.place == place for call in made_of(service)
        if not call.roots or root in call.roots
    }  # fmt: skip
    assert reached == wanted


def test_secrets_in_answers_are_dropped() -> None:
    by_call = {call.call: call for service in declared() for call in service.walk()}
    cluster = {"value": [{"id": "/c", "properties": {
        "windowsProfile": {"adminPassword": "canary"}, "linuxProfile": {"ssh": {"publicKeys": ["canary"]}},
        "servicePrincipalProfile": {"clientId": "msi", "secret": "canary"},
        "addonProfiles": {"x": {"enabled": True, "config": {"k": "canary"}}}}}]}  # fmt: skip
    kept = json.dumps(prune(cluster, by_call["managedClusters.list"].keep, lambda value: "hashed"))
    assert "canary" not in kept and "msi" in kept
    policy = {"value": [{"id": "/p", "properties": {"parameters": {"name": {"value": "canary"}}}}]}
    told = prune(policy, by_call["policyAssignments.list"].keep, lambda value: "hashed")
    assert told["value"][0]["properties"]["parameters"] == {"name": {"value": "hashed"}}


ERRORS: list[tuple[int, Any, str, str, str]] = [
    (403, {"error": {"code": "AuthorizationFailed", "message": "m"}}, "AuthorizationFailed", "denied", ""),
    (403, {"error": {"code": "Authorization_RequestDenied"}}, "Authorization_RequestDenied", "denied", ""),
    (401, {"error": {"code": "InvalidAuthenticationToken"}}, "InvalidAuthenticationToken", "denied", "not accepted"),
    (401, {"error": {"code": "InvalidAuthenticationTokenTenant"}}, "InvalidAuthenticationTokenTenant", "denied", ""),
    (401, None, "HTTP 401", "denied", "not accepted"),
    (400, {"error": {"code": "AadPremiumLicenseRequired"}}, "AadPremiumLicenseRequired", "unlicensed", ""),
    (403, {"error": {"code": "Forbidden", "message": "needs Premium license"}}, "Forbidden", "unlicensed", ""),
    (400, {"error": {"code": "InvalidApiVersionParameter"}}, "InvalidApiVersionParameter", "unsupported", ""),
    (404, {"error": {"code": "InvalidResourceType"}}, "InvalidResourceType", "unsupported", ""),
    (429, {"error": {"code": "RateLimiting"}}, "RateLimiting", "throttled", ""),
    (429, None, "HTTP 429", "throttled", ""), (509, {}, "HTTP 509", "throttled", ""),
    (409, {"error": {"code": "MissingSubscriptionRegistration"}}, "MissingSubscriptionRegistration", "failed", ""),
    (401, {"error": {"code": "X", "message": "Neither tenant is B2C or tenant doesn't have premium license"}}, "X",
     "unlicensed", ""),
    (400, {"error": {"code": "BadRequest", "message": "Request not applicable to target tenant."}}, "BadRequest",
     "unlicensed", ""),
    (400, {"error": {"code": "BadRequest", "message": "Resource not found for the segment 'x'."}}, "BadRequest",
     "unsupported", ""),
    (404, {"error": {"code": "Request_ResourceNotFound"}}, "Request_ResourceNotFound", "failed", ""),
    (409, {"code": "Conflict", "message": "m"}, "Conflict", "failed", ""),
    (400, {"odata.error": {"code": "X", "message": {"lang": "en", "value": "why"}}}, "X", "failed", ""),
    (400, {"error": "invalid_request", "error_description": "why"}, "invalid_request", "failed", ""),
    (500, {"error": [1]}, "HTTP 500", "failed", ""), (503, "text", "HTTP 503", "failed", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("http", "content", "code", "status", "ending"), ERRORS, ids=[f"{e[0]} {e[2]} {e[3]}" for e in ERRORS]
)
def test_errors_in_each_form_that_they_are_written(
    http: int, content: Any, code: str, status: str, ending: str
) -> None:
    error = failure(http, {}, content)
    assert (error.code, error.status, bool(error.ending)) == (code, CoverageStatus(status), bool(ending))
    assert ending in error.ending
