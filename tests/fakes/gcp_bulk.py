"""The documents of a case as an import has them: files, tables, compiled arrays, and the port that asks these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leastwise.engine.arrays import Arrays
from leastwise.errors import InputError
from leastwise.model.decision import Circumstances
from leastwise.model.scope import Collected
from leastwise.providers.base import ScopeTables
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.compile import compile_estate
from leastwise.providers.gcp.compiled.port import GcpPort

FILES = {
    "cloud_asset": "assets", "role": "roles", "deny_policy": "denies", "principal_access_boundary": "boundaries",
    "policy_binding": "bound",
}  # fmt: skip


def files_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Objects by file name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for number, one in enumerate(documents):
        body = dict(one["body"])
        if one["kind"] == "group_membership":
            name = f"groups/g{number}"
            found.setdefault("groups", []).append({**body["group"], "name": name})
            if body.get("memberships") == []:
                found[f"memberships--{name.replace('/', '%2F')}"] = []
            for place, member in enumerate(body.get("memberships") or ()):
                found.setdefault("memberships", []).append({**member, "name": f"{name}/memberships/{place}"})
        else:
            found.setdefault(FILES[one["kind"]], []).append(body)
    assets = found.get("assets", [])
    if not any("iam_policy" in one or "iamPolicy" in one for one in assets):
        # A case says all there is: whoever asked for the policies was told of none.
        found |= {f"search-all-iam-policies--{top}": [] for top in _tops(assets)}
    return found


def _tops(assets: Sequence[Mapping[str, Any]]) -> set[str]:
    """The top of the tree that assets lie in, as the name of a file has it."""
    lines = [one["ancestors"] for one in assets if one.get("ancestors")]
    return {line[-1].replace("/", "-") for line in lines}


def arrays_of(documents: Sequence[Mapping[str, Any]], folder: Path) -> Arrays:
    """The compiled estate of some documents, as it is read from its file."""
    collected = collected_of(documents, folder)
    scopes = [ScopeTables(one.scope.kind, one.scope.id, PROVIDER.translate(one), True, one.time) for one in collected]
    return as_read(compile_estate(scopes))


def collected_of(documents: Sequence[Mapping[str, Any]], folder: Path) -> list[Collected]:
    """What an import of some documents reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, objects in files_of(documents).items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in objects) or "[]")
    try:
        return PROVIDER.read_exports([folder])
    except InputError:
        return []


def as_read(arrays: Arrays) -> Arrays:
    """The arrays as a file of them is read: what is no JSON becomes what JSON makes of it."""
    return Arrays({name: arrays[name] for name in arrays.names()}, json.loads(json.dumps(arrays.facts)))


def port_of(documents: Sequence[Mapping[str, Any]], folder: Path) -> GcpPort:
    """The port on the estate of some documents. Nothing stands above them: a case says all there is."""
    arrays = arrays_of(documents, folder)
    return GcpPort(arrays, [id for id, _ in arrays.facts["unread"]["above"]])


def circumstances(question: Mapping[str, Any]) -> Circumstances:
    """What a case's question says besides who, what and where."""
    context = {
        name: tuple(map(str, value)) if isinstance(value, list) else (str(value),)
        for name, value in (question.get("context") or {}).items()
        if value is not None
    }
    return Circumstances(context, question.get("mode") == "strict")
