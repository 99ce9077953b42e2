"""Changes to an estate in thought: each verb of a what-if file, made on the tables of the estate's scopes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from leastwise.providers.base import Changing, Layer, ScopeTables

from .draft import Draft
from .marked import Item


class Thought:
    """An estate's tables, changed one by one; every method raises InputError where a change does not apply."""

    def __init__(self, scopes: Sequence[ScopeTables], changing: Changing) -> None:
        self._draft = Draft(scopes)
        self._changing = changing
        self._bundles: dict[str, bytes] = {}

    def scopes(self) -> list[ScopeTables]:
        """The scopes as they are now."""
        return self._draft.scopes()

    # --- documents

    def put(self, item: Item, body: bytes) -> None:
        """A document: of a bundle, wherever it is attached, or in force on one target."""
        if "on" not in item.value:
            self._put_everywhere(item, body)
            return
        name, layer = self._layer(item, item.text("layer"))
        place, target = self._target(item, "on", layer, name)
        policy = self._policy(item, layer, name)
        if self._draft.known("policies", id=policy):
            raise item.error(f"{policy} is a bundle: leave out `on` to change it everywhere, or attach it", "policy")
        self._drop(place, target, name, None if layer.name and "policy" not in item.value else policy)
        self._lay(item, place, target, name, (policy, layer.kind), body)

    def _put_everywhere(self, item: Item, body: bytes) -> None:
        if "layer" in item.value:
            raise item.error("is told by the bundle; give it with `on` only", "layer")
        id, kind = self._bundle(item)
        layers = [name for name, layer in self._changing.layers.items() if kind in layer.bundles]
        if not layers:
            raise item.error(f"{id} is of kind {kind}: what it gives is in force elsewhere; change it there", "policy")
        self._interpret(item, body, layers[0])
        self._bundles[id] = body
        for place in self._draft.places:
            for layer in layers:
                where = {"policy": id, "layer": layer}
                if not self._draft.count(place, "attachments", **where):
                    continue
                row = self._document(item, place, body, layer)
                self._draft.change(place, "attachments", where, document=row, source=_source(item))

    def remove(self, item: Item) -> None:
        """A document that lies on a target."""
        name, layer = self._layer(item, item.text("layer"))
        place, target = self._target(item, "on", layer, name)
        policy = self._policy(item, layer, name)
        self._removable(item, name)
        if not self._drop(place, target, name, None if layer.name and "policy" not in item.value else policy):
            raise item.error(f"{target} has no {policy} in layer {name}", "policy" if "policy" in item.value else "on")

    def attach(self, item: Item) -> None:
        """A bundle to a target."""
        id, kind = self._bundle(item)
        fit = [name for name, layer in self._changing.layers.items() if kind in layer.bundles]
        if not fit:
            raise item.error(f"{id} is of kind {kind}: it is not attached, but assigned", "policy")
        name, layer = self._layer(item, item.text("layer", fit[0]))
        if name not in fit:
            raise item.error(f"{id} is of kind {kind}, which is not attached in layer {name}", "layer")
        place, target = self._target(item, "to", layer, name)
        if self._draft.count(place, "attachments", target=target, layer=name, policy=id):
            raise item.error(f"{id} is attached to {target} already")
        if layer.name:
            self._drop(place, target, name, None)
        self._lay(item, place, target, name, (id, kind), self._body(item, id))

    def detach(self, item: Item) -> None:
        """A bundle, or a document of its own by its name, from a target."""
        text, given = item.text("policy"), item.text("from")
        if "layer" in item.value:
            self._layer(item, item.text("layer"))
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
        self._removable(item, name)
        self._drop(place, target, name, id)

    # --- members, assignments, blocks

    def join(self, item: Item) -> None:
        """A principal into a group."""
        place, member, group, kind = self._membership(item)
        if self._draft.count(place, "memberships", member=member, group=group):
            raise item.error(f"{member} is in {group} already")
        self._draft.append(place, "memberships", member=member, group=group, kind=kind, source=_source(item))

    def leave(self, item: Item) -> None:
        """A principal out of a group."""
        place, member, group, _ = self._membership(item)
        if not self._draft.take(place, "memberships", member=member, group=group):
            raise item.error(f"{member} is not in {group}")

    def assign(self, item: Item) -> None:
        """A bundle to a person or group on an account."""
        place, told, kind = self._assignment(item)
        if self._draft.known("assignments", **told):
            raise item.error(f"{told['bundle']} is assigned to {told['principal']} on {told['account']} already")
        self._draft.append(place, "assignments", **told, principal_kind=kind, source=_source(item))

    def unassign(self, item: Item) -> None:
        """A bundle from a person or group on an account."""
        _, told, _ = self._assignment(item)
        if not sum(self._draft.take(place, "assignments", **told) for place in self._draft.places):
            raise item.error(f"{told['bundle']} is not assigned to {told['principal']} on {told['account']}")

    def block_public(self, item: Item) -> None:
        """Whether a public block holds back what opens a resource to everyone."""
        if "block" not in item.value:
            raise item.error("needs block: true or false")
        place, row = self._row(item, "resource", "resources")
        if row["kind"] not in self._changing.blockable:
            raise item.error(f"{row['id']}: no public block acts on a {row['kind']}", "resource")
        block = "all" if item.flag("block") else "none"
        self._draft.change(place, "resources", {"id": row["id"]}, public_block=block)

    def _membership(self, item: Item) -> tuple[int, str, str, str]:
        members, groups = zip(*self._changing.members, strict=True)
        at, member, native = self._principal(item, "principal", members, "can be in a group")
        place, group, kind = self._principal(item, "group", groups, "is a group")
        known = self._changing.members.get((native, kind))
        if known is None or at != place:
            raise item.error(f"{member} ({native}) cannot be in {group} ({kind})", "group")
        return place, member, group, known

    def _assignment(self, item: Item) -> tuple[int, dict[str, str], str]:
        natives, draft, text = self._changing.assignees, self._draft, item.text("bundle")
        place, principal, native = self._principal(item, "principal", natives, "can be given a bundle")
        account = item.text("account")
        if not draft.known("scopes", id=account, kind="account"):
            raise item.error(f"{account}: no such account in the estate", "account")
        named = {row["id"] for table in ("resources", "policies") for _, row in draft.found(table, name=text)} | {text}
        given = {one for one in named if draft.known("assignments", bundle=one)}
        if len(given) != 1:
            cause = f"is the name of {', '.join(sorted(given))}" if given else "no such bundle is assigned to anybody"
            raise item.error(f"{text}: {cause}", "bundle")
        return place, {"bundle": given.pop(), "principal": principal, "account": account}, natives[native]

    # --- finding

    def _layer(self, item: Item, name: str) -> tuple[str, Layer]:
        layer = self._changing.layers.get(name)
        if layer is None:
            known = ", ".join(self._changing.layers)
            raise item.error(f"{name}: documents of that layer cannot be changed; known: {known}", "layer")
        return name, layer

    def _policy(self, item: Item, layer: Layer, name: str) -> str:
        policy = item.text("policy", layer.name)
        if not policy:
            raise item.error(f"needs policy: a target can have several documents of layer {name}")
        return policy

    def _removable(self, item: Item, name: str) -> None:
        if not self._changing.layers[name].removable:
            raise item.error(f"nothing is without a document of layer {name}; put another")

    def _target(self, item: Item, key: str, layer: Layer, name: str) -> tuple[int, str]:
        """The place and id of a target of a layer."""
        if layer.table == "principals":
            place, id, _ = self._principal(item, key, layer.natives, f"has documents of layer {name}")
            return place, id
        if layer.table == "resources":
            place, row = self._row(item, key, "resources")
            return place, row["id"]
        _, row = self._row(item, key, "scopes", layer.natives)
        # Guardrails stand in the tables of the tenant above them all.
        above = {found["tenant"] for _, found in self._draft.found("scopes", id=row["id"])} - {None}
        entries = enumerate(self._draft.entries)
        home = [at for at, one in entries if one.kind != "account" and one.id in above and one.readable]
        if not home:
            raise item.error(f"{row['id']}: the organization above it was not read", key)
        return home[0], row["id"]

    def _principal(self, item: Item, key: str, natives: Collection[str], does: str) -> tuple[int, str, str]:
        """The place, id and native word of a principal named by its id, unique name or mail address."""
        text = item.text(key)
        ways = ({"id": text}, {"name": text}, {"mail": text})
        rows = next((found for one in ways if (found := self._draft.found("principals", **one))), [])
        own = [(place, row["id"], row["native"]) for place, row in rows if row["kind"] != "external"]
        fit = [one for one in own if one[2] in natives]
        if len({id for _, id, _ in fit}) > 1:
            listed = ", ".join(sorted(id for _, id, _ in fit)[:5])
            raise item.error(f"{text}: is the name of {len(fit)} principals: {listed}", key)
        if fit:
            return fit[0]
        if own:
            words = " or ".join(sorted(set(natives)))
            raise item.error(f"{text} is a {own[0][2]}; what {does} is a {words}", key)
        raise item.error(f"{text}: no such principal in the estate", key)

    def _row(
        self, item: Item, key: str, name: str, kinds: Collection[str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """A resource, or a scope, by its id or unique name."""
        text = item.text(key)
        rows = self._draft.found(name, id=text) or self._draft.found(name, name=text)
        fit = [(place, row) for place, row in rows if kinds is None or row["kind"] in kinds]
        ids = sorted({row["id"] for _, row in fit})
        if len(ids) > 1:
            raise item.error(f"{text}: is the name of {len(ids)} {name}: {', '.join(ids[:5])}", key)
        if fit:
            return fit[0]
        if rows and kinds is not None:
            raise item.error(f"{text} is a {rows[0][1]['kind']}, none of {', '.join(sorted(kinds))}", key)
        raise item.error(f"{text}: no such {name.removesuffix('s')} in the estate", key)

    def _bundle(self, item: Item) -> tuple[str, str]:
        """The id and kind of a bundle, named by its id or unique name, of the estate or of the vendor."""
        text = item.text("policy")
        rows = self._draft.found("policies", id=text) or self._draft.found("policies", name=text)
        known = sorted({(row["id"], row["kind"]) for _, row in rows})
        if len(known) > 1:
            listed = ", ".join(id for id, _ in known[:5])
            raise item.error(f"{text}: is the name of {len(known)} bundles: {listed}", "policy")
        if known:
            return known[0]
        own = self._changing.bundle(text)
        if own is not None:
            return text, own[0]
        raise item.error(f"{text}: no such bundle in the estate, nor one of the vendor", "policy")

    def _body(self, item: Item, id: str) -> bytes:
        """The document of a bundle."""
        if id in self._bundles:
            return self._bundles[id]
        for place, row in self._draft.found("policies", id=id):
            if row["default"]:
                return bytes(self._draft.tables[place]["documents"]["text"][row["document"]].as_py())
        found = self._changing.bundle(id)
        if found is None:
            raise item.error(f"{id}: its document was not read", "policy")
        return found[1]

    # --- rows

    def _interpret(self, item: Item, body: bytes, layer: str) -> Mapping[str, pa.Table]:
        try:
            return self._changing.interpret(body, layer)
        except ValueError as error:
            key = next((one for one in ("document", "file", "policy") if one in item.value), "")
            raise item.error(str(error), key) from None

    def _document(self, item: Item, place: int, body: bytes, layer: str) -> int:
        """The row of a document in the tables of a scope; added if it is new."""
        made, held = self._interpret(item, body, layer), self._draft.held(place, "documents")
        at = int(pc.index(held["hash"], made["documents"]["hash"][0].as_py()).as_py())
        if at >= 0:
            return at
        self._draft.extend(place, "documents", made["documents"])
        statements = made["statements"]
        number = statements.schema.get_field_index("document")
        field = statements.schema.field(number)
        rows = pa.array([held.num_rows] * statements.num_rows, field.type)
        self._draft.extend(place, "statements", statements.set_column(number, field, rows))
        return int(held.num_rows)

    def _lay(self, item: Item, place: int, target: str, layer: str, policy: tuple[str, str], body: bytes) -> None:
        """Put a document in force on a target, under a name and a kind."""
        laid = [(policy[0], body)]
        implied = self._changing.layers[layer].implied
        if implied is not None and not self._draft.known("attachments", target=target, layer=layer):
            laid.append(implied)
        told = {"account": self._draft.entries[place].id, "layer": layer, "kind": policy[1], "target": target}
        for name, content in laid:
            row = self._document(item, place, content, layer)
            source = _source(item)
            self._draft.append(place, "attachments", **told, policy=name, document=row, direct=False, source=source)
        self._refresh(place, target, layer)

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
            texts = self._draft.tables[place]["documents"]["text"]
            read = [row["document"] for row in mine if row["document"] is not None and row["kind"] != "acl"]
            columns = self._changing.opened([texts[row].as_py() for row in read], self._draft.entries[place].id)
            self._draft.change(place, "resources", {"id": target}, policy_known=True, **columns)


_TARGETS = ("principals", "resources", "scopes")


def _source(item: Item) -> str:
    """Where a change stands, as the source of what it adds."""
    number = next((part for part in item.place if isinstance(part, int)), 0)
    return f"{item.marked.file}: changes[{number}]"
