"""A home folder with one source that reads the fake, and the command line in it."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from leastwise.app import wiring
from leastwise.cli.main import run

_POINTS = [
    EntryPoint(name, f"leastwise.providers.{name}:PROVIDER", "leastwise.providers") for name in ("azure", "entra")
]


def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts both providers in, whatever is installed."""
    others = wiring.entry_points

    def with_both(group: str) -> Any:
        return [*(one for one in others(group=group) if one.name not in ("azure", "entra")), *_POINTS]

    monkeypatch.setattr(wiring, "entry_points", with_both)


class Home:
    """The home folder; `calls` are those whose gaps are of the collection."""

    def __init__(
        self, path: Path, source: Mapping[str, Any], calls: set[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.path, self._calls, self._capsys = path, calls, capsys
        path.mkdir(mode=0o700)
        self.sources(source)

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

    def gaps(self) -> list[dict[str, Any]]:
        """Gaps of the collection; what translation cannot make something of is told besides."""
        rows: list[dict[str, Any]] = self.ask("coverage", "--gaps")["items"]
        return [one for one in rows if one["call"] in self._calls]

    def everything(self) -> bytes:
        """Every byte that is written, also of what is packed."""
        texts = []
        for path in self.path.rglob("*"):
            if path.is_file():
                raw = path.read_bytes()
                texts.append(raw)
                if path.suffix == ".parquet":
                    texts.append(str(pq.read_table(path).to_pylist()).encode())
                elif raw[:2] == b"\x1f\x8b":
                    texts.append(gzip.decompress(raw))
                elif raw[:1] == b"\x78":
                    texts.append(zlib.decompress(raw))
        return b"".join(texts)
