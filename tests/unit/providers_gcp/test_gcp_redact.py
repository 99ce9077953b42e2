"""Secrets do not reach raw documents; what translation reads, does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from gcp_support import PROJECT, asset, lines, policy, rows
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.scope import Collected, RawDocument, Scope
from leastwise.providers.gcp import PROVIDER

KEY = b"k" * 32
SCOPE = Scope("gcp", "project", "shop")


def document(body: str, kind: str = "cloudasset.assets.list:RESOURCE") -> RawDocument:
    return RawDocument(SCOPE, "cloudasset", kind, "a.jsonl", body.encode())


def redacted(data: dict[str, Any], type: str = "x.googleapis.com/Y") -> Any:
    one = asset("//x.googleapis.com/projects/shop/ys/y", type, resource={"data": data})
    return json.loads(PROVIDER.redact(document(lines(one)), KEY))["resource"]["data"]


SECRET = "Tr0ub4dor&3 and more"


@pytest.mark.parametrize(
    ("key", "value", "stays"),
    [
        ("enable-oslogin", "TRUE", True), ("block-project-ssh-keys", "no", True), ("enable-oslogin", SECRET, False),
        ("db-password", "true", False), ("enable-oslogin2", "TRUE", False),
    ],
)  # fmt: skip
def test_how_one_enters_a_machine_stays_readable(key: str, value: str, stays: bool) -> None:
    (pair,) = redacted({"metadata": {"items": [{"key": key, "value": value}]}})["metadata"]["items"]
    assert pair["key"] == key and (pair["value"] == value) is stays


@pytest.mark.parametrize(
    "data",
    [
        {"metadata": {"items": [{"key": "startup-script", "value": SECRET}]}},
        {"properties": {"metadata": {"items": [{"key": "db", "value": SECRET}]}}},
        {"environmentVariables": {"TOKEN": SECRET}},
        {"buildEnvironmentVariables": {"TOKEN": SECRET}},
        {"serviceConfig": {"environmentVariables": {"TOKEN": SECRET}}},
        {"template": {"containers": [{"image": "i", "env": [{"name": "TOKEN", "value": SECRET}]}]}},
        {"spec": {"template": {"spec": {"containers": [{"env": [{"name": "A", "value": SECRET}], "args": [SECRET]}]}}}},
        {"spec": {"containers": [{"command": ["sh", "-c", SECRET]}]}},
        {"masterAuth": {"password": SECRET, "clientKey": SECRET}},
        {"rootPassword": SECRET},
        {"privateKeyData": SECRET},
        {"sslCertificate": {"privateKey": SECRET}},
        {"settings": {"databaseFlags": [{"name": "f", "value": SECRET}]}},
        {"oidc": {"clientSecret": {"value": {"plainText": SECRET}}}},
        {"sharedSecret": SECRET},
        {"something": {"new": SECRET}},
        {"metadata": {"annotations": {"last-applied": SECRET}}},
        {"substitutions": {"_TOKEN": SECRET}},
        {"pushConfig": {"pushEndpoint": f"https://user:{SECRET}@host/"}},
        {"metadata": {"new": [SECRET]}},
    ],
)
def test_values_that_may_be_secret_become_hashes(data: dict[str, Any]) -> None:
    told = json.dumps(redacted(data))
    assert SECRET not in told
    assert "redacted:" in told


@pytest.mark.parametrize(
    "data",
    [
        {"name": "projects/p/things/t", "displayName": "Thing", "labels": {"owner": "web"}, "state": "ACTIVE"},
        {"email": "a@p.iam.gserviceaccount.com", "uniqueId": "7", "projectId": "p", "disabled": True},
        {"validAfterTime": "2026-01-01T00:00:00Z", "keyType": "USER_MANAGED", "keyOrigin": "GOOGLE_PROVIDED"},
        {"includedPermissions": ["storage.objects.get"], "title": "Mine", "stage": "GA", "description": "For ships"},
        {"serviceAccounts": [{"email": "a@p.iam.gserviceaccount.com",
        "scopes": ["https://www.googleapis.com/auth/x"]}]},
        {"spec": {"template": {"spec": {"serviceAccountName": "a@p.iam.gserviceaccount.com"}}}},
        {"nodePools": [{"config": {"serviceAccount": "default"}}]},
        {"workloadIdentityConfig": {"workloadPool": "p.svc.id.goog"}},
        {"iamConfiguration": {"publicAccessPrevention": "enforced", "uniformBucketLevelAccess": {"enabled": True}}},
        {"access": [{"role": "READER", "specialGroup": "allAuthenticatedUsers"}, {"userByEmail": "a@b.example"}]},
        {"access": [{"role": "READER", "domain": "b.example", "condition": {"expression": "request.path == 'x'"}}]},
        {"acl": [{"entity": "allUsers", "role": "READER"}]},
        {"attributeCondition": "assertion.x == 'y'", "attributeMapping": {"google.subject": "assertion.sub"},
         "oidc": {"issuerUri": "https://i.example", "allowedAudiences": ["https://aud.example"]}},
        {"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/default", "canIpForward": False},
        {"parent": "//storage.googleapis.com/b", "tagValue": "tagValues/2", "tagValueNamespacedName": "1/env/prod"},
        {"timeCreated": "2026-01-02T03:04:05.678Z", "location": "EU", "metageneration": "3"},
        {"destination": "storage.googleapis.com/logs-b", "includeChildren": True, "filter": ""},
        {"destination": "bigquery.googleapis.com/projects/p/datasets/logs"},
        {"filter": 'logName:"cloudaudit.googleapis.com"'},
        {"filter": 'log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/data_access")'},
        {"filter": '(logName="projects/p/logs/cloudaudit.googleapis.com%2Factivity")'},
    ],
)  # fmt: skip
def test_what_is_read_stays(data: dict[str, Any]) -> None:
    assert redacted(data) == data


@pytest.mark.parametrize(
    "data",
    [
        {"filter": f'logName:"cloudaudit.googleapis.com" AND textPayload:"{SECRET}"'},
        {"filter": f'logName:"cloudaudit.googleapis.com" OR jsonPayload.token="{SECRET}"'},
        {"filter": SECRET},
        {"destination": f"https://{SECRET}@elsewhere.example/x"},
    ],
)  # fmt: skip
def test_filters_and_destinations_that_say_more_do_not(data: dict[str, Any]) -> None:
    assert SECRET not in json.dumps(redacted(data))


def test_policies_and_lists_of_people_stay_byte_for_byte() -> None:
    body = lines(asset("//x", "x.googleapis.com/Y", iam_policy=policy(("roles/viewer", ["user:a@b.example"], "x"))))
    one = document(body, "cloudasset.assets.list:IAM_POLICY")
    assert PROVIDER.redact(one, KEY) is one.body
    groups = document('{"groups": []}', "cloudidentity.groups.list")
    assert PROVIDER.redact(groups, KEY) is groups.body


def test_comments_are_left_out_and_lines_keep_their_numbers() -> None:
    one = asset("//x", "x.googleapis.com/Y", resource={"data": {"rootPassword": SECRET}})
    told = PROVIDER.redact(document(f"# {SECRET}\n\n{lines(one)}"), KEY).decode().split("\n")
    assert told[:2] == ["#", ""]
    assert SECRET not in told[2]


def test_equal_values_have_equal_hashes_under_one_key_and_stay_so() -> None:
    body = lines(asset("//x", "x.googleapis.com/Y", resource={"data": {"rootPassword": SECRET, "password": SECRET}}))
    once = PROVIDER.redact(document(body), KEY)
    data = json.loads(once)["resource"]["data"]
    assert data["rootPassword"] == data["password"]
    assert PROVIDER.redact(document(once.decode()), KEY) == once
    assert PROVIDER.redact(document(body), b"other") != once


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_whatever_comes_redacting_twice_is_redacting_once(value: Any) -> None:
    once = PROVIDER.redact(document(json.dumps(value)), KEY)
    assert PROVIDER.redact(document(once.decode()), KEY) == once


def test_a_redacted_document_translates_the_same() -> None:
    data = {"name": "vm", "serviceAccounts": [{"email": "a@shop.iam.gserviceaccount.com"}],
            "metadata": {"items": [{"key": "k", "value": SECRET}]}}  # fmt: skip
    body = lines(asset("//compute.googleapis.com/projects/shop/zones/z/instances/vm", "compute.googleapis.com/Instance",
                       [PROJECT], resource={"data": data}))  # fmt: skip
    plain, clean = (
        PROVIDER.translate(Collected(SCOPE, datetime(2026, 1, 1, tzinfo=UTC), (one,)))
        for one in (document(body), document(PROVIDER.redact(document(body), KEY).decode()))
    )
    assert all(rows(plain, name) == rows(clean, name) for name in plain)
