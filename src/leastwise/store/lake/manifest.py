"""Which parts of the lake count, and which sources were taken in: two tables of the state database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, case, delete, func, insert, select, update

from leastwise.errors import IntegrityError

from ..clock import from_text, to_text
from ..database import reading
from ..files import canonical
from ..pins import reseal, sealing
from ..schema import LAKE_PARTS, LAKE_SOURCES
from .checking import files_of
from .parts import VERSION, Part

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH = 400
_KNOWN = select(LAKE_SOURCES.c.key).where(LAKE_SOURCES.c.key == bindparam("one"), LAKE_SOURCES.c.state != "failed")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of a log that was looked at.

    `content` is what tells its bytes from others (a hash, or an entity tag). `state`: `done`; `partly`, when records of
    it could not be read; `failed`, when nothing could; `skipped`, when it is none that holds events. Only failed ones
    are looked at again while their content stays the same. `bad` counts what was set aside, `detail` has the first
    places and causes.
    """

    provider: str
    name: str
    size: int
    content: str
    taken: datetime
    state: str = "done"
    events: int = 0
    bad: int = 0
    detail: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> str:
        """The same for the same bytes under the same name."""
        return source_key(self.provider, self.name, self.content)


def source_key(provider: str, name: str, content: str) -> str:
    """The key of a source by what names it."""
    return hashlib.sha256("\x1f".join((provider, name, content)).encode("utf-8", "surrogatepass")).hexdigest()


class Manifest:
    """The tables of one state database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def parts(self, provider: str | None = None) -> list[Part]:
        """Every part that counts, by provider and time. IntegrityError when a row makes no sense."""
        query = select(LAKE_PARTS).order_by(LAKE_PARTS.c.provider, LAKE_PARTS.c.begin, LAKE_PARTS.c.id)
        if provider is not None:
            query = query.where(LAKE_PARTS.c.provider == provider)
        with reading(self.engine) as connection:
            return [_part(dict(row)) for row in connection.execute(query).mappings()]

    def commit(self, new: Sequence[Part], gone: Sequence[Part], sources: Sequence[Source]) -> None:
        """Makes new parts count in place of those that are gone, and sources taken in: all at once or nothing.

        What was set aside of a source is forgotten once the source is read without fault.

        Raises:
            StorageFullError, StoreError: the database refuses.
        """
        with sealing(self.engine, LAKE_PARTS) as connection:
            for part in gone:
                connection.execute(delete(LAKE_PARTS).where(LAKE_PARTS.c.id == part.id))
            if new:
                connection.execute(insert(LAKE_PARTS), [_row(one) for one in new])
            told = {one.key: one for one in sources}
            mended = {(one.provider, one.name) for one in sources if one.state in ("done", "skipped")}
            query = select(LAKE_SOURCES).where(LAKE_SOURCES.c.state.in_(("failed", "partly")))
            past = [
                row.key
                for row in (connection.execute(query).all() if mended else ())
                if (row.provider, row.name) in mended and row.key not in told
            ]
            keys = sorted(told)
            for start in range(0, len(past), _BATCH):
                _change(connection, past[start : start + _BATCH], [])
            for start in range(0, len(keys), _BATCH):
                some = keys[start : start + _BATCH]
                _change(connection, some, [_source_row(told[key]) for key in some])

    def settle(self, parts: Sequence[Part]) -> None:
        """Notes that events were joined with the sessions of these parts. StoreError when the database refuses."""
        with sealing(self.engine, LAKE_PARTS) as connection:
            for part in parts:
                connection.execute(update(LAKE_PARTS).where(LAKE_PARTS.c.id == part.id).values(settled=1))

    def any(self, provider: str) -> bool:
        """Whether any source of a provider was ever looked at."""
        with reading(self.engine) as connection:
            query = select(LAKE_SOURCES.c.key).where(LAKE_SOURCES.c.provider == provider).limit(1)
            return connection.execute(query).first() is not None

    def known(self, key: str) -> bool:
        """Whether a source need not be looked at again."""
        with reading(self.engine) as connection:
            return connection.execute(_KNOWN, {"one": key}).first() is not None

    def taken(self, keys: Iterable[str]) -> set[str]:
        """Of these sources, those that need not be looked at again."""
        wanted, found = sorted(set(keys)), set[str]()
        with reading(self.engine) as connection:
            for start in range(0, len(wanted), _BATCH):
                query = select(LAKE_SOURCES.c.key).where(
                    LAKE_SOURCES.c.key.in_(wanted[start : start + _BATCH]), LAKE_SOURCES.c.state != "failed"
                )
                found.update(str(one) for one in connection.execute(query).scalars())
        return found

    def sources(self, bad: bool = False) -> list[Source]:
        """Every source that was looked at, or only those of which something was set aside, by name."""
        query = select(LAKE_SOURCES).order_by(LAKE_SOURCES.c.name, LAKE_SOURCES.c.taken)
        if bad:
            query = query.where((LAKE_SOURCES.c.bad > 0) | (LAKE_SOURCES.c.state == "failed"))
        with reading(self.engine) as connection:
            return [_source(dict(row)) for row in connection.execute(query).mappings()]

    def folders(self, provider: str) -> dict[str, bool]:
        """The folders of a provider's sources that hold events (the names up to the last `/`), sorted.

        The value is whether all of their files could be read whole.
        """
        name = LAKE_SOURCES.c.name
        # What is left when everything but `/` is taken away are the signs that end a folder's name.
        folder = func.rtrim(name, func.replace(name, "/", "")).label("folder")
        broken = func.max(case((LAKE_SOURCES.c.state.in_(("failed", "partly")), 1), else_=0))
        query = (
            select(folder, broken)
            .where(LAKE_SOURCES.c.provider == provider, LAKE_SOURCES.c.state != "skipped")
            .group_by(folder)
            .order_by(folder)
        )
        with reading(self.engine) as connection:
            return {str(row[0]): not row[1] for row in connection.execute(query)}


def _change(connection: Connection, keys: Sequence[str], new: Sequence[dict[str, Any]]) -> None:
    """Takes sources out, puts new ones in, and renews the seal."""
    there = LAKE_SOURCES.c.key.in_(keys)
    gone = connection.execute(select(LAKE_SOURCES).where(there)).all()
    connection.execute(delete(LAKE_SOURCES).where(there))
    if new:
        connection.execute(insert(LAKE_SOURCES), list(new))
    reseal(connection, LAKE_SOURCES, gone, new)


def moment(microseconds: int) -> datetime:
    """Microseconds since 1970 as a time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(time: datetime) -> int:
    """A time as microseconds since 1970."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def _row(part: Part) -> dict[str, Any]:
    return {
        "id": part.id,
        "provider": part.provider,
        "month": part.month,
        "begin": to_text(moment(part.begin)),
        "end": to_text(moment(part.end)),
        "events": part.events,
        "files": canonical({name: asdict(stored) for name, stored in part.files.items()}),
        "stats": canonical(part.stats),
        "settled": int(part.settled),
        "schema_version": VERSION,
    }


def _part(row: dict[str, Any]) -> Part:
    try:
        files = files_of(row)
        begin, end = (microseconds(from_text(row[name])) for name in ("begin", "end"))
        stats = json.loads(row["stats"])
    except (ValueError, TypeError, AttributeError) as error:
        raise IntegrityError(f"lake part {row['id']}: its row makes no sense: {error}") from error
    if row["schema_version"] > VERSION:
        raise IntegrityError(f"lake part {row['id']}: written by a newer Leastwise; upgrade Leastwise")
    return Part(
        row["id"], row["provider"], row["month"], begin, end, row["events"], files, stats, bool(row["settled"]),
        row["schema_version"],
    )  # fmt: skip


def _source_row(one: Source) -> dict[str, Any]:
    return {
        "key": one.key, "provider": one.provider, "name": one.name, "size": one.size, "content": one.content,
        "taken": to_text(one.taken), "state": one.state, "events": one.events, "bad": one.bad,
        "detail": canonical(one.detail),
    }  # fmt: skip


def _source(row: dict[str, Any]) -> Source:
    row.pop("key")
    try:
        detail = tuple((str(place), str(why)) for place, why in json.loads(row["detail"]))
        return Source(**(row | {"taken": from_text(row["taken"]), "detail": detail}))
    except (ValueError, TypeError) as error:
        raise IntegrityError(f"lake source {row['name']}: its row makes no sense: {error}") from error
