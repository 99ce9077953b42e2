"""What a file's path says of what it is about, where its content does not: an allow policy names no resource.

- `get-iam-policy--projects-my-project.json`: behind `--` stands the resource, `/` written as `-` after `projects`,
  `folders` or `organizations`, or all of it with `/` written as `%2F` (`--%2F%2Fstorage.googleapis.com%2Fbucket`).
- `memberships--staff@example.com.json`, `search-all-iam-policies--organizations-1.json`: the call stands before the
  `--`, so that a list of nothing says of what there is none.
- `…/projects/my-project/get-iam-policy.json`, `…/projects-my-project/…`: the folders above say it.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from leastwise.providers.gcp.tree import RESOURCE_MANAGER

from .shapes import MEMBERSHIPS, SEARCH

_SHORT = re.compile(r"(organization|folder|project)s?[-_/]([a-z0-9][a-z0-9.:-]*)", re.IGNORECASE)
_LISTS = {"memberships": MEMBERSHIPS, "search-all-iam-policies": SEARCH}
_CONTAINERS = ("organizations", "folders", "projects")
_ENDINGS = re.compile(r"(?:\.json|\.jsonl|\.ndjson|\.dump)(?:\.gz)?$", re.IGNORECASE)
_SERVICES = (
    (re.compile(r"projects/[^/]+/serviceAccounts/[^/]+"), "//iam.googleapis.com/"),
    (re.compile(r"(?:organizations|folders|projects)/[^/]+"), RESOURCE_MANAGER),
)


def told_by(path: Path) -> str:
    """The full resource name that the path tells of; empty when it tells none."""
    stem = _ENDINGS.sub("", path.name)
    _, separator, subject = stem.partition("--")
    if separator:
        return _full(unquote(subject))
    short = _SHORT.fullmatch(stem)
    if short:
        return _full(f"{short[1].lower()}s/{short[2]}")
    parts = path.absolute().parts[:-1]
    for at in range(len(parts) - 1, -1, -1):
        short = _SHORT.fullmatch(parts[at])
        if short and parts[at] not in _CONTAINERS:
            return _full("/".join((f"{short[1].lower()}s", short[2], *parts[at + 1 :])))
        if parts[at] in _CONTAINERS and at + 1 < len(parts):
            return _full("/".join(parts[at:]))
    return ""


def listed_by(path: Path, data: bytes = b"") -> tuple[str, str]:
    """The kind of a list, and of what it is one, by the path of a file that holds nothing; empty for any other."""
    call, separator, subject = _ENDINGS.sub("", path.name).partition("--")
    kind = _LISTS.get(call.lower(), "") if separator else ""
    if kind == MEMBERSHIPS:
        return kind, unquote(subject)
    full = _full(unquote(subject)) if kind else ""
    return (kind, full) if full else ("", "")


def _full(name: str) -> str:
    """The full resource name of what is named so."""
    if name.startswith("//"):
        return name
    for pattern, service in _SERVICES:
        if pattern.fullmatch(name):
            return service + name
    if name.startswith("buckets/"):
        return f"//storage.googleapis.com/{name.removeprefix('buckets/')}"
    short = _SHORT.fullmatch(name)
    if short:
        return f"{RESOURCE_MANAGER}{short[1].lower()}s/{short[2]}"
    # A folder within a project's folder that names no resource: the project is meant.
    container = re.match(r"(?:organizations|folders|projects)/[^/]+", name)
    return RESOURCE_MANAGER + container[0] if container else ""
