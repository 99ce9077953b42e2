"""Plans that change bundles granted at scopes: saved, and proved again from the file; what was changed is noticed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.each import open_each
from leastwise.app.gap import GapOf
from leastwise.app.planning import Planning
from leastwise.app.resizing import Resizing
from leastwise.app.sizing import Wish
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

ETL = "serviceAccount:etl@bw-analytics.iam.gserviceaccount.com"
KEEPER = "viktor.lund@brightwater.example"
"""Somebody whom two providers know, of whom one grants him something by himself."""
LANDING = "//storage.googleapis.com/bw-analytics-landing"


@pytest.fixture(scope="module")
def saved(demo_with_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("grants") / "home"
    shutil.copytree(demo_with_logs, home)
    assert run(["plan", ETL, KEEPER, "--window", "120d", "--save", "--home", str(home), "--format", "json"]) == 0
    return home


def plan_of(home: Path, provider: str = "gcp") -> dict[str, Any]:
    plans = [json.loads(path.read_bytes()) for path in (home / "plans").glob("*.json")]
    [plan] = [one for one in plans if one["provider"] == provider]
    return dict(plan)


def test_a_plan_gives_first_and_takes_last_with_commands_for_both_ways(saved: Path) -> None:
    plan = plan_of(saved)
    verbs = [verb for one in plan["changes"] for verb in one.keys() - {"before", "inverse"}]
    assert verbs == ["create", "assign", "assign", "unassign"]
    assert plan["ready"]
    assert plan["proof"]["holds"]
    assert plan["proof"]["affected"] == [ETL]
    assert plan["would_break"] == []
    # What must stand there: of what is taken away its digest, of what is given nothing.
    assert [len(one["before"]) for one in plan["changes"]] == [0, 0, 0, 64]
    assert [next(iter(one)) for one in plan["inverse"]] == ["assign", "unassign", "unassign", "delete"]
    last = plan["steps"][-1]
    assert last["command"] == (
        f"gcloud storage buckets remove-iam-policy-binding gs://bw-analytics-landing --member={ETL} "
        "--role=roles/storage.objectAdmin --condition=None"
    )
    assert last["inverse"].startswith("gcloud storage buckets add-iam-policy-binding gs://bw-analytics-landing")


def test_a_plan_of_the_directory_makes_a_role_and_is_proved_again(saved: Path, tmp_path: Path, capsys: Any) -> None:
    plan = plan_of(saved, "entra")
    verbs = [verb for one in plan["changes"] for verb in one.keys() - {"before", "inverse"}]
    assert (verbs, plan["ready"]) == (["create", "assign", "unassign"], True)
    [entry] = plan["changes"][0]["create"]["document"]["rolePermissions"]
    assert entry["allowedResourceActions"] == ["microsoft.directory/applications/standard/read"]
    assert all(one["command"].count("az rest") and one["inverse"] for one in plan["steps"])
    assert verified(plan, saved, tmp_path, capsys) == (0, [])
    entry["allowedResourceActions"].append("microsoft.directory/applications/delete")
    assert verified(plan, saved, tmp_path, capsys)[0] == 1


def verified(plan: dict[str, Any], home: Path, folder: Path, capsys: Any) -> tuple[int, list[str]]:
    """How `plans verify` ends for a plan, and the claims that do not hold."""
    file = folder / "plan.json"
    file.write_text(json.dumps(plan))
    capsys.readouterr()
    code = run(["plans", "verify", str(file), "--home", str(home), "--format", "json"])
    return code, [one["claim"] for one in json.loads(capsys.readouterr().out)["items"] if not one["holds"]]


def gone(plan: dict[str, Any]) -> str:
    """A permission of the bucket that goes."""
    return next(one["permission"] for one in plan["dropped"] if one["permission"].startswith("storage.objects."))


def taken_out(plan: dict[str, Any]) -> None:
    """One permission less in the bundle that is made, and in what is proved of it."""
    [made] = [one["create"]["document"] for one in plan["changes"] if "create" in one]
    beside = {permission for permission, _ in plan["proof"]["beside"]}
    permission = next(one for one in made["includedPermissions"] if one not in beside)
    made["includedPermissions"].remove(permission)
    for one in plan["documents"]["after"]:
        if one["document"]["bundle"] == made["name"]:
            one["document"]["permissions"].remove(permission)


CHANGES: dict[str, tuple[Any, str]] = {
    "nothing": (lambda plan: None, ""),
    "another bundle": (
        lambda plan: plan["changes"][1]["assign"].update(bundle="roles/owner"),
        "its id is the hash of what it does",
    ),
    "a bundle that gives more than it says": (
        lambda plan: plan["changes"][0]["create"]["document"]["includedPermissions"].append("iam.roles.create"),
        "its changes lead to the grants that it proves",
    ),
    "a grant that is proved": (
        lambda plan: plan["documents"]["after"][-1]["document"]["permissions"].append("iam.roles.create"),
        "it gives nothing new",
    ),
    "a call that needs what goes": (
        lambda plan: plan["calls"].append([gone(plan), LANDING, 1, "2026-10-01T00:00:00Z", [LANDING]]),
        "recorded calls breaks that it does not name",
    ),
    "something kept that it does not give": (
        lambda plan: plan["proof"]["needed"].append([gone(plan), "*"]),
        "all that it keeps is given as before",
    ),
    "something kept that is taken out of what it gives": (
        lambda plan: taken_out(plan),
        "all that it keeps is given as before",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_in_a_plan_is_noticed(saved: Path, tmp_path: Path, capsys: Any, name: str) -> None:
    plan = plan_of(saved)
    change, claim = CHANGES[name]
    change(plan)
    code, wrong = verified(plan, saved, tmp_path, capsys)
    assert code == (1 if claim else 0)
    assert any(claim in one for one in wrong) if claim else not wrong


def test_nobody_of_any_provider_loses_a_call_and_every_plan_holds(demo_with_logs: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert run(["plan", "--all", "--window", "120d", "--home", str(demo_with_logs), "--format", "json"]) == 0
    plans = [one for one in json.loads(capsys.readouterr().out)["items"] if one["kind"] == "right-size"]
    assert {one["provider"] for one in plans} == {"aws", "azure", "entra", "gcp"}
    assert [one["subject"] for one in plans if one["would_break"] or (one["ready"] and not one["proof"]["holds"])] == []


def test_what_was_granted_of_late_is_known_by_the_logs(demo_with_logs: Path) -> None:
    here = Workspace(home_option=demo_with_logs)
    [asking] = [one for one in open_each(here, None, None) if one.provider == "azure"]
    sizing = Resizing(GapOf.opened(here, asking, "90d"), Wish())
    [anil] = [id for id, row in sizing.principals.items() if row["name"].startswith("anil.deshpande")]
    made = datetime(2026, 10, 31, tzinfo=UTC)
    late = sizing.lately(anil, made)
    assert late["Microsoft.Compute/virtualMachines/write"].date() == made.date()
    assert sizing.lately(anil, made + timedelta(days=1)) == {}


def test_whom_nobody_uses_is_stopped_loses_what_he_is_granted_and_is_deleted(demo_with_logs: Path) -> None:
    here = Workspace(home_option=demo_with_logs)
    planning = Planning(here, open_each(here, None, None), "90d", Wish())
    plan = planning.of("milan.ostrander@brightwater.example")
    assert (plan.kind, plan.ready) == ("retire", True)
    assert [one.does for one in plan.steps] == ["disable", "revoke sessions", "leave group", "delete after 30 days"]
    row = {"id": ETL, "name": "etl", "native": "service_account", "account": "bw-analytics"}
    steps = planning.retiring("gcp", row)
    assert [one.does for one in steps][:1] + [one.does for one in steps][-1:] == ["disable", "delete after 30 days"]
    taken = [one for one in steps if one.does == "unassign"]
    ways = {("remove-iam-policy-binding" in one.command, "add-iam-policy-binding" in one.inverse) for one in taken}
    # Of a dataset no single command takes a grant away.
    assert ways == {(True, True), (False, False)}


LEAVERS = {"entra": "dario.vidal", "azure": "tim.brouwer", "gcp": "caspar.weyl"}


@pytest.mark.parametrize("provider", LEAVERS)
def test_a_group_is_left_from_which_nothing_comes_that_is_needed(demo_with_logs: Path, provider: str) -> None:
    here = Workspace(home_option=demo_with_logs)
    [asking] = [one for one in open_each(here, None, None) if one.provider == provider]
    gap = GapOf.opened(here, asking, "90d")
    sizing = Resizing(gap, Wish(unobservable=False))
    [who] = [id for id, row in sizing.principals.items() if str(row["name"]).startswith(LEAVERS[provider])]
    found = sizing.of(who)
    left = [one for one in found.changes if one.verb == "leave"]
    assert found.ready and left and found.proof is not None and found.replay is not None
    assert (found.proof.affected, found.replay.broken) == ((who,), ())
    assert any("is left: what else being in it gives" in note for note in found.notes)
    assert all(all(sizing.commands(one)) and one.before for one in left)
    groups = {one.told["group"] for one in left}
    assert groups & {one.target for one in found.documents} and not groups & {one.target for one in found.smaller}
    # What might have been used without a record keeps whoever may have used it in the group.
    assert not [one for one in Resizing(gap, Wish()).of(who).changes if one.verb == "leave"]
