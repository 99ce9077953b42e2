"""What is collected from the fake translates as what is exported does: nothing of it is told twice, or lost."""

from __future__ import annotations

from typing import Any

import pytest
from gcp_support import rows

from fakes.google.around import collected, surround
from fakes.google.server import FakeGoogle
from leastwise.providers.gcp import PROVIDER
from leastwise.store.readmodels import build


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("collected")
    with pytest.MonkeyPatch.context() as patch, FakeGoogle() as fake:
        surround(patch, folder)
        (one,) = collected(fake, folder / "run").values()
    return PROVIDER.translate(one)


def by_id(found: Any, name: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows(found, name)}


def test_containers_have_their_names_and_tags(found: Any) -> None:
    scopes = by_id(found, "scopes")
    assert set(scopes) == {"organizations/1", "folders/10", "folders/11", "bw-alpha", "bw-beta", "bw-gamma"}
    assert scopes["bw-alpha"]["number"] == "101"
    assert scopes["bw-gamma"]["parent"] == "folders/11"
    assert ("1/env", "prod") in scopes["folders/10"]["tags"]
    assert all(not (row["name"] or "").startswith("projects/") for row in scopes.values())


def test_people_have_what_the_directory_says(found: Any) -> None:
    ann = by_id(found, "principals")["user:ann@brightwater.example"]
    assert ann["name"] == "Ann" and ann["last_used"] is not None and ann["directory"] == "own"
    groups = {(row["member"], row["group"]) for row in rows(found, "memberships")}
    assert ("group:ops@brightwater.example", "group:staff@brightwater.example") in groups


def test_an_organization_has_the_domains_that_its_directory_told(found: Any) -> None:
    scopes = by_id(found, "scopes")
    one = scopes["organizations/1"]
    assert (one["directory"], one["domains_known"]) == ("C01", True)
    assert one["domains"] == ["brightwater-labs.example", "brightwater.example", "bwl.example"], "one is not proved"
    assert not any(row["domains"] or row["directory"] or row["domains_known"]
                   for id, row in scopes.items() if id != "organizations/1")  # fmt: skip


def test_groups_that_were_asked_have_all_their_members(found: Any) -> None:
    groups = {id: row["members_known"] for id, row in by_id(found, "principals").items() if row["native"] == "group"}
    assert groups["group:staff@brightwater.example"] is True and groups["group:ops@brightwater.example"] is True


def test_the_second_factor_of_people_is_known_where_the_directory_was_read(found: Any) -> None:
    people = {id: row["mfa"] for id, row in by_id(found, "principals").items() if row["native"] == "user"}
    assert people.pop("user:ann@brightwater.example") is True
    assert people and set(people.values()) == {None}, "nobody is said to have none of whom nothing was told"


def test_tags_have_the_ids_of_key_and_value(found: Any) -> None:
    folder = by_id(found, "scopes")["folders/10"]
    told = dict(folder["tag_ids"])
    assert told["1/env"].startswith("tagKeys/") and "/tagValues/" in told["1/env"]


def test_keys_and_their_use_are_known(found: Any) -> None:
    people = by_id(found, "principals")
    accounts = [row for row in people.values() if row["native"] == "service_account"]
    assert accounts and all(row["keys_known"] for row in accounts)
    (key,) = rows(found, "credentials")
    assert key["last_used_known"]


def test_a_policy_that_two_calls_tell_is_attached_once_and_is_no_contradiction(found: Any) -> None:
    attached = [(row["layer"], row["target"], row["policy"]) for row in rows(found, "attachments")
                if row["layer"] != "principal_access_boundary"]  # fmt: skip
    assert len(attached) == len(set(attached))
    assert not [row for row in rows(found, "coverage") if row["call"] == "repeated"]


def test_deny_policies_have_the_rules_that_a_second_call_tells(found: Any) -> None:
    (attached,) = [row for row in rows(found, "attachments") if row["layer"] == "deny"]
    document = rows(found, "documents")[attached["document"]]
    assert document["unsupported"] is None and document["statements"] > 0


def test_domain_wide_delegation_is_a_link(found: Any) -> None:
    links = [row for row in rows(found, "runs_as") if row["kind"] == "acts_for_domain"]
    assert len({row["subject"] for row in links}) == 1 and links[0]["subject"].startswith("serviceAccount:")
    names = ("brightwater-labs.example", "brightwater.example", "bwl.example")
    assert [row["object"] for row in links] == [f"domain:{one}" for one in names]


def test_every_attachment_has_its_document_and_its_target(found: Any) -> None:
    known = {*by_id(found, "scopes"), *by_id(found, "resources"), *by_id(found, "principals")}
    for row in rows(found, "attachments"):
        assert row["document"] is not None
        assert row["target"] in known or row["layer"] == "access_policy", row["target"]
    people = set(by_id(found, "principals"))
    for row in rows(found, "statements"):
        if row["actions"] and row["principals"]:
            assert set(row["principals"]) <= people


def test_read_models_are_made_of_it(found: Any) -> None:
    views = build("gcp", "organizations/1", found)
    admins = {row["id"] for row in views["identities"].to_pylist() if row["admin"] in ("yes", "limited")}
    assert admins
    assert views["grants"].num_rows > 10
