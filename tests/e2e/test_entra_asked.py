"""A tenant from files of Graph, asked through the command line: in every direction, and what cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.home import Ask, asking
from leastwise.cli.main import run

TENANT = "72f00000-0000-4000-8000-000000000000"
ANN, BOB, EVE = (f"0b000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
SERVICE, APP, GROUP, UNIT = (f"0c000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3, 4))
LONE, LONE_APP = "0d000000-0000-4000-8000-000000000001", "0d000000-0000-4000-8000-000000000002"
SHOP, SHOPPER, SHOP_APP = (f"0e000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
HELPDESK, GLOBAL = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "62e90394-69f5-4237-9190-012177145e10"
PASSWORD, READ = "microsoft.directory/users/password/update", "microsoft.directory/users/standard/read"


CREDENTIALS = "microsoft.directory/applications/credentials/update"


def of(type: str, **body: Any) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{type}", **body}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("entra")
    tenant = folder / f"tenant-{TENANT}"
    tenant.mkdir()
    people = [
        of("user", id=id, userPrincipalName=f"{name}@corp.example", userType="Member", accountEnabled=True)
        for id, name in ((ANN, "ann"), (BOB, "bob"), (EVE, "eve"))
    ]
    files = {
        "users.json": people,
        "groups.json": [of("group", id=GROUP, displayName="staff", securityEnabled=True, groupTypes=[], members=[])],
        "sps.json": [
            of("servicePrincipal", id=SERVICE, appId=APP, displayName="robot", accountEnabled=True),
            of("servicePrincipal", id=SHOPPER, appId=SHOP_APP, displayName="Shop", accountEnabled=True),
        ],
        "apps.json": [
            of("application", id=LONE, appId=LONE_APP, displayName="lone", signInAudience="AzureADMyOrg"),
            of("application", id=SHOP, appId=SHOP_APP, displayName="Shop", signInAudience="AzureADMyOrg"),
        ],
        "units.json": [of("administrativeUnit", id=UNIT, displayName="north", isMemberManagementRestricted=False)],
        "policy.json": [
            of(
                "authorizationPolicy",
                id="authorizationPolicy",
                allowInvitesFrom="everyone",
                defaultUserRolePermissions={"allowedToReadOtherUsers": True},
            )
        ],
        "roles.json": [
            of("unifiedRoleAssignment", id=f"a{number}", principalId=who, roleDefinitionId=role, directoryScopeId="/")
            for number, (who, role) in enumerate(((ANN, HELPDESK), (EVE, GLOBAL), (SERVICE, HELPDESK)))
        ],
    }
    for name, content in files.items():
        (tenant / name).write_text(json.dumps({"value": content}))
    assert run(["import", str(tenant), "--taken", "2026-11-01T00:00:00Z", "--home", str(folder / "home")]) == 0
    return folder / "home"


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return asking(home, capsys)


def test_who_resets_a_password_and_whose_is_protected(ask: Ask) -> None:
    assert ask("can", ANN, PASSWORD, BOB)["state"] == "ALLOWED"
    assert ask("can", EVE, PASSWORD, ANN)["state"] == "ALLOWED"
    # Owners and memberships by PIM are in none of the files, and may make Ann more than that.
    found = ask("can", ANN, PASSWORD, EVE)
    assert found["state"] == "UNKNOWN" and "owners of groups" in " ".join(found["missing"])
    listed = {one["principal"]: one["state"] for one in ask("who-can", PASSWORD, BOB)["items"]}
    assert {id for id, state in listed.items() if state == "ALLOWED"} == {ANN, EVE, SERVICE}


def test_an_app_id_means_its_service_principal_or_its_application(ask: Ask) -> None:
    assert ask("can", APP, PASSWORD, BOB)["state"] == "ALLOWED"
    assert ask("can", APP.upper(), PASSWORD, BOB) == ask("can", SERVICE, PASSWORD, BOB)
    credentials = "microsoft.directory/applications/credentials/update"
    assert ask("who-can", credentials, LONE_APP)["items"] == ask("who-can", credentials, LONE)["items"]


def test_an_application_and_its_service_principal_have_one_name(
    ask: Ask, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {ask("can", who, READ, BOB)["state"] for who in ("shop", SHOPPER)}
    assert len(told) == 1
    assert ask("what-can", "Shop")["items"] == ask("what-can", SHOPPER)["items"]
    assert run(["who-can", CREDENTIALS, "Shop", "--home", str(home)]) == 2, "as an object either may be meant"
    assert "Shop: is the name of 2 objects" in capsys.readouterr().err


def test_what_every_member_may_is_one_line(ask: Ask) -> None:
    items = ask("who-can", READ, BOB)["items"]
    (line,) = [one for one in items if one["kind"] == "everyone" and one["principal"] == "every member"]
    assert (line["state"], line["inside"]) == ("ALLOWED", False)
    assert len(items) < 6


def test_every_other_direction_answers(ask: Ask) -> None:
    assert any(PASSWORD in one["permissions"] for one in ask("what-can", ANN)["items"])
    assert any(one["principal"] == EVE for one in ask("who-can", PASSWORD)["items"])
    assert ask("who-can", PASSWORD, BOB, "--transitive")["items"]
    assert ask("similar")["coverage"]["unasked"] == []
    assert ask("compare", ANN, EVE)["equal"] is not True
    for command in (["external"], ["can", SERVICE, "GET /users", "/"]):
        assert ask(*command)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("can", "nobody", PASSWORD, BOB), "nobody: no principal of that name in the tenant"),
        (("can", LONE_APP, PASSWORD, BOB), "has no service principal in the tenant"),
        (("can", ANN, "microsoft.directory/users", BOB), "is no action"),
        (("can", ANN, PASSWORD, BOB, "--context", "colour=red"), "colour: is none of onBehalfOf, audience, now"),
        (("who-can", "microsoft.directory/*/read"), "have no wildcards"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    capsys.readouterr()
    assert run([*arguments, "--home", str(home)]) == 2
    shown = capsys.readouterr().err
    assert said in shown and shown.count("\n") == 1
