"""Gates of small drawn organizations against brute force: each rule asked of each pair by the reference evaluator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.graph_facts import GraphFacts
from leastwise.errors import UsageError
from leastwise.graph.gates import Building, Gates
from leastwise.graph.links import Links
from leastwise.graph.preconditions import SURENESS, sureness
from leastwise.model.decision import Circumstances, State
from leastwise.model.shadows import Shadows
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.escalating.cases import of_rule
from leastwise.rules.escalation import EscalationRule, Need, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
GIVEN = Circumstances(moment=AT)
RULES = [one for one in load_escalation() if one.provider == "gcp"]
WHO = ["user:ada@corp.example", "user:eve@corp.example", "group:ops@corp.example", "sa:run@p", "sa:weak@p", "sa:far@q",
       "principal://iam.googleapis.com/projects/101/locations/global/workloadIdentityPools/ci/subject/a",
       "serviceAccount:p.svc.id.goog[n/a]"]  # fmt: skip
WHERE = ["projects/p", "projects/q", "folders/2", "organizations/1", "run@p", "weak@p", "far@q", "vm", "job"]
IF = [
    "", "", "request.time < timestamp('2026-12-01T00:00:00Z')", "resource.name.endsWith('vm')",
    "resource.matchTag('1/env', 'open')", "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).size() < 2",
]  # fmt: skip
CONSTRAINTS = ["iam.disableServiceAccountKeyCreation", "iam.disableServiceAccountKeyUpload", "compute.requireOsLogin"]
THINGS = [
    {"type": "compute.googleapis.com/Instance", "name": "zones/z/instances/vm", "in": "p",
     "data": {"serviceAccounts": [{"email": "sa:run@p"}], "metadata": {"items": []}}},
    {"type": "compute.googleapis.com/Project", "name": "//compute.googleapis.com/projects/p", "in": "p",
     "data": {"commonInstanceMetadata": {"items": []}}},
    {"type": "run.googleapis.com/Job", "name": "locations/l/jobs/job", "in": "q",
     "data": {"template": {"template": {"serviceAccount": "sa:far@q"}}}},
]  # fmt: skip


@st.composite
def organizations(draw: st.DrawFn) -> tuple[dict[str, Any], list[EscalationRule]]:
    """A small organization in short, and the rules that are asked of it."""
    rules = draw(st.lists(st.sampled_from(RULES), min_size=3, max_size=8, unique_by=lambda one: one.id))
    asked = sorted({one.permission for rule in rules for one in rule.every()} - {"leastwise.holdings.use"})
    bindings = []
    for _ in range(draw(st.integers(1, 6))):
        some = (
            draw(st.lists(st.sampled_from(asked), min_size=1, max_size=4, unique=True)) if asked else ["run.jobs.run"]
        )
        one = {"who": draw(st.sampled_from(WHO)), "do": some, "at": draw(st.sampled_from(WHERE))}
        condition = draw(st.sampled_from(IF))
        bindings.append({**one, "if": condition} if condition else one)
    weak = draw(st.sampled_from(["weak@p", {"weak@p": "off"}]))
    body: dict[str, Any] = {
        "tree": {"p": ["folders/2"], "q": []},
        "accounts": ["run@p", weak, "far@q"],
        "things": THINGS,
        "may": bindings,
        "groups": {"ops@corp.example": ["user:eve@corp.example"]},
    }
    if draw(st.booleans()):
        at = draw(st.sampled_from(["projects/p", "organizations/1"]))
        body["constraints"] = {at: [draw(st.sampled_from(CONSTRAINTS))]}
    if asked and draw(st.booleans()):
        who = draw(st.sampled_from(["principalSet://goog/public:all", "principal://goog/subject/ada@corp.example"]))
        body["denies"] = [{"at": "folders/2", "who": [who], "do": [_denied(draw(st.sampled_from(asked)))]}]
    if draw(st.integers(0, 4)) == 0:
        body["unread"] = ["orgpolicy.policies.list"]
    return body, rules


def _denied(permission: str) -> str:
    from leastwise.providers.gcp.language.names import canonical

    return canonical(permission)


class Brute:
    """Asks every rule of every pair of a principal and a row, one by one."""

    def __init__(self, port: GcpPort, links: Links, shadows: Shadows, facts: GraphFacts) -> None:
        self._port, self._links, self._shadows, self._facts = port, links, shadows, facts
        self._known: dict[tuple[str, str, str | None], State] = {}

    def edges(self, rule: EscalationRule, principals: list[str]) -> Iterator[tuple[tuple[str, str, str], State]]:
        """Source, target and thing of each edge, with its state."""
        acting = self._shadows.ties.acting.get(rule.acting, {})
        told = self._facts.told()
        for thing, target in self._links.pairs(rule.link, rule.kinds):
            if rule.link not in ("administers", "told") and target in self._shadows.ids():
                continue
            if rule.natives and told.native(target) not in rule.natives:
                continue
            place = int(sureness(rule, self._shadows.ties, [thing], [target], told.account)[0])
            for source in principals:
                goes = acting.get(source) if rule.acting else source
                best = min((self._best(rule, source, thing, target, one) for one in self._siblings(rule, target)),
                           key=SURENESS.index, default=State.DENIED)  # fmt: skip
                state = max((best, SURENESS[place]), key=SURENESS.index)
                if goes is not None and state is not State.DENIED:
                    yield (goes, target, thing), state

    def _siblings(self, rule: EscalationRule, target: str) -> list[str]:
        if not any(need.about == "sibling" for need in rule.every()):
            return [""]
        account = self._facts.account(target)
        return [id for id, lies_in in self._links.existing(rule.kinds) if lies_in == account]

    def _best(self, rule: EscalationRule, source: str, thing: str, target: str, sibling: str) -> State:
        steps = (
            min((self._state(source, one, sibling if one.about == "sibling" else thing, target) for one in step),
                key=SURENESS.index)
            for step in rule.needs
        )  # fmt: skip
        return max(steps, key=SURENESS.index)

    def _state(self, source: str, need: Need, thing: str, target: str) -> State:
        account = self._shadows.places.get(self._facts.account(target), "")
        place = {"thing": thing, "sibling": thing, "target": target, "account": account, "new": None}[need.about]
        if need.beside:
            place = self._shadows.ties.beside.get(need.beside, {}).get(place or "", "")
        if place == "":
            return State.DENIED
        key = (source, need.permission, place)
        if key not in self._known:
            try:
                self._known[key] = self._port.can(source, need.permission, place, GIVEN).state
            except UsageError:  # nothing stands for any binding here, so that nobody has heard of being named by one
                assert need.permission == "leastwise.holdings.use"
                self._known[key] = State.DENIED
        return self._known[key]


def told_by(gates: Gates) -> Mapping[tuple[str, str, str, str], State]:
    """The best state of each edge: rule, source, target, thing."""
    found: dict[tuple[str, str, str, str], State] = {}
    for gate in gates.gates:
        if gate.missing:
            continue
        assert gate.each is None
        things = gate.things or [""] * len(gate.targets)
        for source, (target, thing) in product(gate.sources, zip(gate.targets.tolist(), things, strict=True)):
            key = (gates.rules[gate.rule].id, gates.nodes[source], gates.nodes[target], thing)
            found[key] = min((found.get(key, State.DENIED), gate.state), key=SURENESS.index)
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=organizations())
def test_gates_are_what_every_pair_says(drawn: tuple[dict[str, Any], list[EscalationRule]]) -> None:
    body, rules = drawn
    scopes, alone = of_rule(body)
    assert PROVIDER.escalating is not None and PROVIDER.answering is not None
    shaded, shadows = PROVIDER.escalating.shaded(scopes)
    arrays = PROVIDER.answering.compile(shaded)
    relates, links = PROVIDER.escalating.relates(arrays, alone), Links([one.tables for one in shaded], shadows)
    facts = GraphFacts(shaded)
    gates = Building(relates, links, shadows, facts.told(), AT).gates(rules)
    principals = list(relates.somewhere("iam.roles.get", GIVEN).principals)
    brute = Brute(GcpPort(arrays, alone), links, shadows, facts)
    groups = {one for one in principals if one.startswith("group:")}
    wanted = {
        (rule.id, *edge): state for rule in rules for edge, state in brute.edges(rule, principals)
        if edge[0] not in groups
    }  # fmt: skip
    assert {key: state for key, state in told_by(gates).items() if key[1] not in groups} == wanted
