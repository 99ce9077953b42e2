"""Exported files → one `Collected` a tree. Nothing is returned unless every file could be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Collected, Coverage, Scope
from leastwise.providers import exported
from leastwise.providers.azure.tree import SUBSCRIPTIONS, Tree
from leastwise.providers.base import Progress
from leastwise.providers.exported import File, Vendor, coverage_of, document_of
from leastwise.providers.files import modified

from .scoping import Placed, group, place
from .shapes import AUTHORIZATION, directory_object, first_object, kind_of, read_items, refusal

_GUIDE = "docs/how-to/azure.md"
_LISTS = {
    "roles": "roleAssignments", "roleassignments": "roleAssignments", "deny": "denyAssignments",
    "denyassignments": "denyAssignments", "eligible": "roleEligibilityScheduleInstances",
    "roleeligibilityscheduleinstances": "roleEligibilityScheduleInstances",
    "roleassignmentscheduleinstances": "roleAssignmentScheduleInstances", "locks": "locks",
    "policyassignments": "policyAssignments",
}  # fmt: skip
"""Of what a file is the list, by how its name begins: a list without objects says it by nothing else."""
_NAMED = re.compile(
    r"(?P<list>[a-z_-]+?)(?:[-_.]+(?P<of>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))?\.(?:json|jsonl|ndjson)(?:\.gz)?"
)
_SIGNS = re.compile(
    rb'"/?(?:subscriptions|providers/Microsoft\.[A-Za-z.]+)/|"type"\s*:\s*"/?(?:providers/)?Microsoft\.'
    rb'|"(?:RoleAssignmentId|managedByTenants|notDataActions)"\s*:'
    rb"|schema\.management\.azure\.com",
    re.IGNORECASE,
)
"""What only files of this vendor hold, for those too long to be read whole."""


def _named(path: Path, data: bytes = b"") -> tuple[str, str]:
    """Of what a file is the list, and of which subscription, by its name; both are empty where that does not say."""
    named = _NAMED.fullmatch(path.name.lower())
    kind = _LISTS.get(re.sub("[-_]", "", named["list"])) if named else None
    of = named["of"] if named else None
    return (f"{AUTHORIZATION}.{kind}.list" if kind else "", f"{SUBSCRIPTIONS}{of}" if of else "")


_VENDOR = Vendor("Azure", _GUIDE, read_items, first_object, kind_of, refusal, directory_object, listed=_named)


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like exports of Azure; only the beginning of a file is read."""
    return exported.recognises(path, _VENDOR, lambda head: _SIGNS.search(head) is not None)


def read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    """One `Collected` a tree, by scope key; see `providers.base.ReadExports`."""
    files = exported.read_files(paths, _VENDOR, progress)
    tree = Tree()
    placed = [place(item, kind, number, tree) for number, file in enumerate(files) for item, kind in file.known]
    grouped = group([one for one in placed if one.node or not _alone(placed)], tree)
    for one in grouped.lost:
        files[one.file].note(
            f"lies in no subscription or management group that is told; left out ({_GUIDE})", one.item.place
        )
    notes = [note for file in files for note in file.notes]
    if not grouped.scopes:
        where = paths[0] if len(paths) == 1 else "the given paths"
        raise InputError(
            where,
            "nothing says of which subscription or management group this is: import it with az account show, or what "
            f"else names one ({_GUIDE})",
        )
    return [_collected(scope, grouped.scopes[scope], files, notes, taken) for scope in sorted(grouped.scopes)]


def _alone(placed: Sequence[Placed]) -> bool:
    return all(not one.node for one in placed)


def _collected(
    scope: Scope, placed: Sequence[Placed], files: Sequence[File], notes: Sequence[Coverage], taken: datetime | None
) -> Collected:
    parts: dict[tuple[int, str], list[Placed]] = {}
    for one in placed:
        parts.setdefault((one.file, one.kind), []).append(one)
    documents = [
        document_of(scope, files[number], kind, [one.item for one in held], _of(files[number], kind), taken)
        for (number, kind), held in parts.items()
    ]
    coverage = coverage_of([(files[number], kind) for number, kind in parts])
    time = taken or max(modified(files[number].path) for number, _ in parts)
    return Collected(scope, time, tuple(documents), (*coverage, *notes))


def _of(file: File, kind: str) -> str:
    """The subscription that a list is of, where its name tells one."""
    listed, of = _named(file.path)
    return of if listed == kind else ""
