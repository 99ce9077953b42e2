"""Exported files → one `Collected` a tenant. Nothing is returned unless every file could be read.

A directory's objects do not say of which tenant they are: the organization's own object does, or subscriptions and
management groups beside them, or a folder `tenant-ID`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Collected, Coverage, CoverageStatus, Scope
from leastwise.providers import exported
from leastwise.providers.base import Progress
from leastwise.providers.exported import File, Vendor, call_of, coverage_of, document_of
from leastwise.providers.files import modified, name_of
from leastwise.providers.items import Item

from . import kinds
from .shapes import (
    elsewhere,
    first_object,
    hound_kinds,
    is_part,
    is_single,
    is_transitive,
    kind_of,
    leaves_out_services,
    list_of,
    members_of,
    none_of,
    read_items,
    refusal,
    tenant_of,
)
from .spelling import PEOPLE_ONLY, SOME

_GUIDE = "docs/how-to/entra.md"
_SIGNS = re.compile(
    rb'"@odata\.type"\s*:\s*"#microsoft\.graph\.|graph\.microsoft\.[a-z]+/|"servicePrincipalType"\s*:|"kind"\s*:\s*"AZ'
)
_TENANT = re.compile(r"tenant[-_]([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_GROUP = re.compile(r"(?:^|--)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\.|$)", re.IGNORECASE)
_UNTOLD = (
    "members of a group that is not named: name the file members--ID.json after the group's object id "
    f"({_GUIDE}); read as what they are, not as members"
)
_BY_OTHERS = (
    "who is in a group itself and who is so by other groups is not told apart here: export its members "
    f"({_GUIDE}); read as what they are, not as members"
)
_WHOSE = (
    "federated credentials of an application that is not named: name the file federated--ID.json after the object id "
    f"of the application ({_GUIDE})"
)
_OBJECTS = (kinds.USERS, kinds.GROUPS, kinds.SERVICE_PRINCIPALS, kinds.DEVICES, kinds.APPLICATIONS)
"""What members and owners are."""
_BY_NAME = (
    (("scoped", "member"), kinds.SCOPED_MEMBERS), (("role", "member"), kinds.ROLE_MEMBERS),
    (("unit", "member"), kinds.UNIT_MEMBERS), (("member",), kinds.MEMBERS), (("group", "owner"), kinds.GROUP_OWNERS),
    (("service", "owner"), kinds.SERVICE_OWNERS), (("device", "owner"), kinds.DEVICE_OWNERS),
    (("app", "owner"), kinds.APPLICATION_OWNERS), (("owner",), kinds.ANY_OWNERS),
    (("approval",), kinds.GROUP_STAGES), (("federated",), kinds.FEDERATED), (("assigned-to",), kinds.APP_ROLES_OF),
    (("assignedto",), kinds.APP_ROLES_OF),
)  # fmt: skip
"""Lists by words of the name of their file."""
_ALL = frozenset((*_OBJECTS, kinds.UNITS, kinds.ASSIGNMENTS, kinds.INSTANCES, kinds.ELIGIBLE, kinds.DELEGATIONS))
"""Sets of the whole tenant: whoever is not in them is nowhere."""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_OF_AZURE = re.compile(r"deny|role|eligib|lock|polic|assign|instance", re.IGNORECASE)
"""Words in names of files whose lists, empty, are of a subscription."""


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
        list, of = _list(file)
        application = _application(file)
        for item, kind in file.known:
            listed = bool(of) and (kind in _OBJECTS or kind == list)
            about = of if listed else application if kind == kinds.FEDERATED else ""
            parts.setdefault((number, list if listed else kind, about), []).append(item)
        _left_out(file)
    _mark_parts(files, parts)
    documents = [document_of(scope, files[number], kind, held, group, taken)
                 for (number, kind, group), held in parts.items()]  # fmt: skip
    coverage = _coverage([(files[number], kind) for number, kind, _ in parts])
    time = taken or max(modified(files[number].path) for number, *_ in parts)
    notes = [note for file in files for note in file.notes]
    return [Collected(scope, time, tuple(documents), (*coverage, *notes))]


_WITHOUT_SERVICES = (kinds.MEMBERS, kinds.GROUP_OWNERS, kinds.ANY_OWNERS)
"""Lists that leave out service principals in version 1.0."""


def _mark_parts(files: Sequence[File], parts: Mapping[tuple[int, str, str], list[Item]]) -> None:
    """Say of each list of one object what it may leave out; one that is cut off is known in part as it is."""
    for (number, kind, of), held in parts.items():
        file = files[number]
        told = [item.value for item in held]
        if not of or file.more:
            continue
        if file.strange or (len(held) == 1 and is_single(file.data)):
            held.append(Item({SOME: True}, ""))
        elif kind in _WITHOUT_SERVICES and leaves_out_services(file.data, told):
            held.append(Item({PEOPLE_ONLY: True}, ""))


def _coverage(told: Sequence[tuple[File, str]]) -> list[Coverage]:
    """How each call ended; a set of which only files of single objects tell was not read."""
    whole = {kind for file, kind in told if not is_part(file.data) and not is_transitive(file.path.name, file.data)}
    some = {call_of(kind): name_of(file.path) for file, kind in told if kind in _ALL - whole}
    odd = {call_of(kind): file for file, kind in told if _strange(file, kind)}
    found = [_in_part(one, odd.get((one.service, one.call))) for one in coverage_of(told)]
    return [
        replace(one, status=CoverageStatus.NOT_TRIED, affects="all others",
                detail=f"{name} tells one object, what one has of them, or what changed: import the list of all")
        if one.status is CoverageStatus.OK and (name := some.get((one.service, one.call)))
        else one
        for one in found
    ]  # fmt: skip


def _strange(file: File, kind: str) -> bool:
    """Whether a file that holds objects of one set has some that cannot be told: they may be of that set."""
    return bool(file.strange) and kind in _ALL and {one for _, one in file.known} == {kind}


def _in_part(one: Coverage, file: File | None) -> Coverage:
    """How a call ended of which a file has objects that cannot be told."""
    if file is None or one.status is not CoverageStatus.OK:
        return one
    detail = f"{name_of(file.path)} has {file.strange} objects of a form that is not known"
    return replace(one, status=CoverageStatus.UNSUPPORTED, detail=detail, affects="what they say")


def _list(file: File) -> tuple[str, str]:
    """What a file is a list of, as its content says or its name: the kind of the list, and the object's id."""
    if not file.data:
        return "", ""
    if is_transitive(file.path.name, file.data):
        file.note(_BY_OTHERS)
        return "", ""
    kind, of = _listed(file.path, file.data)
    untold = members_of(file.data) == "" or "member" in file.path.name.lower()
    if not of and untold and any(one in _OBJECTS for _, one in file.known):
        file.note(_UNTOLD)
    others = (str(item.value.get("resourceId", of)).lower() != of for item, _ in file.known)
    if kind == kinds.APP_ROLES_OF and any(others):
        return "", ""  # what somebody was assigned to, whatever its name says
    return kind, of


def _listed(path: Path, data: bytes) -> tuple[str, str]:
    kind, of = list_of(data)
    if not of:
        kind, of = _named(path)
    return kind, of


def _empty(path: Path, data: bytes) -> tuple[str, str]:
    """What a file without an object is a list of; of a set as a whole it says that there is none.

    Without a kind: the subscription of whose lists it is one.
    """
    kind, of = ("", "") if is_transitive(path.name, data) else _listed(path, data)
    kind = kind or none_of(data)
    theirs = None if kind else _OF_AZURE.search(path.name) and _GUID.search(path.name)
    return ("", theirs[0].lower()) if theirs else (kind, of if kind else "")


def _named(path: Path) -> tuple[str, str]:
    """What a file is a list of, by its name."""
    name = path.name.lower()
    kind = next((kind for words, kind in _BY_NAME if all(one in name for one in words)), "")
    named = _GROUP.search(name.partition(".")[0]) if kind else None
    if named is None and name.startswith("member"):
        named = _GROUP.search(path.parent.name)
    return (kind, named[1].lower()) if named else ("", "")


def _application(file: File) -> str:
    """The application whose federated credentials a file holds: as its content says, or its name."""
    credentials = [item.value for item, kind in file.known if kind == kinds.FEDERATED]
    list, found = list_of(file.data) if credentials else ("", "")
    named = _GROUP.search(file.path.name.lower().partition(".")[0])
    if list != kinds.FEDERATED:
        found = ""
    if not found and credentials and named is not None:
        found = named[1].lower()
    told = (isinstance(one.get("applicationId", one.get("applicationAppId")), str) for one in credentials)
    if not found and not all(told):
        file.note(_WHOSE)
    return found


def _left_out(file: File) -> None:
    """Say what a collection of AzureHound tells of Azure: it leaves out what decides there (conditions, denials)."""
    if file.left and b'"AZ' in file.data:
        several = sorted(set(hound_kinds(read_items(file.path, file.data))))
        if several:
            shown = ", ".join(several[:5]) + (", …" if len(several) > 5 else "")
            file.note(f"what AzureHound tells of Azure itself ({shown}) is not read: export Azure with az")


_VENDOR = Vendor("Microsoft Entra ID", _GUIDE, read_items, first_object, kind_of, refusal, elsewhere, listed=_empty)


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
