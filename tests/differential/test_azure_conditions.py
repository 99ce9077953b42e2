"""Conditions of Azure against a second interpreter: every answer agrees with all completions of what is not known."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_oracle import ALWAYS, CONDITIONS, Context, Drawn, choices

from leastwise.engine.solve import Outcome
from leastwise.providers.azure.evaluate.comparing import Given
from leastwise.providers.azure.evaluate.conditions import condition
from leastwise.providers.azure.evaluate.delegation import delegated
from leastwise.providers.azure.evaluate.worlds import solver
from leastwise.providers.azure.language.parse import parse_attribute, parse_condition
from leastwise.providers.azure.language.tree import Attribute

EXAMPLES = 2_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 250
MOST = 6_000
"""Completions that are tried of one condition."""
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Facts:
    """Attributes that are given; others are not known."""

    given: Mapping[str, Given]
    operation: str = "microsoft.storage/storageaccounts/blobservices/containers/blobs/read"

    def look(self, attribute: Attribute) -> Given | None:
        return self.given.get(attribute.key)

    def always(self, attribute: Attribute) -> bool:
        return attribute.key in KEYED


KEYED = frozenset(parse_attribute(name).key for name in ALWAYS)


def keyed(context: Context) -> dict[str, Given]:
    return {parse_attribute(name).key: tuple(values) for name, values in context.items()}


@SETTINGS
@given(CONDITIONS, st.data())
def test_where_everything_is_known_both_say_the_same(drawn: Drawn, data: st.DataObject) -> None:
    context = {name: data.draw(st.sampled_from(choices(name)), label=name) for name in sorted(drawn.reads)}
    assert condition(drawn.text, Facts(keyed(context)), "x") is drawn.means(context)


@SETTINGS
@given(CONDITIONS, st.data())
def test_an_answer_agrees_with_all_completions(drawn: Drawn, data: st.DataObject) -> None:
    names = sorted(drawn.reads)
    known = {name: data.draw(st.sampled_from(choices(name)), label=name) for name in names if data.draw(st.booleans())}
    unknown = [name for name in names if name not in known]
    pools = [choices(name) for name in unknown]
    size = 1
    for pool in pools:
        size *= len(pool)
    assume(size <= MOST)
    told = {drawn.means({**known, **dict(zip(unknown, chosen, strict=True))}) for chosen in product(*pools)}
    verdict = solver().verdict(condition(drawn.text, Facts(keyed(known)), "x"))
    said = {Outcome.ALWAYS: {True}, Outcome.NEVER: {False}, Outcome.DEPENDS: {True, False}}[verdict.outcome]
    assert said == told or (not verdict.exact and verdict.outcome is Outcome.DEPENDS), (verdict, known)


@SETTINGS
@given(CONDITIONS, st.data())
def test_what_is_left_open_suffices_and_leaves_nothing_out(drawn: Drawn, data: st.DataObject) -> None:
    found = solver()
    verdict = found.verdict(condition(drawn.text, Facts({}), "x"))
    assume(verdict.outcome is Outcome.DEPENDS and verdict.exact)
    alternatives = found.alternatives(verdict.certain)
    assume(alternatives is not None)
    assert alternatives is not None
    context: dict[str, Any] = {name: data.draw(st.sampled_from(choices(name))) for name in sorted(drawn.reads)}
    facts = Facts(keyed(context))

    def holds(clause: Any) -> bool:
        return all((condition(str(one.atom), facts, "x") is True) is one.positive for one in clause)

    assert any(map(holds, alternatives)) is drawn.means(context)


@SETTINGS
@given(CONDITIONS)
def test_a_condition_is_written_again_as_it_was_read(drawn: Drawn) -> None:
    tree = parse_condition(drawn.text)
    assert parse_condition(str(tree)) == tree
    assert parse_condition(f"(\n{drawn.text}\n)") == tree


def test_what_may_be_assigned_is_asked_of_role_assignments_only() -> None:
    from leastwise.providers.azure.evaluate.estate import Estate
    from leastwise.providers.azure.evaluate.request import request

    assert delegated(request(Estate(), "x", "Microsoft.Compute/virtualMachines/read", "/"), [frozenset()]) == ()
