"""The cases of escalation rules: each leads where its file says, by that rule alone, and just not where it says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.wiring import Workspace
from leastwise.rules.escalation import NEEDLESS, EscalationCase, EscalationRule, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
CASES = [(rule, case) for rule in load_escalation() for case in rule.cases]


def graph(rule: EscalationRule, case: EscalationCase) -> EscalationGraph:
    provider = Workspace().provider(rule.provider)
    assert provider.escalating is not None and provider.escalating.estate is not None
    scopes, alone = provider.escalating.estate(case.estate)
    # What joins ways needs rules that make them.
    rules = None if rule.link in NEEDLESS else [rule]
    return graph_of(provider, scopes, alone, AT, rules)


@pytest.mark.parametrize(
    ("rule", "case"), CASES, ids=lambda one: one.id if isinstance(one, EscalationRule) else one.why
)
def test_a_case_of_a_rule_holds(rule: EscalationRule, case: EscalationCase) -> None:
    found, _ = graph(rule, case).paths(case.target, case.source)
    assert [str(one.state) for one in found] == ([case.state] if case.state else [])
