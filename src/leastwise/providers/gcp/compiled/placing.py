"""Where resources lie: containers and resources in the pre-order of their tree, so that what is below is a range."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..evaluate.estate import Estate, Place
from ..language.resources import bucket_of, inside_of
from .gaps import policies_told
from .reads import Trees

_ACCOUNT = "/serviceAccounts/"


@dataclass(slots=True)
class Placed:
    """Columns of places. Each lies after what it lies in (`parents`, -1 for none) and before `ends` of that.

    Args:
        names: full names, canonical.
        documents: numbers of allow policies, -1 for none.
        read: its policy was read, or it is known to have none.
        lists, astray, unnumbered: see `evaluate.estate.Place`.
        alias: another name of a place that is there already.
        kinds: as `resources.kind` has it; of a container its kind.
        ids: as the tables have them.
    """

    names: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)
    read: list[bool] = field(default_factory=list)
    lists: list[bool] = field(default_factory=list)
    astray: list[bool] = field(default_factory=list)
    unnumbered: list[bool] = field(default_factory=list)
    alias: list[bool] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, name: str, parent: int, one: Told) -> None:
        """One more place."""
        self.names.append(name)
        self.parents.append(parent)
        self.documents.append(one.document)
        self.read.append(one.read)
        self.lists.append(one.lists)
        self.astray.append(one.astray)
        self.unnumbered.append(one.unnumbered)
        self.alias.append(one.alias)
        self.kinds.append(one.kind)
        self.accounts.append(one.account)
        self.ids.append(one.id)


@dataclass(slots=True)
class Told:
    """What is known of one place."""

    id: str
    kind: str
    account: str
    parent: str | None
    document: int = -1
    read: bool = False
    lists: bool = False
    alias: bool = False
    astray: bool = False
    unnumbered: bool = False


def placed(trees: Trees) -> Placed:
    """Every container and resource of an estate."""
    told = dict(_told(trees))
    places = {name: Place(name, _within(name, told) or one.parent) for name, one in told.items()}
    shell = Estate(places=places, projects=trees.projects)
    below: dict[str | None, list[str]] = {}
    for name in told:
        above = shell.parent(name)
        below.setdefault(above if above in told and above != name else None, []).append(name)
    return _in_order(told, below)


def _within(name: str, told: Collection[str]) -> str | None:
    """The bucket, secret or key that a resource lies in by its name, where that was read."""
    found = bucket_of(name) or inside_of(name)
    return found if found in told else None


def _in_order(told: dict[str, Told], below: dict[str | None, list[str]]) -> Placed:
    """The places from the tops down. What is told to lie in itself, in a circle, begins a tree of its own."""
    found, number = Placed(), dict[str, int]()
    for top in (*sorted(below.get(None, ())), *told):
        stack: list[tuple[str, int]] = [(top, -1)]
        while stack:
            name, parent = stack.pop()
            if name in number:
                continue
            number[name] = len(found.names)
            one = told[name]
            found.add(name, parent, one)
            stack += [(each, number[name]) for each in sorted(below.get(name, ()), reverse=True)]
    found.ends = list(range(1, len(found.names) + 1))
    for at in range(len(found.names) - 1, -1, -1):
        above = found.parents[at]
        if above >= 0:
            found.ends[above] = max(found.ends[above], found.ends[at])
    return found


def _told(trees: Trees) -> Iterator[tuple[str, Told]]:
    policies: dict[str, int] = {}
    for number, tree in enumerate(trees.trees):
        for row in tree.rows("attachments"):
            if row["layer"] == "allow" and row["document"] is not None and trees.speaks(number, row["account"]):
                policies[trees.full(row["target"])] = row["document"] + tree.shift
    for id, row in trees.containers.items():
        name = trees.full(id)
        document = policies.get(name, -1)
        read = document >= 0 or (bool(row["source"]) and policies_told(trees, trees.owner[id], id))
        parent = trees.full(row["parent"]) if row["parent"] else None
        yield name, Told(id, row["kind"], id, parent, document, read)
    for _, _, row in trees.spoken("resources"):
        name = trees.full(row["id"])
        document = policies.get(name, -1)
        read = document >= 0 or row["policy_known"]
        details = dict(row["details"] or ())
        one = Told(
            row["id"], row["kind"], row["account"], trees.full(row["account"]), document, read, _lists(row),
            astray=details.get("project") == "not told", unnumbered=details.get("number") == "not told",
        )  # fmt: skip
        yield name, one
        mail = _address(row)
        if _ACCOUNT in name and mail:
            other = f"{name.partition(_ACCOUNT)[0]}{_ACCOUNT}{mail}"
            if other != name and "/keys/" not in name:
                yield other, Told(row["id"], row["kind"], row["account"], one.parent, document, read, alias=True)


def _address(row: dict[str, Any]) -> str:
    """The mail address of a service account that is named by its unique id."""
    principal = row["principal"] or ""
    mail = principal.removeprefix("serviceAccount:")
    return mail if mail != principal else row["name"] if row["name"] and "@" in row["name"] else ""


def _lists(row: dict[str, Any]) -> bool:
    """Whether objects of a bucket may have access control lists.

    https://cloud.google.com/storage/docs/uniform-bucket-level-access
    """
    if row["kind"] != "storage:bucket":
        return False
    uniform = dict(row["details"] or ()).get("uniform_access")
    return uniform == "no" or (uniform is None and row["acl_public"] is not None)
