"""Grants, bundles of the customer's own and members, changed in thought: by verbs of what-if files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from leastwise.model.plan import Change
from leastwise.providers.base import Changing
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.granting import Grant, Granting, MisfitError

from .marked import Item
from .thought import on_key, source_of, spoken, told

_SHOWN = 5


class Regranting:
    """The verbs of grants, made one by one on the tables of an estate; as `Thought` in what they give and raise.

    Args:
        draft: the tables.
        changing: what their provider tells of changes.
        granting: how its grants are changed.
    """

    def __init__(self, draft: Draft, changing: Changing, granting: Granting) -> None:
        self._draft, self._changing, self._granting = draft, changing, granting

    def assign(self, item: Item) -> Change:
        """A bundle to a principal somewhere."""
        with fitting(item, on_key(item)):
            on = self._place(item, on_key(item))
            grant = Grant(
                self._bundle(item, "bundle"), self._holder(item, "principal"), on, _condition(item),
                item.flag("eligible"), self._holder(item, "for") if "for" in item.value else "",
                _time(item, "since"), _time(item, "until"), item.flag("activated"), item.text("id", ""),
            )  # fmt: skip
            if any(one.key == grant.key for one in self._granting.standing(self._draft, on).grants):
                raise item.error(f"{grant.principal} has {grant.bundle} on {on} already")
            self._granting.give(self._draft, grant, source_of(item))
        return told(item, "assign", _values(grant), [_gone(grant)], b"")

    def unassign(self, item: Item) -> Change:
        """A bundle from a principal."""
        grant = self._one(item, on_key(item))
        with fitting(item):
            self._granting.take(self._draft, grant)
        return told(item, "unassign", _named(grant), [Change("assign", _values(grant))], _stood(grant))

    def replace(self, item: Item) -> Change:
        """Another bundle in place of one, everything else as it is."""
        grant = self._one(item, on_key(item))
        with fitting(item):
            later = replace(grant, bundle=self._bundle(item, "by"), id="")
        self._instead(item, grant, later)
        back = Change("replace", {**_named(later), "by": grant.bundle} | _id(grant))
        return told(item, "replace", {**_named(grant), "by": later.bundle} | _id(later), [back], _stood(grant))

    def move(self, item: Item) -> Change:
        """A grant to another place, everything else as it is."""
        grant = self._one(item, "from")
        with fitting(item, "to"):
            later = replace(grant, on=self._place(item, "to"), id="")
        self._instead(item, grant, later)
        back = Change("move", _moved(later, grant) | _id(grant))
        return told(item, "move", _moved(grant, later) | _id(later), [back], _stood(grant))

    def _instead(self, item: Item, grant: Grant, later: Grant) -> None:
        later = replace(later, id=item.text("id", ""))
        if later.key == grant.key:
            raise item.error("changes nothing")
        with fitting(item, "to" if grant.on != later.on else "by"):
            if any(one.key == later.key for one in self._granting.standing(self._draft, later.on).grants):
                raise item.error(f"{later.principal} has {later.bundle} on {later.on} already")
            self._granting.take(self._draft, grant)
            self._granting.give(self._draft, later, source_of(item))

    # --- bundles, documents of places

    def create(self, item: Item, body: bytes) -> Change:
        """A bundle of the customer's own that is not there yet."""
        with fitting(item, "policy"):
            id = self._granting.own(self._draft, item.text("policy"))
            if self._granting.definition(self._draft, id) is not None:
                raise MisfitError(f"{id} is there already: `put` changes it", "policy")
        with fitting(item, _brings(item)):
            self._granting.define(self._draft, id, body, source_of(item))
        return told(item, "create", {"policy": id, "document": spoken(body)}, [Change("delete", {"policy": id})], b"")

    def delete(self, item: Item) -> Change:
        """A bundle of the customer's own."""
        id, stood = self._own(item)
        with fitting(item, "policy"):
            self._granting.drop(self._draft, id)
        return told(
            item, "delete", {"policy": id}, [Change("create", {"policy": id, "document": spoken(stood)})], stood
        )

    def put(self, item: Item, body: bytes) -> Change:
        """A document: of a bundle of the customer's own, or in force at a place."""
        if "on" in item.value:
            return self._put_on(item, body)
        if "layer" in item.value:
            raise item.error("is told by the bundle; give it with `on` only", "layer")
        id, stood = self._own(item)
        with fitting(item, _brings(item)):
            self._granting.define(self._draft, id, body, source_of(item))
        back = Change("put", {"policy": id, "document": spoken(stood)})
        return told(item, "put", {"policy": id, "document": spoken(body)}, [back], stood)

    def _put_on(self, item: Item, body: bytes) -> Change:
        layer, on, policy = self._laid(item)
        with fitting(item, _brings(item)):
            stood = self._granting.laid(self._draft, layer, on, policy)
            self._granting.lay(self._draft, layer, on, policy, body, source_of(item))
        named = {"policy": policy, "on": on, "layer": layer}
        back = Change("remove", named) if stood is None else Change("put", {**named, "document": spoken(stood)})
        return told(item, "put", {**named, "document": spoken(body)}, [back], stood or b"")

    def remove(self, item: Item) -> Change:
        """A document in force at a place."""
        layer, on, policy = self._laid(item)
        with fitting(item, "on"):
            stood = self._granting.laid(self._draft, layer, on, policy)
            if stood is None:
                raise MisfitError(
                    f"{on} has no {policy} in layer {layer}", "policy" if "policy" in item.value else "on"
                )
            self._granting.lift(self._draft, layer, on, policy)
        named = {"policy": policy, "on": on, "layer": layer}
        return told(item, "remove", named, [Change("put", {**named, "document": spoken(stood)})], stood)

    def _laid(self, item: Item) -> tuple[str, str, str]:
        layer, layers = item.text("layer"), self._granting.layers
        if layer not in layers:
            known = f"; known: {', '.join(layers)}" if layers else ""
            raise item.error(f"{layer}: documents of that layer cannot be changed{known}", "layer")
        policy = item.text("policy", layers[layer])
        if not policy:
            raise item.error(f"needs policy: a place can have several documents of layer {layer}")
        with fitting(item, "on"):
            on = self._place(item, "on")
            return layer, on, self._granting.called(self._draft, layer, on, policy)

    def _own(self, item: Item) -> tuple[str, bytes]:
        with fitting(item, "policy"):
            id = self._granting.own(self._draft, item.text("policy"))
            found = self._granting.definition(self._draft, id)
            if found is None:
                raise MisfitError(f"{id}: no such bundle of the customer's own in the estate", "policy")
        return id, found

    # --- finding

    def _place(self, item: Item, key: str) -> str:
        return self._granting.place(self._draft, item.text(key, ""))

    def _bundle(self, item: Item, key: str) -> str:
        with fitting(item, key):
            return self._granting.bundle(self._draft, item.text(key))

    def _holder(self, item: Item, key: str) -> str:
        return holder(self._draft, self._granting, item, key)

    def _one(self, item: Item, key: str) -> Grant:
        """The only grant that stands as a change tells it."""
        with fitting(item, key):
            on = self._place(item, key)
            standing = self._granting.standing(self._draft, on)
        eligible = item.flag("eligible")
        principal = self._meant(item, "principal", {one.principal for one in standing.grants}, self._holder)
        bundle = self._meant(item, "bundle", {one.bundle for one in standing.grants}, self._bundle)
        behalf = self._meant(item, "for", {one.behalf for one in standing.grants}, self._holder)
        named = [one for one in standing.grants
                 if (one.principal, one.bundle, one.behalf) == (principal, bundle, behalf)]  # fmt: skip
        found = [one for one in named if one.eligible is eligible and _meets(item, one)]
        if len(found) == 1:
            return found[0]
        if found:
            raise item.error(f"is given several times: {'; '.join(map(_told_apart, found[:_SHOWN]))}")
        if named:
            raise item.error(f"is given otherwise: {'; '.join(map(_told_apart, named[:_SHOWN]))}")
        unread = f" (of what is granted there not all was read: {standing.unread})" if standing.unread else ""
        raise item.error(
            f"{item.text('principal')} has not {item.text('bundle')} on {item.text(key, on)} itself{unread}"
        )

    def _meant(self, item: Item, key: str, given: set[str], find: Callable[[Item, str], str]) -> str:
        """The id of what a key names: as a grant that stands has it, though nothing else tells of that, or as found."""
        if key not in item.value and key == "for":
            return ""
        text = item.text(key)
        return text if text in given else find(item, key)


def holder(draft: Draft, granting: Granting, item: Item, key: str) -> str:
    """The id of whom a key names: by id, unique name or mail address. Raises InputError."""
    text = item.text(key)
    for column, values in (("id", granting.spelled(text)), ("name", (text,)), ("mail", (text, text.lower()))):
        ids = sorted({row["id"] for _, row in draft.spoken("principals", column, values)})
        if len(ids) > 1:
            listed = ", ".join(ids[:_SHOWN])
            raise item.error(f"{text}: is the name of {len(ids)} principals: {listed}", key)
        if ids:
            return str(ids[0])
    raise item.error(f"{text}: no such principal in the estate", key)


@contextmanager
def fitting(item: Item, key: str = "") -> Iterator[None]:
    """Tells what a provider says against a change as a mistake in it, with its place."""
    try:
        yield
    except MisfitError as error:
        at = error.key if error.key in item.value else key
        raise item.error(str(error), at if at in item.value else "") from None


def _brings(item: Item) -> str:
    return next((one for one in ("document", "file") if one in item.value), "")


def _condition(item: Item) -> str:
    """A condition as canonical JSON; empty for none."""
    found = item.value.get("condition")
    if found is None:
        return ""
    if isinstance(found, str) and found:
        found = {"expression": found}
    if not isinstance(found, Mapping) or not found:
        raise item.error("must be a condition: a text, or a mapping with `expression`", "condition")
    return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _meets(item: Item, grant: Grant) -> bool:
    """Whether a grant has the condition that a change tells; any where it tells none."""
    if "condition" not in item.value:
        return True
    wanted = _condition(item)
    if not wanted or not grant.condition:
        return wanted == grant.condition
    has = json.loads(grant.condition)
    return all(has.get(key) == value for key, value in json.loads(wanted).items())


def _time(item: Item, key: str) -> datetime | None:
    text = item.text(key, "")
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise item.error(f"{text}: is no time of ISO 8601", key) from None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _named(grant: Grant) -> dict[str, Any]:
    """What names a grant that stands."""
    found = {key: value for key, value in grant.values().items() if key != "until"}
    return {**found, "condition": found.get("condition")}


def _gone(grant: Grant) -> Change:
    return Change("unassign", _named(grant))


def _values(grant: Grant) -> dict[str, Any]:
    """All that is told of a grant, so that it can be given again as it was."""
    since = {"since": grant.since.isoformat()} if grant.since is not None else {}
    return grant.values() | since | ({"activated": True} if grant.activated else {}) | _id(grant)


def _id(grant: Grant) -> dict[str, str]:
    return {"id": grant.id} if grant.id else {}


def _moved(grant: Grant, later: Grant) -> dict[str, Any]:
    named = _named(grant)
    del named["on"]
    return {**named, "from": grant.on, "to": later.on}


def _stood(grant: Grant) -> bytes:
    return json.dumps(grant.values()).encode()


def _told_apart(grant: Grant) -> str:
    kind = "eligible" if grant.eligible else "activated" if grant.activated else "active"
    behalf = f" for {grant.behalf}" if grant.behalf else ""
    return f"{kind}{behalf}, condition {grant.condition}" if grant.condition else f"{kind}{behalf}, without a condition"
