"""Our own cases from AWS's pages: each is answered as its page says, and alike in all three directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from asking_support import Suite, bad_of_any

from leastwise.model.conformance import CaseResult
from leastwise.providers.aws.conform.ask import run

SUITE = Suite("aws", run)


CASES = SUITE.cases


@pytest.mark.parametrize("case", CASES, ids=[one["id"] for one in CASES])
def test_a_case(case: Mapping[str, Any]) -> None:
    SUITE.passes(case)


def test_there_are_enough_of_them_each_with_its_page() -> None:
    SUITE.is_documented(300, "https://docs.aws.amazon.com/")


@pytest.mark.parametrize(
    ("id", "wrong"),
    [
        ("identity/inline-allow", {"state": "DENIED"}),
        ("identity/implicit-deny", {"state": "UNKNOWN"}),
        ("identity/who-can-two-kinds", {"state": "ALLOWED", "principals": ["arn:aws:iam::111111111111:user/ada"]}),
        ("identity/what-can-two", {"state": "ALLOWED", "permissions": ["s3:GetObject"]}),
        ("modes/open-depends", {"state": "ALLOWED"}),
    ],
)
def test_another_answer_fails(id: str, wrong: Mapping[str, Any]) -> None:
    SUITE.fails(id, wrong)


ARN = "arn:aws:iam::111111111111:user/ada"
BAD: dict[str, tuple[dict[str, Any], str]] = {
    **bad_of_any("scp", {"ask": "can"}),
    "two organizations": (
        {"documents": [{"kind": "organization", "body": {"id": "o-1"}}] * 2},
        "documents: 2 organizations; a case has one",
    ),
    "bucket of nobody": (
        {"documents": [{"kind": "resource_policy", "body": {"resource": "arn:aws:s3:::b", "policy": None}}]},
        "documents: resource_policy does not say whose arn:aws:s3:::b is",
    ),
    "grant on an unknown key": (
        {"documents": [{"kind": "kms_grant", "body": {"KeyId": "k"}}]},
        "kms_grant.KeyId: k is no ARN, and no document names the key",
    ),
    "entity without ARN": (
        {"documents": [{"kind": "account_authorization_details", "body": {"UserDetailList": [{"UserName": "a"}]}}]},
        "account_authorization_details.UserDetailList: an entity has no ARN of IAM",
    ),
    "session policy": (
        {"question": {"ask": "can", "principal": ARN, "permission": "s3:GetObject", "session_policies": ["x"]}},
        "question.session_policies: the policy is not an object",
    ),
    "a context with objects": (
        {"question": {"ask": "can", "principal": ARN, "permission": "s3:GetObject", "context": {"aws:a": {}}}},
        "question.context.aws:a: must be a text or a list of texts",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_a_case_is_named(name: str) -> None:
    change, cause = BAD[name]
    SUITE.refuses({**SUITE.one("identity/inline-allow"), **change}, cause)


def test_a_principal_that_is_none_cannot_be_asked() -> None:
    case = SUITE.one("identity/inline-allow")
    asked = run({**case, "question": {**case["question"], "principal": "somebody"}}, SUITE.folder)
    assert asked.result is CaseResult.UNSUPPORTED
