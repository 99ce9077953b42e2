"""Read models by example: the demo company's shapes, and admin under guardrails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from test_readmodels_reference import facts

from leastwise.store.readmodels import build, limit_admin
from leastwise.store.readmodels.columns import lists, owner_by_tag, take

_NO = dict.fromkeys(
    ("admin", "admin_conditional", "admin_nearly", "admin_rest", "admin_iam", "wildcard", "denies", "denies_admin"),
    False,
)
ADMIN = {**_NO, "hash": "admin", "admin": True, "wildcard": True}
NARROW = {**_NO, "hash": "narrow"}


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
    assert state({**NARROW, "admin": True, "denies": True}) == "yes"
    assert state({**NARROW, "admin": True, "denies": True, "denies_admin": True}) == "limited"
    assert state({"hash": "bad", "unsupported": "not JSON"}) == "unknown"


def test_boundary_that_is_not_in_the_export() -> None:
    def state(document: dict[str, Any]) -> str:
        rows = views(
            principals=[{"id": "u", "kind": "human", "boundary": "gone"}],
            documents=[document],
            attachments=[{"layer": "identity", "target": "u", "policy": "p", "document": 0}],
        )
        return str(rows["identities"][0]["admin"])

    assert [state(ADMIN), state(NARROW)] == ["unknown", "no"]


def test_member_of_a_group_that_was_left_out() -> None:
    shown = views(
        principals=[{"id": "u", "kind": "human", "account": "1"}],
        memberships=[{"member": "u", "group": "admins", "kind": "iam_group"}],
    )
    (row,) = shown["identities"]
    assert (row["admin"], row["wildcard"], row["groups"], row["grants"]) == ("unknown", None, ["admins"], 0)
    (grant,) = shown["grants"]
    assert (grant["via"], grant["kind"], grant["document"], grant["account"]) == ("admins", "unread", None, "1")


def test_conditional_nearly_and_two_halves() -> None:
    def state(*documents: dict[str, Any]) -> tuple[str, int]:
        rows = views(
            principals=[{"id": "u", "kind": "human"}],
            documents=list(documents),
            attachments=[
                {"layer": "identity", "target": "u", "policy": f"p{n}", "document": n} for n in range(len(documents))
            ],
        )
        (row,) = rows["identities"]
        return row["admin"], len(row["admin_via"])

    def says(**flags: bool) -> dict[str, Any]:
        return {**NARROW, **flags}

    assert state(says(admin_conditional=True)) == ("conditional", 1)
    assert state(says(admin_conditional=True), ADMIN) == ("yes", 2)
    assert state(says(admin_conditional=True), says(denies_admin=True)) == ("limited", 1)
    assert state(says(admin_nearly=True)) == ("limited", 1)
    assert state(says(admin_rest=True)) == ("no", 0)
    assert state(says(admin_iam=True)) == ("no", 0)
    assert state(says(admin_rest=True), says(admin_iam=True)) == ("limited", 2)
    assert state(ADMIN, says(denies=True)) == ("yes", 1)
    assert state(ADMIN, says(denies_admin=True)) == ("limited", 1)


def test_boundary_of_a_permission_set_limits_what_comes_by_it() -> None:
    def given(*bundles: str) -> str:
        rows = views(
            principals=[{"id": "u", "kind": "human"}],
            documents=[ADMIN, NARROW],
            assignments=[
                {"bundle": one, "principal": "u", "principal_kind": "user", "account": "1"} for one in bundles
            ],
            attachments=[
                {"layer": "identity", "kind": "permission_set", "target": one, "policy": "Admin", "document": 0}
                for one in ("free", "held")
            ]
            + [{"layer": "boundary", "kind": "permission_set", "target": "held", "policy": "pb", "document": 1}],
        )
        return str(rows["identities"][0]["admin"])

    assert [given("held"), given("free"), given("held", "free")] == ["limited", "yes", "yes"]


def test_agent_has_what_its_role_has_and_outsiders_are_not_known() -> None:
    rows = views(
        principals=[
            {"id": "a1", "kind": "agent"},
            {"id": "a2", "kind": "agent"},
            {"id": "role", "kind": "workload"},
            {"id": "them", "kind": "external"},
        ],
        documents=[ADMIN],
        attachments=[{"layer": "identity", "target": "role", "policy": "Admin", "document": 0}],
        runs_as=[{"subject": "a1", "object": "role", "kind": "executes_as"}],
    )["identities"]
    assert [(row["admin"], row["wildcard"]) for row in rows] == [
        ("yes", True), ("unknown", None), ("yes", True), ("unknown", None),
    ]  # fmt: skip
    assert rows[0]["admin_via"] == ["role"]


def test_devices_share_a_certificate_and_its_policy() -> None:
    shown = views(
        principals=[{"id": f"scanner-{n}", "kind": "device"} for n in range(12)],
        credentials=[{"id": "cert", "kind": "certificate", "principal": f"scanner-{n}"} for n in range(12)],
        documents=[{**NARROW, "wildcard": True}],
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
    assert limit_admin("identities", identities, {"2"})["admin"].to_pylist() == ["yes", "limited", "no"]
    assert limit_admin("identities", identities, (), {"2"})["admin"].to_pylist() == ["yes", "unknown", "no"]
    assert limit_admin("identities", identities, ()) is identities
    assert limit_admin("identities", identities, {"2"}).schema == identities.schema


def test_guardrails_do_not_bind_service_linked_roles_and_reach_keys() -> None:
    tables = build(
        "aws",
        "1",
        facts(
            {
                "principals": [{"id": "u", "account": "1", "kind": "human"}, {"id": "r", "kind": "service_linked"}],
                "documents": [ADMIN],
                "credentials": [{"id": "k", "principal": "u", "kind": "access_key", "account": "1"}],
                "attachments": [
                    {"layer": "identity", "target": one, "policy": "Admin", "document": 0} for one in ("u", "r")
                ],
            }
        ),
    )
    assert limit_admin("identities", tables["identities"], {"1"})["admin"].to_pylist() == ["limited", "yes"]
    keys = limit_admin("credentials_view", tables["credentials_view"], {"1"})
    assert keys["holder_admin"].to_pylist() == ["limited"]


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
