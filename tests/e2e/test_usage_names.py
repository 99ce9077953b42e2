"""`gap`, `usage` and `dormant` where logs call somebody by another name: all three say the same of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes.lake import Lake, used
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.model.aliases import Meant
from leastwise.providers.base import Provider

PROD, ACCOUNTS = "222222222222", ("111111111111", "222222222222", "333333333333")
CLOSE, PRINTER = (f"arn:aws:iam::{PROD}:role/{name}" for name in ("quarter-close", "label-printer"))
GONE = f"arn:aws:iam::{PROD}:user/m.ostrander"
WHY = "whose id was not read"
ROWS = [
    used(CLOSE, "s3:PutObject", "2026-08-01T06:00:10Z"),
    used(PRINTER, "rds:CreateDBSnapshot", "2026-10-20T06:00:20Z", count=4) | {"principal": "close@corp"},
    used(PRINTER, "s3:CreateBucket", "2026-10-20T06:00:20Z", count=2) | {"principal": "team@corp"},
]


class Names:
    """Whom the names of these rows mean."""

    def __init__(self, gone: str) -> None:
        self._known = {"close@corp": Meant(CLOSE), "team@corp": Meant("", frozenset({PRINTER, CLOSE, gone}), WHY)}

    def of(self, name: str) -> Meant | None:
        return self._known.get(name)

    def names(self, id: str) -> list[str]:
        return [name for name, one in self._known.items() if one.id == id]


@pytest.fixture
def home(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(Workspace, "lake", property(lambda _: Lake(ACCOUNTS, ROWS)), raising=False)
    monkeypatch.setenv("LEASTWISE_HOME", str(demo_home))
    yield demo_home


def named(monkeypatch: pytest.MonkeyPatch, gone: str = GONE) -> None:
    """The logs of the cloud call people by such names from here on."""
    plain = Workspace.provider

    def provider(workspace: Workspace, name: str) -> Provider:
        found = plain(workspace, name)
        if name != "aws" or found.observing is None:
            return found
        return replace(found, observing=replace(found.observing, aliases=lambda _: Names(gone)))

    monkeypatch.setattr(Workspace, "provider", provider)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run([*arguments, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def states(answer: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["permission"]: (one["state"], one["missing"]) for one in answer["items"]}


def test_uses_under_a_name_are_those_of_who_has_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = states(asked(capsys, "gap", "quarter-close"))
    assert before["rds:CreateDBSnapshot"][0] == "UNUSED"
    named(monkeypatch)
    answer = asked(capsys, "gap", "quarter-close")
    assert states(answer)["rds:CreateDBSnapshot"] == ("USED", "")
    told = asked(capsys, "usage", "quarter-close")
    assert {row["permission"]: row["count"] for row in told["items"]}["rds:CreateDBSnapshot"] == 4
    assert told["missing"] == [f"2 uses of the log name only team@corp, {WHY}"]
    assert run(["usage", "quarter-close"]) == 0
    assert f"Besides: 2 uses of the log name only team@corp, {WHY}." in " ".join(capsys.readouterr().out.split())


def test_uses_under_a_name_that_several_may_have_make_nothing_of_theirs_unused(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = states(asked(capsys, "gap", "label-printer"))
    assert before["s3:CreateBucket"][0] == "UNUSED"
    named(monkeypatch)
    after = states(asked(capsys, "gap", "label-printer"))
    assert after["s3:CreateBucket"] == ("UNOBSERVABLE", f"2 uses of the log name only team@corp, {WHY}")
    assert {name for name in after if after[name] != before[name]} == {"s3:CreateBucket"}
    every = {one["principal"]: one for one in asked(capsys, "gap")["items"]}
    assert every[PRINTER]["unobservable"] == sum(state == "UNOBSERVABLE" for state, _ in after.values())


def test_who_may_be_meant_is_not_surely_dormant(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, Any]:
        items = asked(capsys, "dormant", "--what", "principal")["items"]
        one: dict[str, Any] = next(one for one in items if one["name"] == "m.ostrander")
        return one

    assert found()["state"] == "UNUSED"
    named(monkeypatch, found()["id"])
    assert (found()["state"], found()["because"]) == (
        "UNOBSERVABLE", f"the log of 2026-10-20 names only team@corp, {WHY}"
    )  # fmt: skip
