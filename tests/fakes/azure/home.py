"""A home folder with one source that reads the fake, and the command line in it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from fakes.home import Home as AnyHome


class Home(AnyHome):
    """The home folder; `calls` are those whose gaps are of the collection."""

    def __init__(
        self, path: Path, source: Mapping[str, Any], calls: set[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        super().__init__(path, capsys)
        self._calls = calls
        self.sources(source)

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
