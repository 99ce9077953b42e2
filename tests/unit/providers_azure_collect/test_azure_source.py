"""Sources: what their keys mean, which are wrong, which role and calls they need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.azure.world import GROUPS, SHOP, TENANT
from leastwise.errors import UsageError
from leastwise.providers.azure import PROVIDER
from leastwise.providers.azure.collect.declaration import by_name
from leastwise.providers.azure.collect.policy import plan, policy_text
from leastwise.providers.azure.collect.source import read_source

GUID = SHOP.rpartition("/")[2]


def test_trees_are_named_by_id_or_name() -> None:
    named = read_source({"management_groups": ["mg-prod", f"{GROUPS}/x"], "subscriptions": [GUID.upper(), SHOP]})
    assert named.roots == [f"{GROUPS}/mg-prod", f"{GROUPS}/x", SHOP, SHOP]
    assert read_source({}).roots == []


def test_each_cloud_has_its_addresses_and_an_address_can_be_put_in_their_place() -> None:
    china = read_source({"cloud": "china", "endpoints": {"arm": "https://gateway.test/"}})
    assert china.address("arm") == "https://gateway.test"
    assert china.address("graph") == "https://microsoftgraph.chinacloudapi.cn"
    assert china.audience("arm") == "https://management.chinacloudapi.cn", "tokens are for the cloud all the same"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"organization": 1}, "organization"),
    ({"tenant": "a b"}, "tenant"),
    ({"tenant": "../x"}, "tenant"),
    ({"subscriptions": ["prod"]}, "subscriptions"),
    ({"subscriptions": "x"}, "subscriptions"),
    ({"management_groups": ["a/b"]}, "management_groups"),
    ({"cloud": "moon"}, "cloud"),
    ({"sign_in": "password"}, "sign_in"),
    ({"sign_in": "cli", "access_token_env": "X"}, "exclude each other"),
    ({"graph_token_env": "X"}, "graph_token_env"),
    ({"in_flight": 0}, "in_flight"),
    ({"per_minute": {"resourcegraph": 0}}, "per_minute"),
    ({"per_minute": {"graphs": 5}}, "graphs"),
    ({"services": ["compute"]}, "compute"),
    ({"endpoints": {"arm": "http://10.1.2.3"}}, "http only on this machine"),
    ({"endpoints": {"sql": "https://x.test"}}, "endpoints"),
]


@pytest.mark.parametrize(("keys", "said"), WRONG, ids=lambda one: str(one)[:40])
def test_a_wrong_key_is_named_in_one_line(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_source(keys)
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_what_is_left_out_by_choice_is_a_gap() -> None:
    source = read_source({"services": ["authorization"]})
    assert {one.service for one in source.declared()} == {"authorization", "management", "resources"}
    left = {(one.service, one.call) for one in source.left_out()}
    assert ("keyVault", "vaults.list") in left and ("graph", "users.list") in left
    assert ("authorization", "roleAssignments.list") not in left
    assert all(one.affects and one.status == "not_tried" for one in source.left_out())
    assert read_source({}).left_out() == []
    assert {one.service for one in read_source({"directory": False}).left_out()} == {"graph"}


def test_the_role_is_one_that_the_vendor_takes() -> None:
    told = json.loads(policy_text(read_source({"tenant": TENANT})))
    role = told["role"]
    assert set(role) == {
        "Name", "IsCustom", "Description", "Actions", "NotActions", "DataActions", "NotDataActions", "AssignableScopes",
    }  # fmt: skip
    assert role["AssignableScopes"] == [f"{GROUPS}/{TENANT}"], "one management group, and no wildcard"
    assert all(one.endswith("/read") for one in role["Actions"]) and role["DataActions"] == []
    assert "Microsoft.Authorization/roleAssignments/read" in role["Actions"]
    assert sorted(set(role["Actions"]), key=str.lower) == role["Actions"]
    assert told["graph"] == [
        "Application.Read.All", "CustomSecAttributeAssignment.Read.All", "GroupMember.Read.All",
        "Organization.Read.All", "User.Read.All",
    ]  # fmt: skip


def test_fewer_services_and_smaller_trees_need_less() -> None:
    whole = json.loads(policy_text(read_source({})))["role"]["Actions"]
    some = json.loads(policy_text(read_source({"services": ["authorization"], "directory": False})))
    assert set(some["role"]["Actions"]) < set(whole) and some["graph"] == []
    assert "*/read" in whole and "*/read" not in some["role"]["Actions"]
    alone = json.loads(policy_text(read_source({"subscriptions": [GUID]})))["role"]
    assert alone["AssignableScopes"] == [SHOP]
    assert not [one for one in alone["Actions"] if "managementGroups" in one]


def test_the_plan_names_every_kind_of_call_once_with_what_it_needs() -> None:
    planned = plan(read_source({}))
    names = [(one.service, one.call) for one in planned]
    assert len(names) == len(set(names)) > 30 and all(one.affects for one in planned)
    found = {one.call: one for one in planned}
    assert found["federatedIdentityCredentials.list"].each == "userAssignedIdentities.list.value"
    assert found["users.list"].permissions == ("Graph: User.Read.All",)
    assert "descendants.list" not in found
    group = {one.call for one in plan(read_source({"management_groups": ["x"]}))}
    assert "descendants.list" in group and "subscriptions.list" not in group
    alone = {one.call for one in plan(read_source({"subscriptions": [GUID]}))}
    assert "subscriptions.get" in alone and "managementGroups.get" not in alone


def test_the_provider_offers_it() -> None:
    assert PROVIDER.collector is not None
    assert PROVIDER.collector.plan({"subscriptions": [GUID]})
    assert "AssignableScopes" in PROVIDER.collector.policy({})


def test_files_of_declarations_are_named_by_their_service() -> None:
    import leastwise.providers.azure as own
    import leastwise.providers.microsoft as shared

    folders = [Path(str(one.__file__)).parent / "data" / "collect" for one in (own, shared)]
    assert {one.stem for folder in folders for one in folder.glob("*.yaml")} == set(by_name())
