"""Which files of the lake count, by the rows of the state database alone: for `verify`, which reads no tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, select

from leastwise.errors import IntegrityError
from leastwise.model.snapshot import StoredFile

from ..database import reading
from ..schema import LAKE_PARTS


def files_of(row: Mapping[str, Any]) -> dict[str, StoredFile]:
    """The files of a part by what they hold. IntegrityError when its row makes no sense."""
    try:
        return {name: StoredFile(**told) for name, told in json.loads(row["files"]).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise IntegrityError(f"lake part {row['id']}: its row makes no sense: {error}") from error


def stored(engine: Engine) -> dict[str, tuple[StoredFile, ...] | IntegrityError]:
    """The files of every part that counts, by its id. StoreError when the database cannot be read."""
    found: dict[str, tuple[StoredFile, ...] | IntegrityError] = {}
    with reading(engine) as connection:
        for row in connection.execute(select(LAKE_PARTS)).mappings():
            try:
                found[str(row["id"])] = tuple(files_of(dict(row)).values())
            except IntegrityError as error:
                found[str(row["id"])] = error
    return found
