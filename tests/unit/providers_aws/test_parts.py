"""Parts that contradict, are absent or arrive alone: what is known stays known, what is lost is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_support import details, imported, rows, user

from leastwise.app.importing import import_paths
from leastwise.app.wiring import Workspace
from leastwise.errors import InputError
from leastwise.providers.aws.exports import gaps
from leastwise.providers.aws.exports.read import read_exports
from leastwise.providers.aws.exports.redact import Redactor

ACCOUNT = "111122223333"
ARN = f"arn:aws:iam::{ACCOUNT}:"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def folder(tmp_path: Path, **files: Any) -> Path:
    target = tmp_path / ACCOUNT
    target.mkdir(exist_ok=True)
    for name, value in files.items():
        (target / f"{name}.json").write_text(json.dumps(value))
    return target


def read(tmp_path: Path, **files: Any) -> Any:
    return imported(folder(tmp_path, **files))[ACCOUNT]


def item(type: str, id: str, arn: str | None = None, status: str = "OK", day: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "awsAccountId": ACCOUNT, "resourceType": type, "resourceId": id, "configurationItemStatus": status,
        "configurationItemCaptureTime": f"2026-01-{day:02}T00:00:00Z", "configuration": {},
    } | ({"ARN": arn} if arn else {}) | more  # fmt: skip


def config_user(name: str, id: str, day: int = 1, **more: Any) -> dict[str, Any]:
    configuration = {"userName": name, "userId": id, "arn": f"{ARN}user/{name}", **more}
    return item("AWS::IAM::User", id, f"{ARN}user/{name}", day=day, configuration=configuration)


# --- the same entity in several exports -----------------------------------------------------------------------------


def test_details_come_before_config_items(tmp_path: Path) -> None:
    items = [config_user("ann", "AIDA1", path="/config/"), config_user("bea", "AIDA2")]
    tables = read(tmp_path, a={"configurationItems": items}, details=details(user()))
    found = {r["name"]: r["path"] for r in rows(tables, "principals", native="user")}
    assert found == {"ann": "/", "bea": "/"}


def test_the_newest_last_use_of_a_role_stays(tmp_path: Path) -> None:
    role = {"Arn": f"{ARN}role/r", "RoleName": "r", "AssumeRolePolicyDocument": TRUST}
    used = role | {"RoleLastUsed": {"LastUsedDate": "2026-05-01T00:00:00Z"}}
    older = role | {"RoleLastUsed": {"LastUsedDate": "2026-04-01T00:00:00Z"}}
    names = {f"{n}": details(RoleDetailList=[one]) for n, one in (("a", older), ("b", used), ("c", role))}
    (found,) = rows(read(tmp_path, **names), "principals", native="role")
    assert (str(found["last_used"])[:10], found["last_used_known"]) == ("2026-05-01", True)


def test_null_is_absent(tmp_path: Path) -> None:
    one = user(Tags=None, GroupList=None, UserPolicyList=[{"PolicyName": "p", "PolicyDocument": None}])
    tables = read(tmp_path, x=details(one, RoleDetailList=None))
    assert rows(tables, "principals", native="user")[0]["tags"] == []
    assert rows(tables, "documents")[0]["unsupported"]
    (tmp_path / ACCOUNT / "x.json").write_text(json.dumps(details(user(Tags=None), user("b", Tags=7))))
    with pytest.raises(InputError, match=r"UserDetailList\[.*Tags"):
        imported(tmp_path / ACCOUNT)


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ('[{"Key": "a", "Value": "b"}]', [("a", "b")]),
        ('[ {"Value":"b",\n"Key":"a"} ]', [("a", "b")]),
        ('[{"Key": "a", "Value": null}]', [("a", "")]),
        ('[{"Key": "a"}]', [("a", "")]),
        ('[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]', [("a", "b"), ("c", "d")]),
        ('[{"Key": "\\u00e4", "Value": "\\n"}]', [("ä", "\n")]),
        ("[]", []),
        ("null", []),
    ],
)
def test_tags_are_the_same_however_they_are_written(tmp_path: Path, tags: str, found: list[tuple[str, str]]) -> None:
    role = {"Arn": f"{ARN}role/r", "RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Tags": "TAGS"}
    text = json.dumps(details(user(Tags="TAGS"), user("bob", Tags="TAGS"), RoleDetailList=[role]))
    (folder(tmp_path) / "x.json").write_text(text.replace('"TAGS"', tags), encoding="utf-8")
    tables = imported(tmp_path / ACCOUNT)[ACCOUNT]
    told = {r["name"]: r["tags"] for r in rows(tables, "principals") if r["native"] in ("user", "role")}
    assert told == {"ann": found, "bob": found, "r": found}


@pytest.mark.parametrize("tags", [7, {"Key": "a"}, ["a"], [{"Value": "b"}], [{"Key": 1}], [None]])
def test_tags_that_are_none_are_an_error_with_their_place(tmp_path: Path, tags: Any) -> None:
    good = [user(f"u{number}", Tags=[{"Key": "k", "Value": "v"}]) for number in range(600)]
    with pytest.raises(InputError, match=r"x.json.*UserDetailList\[.*Tags"):
        read(tmp_path, x=details(*good, user("bad", Tags=tags)))


def test_an_entity_that_stands_twice_with_other_tags_is_refused(tmp_path: Path) -> None:
    names = {n: details(user(Tags=[{"Key": "k", "Value": n}])) for n in ("a", "b")}
    with pytest.raises(InputError, match="different content"):
        read(tmp_path, **names)


# --- things that are not in their list ------------------------------------------------------------------------------


def test_a_denied_list_leaves_rows_by_name_and_a_gap(tmp_path: Path) -> None:
    certificate = f"arn:aws:iot:eu-west-1:{ACCOUNT}:cert/abc"
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    group = {"agentId": "A1", "actionGroupExecutor": {"lambda": function}}
    tables = read(tmp_path, **{
        "iot-list-thing-principals--t": {"principals": [certificate]},
        "iot-list-thing-principals--u": {"principals": ["eu-west-1:1-2"]},
        "bedrock-agent-get-agent-action-group--A1--G1": {"agentActionGroup": group},
        "events-list-targets-by-rule--nightly": {"Targets": [{"Id": "1", "Arn": function}]},
        "lambda-get-policy--g": {"Policy": json.dumps(OPEN)},
    })  # fmt: skip
    found = {r["id"]: r["kind"] for r in rows(tables, "principals")}
    assert found == {
        f"arn:aws:iot:eu-west-1:{ACCOUNT}:thing/t": "device",
        "u": "device",
        "A1": "agent",
        ARN + "root": "root",
    }
    assert {r["kind"]: r["id"] for r in rows(tables, "credentials")} == {
        "certificate": certificate,
        "cognito_identity": "eu-west-1:1-2",
    }
    assert {r["id"]: r["kind"] for r in rows(tables, "resources")} == {
        "rule/nightly": "events:rule",
        "function:g": "lambda:function",
    }
    lost = {r["call"]: r["detail"] for r in rows(tables, "coverage", service="import")}
    assert set(lost) == {"iot ListThings", "bedrock-agent GetAgent", "events ListRules", "lambda ListFunctions"}
    assert lost["iot ListThings"].endswith("t, u")


# --- Config ---------------------------------------------------------------------------------------------------------


def test_a_deletion_by_id_removes_and_a_recreated_entity_is_one(tmp_path: Path) -> None:
    items = [
        config_user("gone", "AIDA1"), item("AWS::IAM::User", "AIDA1", status="ResourceDeleted", day=2),
        config_user("again", "AIDA2"), item("AWS::IAM::User", "AIDA2", status="ResourceDeleted", day=3),
        config_user("again", "AIDA3", day=2, path="/new/"), config_user("unsaid", "AIDA4"),
        config_user("unsaid", "AIDA5", 2),
    ]  # fmt: skip
    tables = read(tmp_path, x={"configurationItems": items})
    found = {r["name"]: (r["path"], r["unique_id"]) for r in rows(tables, "principals", native="user")}
    assert found == {"again": ("/new/", "AIDA3"), "unsaid": ("/", "AIDA5")}


def test_items_without_an_arn_are_told(tmp_path: Path) -> None:
    items = [item("AWS::EC2::Instance", "i-1"), item("AWS::X::Y", "z", status="ResourceNotRecorded")]
    lost = {r["call"]: r["detail"] for r in rows(read(tmp_path, x=items), "coverage", service="import")}
    assert lost == {
        "config AWS::EC2::Instance": "items without an ARN: i-1",
        "config AWS::X::Y": "Config does not record it: z",
    }


WRAPPED = {
    "ECR": ("configuration", {"RepositoryPolicyText": OPEN}),
    "EFS": ("configuration", {"FileSystemPolicy": json.dumps(OPEN)}),
    "Lambda": ("supplementaryConfiguration", {"Policy": json.dumps({"policy": json.dumps(OPEN)})}),
    "Twice": ("supplementaryConfiguration", {"Policy": json.dumps(json.dumps({"policy": json.dumps(OPEN)}))}),
    "KMS": ("supplementaryConfiguration", json.dumps({"Policy": json.dumps(OPEN)})),
}  # fmt: skip


@pytest.mark.parametrize("service", WRAPPED)
def test_policies_of_config_items_are_unwrapped(service: str, tmp_path: Path) -> None:
    place, value = WRAPPED[service]
    arn = f"arn:aws:x:eu-west-1:{ACCOUNT}:y/z"
    (document,) = rows(read(tmp_path, x=[item(f"AWS::{service}::Z", "z", arn, **{place: value})]), "documents")
    assert (document["unsupported"], document["statements"]) == (None, 1)


# --- identity providers ---------------------------------------------------------------------------------------------

GITHUB = f"{ARN}oidc-provider/token.actions.githubusercontent.com"


def trusting(*providers: str) -> dict[str, Any]:
    statements = [{"Effect": "Allow", "Principal": {"Federated": one}, "Action": "sts:AssumeRole"} for one in providers]
    role = {"Arn": f"{ARN}role/r", "RoleName": "r", "AssumeRolePolicyDocument": {"Statement": statements}}
    return details(RoleDetailList=[role])


def test_a_trust_in_a_provider_that_is_not_there_is_dead(tmp_path: Path) -> None:
    listed = {"OpenIDConnectProviderList": [{"Arn": GITHUB}]}
    tables = read(tmp_path, details=trusting(GITHUB, f"{ARN}oidc-provider/gone", f"{ARN}saml-provider/s"),
                  **{"iam-list-open-id-connect-providers": listed})  # fmt: skip
    assert {r["subject"].rpartition("/")[2]: r["dead"] for r in rows(tables, "trusts")} == {
        "token.actions.githubusercontent.com": False, "gone": True, "s": False,
    }  # fmt: skip
    assert not rows(tables, "principals", kind="external")
    assert {r["name"] for r in rows(tables, "resources")} == {"token.actions.githubusercontent.com", "s"}


def test_providers_are_resources_and_their_metadata_ends(tmp_path: Path) -> None:
    saml = {
        "Arn": f"{ARN}saml-provider/Okta",
        "ValidUntil": "2025-01-01T00:00:00Z",
        "CreateDate": "2020-01-01T00:00:00Z",
    }
    entity = '<?xml version="1.0"?>\n<md:EntityDescriptor xmlns:md="urn:x"\n entityID="http://okta.example/k&amp;1"/>'
    metadata = {"ValidUntil": "2025-01-01T00:00:00Z", "SAMLMetadataDocument": entity}
    about = {"Url": "token.actions.githubusercontent.com", "ClientIDList": ["a", "b"], "ThumbprintList": ["x"],
             "Tags": [{"Key": "k", "Value": "v"}]}  # fmt: skip
    tables = read(tmp_path, **{
        "iam-list-saml-providers": {"SAMLProviderList": [saml]}, "iam-get-open-id-connect-provider--token": about,
        "iam-get-saml-provider--Okta": json.loads(Redactor(b"key").document(json.dumps(metadata).encode())),
    })  # fmt: skip
    found = {r["kind"]: (r["id"], r["details"], r["tags"], r["policy_known"]) for r in rows(tables, "resources")}
    told = [("audiences", "a, b"), ("thumbprints", "x"), ("url", "token.actions.githubusercontent.com")]
    assert found["iam:oidc-provider"] == (GITHUB, told, [("k", "v")], True)
    assert found["iam:saml-provider"][1] == [("issuer", "http://okta.example/k&1")]
    (credential,) = rows(tables, "credentials")
    assert (credential["principal"], str(credential["expires"])[:10]) == (saml["Arn"], "2025-01-01")


# --- coverage -------------------------------------------------------------------------------------------------------


def missing(path: Path) -> set[tuple[str, str]]:
    (collected,) = read_exports([path])
    return {(one.service, one.call) for one in gaps.gaps(collected)}


def test_a_part_is_read_only_if_something_of_it_was_seen(tmp_path: Path) -> None:
    listed = missing(folder(tmp_path, **{"s3api-list-buckets": {"Buckets": [{"Name": "b"}]}}))
    assert {("s3api", "GetBucketPolicy"), ("iam", "GetAccountAuthorizationDetails/UserDetailList")} <= listed
    asked = missing(folder(tmp_path, **{"s3api-get-bucket-policy--b.error": {"Error": {"Code": "NoSuchBucketPolicy"}}}))
    assert listed - asked == {("s3api", "GetBucketPolicy")}
    config = missing(folder(tmp_path, x=[item("AWS::S3::Bucket", "b", "arn:aws:s3:::b"), config_user("a", "A")]))
    assert asked - config == {("iam", "GetAccountAuthorizationDetails/UserDetailList")}
    full = missing(folder(tmp_path, y=details(user())))
    assert not any(call.startswith("GetAccountAuthorizationDetails") for _, call in full)


def test_where_nothing_is_listed_no_policy_is_missing(tmp_path: Path) -> None:
    calls = {"sqs-list-queues": {"QueueUrls": []}, "sns-list-topics": {"Topics": [{"TopicArn": "t"}]}}
    found = missing(folder(tmp_path, **calls, **{"kms-list-keys": {"Keys": [], "NextToken": "more"}}))
    assert ("sqs", "GetQueueAttributes") not in found
    assert {("sns", "GetTopicAttributes"), ("kms", "GetKeyPolicy"), ("ecr", "GetRepositoryPolicy")} <= found


def test_an_import_of_one_type_of_config_items_keeps_the_rest(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    (tmp_path / "a.json").write_text(json.dumps([config_user("ann", "A"), item("AWS::EC2::Instance", "i-1")]))
    (tmp_path / "b.json").write_text(json.dumps([item("AWS::S3::Bucket", "b", "arn:aws:s3:::b")]))
    import_paths(workspace, [tmp_path / "a.json"])
    manifest = import_paths(workspace, [tmp_path / "b.json"])[0].manifest
    kinds = {one.kind for one in workspace.store.open(manifest).raw_documents()}
    assert kinds == {"config_item:AWS::IAM::User", "config_item:AWS::EC2::Instance", "config_item:AWS::S3::Bucket"}
    told = {(one.service, one.call, str(one.status)) for one in manifest.coverage}
    assert ("iam", "GetAccountAuthorizationDetails/UserDetailList", "not_tried") not in told
    assert ("import", "config AWS::EC2::Instance", "failed") in told
    assert len(told) == len(manifest.coverage)


def test_a_failure_of_a_carried_part_stays_a_gap(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    denied = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    path = folder(tmp_path, **{
        "s3api-get-bucket-policy--a": {"Policy": json.dumps(OPEN)}, "s3api-get-bucket-policy--b.error": denied,
    })  # fmt: skip
    import_paths(workspace, [path])
    (tmp_path / "x.json").write_text(json.dumps(details(user())))
    manifest = import_paths(workspace, [tmp_path / "x.json"])[0].manifest
    told = {str(one.status): one.detail for one in manifest.coverage if one.call == "GetBucketPolicy"}
    assert set(told) == {"ok", "denied"}
    assert "carried over" in told["denied"]


def test_users_of_config_alone_do_not_make_the_roles_of_the_details_vanish(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    role = {"Arn": f"{ARN}role/r", "RoleName": "r", "AssumeRolePolicyDocument": TRUST}
    (tmp_path / "x.json").write_text(json.dumps(details(user(), RoleDetailList=[role])))
    (tmp_path / "c.json").write_text(json.dumps([config_user("ann", "A", path="/new/"), config_user("bea", "B")]))
    first = import_paths(workspace, [tmp_path / "x.json"], taken=datetime(2026, 1, 1, tzinfo=UTC))[0].manifest
    second = import_paths(workspace, [tmp_path / "c.json"], taken=datetime(2026, 1, 2, tzinfo=UTC))[0].manifest
    before, after = (workspace.store.open(one).table("principals").to_pylist() for one in (first, second))
    assert {row["id"] for row in after} == {row["id"] for row in before} | {f"{ARN}user/bea"}
    assert {row["name"]: row["path"] for row in after if row["native"] == "user"} == {"ann": "/new/", "bea": "/"}
