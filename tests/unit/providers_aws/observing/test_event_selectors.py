"""Event selectors in the forms in which the API gives them."""

from __future__ import annotations

from typing import Any

import pytest

from leastwise.providers.aws.observing.selectors import DATA, MANAGEMENT, Selector, selectors

S3 = "AWS::S3::Object"


def basic(
    kinds: str = "All", management: bool = True, excluded: tuple[str, ...] = (), **data: list[str]
) -> dict[str, Any]:
    types = {"s3": S3, "functions": "AWS::Lambda::Function", "tables": "AWS::DynamoDB::Table"}
    resources = [{"Type": types[name], "Values": values} for name, values in data.items()]
    return {
        "EventSelectors": [
            {
                "ReadWriteType": kinds,
                "IncludeManagementEvents": management,
                "DataResources": resources,
                "ExcludeManagementEventSources": list(excluded),
            }
        ]
    }


def advanced(*fields: tuple[str, str, list[str]]) -> dict[str, Any]:
    return {
        "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": name, how: values} for name, how, values in fields]}]
    }


CATEGORY = ("eventCategory", "Equals", ["Data"])
TYPE = ("resources.type", "Equals", [S3])
FORMS: dict[str, tuple[dict[str, Any], list[Selector]]] = {
    "basic, as a trail is made": (basic(), [Selector(MANAGEMENT)]),
    "basic, writes only": (basic("WriteOnly"), [Selector(MANAGEMENT, reads=False)]),
    "basic, reads only": (basic("ReadOnly"), [Selector(MANAGEMENT, writes=False)]),
    "basic, without KMS": (
        basic(excluded=("kms.amazonaws.com",)),
        [Selector(MANAGEMENT, without=frozenset({"kms.amazonaws.com"}))],
    ),
    "basic, no management": (basic(management=False), []),
    "basic, a bucket": (
        basic(s3=["arn:aws:s3:::b/"]),
        [Selector(MANAGEMENT), Selector(DATA, type=S3, arns=("arn:aws:s3:::b/",))],
    ),
    "basic, all buckets": (basic(s3=["arn:aws:s3:::"]), [Selector(MANAGEMENT), Selector(DATA, type=S3)]),
    "basic, all buckets, shorter": (basic(s3=["arn:aws:s3"]), [Selector(MANAGEMENT), Selector(DATA, type=S3)]),
    "basic, all functions": (
        basic(functions=["arn:aws:lambda"]),
        [Selector(MANAGEMENT), Selector(DATA, type="AWS::Lambda::Function", exact=True)],
    ),
    "basic, a table": (
        basic(tables=["arn:aws:dynamodb:eu-west-1:2:table/t"]),
        [
            Selector(MANAGEMENT),
            Selector(DATA, type="AWS::DynamoDB::Table", arns=("arn:aws:dynamodb:eu-west-1:2:table/t",), exact=True),
        ],
    ),
    "basic, no values": (basic(s3=[]), [Selector(MANAGEMENT)]),
    "advanced, management": (advanced(("eventCategory", "Equals", ["Management"])), [Selector(MANAGEMENT)]),
    "advanced, management without KMS": (
        advanced(("eventCategory", "Equals", ["Management"]), ("eventSource", "NotEquals", ["kms.amazonaws.com"])),
        [Selector(MANAGEMENT, without=frozenset({"kms.amazonaws.com"}))],
    ),
    "advanced, management of one source": (
        advanced(("eventCategory", "Equals", ["Management"]), ("eventSource", "Equals", ["iam.amazonaws.com"])),
        [Selector(MANAGEMENT, part="only where eventSource is selected")],
    ),
    "advanced, all objects": (advanced(CATEGORY, TYPE), [Selector(DATA, type=S3)]),
    "advanced, reads of all objects": (
        advanced(CATEGORY, TYPE, ("readOnly", "Equals", ["true"])),
        [Selector(DATA, writes=False, type=S3)],
    ),
    "advanced, objects of a bucket": (
        advanced(CATEGORY, TYPE, ("resources.ARN", "StartsWith", ["arn:aws:s3:::b/"])),
        [Selector(DATA, type=S3, arns=("arn:aws:s3:::b/",))],
    ),
    "advanced, one object": (
        advanced(CATEGORY, TYPE, ("resources.ARN", "Equals", ["arn:aws:s3:::b/k"])),
        [Selector(DATA, type=S3, arns=("arn:aws:s3:::b/k",), exact=True)],
    ),
    "advanced, all buckets but one": (
        advanced(CATEGORY, TYPE, ("resources.ARN", "NotStartsWith", ["arn:aws:s3:::b/"])),
        [Selector(DATA, type=S3, part="only for some resources")],
    ),
    "advanced, one operation": (
        advanced(CATEGORY, TYPE, ("eventName", "Equals", ["DeleteObject"])),
        [Selector(DATA, type=S3, part="only where eventName is selected")],
    ),
    "advanced, some callers": (
        advanced(CATEGORY, TYPE, ("userIdentity.arn", "NotStartsWith", ["arn:aws:sts::2:assumed-role/backup"])),
        [Selector(DATA, type=S3, part="only where userIdentity.arn is selected")],
    ),
    "advanced, calls of the API": (
        advanced(CATEGORY, TYPE, ("eventType", "Equals", ["AwsApiCall"])),
        [Selector(DATA, type=S3)],
    ),
    "advanced, management calls of the API": (
        advanced(("eventCategory", "Equals", ["Management"]), ("eventType", "Equals", ["AwsApiCall"])),
        [Selector(MANAGEMENT, part="only where eventType is selected")],
    ),
    "advanced, management without a source that only an event data store can leave out": (
        advanced(
            ("eventCategory", "Equals", ["Management"]),
            ("eventSource", "NotEquals", ["kms.amazonaws.com", "iam.amazonaws.com"]),
        ),
        [
            Selector(
                MANAGEMENT,
                without=frozenset({"kms.amazonaws.com", "iam.amazonaws.com"}),
                part="only where eventSource is selected",
            )
        ],
    ),
    "advanced, reads and writes by name": (
        advanced(CATEGORY, TYPE, ("readOnly", "Equals", ["true", "false"])),
        [Selector(DATA, type=S3)],
    ),
    "advanced, network activity": (advanced(("eventCategory", "Equals", ["NetworkActivity"])), []),
    "advanced wins over basic": (basic() | advanced(CATEGORY, TYPE), [Selector(DATA, type=S3)]),
    "nothing": ({}, []),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    told, expected = FORMS[name]
    assert list(selectors(told)) == expected
