"""A home folder with sources that read a fake, and the command line in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from leastwise.cli.main import run

Ask = Callable[..., Any]


def asking(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What asks a command in a home folder that is there already, and gives its answer as JSON."""

    def ask(*arguments: str) -> Any:
        capsys.readouterr()
        made = run([*arguments, "--home", str(home), "--format", "json"])
        told = capsys.readouterr()
        assert made == 0, told.err
        return json.loads(told.out)

    return ask


class Home:
    """The home folder."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self._capsys = path, capsys
        path.mkdir(mode=0o700)

    def sources(self, *several: Mapping[str, Any]) -> None:
        """Writes the sources down."""
        text = yaml.safe_dump({"version": 1, "sources": [dict(one) for one in several]})
        (self.path / "estate.yaml").write_text(text)

    def run(self, *arguments: str, code: int = 0) -> tuple[str, str]:
        """What a command prints, and what it says beside."""
        self._capsys.readouterr()
        made = run([*arguments, "--home", str(self.path)])
        told = self._capsys.readouterr()
        assert made == code, told.err
        return told.out, told.err

    def ask(self, *arguments: str) -> Any:
        """What a command tells as JSON."""
        return json.loads(self.run(*arguments, "--format", "json")[0])
