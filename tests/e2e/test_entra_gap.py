"""An application's permissions against its requests, and who of a directory is active, through the command line."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run
from leastwise.providers.entra import PROVIDER, catalog

TENANT, APP = "f1e0c000-0000-4000-8000-0000000000aa", "0a000000-0000-4000-8000-000000000001"
ROBOT, GRAPH = "0c000000-0000-4000-8000-000000000001", "0c000000-0000-4000-8000-0000000000ff"
ANN, BOB = "0b000000-0000-4000-8000-000000000001", "0b000000-0000-4000-8000-000000000002"
GRANTED = ("Directory.Read.All", "Mail.Send", "User.Read.All")
NOW = date(2026, 11, 22)
pytestmark = pytest.mark.skipif(PROVIDER.answering is None, reason="nothing answers questions about the directory")


def asked(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--format", "json", "--home", str(home)]) == 0
    return json.loads(capsys.readouterr().out)


def user(id: str, name: str) -> dict[str, Any]:
    return {"id": id, "userPrincipalName": name, "userType": "Member", "accountEnabled": True,
            "createdDateTime": "2020-01-01T00:00:00Z",
            "signInActivity": {"lastSignInDateTime": "2020-05-01T00:00:00Z"}}  # fmt: skip


def service(id: str, app: str, name: str, owner: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "appId": app, "displayName": name, "servicePrincipalType": "Application", "accountEnabled": True,
            "appOwnerOrganizationId": owner, **more}  # fmt: skip


def directory(folder: Path) -> Path:
    """A tenant with an application that has three permissions of Graph, and two people."""
    ids = {value: id for id, value in catalog.bundled().app_roles.items()}
    offered = [{"id": ids[one], "value": one, "isEnabled": True, "allowedMemberTypes": ["Application"]}
               for one in GRANTED]  # fmt: skip
    given = [{"id": f"a{at}", "principalId": ROBOT, "principalType": "ServicePrincipal", "resourceId": GRAPH,
              "appRoleId": ids[one]} for at, one in enumerate(GRANTED)]  # fmt: skip
    lists = {
        "organization": [{"id": TENANT, "displayName": "corp"}],
        "users": [user(ANN, "ann@corp.example"), user(BOB, "bob@corp.example")],
        "groups": [],
        "servicePrincipals": [
            service(ROBOT, APP, "robot", TENANT),
            service(GRAPH, "00000003-0000-0000-c000-000000000000", "Microsoft Graph",
                    "f8cdef31-a31e-4b4a-93e4-5f571e91255a", appRoles=offered),
        ],
        f"servicePrincipals('{GRAPH}')/appRoleAssignedTo": given,
    }  # fmt: skip
    folder.mkdir()
    for number, (name, found) in enumerate(lists.items()):
        page = {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{name}", "value": found}
        (folder / f"{number}.json").write_text(json.dumps(page))
    return folder


def request(day: date, address: str) -> str:
    return json.dumps({
        "time": f"{day}T08:00:00Z", "resourceId": f"/TENANTS/{TENANT.upper()}/PROVIDERS/MICROSOFT.AADIAM",
        "category": "MicrosoftGraphActivityLogs", "operationName": "Microsoft Graph Activity", "tenantId": TENANT,
        "properties": {"requestId": f"{day}{address}", "requestMethod": "GET", "responseStatusCode": 200,
                       "requestUri": f"https://graph.microsoft.com/v1.0{address}", "roles": " ".join(GRANTED),
                       "scopes": "", "wids": "", "appId": APP, "servicePrincipalId": ROBOT, "C_Idtyp": "app"},
    })  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the tenant, a hundred days of requests, and two sign-ins, one of which failed."""
    base = tmp_path_factory.mktemp("entra")
    where = str(base / "home")
    assert run(["import", str(directory(base / "dir")), "--taken", f"{NOW}T12:00:00Z", "--home", where]) == 0
    for back in range(100):
        day = NOW - timedelta(days=back)
        log = base / f"logs/insights-logs-microsoftgraphactivitylogs/tenantId={TENANT}"
        place = log / f"y={day:%Y}/m={day:%m}/d={day:%d}"
        (place / "h=08/m=00").mkdir(parents=True)
        (place / "h=08/m=00/PT1H.json").write_text(f"{request(day, '/users')}\n{request(day, f'/users/{ANN}')}\n")
    sign_ins = [
        {"id": id, "createdDateTime": "2026-11-20T08:00:00Z", "userId": id, "userPrincipalName": name, "appId": APP,
         "resourceDisplayName": "x", "status": {"errorCode": code}, "resourceTenantId": TENANT}
        for id, name, code in ((ANN, "ann@corp.example", 0), (BOB, "bob@corp.example", 50126))
    ]  # fmt: skip
    (base / "sign_ins.json").write_text(json.dumps({"value": sign_ins}))
    taken = ["events", str(base / "logs"), str(base / "sign_ins.json"), "--provider", "entra", "--home", where]
    assert run(taken) == 0
    return base / "home"


def test_unused_permissions_of_an_application(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["permission"]: one for one in asked(capsys, home, "gap", ROBOT)["items"]}
    states = {name: one["state"] for name, one in found.items() if name in GRANTED}
    assert states == {"User.Read.All": "USED", "Mail.Send": "UNUSED", "Directory.Read.All": "UNOBSERVABLE"}
    assert found["User.Read.All"]["touched"] == ["GET /users", "GET /users/{id}"]
    needs = {one["policy"]: one["need"] for one in asked(capsys, home, "gap", ROBOT, "--grants")["items"]}
    assert needs == {"User.Read.All": "NEEDED", "Mail.Send": "UNUSED", "Directory.Read.All": "UNOBSERVABLE"}


def test_the_least_for_its_requests(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [only] = asked(capsys, home, "gap", ROBOT, "--least")["items"]
    assert only == {
        "provider": "entra", "layer": "application", "calls": 2, "least": ["User.ReadBasic.All"], "exact": True,
        "granted": list(GRANTED), "beyond": list(GRANTED), "lacking": ["User.ReadBasic.All"], "unknown": [],
    }  # fmt: skip
    capsys.readouterr()
    assert run(["gap", ROBOT, "--least", "--grants", "--home", str(home)]) == 2
    assert "--least is about one principal" in capsys.readouterr().err


def test_who_signs_in_is_not_dormant(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    idle = {one["id"]: one["state"] for one in asked(capsys, home, "dormant", "--what", "principal")["items"]}
    assert idle.get(BOB) == "UNUSED" and ANN not in idle
