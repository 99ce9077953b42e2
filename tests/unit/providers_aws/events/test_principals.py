"""Who made a call: every kind of identity, stable names, subjects of tokens."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from events_support import LOGS, cases, corpus, values
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.events.names import stable
from leastwise.providers.aws.events.principals import Who, place, who
from leastwise.providers.aws.events.subjects import subject_of


def asked(identity: Any) -> Who:
    return who(msgspec.json.encode(identity))


@pytest.mark.parametrize("case", cases("principals"), ids=lambda case: case["id"])
def test_who(case: dict[str, Any]) -> None:
    found = asked(case["identity"])
    assert {name: getattr(found, name) for name in case["who"]} == case["who"]


@pytest.mark.parametrize("case", cases("subjects"), ids=lambda case: case["id"])
def test_subjects(case: dict[str, Any]) -> None:
    found = subject_of(case["provider"], case["subject"])
    assert [found.steady, found.repository, found.workflow, found.ref] == [
        case[name] for name in ("steady", "repository", "workflow", "ref")
    ]
    assert found.id.startswith("web:")
    assert found.id.endswith(found.steady)
    assert subject_of(case["provider"], found.steady).steady == found.steady


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("i-044b1baf4c96e1b62", "i-*"),
        ("i-0a1b2c3d", "i-*"),
        ("mi-044b1baf4c96e1b62", "mi-*"),
        ("aws-go-sdk-1700000000000000000", "aws-go-sdk-*"),
        ("botocore-session-1700000000", "botocore-session-*"),
        ("AWSCodeBuild-0f8b1c2d-1111-2222-3333-444455556666", "AWSCodeBuild-*"),
        ("eks-prod-app-7d4b9c6f5d-x7k2p-0f8b1c2d-1111-2222-3333-444455556666", "eks-prod-app-*"),
        ("app-7d4b9c6f5d-x7k2p", "app-*"),
        ("fluent-bit-x7k2p", "fluent-bit-*"),
        ("GitHub_Actions_12345678901", "GitHub_Actions_*"),
        ("deploy-run-42", "deploy-run-*"),
        ("build_77", "build_*"),
        ("a3f5c9d2e1b04f6e8a7c9d0e1f2a3b4c", "*"),
        ("session-2026-01-31T07-15-00Z", "session-*"),
        ("nightly-20260131", "nightly-*"),
        ("MandoService2842426183934887787", "MandoService*"),
        ("TrustedAdvisor_111122223333_7472a099-2df6-4080-b339-9681aa0a066a", "TrustedAdvisor_111122223333_*"),
    ],
)
def test_names_that_change_from_session_to_session(name: str, form: str) -> None:
    assert stable(name) == form


@pytest.mark.parametrize(
    "name",
    ["ann@example.com", "ann2", "111122223333", "GitHubActions", "orders-function1", "web-2", "release-v1.2.3",
     "api-v2", "worker-node12", "deadbeef", "AssumeRoleSession-1", "", "prod-eu-west-1", "team-7-test", "bcdfg",
     "AutoScaling-UpdateDesiredCapacity"],
)  # fmt: skip
def test_names_that_stay(name: str) -> None:
    assert stable(name) == name


name_parts = st.sampled_from(
    ["i-044b1baf4c96e1b62", "app", "-", "_", "7d4b9c6f5d", "x7k2p", "2026", "01", "31", "12345678", "111122223333",
     "run", "*", "@", "abcdef01", "0f8b1c2d-1111-2222-3333-444455556666", "é", "7"],
)  # fmt: skip


@given(st.lists(name_parts, max_size=7).map("".join) | st.text(max_size=40))
def test_a_stable_form_is_stable(name: str) -> None:
    once = stable(name)
    assert stable(once) == once
    assert len(once) <= len(name)


@given(st.integers(0, 10**19), st.uuids())
def test_sessions_of_one_kind_have_one_name(epoch: int, uuid: Any) -> None:
    assert stable(f"aws-go-sdk-{epoch:019d}") == "aws-go-sdk-*"
    assert stable(f"AWSCodeBuild-{uuid}") == "AWSCodeBuild-*"


def test_many_runs_of_some_workflows_are_some_identities() -> None:
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    seen = set()
    for run in range(10_000):
        repository, ref = f"example/r{run % 8}", ("heads/main", f"pull/{run}/merge", f"tags/v{run}")[run % 3]
        workflow = f"example/ci/.github/workflows/w{run % 40}.yml@refs/{ref}"
        subject = f"repo:{repository}:job_workflow_ref:{workflow}"
        identity = {"type": "WebIdentityUser", "userName": subject, "identityProvider": provider}
        seen.add(asked(identity).id)
    assert len(seen) == 40 * 3
    main = {one for one in seen if one.endswith("@refs/heads/main")}
    assert len(main) == 40


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(
    ("type", "arn", "accountId", "principalId", "userName", "accessKeyId", "identityProvider", "invokedBy",
     "onBehalfOf", "sessionContext", "inScopeOf"),
    values | st.sampled_from(
        ["IAMUser", "AssumedRole", "Root", "FederatedUser", "SAMLUser", "WebIdentityUser", "IdentityCenterUser",
         "AWSService", "AWSAccount", "Role", "arn:aws:sts::1:assumed-role/", "arn:", "repo:", "::::::"]),
)))  # fmt: skip
def test_any_identity_is_somebody_or_nobody(identity: dict[str, Any]) -> None:
    found = asked(identity)
    texts = [getattr(found, name) for name in found.__slots__ if name not in ("exact", "mfa")]
    assert all(isinstance(one, str) for one in texts)
    assert found.attributed == (found.id != "")
    assert not (found.attributed and found.kind in ("service", "account", "anonymous", "unknown"))


@given(st.binary(max_size=40))
def test_any_bytes_are_somebody_or_nobody(identity: bytes) -> None:
    assert isinstance(who(identity), Who)


def test_an_identity_written_as_text_is_read() -> None:
    plain = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}
    assert asked(json.dumps(plain)) == asked(plain)


@pytest.mark.parametrize(
    ("account", "expected"),
    [("111122223333", "own"), ("444455556666", "cross"), ("777788889999", "elsewhere"), ("", "nowhere")],
)
def test_where_a_principal_is(account: str, expected: str) -> None:
    collected = {"111122223333", "444455556666"}
    assert place(Who(kind="user", account=account), "111122223333", collected) == expected


@pytest.mark.skipif(not LOGS.is_dir(), reason=f"{LOGS} (records written by others) is not here")
def test_the_records_of_others_have_somebody() -> None:
    """Those that have nobody were edited by whoever made a test of them, or are about sign-in."""
    nobody = {
        (file, one.name)
        for file, one in corpus()
        if who(one.identity).kind == "unknown" and bytes(one.identity) != b"null"
    }
    assert {file for file, _ in nobody} <= {"panther_tests", "splunk_security_content"}
    assert {name for file, name in nobody if file != "panther_tests"} == {"ConsoleLogin"}
