"""Questions in SQL: one SELECT over documented views, which are made only as far as it names them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from leastwise.errors import UsageError
from leastwise.store.sql.confined import Answered, Confined, FilesGoneError
from leastwise.store.sql.parsed import Parsed, parse

from .sql_views import Sources, chosen_views, views

if TYPE_CHECKING:
    from leastwise.app.wiring import Workspace

_TRIES = 3


@dataclass(frozen=True)
class Rows:
    """An answer.

    Args:
        names: of the columns, each once.
        types: of the columns, in DuckDB's words.
        rows: each a value a column, as JSON has it; can be read once, while the question is open.
        estate: the header of the estate that was asked; None if no view of it was named.
        coverage: what of it was not read; None likewise.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[list[Any]]
    estate: dict[str, Any] | None = None
    coverage: dict[str, Any] | None = field(default=None)


def parameters(texts: Sequence[str]) -> dict[str, str]:
    """The parameters of `NAME=VALUE` texts. Raises UsageError."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise UsageError(f"--param: {text!r} is no NAME=VALUE, as in account=111111111111")
        if name in found:
            raise UsageError(f"--param: {name} is given twice")
        found[name] = value
    return found


def checked(text: str, given: Mapping[str, str] | None = None) -> Parsed:
    """A query that can be put. `given` are its parameters; None: they come later. Raises UsageError."""
    query = parse(text, views())
    if given is None:
        return query
    if missing := sorted(query.parameters - given.keys()):
        raise UsageError(f"sql: ${missing[0]} has no value; give --param {missing[0]}=VALUE")
    if unknown := sorted(given.keys() - query.parameters):
        raise UsageError(f"--param: the query has no ${unknown[0]}")
    return query


@contextmanager
def asked(sources: Sources, text: str, given: Mapping[str, str]) -> Iterator[Rows]:
    """Puts a query; the answer's rows are read in the block.

    Raises:
        UsageError: the query is none, does not fit the views, or fails; also while rows are read.
        IntegrityError, StoreError, NotFoundError, InputError: as what the views are made of.
    """
    query = checked(text, given)
    with ExitStack() as stack:
        answered, first = _answered(stack, sources, query, given)
        estate = sources.opened
        yield Rows(
            answered.names,
            answered.types,
            _plain_rows(chain(first, answered.batches)),
            None if estate is None else estate.header(),
            None if estate is None else estate.coverage(),
        )


def _answered(
    stack: ExitStack, sources: Sources, query: Parsed, given: Mapping[str, str]
) -> tuple[Answered, list[pa.RecordBatch]]:
    """The answer and its first rows; what a writer replaced meanwhile is looked up again."""
    for left in range(_TRIES - 1, -1, -1):
        with ExitStack() as attempt:
            database = attempt.enter_context(Confined())
            before = _parts(sources.workspace)
            try:
                for view in chosen_views(sorted(query.tables)):
                    view.add(database, sources)
                database.lock()
                answered = database.ask(query.text, given)
                first = [one for one in (next(answered.batches, None),) if one is not None]
            except FilesGoneError:
                if not left or _parts(sources.workspace) == before:
                    raise
                continue
            stack.enter_context(attempt.pop_all())
            return answered, first
    raise AssertionError("unreachable")


def _parts(workspace: Workspace) -> set[str]:
    return {part.id for part in workspace.lake.manifest.parts()}


def _plain_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[list[Any]]:
    for batch in batches:
        columns = [[_plain(value, column.type) for value in column.to_pylist()] for column in batch.columns]
        yield from map(list, zip(*columns, strict=True))


def _plain(value: Any, kind: pa.DataType) -> Any:
    """A value as JSON has it: times as ISO 8601, whole numbers as such, what is no number as null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if pa.types.is_decimal(kind) and kind.scale == 0 else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if pa.types.is_map(kind):
        return {str(key): _plain(one, kind.item_type) for key, one in value}
    if isinstance(value, list):
        return [_plain(one, kind.value_type) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one, kind.field(name).type) for name, one in value.items()}
    return str(value)


def listed(name: str | None = None) -> list[dict[str, Any]]:
    """Every view, or one, column by column. Raises NotFoundError."""
    chosen = list(views().values()) if name is None else chosen_views([name])
    return [
        {"view": view.name, "column": one.name, "kind": one.kind, "optional": one.optional, "says": one.doc,
         "row": view.row}
        for view in chosen
        for one in view.columns
    ]  # fmt: skip
