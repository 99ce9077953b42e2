"""What tables tell of ways in for outsiders: who owns applications, who trusts whom, which storage lies open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reads import Read, Trees

APPLICATION_OWNER = "application_owner"
"""The tag of a service principal whose application is of another tenant, which it names."""
IDENTITY, STORAGE = "managedidentity:userassignedidentities", "storage:storageaccounts"
CONTAINER = "storage:storageaccounts/blobservices/containers"
_PEOPLE = frozenset({"users.list", "groups.list", "servicePrincipals.list"})
_UNTOLD = {
    "registrationAssignments.list": "the Lighthouse delegations",
    "federatedIdentityCredentials.list": "the federated credentials",
}


def entering_of(trees: Trees) -> dict[str, Any]:
    """The facts by name: owners of applications, directories read as a whole, trusts, storage, what was not read."""
    owners = {row["id"].lower(): owner for one in trees.directories for row, owner in _owners(one)}
    whole = sorted(one.id for one in trees.directories if _whole(one))
    identities, storage = dict[str, str](), list[Any]()
    for _, row in trees.spoken("resources"):
        if row["kind"] == IDENTITY and row["principal"]:
            identities.setdefault(row["principal"], row["id"])
        elif row["kind"] in (STORAGE, CONTAINER):
            storage.append([row["id"], row["kind"], dict(row["details"] or ())])
    return {
        "owners": owners, "directories": whole, "identities": identities, "storage": storage,
        "trusts": list(_trusts(trees)), "hosts": sorted(_hosts(trees)), "untold": sorted(_untold(trees)),
    }  # fmt: skip


def _owners(directory: Read) -> Iterator[tuple[dict[str, Any], str]]:
    for row in directory.table("principals").select(["id", "tags"]).to_pylist():
        owner = dict(row["tags"] or ()).get(APPLICATION_OWNER)
        if owner:
            yield row, owner


def _whole(directory: Read) -> bool:
    """Whether everybody in a directory was read."""
    return {row["call"] for row in directory.rows("coverage") if row["status"] == "ok"} >= _PEOPLE


def _trusts(trees: Trees) -> Iterator[list[Any]]:
    """Principal, issuer, and which subjects of it are let in, of each federated credential."""
    for _, row in trees.spoken("trusts"):
        yield [row["principal"], row["subject"], list(row["patterns"] or ())]


def _hosts(trees: Trees) -> set[tuple[str, str]]:
    """Resources with the identities that are attached to them."""
    return {(row["subject"], row["object"]) for _, row in trees.spoken("runs_as")}


def _untold(trees: Trees) -> Iterator[tuple[str, str]]:
    """What was not read of each container, by its key."""
    for number, tree in enumerate(trees.trees):
        for row in tree.rows("coverage"):
            told = _UNTOLD.get(row["call"].partition(":")[0])
            if told and row["status"] != "ok":
                for key in trees.inside(number, row["account"] or ""):
                    yield key, told
