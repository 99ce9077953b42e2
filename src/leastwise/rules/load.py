"""Rule files as rules: reads YAML, refuses what the schema does not know, and says where."""

from __future__ import annotations

from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files

from leastwise.errors import RuleFileError
from leastwise.model.finding import Severity

from .cases import read_cases
from .fields import Fields
from .files import walk
from .heading import opened
from .message import read_message
from .schema import CUTS, SCHEMA, Parameter, Rule, tests_of
from .views import VIEWS, columns_of
from .where import read_where

_REQUIRED = ("subject", "severity", "where", "key", "message", "evidence", "cases")
_OPTIONAL = ("parameters", "supersedes", "removes", "cut")


@cache
def load_posture() -> tuple[Rule, ...]:
    """Every posture rule that ships with Leastwise, ordered by id; read once.

    Raises:
        RuleFileError: a file does not follow the schema, or the files contradict one another.
    """
    return _shipped("posture")


@cache
def load_toxic() -> tuple[Rule, ...]:
    """Every rule about toxic combinations that ships with Leastwise, ordered by id; read once. Raises as above."""
    return _shipped("toxic")


def _shipped(folder: str) -> tuple[Rule, ...]:
    root = files("leastwise.rules").joinpath("data", folder)
    found = [load_rule(file.read_bytes(), place, ships=True) for place, file in walk(root, folder)]
    return checked(found)


def load_rule(body: bytes, file: str, ships: bool = False) -> Rule:
    """One rule from the bytes of its file; `file` is its path, whose stem must be the rule's id.

    `ships`: it is a file of ours, which is read faster.

    Raises:
        RuleFileError: naming the file, the key and the cause.
    """
    fields, heading = opened(body, file, ships, SCHEMA, _REQUIRED, _OPTIONAL)
    subject = fields.choice("subject", tuple(VIEWS))
    columns = columns_of(subject)
    parameters = _parameters(fields)
    key = fields.section("key", ("subject",), ("resource",))
    where = read_where(fields, columns, parameters)
    used = {test.value for test in tests_of(where)}
    for name in parameters:
        if f"${name}" not in used:
            raise fields.error(f"parameters.{name}", "no test uses it")
    return Rule(
        **heading,
        subject=subject,
        severity=Severity(fields.choice("severity", tuple(Severity))),
        where=where,
        key_subject=key.choice("subject", tuple(columns)),
        key_resource=key.choice("resource", tuple(columns), default=""),
        message=read_message(fields, columns, parameters),
        evidence=fields.texts("evidence", allowed=tuple(columns)),
        cases=read_cases(fields, columns),
        parameters=parameters,
        supersedes=fields.texts("supersedes"),
        removes=fields.choice("removes", ("nothing", "subject"), default="nothing") == "subject",
        cut=fields.choice("cut", CUTS, default=""),
    )


def checked(rules: list[Rule]) -> tuple[Rule, ...]:
    """The rules ordered by id, after what only all of them together can tell.

    Raises:
        RuleFileError: an id stands twice, or a rule supersedes one that does not exist or, in the end, itself.
    """
    by_id: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in by_id:
            raise RuleFileError(rule.file, f"{rule.id!r} is also the id of {by_id[rule.id].file}", "id")
        by_id[rule.id] = rule
    for rule in rules:
        for name in rule.supersedes:
            if name not in by_id:
                raise RuleFileError(rule.file, f"no rule has the id {name!r}", "supersedes")
    order = TopologicalSorter({rule.id: rule.supersedes for rule in rules})
    try:
        order.prepare()
    except CycleError as error:
        circle = error.args[1]
        cause = f"in the end it supersedes itself: {' → '.join(circle)}"
        raise RuleFileError(by_id[circle[0]].file, cause, "supersedes") from None
    return tuple(by_id[name] for name in sorted(by_id))


def _parameters(fields: Fields) -> dict[str, Parameter]:
    section = fields.value("parameters", {})
    if not isinstance(section, dict):
        raise fields.error("parameters", "is not a mapping")
    found = {}
    for name in section:
        one = Fields(fields.file, f"parameters.{name}", section[name], ("default", "doc"))
        if not isinstance(name, str) or not name.isidentifier():
            raise fields.error("parameters", f"{name!r} is not a name")
        found[name] = Parameter(one.number("default"), one.text("doc"))
    return found


def columns_read(rule: Rule) -> frozenset[str]:
    """Every column that a rule's tests, key, message and evidence read."""
    said = {piece.name for piece in rule.message if piece.name and not piece.name.startswith("$")}
    key = {rule.key_subject, rule.key_resource} - {""}
    return frozenset({test.column for test in tests_of(rule.where)} | said | key | set(rule.evidence))
