"""Every route held against every duty, made from the routes that the application has: a new one is in it by itself."""

from __future__ import annotations

import re

import pytest
from fastapi.routing import APIRoute
from signing import Signing

from leastwise.api.security.rights import declared
from leastwise.app import passwords
from leastwise.app.duties import RIGHTS, WHOLE, Duty, Right

REFUSED = "this needs the right"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of an empty home: who is let in is answered quickly, whatever is asked."""
    return Signing(tmp_path_factory.mktemp("matrix") / "home")


@pytest.fixture(scope="module")
def asked(server):
    """Every route of the application: method, path, right."""
    routes = [one for one in server.app.routes if isinstance(one, APIRoute)]
    assert len(routes) == len(server.app.routes)
    return [
        (method, re.sub(r"\{[^}]+\}", "nothing", route.path_format), next(declared(route.dependant)))
        for route in routes
        for method in sorted(route.methods)
    ]


@pytest.fixture(scope="module")
def tokens(server):
    """A token by name: one a duty with all of its rights, and narrower ones."""
    from leastwise.app import accounts
    from leastwise.app import tokens as made
    from leastwise.app.record import By

    by = By("test", "test")

    def token(name, given, rights=None, places=("*",)):
        user = accounts.add(server.workspace, by, name, "correct horse battery", given)
        owner = made.owner_of(server.workspace, user.id)
        wanted = rights or set(owner.rights) - {Right.ANYONE}
        return made.make(server.workspace, by, owner, name, wanted, places, 1)["secret"]

    every = {duty: ["*"] for duty in Duty}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hashed", lambda password: "")
        patch.setattr(accounts, "hashed", lambda password: "")
        found = {str(duty): token(str(duty), {duty: ["*"]}) for duty in Duty}
        found["narrow"] = token("narrow", every, {Right.SEE})
        found["one account"] = token("one account", {duty: ["aws:1"] for duty in Duty})
        found["token of one account"] = token("token of one account", every, None, ["aws:1"])
    return found


def answers(client, asked):
    """Of each route whether its right was refused; statuses of every answer."""
    refused, statuses = {}, set()
    for method, path, right in asked:
        body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
        answer = client.request(method, path, follow_redirects=False, **body)
        told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        detail = told.get("detail", "") if isinstance(told, dict) else ""
        refused[method, path, right] = answer.status_code == 403 and REFUSED in detail
        statuses.add(answer.status_code)
    return refused, statuses


@pytest.mark.parametrize("duty", Duty)
def test_a_duty_may_what_the_table_says_and_nothing_else(server, asked, tokens, duty):
    refused, statuses = answers(server.bearer(tokens[duty]), asked)
    wrong = {one: was for one, was in refused.items() if was == (one[2] in RIGHTS[duty])}
    assert wrong == {} and 500 not in statuses and 401 not in statuses


@pytest.mark.parametrize("name", ["one account", "token of one account"])
def test_who_sees_one_account_has_no_right_over_the_whole(server, asked, tokens, name):
    refused, statuses = answers(server.bearer(tokens[name]), asked)
    wrong = {one: was for one, was in refused.items() if was != (one[2] in WHOLE)}
    assert wrong == {} and 500 not in statuses


def test_a_token_may_what_its_scope_says_and_nothing_else(server, asked, tokens):
    refused, _ = answers(server.bearer(tokens["narrow"]), asked)
    wrong = {one: was for one, was in refused.items() if was == (one[2] in (Right.SEE, Right.ANYONE))}
    assert wrong == {}


def test_nobody_may_nothing_but_sign_in(server, asked):
    client = server.browser()
    for method, path, right in asked:
        body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
        answer = client.request(method, path, **body)
        if right is Right.ANYONE:
            assert answer.status_code != 401, path
        else:
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == 'Bearer realm="leastwise"'


def test_the_routes_for_anyone_are_these(asked):
    """A new one is a decision: it says nothing about the estate."""
    assert {path for _, path, right in asked if right is Right.ANYONE} == {
        "/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/session", "/api/v1/session/setup",
        "/api/v1/session/oidc/start", "/api/v1/session/oidc/callback",
    }  # fmt: skip
