"""What tests of Azure imports share: objects as the vendor's interfaces write them, and tables as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from fakes.shared import SHARED
from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.providers.azure import PROVIDER

SAMPLES = SHARED / "samples/azure"
CORP = Path(__file__).parents[2] / "golden" / "azure" / "corp"
SUB, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
TENANT = "72f00000-0000-4000-8000-000000000000"
GROUPS = "/providers/Microsoft.Management/managementGroups/"
OWNER, READER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ANN, BOB = "0b000000-0000-4000-8000-000000000001", "0b000000-0000-4000-8000-000000000002"


def assignment(scope: str, who: str = ANN, role: str = OWNER, name: str = "a1", **more: Any) -> dict[str, Any]:
    """A role assignment as the command line lists it."""
    return {
        "id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}", "name": name,
        "principalId": who, "principalType": "User", "scope": scope, "type": "Microsoft.Authorization/roleAssignments",
        "roleDefinitionId": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}", **more,
    }  # fmt: skip


def subscription(id: str = SUB, tenant: str = TENANT) -> dict[str, Any]:
    """A subscription as the command line lists it."""
    return {"cloudName": "AzureCloud", "id": id, "isDefault": True, "name": "Sub", "state": "Enabled",
            "tenantId": tenant}  # fmt: skip


def entity(id: str, parent: str | None) -> dict[str, Any]:
    """A management group, or a subscription, as the list of entities tells it."""
    return {"id": id, "name": id.rpartition("/")[2], "displayName": id.rpartition("/")[2], "tenantId": TENANT,
            "parent": {"id": parent}, "type": "Microsoft.Management/managementGroups"}  # fmt: skip


def instance(kind: str, scope: str, who: str = ANN, role: str = OWNER, **more: Any) -> dict[str, Any]:
    """An instance of a schedule of Privileged Identity Management, as the REST API writes it."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/{kind}/i1", "name": "i1",
        "type": f"Microsoft.Authorization/{kind}",
        "properties": {"principalId": who, "principalType": "User", "scope": scope, "status": "Provisioned",
                       "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{role}", **more},
    }  # fmt: skip


def written(folder: Path, files: Mapping[str, Any]) -> Path:
    """The folder with these files; a value that is no text is written as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def collected(folder: Path, files: Mapping[str, Any]) -> list[Collected]:
    """What an import of these files reads."""
    return PROVIDER.read_exports([written(folder, files)])


def rows(one: Collected | Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    tables = PROVIDER.translate(one) if isinstance(one, Collected) else one
    return plain(tables[name]).to_pylist()


def translated(folder: Path, *objects: Any) -> Mapping[str, pa.Table]:
    """The tables of an import of these objects, which belong to one tree."""
    (one,) = collected(folder, {"x.json": list(objects)})
    return PROVIDER.translate(one)
