"""An iam-collect download: every file becomes a raw document of its account or organization."""

from __future__ import annotations

from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from .files import Found, modified, read_bytes


def read_collect(root: Path) -> list[Found]:
    """The accounts and organizations under a folder that holds `accounts/`. Raises InputError."""
    found = [_read(folder, Scope("aws", "account", folder.name), root, "") for folder in _folders(root / "accounts")]
    found += [
        _read(folder, Scope("aws", "organization", folder.name), root, "organization/")
        for folder in _folders(root / "organizations")
    ]
    return [one for one in found if one.documents]


def _folders(parent: Path) -> list[Path]:
    return sorted(one for one in parent.iterdir() if one.is_dir()) if parent.is_dir() else []


def _read(folder: Path, scope: Scope, root: Path, prefix: str) -> Found:
    documents = []
    services = set()
    for path in sorted(folder.rglob("*.json")):
        if not path.is_file():
            raise InputError(path, "not a file")
        inside = path.relative_to(folder).as_posix()
        service = inside.partition("/")[0] if "/" in inside else "account"
        services.add(service)
        where = prefix + inside if "/" in inside or not prefix else prefix.rstrip("/") + "/" + inside
        documents.append(
            RawDocument(
                scope,
                service,
                "iam_collect",
                path.relative_to(root).as_posix(),
                read_bytes(path),
                where,
                modified(path),
            )
        )
    coverage = [Coverage(service, "iam-collect download", CoverageStatus.OK) for service in sorted(services)]
    return Found(scope, documents, coverage)
