"""Law of the graph of Azure and Entra ID: every rule, asked of every pair need by need, leads where the gates lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.app.escalating import part_of
from leastwise.app.escalation_graph import Part
from leastwise.app.wiring import Workspace
from leastwise.engine.columns import plain
from leastwise.model.decision import Circumstances, State
from leastwise.model.shadows import Shadows
from leastwise.providers.base import Escalating, ScopeTables
from leastwise.rules.escalation import EscalationRule, Need, load_escalation

AT = datetime(2026, 11, 1, tzinfo=UTC)
RANK = (State.ALLOWED, State.CONDITIONAL, State.UNKNOWN, State.DENIED)
PEOPLE = ["ann", "bob", "eve"]
TRIED = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_SOME = st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True)

_ROLES = [
    "Global Administrator", "Helpdesk Administrator", "Groups Administrator", "Privileged Role Administrator",
    "Application Administrator", "User Administrator",
]  # fmt: skip
_VALUES = ["Application.ReadWrite.All", "Group.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "User.Read.All"]
directories = st.fixed_dictionaries(
    {
        "users": st.just(PEOPLE),
        "groups": st.fixed_dictionaries(
            {
                "ops": st.fixed_dictionaries({"members": _SOME, "owners": _SOME}),
                "tier0": st.fixed_dictionaries({"members": _SOME, "owners": _SOME, "assignable": st.just(True)}),
            }
        ),
        "apps": st.fixed_dictionaries(
            {
                name: st.fixed_dictionaries(
                    {
                        "owners": _SOME, "service_owners": _SOME, "locked": st.booleans(), "disabled": st.booleans(),
                        "granted": st.lists(st.sampled_from(_VALUES), max_size=1),
                    }
                )
                for name in ("erp", "robot")
            }
        ),
        "units": st.fixed_dictionaries(
            {"unit": st.fixed_dictionaries({"members": _SOME, "restricted": st.booleans()})}
        ),
        "roles": st.lists(
            st.tuples(st.sampled_from([*PEOPLE, "tier0", "erp"]), st.sampled_from(_ROLES)).map(list)
            | st.tuples(st.sampled_from(PEOPLE), st.just("Helpdesk Administrator"), st.just("unit unit")).map(list),
            max_size=4,
        ),
        "eligible": st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(_ROLES)).map(list), max_size=1
        ),
    }
)  # fmt: skip

_PLACES = ["/", "^", "~", "~/resourceGroups/rg", "~/resourceGroups/other"]
_GIVEN = ["Owner", "Contributor", "Reader", "User Access Administrator", "Virtual Machine Contributor",
          "Managed Identity Operator", "Managed Identity Contributor", "Local", "Local"]  # fmt: skip
_VMC, _READER, _LOCAL = (
    "9980e02c-c2be-4d73-94e8-173b1dc7cf3c", "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "44444444-0000-4000-8000-000000000001"
)  # fmt: skip
_ASSIGNED = "@Request[Microsoft.Authorization/roleAssignments"
_USERS = f"{_ASSIGNED}:PrincipalType] StringEqualsIgnoreCase 'User'"
_LIMITED = [
    f"((!(ActionMatches{{'Microsoft.Authorization/roleAssignments/write'}})) OR ({limit}))"
    for limit in (
        f"{_ASSIGNED}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{_READER}}}",
        f"{_ASSIGNED}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{_READER}, {_VMC}}}",
        f"{_ASSIGNED}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {{{_VMC}, {_LOCAL}}} AND {_USERS}",
    )
]
_WHO = st.sampled_from([*PEOPLE, "team", "strong"])
trees = st.fixed_dictionaries(
    {
        "users": st.just(PEOPLE),
        "services": st.just(["strong"]),
        "groups": st.fixed_dictionaries({"team": _SOME}),
        "roles": st.fixed_dictionaries(
            {
                "Local": st.fixed_dictionaries(
                    {
                        "id": st.just(_LOCAL), "at": st.lists(st.sampled_from(_PLACES[2:]), unique=True, max_size=2),
                        "gives": st.just(["Microsoft.Authorization/roleDefinitions/write"]),
                    }
                )
            }
        ),
        "assignments": st.lists(
            st.tuples(_WHO, st.sampled_from(_GIVEN), st.sampled_from(_PLACES)).map(list)
            | st.fixed_dictionaries(
                {
                    "who": _WHO, "role": st.just("Role Based Access Control Administrator"),
                    "at": st.sampled_from(_PLACES), "condition": st.sampled_from(_LIMITED),
                }
            ),
            max_size=4,
        ),
        "eligible": st.lists(st.tuples(_WHO, st.sampled_from(_GIVEN), st.sampled_from(_PLACES)).map(list), max_size=1),
        "denies": st.lists(
            st.fixed_dictionaries(
                {
                    "at": st.sampled_from(_PLACES[2:]), "who": _SOME,
                    "actions": st.sampled_from([["*"], ["Microsoft.Compute/*"], ["Microsoft.Authorization/*/write"]]),
                }
            ),
            max_size=1,
        ),
        "resources": st.just(
            [
                {"id": "~/resourceGroups/rg"},
                {"id": "~/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm", "runs_as": "strong"},
                {
                    "id": "~/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id",
                    "principal": "deployer",
                },
            ]
        ),
        "unread": st.sampled_from([[], [], ["authorization.denyAssignments.list"]]),
    }
)  # fmt: skip


def rows(rule: EscalationRule, shadows: Shadows, scopes: Sequence[ScopeTables]) -> Iterator[tuple[str, str]]:
    """Things and targets of a rule, read off the tables anew."""

    def told(name: str) -> Iterator[dict[str, Any]]:
        return (row for one in scopes for row in plain(one.tables[name]).to_pylist())

    kinds = {row["id"]: row["kind"] for row in told("resources")}
    natives = {row["id"]: row["native"] for row in told("principals")}
    if rule.link == "runs":
        yield from (
            (row["subject"], row["object"]) for row in told("runs_as") if kinds.get(row["subject"]) in rule.kinds
        )
    elif rule.link == "administers":
        yield from (pair for pair in shadows.over.items() if not rule.kinds or kinds.get(pair[0]) in rule.kinds)
    elif rule.link == "group":
        yield from shadows.member.items()
    elif rule.link == "told":
        yield from (pair for kind in rule.kinds for pair in shadows.ties.pairs[kind])
    elif any(need.about == "target" for need in rule.every()):
        unreal = shadows.ids()
        yield from (("", id) for id, native in natives.items() if native in rule.natives and id not in unreal)
    else:
        yield from (("", id) for id in shadows.administrator.values())


def wanted(part: Part, rule: EscalationRule, who: str, thing: str, target: str) -> State:
    """How surely somebody goes through, asked need by need."""
    ties = part.gates.shadows.ties

    def on(need: Need, about: str | None, more: dict[str, tuple[str, ...]]) -> State:
        given = Circumstances(context={**need.given, **more}, moment=AT)
        return part.access.can(who, need.permission, about, given).state  # type: ignore[attr-defined, no-any-return]

    def asked(need: Need) -> State:
        about = {"thing": thing, "target": target, "new": None}[need.about]
        if not need.every:
            return on(need, about, {})
        several = ties.several[need.every][thing]
        if need.key:
            each = (on(need, ties.beside[need.beside][thing], {need.key: (value,)}) for value in several)
        else:
            each = (on(need, place, {}) for place in several)
        return max(each, key=RANK.index)

    steps = [min((asked(need) for need in step), key=RANK.index) for step in rule.needs]
    return max([*steps, *(ties.so[one.so][thing] for one in rule.where)], key=RANK.index)


def found(part: Part) -> dict[tuple[str, str, str, str], State]:
    """Where the gates lead: rule, who, thing, target."""
    gates, states = part.gates, dict[tuple[str, str, str, str], State]()
    for one in gates.gates:
        rule = gates.rules[one.rule]
        if rule.link == "offered":
            continue
        for source in one.sources:
            for place, target in enumerate(one.targets.tolist()):
                thing = one.things[place] if one.things else ""
                key = (rule.id, gates.nodes[source], thing, gates.nodes[target])
                states[key] = min(one.state, states.get(key, State.DENIED), key=RANK.index)
    return states


def check(provider: str, estate: dict[str, Any]) -> None:
    port = Workspace().provider(provider)
    escalating = port.escalating
    assert isinstance(escalating, Escalating) and escalating.estate is not None
    scopes, alone = escalating.estate(estate)
    shaded, shadows = escalating.shaded(scopes)
    rules = [
        one
        for one in load_escalation()
        if one.provider == provider and one.link not in ("offered", "itself", "joint", "perhaps")
    ]
    # Of a directory what rules of groups read is told besides: their files have cases.
    if provider != "azure":
        rules = [one for one in rules if one.link not in ("told", "leads") and one.gives != "writes"]
    part = part_of(port, scopes, alone, AT, rules)
    led, everybody = found(part), [*PEOPLE, "erp", "robot", "strong", *sorted(shadows.ids())]
    natives = {row["id"]: row["native"] for one in shaded for row in plain(one.tables["principals"]).to_pylist()}
    known = natives.keys()
    for rule in rules:
        for thing, target in rows(rule, shadows, shaded):
            for who in (one for one in everybody if one in known):
                named = not rule.whose or natives[who] in rule.whose
                expected = wanted(part, rule, who, thing, target) if named else State.DENIED
                gained = f"{thing}#definition" if rule.gives == "definition" else target
                actual = led.get((rule.id, who, thing if rule.link else "", gained), State.DENIED)
                assert actual is expected, (rule.id, who, thing, target)


@TRIED
@given(directories)
def test_gates_of_a_directory_lead_where_every_need_is_met(estate: dict[str, Any]) -> None:
    check("entra", estate)


@TRIED
@given(trees)
def test_gates_of_a_tree_lead_where_every_need_is_met(estate: dict[str, Any]) -> None:
    check("azure", estate)
