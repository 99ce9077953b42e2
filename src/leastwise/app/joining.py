"""Members of groups, changed in thought."""

from __future__ import annotations

from collections.abc import Collection

from leastwise.model.plan import Change
from leastwise.providers.base import Changing
from leastwise.providers.base.draft import Draft

from .marked import Item
from .pointing import Pointing
from .thought import source_of, told

_LOOSE = "privileged_group"
"""The kind of a membership that a grant on the group gives for a time."""


class Joining:
    """The verbs of members, made one by one on the tables of an estate; as `Thought` in what they give and raise.

    Args:
        draft: the tables.
        changing: what their provider tells of changes.
    """

    def __init__(self, draft: Draft, changing: Changing) -> None:
        self._draft, self._changing = draft, changing
        self._point = Pointing(draft, changing)

    def join(self, item: Item) -> Change:
        """A principal into a group."""
        place, named, kind = self._membership(item)
        if self._draft.known("memberships", **named):
            raise item.error(f"{named['member']} is in {named['group']} already")
        self._draft.append(place, "memberships", **named, kind=kind, source=source_of(item))
        spoken = {"principal": named["member"], "group": named["group"]}
        return told(item, "join", spoken, [Change("leave", spoken)], [])

    def leave(self, item: Item) -> Change:
        """A principal out of a group."""
        _, named, _ = self._membership(item)
        kinds = {row.get("kind") for _, row in self._draft.found("memberships", **named)}
        if _LOOSE in kinds:
            cause = "by a grant on the group, for a time: `unassign` takes that"
            raise item.error(f"{named['member']} is in {named['group']} {cause}")
        if not sum(self._draft.take(place, "memberships", **named) for place in self._draft.places):
            raise item.error(f"{named['member']} is not in {named['group']}{self._unread(named['group'])}")
        spoken = {"principal": named["member"], "group": named["group"]}
        back = [Change("join", spoken)]
        return told(item, "leave", spoken, back, back)

    def _unread(self, group: str) -> str:
        rows = [row for _, row in self._draft.found("principals", id=group)]
        whole = [row["members_known"] for row in rows if row.get("members_known") is not None]
        return "" if any(whole) or not whole else " (not all of its members were read)"

    def _membership(self, item: Item) -> tuple[int, dict[str, str], str]:
        members = self._changing.members
        if not members:
            raise item.error("no group of this provider's can be changed")
        inside, groups = zip(*members, strict=True)
        member, native = self._named(item, "principal", inside, "can be in a group")
        group, kind = self._named(item, "group", groups, "is a group")
        both = set(self._places(member)) & set(self._places(group))
        known = members.get((native, kind))
        if known is None or not both:
            raise item.error(f"{member} ({native}) cannot be in {group} ({kind})", "group")
        if any(("dynamic", "yes") in (row.get("tags") or ()) for _, row in self._draft.found("principals", id=group)):
            raise item.error(f"{group}: a rule says who is in it", "group")
        return min(both), {"member": member, "group": group}, known

    def _named(self, item: Item, key: str, natives: Collection[str], does: str) -> tuple[str, str]:
        _, id, native = self._point.principal(item, key, natives, does)
        return id, native

    def _places(self, id: str) -> list[int]:
        return [place for place, _ in self._draft.found("principals", id=id)]
