"""What permissions an event needs, by the tables and the catalogue; and the records of others."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from events_support import LOGS, cases, corpus, record, values
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.catalog import current
from leastwise.providers.aws.events.outcomes import outcome, refused
from leastwise.providers.aws.events.permissions import resolve

INVENTED = {
    (
        "cloudtrail",
        "DeleteRule",
    ): "no action of CloudTrail, nor of anything that logs as it; EventBridge has DeleteRule",
    ("cloudtrail", "EnableRegion"): "an action of Account Management, which logs as account.amazonaws.com",
    ("ec2", "DeleteBucketPublicAccessBlock"): "an event of S3 under EC2's source",
    ("ec2", "DeleteBucketReplication"): "an event of S3 under EC2's source",
    ("ec2", "PutBucketLogging"): "an event of S3 under EC2's source",
    ("ec2", "PutBucketVersioning"): "an event of S3 under EC2's source",
    ("iam", "DescribePolicy"): "an action of Organizations under IAM's source",
    ("iam", "NotCreateUser"): "made up, to be unlike CreateUser",
    ("iam", "PutPolicy"): "made up; IAM has PutUserPolicy, PutRolePolicy and PutGroupPolicy",
    ("s3", "SetQueueAttributes"): "an event of SQS under S3's source",
}
"""What cannot be resolved in the records of others: all of it in tests of detection rules, none of it logged by AWS."""

CHECKED = {
    ("s3", "GetBucketEncryption"): ("s3:GetEncryptionConfiguration",),
    ("s3", "DeleteBucketLifecycle"): ("s3:PutLifecycleConfiguration",),
    ("s3", "GetBucketReplication"): ("s3:GetReplicationConfiguration",),
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "ListObjects"): ("s3:ListBucket",),
    ("s3", "CopyObject"): ("s3:GetObject", "s3:PutObject"),
    ("s3", "DeleteBucketPublicAccessBlock"): ("s3:PutBucketPublicAccessBlock",),
    ("s3", "GetBucketVersioning"): ("s3:GetBucketVersioning",),
    ("apigateway", "CreateStage"): ("apigateway:POST",),
    ("lambda", "GetFunction20150331v2"): ("lambda:GetFunction",),
    ("lambda", "ListVersionsByFunction20150331"): ("lambda:ListVersionsByFunction",),
    ("monitoring", "DescribeAlarms"): ("cloudwatch:DescribeAlarms",),
    ("servicecatalog-appregistry", "ListApplications"): ("servicecatalog:ListApplications",),
    ("ssm", "GetParameters"): ("ssm:GetParameters",),
    ("ec2", "GetPasswordData"): ("ec2:GetPasswordData",),
    ("iam", "CreateAccessKey"): ("iam:CreateAccessKey",),
    ("rds", "ModifyDBSnapshotAttribute"): ("rds:ModifyDBSnapshotAttribute",),
    ("kms", "GenerateDataKey"): ("kms:GenerateDataKey",),
    ("secretsmanager", "GetSecretValue"): ("secretsmanager:GetSecretValue",),
    ("sts", "AssumeRole"): ("sts:AssumeRole",),
}
"""A sample of the corpus, held against AWS's pages of each service's API permissions by hand."""


@pytest.mark.parametrize("case", cases("permissions"), ids=lambda case: case["id"])
def test_permissions(case: dict[str, Any]) -> None:
    found = resolve(case["source"], case["name"], case["type"])
    one = record(eventSource=case["source"], eventName=case["name"], requestParameters=case["request"])
    assert found.kind == case["kind"]
    assert list(found.needed(one)) == case["needed"]
    assert list(found.possible) == case["possible"]
    assert (found.kind == "call") == bool(found.needed(one) or found.possible)


def test_a_call_that_needs_nothing_names_the_action_it_is_called_like() -> None:
    """A grant of it is not to be called unused."""
    assert resolve("sts.amazonaws.com", "GetCallerIdentity").permissions == ("sts:GetCallerIdentity",)
    assert resolve("sso.amazonaws.com", "GetRoleCredentials").permissions == ()


@pytest.mark.parametrize(
    ("source", "name", "presumed"),
    [
        ("glue.amazonaws.com", "MakeGlossary", "glue:MakeGlossary"),
        ("monitoring.amazonaws.com", "MakeGlossary", "cloudwatch:MakeGlossary"),
        ("lambda.amazonaws.com", "MakeRuntime20291231v2", "lambda:MakeRuntime"),
        ("nothing.amazonaws.com", "MakeGlossary", ""),
        ("glue.amazonaws.com", "", ""),
        ("glue.amazonaws.com", "*", ""),
        ("glue.amazonaws.com", "Größe", ""),
    ],
)
def test_a_call_newer_than_the_catalogue_is_presumed_to_need_its_own_permission(
    source: str, name: str, presumed: str
) -> None:
    found = resolve(source, name, "AwsApiCall")
    assert (found.kind, found.known, found.presumed) == ("unknown", False, presumed)


@pytest.mark.parametrize("source", ["s3.amazonaws.com", "S3.AMAZONAWS.COM", "s3.amazonaws.com.cn", " s3.amazonaws.com"])
def test_sources_are_told_in_several_ways(source: str) -> None:
    assert resolve(source, "HeadBucket").permissions == ("s3:ListBucket",)


def test_every_action_of_the_catalogue_is_found_by_its_own_name() -> None:
    """Save where our tables say that an operation of this name needs something else."""
    others = set()
    for prefix in current().prefixes:
        service = current().service(prefix)
        assert service is not None
        for name in service.action_names:
            found = resolve(f"{prefix}.amazonaws.com", name, "AwsApiCall")
            if found.permissions[:1] != (f"{prefix}:{name}",):
                assert found.why, f"{prefix}:{name}"
                others.add(f"{prefix}:{name}")
    assert len(others) < 60


def test_what_our_tables_say_has_a_page() -> None:
    for case in cases("permissions"):
        found = resolve(case["source"], case["name"], case["type"])
        assert not found.why or "https://" in found.why


@given(st.text(max_size=20), st.text(max_size=20), st.none() | st.text(max_size=20))
def test_any_event_is_resolved_or_unknown(source: str, name: str, type: str | None) -> None:
    found = resolve(source, name, type)
    assert found.kind != "call" or found.permissions or found.possible


@given(values)
def test_any_request_narrows(request: Any) -> None:
    for name in ("PutObject", "GetObject", "DeleteObject", "PutPublicAccessBlock"):
        one = record(eventName=name, requestParameters=request)
        assert all(current().action(text) for text in resolve(one.source, name).needed(one))


BENCH = LOGS.parents[1] / "bench/gen_cloudtrail.py"


@pytest.mark.skipif(not BENCH.is_file(), reason=f"{BENCH} (a generator with its own truth) is not here")
def test_the_generators_calls_need_what_it_says() -> None:
    calls = re.findall(r"^([a-z0-9]+)\|(\w+)\|([a-z0-9-]+:\w+)\|[01]\|(.+)$", BENCH.read_text(), re.MULTILINE)
    assert len(calls) > 45
    for source, name, permission, request in calls:
        found = resolve(f"{source}.amazonaws.com", name, "AwsApiCall")
        one = record(eventName=name, requestParameters=json.loads(request.replace("%", "")))
        assert (found.needed(one) or found.permissions) == (permission,), name


needs_logs = pytest.mark.skipif(not LOGS.is_dir(), reason=f"{LOGS} (records written by others) is not here")


@needs_logs
def test_the_records_of_others_resolve() -> None:
    pairs = {(one.source.removesuffix(".amazonaws.com"), one.name): one.type for _, one in corpus()}
    unknown = {(source, name) for (source, name), type in pairs.items() if not resolve(source, name, type).known}
    assert unknown == set(INVENTED)
    real = pairs.keys() - INVENTED.keys()
    assert len(real) > 380
    assert all(resolve(source, name, pairs[source, name]).known for source, name in real)
    events = [one for _, one in corpus() if resolve(one.source, one.name, one.type).known]
    assert len(events) / len(corpus()) > 0.996


@needs_logs
def test_the_invented_are_of_tests_only() -> None:
    files = {file for file, one in corpus() if (one.source.removesuffix(".amazonaws.com"), one.name) in INVENTED}
    assert files == {"panther_tests"}


@needs_logs
@pytest.mark.parametrize(("pair", "permissions"), CHECKED.items(), ids=lambda one: ":".join(one))
def test_a_sample_was_held_against_the_pages(pair: tuple[str, str], permissions: tuple[str, ...]) -> None:
    source, name = pair
    assert resolve(f"{source}.amazonaws.com", name, "AwsApiCall").permissions == permissions
    assert any(one.name == name and one.source.startswith(f"{source}.") for _, one in corpus())


@needs_logs
def test_denials_of_others_name_the_permission_that_was_resolved() -> None:
    """AWS's own word on what a call needs: the messages of denied calls."""
    told = wrong = 0
    for file, one in corpus():
        found = refused(one.message) if outcome(one.error) == "denied" else None
        resolved = resolve(one.source, one.name, one.type)
        if found is not None and resolved.kind == "call":
            named = current().action(found.permission)
            if named is None:  # edited by hand: `iam:Action`
                assert file == "panther_tests"
                continue
            told += 1
            wrong += named.name not in (*resolved.needed(one), *resolved.possible, *resolved.dependent)
    assert told > 20
    assert wrong == 0
