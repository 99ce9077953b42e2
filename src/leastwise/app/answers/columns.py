"""The columns of lists, with what each says."""

from __future__ import annotations

from collections.abc import Iterator

from leastwise.detection.overlay import SUBJECT_OF
from leastwise.model.tables import BY_NAME, Column
from leastwise.rules.views import OVERLAYS

from ..estate import NAMES
from ..listing.asked import VIEW_OF


def list_columns(what: str) -> tuple[Column, ...]:
    """The columns of `identities`, `resources`, `grants`, `credentials`, `trusts` or `requests`, in order."""
    return tuple({one.name: one for one in _columns(what)}.values())


def _columns(what: str) -> Iterator[Column]:
    view = VIEW_OF[what]
    yield from BY_NAME[view].columns
    stored = BY_NAME[view].names()
    yield from (one for one in OVERLAYS[SUBJECT_OF[view]] if one.name not in stored)
    for id, name in NAMES.get(what, {}).items():
        kind = "strings" if id == "approvers" else "string"
        yield Column(name, kind, f"name of `{id}`; null where its id is what people know", True)
