"""Posture: what the rules find in the read models, and where they cannot tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.errors import UsageError
from leastwise.model.finding import Finding, Severity
from leastwise.rules.load import columns_read
from leastwise.rules.schema import LARGEST, Piece, Rule
from leastwise.rules.views import VIEWS

from .overlay import with_overlay
from .predicates import Evaluation

ANY_PROVIDER = "any"
"""The provider of a rule that reads every provider's rows."""


@dataclass(frozen=True, slots=True)
class UnknownRows:
    """Rows about which a rule cannot tell: how many, and in how many each column is missing."""

    rule: str
    title: str
    rows: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PostureResult:
    """What the rules said.

    `findings` are ordered by severity (worst first), rule, subject and resource. `superseded` are the findings left
    out because a finding about the same thing says more; that one names their rules and keys in its evidence (`also`).
    """

    findings: tuple[Finding, ...]
    unknown: tuple[UnknownRows, ...]
    superseded: tuple[Finding, ...] = ()


def evaluate(
    rules: Iterable[Rule],
    views: Mapping[str, pa.Table],
    clock: datetime,
    parameters: Mapping[str, Mapping[str, int]] | None = None,
) -> PostureResult:
    """Apply rules to the read models of an estate.

    Args:
        rules: the rules; a rule whose view is not given finds nothing.
        views: view tables by name, with or without their overlay columns.
        clock: the estate's time, that ages count from.
        parameters: values of parameters that differ from their defaults, by rule and name.

    Raises:
        UsageError: a parameter is set that no rule has.
    """
    known = tuple(rules)
    chosen = _parameters(known, parameters or {})
    tables = {name: with_overlay(name, views[name]) for name in {VIEWS[r.subject].name for r in known} & set(views)}
    findings: list[Finding] = []
    unknown: list[UnknownRows] = []
    for rule in known:
        table = tables.get(VIEWS[rule.subject].name)
        if table is None:
            continue
        found, missed = _apply(rule, table, clock, chosen[rule.id])
        findings += found
        if missed:
            unknown.append(missed)
    kept, superseded = _supersede(known, _distinct(findings))
    return PostureResult(tuple(kept), tuple(unknown), tuple(superseded))


def _parameters(rules: tuple[Rule, ...], given: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    chosen = {rule.id: {name: one.default for name, one in rule.parameters.items()} for rule in rules}
    for rule, values in given.items():
        if rule not in chosen:
            raise UsageError(f"no rule has the id {rule!r}")
        for name, value in values.items():
            if name not in chosen[rule]:
                raise UsageError(f"rule {rule} has no parameter {name!r}; it has {sorted(chosen[rule])}")
            if not 0 <= value <= LARGEST:
                raise UsageError(f"rule {rule}: {name} is {value}, not a number from 0 to {LARGEST}")
            chosen[rule][name] = value
    return chosen


def _apply(
    rule: Rule, table: pa.Table, clock: datetime, parameters: Mapping[str, int]
) -> tuple[list[Finding], UnknownRows | None]:
    if rule.provider != ANY_PROVIDER:
        table = table.filter(pc.equal(table["provider"], rule.provider))
    evaluation = Evaluation(rule.subject, table, clock, parameters)
    holds = evaluation.holds(rule.where)
    unclear = pc.is_null(holds)
    missed = int(pc.sum(unclear).as_py() or 0)
    unknown = UnknownRows(rule.id, rule.title, missed, evaluation.missing(rule.where, unclear)) if missed else None
    wanted = sorted(columns_read(rule) | {"provider", "account", "owner"})
    matched = table.select(wanted).filter(pc.fill_null(holds, False))
    columns = [_values(matched[name]) for name in wanted]
    rows = (dict(zip(wanted, row, strict=True)) for row in zip(*columns, strict=True))
    return [_finding(rule, row, clock, parameters) for row in rows], unknown


def _values(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values; times are converted once for each distinct one."""
    if pa.types.is_timestamp(column.type):
        coded = column.combine_chunks().dictionary_encode()
        distinct = [None if one is None else one.astimezone(UTC) for one in coded.dictionary.to_pylist()]
        return [None if index is None else distinct[index] for index in coded.indices.to_pylist()]
    values: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
    return values


def _finding(rule: Rule, row: Mapping[str, Any], clock: datetime, parameters: Mapping[str, int]) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        provider=row["provider"],
        account=row["account"],
        subject=str(row[rule.key_subject]),
        resource=str(row[rule.key_resource]) if rule.key_resource else "",
        title=rule.title,
        message="".join(_say(piece, row, clock, parameters) for piece in rule.message),
        remediation=rule.remediation,
        evidence={name: _plain(row[name]) for name in rule.evidence} | dict(parameters),
        owner=row["owner"] or "",
    )


def _say(piece: Piece, row: Mapping[str, Any], clock: datetime, parameters: Mapping[str, int]) -> str:
    if not piece.name:
        return piece.text
    value: Any = parameters[piece.name[1:]] if piece.name.startswith("$") else row[piece.name]
    if value is None:
        said = piece.otherwise
    elif piece.form == "days":
        said = str(abs((clock - value).days))
    elif piece.form == "date":
        said = value.date().isoformat()
    elif isinstance(value, list):
        said = ", ".join(value) or piece.otherwise
    elif isinstance(value, bool):
        said = "yes" if value else "no"
    else:
        said = str(value) or piece.otherwise
    return piece.text + said


def _plain(value: Any) -> object:
    """A value as JSON can hold it."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


_Thing = tuple[str, str, str, str | None]
"""What a finding is about: rule, provider, subject, resource (None: any)."""

_RANKS = {severity: severity.rank for severity in Severity}


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return -_RANKS[finding.severity], finding.rule, finding.provider, finding.subject, finding.resource


def _distinct(findings: list[Finding]) -> list[Finding]:
    """One finding a key, in order: two rows may say the same of one subject (a policy by two groups)."""
    by_key: dict[tuple[str, str, str, str], Finding] = {}
    for one in sorted(findings, key=_order):
        by_key.setdefault((one.rule, one.provider, one.subject, one.resource), one)
    return list(by_key.values())


def _supersede(rules: tuple[Rule, ...], findings: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Leave out what a finding about the same thing says better; that finding then names what it stands for.

    The same thing is the same subject, and the same resource where both rules key their findings by the same column:
    one key of a user that was never used says nothing of the other.
    """
    by_id = {rule.id: rule for rule in rules}
    over: dict[str, list[tuple[str, bool]]] = {}
    for rule in rules:
        for name in rule.supersedes:
            exact = bool(rule.key_resource) and name in by_id and rule.key_resource == by_id[name].key_resource
            over.setdefault(rule.id, []).append((name, exact))

    def covered(one: Finding) -> Iterator[_Thing]:
        for name, exact in over.get(one.rule, ()):
            yield name, one.provider, one.subject, one.resource if exact else None

    hidden = {thing for one in findings for thing in covered(one)}
    kept: list[Finding] = []
    superseded: list[Finding] = []
    said: dict[_Thing, list[Finding]] = defaultdict(list)
    for one in findings:
        things = [(one.rule, one.provider, one.subject, resource) for resource in (one.resource, None)]
        if hidden.isdisjoint(things):
            kept.append(one)
            continue
        superseded.append(one)
        for thing in things:
            said[thing].append(one)
    for index, one in enumerate(kept):
        silent = {(other.rule, other.key) for thing in covered(one) for other in said.get(thing, ())}
        if silent:
            also = [{"rule": rule, "key": key} for rule, key in sorted(silent)]
            kept[index] = replace(one, evidence={**one.evidence, "also": also})
    return kept, superseded
