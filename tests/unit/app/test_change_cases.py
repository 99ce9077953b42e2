"""Each verb of what-if files on each provider whose grants are changed: what it comes to, and why it does not apply."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "differential"))

from entra_tables import TENANT, raw

from fakes.azure_bulk import scopes_of
from fakes.gcp_bulk import collected_of
from fakes.laid import apart, overlay, said, tables_of
from leastwise.app.marked import read_marked
from leastwise.app.overlay import laid_over, overlay_of_changes, undone
from leastwise.engine.arrays import Arrays
from leastwise.errors import InputError
from leastwise.model.decision import Circumstances
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.base import Provider, ScopeTables
from leastwise.providers.base.draft import Draft
from leastwise.providers.entra import PROVIDER as ENTRA
from leastwise.providers.gcp import PROVIDER as GCP

CASES = Path(__file__).parents[2] / "cases" / "changes"
PROVIDERS: dict[str, Provider] = {"gcp": GCP, "azure": AZURE, "entra": ENTRA}


@cache
def told(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_marked(CASES / f"{name}.yaml").value
    return found


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[ScopeTables]]:
    made = {
        "gcp": [ScopeTables(one.scope.kind, one.scope.id, GCP.translate(one), True, one.time, "gcp")
                for one in collected_of(told("gcp")["documents"], tmp_path_factory.mktemp("gcp"))],
        "azure": scopes_of(told("azure")["documents"]),
        "entra": [ScopeTables("tenant", TENANT, ENTRA.translate(raw(told("entra")["documents"])), True, None, "entra")],
    }  # fmt: skip
    return {name: [replace(one, tables=tables_of(one.tables)) for one in scopes] for name, scopes in made.items()}


def states(name: str, scopes: Sequence[ScopeTables], asks: Sequence[Any]) -> list[str]:
    answering = PROVIDERS[name].answering
    assert answering is not None
    made = answering.compile(scopes)
    arrays = Arrays({each: made[each] for each in made.names()}, json.loads(json.dumps(made.facts)))
    access = answering.access(arrays, ["organizations/1"])
    place = told(name)["resource"]
    return [
        str(access.can(who, permission, *(where or [place]), Circumstances()).state)
        for who, permission, _, _, *where in asks
    ]


ALL = [(name, case) for name in PROVIDERS for case in told(name)["cases"]]
WRONG = [(name, change, cause) for name in PROVIDERS for change, cause in told(name)["errors"]]


@pytest.mark.parametrize(("name", "case"), ALL, ids=[f"{name}: {case['name']}" for name, case in ALL])
def test_a_change_and_its_inverse(name: str, case: dict[str, Any], estates: dict[str, list[ScopeTables]]) -> None:
    answering, scopes = PROVIDERS[name].answering, estates[name]
    assert answering is not None
    laid, made = undone(overlay(*case["changes"]), scopes, answering.changing)
    assert states(name, scopes, case["asks"]) == [one[2] for one in case["asks"]]
    assert states(name, laid, case["asks"]) == [one[3] for one in case["asks"]]
    # Each is told again in canonical ids, and applies so with what must stand there.
    again = [{one.verb: {**one.told, "before": one.before or "nothing"}} for one in made]
    twice, _ = undone(overlay(*again), scopes, answering.changing)
    assert said(twice) == said(laid)
    back = [step.values() for one in reversed(made) for step in one.inverse]
    restored = laid_over(overlay_of_changes("back", back), laid, answering.changing)
    assert not apart(said(scopes), said(restored), "attachments", "memberships")
    assert states(name, restored, case["asks"]) == [one[2] for one in case["asks"]]


@pytest.mark.parametrize(("name", "change", "cause"), WRONG, ids=[cause for _, _, cause in WRONG])
def test_why_a_change_does_not_apply(
    name: str, change: dict[str, Any], cause: str, estates: dict[str, list[ScopeTables]]
) -> None:
    answering = PROVIDERS[name].answering
    assert answering is not None
    with pytest.raises(InputError) as error:
        laid_over(overlay(change), estates[name], answering.changing)
    assert str(error.value).startswith(f"what-if.yaml: {cause}")
    assert "\n" not in str(error.value)


def test_a_policy_that_was_not_read_is_not_written(estates: dict[str, list[ScopeTables]]) -> None:
    draft = Draft(estates["gcp"])
    bucket = "//storage.googleapis.com/unread"
    draft.change(0, "resources", {"id": bucket}, policy_known=False)
    change = {"assign": {"bundle": "roles/viewer", "principal": "user:bob@corp.example", "on": bucket}}
    assert GCP.answering is not None
    with pytest.raises(InputError, match=r"on: //storage.googleapis.com/unread: its allow policy was not read, so"):
        laid_over(overlay(change), draft.scopes(), GCP.answering.changing)
    laid_over(overlay(change), estates["gcp"], GCP.answering.changing)


def test_what_was_not_read_stays_unknown(estates: dict[str, list[ScopeTables]]) -> None:
    """Somebody is given a role where the other assignments were not read: of those nothing is known still."""
    asks = [["bob@corp.example", "Microsoft.Compute/virtualMachines/delete", "UNKNOWN", "UNKNOWN"],
            ["bob@corp.example", "Microsoft.Compute/virtualMachines/write", "UNKNOWN", "ALLOWED"]]  # fmt: skip
    draft, account = Draft(estates["azure"]), "11111111-0000-4000-8000-000000000000"
    gap = {"service": "authorization", "call": "roleAssignments.list", "status": "denied", "account": account}
    draft.append(0, "coverage", **gap, detail="not allowed", affects="")
    scopes = draft.scopes()
    role = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
    assert AZURE.answering is not None
    write = {"permissions": [{"actions": ["Microsoft.Compute/virtualMachines/write"]}]}
    changes = [{"put": {"policy": "Operator", "document": write}},
               {"assign": {"bundle": "Operator", "principal": "bob@corp.example", "on": account}}]  # fmt: skip
    laid = laid_over(overlay(*changes), scopes, AZURE.answering.changing)
    assert states("azure", scopes, asks) == [one[2] for one in asks]
    assert states("azure", laid, asks) == [one[3] for one in asks]
    gone = {"unassign": {"bundle": role, "principal": "bob@corp.example", "on": account}}
    with pytest.raises(InputError, match=r"\(of what is granted there not all was read: not allowed\)"):
        laid_over(overlay(gone), scopes, AZURE.answering.changing)
