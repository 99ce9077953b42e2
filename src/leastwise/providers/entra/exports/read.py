"""Exported files → one `Collected` a tenant. Nothing is returned unless every file could be read.

A directory's objects do not say of which tenant they are: the organization's own object does, or subscriptions and
management groups beside them, or a folder `tenant-ID`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Collected, Scope
from leastwise.providers import exported
from leastwise.providers.base import Progress
from leastwise.providers.exported import File, Vendor, coverage_of, document_of
from leastwise.providers.files import modified
from leastwise.providers.items import Item

from .kinds import FEDERATED, MEMBERS, ORGANIZATION
from .shapes import (
    application_of,
    elsewhere,
    first_object,
    kind_of,
    members_of,
    read_items,
    refusal,
    tenant_of,
)

_GUIDE = "docs/how-to/azure.md"
_SIGNS = re.compile(rb'"@odata\.type"\s*:\s*"#microsoft\.graph\.|graph\.microsoft\.[a-z]+/|"servicePrincipalType"\s*:')
_TENANT = re.compile(r"tenant[-_]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_GROUP = re.compile(r"(?:^|--)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\.|$)", re.IGNORECASE)
_UNTOLD = (
    "members of a group that is not named: name the file members--ID.json after the group's object id "
    f"({_GUIDE}); read as what they are, not as members"
)

_WHOSE = (
    "federated credentials of an application that is not named: name the file federated--ID.json after the object id "
    f"of the application ({_GUIDE})"
)


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like exports of Entra; only the beginning of a file is read."""
    return exported.recognises(path, _VENDOR, lambda head: _SIGNS.search(head) is not None)


def read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    """One `Collected`, of the tenant; see `providers.base.ReadExports`."""
    files = exported.read_files(paths, _VENDOR, progress)
    scope = Scope("entra", "tenant", _tenant(paths, files))
    parts: dict[tuple[int, str, str], list[Item]] = {}
    for number, file in enumerate(files):
        group, application = _group(file), _application(file)
        for item, kind in file.known:
            member = bool(group) and kind not in (ORGANIZATION, FEDERATED)
            about = group if member else application if kind == FEDERATED else ""
            parts.setdefault((number, MEMBERS if member else kind, about), []).append(item)
    documents = [document_of(scope, files[number], kind, held, group, taken)
                 for (number, kind, group), held in parts.items()]  # fmt: skip
    coverage = coverage_of([(files[number], kind) for number, kind, _ in parts])
    time = taken or max(modified(files[number].path) for number, *_ in parts)
    notes = [note for file in files for note in file.notes]
    return [Collected(scope, time, tuple(documents), (*coverage, *notes))]


def _group(file: File) -> str:
    """The group whose members a file holds: as its content says, or its name; empty for another file."""
    told = members_of(file.data)
    named = told or _named(file.path)
    if not named and (told == "" or "member" in file.path.name.lower()) and file.known:
        file.note(_UNTOLD)
    return named


def _named(path: Path) -> str:
    """The group whose members a file holds, by its name."""
    name = path.name.lower()
    named = _GROUP.search(name.partition(".")[0]) if "member" in name else None
    if named is None and name.startswith("member"):
        named = _GROUP.search(path.parent.name)
    return named[1].lower() if named else ""


def _application(file: File) -> str:
    """The application whose federated credentials a file holds: as its content says, or its name."""
    credentials = [item.value for item, kind in file.known if kind == FEDERATED]
    found = application_of(file.data) if credentials else ""
    named = _GROUP.search(file.path.name.lower().partition(".")[0])
    if not found and credentials and named is not None:
        found = named[1].lower()
    if not found and not all(isinstance(one.get("applicationId"), str) for one in credentials):
        file.note(_WHOSE)
    return found


def _empty_list(path: Path, data: bytes) -> tuple[str, str]:
    """The members of a group that has none."""
    group = members_of(data) or _named(path)
    return (MEMBERS, group) if group else ("", "")


_VENDOR = Vendor(
    "Microsoft Entra ID", _GUIDE, read_items, first_object, kind_of, refusal, elsewhere, listed=_empty_list
)


def _tenant(paths: Sequence[Path], files: Sequence[File]) -> str:
    """The tenant that everything is of. Raises InputError where nothing tells it, or several are told."""
    found = {match[1].lower() for file in files for part in file.path.absolute().parts
             if (match := _TENANT.fullmatch(part.partition(".")[0]))}  # fmt: skip
    if not found:
        items = (item.value for file in files for item in (*read_items(file.path, file.data).items,) if file.data)
        found = {tenant for one in items if (tenant := tenant_of(one, kind_of(one)))}
    where = paths[0] if len(paths) == 1 else "the given paths"
    if not found:
        raise InputError(
            where, f"nothing says of which tenant this is: put it into a folder tenant-ID, or import it together with "
            f"the output of az account show ({_GUIDE})",
        )  # fmt: skip
    if len(found) > 1:
        raise InputError(where, f"tells of several tenants ({', '.join(sorted(found))}): import one after another")
    return next(iter(found))
