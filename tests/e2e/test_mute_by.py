"""Who mutes a finding: whoever runs the command, or whom --by names where the system has no name for them."""

from __future__ import annotations

import json
import pwd
from pathlib import Path

import pytest

from leastwise.cli.main import run


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs with a number that is in no list of users."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)

    def nobody(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)


@pytest.mark.usefixtures("nameless")
def test_a_mute_of_nobody_asks_who_it_is(own_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["findings", "--format", "json"]) == 0
    key = json.loads(capsys.readouterr().out)["items"][0]["key"]
    mute = ["mute", key, "--reason", "known", "--days", "3"]
    assert run(mute) == 2
    assert capsys.readouterr().err == "leastwise: --by: the system has no name for you; say who mutes it\n"
    assert run([*mute, "--by", "ann"]) == 0
    assert capsys.readouterr().out.startswith(f"Muted {key} until ")
    assert run(["findings", "--muted", "--format", "json"]) == 0
    (one,) = [one for one in json.loads(capsys.readouterr().out)["items"] if one["key"] == key]
    assert one["muted"]
