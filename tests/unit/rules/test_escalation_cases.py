"""The cases of escalation rules: each leads where its file says, by that rule alone, and just not where it says so."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import pytest

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.wiring import Workspace
from leastwise.rules.escalation import NEEDLESS, EscalationCase, EscalationRule, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
CASES = [(rule, case) for rule in load_escalation() for case in rule.cases]


RULES = {rule.id: rule for rule, _ in CASES}
ESTATES = {id(case.estate): case.estate for _, case in CASES}
"""The estates, of which several cases of one rule may share one."""


@lru_cache(maxsize=2)
def graph(rule: str, estate: int) -> EscalationGraph:
    provider = Workspace().provider(RULES[rule].provider)
    assert provider.escalating is not None and provider.escalating.estate is not None
    scopes, alone = provider.escalating.estate(ESTATES[estate])
    # What joins ways needs rules that make them.
    rules = None if RULES[rule].link in NEEDLESS else [RULES[rule]]
    return graph_of(provider, scopes, alone, AT, rules)


@pytest.mark.parametrize(
    ("rule", "case"), CASES, ids=lambda one: one.id if isinstance(one, EscalationRule) else one.why
)
def test_a_case_of_a_rule_holds(rule: EscalationRule, case: EscalationCase) -> None:
    found, _ = graph(rule.id, id(case.estate)).paths(case.target, case.source)
    assert [str(one.state) for one in found] == ([case.state] if case.state else [])
