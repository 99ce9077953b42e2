"""`history`, `--history` of lists and `credentials ID --usage`: who made what, as far as the logs show it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.trails import ACCOUNT, event, session, user, write
from leastwise.cli.main import run
from leastwise.providers.aws.events.called import called

IAM = {"eventSource": "iam.amazonaws.com", "eventCategory": "Management", "managementEvent": True, "readOnly": False}
USER, ROLE = f"arn:aws:iam::{ACCOUNT}:user/team/bob", f"arn:aws:iam::{ACCOUNT}:role/app/loader"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/load"
KEY = "AKIABOB"
ADMIN = session("admin", "change-7", "ASIAADMIN", sourceIdentity="eve")
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
DETAILS: dict[str, Any] = {
    "UserDetailList": [
        {
            "UserName": "bob", "Path": "/team/", "Arn": USER, "UserId": "AIDABOB", "CreateDate": "2025-01-01T00:00:00Z",
            "GroupList": [], "AttachedManagedPolicies": [{"PolicyName": "load", "PolicyArn": POLICY}],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": ALLOW}],
        }
    ],
    "RoleDetailList": [
        {
            "RoleName": "loader", "Path": "/app/", "Arn": ROLE, "RoleId": "AROALOADER",
            "CreateDate": "2026-01-10T00:00:00Z", "AssumeRolePolicyDocument": TRUST, "InstanceProfileList": [],
            "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "load", "PolicyArn": POLICY}],
        }
    ],
    "GroupDetailList": [],
    "Policies": [
        {
            "PolicyName": "load", "Arn": POLICY, "Path": "/", "DefaultVersionId": "v2", "AttachmentCount": 2,
            "PolicyVersionList": [{"VersionId": "v2", "IsDefaultVersion": True, "Document": ALLOW}],
        }
    ],
}  # fmt: skip


def call(number: int, time: str, name: str, by: dict[str, Any] = ADMIN, response: Any = None, **request: Any) -> Any:
    return (
        event(number, time, eventName=name, userIdentity=by, requestParameters=request, responseElements=response) | IAM
    )


CHANGES = [
    call(1, "2026-01-10T08:00:00Z", "CreateRole", response={"role": {"arn": ROLE}}, roleName="loader"),
    call(2, "2026-01-10T08:01:00Z", "AttachRolePolicy", roleName="loader", policyArn=POLICY),
    call(3, "2026-01-11T08:00:00Z", "UpdateAssumeRolePolicy", user("ada"), roleName="loader", policyDocument="{}"),
    call(4, "2026-01-12T08:00:00Z", "CreatePolicyVersion", user("ada"), policyArn=POLICY, policyDocument="{}"),
    call(5, "2026-01-13T08:00:00Z", "PutUserPolicy", userName="bob", policyName="own", policyDocument="{}"),
    call(6, "2026-01-14T08:00:00Z", "DeleteUserPolicy", userName="bob", policyName="own"),
    call(
        7, "2026-01-15T08:00:00Z", "PutUserPolicy", user("ada"), userName="bob", policyName="own", policyDocument="{}"
    ),
    call(8, "2026-01-16T08:00:00Z", "PutUserPolicy", userName="bob", policyName="own", policyDocument="{}"),
    call(9, "2026-01-17T08:00:00Z", "CreateAccessKey", response={"accessKey": {"accessKeyId": KEY}}, userName="bob"),
    call(10, "2026-01-18T08:00:00Z", "UpdateAccessKey", user("ada"), userName="bob", accessKeyId=KEY, status="Active"),
    call(11, "2026-03-01T08:00:00Z", "DeleteAccessKey", user("ada"), userName="bob", accessKeyId=KEY),
]
CALLS = [
    *(event(20 + n, f"2026-01-2{n}T09:00:00Z", userIdentity=user("bob", key=KEY)) for n in range(3)),
    *(
        event(30 + n, f"2026-01-25T02:0{n}:00Z", userIdentity=user("bob", key=KEY), sourceIPAddress="203.0.113.9")
        | ({"errorCode": "AccessDenied"} if n else {})
        for n in range(3)
    ),
    event(40, "2026-01-26T09:00:00Z", userIdentity=user("bob", key=KEY), sourceIPAddress="athena.amazonaws.com"),
    event(41, "2026-01-27T09:00:00Z", userIdentity=user("bob", key=KEY), sourceIPAddress="203.0.113.10"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("history")
    folder = found / "files" / ACCOUNT
    folder.mkdir(parents=True)
    (folder / "account-authorization-details.json").write_text(json.dumps(DETAILS))
    keys = {"AccessKeyMetadata": [{"UserName": "bob", "AccessKeyId": KEY, "Status": "Active",
                                   "CreateDate": "2026-01-17T08:00:00Z"},
                                  {"UserName": "bob", "AccessKeyId": "AKIAOLD", "Status": "Active",
                                   "CreateDate": "2025-05-01T00:00:00Z"}]}  # fmt: skip
    (folder / "iam-list-access-keys--bob.json").write_text(json.dumps(keys))
    write(found / "logs", [*CHANGES, *CALLS])
    place = ["--home", str(found / "home")]
    assert run(["import", str(found / "files"), "--taken", "2026-02-01T00:00:00Z", *place]) == 0
    assert run(["events", str(found / "logs"), *place]) == 0
    return found / "home"


@pytest.fixture
def ask(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    monkeypatch.setenv("LEASTWISE_HOME", str(home))

    def asked(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert run([*arguments, "--format", "json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    yield asked


def grant(ask: Any, principal: str, policy: str) -> dict[str, Any]:
    items = ask("grants", "--history")["items"]
    (found,) = [one["provenance"] for one in items if (one["principal"], one["policy"]) == (principal, policy)]
    return dict(found)


def test_an_attached_policy_was_attached_and_then_written_anew(ask: Any) -> None:
    found = grant(ask, ROLE, POLICY)
    assert found["created"]["at"] == "2026-01-10T08:01:00+00:00"
    assert found["created"]["by"] == found["created"]["role"] == f"arn:aws:iam::{ACCOUNT}:role/app/admin"
    assert found["created"]["session"] == "change-7"
    assert (found["changed"]["at"], found["changed"]["by"]) == (
        "2026-01-12T08:00:00+00:00",
        f"arn:aws:iam::{ACCOUNT}:user/ada",
    )
    assert found["changed"]["role"] == found["missing"] == ""


def test_of_what_no_event_is_known_the_reason_is_told(ask: Any) -> None:
    found = grant(ask, USER, POLICY)
    assert found["created"] is None
    assert found["changed"]["at"].startswith("2026-01-12")
    assert found["missing"] == "no event about it in the logs that were taken in, from 2026-01-10 to 2026-03-01"


def test_what_was_removed_and_made_again_was_made_by_the_second(ask: Any) -> None:
    found = grant(ask, USER, "own")
    assert found["created"]["at"].startswith("2026-01-15")
    assert found["changed"]["at"].startswith("2026-01-16")


def test_credentials(ask: Any) -> None:
    found = {one["id"]: one["provenance"] for one in ask("credentials", "--history")["items"]}
    assert found[KEY]["created"]["at"].startswith("2026-01-17")
    assert found[KEY]["changed"]["by"].endswith("user/ada")
    assert found["AKIAOLD"] == {
        "created": None,
        "changed": None,
        "missing": "it was made on 2025-05-01, the logs that were taken in begin on 2026-01-10",
    }


def test_trusts_are_made_with_their_principal(ask: Any) -> None:
    (one,) = [one for one in ask("trusts", "--history")["items"] if one["principal"] == ROLE]
    assert one["provenance"]["created"]["at"].startswith("2026-01-10T08:00")
    assert one["provenance"]["changed"]["at"].startswith("2026-01-11")


def test_lists_without_the_option_stay_as_they_were(ask: Any) -> None:
    for what in ("grants", "credentials", "trusts"):
        assert all("provenance" not in one for one in ask(what)["items"])


def test_as_csv(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LEASTWISE_HOME", str(home))
    capsys.readouterr()
    assert run(["credentials", KEY, "--history", "--format", "csv"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["created_at"], row["changed_at"]) == ("2026-01-17T08:00:00+00:00", "2026-01-18T08:00:00+00:00")
    assert row["created_by"].endswith("role/app/admin")


@pytest.mark.parametrize(
    ("subject", "changes"),
    [
        ("bob", ["PutUserPolicy", "DeleteUserPolicy", "PutUserPolicy", "PutUserPolicy", "key", "key"]),
        (USER, ["PutUserPolicy", "DeleteUserPolicy", "PutUserPolicy", "PutUserPolicy", "key", "key"]),
        (KEY, ["key", "key"]),
        (ROLE, ["CreateRole", "attached", "trust"]),
        (POLICY, ["attached", "written"]),
        ("load", ["attached", "written"]),
        ("nobody", []),
    ],
)
def test_history(ask: Any, subject: str, changes: list[str]) -> None:
    answer = ask("history", subject)
    assert len(answer["items"]) == answer["total"] == len(changes)
    times = [one["at"] for one in answer["items"]]
    assert times == sorted(times)
    assert all(one["at"] < "2026-02-01" for one in answer["items"])


def test_history_names_who_and_what(ask: Any) -> None:
    first = ask("history", "bob")["items"][0]
    assert (first["what"], first["verb"], first["object"]) == ("grant", "created", "own")
    assert (first["subject"], first["subject_name"]) == (f"iam:{ACCOUNT}:user/bob", "bob")
    assert first["event"]


def test_use_of_a_credential(ask: Any) -> None:
    answer = ask("credentials", KEY, "--usage")
    assert [one["id"] for one in answer["items"]] == [KEY]
    usage = answer["usage"]
    assert (usage["calls"], usage["allowed"], usage["denied"]) == (8, 6, 2)
    assert [(one["network"], one["calls"]) for one in usage["networks"]] == [
        ("192.0.2.0/24", 3), ("203.0.113.0/24", 4), ("athena.amazonaws.com", 1),
    ]  # fmt: skip
    night = answer["night"]
    assert (night["calls"], night["allowed"], night["denied"], night["network"]) == (3, 1, 2, "203.0.113.9")


def test_use_of_a_credential_that_is_in_no_snapshot(ask: Any) -> None:
    answer = ask("credentials", "AKIANONE", "--usage")
    assert (answer["items"], answer["usage"]["calls"], answer["night"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("credentials", "--usage"), "--usage: name one credential"),
        (("history", " "), "history: name a principal, a credential or a policy"),
    ],
)
def test_what_is_asked_wrong(
    arguments: tuple[str, ...], message: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--home", str(home)]) == 2
    assert message in capsys.readouterr().err


def test_tables(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["history", "bob", "--home", str(home)]) == 0
    assert "6 changes." in capsys.readouterr().out
    assert run(["history", "nobody", "--home", str(home)]) == 0
    assert "No change is known" in capsys.readouterr().out
    assert run(["credentials", KEY, "--usage", "--home", str(home)]) == 0
    assert "Newest network: 3 calls from 203.0.113.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("id", "names"),
    [
        (ROLE, (f"iam:{ACCOUNT}:role/loader",)),
        (f"arn:aws:iam::{ACCOUNT}:user/bob", (f"iam:{ACCOUNT}:user/bob",)),
        (POLICY, ()),
        ("arn:aws:identitystore:::user/9067-1", ("9067-1",)),
        ("arn:aws:organizations::1:policy/o-1/service_control_policy/p-1", ("p-1",)),
        ("arn:aws:s3:::b", ()),
        (f"arn:aws:iam::{ACCOUNT}:root#password", ("password",)),
        (KEY, ()),
    ],
)
def test_how_records_call_things(id: str, names: tuple[str, ...]) -> None:
    assert tuple(called(id)) == names


DIRECTORY = {"eventSource": "identitystore.amazonaws.com"}
STORE = "d-1234567890"
EVE, STAFF, MADE, OLDER = (f"{letter * 8}-0000-4000-8000-{letter * 12}" for letter in "abcd")


def test_the_end_of_a_membership_shows_user_and_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call that ends it names only the membership, which the answer to the call that made it had named."""
    inside = {"identityStoreId": STORE}
    made = inside | {"groupId": STAFF, "memberId": {"userId": EVE}}
    records = [
        call(2, "2026-03-02T08:00:00Z", "DeleteGroupMembership", **inside, membershipId=MADE),
        call(1, "2026-01-02T08:00:00Z", "CreateGroupMembership", response=inside | {"membershipId": MADE}, **made),
        call(3, "2026-03-03T08:00:00Z", "DeleteGroupMembership", **inside, membershipId=OLDER),
    ]
    monkeypatch.setenv("LEASTWISE_HOME", str(tmp_path / "home"))
    # The end is taken in first: files come in no order.
    for number, one in enumerate(records):
        write(tmp_path / f"logs-{number}", [one | DIRECTORY], number)
        assert run(["events", str(tmp_path / f"logs-{number}")]) == 0

    def told(subject: str) -> list[tuple[str, ...]]:
        capsys.readouterr()
        assert run(["history", subject, "--format", "json"]) == 0
        items = json.loads(capsys.readouterr().out)["items"]
        return [(one["what"], one["verb"], one["subject"], one["object"], one["at"][5:10]) for one in items]

    both = [("membership", "created", EVE, STAFF, "01-02"), ("membership", "removed", EVE, STAFF, "03-02")]
    assert told(EVE) == told(STAFF) == told(MADE) == both
    assert told(OLDER) == [("membership", "removed", OLDER, "", "03-03")], (
        "who it was of, no log that was taken in tells"
    )
