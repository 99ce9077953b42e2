"""Gates that a tag opens, against brute force: each tag is put on in the estate itself, and every pair is asked anew.

Everybody is wanted who can go more surely after a change than before it, with everybody who can make the change; the
rules that are tried make nobody the administrator of the account, who alone would be left out. One tag at a time, and
nobody's session carries one: what two tags do together, and sessions, are cases (`unit/graph/test_aws_tags`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.model.decision import Circumstances, State
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.scenarios import of_rule
from leastwise.rules.escalation import EscalationRule, Need, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
IAM = "arn:aws:iam::111122223333"
SECRET = "secretsmanager:eu-west-1:secret:plan-AbCdEf"
THING = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:plan-AbCdEf"
NAMES = ("aws-sts-001", "aws-iam-002", "aws-data-secret", "aws-iam-power-role", "aws-iam-power-user-inline")
RULES = [one for one in load_escalation() if one.id in NAMES]
RANK = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
PLACES = {f"{IAM}:user/ada": ("users", "ada"), f"{IAM}:user/eve": ("users", "eve"),
          f"{IAM}:role/job": ("roles", "job"), THING: ("things", SECRET)}  # fmt: skip
WRITES = {"user": ("iam:TagUser", "iam:UntagUser"), "role": ("iam:TagRole", "iam:UntagRole"),
          "secret": ("secretsmanager:TagResource", "secretsmanager:UntagResource")}  # fmt: skip
VALUES = ("red", "blue", "another", None)
ASKED = sorted({need.permission for rule in RULES for need in rule.every()})
TAGGING = sorted(name for both in WRITES.values() for name in both)
TAGS: tuple[dict[str, str], ...] = ({}, {"other": "yes"}, {"team": "blue"})
"""Of the thing; of one without any it is not known whether it has some."""
IF: tuple[dict[str, Any], ...] = (
    {},
    {"StringEquals": {"aws:ResourceTag/team": "red"}},
    {"StringNotEquals": {"aws:ResourceTag/team": "red"}},
    {"StringLike": {"aws:PrincipalTag/team": "b*ue"}},
    {"StringEquals": {"aws:PrincipalTag/team": "red"}},
    {"Null": {"aws:PrincipalTag/team": "false"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEqualsIfExists": {"aws:ResourceTag/team": "blue"}},
)
WRITING: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"StringEquals": {"aws:RequestTag/team": "red"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}},
    {"StringEquals": {"aws:ResourceTag/team": "blue"}},
)


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    """A small account in short, in which tags decide."""

    def statement(actions: list[str], conditions: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        several = draw(st.lists(st.sampled_from(actions), min_size=1, max_size=3, unique=True))
        condition = draw(st.sampled_from(conditions))
        on = draw(st.sampled_from(["*", "*", *PLACES]))
        return {"Action": several, "Resource": on, **({"Condition": condition} if condition else {})}

    def holder() -> dict[str, Any]:
        allows = [statement(ASKED, IF) for _ in range(draw(st.integers(0, 2)))]
        allows += [statement(TAGGING, WRITING) for _ in range(draw(st.integers(0, 2)))]
        denies = [statement([*ASKED, *TAGGING], (*IF, *WRITING)) for _ in range(draw(st.integers(0, 1)))]
        return {
            "allows": allows,
            "denies": denies,
            "tags": draw(st.sampled_from([{}, {"team": "red"}, {"team": "blue"}])),
        }

    return {
        "users": {name: holder() for name in ("ada", "eve")},
        "roles": {"job": {**holder(), "trusts": [draw(st.sampled_from(["user/ada", "111122223333"]))]}},
        "things": {SECRET: {"kind": "secretsmanager:secret", "tags": draw(st.sampled_from(TAGS))}},
        "guardrails": [{"denies": [statement([*ASKED, *TAGGING], IF)]}] if draw(st.integers(0, 2)) == 0 else [],
    }


def asked(body: Mapping[str, Any]) -> AwsPort:
    scopes, alone = of_rule(body)
    assert PROVIDER.answering is not None
    return AwsPort(PROVIDER.answering.compile(scopes), alone)


def worlds(body: Mapping[str, Any]) -> Iterator[tuple[str, str | None, AwsPort]]:
    """The account with one tag put on, or taken from, one of what lies in it."""
    for id, (kind, name) in PLACES.items():
        for value in VALUES:
            changed = deepcopy(dict(body))
            # Of a thing without any tag it is not known that none was read.
            none = {"other": "yes"} if id == THING else {}
            changed[kind][name]["tags"] = none if value is None else {"team": value}
            yield id, value, asked(changed)


def rows(rule: EscalationRule) -> list[str]:
    if rule.link:
        return [THING]
    return [id for id in PLACES if not rule.natives or id.split(":")[-1].partition("/")[0] in rule.natives]


def meets(port: AwsPort, rule: EscalationRule, who: str, on: str) -> State:
    def state(need: Need) -> State:
        return port.can(who, need.permission, f"{on}{need.within}", Circumstances(moment=AT)).state

    # What the account was not told of (room for another key) changes from day to day.
    told = State.CONDITIONAL if rule.where else State.ALLOWED
    return max((told, *(min(map(state, step), key=RANK.index) for step in rule.needs)), key=RANK.index)


def writes(port: AwsPort, who: str, id: str, value: str | None) -> State:
    put, taken = WRITES[id.split(":")[-1].partition("/")[0] if ":iam:" in id else "secret"]
    given = {"aws:TagKeys": ("team",)} | ({} if value is None else {"aws:RequestTag/team": (value,)})
    return port.can(who, taken if value is None else put, id, Circumstances(given, moment=AT)).state


Gained = dict[tuple[str, str, str, str, str], State]
"""By rule, who goes, where to, whose tag is changed and by whom."""


def wanted(body: Mapping[str, Any]) -> Gained:
    """What somebody gains when somebody changes a tag, surer than before."""
    before, found = asked(body), {}
    principals = [id for id in PLACES if id != THING]
    for id, value, after in worlds(body):
        doing = {who: writes(before, who, id, value) for who in principals}
        for rule in RULES:
            for who, on in product(principals, rows(rule)):
                # A tag counts as that of what the step is about, or of who goes: both at once where these are one.
                if id not in (who, on) or who == on:
                    continue
                state = meets(after, rule, who, on)
                if RANK.index(state) >= RANK.index(meets(before, rule, who, on)):
                    continue
                for writer, able in doing.items():
                    best = max(state, able, key=RANK.index)
                    if best is not State.DENIED:
                        key = rule.id, who, on, id, writer
                        found[key] = min(found.get(key, State.DENIED), best, key=RANK.index)
    return found


def told(graph: EscalationGraph) -> Gained:
    """The same of the gates that are closed until somebody changes a tag."""
    gates, found = graph.gates, {}
    for gate in gates.closed:
        rule, together = gates.rules[gate.rule], gates.together[gate.together]
        (besides,) = together.besides
        ends = gate.about or [gates.nodes[one] for one in gate.targets.tolist()]
        for who, on in product([gates.nodes[one] for one in gate.sources], ends):
            if who == on or who not in PLACES:
                continue
            about = besides.steps[0][0].about
            changed = who if about == "identity" else on
            for state, able in besides.held.parts():
                for writer in (gates.nodes[one] for one in able):
                    if writer in PLACES and (not besides.own or writer == who):
                        key = rule.id, who, on, changed, writer
                        worst = max(state, gate.state, key=RANK.index)
                        found[key] = min(found.get(key, State.DENIED), worst, key=RANK.index)
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=accounts())
def test_gates_that_a_tag_opens_are_what_the_changed_estate_says(body: dict[str, Any]) -> None:
    scopes, alone = of_rule(body)
    assert told(graph_of(PROVIDER, scopes, alone, AT, RULES)) == wanted(body)
