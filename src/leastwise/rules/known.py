"""Which published escalation paths are held by which rules, and why others are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from leastwise.errors import RuleFileError

from .escalation import EscalationRule
from .fields import Fields
from .files import parsed, walk

SCHEMA = 1
"""The schema of these files that this version reads."""


@dataclass(frozen=True, slots=True)
class KnownPath:
    """A published path.

    Args:
        rules: the ids of the rules that hold it; none where none does.
        limits: what of it they do not hold, or why there is no rule.
    """

    rules: tuple[str, ...]
    limits: str = ""


@dataclass(frozen=True, slots=True)
class KnownPaths:
    """The published paths of one list.

    Args:
        id: of the list, which is the name of its file.
        title: what the list is, as people read it.
        source: who published it, and when it was read.
        named: what stands before a path's id where a rule names it as `known`.
        paths: by id.
    """

    id: str
    title: str
    source: str
    named: str
    paths: Mapping[str, KnownPath]
    file: str


@cache
def load_known() -> tuple[KnownPaths, ...]:
    """Every list that ships with Leastwise, ordered by id; read once. Raises RuleFileError."""
    root = files("leastwise.rules").joinpath("data", "known")
    return tuple(load_list(file.read_bytes(), place, ships=True) for place, file in walk(root, "known"))


def load_list(body: bytes, file: str, ships: bool = False) -> KnownPaths:
    """One list from the bytes of its file. Raises RuleFileError naming the file, the key and the cause."""
    fields = Fields(file, "", parsed(body, file, ships), ("schema", "title", "source", "paths"), ("named",))
    if fields.number("schema") != SCHEMA:
        raise fields.error("schema", f"is not {SCHEMA}, the schema that this version reads")
    told = fields.value("paths")
    if not isinstance(told, dict) or not told:
        raise fields.error("paths", "is not a mapping of ids")
    paths = {str(id): _path(fields, str(id), value) for id, value in told.items()}
    named = fields.text("named", default="")
    return KnownPaths(PurePosixPath(file).stem, fields.text("title"), fields.text("source"), named, paths, file)


def _path(fields: Fields, id: str, value: Any) -> KnownPath:
    """A path: the rules that hold it, why none does, or both."""
    if isinstance(value, str) and value.strip():
        return KnownPath((), value.strip())
    if isinstance(value, list):
        value = {"rules": value}
    section = Fields(fields.file, f"paths.{id}", value, ("rules",), ("limits",))
    rules = section.texts("rules")
    if not rules:
        raise section.error("rules", "names none; write why instead")
    return KnownPath(rules, section.text("limits", default=""))


def disagreements(lists: Iterable[KnownPaths], rules: Iterable[EscalationRule]) -> list[RuleFileError]:
    """Where a list names a rule that is not there or does not name the path, or leaves out one that does."""
    naming: dict[str, set[str]] = {}
    for rule in rules:
        for one in rule.known:
            naming.setdefault(one, set()).add(rule.id)
    found = []
    for each in lists:
        for id, path in each.paths.items():
            name = f"{each.named} {id}".strip()
            for rule_id in sorted(naming.get(name, set()) ^ set(path.rules)):
                lacks = "names no such path as known" if rule_id in path.rules else "holds it, and is not named here"
                found.append(RuleFileError(each.file, f"{rule_id} {lacks}", f"paths.{id}"))
    return found
