"""Predefined roles as Google publishes them: answers of `roles.list` with the view FULL, saved as files.

https://docs.cloud.google.com/iam/docs/reference/rest/v1/roles/list
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from leastwise.errors import InputError


class _Role(msgspec.Struct, rename="camel"):
    name: str
    title: str = ""
    stage: str = ""
    included_permissions: list[str] | None = None
    deleted: bool = False


class _Page(msgspec.Struct, rename="camel"):
    roles: list[_Role]
    next_page_token: str = ""


class PublishedRole(msgspec.Struct, frozen=True):
    """A role that applies everywhere; `permissions` is None where the answer has none."""

    name: str
    title: str
    stage: str
    permissions: frozenset[str] | None


_FORMS = msgspec.json.Decoder(_Page | list[_Role])
_LINES = msgspec.json.Decoder(_Role)


def read_roles(place: Path) -> list[PublishedRole]:
    """The roles of a file or of all files of a folder: pages, arrays, or one role a line (or a file).

    Raises:
        InputError: nothing is there, a file cannot be read or is none of these, or a page has a successor that the
            folder lacks.
    """
    try:
        files = sorted(path for path in place.rglob("*.json*") if path.is_file()) if place.is_dir() else [place]
        contents = [(file, file.read_bytes()) for file in files]
    except OSError as error:
        raise InputError(place, error.strerror or str(error)) from None
    found: dict[str, PublishedRole] = {}
    unfinished = finished = 0
    for file, raw in contents:
        roles, more = _read(file, raw)
        unfinished, finished = unfinished + (more is True), finished + (more is False)
        for role in roles:
            if role.name.startswith("roles/") and not role.deleted:
                holds = None if not role.included_permissions else frozenset(role.included_permissions)
                found[role.name] = PublishedRole(role.name, role.title, role.stage, holds)
    if unfinished and not finished:
        raise InputError(place, "the last page of roles is missing (each of them names a next one)")
    if not found:
        raise InputError(
            place, "holds no predefined role (an answer of iam.googleapis.com/v1/roles?view=FULL is meant)"
        )
    return list(found.values())


def _read(file: Path, raw: bytes) -> tuple[list[_Role], bool | None]:
    """The roles of a file, and for a page whether there is a next one."""
    try:
        whole = _FORMS.decode(raw)
    except msgspec.ValidationError:
        return list(_lines(file, raw)), None
    except msgspec.DecodeError:
        return list(_lines(file, raw)), None
    if isinstance(whole, _Page):
        return whole.roles, bool(whole.next_page_token)
    return whole, None


def _lines(file: Path, raw: bytes) -> Iterator[_Role]:
    # A file with one role, over several lines, is one value.
    try:
        yield _LINES.decode(raw)
        return
    except msgspec.DecodeError:
        pass
    for number, line in enumerate(raw.splitlines(), 1):
        if line.strip():
            try:
                yield _LINES.decode(line)
            except msgspec.DecodeError as error:
                raise InputError(file, f"is no answer with roles ({error})", f"line {number}") from None
