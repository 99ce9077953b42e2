"""A snapshot written under another schema is translated again from its raw documents."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from leastwise.app.importing import import_paths
from leastwise.app.reading import Tables
from leastwise.app.wiring import Workspace
from leastwise.model.tables import BY_NAME

EXPORT = {
    "UserDetailList": [{"Arn": "arn:aws:iam::123456789012:user/a", "UserName": "a", "GroupList": []}],
    "GroupDetailList": [],
    "RoleDetailList": [],
    "Policies": [],
}


def test_an_old_snapshot_reads_as_if_it_were_imported_today(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(EXPORT))
    workspace = Workspace(tmp_path / "home")
    manifest = import_paths(workspace, [file])[0].manifest
    tables = Tables(workspace)
    old = dataclasses.replace(manifest, schema_version=0)
    for name in BY_NAME:
        assert tables.read(old, name).equals(tables.read(manifest, name)), name
    assert tables.read(old, "principals", ["id"]).column_names == ["id"]
