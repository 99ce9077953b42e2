"""Credentials of applications and service principals: whose, until when, no secret; what conditions can ask of both."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import entra_support
import pytest
from entra_support import TENANT, rows

from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.entra import PROVIDER
from leastwise.store.readmodels import build

APP, CLIENT = "0a000000-0000-4000-8000-000000000001", "a9900000-0000-4000-8000-000000000001"
DEPLOY, OTHER = "0b000000-0000-4000-8000-000000000031", "0b000000-0000-4000-8000-000000000032"
TAKEN = datetime(2026, 11, 1, tzinfo=UTC)
PRINCIPAL = {"id": DEPLOY, "appId": CLIENT, "displayName": "deploy", "servicePrincipalType": "Application",
             "appOwnerOrganizationId": TENANT}  # fmt: skip
APPLICATION = {"id": APP, "appId": CLIENT.upper(), "displayName": "deploy", "signInAudience": "AzureADMyOrg"}
GITHUB = {"id": "f1", "name": "main", "issuer": "https://token.actions.githubusercontent.com",
          "subject": "repo:corp/web:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}  # fmt: skip


def password(key: str, ends: str | None, begins: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    return {"keyId": key, "startDateTime": begins, "endDateTime": ends, "displayName": "x", "secretText": "canary"}


def collected(folder: Path, **files: Any) -> Collected:
    named = {f"{name.replace('__', '--').replace('_', '-')}.json": content for name, content in files.items()}
    return entra_support.collected(folder, named, TAKEN)


def test_credentials_of_both_are_those_of_the_service_principal(tmp_path: Path) -> None:
    certificate = {"keyId": "K3", "type": "AsymmetricX509Cert", "usage": "Verify",
                   "endDateTime": "2027-06-01T00:00:00Z", "key": "canary"}  # fmt: skip
    signing = certificate | {"keyId": "k4", "usage": "Sign"}
    one = collected(
        tmp_path,
        apps=[APPLICATION | {"passwordCredentials": [password("k1", "2026-10-01T00:00:00Z")],
                             "keyCredentials": [certificate]}],
        principals=[PRINCIPAL | {"passwordCredentials": [password("k2", None)], "keyCredentials": [signing]}],
    )  # fmt: skip
    found = {row["id"]: row for row in rows(one, "credentials")}
    assert {row["principal"] for row in found.values()} == {DEPLOY}
    assert {key: (row["kind"], row["active"]) for key, row in found.items()} == {
        "k1": ("application_password", False), "k2": ("application_password", None),
        "k3": ("application_certificate", True), "k4": ("signing_certificate", True),
    }  # fmt: skip
    assert found["k1"]["created"] == datetime(2026, 1, 1, tzinfo=UTC) and found["k1"]["expires"].month == 10
    (shown,) = [row for row in build("entra", TENANT, PROVIDER.translate(one))["credentials_view"].to_pylist()
                if row["id"] == "k1"]  # fmt: skip
    assert (shown["principal_name"], shown["principal_kind"]) == ("deploy", "workload")
    for document in one.documents:
        assert b"canary" not in PROVIDER.redact(document, b"k" * 32)


def test_an_application_without_a_service_principal_here_is_a_gap(tmp_path: Path) -> None:
    one = collected(tmp_path, apps=[APPLICATION | {"passwordCredentials": [password("k1", None)]}])
    assert rows(one, "credentials") == []
    (gap,) = [row for row in rows(one, "coverage") if row["call"] == "applications.list" and row["status"] != "ok"]
    assert gap["detail"].startswith(f"1 applications with credentials whose service principal was not read, {CLIENT}")


@pytest.mark.parametrize("form", ["expanded", "context", "file", "itself"])
def test_who_an_issuer_vouches_for_becomes_the_application(tmp_path: Path, form: str) -> None:
    files: dict[str, Any] = {"apps": [APPLICATION], "principals": [PRINCIPAL]}
    if form == "expanded":
        files["apps"] = [APPLICATION | {"federatedIdentityCredentials": [GITHUB]}]
    elif form == "context":
        context = f"https://graph.microsoft.com/v1.0/$metadata#applications('{APP}')/federatedIdentityCredentials"
        files["page"] = {"@odata.context": context, "value": [GITHUB]}
    elif form == "file":
        files[f"federated__{APP.replace('-', '_')}"] = [GITHUB]
    else:
        files["page"] = [GITHUB | {"applicationId": APP}]
    one = collected(tmp_path, **files)
    (trust,) = rows(one, "trusts")
    assert (trust["principal"], trust["subject"], trust["reach"]) == (DEPLOY, GITHUB["issuer"], "narrow")
    assert (trust["patterns"], trust["audiences"]) == ([GITHUB["subject"]], GITHUB["audiences"])
    assert [(row["kind"], row["principal"]) for row in rows(one, "credentials")] == [("federated_credential", DEPLOY)]


@pytest.mark.parametrize(
    ("expression", "reach"),
    [
        ("claims['sub'] matches 'repo:corp/*:ref:refs/heads/main'", "wide"), ("claims['sub'] matches '*'", "anyone"),
        ("claims['sub'] eq 'repo:corp/web:environment:prod'", "narrow"), ("", "anyone"),
    ],
)  # fmt: skip
def test_expressions_with_wildcards_let_in_more(tmp_path: Path, expression: str, reach: str) -> None:
    flexible = {"id": "f2", "issuer": GITHUB["issuer"], "audiences": [], "subject": None,
                "claimsMatchingExpression": {"value": expression, "languageVersion": 1}}  # fmt: skip
    one = collected(tmp_path, apps=[APPLICATION | {"federatedIdentityCredentials": [flexible]}], sp=[PRINCIPAL])
    (trust,) = rows(one, "trusts")
    assert (trust["reach"], trust["conditional"]) == (reach, bool(expression))


def test_what_is_stored_holds_all_that_tells_who_comes_in(tmp_path: Path) -> None:
    flexible = {"id": "f2", "name": "x", "issuer": GITHUB["issuer"], "audiences": GITHUB["audiences"],
                "claimsMatchingExpression": {"value": "claims['sub'] matches 'repo:corp/*'"}}  # fmt: skip
    signing = {"keyId": "k1", "usage": "Sign", "type": "AsymmetricX509Cert", "endDateTime": "2027-06-01T00:00:00Z"}
    kept = APPLICATION | {"federatedIdentityCredentials": [GITHUB, flexible], "keyCredentials": [signing]}
    (document,) = collected(tmp_path, apps=[kept]).documents
    (stored,) = json.loads(PROVIDER.redact(document, b"k" * 32))
    assert stored == kept


def test_federated_credentials_of_an_application_that_is_not_named_are_said(tmp_path: Path) -> None:
    one = collected(tmp_path, apps=[APPLICATION], principals=[PRINCIPAL], page=[GITHUB])
    assert rows(one, "trusts") == []
    assert any("federated credentials of an application that is not named" in gap.detail for gap in one.coverage)


def test_attributes_that_conditions_ask_for(tmp_path: Path) -> None:
    told = {"Engineering": {"@odata.type": "#x", "Project@odata.type": "#Collection(String)",
                            "Project": ["Baker", "Ox"], "Level": 3, "Certified": True}}  # fmt: skip
    wanted = {"Engineering/Project": '["Baker","Ox"]', "Engineering/Level": "3", "Engineering/Certified": "true"}
    principals = [
        {"id": OTHER, "userPrincipalName": "a", "customSecurityAttributes": told},
        PRINCIPAL | {"customSecurityAttributes": told},
    ]  # fmt: skip
    one = collected(tmp_path, x=principals)
    assert {row["id"]: dict(row["tags"]) for row in rows(one, "principals")} == {OTHER: wanted, DEPLOY: wanted}


def test_attributes_of_a_list_of_their_own_are_laid_beside_the_rest() -> None:
    def document(kind: str, *values: Any) -> RawDocument:
        body = json.dumps({"value": list(values)}).encode()
        return RawDocument(Scope("entra", "tenant", TENANT), "graph", kind, f"{kind}.json", body, "", TAKEN)

    user = {"id": OTHER, "userPrincipalName": "ann@corp.example", "userType": "Member"}
    attributed = {"id": OTHER, "customSecurityAttributes": {"E": {"P": ["x"]}}}
    for documents in (
        [document("graph.users.list", user), document("graph.users.list:attributes", attributed)],
        [document("graph.users.list:attributes", attributed), document("graph.users.list", user)],
    ):
        one = Collected(Scope("entra", "tenant", TENANT), TAKEN, tuple(documents), ())
        (row,) = rows(one, "principals")
        assert (row["name"], row["directory"], len(row["tags"])) == ("ann@corp.example", "own", 1)
