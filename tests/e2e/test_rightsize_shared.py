"""What several hold at once: a bundle, a group, a permission set; what each of them needs stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.planning import plan_id
from leastwise.app.reaching import Reaching
from leastwise.app.rightsizing import Rightsizing
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")


def asked(home: Path, capsys: Any, *command: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*command, "--home", str(home), "--format", "json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    return dict(whole["items"][0] if "items" in whole else whole)


def test_a_permission_set_is_cut_in_all_accounts_at_once(demo_with_logs: Path, capsys: Any) -> None:
    found = asked(demo_with_logs, capsys, "rightsize", "CostReader")
    assert (found["ready"], found["would_break"]) == (True, [])
    assert found["replay"]["calls"] > 0
    assert {change["put"]["on"].split(":")[4] for change in found["changes"]} == {"111111111111", "222222222222"}
    assert len({json.dumps(change["put"]["document"]) for change in found["changes"]}) == 1
    # Each holder keeps what only it used.
    by = {one["permission"]: one["detail"] for one in found["kept"] if one["why"] == "used"}
    assert "and" not in by["ce:GetCostForecast"] and "," in by["ce:GetCostAndUsage"]


def test_the_plan_of_a_permission_set_is_made_in_identity_center(demo_with_logs: Path, capsys: Any) -> None:
    plan = asked(demo_with_logs, capsys, "plan", "CostReader")
    assert [one["command"].split()[1:3] for one in plan["steps"]] == [
        ["sso-admin", "put-inline-policy-to-permission-set"],
        ["sso-admin", "provision-permission-set"],
    ]
    assert plan["steps"][0]["inverse"].startswith("aws sso-admin put-inline-policy-to-permission-set")
    # Nothing names it; estate.yaml says the same of all roles that it makes.
    assert (plan["owner"], plan["approver"]) == ("team-platform", "team-platform")
    assert plan["owner_by"].endswith(", of all who have it")


def test_the_plan_of_a_permission_set_is_proved_for_each_of_its_roles(
    demo_with_logs: Path, tmp_path: Path, capsys: Any
) -> None:
    plan = asked(demo_with_logs, capsys, "plan", "CostReader")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    command = ["plans", "verify", str(path), "--home", str(demo_with_logs)]
    assert run(command) == 0
    plan["changes"][1]["put"]["document"]["Statement"][0]["Action"] = "*"
    plan["id"] = plan_id(plan)
    path.write_text(json.dumps(plan))
    assert run(command) == 1
    assert "they lead to another AwsSSOInlinePolicy" in " ".join(capsys.readouterr().out.split())


def test_a_permission_set_that_is_too_long_refers_to_policies_of_every_account(
    demo_with_logs: Path, tmp_path: Path, capsys: Any
) -> None:
    name = "arn:aws:sso:::permissionSet/ssoins-f266d97140923669/ps-8ba5e4208398c9b6"
    plan = asked(demo_with_logs, capsys, "plan", name)
    assert (plan["ready"], plan["would_break"]) == (True, [])
    # Roles of Identity Center are changed by it alone.
    assert not [one for one in plan["steps"] if one["command"].startswith("aws iam attach")]
    made = [one["on"] for one in plan["steps"] if one["does"] == "create"]
    referred = [one for one in plan["steps"] if "attach-customer-managed-policy-reference" in one["command"]]
    assert {one.split(":")[4] for one in made} == {"111111111111", "222222222222", "333333333333"}
    assert len(made) == 3 * len(referred)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    assert run(["plans", "verify", str(path), "--home", str(demo_with_logs)]) == 0


def test_what_is_too_long_becomes_several_policies(demo_with_logs: Path, tmp_path: Path, capsys: Any) -> None:
    home = ["--home", str(demo_with_logs)]
    plan = asked(demo_with_logs, capsys, "plan", "terraform-apply")
    made = [change["create"]["document"] for change in plan["changes"] if "create" in change]
    assert 2 <= len(made) <= 9
    assert all(len(json.dumps(one, separators=(",", ":"))) <= 6144 for one in made)
    assert (plan["ready"], plan["would_break"]) == (True, [])
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    assert run(["plans", "verify", str(path), *home]) == 0
    # Made and taken back, the estate is as it was.
    changes = [
        {verb: told for verb, told in one.items() if verb not in ("before", "inverse")} for one in plan["changes"]
    ]
    for name, some, state in (("after", changes, "DENIED"), ("back", [*changes, *plan["inverse"]], "ALLOWED")):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"version": 1, "changes": some}))
        answer = asked(demo_with_logs, capsys, "can", "terraform-apply", "iam:CreateUser", "--with", str(file))
        assert answer["state"] == state


def test_a_group_keeps_what_any_member_needs(demo_with_logs: Path, capsys: Any) -> None:
    found = asked(demo_with_logs, capsys, "rightsize", "admins")
    assert (found["ready"], found["would_break"]) == (True, [])
    used = {
        one["permission"]
        for name in ("h.nakagawa", "m.ostrander")
        for one in asked(demo_with_logs, capsys, "rightsize", name)["kept"]
        if one["why"] == "used"
    }
    assert used and used <= {one["permission"] for one in found["kept"]}
    assert [one for one in found["notes"] if one.startswith("2 have it")]


def test_a_bundle_that_limits_somebody_is_left_alone(demo_with_logs: Path, capsys: Any) -> None:
    found = asked(demo_with_logs, capsys, "rightsize", "arn:aws:iam::333333333333:policy/ds-boundary")
    assert found["changes"] == [] and "in force as boundary" in found["blocked"]


def test_a_bundle_gives_what_any_of_its_holders_needs(demo_with_logs: Path, capsys: Any) -> None:
    found = asked(demo_with_logs, capsys, "rightsize", "arn:aws:iam::222222222222:policy/web-shop")
    assert found["notes"] == ["1 has it: web-shop"]
    assert (found["ready"], found["would_break"]) == (bool(found["changes"]), [])
    assert found["kept"] and all(next(iter(change)) == "put" for change in found["changes"])


SHARED = ("arn:aws:iam::222222222222:group/ci", "arn:aws:iam::222222222222:policy/ci")


@pytest.mark.parametrize("named", SHARED)
def test_a_group_whose_members_were_not_all_read_is_left_alone(
    demo_with_logs: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    assert asked(demo_with_logs, capsys, "rightsize", named)["ready"]
    told = Reaching.told
    monkeypatch.setattr(
        Reaching, "told", lambda self, scope, noun, *one: noun != "group" and told(self, scope, noun, *one)
    )
    found = asked(demo_with_logs, capsys, "rightsize", named)
    assert (found["ready"], found["changes"]) == (False, [])
    assert "is known" in found["blocked"]


@pytest.mark.parametrize("named", SHARED)
def test_what_somebody_has_of_whom_not_all_was_read_is_left_alone(
    demo_with_logs: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setattr(Rightsizing, "alike", {})
    found = asked(demo_with_logs, capsys, "rightsize", named)
    assert (found["ready"], found["changes"]) == (False, [])
    assert "not everything that gives it something was read" in found["blocked"]


def test_what_is_to_be_added_and_is_not_granted_is_told(demo_with_logs: Path, capsys: Any) -> None:
    found = asked(
        demo_with_logs, capsys, "rightsize", "label-printer", "--add", "s3:PutObjekt", "--add", "s3:PutObject"
    )
    assert [one["permission"] for one in found["kept"] if one["why"] == "added"] == ["s3:PutObject"]
    assert [note for note in found["notes"] if "s3:PutObjekt: asked to be kept" in note]
