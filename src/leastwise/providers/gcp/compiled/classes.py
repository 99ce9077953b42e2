"""Classes of principals: whom every set that a policy can name, but for groups, takes in alike or not at all.

What a set asks of somebody is the domain of a user, the project of a service account, the pool of a federated
identity: `evaluate.membership` looks at nothing else. So a set is asked once a class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from leastwise.engine.arrays import Array

from ..evaluate.estate import Estate, is_named_agent
from ..language.members import Kind, Member, parse_member
from ..language.resources import scope
from .kinds import DELETED, KINDS
from .reads import Trees

_POOL = "principalSet://iam.googleapis.com/"


def classes_of(ids: pa.Array, trees: Trees, arrays: dict[str, Array], facts: dict[str, Any]) -> None:
    """Keep kind and class of everybody (kind -1 for one who was deleted), and what is known of homes."""
    facts["accounts"], facts["pools"], facts["organizations"] = _homes(trees)
    facts["domains"] = _domains(trees)
    estate = Estate(projects=trees.projects, accounts=facts["accounts"])
    numbers: dict[tuple[str, ...], int] = {}
    classes, kinds = [], []
    place = {kind: number for number, kind in enumerate(KINDS)}
    agents = {row["id"] for tree in trees.trees for row in tree.rows("principals") if row["native"] == "service_agent"}
    for text in ids.to_pylist():
        member = parse_member(text)
        agent = not estate.keeps(member.id) and (text in agents or is_named_agent(member.id))
        kinds.append(DELETED if member.deleted else place[member.kind])
        classes.append(numbers.setdefault(trait(estate, member, agent=agent), len(numbers)))
    arrays["member.kind_of"] = np.array(kinds, np.int8)
    arrays["member.class"] = np.array(classes, np.int32)


def trait(estate: Estate, who: Member, *, agent: bool) -> tuple[str, ...]:
    """What sets ask of somebody; equal for those whom no set but a group tells apart."""
    if who.kind is Kind.USER:
        return who.kind, who.domain, str(who.deleted)
    if who.kind is Kind.SERVICE_ACCOUNT:
        # Of one whose project is not known, gaps name it.
        return who.kind, estate.home(who.id) or who.id, str(agent), str(who.deleted)
    if who.kind is Kind.SUBJECT:
        return who.kind, who.pool, str(who.deleted)
    if who.kind is Kind.KUBERNETES:
        return who.kind, who.pool, who.id.partition("/")[0], str(who.deleted)
    return who.kind, who.id, who.pool, who.attribute, str(who.deleted)


def _homes(trees: Trees) -> tuple[dict[str, str], dict[str, str], dict[str, list[Any]]]:
    """Projects of service accounts by address, organizations of workforce pools; whose people organizations are of."""
    accounts, pools = {}, {}
    for tree in trees.trees:
        for row in tree.rows("principals"):
            if row["native"] == "service_account" and row["directory"] == "own" and _of_project(row):
                accounts[row["id"].removeprefix("serviceAccount:")] = trees.full(row["account"])
            told = row["native"] == "identity_pool" and row["enabled"] is not None
            if told and row["account"].startswith("organizations/") and "/workforcePools/" in row["id"]:
                pools[row["id"].removeprefix(_POOL).removesuffix("/*")] = scope(row["account"])
    organizations = {
        scope(id): [
            (row["name"] or "").lower() if "." in (row["name"] or "") else "", row["directory"] or "",
            list(row["domains"] or ()), row["domains_known"],
        ]
        for id, row in trees.containers.items()
        if row["kind"] == "organization"
    }  # fmt: skip
    return accounts, pools, organizations


def _domains(trees: Trees) -> list[str]:
    """The domains of mail addresses that are ours: those of directories and organizations that were read."""
    found = set()
    for tree in trees.trees:
        for row in tree.rows("principals"):
            if row["directory"] == "own" and row["native"] in ("user", "group", "domain"):
                found.add(row["id"].partition(":")[2].rpartition("@")[2])
    return sorted(found)


def _of_project(row: dict[str, Any]) -> bool:
    """Whether the account of a row is a project, and not the top of the tree for want of one."""
    return not row["account"].startswith(("organizations/", "folders/"))
