"""Exported files → one `Collected` a tree. Nothing is returned unless every file could be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import PART, Collected, Coverage, RawDocument, Scope
from leastwise.providers import exported
from leastwise.providers.base import Progress
from leastwise.providers.exported import SUFFIXES, File, Vendor, body_of, coverage_of, is_all
from leastwise.providers.files import modified, name_of
from leastwise.providers.gcp.tree import Tree

from .items import Item, first_object, read_items
from .place import listed_by, told_by
from .scoping import Placed, group, place
from .shapes import ASSETS, GET_IAM_POLICY, ORG_POLICY_V1, SEARCH, kind_of, refusal, refused_text

_VENDOR = Vendor(
    "Google Cloud", "docs/how-to/google-cloud.md", read_items, first_object, kind_of, refusal, lambda _: False,
    (*SUFFIXES, ".dump", ".dump.gz"), refused_text, listed_by,
)  # fmt: skip
_SIGNS = re.compile(
    rb'"asset_?[tT]ype"\s*:\s*"[a-z0-9.]+\.[a-z]+/|"lifecycleState"\s*:|gserviceaccount\.com"|"projectNumber"\s*:'
    rb'|"(?:iam_policy|iamPolicy|includedPermissions|principalSet|deniedPrincipals|groupKey|preferredMemberKey)"\s*:'
    rb'|"terraform_version"\s*:|"logName"\s*:\s*"(?:projects|folders|organizations)/'
)
"""What only files of this vendor (or Terraform's about it) hold, for those too long to be read whole."""
_UNTOLD = (
    "an allow policy that does not say of which resource: name the file get-iam-policy--projects-ID.json, or put it "
    "in a folder projects-ID (docs/how-to/google-cloud.md)"
)


def recognises(path: Path) -> bool:
    """Whether a file or folder looks like Google Cloud exports; only the beginning of a file is read."""
    return exported.recognises(path, _VENDOR, lambda head: _SIGNS.search(head) is not None)


def read_exports(
    paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
) -> list[Collected]:
    """One `Collected` a tree, by scope key; see `providers.base.ReadExports`."""
    files = exported.read_files(paths, _VENDOR, progress)
    tree = Tree()
    placed = [one for number, file in enumerate(files) for one in _placed(file, number, tree)]
    grouped = group(placed, tree)
    for one in grouped.lost:
        files[one.file].note("names no organization, folder or project; left out", one.item.place)
    notes = [note for file in files for note in file.notes]
    if not grouped.scopes:
        where = paths[0] if len(paths) == 1 else "the given paths"
        reason = next((note.detail for note in notes), "no Google Cloud export found")
        raise InputError(where, reason if len(files) == 1 else f"no Google Cloud export found ({reason})")
    return [_collected(scope, grouped.scopes[scope], files, notes, taken, tree) for scope in sorted(grouped.scopes)]


def _placed(file: File, number: int, tree: Tree) -> list[Placed]:
    """The objects of a file with their containers; an allow policy of which nothing says whose it is, is left out.

    Raises:
        InputError: the file was given by its own path, and holds such a policy.
    """
    resource = told_by(file.path)
    placed: list[Placed] = []
    for item, kind in file.known:
        nameless = kind in (GET_IAM_POLICY, ORG_POLICY_V1)
        if not nameless or resource:
            placed.append(place(item, kind, number, resource if nameless else file.of, tree))
        elif file.explicit:
            raise InputError(file.path, _UNTOLD)
        else:
            file.note(_UNTOLD)
    file.known = [(one.item, one.kind) for one in placed]
    return placed


def _collected(
    scope: Scope, placed: Sequence[Placed], files: Sequence[File], notes: Sequence[Coverage], taken: datetime | None,
    tree: Tree,
) -> Collected:  # fmt: skip
    top = tree.name(scope.id if "/" in scope.id else f"projects/{scope.id}")
    parts: dict[tuple[int, str, str], list[Placed]] = {}
    for one in placed:
        if one.kind == SEARCH and one.resource and tree.name(one.node) != top:
            continue  # that a part of the tree has no policies says nothing of the rest
        parts.setdefault((one.file, one.kind, one.resource), []).append(one)
    documents = [_document(scope, files[number], kind, resource, [one.item for one in held], taken)
                 for (number, kind, resource), held in parts.items()]  # fmt: skip
    coverage = coverage_of([(files[number], kind) for number, kind, _ in parts], call_of)
    time = taken or max(modified(files[one.file].path) for one in placed)
    return Collected(scope, time, tuple(documents), (*coverage, *notes))


def call_of(kind: str) -> tuple[str, str]:
    """Service and call of a kind, as coverage names them."""
    service, _, call = kind.partition(".")
    return (service, call.replace(":", "/")) if call else ("cloudresourcemanager", kind)


def _document(
    scope: Scope, file: File, kind: str, resource: str, held: Sequence[Item], taken: datetime | None
) -> RawDocument:
    name = name_of(file.path)
    if file.more and not is_all(file, held):
        name = f"{name}{PART}"
    elif len({one for _, one in file.known}) > 1:
        name = f"{name}#{kind.removeprefix(ASSETS).strip(':.') or kind}"
    return RawDocument(scope, call_of(kind)[0], kind, name, body_of(file, held), resource, taken or modified(file.path))
