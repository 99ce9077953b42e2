"""Read models by example: the demo company's shapes, and admin under guardrails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from test_readmodels_reference import facts

from leastwise.store.readmodels import build, limit_admin
from leastwise.store.readmodels.columns import lists, owner_by_tag, take

ADMIN = {"hash": "admin", "admin": True, "wildcard_actions": True, "wildcard_resources": True, "denies": False}
NARROW = {"hash": "narrow", "admin": False, "wildcard_actions": False, "wildcard_resources": False, "denies": False}


def views(**rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {name: view.to_pylist() for name, view in build("aws", "111111111111", facts(rows)).items()}


def test_admin_by_group_names_the_group() -> None:
    shown = views(
        principals=[{"id": "m.ostrander", "kind": "human"}, {"id": "admins", "kind": "group"}],
        documents=[ADMIN],
        attachments=[
            {"layer": "identity", "kind": "managed_aws", "target": "admins", "policy": "Admin", "document": 0}
        ],
        memberships=[{"member": "m.ostrander", "group": "admins"}],
    )["identities"]
    assert (shown[0]["admin"], shown[0]["admin_via"], shown[0]["groups"]) == ("yes", ["admins → Admin"], ["admins"])


def test_boundary_limits_unless_it_allows_everything() -> None:
    def state(boundary: dict[str, Any]) -> str:
        rows = views(
            principals=[{"id": "data-science", "kind": "workload", "boundary": "ds-boundary"}],
            documents=[ADMIN, boundary],
            attachments=[
                {"layer": "identity", "target": "data-science", "policy": "Admin", "document": 0},
                {"layer": "boundary", "target": "data-science", "policy": "ds-boundary", "document": 1},
            ],
        )
        return str(rows["identities"][0]["admin"])

    assert state(NARROW) == "limited"
    assert state({**NARROW, "admin": True}) == "yes"


def test_devices_share_a_certificate_and_its_policy() -> None:
    shown = views(
        principals=[{"id": f"scanner-{n}", "kind": "device"} for n in range(12)],
        credentials=[{"id": "cert", "kind": "certificate", "principal": f"scanner-{n}"} for n in range(12)],
        documents=[{**NARROW, "wildcard_actions": True, "wildcard_resources": True}],
        attachments=[{"layer": "device", "kind": "iot", "target": "cert", "policy": "scan", "document": 0}],
    )
    assert {row["holders"] for row in shown["credentials_view"]} == {12}
    assert {(row["wildcard"], row["grants"], row["admin"]) for row in shown["identities"]} == {(True, 1, "no")}


def test_guardrails_limit_listed_accounts_only() -> None:
    tables = build(
        "aws",
        "111111111111",
        facts(
            {
                "principals": [
                    {"id": a, "account": a, "kind": k} for a, k in (("1", "root"), ("2", "root"), ("2b", "human"))
                ]
            }
        ),
    )
    identities = tables["identities"]
    assert limit_admin(identities, {"2"})["admin"].to_pylist() == ["yes", "limited", "no"]
    assert limit_admin(identities, ()) is identities
    assert limit_admin(identities, {"2"}).schema == identities.schema


def test_sliced_tables_read_the_same() -> None:
    rows = {"resources": [{"id": str(n), "tags": [("owner", str(n))] if n % 2 else []} for n in range(9)]}
    tables = facts(rows)
    whole = build("aws", "1", tables)["resources_view"]
    sliced = build("aws", "1", {**tables, "resources": tables["resources"].slice(3, 4)})["resources_view"]
    assert sliced.to_pylist() == whole.slice(3, 4).to_pylist()


def test_column_helpers() -> None:
    assert lists(3, np.array([0, 2, 2, 2]), pa.array(["a", "b", "b", "a"])).to_pylist() == [["a"], [], ["b", "a"]]
    assert take(pa.array(["a", "b"]), np.array([1, -1, 0])).to_pylist() == ["b", None, "a"]
    kind = pa.map_(pa.string(), pa.string())
    assert owner_by_tag(pa.array([[("Team", "x"), ("OWNER", "y")], [("cost-center", "z")]], kind)).to_pylist() == [
        "y",
        None,
    ]
