"""Whose changes a what-if file has: of an estate of several providers each change is of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from leastwise.model.snapshot import Estate
from leastwise.providers.base.draft import Draft

from .marked import Item
from .overlay import READS, Layers, Overlay
from .scope_tables import scope_tables

if TYPE_CHECKING:
    from leastwise.providers.base import Changing, Provider, ScopeTables

    from .wiring import Workspace

_NAMING = ("policy", "bundle", "by", "principal", "group", "on", "from", "to", "account", "resource", "for")
"""The keys of changes that name something of a provider's."""
_KNOWN: Mapping[str, Sequence[str]] = {
    "principals": ("id", "name", "mail"),
    "scopes": ("id", "name"),
    "resources": ("id", "name"),
    "policies": ("id", "name"),
}
"""What tells that a provider knows a name."""


def changed_tables(
    workspace: Workspace,
    estate: Estate,
    part: Estate,
    provider: Provider,
    overlay: Overlay,
    reads: Mapping[str, Sequence[str]] | None = None,
) -> list[ScopeTables] | None:
    """The tables of a part of an estate, as a provider is handed them, after the changes that are its or a directory's.

    `reads` are the columns that are read; those that it is compiled from where nothing else is said. None where no
    change is of it.

    Raises:
        InputError: a change does not apply, or could be of several providers, or is of none.
    """
    mine = (provider.name, *provider.directories)
    owners = Routing(workspace, estate, overlay).owners(mine)
    if not set(owners) & set(mine):
        return None
    known = {name: workspace.provider(name) for name in dict.fromkeys((provider.name, *owners)) if name in mine}
    columns = joined((reads or {}, READS, *(one.answering.reads() for one in known.values() if one.answering)))
    draft = Draft(scope_tables(workspace, estate, provider.name, columns, provider.directories))
    _lay(draft, overlay, owners, provider, known)
    kept = {(one.scope.provider, one.scope.id) for one in part.entries}
    return [one for one in draft.scopes() if (one.provider, one.id) in kept]


def joined(reads: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """The columns of several readers, by table."""
    columns: dict[str, tuple[str, ...]] = {}
    for each in reads:
        for name, some in each.items():
            columns[name] = tuple(dict.fromkeys((*columns.get(name, ()), *some)))
    return columns


def _lay(
    draft: Draft, overlay: Overlay, owners: Sequence[str], provider: Provider, known: Mapping[str, Provider]
) -> None:
    layers: dict[tuple[int, ...], Layers] = {}
    for owner, (verb, item, body) in zip(owners, overlay.changes, strict=True):
        if owner not in known:
            continue
        answering = known[owner].answering
        assert answering is not None and answering.changing is not None
        places = [at for at, one in enumerate(draft.entries) if one.provider == owner]
        if answering.apart and len(places) > 1:
            places = [max(places, key=lambda at: knowing(draft.among([at]), item))]
        elif owner == provider.name:
            # Whom a directory tells of can be given something, too.
            places = list(draft.places)
        key = (*places, -1 - list(known).index(owner))
        if key not in layers:
            layers[key] = Layers(draft.among(places), answering.changing)
        layers[key].lay(verb, item, body)


class Routing:
    """Tells whose each change of a file is.

    Args:
        workspace: where the estate lies.
        estate: all of it.
        overlay: the file.
    """

    def __init__(self, workspace: Workspace, estate: Estate, overlay: Overlay) -> None:
        self._workspace, self._estate, self._overlay = workspace, estate, overlay
        held = {one.scope.provider for one in estate.manifests}
        providers = workspace.providers()
        self._changing = {
            name: answering.changing
            for name in sorted(held & providers.keys())
            if (answering := providers[name].answering) is not None and answering.changing is not None
        }
        self._drafts: dict[str, Draft] = {}

    def owners(self, asked: Sequence[str]) -> list[str]:
        """The provider of each change, in their order.

        Args:
            asked: the provider that is asked, and its directories: who is in a group that several directories have by
                the same names is told of each of them, here of the first of these.

        Raises:
            InputError: a change could be of several, or is of none.
        """
        found = [self._owners(verb, item) for verb, item, _ in self._overlay.changes]
        told = {names[0] for names in found if len(names) == 1}
        owners = []
        for names, (verb, item, _) in zip(found, self._overlay.changes, strict=True):
            # What could be of several is of the one that the rest of the file is of.
            left = [name for name in names if name in told] if len(names) > 1 else names
            if len(left) != 1 and verb in ("join", "leave"):
                left = [next((name for name in asked if name in names), names[0])]
            if len(left) != 1:
                titles = " or of ".join(self._workspace.provider(name).title for name in names)
                raise item.error(f"could be of {titles}: say which by `provider: {names[0]}`")
            owners += left
        return owners

    def _owners(self, verb: str, item: Item) -> list[str]:
        """The providers that a change could be of, one at least. Raises InputError."""
        if "provider" in item.value:
            name = item.text("provider")
            if name not in self._changing:
                known = ", ".join(self._changing) or "none"
                raise item.error(
                    f"{name}: no provider of the estate can be changed by that name; known: {known}", "provider"
                )
            return [name]
        fit = [name for name, one in self._changing.items() if supports(one, verb, item)]
        if not fit:
            raise item.error("no provider of the estate knows such a change")
        fit = self._speaking(item, fit)
        if len(fit) == 1:
            return fit
        counts = {name: knowing(self._draft(name), item) for name in fit}
        most = max(counts.values())
        # Of names that nobody knows the first says so.
        return [name for name in fit if counts[name] == most] if most else fit[:1]

    def _speaking(self, item: Item, fit: Sequence[str]) -> list[str]:
        """Those of some in whose words a change is as far as any of them is."""
        left = list(fit)
        for text in _texts(item):
            speaking = [
                name
                for name in left
                if (answering := self._workspace.provider(name).answering) is not None and answering.speaks(text, False)
            ]
            left = speaking or left
        return left

    def _draft(self, name: str) -> Draft:
        if name not in self._drafts:
            self._drafts[name] = Draft(scope_tables(self._workspace, self._estate, name, _KNOWN))
        return self._drafts[name]


def supports(changing: Changing, verb: str, item: Item) -> bool:
    """Whether a provider's estates can be changed so."""
    granting = changing.granting
    match verb:
        case "join" | "leave":
            return bool(changing.members)
        case "attach" | "detach":
            return bool(changing.layers)
        case "block_public":
            return bool(changing.blockable)
        case "create" | "delete":
            return granting is not None or changing.made(str(item.value.get("policy", ""))) is not None
        case "replace" | "move":
            return granting is not None
        case "assign" | "unassign":
            return granting is not None or bool(changing.assignees)
    if "layer" not in item.value:
        return granting is not None or bool(changing.layers)
    return item.value["layer"] in (changing.layers if granting is None else granting().layers)


def knowing(draft: Draft, item: Item) -> int:
    """How many of the names in a change the tables of some scopes have."""
    return sum(_knows(draft, {text, text.lower(), text.rpartition("/")[2]}) for text in _texts(item))


def _knows(draft: Draft, spelled: Collection[str]) -> bool:
    return any(draft.spoken(table, column, spelled) for table, columns in _KNOWN.items() for column in columns)


def _texts(item: Item) -> list[str]:
    return [str(item.value[key]) for key in _NAMING if isinstance(item.value.get(key), str)]
