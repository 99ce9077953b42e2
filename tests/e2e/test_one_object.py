"""A name that two providers have for one object means that object, and is asked of both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from leastwise.cli.main import run


def test_an_application_of_the_directory_is_one_in_azure_too(demo_home: Path, capsys: Any) -> None:
    told = []
    for who in ("expense-app", "0e4078e5-fbfd-45cf-8bf0-a3b201d7515b"):
        capsys.readouterr()
        assert run(["gap", who, "--home", str(demo_home), "--format", "json"]) == 0
        told.append(json.loads(capsys.readouterr().out))
    by_name, by_id = told
    assert by_name["coverage"]["unasked"] == by_id["coverage"]["unasked"] == []
    assert by_name["items"] == by_id["items"]
