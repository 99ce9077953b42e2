"""What the changes of a what-if file point at, found in the tables of an estate by id or name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from leastwise.providers.base import Changing, Layer
from leastwise.providers.base.draft import Draft

from .marked import Item


class Pointing:
    """Finds what a change names; every method raises InputError where there is no such thing, or more than one.

    Args:
        draft: the tables.
        changing: what their provider tells of changes.
    """

    def __init__(self, draft: Draft, changing: Changing) -> None:
        self._draft, self._changing = draft, changing

    def layer(self, item: Item, name: str) -> tuple[str, Layer]:
        """A layer by its name."""
        layer = self._changing.layers.get(name)
        if layer is None:
            known = ", ".join(self._changing.layers)
            raise item.error(f"{name}: documents of that layer cannot be changed; known: {known}", "layer")
        return name, layer

    def policy(self, item: Item, layer: Layer, name: str) -> str:
        """The name of a document of a layer."""
        policy = item.text("policy", layer.name)
        if not policy:
            raise item.error(f"needs policy: a target can have several documents of layer {name}")
        return policy

    def removable(self, item: Item, name: str) -> None:
        """Refuse to leave nothing where something must be."""
        if not self._changing.layers[name].removable:
            raise item.error(f"nothing is without a document of layer {name}; put another")

    def target(self, item: Item, key: str, layer: Layer, name: str) -> tuple[int, str]:
        """The place and id of a target of a layer."""
        if layer.table == "principals":
            place, id, _ = self.principal(item, key, layer.natives, f"has documents of layer {name}")
            return place, id
        if layer.table == "resources":
            place, row = self.row(item, key, "resources")
            return place, row["id"]
        _, row = self.row(item, key, "scopes", layer.natives)
        # Guardrails stand in the tables of the tenant above them all.
        above = {found["tenant"] for _, found in self._draft.found("scopes", id=row["id"])} - {None}
        entries = enumerate(self._draft.entries)
        home = [at for at, one in entries if one.kind != "account" and one.id in above and one.readable]
        if not home:
            raise item.error(f"{row['id']}: the organization above it was not read", key)
        return home[0], row["id"]

    def principal(self, item: Item, key: str, natives: Collection[str], does: str) -> tuple[int, str, str]:
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

    def row(
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

    def bundle(self, item: Item) -> tuple[str, str]:
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
