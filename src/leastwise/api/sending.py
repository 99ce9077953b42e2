"""Answers as responses: JSON, CSV and spreadsheets, each with what tells whether it changed."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

import msgspec
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from leastwise.app.answers.cells import cell_text, safe_cell
from leastwise.app.cursors import cursor_of, fingerprint, start_of
from leastwise.app.duties import Caller, Right
from leastwise.errors import RefusedError, UsageError

from .asked import EstateAsked, Form, Page

Rows = Iterable[Mapping[str, Any]]
_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CELL, _CHUNK = 32_767, 65_536
"""Characters that a cell of a spreadsheet holds; bytes that are sent at once."""
DOWNLOADS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _TYPES.values()}},
    304: {"description": "Nothing changed since the ETag that `If-None-Match` names."},
}
"""What lists answer besides JSON."""


def sent(request: Request, caller: Caller, asked: EstateAsked, body: Mapping[str, Any]) -> Response:
    """An answer as JSON; 304 where whoever asks holds it already."""
    data = msgspec.json.encode(body, enc_hook=str)
    return _tagged(request, caller, asked, Response(data, media_type="application/json"), data)


def listed(
    request: Request, caller: Caller, asked: EstateAsked, body: Mapping[str, Any], page: Page, names: Sequence[str]
) -> Response:
    """A list that was made whole, sorted and cut to a page, or as a file. Raises UsageError, RefusedError."""
    items = ordered(body["items"], page.sort, names)
    if page.form is not Form.JSON:
        return exported(caller, page, items, names, request.url.path.rpartition("/")[2])
    about = fingerprint([request.url.path, *sorted(_filters(request)), asked.opened.key, caller.sight.places and
                         sorted(caller.sight.places)])  # fmt: skip
    start = start_of(page.cursor, about)
    stop = min(len(items), start + page.limit)
    following = cursor_of(about, stop) if stop < len(items) else None
    rows = chosen(items[start:stop], page.fields, names)
    return sent(request, caller, asked, {**body, "items": rows, "next": following, "total": len(items)})


def _filters(request: Request) -> Iterator[str]:
    """The parameters that tell one list from another."""
    for name, value in request.query_params.multi_items():
        if name not in ("cursor", "limit", "fields"):
            yield f"{name}={value}"


def ordered(items: Sequence[Mapping[str, Any]], sort: str | None, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """Rows by a column, `-COLUMN` for descending; nulls last, rows that are equal as they stood. Raises UsageError."""
    if not sort:
        return list(items)
    column, falling = sort.removeprefix("-"), sort.startswith("-")
    if column not in names:
        raise UsageError(f"sort: {column!r} is none of {', '.join(names)}")
    held = [one for one in items if one.get(column) is not None]
    if any(isinstance(one[column], list | dict) for one in held):
        raise UsageError(f"sort: by {column} nothing can be sorted")
    held.sort(key=lambda one: one[column], reverse=falling)
    return [*held, *(one for one in items if one.get(column) is None)]


def chosen(rows: Sequence[Mapping[str, Any]], fields: Sequence[str], names: Sequence[str]) -> list[Mapping[str, Any]]:
    """Only these keys of each row; all where none is named. Raises UsageError for one that no row has."""
    if not fields:
        return list(rows)
    if unknown := [one for one in fields if one not in names]:
        raise UsageError(f"fields: {unknown[0]!r} is none of {', '.join(names)}")
    return [{name: row.get(name) for name in fields} for row in rows]


def exported(caller: Caller, page: Page, rows: Rows, names: Sequence[str], title: str) -> Response:
    """All rows as a file. Raises RefusedError without the right to export, UsageError for an unknown field."""
    if caller.sight_for(Right.EXPORT) is None:
        raise RefusedError(f"format={page.form} needs the right export, which {caller.name} does not have")
    chosen([], page.fields, names)
    columns = page.fields or tuple(names)
    made = _csv(rows, columns) if page.form is Form.CSV else _xlsx(rows, columns)
    headers = {"Content-Disposition": f'attachment; filename="{title}.{page.form}"', "Cache-Control": "no-store"}
    return StreamingResponse(made, headers=headers, media_type=_TYPES[page.form])


def _csv(rows: Rows, names: Sequence[str]) -> Iterator[bytes]:
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(names)
    for row in rows:
        writer.writerow([safe_cell(cell_text(row.get(name))) for name in names])
        if held.tell() > _CHUNK:
            yield held.getvalue().encode("utf-8", "replace")
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode("utf-8", "replace")


def _xlsx(rows: Rows, names: Sequence[str]) -> Iterator[bytes]:
    """A workbook, written row by row to the disk; text is written as text, so that no cell is a formula."""
    from xlsxwriter import Workbook

    with SpooledTemporaryFile(max_size=1 << 20) as file:
        with Workbook(file, {"constant_memory": True, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for column, name in enumerate(names):
                sheet.write_string(0, column, name)
            for line, row in enumerate(rows, 1):
                for column, name in enumerate(names):
                    value = row.get(name)
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        sheet.write_number(line, column, value)
                    elif (text := safe_cell(cell_text(value))[:_CELL]) != "":
                        sheet.write_string(line, column, text)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _tagged(request: Request, caller: Caller, asked: EstateAsked, found: Response, data: bytes) -> Response:
    """A response with its ETag: the estate, and what was said of it."""
    told = hashlib.sha256(asked.opened.key.encode() + data).hexdigest()[:32]
    tag = f'W/"{told}"'
    found.headers["ETag"] = tag
    found.headers["Cache-Control"] = "private, no-cache"
    found.headers["Vary"] = "Authorization, Cookie"
    held = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if held & {tag, "*"}:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "private, no-cache"})
    return found
