"""Every rule file's own cases, asked of the real evaluator."""

from __future__ import annotations

import pytest

from leastwise.detection.posture import PostureResult, evaluate
from leastwise.engine.columns import table
from leastwise.model.tables import TableSpec
from leastwise.rules.cases import full_row
from leastwise.rules.load import load_posture, load_toxic
from leastwise.rules.schema import Case, Rule
from leastwise.rules.views import VIEWS, columns_of

RULES = load_posture()
EVERY = (*RULES, *load_toxic())


def ask(rule: Rule, case: Case) -> PostureResult:
    columns = columns_of(rule.subject)
    row = full_row(case.row, columns, "aws" if rule.provider == "any" else rule.provider)
    spec = TableSpec(VIEWS[rule.subject].name, "", tuple(columns.values()))
    return evaluate([rule], {spec.name: table(spec, {name: [row[name]] for name in columns})}, case.clock)


def cases(kind: str) -> list[object]:
    return [
        pytest.param(rule, case, id=f"{rule.id}: {case.why}") for rule in EVERY for case in getattr(rule.cases, kind)
    ]


@pytest.mark.parametrize(("rule", "case"), cases("match"))
def test_match(rule: Rule, case: Case) -> None:
    result = ask(rule, case)
    assert [one.rule for one in result.findings] == [rule.id]
    assert not result.unknown
    finding = result.findings[0]
    assert finding.severity is rule.severity and finding.message and "{" not in finding.message
    assert set(finding.evidence) == {*rule.evidence, *rule.parameters}


@pytest.mark.parametrize(("rule", "case"), cases("near_miss"))
def test_near_miss_is_surely_silent(rule: Rule, case: Case) -> None:
    result = ask(rule, case)
    assert not result.findings
    assert not result.unknown, "a near miss must be decided, not unknown"


@pytest.mark.parametrize(("rule", "case"), cases("unknown"))
def test_unknown_is_counted_and_never_a_finding(rule: Rule, case: Case) -> None:
    result = ask(rule, case)
    assert not result.findings
    (missed,) = result.unknown
    assert missed.rule == rule.id and missed.rows == 1 and missed.columns


def test_only_external_and_root_dangers_and_dormant_administrators_are_high() -> None:
    high = {rule.id for rule in RULES if rule.severity.rank >= 3}
    assert high == {
        "aws-root-key", "aws-trust-anyone", "aws-trust-oidc-open", "aws-public-resource", "dormant-admin",
        "gcp-anyone-becomes", "gcp-external-admin", "gcp-public-resource",
        "azure-elevated-access", "azure-federated-open", "entra-federated-open", "entra-foreign-privileged-application",
        "entra-guest-admin", "federated-stranger",
    }  # fmt: skip
