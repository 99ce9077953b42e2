"""Rows of `observability`, asked as the gap asks: which permissions on which resources would have been recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from leastwise.engine.columns import empty
from leastwise.model.gap import Kept, Window
from leastwise.model.tables import BY_NAME
from leastwise.providers.aws.compiled.actions import actions
from leastwise.providers.aws.naming import NAMING
from leastwise.providers.aws.observing import observability
from leastwise.providers.base import Altered, ScopeTables, Told
from leastwise.usage.keeping import Logs
from leastwise.usage.watching import Watching

END = datetime(2026, 11, 1, tzinfo=UTC)
LONG_AGO = END - timedelta(days=900)
WINDOW = Window(END - timedelta(days=90), END)
A, B, ROOT = "222222222222", "333333333333", "111111111111"
MANAGEMENT = [{"Field": "eventCategory", "Equals": ["Management"]}]
GET, LIST, UPDATE = "s3:GetObject", "s3:ListBucket", "dynamodb:UpdateTable"
ANY = "arn:aws:s3:::b/*"


def data(type: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": [type]}, *more]


def bucket(name: str) -> dict[str, Any]:
    return {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{name}"]}


def trail(
    *fields: list[dict[str, Any]], name: str = "t", account: str = A, region: str = "eu-west-1", **details: str | None
) -> dict[str, Any]:
    told = {"AdvancedEventSelectors": [{"FieldSelectors": one} for one in fields]}
    found: dict[str, str | None] = {
        "IsMultiRegionTrail": "true",
        "HomeRegion": region,
        "logging": "true",
        "logging_since": "2024-01-01T00:00:00+00:00",
        "selectors": json.dumps(told),
        **details,
    }
    kept = [(key, value) for key, value in found.items() if value is not None]
    return {"id": f"arn:aws:cloudtrail:{region}:{account}:trail/{name}", "kind": "cloudtrail:trail", "details": kept}


def scope(
    *trails: dict[str, Any], account: str = A, coverage: str | None = None, tenant: str | None = None
) -> ScopeTables:
    resources = empty(BY_NAME["resources"]).select(["id", "kind", "details"]).schema
    scopes = empty(BY_NAME["scopes"]).select(["id", "kind", "tenant"]).schema
    told = empty(BY_NAME["coverage"]).select(["service", "call", "status"]).schema
    call = {"service": "cloudtrail", "call": "DescribeTrails", "status": coverage}
    own = {"id": account, "kind": "account", "tenant": tenant}
    return ScopeTables(
        "account",
        account,
        {
            "resources": pa.Table.from_pylist(list(trails), schema=resources),
            "scopes": pa.Table.from_pylist([own] if tenant else [], schema=scopes),
            "coverage": pa.Table.from_pylist([call] if coverage else [], schema=told),
        },
    )


def why(permission: str, resource: str, *scopes: ScopeTables, account: str = A) -> str:
    """Why a use would not have been recorded; empty when it would."""
    return told_why(permission, resource, [Told(END, scopes)], account=account)


def whole(*accounts: str) -> list[Kept]:
    """All logs of some accounts, taken in from long before the window on."""
    logs = [
        f"arn:aws:cloudtrail:{region}:{owner}:trail/{name}"
        for name in ("t", "u", "d", "all")
        for owner in (A, B, ROOT)
        for region in ("eu-west-1", "us-east-1")
    ]
    return [Kept(log, account, "*", LONG_AGO, END) for log in logs for account in accounts]


def told_why(
    permission: str,
    resource: str,
    told: list[Told],
    *,
    account: str = A,
    kept: list[Kept] | None = None,
    altered: list[Altered] | None = None,
) -> str:
    """Why a use would not be known; empty when it would."""
    names = actions().names
    held = whole(A, B, ROOT) if kept is None else kept
    watching = Watching(names, observability(told, held, altered or []), Logs(held), WINDOW, NAMING)
    return watching.of(account).rule(names.index(permission)).unseen([resource])


KMS = {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}
READS, WRITES = ({"Field": "readOnly", "Equals": [one]} for one in ("true", "false"))
OBJECTS, TABLE = "AWS::S3::Object", "arn:aws:dynamodb:eu-west-1:222222222222:table/t"
CASES: dict[str, tuple[list[dict[str, Any]], str, str, str]] = {
    "management": ([trail(MANAGEMENT)], UPDATE, "*", ""),
    "events put on a bus": (
        [trail(MANAGEMENT)],
        "events:PutEvents",
        "*",
        "EventBridge data events of all resources are off in trail t",
    ),
    "data off": ([trail(MANAGEMENT)], GET, ANY, "S3 data events of b are off in trail t"),
    "data on": ([trail(MANAGEMENT, data(OBJECTS))], GET, ANY, ""),
    "data on for this bucket": ([trail(MANAGEMENT, data(OBJECTS, bucket("b/")))], GET, ANY, ""),
    "data on for another": (
        [trail(MANAGEMENT, data(OBJECTS, bucket("c/")))],
        GET,
        ANY,
        "S3 data events of b are off in trail t",
    ),
    "data on for a bucket, asked of all": (
        [trail(MANAGEMENT, data(OBJECTS, bucket("b/")))],
        GET,
        "*",
        "S3 data events of some resources are off in trail t",
    ),
    "data on for a bucket whose name begins so": (
        [trail(MANAGEMENT, data(OBJECTS, bucket("b")))],
        GET,
        "arn:aws:s3:::bb/*",
        "",
    ),
    "list a bucket, data on for it": ([trail(MANAGEMENT, data(OBJECTS, bucket("b/")))], LIST, "arn:aws:s3:::b", ""),
    "list a bucket, data on for a prefix": (
        [trail(MANAGEMENT, data(OBJECTS, bucket("b/eu/")))],
        LIST,
        "arn:aws:s3:::b",
        "S3 data events of b are off in trail t",
    ),
    "bucket's own settings are management": ([trail(MANAGEMENT)], "s3:PutBucketPolicy", "arn:aws:s3:::b", ""),
    "data on for one object, asked of those below it": (
        [trail(MANAGEMENT, data(OBJECTS, {"Field": "resources.ARN", "Equals": ["arn:aws:s3:::b/eu"]}))],
        GET,
        "arn:aws:s3:::b/eu/*",
        "S3 data events of b are off in trail t",
    ),
    "data on for one object, asked of it": (
        [trail(MANAGEMENT, data(OBJECTS, {"Field": "resources.ARN", "Equals": ["arn:aws:s3:::b/eu"]}))],
        GET,
        "arn:aws:s3:::b/eu",
        "",
    ),
    "data on for one table, asked of its indexes": (
        [trail(MANAGEMENT, data("AWS::DynamoDB::Table", {"Field": "resources.ARN", "Equals": [f"{TABLE}"]}))],
        "dynamodb:Query",
        f"{TABLE}/*",
        "",
    ),
    "a source left out that only an event data store can leave out": (
        [trail([*MANAGEMENT, {"Field": "eventSource", "NotEquals": ["iam.amazonaws.com"]}])],
        "iam:CreateUser",
        "*",
        "trail t records management events only in part: only where eventSource is selected",
    ),
    "decoding a message of authorization is never recorded": (
        [trail(MANAGEMENT)],
        "sts:DecodeAuthorizationMessage",
        "*",
        "CloudTrail does not record it",
    ),
    "data without management": ([trail(data(OBJECTS))], UPDATE, "*", "management events are off in trail t"),
    "data of reads only": (
        [trail(MANAGEMENT, data(OBJECTS, READS))],
        GET,
        ANY,
        "S3 data events of b are recorded in trail t only reads or only writes",
    ),
    "data of reads and of writes": ([trail(MANAGEMENT, data(OBJECTS, READS), data(OBJECTS, WRITES))], GET, ANY, ""),
    "in two trails": ([trail(MANAGEMENT), trail(data(OBJECTS), name="d")], GET, ANY, ""),
    "function": ([trail(MANAGEMENT, data("AWS::Lambda::Function"))], "lambda:InvokeFunction", "*", ""),
    "KMS left out": (
        [trail([*MANAGEMENT, KMS])],
        "kms:Decrypt",
        "*",
        "events of kms.amazonaws.com are left out in trail t",
    ),
    "KMS left out, another action": ([trail([*MANAGEMENT, KMS])], UPDATE, "*", ""),
    "KMS left out here, not there": ([trail([*MANAGEMENT, KMS]), trail(MANAGEMENT, name="u")], "kms:Decrypt", "*", ""),
    "writes only, a write": ([trail([*MANAGEMENT, WRITES])], UPDATE, "*", ""),
    "writes only, a read": (
        [trail([*MANAGEMENT, WRITES])],
        "ec2:DescribeInstances",
        "*",
        "read management events are off in trail t",
    ),
    "writes only, a write that CloudTrail counts as a read": (
        [trail([*MANAGEMENT, WRITES])],
        "sts:AssumeRole",
        "*",
        "trail t records management events only in part: reads or writes",
    ),
    "reads here, writes there": (
        [trail([*MANAGEMENT, READS]), trail([*MANAGEMENT, WRITES], name="u")],
        "sts:AssumeRole",
        "*",
        "",
    ),
    "stopped": (
        [trail(MANAGEMENT, logging="false", logging_stopped="2026-10-01T00:00:00Z")],
        UPDATE,
        "*",
        "trail t is stopped since 2026-10-01",
    ),
    "not known whether it is written": (
        [trail(MANAGEMENT, logging=None)],
        UPDATE,
        "*",
        "whether trail t is written was not read",
    ),
    "selectors not read": ([trail(selectors=None)], UPDATE, "*", "the event selectors of trail t were not read"),
    "began late": (
        [trail(MANAGEMENT, logging_since="2026-10-01T00:00:00Z")],
        UPDATE,
        "*",
        "trail t is known to record it since 2026-10-01",
    ),
    "began late, told in seconds": (
        [trail(MANAGEMENT, logging_since="1790812800.5")],
        UPDATE,
        "*",
        "trail t is known to record it since 2026-10-01",
    ),
    "one region, asked there": (
        [trail(MANAGEMENT, IsMultiRegionTrail="false")],
        UPDATE,
        "arn:aws:dynamodb:eu-west-1:2:table/t",
        "",
    ),
    "one region, asked elsewhere": (
        [trail(MANAGEMENT, IsMultiRegionTrail="false")],
        UPDATE,
        "arn:aws:dynamodb:us-east-1:2:table/t",
        "trail t records eu-west-1 only",
    ),
    "one region, asked anywhere": (
        [trail(MANAGEMENT, IsMultiRegionTrail="false")],
        UPDATE,
        "*",
        "trail t records eu-west-1 only",
    ),
    "one region with global events, where these are made": (
        [trail(MANAGEMENT, region="us-east-1", IsMultiRegionTrail="false", IncludeGlobalServiceEvents="true")],
        "iam:CreateUser",
        "*",
        "",
    ),
    "one region with global events, which are made elsewhere": (
        [trail(MANAGEMENT, IsMultiRegionTrail="false", IncludeGlobalServiceEvents="true")],
        "iam:CreateUser",
        "*",
        "trail t records eu-west-1 only",
    ),
    "passing a role is never recorded": ([trail(MANAGEMENT)], "iam:PassRole", "*", "it is no operation of an API"),
    "writing logs is never recorded": ([trail(MANAGEMENT)], "logs:PutLogEvents", "*", "CloudTrail does not record it"),
    "either kind, both on": ([trail(MANAGEMENT, data("AWS::Bedrock::Model"))], "bedrock:InvokeModel", "*", ""),
    "either kind, data off": (
        [trail(MANAGEMENT)],
        "bedrock:InvokeModel",
        "*",
        "its use may be a data event: Bedrock model data events of all",
    ),
    "either kind, management off": (
        [trail(data("AWS::Bedrock::Model"))],
        "bedrock:InvokeModel",
        "*",
        "its use may be a data event",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    trails, permission, resource, expected = CASES[name]
    found = why(permission, resource, scope(*trails))
    assert found.startswith(expected)
    assert bool(found) is bool(expected)


@pytest.mark.parametrize(
    ("coverage", "expected"),
    [
        (None, "the trails of account 222222222222 were not read"),
        ("denied", "the trails of account 222222222222 were not read"),
        ("ok", "management events"),
    ],
)
def test_no_trail(coverage: str | None, expected: str) -> None:
    found = why(UPDATE, "*", scope(coverage=coverage))
    assert expected in found or (coverage == "ok" and found == "the account has no trail")


def test_an_account_that_was_not_asked_about() -> None:
    assert why(UPDATE, "*", scope(trail(MANAGEMENT)), account=B) == f"what the logs of account {B} record was not read"


def test_the_trail_of_one_account_does_not_count_for_another() -> None:
    found = why(UPDATE, "*", scope(trail(MANAGEMENT)), scope(account=B, coverage="ok"), account=B)
    assert found == "the account has no trail"


def organization(**details: str) -> dict[str, Any]:
    return trail(MANAGEMENT, data(OBJECTS), name="all", account=ROOT, IsOrganizationTrail="true", **details)


def test_a_trail_of_the_organization_counts_for_its_members() -> None:
    scopes = scope(organization(), account=ROOT, tenant="o-1"), scope(account=A, tenant="o-1", coverage="ok")
    assert why(GET, ANY, *scopes) == ""


def test_a_member_sees_it_without_its_selectors() -> None:
    shadow = trail(
        name="all", account=ROOT, IsOrganizationTrail="true", selectors=None, logging=None, logging_since=None
    )
    assert why(GET, ANY, scope(organization(), account=ROOT), scope(shadow, account=A)) == ""
    assert why(GET, ANY, scope(shadow, account=A)) == "whether trail all is written was not read"


def test_it_does_not_count_for_another_organization() -> None:
    scopes = scope(organization(), account=ROOT, tenant="o-1"), scope(account=A, tenant="o-2", coverage="ok")
    assert why(GET, ANY, *scopes) == "S3 data events of b are off in trail " * 0 + "the account has no trail"


def test_every_permission_has_a_rule_and_every_row_a_reason() -> None:
    table = observability([Told(END, [scope(trail(MANAGEMENT))])])
    watch = Watching(actions().names, table, Logs([]), WINDOW, NAMING).of(A)
    assert sum(len(members) for _, members in watch.by_rule) == len(actions().names)
    assert all(table["reason"].to_pylist())
    assert set(table["observed"].to_pylist()) <= {"yes", "no", "part"}
    for observed, log in zip(table["observed"].to_pylist(), table["log"].to_pylist(), strict=True):
        assert bool(log) is (observed == "yes")


def test_an_account_with_a_trail_of_its_own_is_told_that_one() -> None:
    whole = trail(MANAGEMENT, name="all", account=ROOT, IsOrganizationTrail="true")
    scopes = scope(whole, account=ROOT, tenant="o-1"), scope(trail(MANAGEMENT), tenant="o-1")
    assert why(GET, ANY, *scopes) == "S3 data events of b are off in trail t"
    assert why(GET, ANY, *scopes, account=ROOT) == "S3 data events of b are off in trail all"
    unread = scope(account=A, tenant="o-1")
    told = "S3 data events of b are off in trail all; the account's own trails were not read"
    assert why(GET, ANY, scopes[0], unread) == told
    assert why(UPDATE, "*", scopes[0], unread) == ""
    member = scope(account=A, tenant="o-1", coverage="ok")
    assert why(GET, ANY, scopes[0], member) == "S3 data events of b are off in trail all"


@pytest.mark.parametrize("member_first", [True, False])
def test_an_organization_s_trail_is_as_the_account_says_in_which_it_lies(member_first: bool) -> None:
    """A member sees the organization's trail too, and its snapshot may be older."""
    more = {"name": "all", "account": ROOT, "IsOrganizationTrail": "true"}
    stopped = scope(trail(MANAGEMENT, **more, logging="false"), account=ROOT, tenant="o-1")
    member = scope(trail(MANAGEMENT, **more, selectors=None), tenant="o-1", coverage="ok")
    scopes = (member, stopped) if member_first else (stopped, member)
    assert "stopped" in why(UPDATE, "*", *scopes)
