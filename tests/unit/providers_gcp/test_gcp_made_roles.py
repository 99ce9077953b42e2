"""Custom roles of Google Cloud for what stays of a grant: where they lie, and how many: cases as data."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from pyroaring import BitMap

from fakes.gcp_bulk import arrays_of
from leastwise.engine.placed import Making
from leastwise.providers.gcp.compiled.port import GcpPort
from leastwise.providers.gcp.regranting import granted

RM = "//cloudresourcemanager.googleapis.com/"
WHO = "user:a@corp.example"
PROJECT, ALONE, FOLDER = f"{RM}projects/22", f"{RM}projects/33", f"{RM}folders/5"
LINES = {
    f"{RM}organizations/1": ("Organization", ["organizations/1"]),
    FOLDER: ("Folder", ["folders/5", "organizations/1"]),
    PROJECT: ("Project", ["projects/22", "folders/5", "organizations/1"]),
    ALONE: ("Project", ["projects/33"]),
}
GET, LIST, WALL = "storage.objects.get", "storage.objects.list", "accesscontextmanager.policies.create"
"""Two that a project's roles can hold, and one that only those of an organization can."""


@pytest.fixture(scope="module")
def grants(tmp_path_factory: pytest.TempPathFactory) -> granted.Grants:
    policy = {"bindings": [{"role": "roles/editor", "members": [WHO]}]}
    told: list[dict[str, Any]] = [
        {"kind": "cloud_asset", "body": {
            "name": name, "asset_type": f"cloudresourcemanager.googleapis.com/{kind}", "ancestors": line,
            "iam_policy": policy,
        }}
        for name, (kind, line) in LINES.items()
    ]  # fmt: skip
    own = {"name": "organizations/1/roles/own", "includedPermissions": [GET], "stage": "GA"}
    arrays = arrays_of([*told, {"kind": "role", "body": own}], tmp_path_factory.mktemp("gcp") / "in")
    return granted.Grants(GcpPort(arrays, ["organizations/1"]))


def made(grants: granted.Grants, scope: str, *wanted: str) -> Making:
    numbers = {name: number for number, name in enumerate(grants._numbers.names)}
    [grant] = [one for one in grants.of(WHO) if one.scope == scope]
    return grants.written(grant, scope, "a", BitMap(numbers[one] for one in wanted))


CASES = {
    "one of the project": (PROJECT, [GET, LIST], {}, [("projects/22", [GET, LIST])], 0, ""),
    "what those cannot hold is in one of the organization": (
        PROJECT, [GET, WALL], {}, [("projects/22", [GET]), ("organizations/1", [WALL])], 1, "",
    ),
    "a project without one": (ALONE, [GET, WALL], {}, [("projects/33", [GET])], 1, ""),
    "of a folder, of the organization": (FOLDER, [GET, LIST], {}, [("organizations/1", [GET, LIST])], 0, ""),
    "too many for one": (PROJECT, [GET, LIST], {"MOST": 1}, [("projects/22", [GET]), ("projects/22", [LIST])], 0, ""),
    "too long for one": (
        PROJECT, [GET, LIST], {"BYTES": granted.HEAD + len(GET + LIST) - 1},
        [("projects/22", [GET]), ("projects/22", [LIST])], 0, "",
    ),
    "just long enough": (
        PROJECT, [GET, LIST], {"BYTES": granted.HEAD + len(GET + LIST)}, [("projects/22", [GET, LIST])], 0, "",
    ),
    "more roles than there may be": (
        FOLDER, [GET, LIST], {"MOST": 1, "ROLES": 2},
        [("organizations/1", [GET]), ("organizations/1", [LIST])], 0,
        "organizations/1 has 1 custom roles, 2 more are needed and 2 are allowed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_made_roles(name: str, grants: granted.Grants) -> None:
    scope, wanted, limits, roles, left, blocked = CASES[name]
    with patch.multiple(granted, **{"MOST": granted.MOST, **limits}):
        found = made(grants, scope, *wanted)
    every = (*found.bundles, *found.beyond)
    told = [(one.id.partition("/roles/")[0], one.document["includedPermissions"]) for one in every]
    assert (told, len(found.left), found.blocked) == (roles, left, blocked)
    assert {one.id.partition("/roles/")[0] for one in found.beyond} <= {"organizations/1"}
    assert len({one.id for one in every}) == len(every)
    assert [grants._numbers.names[one] for part in every for one in part.permissions] == [
        each for _, some in roles for each in some
    ]
    assert bool(left) == bool(found.why)
