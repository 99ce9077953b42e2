"""Plans: saved, shown, and proved again from the file alone; what was changed in them is noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")


@pytest.fixture(scope="module")
def saved(demo_with_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan for one role, in a home that has nothing else."""
    import shutil

    home = tmp_path_factory.mktemp("plans") / "home"
    shutil.copytree(demo_with_logs, home)
    assert run(["plan", "label-printer", "--save", "--home", str(home), "--format", "json"]) == 0
    return home


def plan_of(home: Path) -> dict[str, Any]:
    [path] = (home / "plans").glob("*.json")
    return dict(json.loads(path.read_bytes()))


def test_a_saved_plan_is_listed_shown_and_private(saved: Path, capsys: Any) -> None:
    plan = plan_of(saved)
    capsys.readouterr()
    assert run(["plans", "list", "--home", str(saved), "--format", "json"]) == 0
    [listed] = json.loads(capsys.readouterr().out)["items"]
    assert (listed["id"], listed["kind"], listed["ready"]) == (plan["id"], "right-size", True)
    assert run(["plans", "show", plan["id"][:6], "--home", str(saved)]) == 0
    assert "0 of 12451 recorded calls would break; the proof holds" in capsys.readouterr().out
    assert [path.stat().st_mode & 0o077 for path in (saved / "plans").iterdir()] == [0]


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
