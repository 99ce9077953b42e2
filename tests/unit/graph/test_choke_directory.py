"""Choke points of a directory and of a tree of Azure, held against the removal of every grant in turn."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from leastwise.app.choking import Choking, Grant
from leastwise.app.escalating import graph_of
from leastwise.app.escalation_graph import EscalationGraph
from leastwise.app.estate_file import EstateFile
from leastwise.app.evidence import Evidence
from leastwise.app.wiring import Workspace
from leastwise.model.decision import Reason
from leastwise.providers.entra.sides import sides

AT = datetime(2026, 11, 1, tzinfo=UTC)
TENANT, SUB = "72f00000-0000-4000-8000-000000000000", "/subscriptions/11111111-1111-4111-8111-111111111111"
Estate = dict[str, Any]
DIRECTORY: Estate = {
    "users": ["ann", "bob", "eve", "kim", "lea"],
    "groups": {"tier0": {"assignable": True, "owners": ["kim"], "members": []}},
    "apps": {
        "erp": {"owners": ["ann", "bob"], "granted": ["RoleManagement.ReadWrite.Directory"]},
        "crm": {"service_owners": ["bob", "eve"], "granted": ["AppRoleAssignment.ReadWrite.All", "Group.Read.All"]},
    },
    "roles": [["tier0", "Privileged Role Administrator"], ["eve", "Application Administrator"],
              ["lea", "Cloud Application Administrator"]],
    "eligible": [["lea", "member of", "tier0"]],
}  # fmt: skip
TREE: Estate = {
    "users": ["ann", "bob", "eve"], "groups": {"ops": ["ann", "bob"]},
    "assignments": [
        ["ops", "Virtual Machine Contributor", "~/resourceGroups/rg"], ["eve", "Contributor", "~"],
        ["strong", "Owner", "~"], ["bob", "Website Contributor", "~/resourceGroups/rg"],
    ],
    "resources": [
        {"id": "~/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm", "runs_as": "strong"},
        {"id": "~/resourceGroups/rg/providers/Microsoft.Web/sites/web", "runs_as": "strong"},
    ],
}  # fmt: skip


def graph(provider: str, told: Estate) -> EscalationGraph:
    port = Workspace().provider(provider)
    assert port.escalating is not None and port.escalating.estate is not None
    scopes, alone = port.escalating.estate(told)
    return graph_of(port, scopes, alone, AT)


def grants(told: Estate) -> Iterator[tuple[Callable[[Grant], bool], Estate]]:
    """Each grant of an estate: how it is recognized, and the estate without it."""
    for key, names in (("roles", "estate.roles[{}]"), ("assignments", "{}")):
        for at in range(len(told.get(key, ()))):
            without = copy.deepcopy(told)
            # Whose number tells it keeps its place.
            without[key][at] = ["nobody", *told[key][at][1:]]
            end = names.format(at)
            yield (lambda one, end=end: one.layer == "allow" and one.source.rsplit("/", 1)[-1] == end), without
    for kind, lists in (("groups", ("owners",)), ("apps", ("owners", "service_owners", "granted"))):
        several = told.get(kind, {})
        for name, one in several.items() if kind == "apps" or "ops" not in several else ():
            for part in lists:
                for each in one.get(part, ()):
                    without = copy.deepcopy(told)
                    without[kind][name][part].remove(each)
                    yield _recognizes(name, part, each), without
    for at, (who, *_) in enumerate(told.get("eligible", ())):
        without = copy.deepcopy(told)
        del without["eligible"][at]
        yield (lambda one, who=who: one.layer == "trust" and bool(who)), without


def _recognizes(name: str, part: str, each: str) -> Callable[[Grant], bool]:
    about = {"owners": (name, f"{name}-application"), "service_owners": (name,)}.get(part, ())
    texts = [f"{each} is an owner of {one}" for one in about] or [f"the app role {each} of graph, granted to {name}"]
    return lambda one: one.text in texts


@pytest.mark.parametrize(
    ("provider", "told", "target"), [("entra", DIRECTORY, f"admin:{TENANT}"), ("azure", TREE, f"admin:{SUB[15:]}")]
)
def test_each_choke_point_cuts_what_its_removal_cuts(provider: str, told: Estate, target: str) -> None:
    def reaching(estate: Estate) -> set[str]:
        found = graph(provider, estate)
        steps = found.networks[1].to(found.targets(target)).steps
        return {id for id, at in found.numbers.items() if steps[at] >= 2 and found.somebody(at)}

    whole = graph(provider, told)
    choking = Choking(whole, Evidence(whole, AT), EstateFile(version=1))
    counted = choking.points(whole.targets(target), 10)
    before = reaching(told)
    assert counted.reaching == len(before) >= 3 and not counted.left
    tried = [(known, before - reaching(without)) for known, without in grants(told)]
    (best, first) = counted.points[0]
    assert len(first.cut) == max(len(cut) for _, cut in tried) > 0
    (cut,) = (cut for known, cut in tried if known(best))
    assert {whole.gates.nodes[one] for one in first.cut} == cut


def test_what_gives_nothing_by_itself_is_no_grant() -> None:
    granted = Reason("allows", "application", "the app role X of graph, granted to erp")
    outside = Reason("allows", "outside", "registered elsewhere")
    everybody = Reason("allows", "default", "ann has it as every user has")
    assert list(sides("p", "erp", "/", [granted, outside])) == [[granted]]
    assert list(sides("p", "ann", "/", [granted, everybody])) == []


def test_an_assignment_is_one_grant_whichever_entries_of_its_role_give_something() -> None:
    one, other = (
        Reason("allows", "allow", f"Owner, assigned to ann, gives it (entry {at})", "Owner", str(at), at, "/a/1")
        for at in (1, 2)
    )
    assert list(sides("p", "ann", "/", [one])) == list(sides("q", "ann", "/", [other]))
