"""Sources: what their keys mean, which are wrong, which role and calls they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from leastwise.errors import UsageError
from leastwise.providers.gcp import PROVIDER
from leastwise.providers.gcp.collect.declaration import by_name
from leastwise.providers.gcp.collect.policy import plan, policy_text
from leastwise.providers.gcp.collect.source import read_source


def test_trees_are_named_by_number_id_or_name() -> None:
    source = read_source({
        "provider": "gcp", "organization": 1, "folders": ["folders/2", 3],
        "projects": ["bw-alpha", "projects/x-12345", 42],
    })  # fmt: skip
    assert source.roots == [
        "organizations/1", "folders/2", "folders/3", "projects/bw-alpha", "projects/x-12345", "projects/42",
    ]  # fmt: skip
    assert read_source({"organization": ["organizations/1", 2]}).roots == ["organizations/1", "organizations/2"]
    assert read_source({}).roots == []
    assert read_source({"projects": ["example.com:old-style"]}).roots == ["projects/example.com:old-style"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"organisation": 1}, "organisation"),
    ({"organization": "brightwater.example"}, "number of one of the organizations"),
    ({"folders": ["plants"]}, "number of one of the folders"),
    ({"projects": ["A"]}, "a project's id or number"),
    ({"projects": ["../../x"]}, "a project's id or number"),
    ({"projects": "bw-alpha"}, "projects"),
    ({"credentials_file": "/nowhere/key.json"}, "credentials_file"),
    ({"credentials_file": "/dev/null", "access_token_env": "X"}, "exclude each other"),
    ({"in_flight": 0}, "in_flight"),
    ({"per_minute": {"iam-v2": 0}}, "per_minute"),
    ({"per_minute": {"iam-v9": 5}}, "iam-v9"),
    ({"services": ["compute"]}, "compute"),
    ({"admin": "root"}, "admin"),
    ({"admin": "root@x.example", "access_token_env": "X"}, "admin"),
    ({"impersonate": "reader"}, "impersonate"),
    ({"impersonate": ["a@b", "reader"]}, "impersonate"),
    ({"endpoint": "http://10.1.2.3"}, "http only on this machine"),
    ({"endpoints": {"iam.googleapis.com": "http://iam.internal"}}, "iam.googleapis.com"),
]


@pytest.mark.parametrize(("keys", "said"), WRONG, ids=lambda one: str(one)[:40])
def test_a_wrong_key_is_named_in_one_line(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_source(keys)
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_addresses_in_place_of_googles() -> None:
    source = read_source(
        {"endpoint": "https://gateway.test", "endpoints": {"iam.googleapis.com": "http://127.0.0.1:1"}}
    )
    assert source.bases == {"https://": "https://gateway.test", "https://iam.googleapis.com": "http://127.0.0.1:1"}
    assert read_source({}).bases == {}


def test_what_is_left_out_by_choice_is_a_gap() -> None:
    source = read_source({"services": ["iam", "cloudasset"]})
    assert {one.service for one in source.declared()} == {"iam", "cloudasset", "cloudresourcemanager"}
    left = {one.service for one in source.left_out()}
    assert "orgpolicy" in left and "cloudidentity" in left
    assert all(one.affects and one.status == "not_tried" for one in source.left_out())
    assert ("iam", "policies.listPolicies") in {(one.service, one.call) for one in source.left_out()}, "deny policies"
    assert ("iam", "serviceAccounts.list") not in {(one.service, one.call) for one in source.left_out()}
    assert read_source({}).left_out() == []


def roles(text: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one]


def test_the_role_is_one_that_the_vendor_takes() -> None:
    text = policy_text(read_source({}))
    (role,) = roles(text)
    # https://cloud.google.com/iam/quotas: title 100 bytes, description 300 bytes, 3,000 permissions, 64 KB in all
    assert set(role) == {"title", "description", "stage", "includedPermissions"} and role["stage"] == "GA"
    assert len(role["title"]) <= 100 and len(role["description"]) <= 300
    assert sorted(set(role["includedPermissions"])) == role["includedPermissions"]
    assert sum(map(len, role["includedPermissions"])) < 64 * 1024
    assert "cloudasset.assets.listIamPolicy" in role["includedPermissions"]
    assert "serviceusage.services.use" in text and "Groups > Read" in text
    assert "https://www.googleapis.com/auth/cloud-identity.groups.readonly" in text


def test_each_kind_of_tree_has_its_role() -> None:
    text = policy_text(read_source({"organization": 1, "folders": [2, 3], "projects": ["bw-alpha"]}))
    found = roles(text)
    assert len(found) == 3
    organization, folder, project = (set(one["includedPermissions"]) for one in found)
    assert project < folder and folder - {"resourcemanager.folders.get"} < organization
    assert "Above it" in text and "resourcemanager.organizations.getIamPolicy" not in project
    above = set(re.findall(r"#   (\S+)", text.split("---")[2]))
    assert above >= {"resourcemanager.organizations.getIamPolicy", "iam.denypolicies.get", "iam.roles.list",
                     "iam.principalaccessboundarypolicies.searchPolicyBindings"}  # fmt: skip
    assert "iam.principalaccessboundarypolicies.searchPolicyBindings" not in project
    assert "iam.serviceAccounts.list" not in above


def test_a_project_alone_needs_no_directory_of_its_own() -> None:
    text = policy_text(read_source({"projects": ["bw-alpha"]}))
    assert "Groups > Read" not in text and len(roles(text)) == 1


def test_fewer_services_need_less() -> None:
    (all_of,), (some,) = (roles(policy_text(read_source(keys))) for keys in ({}, {"services": ["iam"]}))
    assert set(some["includedPermissions"]) < set(all_of["includedPermissions"])
    assert not [one for one in some["includedPermissions"] if one.startswith(("cloudasset", "orgpolicy"))]


def test_the_plan_names_every_kind_of_call_once_with_what_it_needs() -> None:
    planned = plan(read_source({}))
    names = [(one.service, one.call) for one in planned]
    assert len(names) == len(set(names)) > 45
    found = {one.call: one for one in planned}
    assert found["serviceAccounts.keys.list"].each == "serviceAccounts.list.accounts"
    assert found["serviceAccounts.keys.list"].permissions == ("iam.serviceAccountKeys.list",)
    assert found["groups.memberships.list"].permissions == ("directory: Groups > Read",)
    assert all(one.affects for one in planned)
    assert ("cloudresourcemanager", "folders.get:above") not in names
    below = plan(read_source({"projects": ["bw-alpha"]}))
    assert ("cloudresourcemanager", "folders.get:above") in {(one.service, one.call) for one in below}
    assert ("cloudresourcemanager", "folders.list") not in {(one.service, one.call) for one in below}


def test_the_provider_offers_it() -> None:
    assert PROVIDER.collector is not None
    assert PROVIDER.collector.plan({"projects": ["bw-alpha"]})
    assert "includedPermissions" in PROVIDER.collector.policy({})


def test_files_of_declarations_are_named_by_their_service() -> None:
    import leastwise.providers.gcp as package

    folder = Path(str(package.__file__)).parent / "data" / "collect"
    assert {one.stem for one in folder.glob("*.yaml")} == set(by_name())
