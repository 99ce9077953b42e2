"""Sessions that calls began, and the chain that leads back to the first caller."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
import pytest
from events_support import LOGS, corpus, record, values
from hypothesis import given

from leastwise.providers.aws.events.principals import who
from leastwise.providers.aws.events.sessions import Issued, issued

A = "111122223333"
SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG", "IQoJb3JpZ2luX2VjENz"


def assume(key: str, role: str, identity: dict[str, Any], name: str = "AssumeRole", **asked: Any) -> Issued | None:
    credentials = {"accessKeyId": key, "secretAccessKey": SECRET, "sessionToken": TOKEN, "expiration": "x"}
    one = record(
        eventSource="sts.amazonaws.com",
        eventName=name,
        userIdentity=identity,
        requestParameters={"roleArn": f"arn:aws:iam::{A}:role/{role}", "roleSessionName": "s"} | asked,
        responseElements={"credentials": credentials},
    )
    return issued(one, who(one.identity))


def user() -> dict[str, Any]:
    return {"type": "IAMUser", "arn": f"arn:aws:iam::{A}:user/ann", "accountId": A, "accessKeyId": "AKIA1"}


def session(role: str, key: str, **more: Any) -> dict[str, Any]:
    issuer = {"arn": f"arn:aws:iam::{A}:role/{role}"}
    arn = f"arn:aws:sts::{A}:assumed-role/{role}/s"
    context = {"sessionIssuer": issuer} | more
    return {"type": "AssumedRole", "arn": arn, "accountId": A, "accessKeyId": key, "sessionContext": context}


def test_a_chain_of_roles_leads_back_to_the_user() -> None:
    links = [
        assume("ASIA1", "one", user(), sourceIdentity="ann"),
        assume("ASIA2", "two", session("one", "ASIA1", sourceIdentity="ann")),
        assume("ASIA3", "three", session("two", "ASIA2", sourceIdentity="ann")),
    ]
    by_key = {one.key: one for one in links if one}
    call = who(msgspec.json.encode(session("three", "ASIA3", sourceIdentity="ann")))
    walked, key = [], call.key
    while key in by_key:
        walked.append(by_key[key].by.rpartition("/")[2])
        key = by_key[key].by_key
    assert walked == ["two", "one", "ann"]
    assert key == "AKIA1"
    assert {one.source_identity for one in links if one} == {"ann"}


def test_a_workflow_is_told_with_its_session() -> None:
    provider = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
    subject = "repo:example/shop:ref:refs/heads/main"
    identity = {"type": "WebIdentityUser", "userName": subject, "identityProvider": provider}
    found = assume("ASIA1", "deploy", identity, "AssumeRoleWithWebIdentity", roleSessionName="deploy-12345678901")
    assert found is not None
    assert (found.repository, found.ref, found.provider) == ("example/shop", "refs/heads/main", provider)
    assert found.by == f"web:token.actions.githubusercontent.com/{subject}"
    assert (found.session, found.steady) == ("deploy-12345678901", "deploy-*")


def test_a_saml_provider_is_told() -> None:
    identity = {"type": "SAMLUser", "userName": "ann@example.com", "identityProvider": "Xyz="}
    found = assume("ASIA1", "x", identity, "AssumeRoleWithSAML", principalArn=f"arn:aws:iam::{A}:saml-provider/okta")
    assert found is not None
    assert found.provider == f"arn:aws:iam::{A}:saml-provider/okta"


def test_a_service_that_begins_a_session_is_told() -> None:
    found = assume("ASIA1", "app", {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"})
    assert found is not None
    assert (found.by, found.service) == ("", "lambda.amazonaws.com")


def test_another_accounts_caller_is_named_by_its_unique_id() -> None:
    identity = {"type": "AWSAccount", "principalId": "AROAEXAMPLE:s", "accountId": "444455556666"}
    found = assume("ASIA1", "app", identity)
    assert found is not None
    assert found.by == "AROAEXAMPLE"


@pytest.mark.parametrize(
    "changed",
    [
        {"errorCode": "AccessDenied"},
        {"eventName": "GetCallerIdentity"},
        {"responseElements": None},
        {"responseElements": {"credentials": "HIDDEN"}},
        {"responseElements": {"credentials": {"accessKeyId": ""}}},
    ],
)
def test_a_call_that_began_no_session(changed: dict[str, Any]) -> None:
    given_fields = {"eventName": "AssumeRole", "responseElements": {"credentials": {"accessKeyId": "ASIA1"}}} | changed
    one = record(userIdentity=user(), **given_fields)
    assert issued(one, who(one.identity)) is None


def test_no_secret_is_kept() -> None:
    found = assume("ASIA1", "app", user())
    assert found is not None
    told = " ".join(str(getattr(found, one.name)) for one in fields(found))
    assert SECRET not in told
    assert TOKEN not in told
    assert "ASIA1" in told


@given(values, values)
def test_any_request_and_response(request: Any, response: Any) -> None:
    one = record(eventName="AssumeRole", requestParameters=request, responseElements={"credentials": response})
    found = issued(one, who(one.identity))
    assert found is None or found.key


@pytest.mark.skipif(not LOGS.is_dir(), reason=f"{LOGS} (records written by others) is not here")
def test_sessions_of_the_records_of_others_never_hold_a_token() -> None:
    """Some of these records have the session token in the clear: AWS does not take it out of all of them."""
    begun = [(one, found) for _, one in corpus() if (found := issued(one, who(one.identity)))]
    tokens = [
        token
        for one, _ in begun
        if isinstance(token := msgspec.json.decode(one.response)["credentials"].get("sessionToken"), str)
        and len(token) > 30
    ]
    assert len(begun) > 40
    assert len(tokens) > 10
    assert not any(token in repr(found) for token in tokens for _, found in begun)
