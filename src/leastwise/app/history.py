"""What was changed about somebody or something, by whom: the changes that the logs show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leastwise.errors import UsageError

from .estate import OpenEstate
from .provenance import called, told

COLUMNS = (
    "at", "what", "verb", "subject", "subject_name", "object", "object_name", "account", "by", "role", "session",
    "origin", "source_identity", "event",
)  # fmt: skip
"""What is told of a change, in this order."""


def history(estate: OpenEstate, subject: str) -> list[dict[str, Any]]:
    """The changes of a principal, credential or policy, oldest first: what it was given, lost, or made part of.

    It is named by its id, by the end of it after the last `/`, or, of an identity, by name or mail address; whoever has
    that name is told.

    Raises:
        UsageError: the name is empty.
        IntegrityError, StoreError: the lake or a snapshot cannot be read.
    """
    if not subject.strip():
        raise UsageError("history: name a principal, a credential or a policy")
    names: dict[str, str] = {}
    wanted = {subject}
    for row in estate.view("identities", ("id", "name", "mail", "provider")).to_pylist():
        ids = (row["id"], *called(estate.workspace, row["provider"], row["id"]))
        names |= dict.fromkeys(ids, row["name"])
        if subject in (row["id"], row["name"], row["mail"], *ids):
            wanted |= set(ids)
    rows = _joined(estate.workspace.lake.changes().to_pylist())
    return [_item(row, names) for row in rows if row["time"] <= estate.clock and not wanted.isdisjoint(_named(row))]


def _joined(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes, with `membership`: the id of one that has an id; its end tells the member and the group."""
    found, made = [], {}
    for row in rows:
        group, _, id = row["object"].partition(" ") if row["what"] == "membership" else (row["object"], "", "")
        found.append(row | {"object": group, "membership": id})
        if id:
            made[row["provider"], id] = {"subject": row["subject"], "object": group, "membership": id}
    return [row | made.get((row["provider"], row["subject"]), {}) if row["verb"] == "removed" else row for row in found]


def _named(row: Mapping[str, Any]) -> Iterator[str]:
    """What a change names, and the ends of these names; of what was given somewhere, also without where that is."""
    for name in (row["subject"], row["object"], row["object"].partition(" ")[0], row["membership"]):
        if name:
            yield name
            yield name.rpartition("/")[2]


def _item(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found = {
        **told(row),
        **{name: row[name] for name in ("what", "verb", "subject", "object", "account")},
        "subject_name": names.get(row["subject"], ""),
        "object_name": names.get(row["object"], ""),
    }
    return {name: found[name] for name in COLUMNS}
