"""Laws of access in Google Cloud, over drawn estates: what is missing is never taken for a no, or for a yes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from gcp_estates import bindings, contexts, documents, questions, rules

from leastwise.model.decision import State
from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.conform.ask import disagreements, request_of
from leastwise.providers.gcp.evaluate.decide import decide
from leastwise.providers.gcp.evaluate.directions import state
from leastwise.providers.gcp.evaluate.explain import explain
from leastwise.providers.gcp.evaluate.request import Request

EXAMPLES = 3_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 150
DRAWN = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
NAMED = ("cloud_asset", "role", "group_membership", "principal_access_boundary")
"""Kinds of documents that others name, so that one that is missing is known to be."""


def asked(found: list[dict[str, Any]], question: Mapping[str, Any], **more: Any) -> Request:
    return request_of({"documents": found}, {**question, **more}, catalog.permissions_of)


def answer(found: list[dict[str, Any]], question: Mapping[str, Any], **more: Any) -> State:
    return state(asked(found, question, **more))


@DRAWN
@given(documents(), questions, contexts, st.integers(0, 11))
def test_a_document_that_is_missing_leaves_the_answer_or_makes_it_unknown(
    found: list[dict[str, Any]], question: Mapping[str, Any], context: Mapping[str, Any], missing: int
) -> None:
    whole = answer(found, question, context=context)
    assert found[missing]["kind"] in NAMED
    part = answer([*found[:missing], *found[missing + 1 :]], question, context=context)
    assert part in (whole, State.UNKNOWN), f"{whole} became {part} without {found[missing]['body']}"


@DRAWN
@given(documents(), questions, contexts)
def test_what_an_open_question_says_for_certain_holds_in_every_context(
    found: list[dict[str, Any]], question: Mapping[str, Any], context: Mapping[str, Any]
) -> None:
    open_ = answer(found, question)
    if open_ in (State.ALLOWED, State.DENIED):
        assert answer(found, question, context=context) is open_
    else:
        assert answer(found, question, context=context) is not State.UNKNOWN or open_ is State.UNKNOWN


@DRAWN
@given(documents(), questions, contexts, bindings)
def test_another_binding_takes_nothing_away(
    found: list[dict[str, Any]], question: Mapping[str, Any], context: Mapping[str, Any], more: dict[str, Any]
) -> None:
    before = answer(found, question, context=context)
    first = found[0]["body"]
    given_ = {**first, "iam_policy": {"version": 3, "bindings": [*first["iam_policy"]["bindings"], more]}}
    after = answer([{"kind": "cloud_asset", "body": given_}, *found[1:]], question, context=context)
    if before is State.ALLOWED:
        assert after is State.ALLOWED
    if after is State.DENIED:
        assert before is State.DENIED


@DRAWN
@given(documents(), questions, contexts, rules)
def test_another_deny_rule_gives_nothing(
    found: list[dict[str, Any]], question: Mapping[str, Any], context: Mapping[str, Any], more: dict[str, Any]
) -> None:
    before = answer(found, question, context=context)
    name = "policies/cloudresourcemanager.googleapis.com%2Forganizations%2F1/denypolicies/more"
    after = answer(
        [*found, {"kind": "deny_policy", "body": {"name": name, "rules": [{"denyRule": more}]}}],
        question,
        context=context,
    )
    if before is State.DENIED:
        assert after is State.DENIED
    if after is State.ALLOWED:
        assert before is State.ALLOWED


@DRAWN
@given(documents(), questions)
def test_the_three_directions_agree(found: list[dict[str, Any]], question: Mapping[str, Any]) -> None:
    put = asked(found, question)
    assert list(disagreements(put, [put.permission])) == []


@DRAWN
@given(documents(), questions)
def test_every_answer_says_why(found: list[dict[str, Any]], question: Mapping[str, Any]) -> None:
    told = explain(decide(asked(found, question)))
    assert bool(told.missing) is (told.state is State.UNKNOWN)
    assert told.reasons or told.missing
    if told.state is State.CONDITIONAL:
        assert told.residual
    if told.state is State.ALLOWED:
        assert any(one.effect == "allows" and "GRANTED" in one.text for one in told.reasons)
        assert not any(one.effect == "denies" for one in told.reasons)
