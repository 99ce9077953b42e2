"""An iam-collect download: every file becomes a raw document of its account or organization.

The layout is `aws/PARTITION/accounts/ID/SERVICE/…`, one root a partition
(https://github.com/cloud-copilot/iam-collect).
"""

from __future__ import annotations

from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from .files import TWELVE, Found, modified, read_bytes

_HELD = ("accounts", "organizations", "indexes")


def collect_roots(folder: Path) -> list[Path]:
    """The folders that hold `accounts/` of a download: this one, or one a partition below."""
    candidates = [folder, folder / "aws", *sorted(folder.glob("aws*")), *sorted(folder.glob("aws/aws*"))]
    return [one for one in dict.fromkeys(candidates) if _is_root(one)]


def holds(root: Path, path: Path) -> bool:
    """Whether a file belongs to the download with this root."""
    return any(path.is_relative_to(root / name) for name in _HELD)


def read_collect(root: Path) -> list[Found]:
    """The accounts and organizations under a folder that holds `accounts/`. Raises InputError."""
    found = [_read(folder, Scope("aws", "account", folder.name), root, "") for folder in _folders(root / "accounts")]
    found += [
        _read(folder, Scope("aws", "organization", folder.name), root, "organization/")
        for folder in _folders(root / "organizations")
    ]
    return [one for one in found if one.documents]


def _is_root(folder: Path) -> bool:
    """Saved responses may stand in a folder `accounts` too; a download has a folder an entity, with metadata.json."""
    accounts = folder / "accounts"
    if not accounts.is_dir():
        return False
    ids = [one for one in accounts.iterdir() if TWELVE.fullmatch(one.name) and one.is_dir()]
    return any((one / "iam").is_dir() or next(one.rglob("metadata.json"), None) for one in ids)


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
        # IAM apart: account authorization details replace it, and nothing else of a download.
        name, kind = path.relative_to(root).as_posix(), "iam_collect:iam" if service == "iam" else "iam_collect"
        documents.append(RawDocument(scope, service, kind, name, read_bytes(path), where, modified(path)))
    coverage = [Coverage(service, "iam-collect download", CoverageStatus.OK) for service in sorted(services)]
    return Found(scope, documents, coverage)
