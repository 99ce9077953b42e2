"""The audit record: rows that are appended and never changed, each with the hash of the one before it.

The newest row's number and hash are pinned in the same transaction, so that rows that were cut off at the end are
missed too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, String, select

from leastwise.errors import IntegrityError

from .clock import to_text
from .database import begin_exclusive, reading, transaction
from .files import canonical
from .pins import AUDIT_HEAD, pin, pinned
from .schema import AUDIT, PINS

_BATCH = 5000
_LONGEST = {one.name: one.type.length for one in AUDIT.columns if isinstance(one.type, String) and one.type.length}


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did, or was refused.

    Args:
        time: when.
        actor: who, as he is called; empty where nobody knows.
        via: how he was known.
        address: where the request came from.
        request: the id of the request.
        action: what it is called.
        subject: what it was done to.
        outcome: `done`, `refused` or `failed`.
        detail: what else there is to say; never a secret.
    """

    time: datetime
    actor: str
    action: str
    subject: str = ""
    outcome: str = "done"
    detail: Mapping[str, Any] = field(default_factory=dict)
    via: str = ""
    address: str = ""
    request: str = ""


class Audit:
    """The audit record of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, entry: Entry) -> None:
        """Adds a row of its own."""
        with self.recording(entry):
            pass

    @contextmanager
    def recording(self, entry: Entry) -> Iterator[Connection]:
        """A transaction for a change: it and its row are there together, or neither is."""
        with transaction(self._engine) as connection:
            begin_exclusive(connection, AUDIT)
            yield connection
            _append(connection, entry)

    def page(
        self, before: int | None, limit: int, actor: str | None = None, action: str | None = None
    ) -> list[dict[str, Any]]:
        """Rows, newest first, of those below a number; of one actor or action where that is given."""
        query = select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(limit)
        for wanted, column in ((actor, AUDIT.c.actor), (action, AUDIT.c.action)):
            query = query if wanted is None else query.where(column == wanted)
        if before is not None:
            query = query.where(AUDIT.c.sequence < before)
        with reading(self._engine) as connection:
            return [_told(dict(row)) for row in connection.execute(query).mappings()]

    def faults(self) -> list[str]:
        """What is not as it was written, one line each; empty when all is well. Safe beside a writer."""
        # Read before the rows: what is appended meanwhile comes after it.
        head = pinned(self._engine, AUDIT_HEAD)
        before = (0, "")
        heads = {0: ""}
        with reading(self._engine) as connection:
            while rows := _batch(connection, before[0]):
                for row in rows:
                    if cause := _fault(row, before):
                        return [f"row {row['sequence']}: {cause}"]
                    before = (row["sequence"], row["hash"])
                    heads[before[0]] = before[1]
        if head is None:
            return ["the newest row is not pinned"] if before[0] else []
        number, _, digest = head.partition(" ")
        if not number.isdigit() or heads.get(int(number)) != digest:
            return [f"rows are missing at the end: row {number} was the newest, and {before[0]} is"]
        return []


def _batch(connection: Connection, after: int) -> list[dict[str, Any]]:
    query = select(AUDIT).where(AUDIT.c.sequence > after).order_by(AUDIT.c.sequence).limit(_BATCH)
    return [dict(row) for row in connection.execute(query).mappings()]


def _append(connection: Connection, entry: Entry) -> None:
    head = connection.execute(select(AUDIT.c.sequence, AUDIT.c.hash).order_by(AUDIT.c.sequence.desc()).limit(1)).first()
    pinned_head = connection.scalar(select(PINS.c.value).where(PINS.c.name == AUDIT_HEAD))
    sequence, previous = (0, "") if head is None else (int(head[0]), str(head[1]))
    if pinned_head is not None and pinned_head != f"{sequence} {previous}":
        raise IntegrityError("state database: audit: its newest rows are not as they were written; see audit verify")
    row: dict[str, Any] = {
        "sequence": sequence + 1,
        "time": to_text(entry.time),
        "actor": entry.actor,
        "via": entry.via,
        "address": entry.address,
        "request": entry.request,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "detail": canonical(dict(entry.detail)),
        "previous": previous,
    }
    # A server refuses what is too long, or has a NUL, and whoever sends such a name is on record all the same.
    row |= {name: _fitting(row[name], most) for name, most in _LONGEST.items() if name in row}
    row["hash"] = _digest(row)
    connection.execute(AUDIT.insert().values(row))
    pin(connection, AUDIT_HEAD, f"{row['sequence']} {row['hash']}")


def _fitting(text: str, most: int) -> str:
    clean = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return clean if len(clean) <= most else clean[: most - 1] + "\u2026"


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical({key: value for key, value in row.items() if key != "hash"}).encode()).hexdigest()


def _fault(row: Mapping[str, Any], before: tuple[int, str]) -> str | None:
    if row["sequence"] != before[0] + 1:
        return f"follows row {before[0]}: rows between are missing"
    if row["previous"] != before[1]:
        return "is not linked to the row before it"
    return None if _digest(row) == row["hash"] else "was changed (its hash differs)"


def _told(row: dict[str, Any]) -> dict[str, Any]:
    try:
        return row | {"detail": json.loads(row["detail"])}
    except ValueError:
        raise IntegrityError(f"state database: audit: row {row['sequence']}: its detail cannot be read") from None
