"""Changes to an estate in thought: documents and members, changed in the tables of the estate's scopes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from leastwise.model.plan import Change, digest
from leastwise.providers.base import Changing
from leastwise.providers.base.draft import Draft

from .marked import Item
from .pointing import Pointing

NOTHING = "nothing"
"""What `before` says where nothing stands yet."""


class Thought:
    """The verbs of documents and members, made one by one on the tables of an estate.

    Every method gives the changes that take it back, and what stood there; InputError where it does not apply.

    Args:
        draft: the tables.
        changing: what their provider tells of changes.
    """

    def __init__(self, draft: Draft, changing: Changing) -> None:
        self._draft, self._changing = draft, changing
        self._point = Pointing(draft, changing)
        self._bundles: dict[str, bytes] = {}

    # --- documents

    def put(self, item: Item, body: bytes) -> Change:
        """A document: of a bundle, wherever it is attached, or in force on one target."""
        if "on" not in item.value:
            return self._put_everywhere(item, body)
        name, layer = self._point.layer(item, item.text("layer"))
        place, target = self._point.target(item, "on", layer, name)
        policy = self._point.policy(item, layer, name)
        if self._draft.known("policies", id=policy):
            raise item.error(f"{policy} is a bundle: leave out `on` to change it everywhere, or attach it", "policy")
        chosen = None if layer.name and "policy" not in item.value else policy
        stood = self._stood(place, target, name, chosen)
        self._drop(place, target, name, chosen)
        own = {"policy": policy, "on": target, "layer": name}
        back = [*self._lay(item, place, target, name, (policy, layer.kind), body, Change("remove", own)), *stood]
        return told(item, "put", {**own, "document": spoken(body)}, back if layer.removable else stood, stood)

    def _put_everywhere(self, item: Item, body: bytes) -> Change:
        if "layer" in item.value:
            raise item.error("is told by the bundle; give it with `on` only", "layer")
        id, kind = self._point.bundle(item)
        layers = [name for name, layer in self._changing.layers.items() if kind in layer.bundles]
        if not layers:
            raise item.error(f"{id} is of kind {kind}: what it gives is in force elsewhere; change it there", "policy")
        self._interpret(item, body, layers[0])
        stood = self._stands(id)
        self._bundles[id] = body
        for place in self._draft.places:
            for layer in layers:
                where = {"policy": id, "layer": layer}
                if not self._draft.count(place, "attachments", **where):
                    continue
                row = self._document(item, place, body, layer)
                self._draft.change(place, "attachments", where, document=row, source=source_of(item))
        back = [] if stood is None else [Change("put", {"policy": id, "document": spoken(stood)})]
        return told(item, "put", {"policy": id, "document": spoken(body)}, back, back)

    def create(self, item: Item, body: bytes) -> Change:
        """A bundle of the customer's own that is not there yet; nobody has it until it is attached."""
        id = item.text("policy")
        own = self._changing.made(id)
        if own is None:
            raise item.error(f"{id}: is no id that a bundle of a customer can have", "policy")
        if self._draft.known("policies", id=id):
            raise item.error(f"{id}: is there already; put changes it", "policy")
        kind, account, name = own
        layers = [name for name, layer in self._changing.layers.items() if kind in layer.bundles]
        entries = enumerate(self._draft.entries)
        home = next((at for at, one in entries if one.id == account and one.readable), None)
        if home is None:
            raise item.error(f"{account}: no such account in the estate, or it was not read", "policy")
        row = self._document(item, home, body, layers[0])
        self._draft.append(
            home, "policies", id=id, account=account, name=name, kind=kind, version="v1", default=True, document=row,
            source=source_of(item),
        )  # fmt: skip
        return told(item, "create", {"policy": id, "document": spoken(body)}, [Change("delete", {"policy": id})], [])

    def delete(self, item: Item) -> Change:
        """A bundle of the customer's own that nobody has."""
        id, _ = self._point.bundle(item)
        if self._changing.made(id) is None or not self._draft.known("policies", id=id):
            raise item.error(f"{id}: is no bundle of a customer of the estate", "policy")
        if self._draft.known("attachments", policy=id):
            raise item.error(f"{id}: is attached; detach it first", "policy")
        stood = self._stands(id)
        for place in self._draft.places:
            self._draft.take(place, "policies", id=id)
        self._bundles.pop(id, None)
        back = [] if stood is None else [Change("create", {"policy": id, "document": spoken(stood)})]
        return told(item, "delete", {"policy": id}, back, back)

    def remove(self, item: Item) -> Change:
        """A document that lies on a target."""
        name, layer = self._point.layer(item, item.text("layer"))
        place, target = self._point.target(item, "on", layer, name)
        policy = self._point.policy(item, layer, name)
        self._point.removable(item, name)
        chosen = None if layer.name and "policy" not in item.value else policy
        stood = self._stood(place, target, name, chosen)
        if not self._drop(place, target, name, chosen):
            raise item.error(f"{target} has no {policy} in layer {name}", "policy" if "policy" in item.value else "on")
        return told(item, "remove", {"policy": policy, "on": target, "layer": name}, stood, stood)

    def attach(self, item: Item) -> Change:
        """A bundle to a target."""
        id, kind = self._point.bundle(item)
        fit = [name for name, layer in self._changing.layers.items() if kind in layer.bundles]
        if not fit:
            raise item.error(f"{id} is of kind {kind}: it is not attached, but assigned", "policy")
        name, layer = self._point.layer(item, item.text("layer", fit[0]))
        if name not in fit:
            raise item.error(f"{id} is of kind {kind}, which is not attached in layer {name}", "layer")
        place, target = self._point.target(item, "to", layer, name)
        if self._draft.count(place, "attachments", target=target, layer=name, policy=id):
            raise item.error(f"{id} is attached to {target} already")
        body, stood = self._body(item, id), self._stood(place, target, name, None) if layer.name else []
        if layer.name:
            self._drop(place, target, name, None)
        gone = Change("detach", {"policy": id, "from": target, "layer": name})
        back = [*self._lay(item, place, target, name, (id, kind), body, gone), *stood]
        return told(item, "attach", {"policy": id, "to": target, "layer": name}, back, stood)

    def detach(self, item: Item) -> Change:
        """A bundle, or a document of its own by its name, from a target."""
        text, given = item.text("policy"), item.text("from")
        if "layer" in item.value:
            self._point.layer(item, item.text("layer"))
        ids = {row["id"] for _, row in self._draft.found("policies", name=text)} | {text}
        targets = {row["id"] for table in _TARGETS for _, row in self._draft.found(table, name=given)} | {given}
        found = {
            (place, row["target"], row["layer"], row["policy"])
            for target in targets
            for place, row in self._draft.found("attachments", target=target)
            if row["policy"] in ids
            and row["layer"] in self._changing.layers
            and row["layer"] == item.text("layer", row["layer"])
        }
        if not found:
            if not any(self._draft.known(table, id=target) for table in _TARGETS for target in targets):
                raise item.error(f"{given}: nothing of that id or name in the estate", "from")
            raise item.error(f"{text} is not attached to {given} itself", "policy")
        if len(found) > 1:
            ways = ", ".join(sorted(f"{id} on {target} in layer {layer}" for _, target, layer, id in found))
            raise item.error(f"is attached in several ways: {ways}", "policy")
        place, target, name, id = found.pop()
        self._point.removable(item, name)
        stood = self._stood(place, target, name, id)
        self._drop(place, target, name, id)
        return told(item, "detach", {"policy": id, "from": target, "layer": name}, stood, stood)

    # --- assignments on accounts, blocks

    def assign(self, item: Item) -> Change:
        """A bundle to a person or group on an account."""
        place, named, kind = self._assignment(item)
        if self._draft.known("assignments", **named):
            raise item.error(f"{named['bundle']} is assigned to {named['principal']} on {named['account']} already")
        self._draft.append(place, "assignments", **named, principal_kind=kind, source=source_of(item))
        return told(item, "assign", named, [Change("unassign", named)], [])

    def unassign(self, item: Item) -> Change:
        """A bundle from a person or group on an account."""
        _, named, _ = self._assignment(item)
        if not sum(self._draft.take(place, "assignments", **named) for place in self._draft.places):
            raise item.error(f"{named['bundle']} is not assigned to {named['principal']} on {named['account']}")
        back = [Change("assign", named)]
        return told(item, "unassign", named, back, back)

    def block_public(self, item: Item) -> Change:
        """Whether a public block holds back what opens a resource to everyone."""
        if "block" not in item.value:
            raise item.error("needs block: true or false")
        place, row = self._point.row(item, "resource", "resources")
        if row["kind"] not in self._changing.blockable:
            raise item.error(f"{row['id']}: no public block acts on a {row['kind']}", "resource")
        block = "all" if item.flag("block") else "none"
        self._draft.change(place, "resources", {"id": row["id"]}, public_block=block)
        named, stood = {"resource": row["id"], "block": item.flag("block")}, row.get("public_block")
        # What blocks in part cannot be said by a verb that knows on and off.
        known = {"all": True, "none": False}.get(stood or "none")
        back = [] if known is None else [Change("block_public", {**named, "block": known})]
        return told(item, "block_public", named, back, back)

    def _assignment(self, item: Item) -> tuple[int, dict[str, str], str]:
        item.only("bundle", "principal", "account", "on", "before", "provider")
        natives, draft, text = self._changing.assignees, self._draft, item.text("bundle")
        place, principal, native = self._point.principal(item, "principal", natives, "can be given a bundle")
        key = on_key(item)
        account = item.text(key)
        if not draft.known("scopes", id=account, kind="account"):
            raise item.error(f"{account}: no such account in the estate", key)
        named = {row["id"] for table in ("resources", "policies") for _, row in draft.found(table, name=text)} | {text}
        given = {one for one in named if draft.known("assignments", bundle=one)}
        if len(given) != 1:
            cause = f"is the name of {', '.join(sorted(given))}" if given else "no such bundle is assigned to anybody"
            raise item.error(f"{text}: {cause}", "bundle")
        return place, {"bundle": given.pop(), "principal": principal, "account": account}, natives[native]

    # --- rows

    def _stands(self, id: str) -> bytes | None:
        """The document of a bundle as it stands; None where none was read."""
        if id in self._bundles:
            return self._bundles[id]
        for place, row in self._draft.found("policies", id=id):
            if row["default"]:
                return self._draft.text(place, row["document"])
        found = self._changing.bundle(id)
        return None if found is None else found[1]

    def _body(self, item: Item, id: str) -> bytes:
        found = self._stands(id)
        if found is None:
            raise item.error(f"{id}: its document was not read", "policy")
        return found

    def _stood(self, place: int, target: str, name: str, policy: str | None) -> list[Change]:
        """The changes that put back what lies on a target in a layer (one policy of it); none for what was not read."""
        layer, found = self._changing.layers[name], []
        for at, row in self._draft.found("attachments", target=target, layer=name):
            if at != place or (policy is not None and row["policy"] != policy):
                continue
            if row["kind"] in layer.bundles:
                found.append(Change("attach", {"policy": row["policy"], "to": target, "layer": name}))
            elif row["kind"] == layer.kind and row["document"] is not None:
                named = {"policy": row["policy"], "on": target, "layer": name}
                document = spoken(self._draft.text(place, row["document"]))
                found.append(Change("put", {**named, "document": document}))
        return found

    def _interpret(self, item: Item, body: bytes, layer: str) -> Mapping[str, pa.Table]:
        try:
            return self._changing.interpret(body, layer)
        except ValueError as error:
            key = next((one for one in ("document", "file", "policy") if one in item.value), "")
            raise item.error(str(error), key) from None

    def _document(self, item: Item, place: int, body: bytes, layer: str) -> int:
        """The row of a document in the tables of a scope; added if it is new."""
        return self._draft.intern(place, self._interpret(item, body, layer))

    def _lay(
        self, item: Item, place: int, target: str, layer: str, policy: tuple[str, str], body: bytes, gone: Change
    ) -> list[Change]:
        """Put a document in force on a target, under a name and a kind; the changes that take it away again."""
        laid = [(policy[0], body)]
        back = [gone]
        implied = self._changing.layers[layer].implied
        if implied is not None and not self._draft.known("attachments", target=target, layer=layer):
            laid.append(implied)
            back.append(Change("detach", {"policy": implied[0], "from": target, "layer": layer}))
        row = {"account": self._draft.entries[place].id, "layer": layer, "kind": policy[1], "target": target}
        for name, content in laid:
            number = self._document(item, place, content, layer)
            self._draft.append(
                place, "attachments", **row, policy=name, document=number, direct=False, source=source_of(item)
            )
        self._refresh(place, target, layer)
        return back

    def _drop(self, place: int, target: str, name: str, policy: str | None) -> int:
        """Take documents of a layer away from a target: one by its name, or all that are its own; how many."""
        layer = self._changing.layers[name]
        where = {"target": target, "layer": name} | ({} if policy is None else {"policy": policy})
        gone = self._draft.take(place, "attachments", {layer.kind, *layer.bundles}, **where)
        self._refresh(place, target, name)
        return gone

    def _refresh(self, place: int, target: str, layer: str) -> None:
        """What the target's row says of its documents: whether it has a boundary, whether its policy is public."""
        mine = [row for at, row in self._draft.found("attachments", target=target, layer=layer) if at == place]
        if layer == "boundary":
            bound = mine[0]["policy"] if mine else None
            self._draft.change(place, "principals", {"id": target}, boundary=bound)
        if self._changing.layers[layer].table == "resources":
            read = [row["document"] for row in mine if row["document"] is not None and row["kind"] != "acl"]
            texts = [self._draft.text(place, row) for row in read]
            columns = self._changing.opened(texts, self._draft.entries[place].id)
            self._draft.change(place, "resources", {"id": target}, policy_known=True, **columns)


_TARGETS = ("principals", "resources", "scopes")


def on_key(item: Item) -> str:
    """The key by which a change tells where a grant holds: `on`, or its older word. Raises InputError for both."""
    if "on" in item.value and "account" in item.value:
        raise item.error("is the older word for `on`: tell one of both", "account")
    return "account" if "account" in item.value else "on"


def told(
    item: Item, verb: str, values: Mapping[str, Any], back: Sequence[Change], stood: Sequence[Change] | bytes
) -> Change:
    """A change in canonical ids, with what takes it back and the digest of what stood there.

    `stood` puts that back, or is that itself. Raises InputError where something else stood there than `before` says.
    """
    if isinstance(stood, bytes):
        hash = digest(stood) if stood else ""
    else:
        documents = [one.told.get("document") for one in stood]
        held = next((json.dumps(one) for one in documents if one is not None), None)
        hash = digest((held or json.dumps([one.values() for one in stood])).encode()) if stood else ""
    expected = item.text("before", "")
    if expected and expected != (hash or NOTHING):
        raise item.error(f"something else stands there: {hash or NOTHING}", "before")
    return Change(verb, values, tuple(back), hash)


def spoken(document: bytes) -> Any:
    """A document as a what-if file has it; as text where it is no JSON."""
    try:
        return json.loads(document)
    except ValueError:
        return document.decode("utf-8", "replace")


def source_of(item: Item) -> str:
    """Where a change stands, as the source of what it adds."""
    number = next((part for part in item.place if isinstance(part, int)), 0)
    return f"{item.marked.file}: changes[{number}]"
