"""The demo company's last day as the compiler gets it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from leastwise.demo import unpack
from leastwise.engine.columns import plain
from leastwise.providers.aws.compiled.access import AwsAccess
from leastwise.providers.aws.compiled.compile import compile_estate
from leastwise.providers.aws.compiled.scopes import ScopeTables
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.translate import translate

ROOT = Path(__file__).resolve().parents[4]


def scopes_of(*paths: Path) -> list[ScopeTables]:
    """The tables as translation makes them: texts as positions in lists of words."""
    return [ScopeTables(one.scope.kind, one.scope.id, translate(one)) for one in read_exports(list(paths))]


def written_out(scopes: Sequence[ScopeTables]) -> list[ScopeTables]:
    """The same as the store gives them."""
    return [ScopeTables(one.kind, one.id, {name: plain(table) for name, table in one.tables.items()}) for one in scopes]


@cache
def demo_scopes() -> tuple[ScopeTables, ...]:
    """The scopes of the last day."""
    with tempfile.TemporaryDirectory() as folder:
        unpack(Path(folder))
        days = (path for path in Path(folder).rglob("20??-??-??") if path.is_dir())
        day = max(path for path in days if path.parent.name not in ("azure", "entra", "google-cloud"))
        return tuple(scopes_of(day))


@cache
def demo_access() -> AwsAccess:
    """Questions to that day."""
    return AwsAccess(compile_estate(demo_scopes()))
