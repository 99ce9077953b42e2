"""Gates of small drawn accounts against brute force: every rule asked of every pair by `can`, of the estate without
shadows. Who goes through is compared, and whom the needs are about; what shadows can is a matter of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.graph_facts import GraphFacts
from leastwise.graph.links import Links
from leastwise.model.decision import Circumstances, State
from leastwise.model.shadows import Shadows
from leastwise.providers.aws import PROVIDER
from leastwise.providers.aws.compiled.port import AwsPort
from leastwise.providers.aws.conform.scenarios import of_rule
from leastwise.rules.escalation import EscalationRule, Need, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
IAM = "arn:aws:iam::111122223333"
JOB = "lambda:eu-west-1:function:job"
RULES = [
    one for one in load_escalation()
    if one.provider == "aws" and one.link not in ("joint", "full", "group") and one.gives != "administrator"
]  # fmt: skip
RANK = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
USERS, ROLES = ("ada", "eve"), ("job", "far")
ON = (
    "*",
    "*",
    f"{IAM}:user/ada",
    f"{IAM}:role/job",
    f"{IAM}:policy/own",
    "arn:aws:lambda:*:*:function:job",
    "arn:aws:ec2:*:*:*",
)
IF = ({}, {}, {}, {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
      {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}})  # fmt: skip
STARTED = "glue:eu-west-1:job/etl"
LAUNCHED = tuple(f"arn:aws:ec2:*:*:{one}/*" for one in ("instance", "network-interface", "security-group", "subnet"))
"""What a launch is about, besides an image, which lies in no account."""
TRUSTS = ("lambda.amazonaws.com", "ec2.amazonaws.com", "111122223333", "user/ada", "role/far")


@st.composite
def accounts(draw: st.DrawFn) -> tuple[dict[str, Any], list[EscalationRule]]:
    """A small account in short, and the rules that are asked of it."""
    rules = draw(st.lists(st.sampled_from(RULES), min_size=3, max_size=6, unique_by=lambda one: one.id))
    asked = sorted({one.permission for rule in rules for one in rule.every()})

    def statement() -> dict[str, Any]:
        actions = draw(st.lists(st.sampled_from(asked), min_size=1, max_size=4, unique=True))
        return {"Action": actions, "Resource": draw(st.sampled_from(ON)), **draw(st.sampled_from(IF))}

    def several(most: int) -> list[dict[str, Any]]:
        return [statement() for _ in range(draw(st.integers(0, most)))]

    def person() -> dict[str, Any]:
        found: dict[str, Any] = {"allows": several(3), "denies": several(1), "attached": []}
        if draw(st.booleans()):
            found["attached"] = ["own"]
        return found

    users = {name: {**person(), "groups": draw(st.sampled_from([[], ["team"]]))} for name in USERS}
    roles = {
        name: {**person(), "trusts": draw(st.lists(st.sampled_from(TRUSTS), min_size=1, max_size=3, unique=True))}
        for name in ROLES
    }
    if draw(st.booleans()):
        users["eve"]["boundary"] = "own"
    if draw(st.booleans()):
        roles["job"]["profile"] = "job"
    body: dict[str, Any] = {
        "users": users, "roles": roles, "groups": {"team": {"allows": several(1)}},
        "policies": {"own": {"allows": [statement()]}}, "asked": ["lambda.ListFunctions"],
        "things": {JOB: {"kind": "lambda:function", "role": "job"}, STARTED: {"kind": "glue:job"}},
    }  # fmt: skip
    if draw(st.integers(0, 2)) == 0:
        body["guardrails"] = [{"denies": [statement()]}]
    return body, rules


class Brute:
    """Asks every rule of every pair of a principal and a row, one by one."""

    def __init__(self, body: dict[str, Any]) -> None:
        scopes, alone = of_rule(body)
        assert PROVIDER.answering is not None
        self._port = AwsPort(PROVIDER.answering.compile(scopes), alone)
        self._links = Links([one.tables for one in scopes], Shadows({}, {}, {}))
        self._facts = GraphFacts(scopes)
        self._carried = {f"{IAM}:role/{name}" for name, one in body["roles"].items() if "profile" in one}
        self._known: dict[tuple[str, str, str | None, tuple[tuple[str, tuple[str, ...]], ...]], State] = {}
        self.principals = [*(f"{IAM}:user/{one}" for one in USERS), *(f"{IAM}:role/{one}" for one in ROLES)]

    def edges(self, rule: EscalationRule) -> Iterator[tuple[tuple[str, str, str, str], State]]:
        """Rule, source, whom the needs are about and thing of each edge, with its state."""
        native = self._facts.told().native
        for thing, target in self._rows(rule):
            if rule.natives and native(target) not in rule.natives:
                continue
            for source in self.principals:
                if (rule.oneself and source != target) or (rule.whose and native(source) not in rule.whose):
                    continue
                alike = self._links.existing(rule.kinds) or [("", "")]
                states = [self._meets(rule, source, thing, target, existing) for existing, _ in alike]
                state = max((min(states, key=RANK.index), *self._so(rule, target)), key=RANK.index)
                if state is not State.DENIED:
                    yield (rule.id, source, target, thing), state

    def _meets(self, rule: EscalationRule, source: str, thing: str, target: str, existing: str) -> State:
        """Whether a source meets every step, where what has to exist is one thing."""
        steps = [
            min((self._state(source, one, thing, target, existing) for one in step), key=RANK.index)
            for step in rule.needs
        ]
        return max(steps, key=RANK.index)

    def _so(self, rule: EscalationRule, target: str) -> Iterator[State]:
        """What must be so besides, as the account was told."""
        if rule.provided:
            yield State.CONDITIONAL
        for one in rule.where:
            if one.so == "carried":
                yield State.ALLOWED if target in self._carried else State.DENIED
            else:
                # What the account was not told of changes from day to day (decision 0037): whoever tries finds out.
                yield State.CONDITIONAL

    def _rows(self, rule: EscalationRule) -> list[tuple[str, str]]:
        if rule.link:
            return self._links.pairs(rule.link, rule.kinds)
        return [("", one) for one in self.principals]

    def _state(self, source: str, need: Need, thing: str, target: str, existing: str) -> State:
        if need.about == "existing" and not existing:
            return State.DENIED
        places: tuple[str | None, ...] = (
            {"thing": thing, "target": target, "new": None, "existing": existing}[need.about],
        )
        if need.permission == "ec2:RunInstances":
            places = (*LAUNCHED, "arn:aws:ec2:*::image/*")
        return max((self._on(source, need, place) for place in places), key=RANK.index)

    def _on(self, source: str, need: Need, place: str | None) -> State:
        on = None if place is None else f"{place}{need.within}"
        key = (need.by or source, need.permission, on, tuple(sorted(need.given.items())))
        if key not in self._known:
            given = Circumstances(need.given, moment=AT)
            self._known[key] = self._port.can(key[0], need.permission, on, given).state
        return self._known[key]


def told_by(graph: EscalationGraph, principals: list[str]) -> Mapping[tuple[str, str, str, str], State]:
    """The best state of each edge of some principals: rule, source, whom the needs are about, thing."""
    found: dict[tuple[str, str, str, str], State] = {}
    gates = graph.gates
    for gate in gates.gates:
        rule, count = gates.rules[gate.rule], len(gate.targets)
        if gate.missing:
            continue
        ends = [gates.nodes[node] for node in gate.targets.tolist()]
        rows = list(zip(gate.about or ends, gate.things or [""] * count, strict=True))
        pairs = product([gates.nodes[one] for one in gate.sources], rows)
        if gate.each is not None:
            sources = [gates.nodes[one] for one in gate.each.tolist()]
            pairs = zip(sources, [(source, row[1]) for source, row in zip(sources, rows, strict=True)], strict=True)
        for source, (about, thing) in pairs:
            if source in principals and (about in principals or rule.gives == "data"):
                key = (rule.id, source, about, thing)
                found[key] = min((found.get(key, State.DENIED), gate.state), key=RANK.index)
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=accounts())
def test_gates_are_what_every_pair_says(drawn: tuple[dict[str, Any], list[EscalationRule]]) -> None:
    body, rules = drawn
    brute = Brute(body)
    wanted = {edge: state for rule in rules for edge, state in brute.edges(rule)}
    scopes, alone = of_rule(body)
    assert told_by(graph_of(PROVIDER, scopes, alone, AT, rules), brute.principals) == wanted
