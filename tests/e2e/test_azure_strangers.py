"""What outsiders of unknown type reach, and what the same asked one by one says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

SUB, TENANT, MANAGING = (f"{one}{one * 7}-1111-4111-8111-111111111111" for one in "157")
FIRST, SECOND = (f"0b000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
READER, CONTRIBUTOR = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "b24988ac-6180-42a0-ab88-20f7382dd24c"
WRITE = "Microsoft.Compute/virtualMachines/write"


def offer(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.ManagedServices/{kind}/o1", "name": "o1",
        "type": f"Microsoft.ManagedServices/{kind}", "properties": properties,
    }  # fmt: skip


def test_strangers_that_may_be_groups_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Either may be in the other, so that both may have both roles; each has its own for certain."""
    given = [{"principalId": who, "roleDefinitionId": role} for who, role in ((FIRST, READER), (SECOND, CONTRIBUTOR))]
    files = {
        "account": {"id": SUB, "name": "s", "tenantId": TENANT, "isDefault": True, "cloudName": "AzureCloud"},
        "definition": offer("registrationDefinitions", {"authorizations": given, "managedByTenantId": MANAGING}),
        "assignment": offer(
            "registrationAssignments",
            {"registrationDefinitionId": offer("registrationDefinitions", {})["id"], "provisioningState": "Succeeded"},
        ),
        "deny-assignments": {
            "id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/denyAssignments/d1", "name": "d1",
            "type": "Microsoft.Authorization/denyAssignments",
            "properties": {"scope": f"/subscriptions/{SUB}", "permissions": [], "principals": []},
        },
    }  # fmt: skip
    for name, body in files.items():
        (tmp_path / "corp").mkdir(exist_ok=True)
        (tmp_path / "corp" / f"{name}.json").write_text(json.dumps(body))
    home = str(tmp_path / "home")
    assert run(["import", str(tmp_path / "corp"), "--home", home]) == 0

    def asked(*arguments: str) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--home", home, "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    exposed = asked("external")["items"]
    states = [one["state"] for one in exposed if one["principal"] == SECOND and WRITE in one["permissions"]]
    assert states == [asked("can", SECOND, WRITE, f"/subscriptions/{SUB}")["state"]] == ["ALLOWED"]
