#!/usr/bin/env python3
"""Compile what Microsoft publishes for everyone into src/leastwise/providers/entra/data/facts.lwc.

    build_entra_catalog.py FOLDER [--date YYYY-MM-DD]

FOLDER holds `eam_classification/Classification_EntraIdDirectoryRoles.json` and `…FromMsftDocs.json` (roles with their
actions and tiers) and `Classification_MsGraph{AppRoles,Scopes}.json` (tiers) of Cloud-Architekt/AzurePrivilegedIAM
(MIT), `GraphAppRoles.json` and `GraphDelegateRoles.json` of merill/microsoft-info (MIT), and
`graph_path_to_permission.json` of microsoftgraph/microsoft-graph-devx-content (MIT). `--date` is the day of the roles.
Ids, names of roles, actions and values are kept, no prose. The same sources on the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leastwise.providers.entra.catalog import FILE
from leastwise.providers.entra.catalog.compile import Allowing, NamedEntry, NamedRole, Told, compile_catalog
from leastwise.providers.entra.catalog.packed import Packed, ValueRow
from leastwise.providers.entra.language.requests import parse_request
from leastwise.providers.packed import Source

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/entra/data"
DATE, VALUES, REQUESTS = "2026-08-21", "2026-08-20", "2026-08-07"
_ACTION = "AuthorizedResourceAction"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the Entra catalogue.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--date", default=DATE)
    given = parser.parse_args()
    today = datetime.now(UTC).date().isoformat()
    raw = compile_catalog(
        told(given.folder),
        [
            Source("Cloud-Architekt/AzurePrivilegedIAM", given.date, "MIT", given.date, today),
            Source("merill/microsoft-info", VALUES, "MIT", VALUES, today),
            Source("microsoftgraph/microsoft-graph-devx-content", "6cbd6bb", "MIT", REQUESTS, today),
        ],
    )
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / FILE).write_bytes(raw)
    print(f"{Packed(FILE, raw).header.counts}, {len(raw)} bytes")


def told(folder: Path) -> Told:
    found = Told()
    tiers: dict[str, str] = {}
    listed, documented = (
        _read(folder / f"eam_classification/Classification_EntraIdDirectoryRoles{name}.json")
        for name in ("", "FromMsftDocs")
    )
    by_page = {one["RoleId"]: one for one in documented}
    for one in listed:
        page = by_page.get(one["RoleId"], {"RolePermissions": []})
        names: dict[str, None] = {}
        for each in (*one["RolePermissions"], *page["RolePermissions"]):
            if each[_ACTION]:
                names[each[_ACTION]] = None
                tiers.setdefault(each[_ACTION], each["EAMTierLevelTagValue"])
        inherits = tuple(one["InheritsPermissionsFrom"] or ())
        entry, privileged = NamedEntry(tuple(names)), one["isPrivileged"] is True
        found.roles.append(NamedRole(one["RoleId"], one["RoleName"], (entry,), inherits, privileged))
    found.tiers = {name: tier for name, tier in tiers.items() if tier in ("0", "1", "2")}
    for name, delegated, kind, key in (
        ("GraphAppRoles", False, "AppRoles", "AppRoleId"), ("GraphDelegateRoles", True, "Scopes", "ScopeId"),
    ):  # fmt: skip
        graded = _read(folder / f"eam_classification/Classification_MsGraph{kind}.json")
        grades = {one[key]: one["EAMTierLevelTagValue"] for one in graded}
        for one in _read(folder / f"{name}.json"):
            tier = grades.get(one["Id"], "")
            found.values.append(ValueRow(one["Id"], one["Value"], delegated, tier if tier in ("0", "1", "2") else ""))
    for text, values in _read(folder / "graph_path_to_permission.json")["paths"].items():
        request = str(parse_request(text))
        before = found.requests.get(request, Allowing())
        found.requests[request] = Allowing(
            tuple({*before.application, *values.get("Application", ())}),
            tuple({*before.delegated, *values.get("DelegatedWork", ())}),
        )
    return found


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


if __name__ == "__main__":
    main()
