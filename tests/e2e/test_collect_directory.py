"""Identity Center is collected as it is, field by field: pages, boundaries, accounts, and one region of several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.aws_directory import (
    GROUPS,
    INSTANCE,
    PEOPLE,
    SETS,
    STORE,
    arn,
    assignments,
    directory,
    group,
    memberships,
    user,
)
from fakes.aws_estate import ACCOUNTS, estate
from fakes.surroundings import fake_aws
from leastwise.app.collecting import collect
from leastwise.app.importing import Imported
from leastwise.app.wiring import Workspace


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Collected answers by call and subject, tables beside them."""
    with fake_aws(monkeypatch, {**estate(), **directory(ACCOUNTS)}, ACCOUNTS):
        place = Workspace(home_option=tmp_path / "home")
        source = {"provider": "aws", "role": "Reader", "services": ["organizations", "sso-admin"]}
        done = [one for one in collect(place, [source]) if isinstance(one, Imported)]
    (manifest,) = [one.manifest for one in done if one.manifest.scope.kind == "organization"]
    assert not [one for one in manifest.coverage if one.status != "ok" and one.service != "iam"]
    snapshot = place.store.open(manifest)
    answers: dict[str, Any] = {}
    for one in snapshot.raw_documents():
        answers.setdefault(one.kind, {})[one.resource] = json.loads(one.body)
    return {"answers": answers, "tables": {name: snapshot.table(name).to_pylist() for name in (
        "assignments", "attachments", "memberships", "principals", "policies")}}  # fmt: skip


def test_the_answers_are_what_there_is(told: dict[str, Any]) -> None:
    answers = told["answers"]
    (instance,) = answers["sso-admin.list-instances"][""]["Instances"]
    assert (instance["InstanceArn"], instance["IdentityStoreId"]) == (INSTANCE, STORE)
    empty = {"PermissionSets": [arn(one) for one in SETS]}
    assert answers["sso-admin.list-permission-sets"] == {INSTANCE: empty}
    for short, held in SETS.items():
        asked = {
            call: answers.get(f"sso-admin.{call}", {}).get(arn(short))
            for call in (
                "describe-permission-set", "get-inline-policy-for-permission-set",
                "list-managed-policies-in-permission-set", "get-permissions-boundary-for-permission-set",
                "list-customer-managed-policy-references-in-permission-set",
                "list-accounts-for-provisioned-permission-set",
            )
        }  # fmt: skip
        described, inline, managed, boundary, customer, accounts = asked.values()
        assert described == {"PermissionSet": {**held["PermissionSet"], "PermissionSetArn": arn(short)}}
        assert json.loads(inline["InlinePolicy"] or "null") == held.get("InlinePolicy")
        assert managed["AttachedManagedPolicies"] == held.get("AttachedManagedPolicies", [])
        assert customer["CustomerManagedPolicyReferences"] == held.get("CustomerManagedPolicyReferences", [])
        wanted = held.get("PermissionsBoundary")
        assert boundary == (None if wanted is None else {"PermissionsBoundary": wanted})
        assert accounts == {"AccountIds": [] if short == "ps-idle" else list(ACCOUNTS)}
    (people,) = answers["identitystore.list-users"].values()
    assert people["Users"] == [user(one) for one in range(PEOPLE)]
    (groups,) = answers["identitystore.list-groups"].values()
    assert groups["Groups"] == [group(one) for one in GROUPS]
    found = answers["identitystore.list-group-memberships"].values()
    assert [one["GroupMemberships"] for one in found] == [memberships(one) for one in sorted(GROUPS)]


def test_the_tables_are_what_there_is(told: dict[str, Any]) -> None:
    tables = told["tables"]
    wanted = {
        (one["PermissionSetArn"], one["AccountId"], one["PrincipalType"].lower(), one["PrincipalId"])
        for account in ACCOUNTS
        for short in SETS
        for one in assignments(account, short)
    }
    assert {
        (row["bundle"], row["account"], row["principal_kind"], row["principal"].rpartition("/")[2])
        for row in tables["assignments"]
    } == wanted
    assert len(tables["assignments"]) == len(wanted) == PEOPLE + 2 + 3
    assert {(row["member"].rpartition("/")[2], row["group"].rpartition("/")[2]) for row in tables["memberships"]} == {
        (f"user-{one}", id) for id, members in GROUPS.items() for one in members
    }
    enabled = {row["name"]: row["enabled"] for row in tables["principals"] if row["kind"] == "human"}
    assert enabled == {f"p{number}": number != 3 for number in range(PEOPLE)}
    bounds = {(row["target"], row["policy"]) for row in tables["attachments"] if row["layer"] == "boundary"}
    assert bounds == {
        (arn("ps-admin"), "arn:aws:iam::aws:policy/PowerUserAccess"),
        (arn("ps-press"), "customer managed policy /limit"),
    }
    given = {(row["target"], row["policy"]) for row in tables["attachments"] if row["layer"] == "identity"}
    assert given == {
        (arn("ps-admin"), "arn:aws:iam::aws:policy/AdministratorAccess"),
        (arn("ps-press"), "inline"), (arn("ps-press"), "customer managed policy /press/team"),
        *((arn("ps-press"), one["Arn"]) for one in SETS["ps-press"]["AttachedManagedPolicies"]),
    }  # fmt: skip
