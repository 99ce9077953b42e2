"""Laws of Azure's role-based access on drawn estates, and the evaluator against a second one over plain documents."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from azure_estates import DATA, GROUPS, OPERATIONS, PEOPLE, RESOURCES, ROLES, assignments, denials, estates, questions
from azure_oracle import may

from leastwise.model.decision import State
from leastwise.providers.azure import catalog
from leastwise.providers.azure.conform.ask import disagreements, request_of
from leastwise.providers.azure.conform.documents import Published
from leastwise.providers.azure.evaluate.decide import decide
from leastwise.providers.azure.evaluate.directions import what_can, who_can
from leastwise.providers.azure.evaluate.explain import STATES, explain
from leastwise.providers.azure.evaluate.request import Request
from leastwise.providers.azure.language.operations import Plane

EXAMPLES = 1_000 if os.environ.get("LEASTWISE_NIGHTLY") == "1" else 60
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = {plane: tuple(one for one in OPERATIONS if (one in DATA) is (plane is Plane.DATA)) for plane in Plane}
FEW = Published(catalog.role, catalog.planes, lambda plane: NAMES[plane])
Documents = list[dict[str, Any]]
Question = dict[str, Any]


def asked(documents: Documents, question: Question) -> Request:
    return request_of({"documents": documents}, question, FEW)


def state(documents: Documents, question: Question) -> State:
    return STATES[decide(asked(documents, question)).verdict.outcome]


@SETTINGS
@given(estates(conditions=False), questions)
def test_what_is_known_is_decided_as_a_second_evaluator_decides_it(documents: Documents, question: Question) -> None:
    for operation in OPERATIONS:
        for who in PEOPLE:
            one = {**question, "permission": operation, "principal": who}
            allowed = may(documents, who, operation, operation in DATA, question["resource"])
            assert state(documents, one) is (State.ALLOWED if allowed else State.DENIED)


@SETTINGS
@given(estates(), assignments(conditions=True), questions)
def test_an_assignment_never_takes_access(documents: Documents, more: dict[str, Any], question: Question) -> None:
    before, after = state(documents, question), state([*documents, more], question)
    assert after is State.ALLOWED or before is not State.ALLOWED
    assert after is not State.DENIED or before is State.DENIED


@SETTINGS
@given(estates(), denials(conditions=True), questions)
def test_a_deny_assignment_never_gives_access(documents: Documents, more: dict[str, Any], question: Question) -> None:
    before, after = state(documents, question), state([*documents, more], question)
    assert after is not State.ALLOWED or before is State.ALLOWED
    assert after is State.DENIED or before is not State.DENIED


@SETTINGS
@given(estates(), questions, st.randoms(use_true_random=False))
def test_order_does_not_matter(documents: Documents, question: Question, random: Any) -> None:
    turned = list(documents)
    random.shuffle(turned)
    assert state(turned, question) is state(documents, question)


def capitals(value: Any, key: str = "") -> Any:
    """Ids, scopes and operations in capitals; conditions and types as they were."""
    if isinstance(value, dict):
        return {name: capitals(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [capitals(one, key) for one in value]
    keys = ("id", "scope", "principalId", "groupId", "name", "roleDefinitionId", "actions", "notActions")
    return value.upper() if isinstance(value, str) and key in (*keys, "dataActions", "notDataActions") else value


@SETTINGS
@given(estates(), questions)
def test_case_does_not_matter(documents: Documents, question: Question) -> None:
    loud = {**question, "permission": question["permission"].upper(), "principal": question["principal"].upper()}
    assert state(capitals(documents), question) is state(documents, question)
    assert state(documents, {**loud, "resource": question["resource"]}) is state(documents, question)


@SETTINGS
@given(estates(), questions)
def test_the_directions_agree(documents: Documents, question: Question) -> None:
    one = asked(documents, question)
    assert list(disagreements(one, list(OPERATIONS), None)) == []
    listed = what_can(asked(documents, {**question, "ask": "what_can"}))
    for operation in OPERATIONS:
        told = state(documents, {**question, "permission": operation})
        assert listed.get(operation, State.DENIED) is told


@SETTINGS
@given(estates(), questions)
def test_the_given_lies_within_the_open(documents: Documents, question: Question) -> None:
    strict = state(documents, {**question, "mode": "strict"})
    opened = state(documents, {**question, "mode": "open"})
    if opened in (State.ALLOWED, State.DENIED):
        assert strict is opened


@SETTINGS
@given(estates(), questions, st.sampled_from((*ROLES, *GROUPS, "tree")))
def test_what_was_not_read_never_turns_the_answer(documents: Documents, question: Question, lost: str) -> None:
    def kept(one: dict[str, Any]) -> bool:
        body = one["body"]
        if lost == "tree":
            return one["kind"] != "management_group"
        return not (one["kind"] == "role_definition" and body["name"] == lost) and not (
            one["kind"] == "group_member" and body["groupId"] == lost
        )

    whole = state(documents, question)
    partial = state([one for one in documents if kept(one)], question)
    assert partial in (whole, State.UNKNOWN) or (whole, partial) == (State.UNKNOWN, State.CONDITIONAL)


@SETTINGS
@given(estates(), questions)
def test_an_answer_tells_why(documents: Documents, question: Question) -> None:
    told = explain(decide(asked(documents, question)))
    assert told.reasons
    assert (told.state is State.UNKNOWN) is bool(told.missing)
    if told.state is State.ALLOWED:
        assert any(one.effect == "allows" for one in told.reasons)
    if told.state is State.CONDITIONAL:
        assert told.residual


@SETTINGS
@given(estates(conditions=False), st.sampled_from(RESOURCES), st.sampled_from(OPERATIONS))
def test_who_can_lists_exactly_those(documents: Documents, resource: str, operation: str) -> None:
    question = {"ask": "who_can", "permission": operation, "resource": resource}
    listed = who_can(asked(documents, question))
    wanted = {who for who in PEOPLE if may(documents, who, operation, operation in DATA, resource)}
    assert set(listed.states) - set(GROUPS) == wanted
    assert set(listed.states.values()) <= {State.ALLOWED}
