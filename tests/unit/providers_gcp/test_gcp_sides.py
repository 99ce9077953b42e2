"""What a step of Google Cloud rests on: bindings that somebody can take away, never those that were added to ask of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leastwise.app.choking import Choking
from leastwise.app.escalating import graph_of
from leastwise.app.estate_file import EstateFile
from leastwise.app.evidence import Evidence
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.escalating.cases import of_rule

AT = datetime(2026, 11, 1, tzinfo=UTC)
ADA, PROJECT = "user:ada@corp.example", "//cloudresourcemanager.googleapis.com/projects/100"
TOP = "//cloudresourcemanager.googleapis.com/organizations/1"
SECRET = "//secretmanager.googleapis.com/projects/p/secrets/s"
WRITES = {"who": ADA, "do": ["resourcemanager.projects.setIamPolicy"], "at": "projects/p"}
EDITS = {"who": ADA, "do": ["iam.roles.update"], "at": "organizations/1"}
HOLDS = {"who": ADA, "role": "organizations/1/roles/own", "at": "projects/p"}


def points(may: list[dict[str, Any]], **more: Any) -> list[tuple[str, str, int]]:
    """Place, number of the binding, and how many lose their way to the secret."""
    thing = {"type": "secretmanager.googleapis.com/Secret", "name": SECRET, "in": "p"}
    scopes, alone = of_rule({"things": [thing], "may": may, **more})
    graph = graph_of(PROVIDER, scopes, alone, AT)
    choking = Choking(graph, Evidence(graph, AT), EstateFile(version=1))
    found = choking.points(graph.targets(SECRET), 5)
    return [(grant.source, grant.statement, len(choke.cut)) for grant, choke in found.points]


@pytest.mark.parametrize(
    ("may", "wanted"),
    [
        ([{**HOLDS, "role": "roles/viewer"}, WRITES], [(PROJECT, "2", 1)]),
        # Of two bindings that each are enough both have to go, and only then is the way gone.
        ([WRITES, {**WRITES, "at": "organizations/1"}], [(PROJECT, "1", 0), (TOP, "1", 1)]),
    ],
)  # fmt: skip
def test_the_binding_that_lets_one_write_the_policy(may: list[dict[str, Any]], wanted: list[Any]) -> None:
    assert points(may) == wanted


def test_what_stands_for_being_named_is_no_grant() -> None:
    """Who holds a custom role and may edit it: the binding that lets him edit is the one to remove."""
    custom = {"organizations/1/roles/own": ["storage.buckets.list"]}
    assert points([EDITS, HOLDS], custom=custom) == [(TOP, "1", 1)]
