"""What every rule file begins and ends with, whatever kind of rule it has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TypedDict

from .fields import Fields
from .files import parsed

_REQUIRED = ("schema", "id", "version", "title", "provider")
_OPTIONAL = ("references", "limits")


class Heading(TypedDict):
    """What a rule is called, whom it speaks of, what to do about what it finds, and where it was read."""

    id: str
    version: int
    title: str
    provider: str
    remediation: str
    file: str
    references: tuple[str, ...]
    limits: str


def opened(
    body: bytes, file: str, ships: bool, schema: int, required: Sequence[str], optional: Sequence[str]
) -> tuple[Fields, Heading]:
    """The keys of a rule file, and those of them that every kind has.

    Args:
        body: its bytes.
        file: its path, whose stem must be the rule's id.
        ships: it is a file of ours, which is read faster.
        schema: the schema of this kind that this version reads.
        required: keys that must be there, besides those every kind has.
        optional: keys that may be there, besides those every kind has.

    Raises:
        RuleFileError: naming the file, the key and the cause.
    """
    needed = (*_REQUIRED, *required, "remediation")
    fields = Fields(file, "", parsed(body, file, ships), needed, (*optional, *_OPTIONAL))
    if fields.number("schema") != schema:
        raise fields.error("schema", f"is not {schema}, the schema that this version reads")
    identity = fields.text("id")
    if identity != PurePosixPath(file).stem:
        raise fields.error("id", f"{identity!r} is not the name of the file")
    return fields, Heading(
        id=identity,
        version=fields.number("version"),
        title=fields.text("title"),
        provider=fields.text("provider"),
        remediation=fields.text("remediation"),
        file=file,
        references=fields.texts("references"),
        limits=fields.text("limits", default=""),
    )
