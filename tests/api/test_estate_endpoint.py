"""The endpoints of who asks and of the estate's scopes."""

from __future__ import annotations

import json

import pytest

from leastwise.app.answers.estate import scopes
from leastwise.app.duties import Duty, Sight
from leastwise.app.estate import open_estate
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")


def test_the_estate_is_what_the_command_prints(demo, demo_home, capsys):
    assert run(["estate", "show", "--format", "json", "--home", str(demo_home)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["items"]
    assert demo.get("/api/v1/estate").json() == printed


def test_what_is_out_of_sight_is_counted_and_not_named(demo_home):
    opened = open_estate(Workspace(demo_home))
    told = scopes(opened, Sight.of(["aws:111111111111"]))
    assert [one["scope"] for one in told["items"]] == ["aws:111111111111"]
    assert told["outside"] == len(opened.estate.entries) - 1
    assert "222222222222" not in json.dumps(told)
    assert told["coverage"]["scopes"] == 1 and told["coverage"]["gaps"] <= opened.coverage()["gaps"]


def test_who_asks_is_told_what_he_may(demo_home, opened):
    told = opened(demo_home, Duty.VIEWER).get("/api/v1/me").json()
    assert told == {
        "name": "local", "user": "", "via": "local", "duties": [{"duty": "viewer", "sight": ["*"]}],
        "rights": ["anyone", "own", "see", "ask"],
    }  # fmt: skip
