"""Plans: saved, shown, and proved again from the file alone; what was changed in them is noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")


@pytest.fixture
def saved(demo_with_plans: Path) -> Path:
    return demo_with_plans


def plan_of(home: Path) -> dict[str, Any]:
    """The plan for one role."""
    found = [json.loads(path.read_bytes()) for path in (home / "plans").glob("*.json")]
    [plan] = [one for one in found if one["subject"].endswith("label-printer")]
    return dict(plan)


def test_a_saved_plan_is_listed_shown_and_private(saved: Path, capsys: Any) -> None:
    plan = plan_of(saved)
    capsys.readouterr()
    assert run(["plans", "list", "--home", str(saved), "--format", "json"]) == 0
    [listed] = [one for one in json.loads(capsys.readouterr().out)["items"] if one["subject"] == plan["subject"]]
    assert (listed["id"], listed["kind"], listed["ready"]) == (plan["id"], "right-size", True)
    assert run(["plans", "show", plan["id"][:6], "--home", str(saved)]) == 0
    assert "0 of 12451 recorded calls would break; the proof holds" in capsys.readouterr().out
    assert {path.stat().st_mode & 0o077 for path in (saved / "plans").rglob("*")} == {0}


LABEL = "arn:aws:s3:::bw-labels-eu/x"
CHANGES: dict[str, tuple[Any, str]] = {
    "nothing": (lambda plan: None, ""),
    "the statement that is put": (
        lambda plan: plan["changes"][0]["put"]["document"]["Statement"][0].update(Resource="*"),
        "its id is the hash of what it does",
    ),
    "the document that is proved": (
        lambda plan: plan["documents"]["after"][0]["document"]["Statement"][0].update(Action="iam:*"),
        "it gives nothing new",
    ),
    "a call that needs more": (
        lambda plan: plan["calls"].append(["s3:PutObject", LABEL, 1, "2026-10-01T00:00:00Z"]),
        "none of 12452 recorded calls breaks that it does not name",
    ),
    "a call on nothing that is known": (
        lambda plan: plan["calls"].append(["s3:PutObject", "*", 1, "2026-10-01T00:00:00Z"]),
        "none of 12452 recorded calls breaks that it does not name",
    ),
    "what is kept": (
        lambda plan: plan["proof"]["needed"].append(["s3:PutObject", "arn:aws:s3:::bw-labels-eu/*"]),
        "all that it keeps is given as before",
    ),
    "a policy that is attached besides": (
        lambda plan: plan["changes"].append(
            {"attach": {"policy": "arn:aws:iam::aws:policy/AdministratorAccess", "to": plan["subject"]}}
        ),
        "its changes lead to the documents that it proves",
    ),
    "a policy that it does not have is taken away": (
        lambda plan: plan["changes"].append(
            {"detach": {"policy": "arn:aws:iam::aws:policy/AdministratorAccess", "from": plan["subject"]}}
        ),
        "its changes lead to the documents that it proves",
    ),
    "another verb": (
        lambda plan: plan["changes"].append({"trust": {"policy": "x"}}),
        "its changes lead to the documents that it proves",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "claim"), CHANGES.values(), ids=CHANGES)
def test_a_changed_plan_does_not_hold(saved: Path, tmp_path: Path, capsys: Any, change: Any, claim: str) -> None:
    plan = plan_of(saved)
    change(plan)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan))
    capsys.readouterr()
    empty = str(tmp_path / "another home")
    assert run(["plans", "verify", str(path), "--home", empty, "--format", "json"]) == (1 if claim else 0)
    failed = [one["claim"] for one in json.loads(capsys.readouterr().out)["items"] if not one["holds"]]
    assert claim in failed if claim else failed == []


BAD = {
    "no JSON": (b"{", "is no plan"),
    "no id": (b"{}", "is no plan: it has no id"),
    "nothing in it": (b'{"id": "0123456789abcdef", "kind": "right-size"}', "lacks what its claims rest on"),
    "a list": (b"[]", "is no plan"),
}


@pytest.mark.parametrize(("content", "cause"), BAD.values(), ids=BAD)
def test_what_is_no_plan_is_told_in_one_line(tmp_path: Path, capsys: Any, content: bytes, cause: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    capsys.readouterr()
    assert run(["plans", "verify", str(path), "--home", str(tmp_path / "home")]) == 2
    said = capsys.readouterr().err
    assert cause in said and str(path) in said and said.count("\n") == 1


def test_stopping_break_glass_is_warned_of(demo_with_logs: Path, capsys: Any) -> None:
    for who, protected in (("breakglass-1", True), ("ops-janitor", False)):
        capsys.readouterr()
        assert run(["quarantine", who, "--home", str(demo_with_logs)]) == 0
        assert ("WARNING: estate.yaml names it as break-glass" in capsys.readouterr().out) is protected
        assert run(["quarantine", who, "--home", str(demo_with_logs), "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["protected"] is protected


REFUSED = {
    "nobody named": (["plan"], "name principals, or give --all"),
    "named and all": (["plan", "x", "--all"], "name principals, or give --all"),
    "nobody of that name": (["plan", "nobody-at-all"], "nobody-at-all"),
    "a key that is none": (["quarantine", "AKIANOSUCHKEY"], "no identity and no credential"),
    "no such plan": (["plans", "show", "abc"], "no plan of that id is kept"),
}


@pytest.mark.parametrize(("command", "cause"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(demo_with_logs: Path, capsys: Any, command: list[str], cause: str) -> None:
    capsys.readouterr()
    assert run([*command, "--home", str(demo_with_logs)]) == 2
    said = capsys.readouterr().err
    assert cause in said and said.count("\n") == 1


def test_the_whole_estate_has_plans_that_break_nothing(demo_with_logs: Path, capsys: Any) -> None:
    capsys.readouterr()
    assert run(["plan", "--all", "--home", str(demo_with_logs), "--format", "json"]) == 0
    plans = json.loads(capsys.readouterr().out)["items"]
    sized = [one for one in plans if one["kind"] == "right-size"]
    assert len(sized) > 10
    assert [one["subject"] for one in sized if one["would_break"]] == []
    assert [one["subject"] for one in sized if not one["proof"]["holds"]] == []
    assert not any("breakglass" in one["subject"] for one in plans)


def test_a_plan_says_whose_it_is_what_it_is_worth_and_what_it_closes(saved: Path, capsys: Any) -> None:
    plan = plan_of(saved)
    assert (plan["owner"], plan["owner_by"]) == ("team-printing", "the tag owner")
    assert (plan["approver"], plan["approver_by"]) == (
        "team-platform",
        "estate.yaml, owners[8], for account 222222222222",
    )
    assert plan["creep"]["before"] > 70 > 1 > plan["creep"]["after"]
    assert {one["rule"] for one in plan["closes"]} == {"aws-wildcard-grant", "unused-permissions-management"}
    capsys.readouterr()
    assert run(["findings", "--provider", "aws", "--home", str(saved), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["items"]
    assert {row["key"] for row in rows if row["plan"] == plan["id"]} == {one["key"] for one in plan["closes"]}
    assert all(row["fix"] == f"leastwise plan --finding {row['key']}" for row in rows)


NARROWED = {
    "all": ([], 2), "an owner": (["--owner", "team-print*"], 1), "another owner": (["--owner", "team-x"], 0),
    "an account": (["--account", "222222222222"], 2), "another account": (["--account", "1"], 0),
    "ready": (["--ready"], 1), "not ready": (["--not-ready"], 1),
}  # fmt: skip


@pytest.mark.parametrize(("words", "number"), NARROWED.values(), ids=NARROWED)
def test_plans_are_listed_by_worth_and_narrowed(
    saved: Path, tmp_path: Path, capsys: Any, words: list[str], number: int
) -> None:
    home, plan = tmp_path / "home", plan_of(saved)
    (home / "plans").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    less = plan | {"id": "0" * 16, "creep": plan["creep"] | {"weight": 1.0}, "ready": False, "owner": "team-other"}
    for one in (less, plan):
        (home / "plans" / f"{one['id']}.json").write_text(json.dumps(one))
    capsys.readouterr()
    assert run(["plans", "list", *words, "--home", str(home), "--format", "json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert len(items) == number
    assert [one["worth"] for one in items] == sorted((one["worth"] for one in items), reverse=True)


MENDED = {
    "unused-permissions-management": ("label-printer", "right-size", True),
    "aws-wildcard-policy": ("policy/ops-janitor", "right-size", True),
    "aws-iam-admin": ("ops-janitor", "right-size", True),
    "dormant-admin": ("m.ostrander", "retire", True),
    # Its next run by its schedule is still to come.
    "aws-role-inactive": ("quarter-close", "retire", False),
    "aws-two-keys": ("svc-sorter", "by hand", False),
    "aws-public-blocked": ("bw-press-kit", "by hand", False),
}


def test_every_finding_has_a_plan(demo_with_logs: Path) -> None:
    from leastwise.app.each import open_each
    from leastwise.app.estate import open_estate
    from leastwise.app.mending import Mending
    from leastwise.app.planning import Planning
    from leastwise.app.posture import find
    from leastwise.app.rightsizing import Wish
    from leastwise.app.wiring import Workspace

    here = Workspace(home_option=demo_with_logs)
    mending = Mending(Planning(here, open_each(here, None), None, Wish()), open_estate(here))
    rows = [row.finding for row in find(here).rows if row.finding.provider == "aws"]
    for rule, (subject, kind, ready) in MENDED.items():
        one = next(each for each in rows if each.rule == rule and each.subject.endswith(subject))
        plan = mending.of(one.key)
        assert (plan["kind"], plan["ready"]) == (kind, ready), rule
        assert one.key in {each["key"] for each in plan["closes"]}
        assert plan["steps"] and (kind != "by hand" or plan["steps"][0]["why"] == one.remediation)
        assert plan["owner_by"] and plan["approver_by"]
        assert rule != "aws-role-inactive" or "was not due since" in plan["blocked"]
    # Whoever is needed again by a schedule is made smaller, not stopped.
    close = mending.planning.of("quarter-close").values()
    assert (close["kind"], close["ready"]) == ("right-size", True)
    assert any("it is not retired" in note and "was not due since" in note for note in close["notes"])
