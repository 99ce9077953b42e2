"""What lies above what: `conform`, the importer's tree and the table of scopes say the same of one document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from azure_support import GROUPS, SUB, TENANT, assignment, entity, rows, translated

from leastwise.providers.azure import catalog
from leastwise.providers.azure.conform.documents import Published, estate_of
from leastwise.providers.azure.tree import ENTITIES, Tree

PUBLISHED = Published(catalog.role, catalog.planes, catalog.every)
HERE, TOP, CORP, PROD = f"/subscriptions/{SUB}", GROUPS + TENANT, f"{GROUPS}corp", f"{GROUPS}prod"


def inner(id: str, **told: Any) -> dict[str, Any]:
    """An entity as the REST interface writes it: all but its names under `properties`."""
    kind = "/subscriptions" if id.startswith("/subscriptions") else "Microsoft.Management/managementGroups"
    return {"id": id, "name": id.rpartition("/")[2], "type": kind, "properties": {"tenantId": TENANT, **told}}


CASES: dict[str, tuple[list[dict[str, Any]], dict[str, str | None]]] = {
    "the root, listed": (
        [entity(TOP, None), entity(CORP, TOP), entity(HERE, CORP)], {TOP: None, CORP: TOP, HERE: CORP},
    ),
    "the root, only named as a parent": (
        [inner(CORP, parent={"id": TOP.upper().replace("/PROVIDERS", "/providers")})], {CORP: TOP, TOP: None}
    ),
    "the root, only at the beginning of a chain": (
        [inner(HERE, parent={"id": PROD}, parentNameChain=[TENANT, "corp", "prod"])],
        {HERE: PROD, PROD: CORP, CORP: TOP, TOP: None},
    ),
    "a group that is told to have nothing above": ([inner(CORP, parent=None)], {CORP: None}),
    "a group whose parent has no id": ([inner(CORP, parent={"id": None})], {CORP: None}),
    "a group of which nothing is told": ([inner(CORP)], {}),
    "a parent that is not the root": ([inner(PROD, parent={"id": CORP})], {PROD: CORP}),
    "a group told with its parent after one without": (
        [inner(PROD, parent=None), inner(PROD, parent={"id": CORP})], {PROD: CORP}
    ),
    "a subscription of which no parent is told": ([inner(HERE, parent=None)], {}),
    "the root, told to be below another": ([inner(TOP, parent={"id": CORP})], {TOP: None}),
    "another tenant's name": (
        [inner(CORP, tenantId="0" * 8 + TENANT[8:], parent={"id": TOP})], {CORP: TOP}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("documents", "above"), CASES.values(), ids=CASES)
def test_both_know_what_lies_above(documents: list[dict[str, Any]], above: dict[str, str | None]) -> None:
    expected = {one.lower(): None if other is None else other.lower() for one, other in above.items()}
    tree = Tree()
    for one in documents:
        tree.learn(one, ENTITIES)
    assert tree.parents == expected
    estate = estate_of([{"kind": "management_group", "body": {"value": documents}}], PUBLISHED)
    assert dict(estate.parents) == expected


def test_of_a_group_at_the_top_the_table_says_that_it_is(tmp_path: Path) -> None:
    """A null parent means not told, so that the root of the tenant stands above every group that is at the top."""
    tables = translated(tmp_path, inner(CORP, parent={"id": TOP}), inner(HERE, parent={"id": CORP}), assignment(HERE))
    above = {row["id"]: row["parent"] for row in rows(tables, "scopes")}
    assert above == {SUB: "corp", "corp": TENANT, TENANT: "/", "/": None}


def test_of_a_group_that_may_have_something_above_it_does_not(tmp_path: Path) -> None:
    tables = translated(tmp_path, inner(PROD, parent={"id": CORP}), inner(HERE, parent={"id": PROD}), assignment(HERE))
    above = {row["id"]: row["parent"] for row in rows(tables, "scopes")}
    assert above == {SUB: "prod", "prod": "corp", "corp": None}
