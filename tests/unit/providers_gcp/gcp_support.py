"""What tests of Google Cloud imports share: objects as the vendor writes them, and tables as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from fakes.shared import SHARED
from leastwise.engine.columns import plain
from leastwise.model.scope import Collected
from leastwise.providers.gcp import PROVIDER
from leastwise.store.readmodels import build

SAMPLES = SHARED / "samples/gcp"
RM = "//cloudresourcemanager.googleapis.com/"
ORG, FOLDER, PROJECT = "organizations/1", "folders/2", "projects/33"
ANCESTORS = [PROJECT, FOLDER, ORG]


def asset(name: str, type: str, ancestors: list[str] | None = None, **contents: Any) -> dict[str, Any]:
    """An asset in the spelling of the export."""
    return {"name": name, "asset_type": type, "ancestors": ancestors or ANCESTORS, **contents}


def organization(**contents: Any) -> dict[str, Any]:
    data = {"name": ORG, "displayName": "corp.example", "lifecycleState": "ACTIVE"}
    return (
        asset(f"{RM}{ORG}", "cloudresourcemanager.googleapis.com/Organization", [ORG], resource={"data": data})
        | contents
    )


def project(**contents: Any) -> dict[str, Any]:
    data = {"projectId": "shop", "projectNumber": "33", "name": "Shop", "lifecycleState": "ACTIVE",
            "parent": {"type": "folder", "id": "2"}, "labels": {"team": "web"}}  # fmt: skip
    return asset(f"{RM}{PROJECT}", "cloudresourcemanager.googleapis.com/Project", resource={"data": data}) | contents


def policy(*bindings: tuple[str, list[str]] | tuple[str, list[str], str]) -> dict[str, Any]:
    """An allow policy of (role, members) or (role, members, expression)."""
    found = []
    for role, members, *condition in bindings:
        one: dict[str, Any] = {"role": role, "members": members}
        if condition:
            one["condition"] = {"title": "t", "expression": condition[0]}
        found.append(one)
    return {"version": 3, "etag": "BwX=", "bindings": found}


def lines(*objects: Any) -> str:
    return "\n".join(json.dumps(one) for one in objects) + "\n"


def collected(folder: Path, files: Mapping[str, Any]) -> list[Collected]:
    """What an import of these files reads; a value that is no text is written as JSON, a tuple as lines."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = lines(*content) if isinstance(content, tuple) else content
        path.write_text(text if isinstance(text, str) else json.dumps(text))
    return PROVIDER.read_exports([folder])


def tables(one: Collected) -> Mapping[str, pa.Table]:
    return PROVIDER.translate(one)


def rows(found: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    return plain(found[name]).to_pylist()


def views(one: Collected) -> Mapping[str, pa.Table]:
    return build("gcp", one.scope.id, tables(one))


def translated(folder: Path, *assets: dict[str, Any], **files: Any) -> Mapping[str, pa.Table]:
    """The tables of an import of these assets, and of other files, which all belong to one tree."""
    (one,) = collected(folder, {"assets.jsonl": tuple(assets)} | files if assets else files)
    return tables(one)
