"""`leastwise dormant` on the demo company."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from leastwise.cli.main import run


def asked(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["dormant", "--home", str(home), *arguments, "--format", "json"]) == 0
    items: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["items"]
    return items


def test_who_left_is_dormant_and_near_misses_are_silent(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, demo_home)
    names = {one["name"]: one for one in found if one["what"] == "principal"}
    assert (names["m.ostrander"]["days"], names["m.ostrander"]["state"]) == (210, "UNUSED")
    assert {"breakglass-1", "breakglass-2", "returns-v2", "svc-sorter"}.isdisjoint(names)
    assert "AKIARTXV5AHDQDEMO222" in {one["id"] for one in found if one["what"] == "credential"}


def test_a_longer_window_tells_fewer(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short, long = (asked(capsys, demo_home, "--window", days) for days in ("90d", "180d"))
    assert {one["id"] for one in long} < {one["id"] for one in short}
    assert "m.ostrander" in {one["name"] for one in long}


def test_filters(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert {one["what"] for one in asked(capsys, demo_home, "--what", "credential")} == {"credential"}
    assert {one["account"] for one in asked(capsys, demo_home, "--account", "111111111111")} == {"111111111111"}
    assert run(["dormant", "--home", str(demo_home), "--what", "keys"]) == 2
    assert "--what: 'keys' is none of principal, credential, group, bundle" in capsys.readouterr().err
    assert run(["dormant", "--home", str(demo_home)]) == 0
    assert "in 90 days" in capsys.readouterr().out
