"""One guardrail for an account: asked with it laid over, who uses something still can, and nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leastwise.app.asking import scope_tables
from leastwise.app.each import open_each
from leastwise.app.gap import GapOf
from leastwise.app.guarding import Guardrail, guardrail
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.providers.base.guarding import READS

pytestmark = pytest.mark.together("demo")

PROD = "222222222222"
ROLE = f"arn:aws:iam::{PROD}:role/OrganizationAccountAccessRole"
BUCKET = "arn:aws:s3:::bw-labels-eu"
PROJECT = "//cloudresourcemanager.googleapis.com/projects/bw-analytics"


@pytest.fixture(scope="module")
def guard(demo_with_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The guardrail of an account, and a what-if file of it."""
    import contextlib
    import io

    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        home = ["--home", str(demo_with_logs), "--format", "json"]
        assert run(["rightsize", "--guardrail", PROD, *home]) == 0
    found = json.loads(told.getvalue())
    path = tmp_path_factory.mktemp("guard") / "guard.json"
    path.write_text(json.dumps({"version": 1, "name": "guard", "changes": found["changes"]}))
    return found, path


def test_it_fits_and_breaks_nothing(guard: Any) -> None:
    found, _ = guard
    assert found["ready"] is True
    assert found["replay"]["would_break"] == 0 < found["replay"]["calls"]
    assert found["length"] <= found["most"] == 5120
    text = json.dumps(found["document"], separators=(",", ":"))
    assert len(text) == found["length"]
    assert {one["Effect"] for one in found["document"]["Statement"]} == {"Deny"}
    listed = [name for one in found["denied"] for name in one["permissions"]]
    assert len(listed) == len(set(listed)) > 100
    assert not set(listed) & (set(found["unseen"]) | set(found["left"]))
    assert all(why for why in found["unseen"].values())


STATES = {
    "who makes functions still can": ("gha-deploy", "lambda:CreateFunction", "CONDITIONAL", "CONDITIONAL"),
    "whom nobody saw do it cannot": ("ops-janitor", "iam:AttachRolePolicy", "ALLOWED", "DENIED"),
    "what only reads stays": ("ops-janitor", "iam:ListRoles", "ALLOWED", "ALLOWED"),
}


@pytest.mark.parametrize(("who", "what", "before", "after"), STATES.values(), ids=STATES)
def test_asked_with_it(
    guard: Any, demo_with_logs: Path, capsys: Any, who: str, what: str, before: str, after: str
) -> None:
    ask = ["can", who, what, "--home", str(demo_with_logs), "--format", "json"]
    for more, expected in (([], before), (["--with", str(guard[1])], after)):
        capsys.readouterr()
        assert run([*ask, *more]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == expected


REFUSED = {
    "no account of ours": (["--guardrail", "999999999999"], "999999999999: no such account"),
    "an account without logs": (["--guardrail", "121212121212"], "121212121212"),
    "both": (["label-printer", "--guardrail", PROD], "name either principals, or an account"),
    "neither": ([], "name either principals, or an account"),
}


@pytest.mark.parametrize(("more", "cause"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(demo_with_logs: Path, capsys: Any, more: list[str], cause: str) -> None:
    capsys.readouterr()
    assert run(["rightsize", *more, "--home", str(demo_with_logs)]) == 2
    said = capsys.readouterr().err
    assert cause in said and said.count("\n") == 1


KINDS = {
    "a boundary": (
        "arn:aws:iam::222222222222:role/ops-janitor", "permissions boundary", 6144,
        ("ops-janitor", "iam:AttachRolePolicy", "ALLOWED", "DENIED"),
    ),
    "a bucket": (
        BUCKET, "resource control policy", 5120,
        (ROLE, f"s3:DeleteBucketPolicy {BUCKET}", "ALLOWED", "DENIED"),
    ),
    "a folder": (
        "folders/131313131313", "deny policy", 500,
        ("user:anil.deshpande@brightwater.example", f"compute.instances.create {PROJECT}", "ALLOWED", "DENIED"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("target", "kind", "most", "asked"), KINDS.values(), ids=KINDS)
def test_what_it_is_put_on_says_which_kind_it_is(
    demo_with_logs: Path, tmp_path: Path, capsys: Any, target: str, kind: str, most: int, asked: tuple[str, ...]
) -> None:
    home = ["--home", str(demo_with_logs), "--format", "json"]
    assert run(["rightsize", "--guardrail", target, *home]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["ready"], found["most"]) == (kind, True, most)
    assert 0 < found["length"] <= most
    assert found["replay"]["would_break"] == 0
    assert found["replay"]["holds_back"] is not None
    path = tmp_path / "guard.json"
    path.write_text(json.dumps({"version": 1, "name": "guard", "changes": found["changes"]}))
    who, what, before, after = asked
    for more, expected in (([], before), (["--with", str(path)], after)):
        assert run(["can", who, *what.split(), *home, *more]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == expected


def made(home: Path, document: bytes) -> Guardrail:
    """The guardrail of the account with another document."""
    here = Workspace(home_option=home)
    [asking] = [one for one in open_each(here, None, None) if one.provider == "aws"]
    provider = here.provider("aws")
    assert provider.guarding is not None
    kind = next(one for one in provider.guarding() if one.layer == "scp")
    target = kind.takes(scope_tables(here, asking.estate, "aws", READS, provider.directories), PROD)
    assert target is not None
    careless = replace(kind, written=lambda denied, folded, target: (document, list(denied), len(document)))
    return guardrail(GapOf.opened(here, asking, "90d"), careless, PROD, target)


def test_a_document_that_spares_nobody_is_not_ready(demo_with_logs: Path) -> None:
    """The recorded calls are decided by the estate with the document in force, whatever the document was made of."""
    deny = {"Effect": "Deny", "Action": "lambda:CreateFunction", "Resource": "*"}
    found = made(demo_with_logs, json.dumps({"Version": "2012-10-17", "Statement": [deny]}).encode())
    assert {name for _, name in found.replay.broken} == {"lambda:CreateFunction"}
    assert any(who.endswith("gha-deploy") for who, _ in found.replay.broken)
    assert found.blocked == "it would break recorded calls"


def test_a_document_that_holds_nobody_back_is_not_ready(demo_with_logs: Path) -> None:
    """No call could break under it: that its replay breaks none shows nothing."""
    deny = {"Effect": "Deny", "Action": "nothing:AtAll", "Resource": "*"}
    found = made(demo_with_logs, json.dumps({"Version": "2012-10-17", "Statement": [deny]}).encode())
    assert found.replay.broken == ()
    assert found.replay.effect is None
    assert "its replay shows nothing" in found.blocked
    unseen = replace(found, replay=replace(found.replay, toothless=None))
    assert unseen.blocked.startswith("nobody was found whom it holds back")
