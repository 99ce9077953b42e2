"""Principals that are named together: one by one, by a group that they are in, by a tag or another fact of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances

from .asking import scope_tables
from .gap import GapOf
from .gaps import Gaps

_READS: Mapping[str, Sequence[str]] = {
    "memberships": ("member", "group"),
    "principals": ("id", "name", "kind", "tags", "details"),
}


def several_of(gaps: Gaps, named: Sequence[str], groups: Sequence[str], tags: Sequence[str]) -> tuple[GapOf, list[str]]:
    """Some principals of one provider: of whoever knows those who are named, or whose grants such a group or tag has.

    Raises:
        UsageError, NotFoundError, AmbiguousError: see `several` and `Gaps.about`.
    """
    if named:
        found = gaps.of_principal(named[0])
        return found, several(found, named, groups, tags)
    known: list[tuple[GapOf, list[str]]] = []
    for one in gaps.members:
        try:
            known.append((one, several(one, named, groups, tags)))
        except NotFoundError:
            # Another provider of the estate may have it.
            if one is gaps.members[-1] and not known:
                raise
    for found, ids in known:
        # A group of a directory may be known where its members hold nothing of their own.
        holding = {id for each in found.asking.access.everybody().groups if not each.unread for id in each.principals}
        if holding & set(ids):
            return found, ids
    return known[0]


def several(found: GapOf, named: Sequence[str], groups: Sequence[str], tags: Sequence[str]) -> list[str]:
    """The ids of those that are named, and of all who are in one of the groups or have one of the tags, sorted.

    Args:
        found: whose estate is asked.
        named: ids or unique names.
        groups: ids or names of groups; who is in a group in them is meant too.
        tags: KEY=VALUE of a tag, or of another fact that the vendor tells of a principal (a department).

    Raises:
        UsageError: a tag without a value, or nobody is named.
        NotFoundError: nobody has such a name; nobody is in such a group, or has such a tag.
    """
    if not (named or groups or tags):
        raise UsageError("name principals, a group or a tag")
    chosen = {found.asking.access.held(one, Circumstances()).principal for one in named}
    if groups or tags:
        workspace, asking = found.workspace, found.asking
        provider = workspace.provider(asking.provider)
        scopes = scope_tables(workspace, asking.estate, provider.name, dict(_READS), provider.directories)
        told = [one.tables for one in scopes if one.tables]
        people = [row for one in told for row in one["principals"].to_pylist()]
        members = [row for one in told for row in one["memberships"].to_pylist()]
        chosen |= {one for group in groups for one in _members(group, people, members)}
        chosen |= {one for tag in tags for one in _tagged(tag, people)}
    return sorted(chosen)


def _members(group: str, people: list[dict[str, Any]], members: list[dict[str, Any]]) -> set[str]:
    below: dict[str, set[str]] = {}
    for row in members:
        below.setdefault(row["group"], set()).add(row["member"])
    kinds = {row["id"]: row["kind"] for row in people}
    roots = {row["id"] for row in people if row["kind"] == "group" and group in (row["id"], row["name"])}
    open_ = roots | ({group} if group in below else set())
    found, seen = set[str](), set[str]()
    while open_:
        one = open_.pop()
        seen.add(one)
        found |= below.get(one, set())
        open_ |= {each for each in below.get(one, ()) if kinds.get(each) == "group"} - seen
    found = {one for one in found if kinds.get(one) != "group"}
    if not found:
        raise NotFoundError(f"--group {group}: nobody is known to be in it")
    return found


def _tagged(tag: str, people: list[dict[str, Any]]) -> set[str]:
    key, given, value = tag.partition("=")
    if not key or not given:
        raise UsageError(f"--tag: {tag!r} is not KEY=VALUE")
    found = {
        row["id"]
        for row in people
        if row["kind"] != "group" and (key, value) in {*(row["tags"] or ()), *(row["details"] or ())}
    }
    if not found:
        raise NotFoundError(f"--tag {tag}: nobody has it")
    return found
