"""Whose an export is: never guessed from a policy; one scope an account, one partition a scope, names by region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aws_support import details, imported, rows, user

from leastwise.errors import InputError
from leastwise.providers.aws.exports.read import read_exports

ACCOUNT, OTHER, STRANGER = "111122223333", "444455556666", "999999999999"
ORGANIZATION, PARTNER = "o-abcdefghij", "o-partner1234"


def policy(principal: str = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement | more]}


def save(folder: Path, **files: Any) -> None:
    for name, value in files.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))


FOREIGN = {"Policy": json.dumps(policy(f"arn:aws:iam::{STRANGER}:root"))}


def test_a_policy_never_tells_whose_it_is(tmp_path: Path) -> None:
    save(tmp_path, **{"s3api-get-bucket-policy--b": FOREIGN})
    with pytest.raises(InputError, match=r"cannot tell whose account this is; name its folder by the account's id"):
        imported(tmp_path)
    save(tmp_path, **{"sts-get-caller-identity": {"Account": ACCOUNT}})
    assert set(imported(tmp_path)) == {ACCOUNT}
    save(tmp_path / "eu-west-1", **{f"kms-get-key-policy--{quote('arn:aws:kms:eu-west-1:1:key/k', '')}": FOREIGN})
    assert set(imported(tmp_path)) == {ACCOUNT}


def test_the_arns_of_own_things_do(tmp_path: Path) -> None:
    function = {
        "FunctionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
        "Layers": [{"Arn": f"arn:aws:x::{OTHER}:l"}],
    }
    save(tmp_path, **{"lambda-list-functions": {"Functions": [function]}})
    assert set(imported(tmp_path)) == {ACCOUNT}


SET = quote("arn:aws:sso:::permissionSet/ssoins-1/ps-1", "")
INLINE = {"InlinePolicy": json.dumps(policy(Condition={"StringEquals": {"aws:PrincipalOrgID": PARTNER}}))}
ABOUT = {"Organization": {"Id": ORGANIZATION, "Arn": f"arn:aws:organizations::{ACCOUNT}:organization/{ORGANIZATION}"}}


def test_a_policy_never_tells_the_organization(tmp_path: Path) -> None:
    save(tmp_path, **{f"sso-admin-get-inline-policy-for-permission-set--{SET}": INLINE})
    with pytest.raises(InputError, match=r"save organizations-describe-organization\.json beside"):
        imported(tmp_path)
    save(tmp_path, **{"organizations-describe-organization": ABOUT})
    assert set(imported(tmp_path)) == {ORGANIZATION}


def test_an_organization_is_named_by_its_folder_or_by_arns_outside_of_content(tmp_path: Path) -> None:
    save(tmp_path / PARTNER, **{f"sso-admin-get-inline-policy-for-permission-set--{SET}": INLINE})
    content = json.dumps(
        policy(Condition={"ArnLike": {"x": f"arn:aws:organizations::{STRANGER}:organization/{PARTNER}"}})
    )
    summary = {"Id": "p-1", "Type": "SERVICE_CONTROL_POLICY",
               "Arn": f"arn:aws:organizations::{ACCOUNT}:policy/{ORGANIZATION}/service_control_policy/p-1"}  # fmt: skip
    save(
        tmp_path / "a",
        **{"organizations-describe-policy--p-1": {"Policy": {"PolicySummary": summary, "Content": content}}},
    )
    assert set(imported(tmp_path)) == {ORGANIZATION, PARTNER}


def joined() -> dict[str, Any]:
    group = {"GroupName": "Admins", "Path": "/"}
    admin = {"PolicyName": "p", "PolicyDocument": policy()}
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}]}
    return {
        "UserDetailList": [user(GroupList=["Admins"]), user("bea", OTHER, GroupList=["Admins"])],
        "GroupDetailList": [
            group | {"Arn": f"arn:aws:iam::{ACCOUNT}:group/Admins"},
            group | {"Arn": f"arn:aws:iam::{OTHER}:group/Admins", "GroupPolicyList": [admin]},
        ],
        "RoleDetailList": [{"Arn": f"arn:aws:iam::{OTHER}:role/r", "RoleName": "r", "AssumeRolePolicyDocument": trust}],
        "Policies": [
            {"Arn": "arn:aws:iam::aws:policy/X", "PolicyName": "X",
             "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": policy()}]},
        ],
    }  # fmt: skip


def test_a_joined_export_becomes_one_scope_an_account(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(joined()))
    scopes = imported(tmp_path / "x.json")
    assert set(scopes) == {ACCOUNT, OTHER}
    for account, tables in scopes.items():
        (member,) = rows(tables, "memberships")
        assert member["group"] == f"arn:aws:iam::{account}:group/Admins"
        assert {row["account"] for name in ("principals", "attachments") for row in tables[name].to_pylist()} == {
            account
        }
        assert rows(tables, "policies", id="arn:aws:iam::aws:policy/X")
    (role,) = rows(scopes[OTHER], "principals", native="role")
    assert role["kind"] == "workload"


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_another_partition_is_kept_in_every_arn_that_is_made(partition: str, tmp_path: Path) -> None:
    arn = f"arn:{partition}:iam::{ACCOUNT}:user/bob"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}]}
    managed = f"arn:{partition}:iam::aws:policy/service-role/AmazonEC2RoleforAWSCodeDeploy"
    bob = user("bob") | {"Arn": arn, "GroupList": ["gone"], "AttachedManagedPolicies": [{"PolicyArn": managed}]}
    role = {"Arn": f"arn:{partition}:iam::{ACCOUNT}:role/r", "RoleName": "r", "AssumeRolePolicyDocument": trust}
    key = {"UserName": "eve", "AccessKeyId": "AKIA1", "Status": "Active"}
    save(tmp_path / ACCOUNT, **{
        "details": details(bob, RoleDetailList=[role]), "s3api-list-buckets": {"Buckets": [{"Name": "b"}]},
        "s3api-get-bucket-policy--b": {"Policy": json.dumps(policy())},
        "iam-list-access-keys--eve": {"AccessKeyMetadata": [key]},
    })  # fmt: skip
    tables = imported(tmp_path)[ACCOUNT]
    made = {r["id"] for r in rows(tables, "principals")} | {r["id"] for r in rows(tables, "resources")}
    made |= {r["group"] for r in rows(tables, "memberships")} | {r["principal"] for r in rows(tables, "credentials")}
    assert {
        f"arn:{partition}:iam::{ACCOUNT}:root",
        f"arn:{partition}:iam::{STRANGER}:root",
        f"arn:{partition}:s3:::b",
    } <= made
    assert all(one.startswith(f"arn:{partition}:") for one in made)
    assert len(rows(tables, "resources")) == 1
    documents = [rows(tables, "documents")[r["document"]]["text"] for r in rows(tables, "attachments", policy=managed)]
    assert documents and all(b"arn:aws:" not in text for text in documents)


def test_one_name_in_two_regions_is_two_things(tmp_path: Path) -> None:
    for region, action in (("eu-west-1", "iot:*"), ("us-east-1", "iot:Publish")):
        arn = f"arn:aws:iot:{region}:{ACCOUNT}:"
        rule = f"arn:aws:events:{region}:{ACCOUNT}:rule/r"
        document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        save(tmp_path / ACCOUNT / region, **{
            "iot-list-things": {"things": [{"thingName": "t", "thingArn": f"{arn}thing/t"}]},
            "iot-list-thing-principals--t": {"principals": [f"{arn}cert/{region}"]},
            "iot-get-policy--P": {"policyName": "P", "policyArn": f"{arn}policy/P",
                                  "policyDocument": json.dumps(document)},
            f"iot-list-attached-policies--{quote(f'{arn}cert/{region}', '')}": {"policies": [{"policyName": "P"}]},
            "events-list-rules": {"Rules": [{"Name": "r", "Arn": rule}]},
            "events-list-targets-by-rule--r": {"Targets": [{"Id": "1", "Arn": f"arn:{region}"}]},
            "lambda-list-functions": {"Functions": [{"FunctionArn": f"arn:aws:lambda:{region}:{ACCOUNT}:function:f"}]},
            "lambda-get-policy--f": {"Policy": json.dumps(policy(Sid=region))},
        })  # fmt: skip
    (collected,) = read_exports([tmp_path])
    assert {one.region for one in collected.documents} == {"eu-west-1", "us-east-1"}
    tables = imported(tmp_path)[ACCOUNT]
    held = {r["target"]: r["policy"] for r in rows(tables, "attachments", layer="device")}
    assert held == {
        f"arn:aws:iot:{r}:{ACCOUNT}:thing/t": f"arn:aws:iot:{r}:{ACCOUNT}:policy/P" for r in ("eu-west-1", "us-east-1")
    }
    started = {(r["subject"], r["object"]) for r in rows(tables, "runs_as", kind="invokes")}
    assert started == {(f"arn:aws:events:{r}:{ACCOUNT}:rule/r", f"arn:{r}") for r in ("eu-west-1", "us-east-1")}
    for region in ("eu-west-1", "us-east-1"):
        (function,) = rows(tables, "resources", kind="lambda:function", region=region)
        assert region.encode() in rows(tables, "documents")[function["policy"]]["text"]


def test_downloads_of_several_partitions_and_the_files_beside_them(tmp_path: Path) -> None:
    for partition, account in (("aws", ACCOUNT), ("aws-us-gov", OTHER)):
        save(tmp_path / "aws" / partition / "accounts" / account, **{
            "metadata": {"name": account}, "iam/role/r/metadata": {"arn": f"arn:{partition}:iam::{account}:role/r"},
            "s3/b/metadata": {"arn": f"arn:{partition}:s3:::{account}"},
        })  # fmt: skip
        save(tmp_path / "aws" / partition / "indexes", accounts={account: {"x": "arn:aws:iam::1:role/r"}})
    save(tmp_path, extra=details(user(account=STRANGER)))
    scopes = imported(tmp_path)
    assert set(scopes) == {ACCOUNT, OTHER, STRANGER}
    (bucket,) = rows(scopes[OTHER], "resources")
    assert (bucket["policy_known"], bucket["public_block"]) == (True, None)  # s3-bpa.json is missing: not known


def test_saved_responses_in_a_folder_called_accounts_are_no_download(tmp_path: Path) -> None:
    save(tmp_path / "accounts" / ACCOUNT, **{"s3api-list-buckets": {"Buckets": [{"Name": "b"}]}})
    assert rows(imported(tmp_path)[ACCOUNT], "resources")


@pytest.mark.parametrize(
    "value", [{ACCOUNT: {"ou": "arn:aws:x"}}, {ACCOUNT: {"arn:aws:s3:::b": {}, "b": {}}}, {ACCOUNT: ["arn:aws:x"]}]
)
def test_a_map_by_account_that_is_not_by_arn_is_no_export(value: Any, tmp_path: Path) -> None:
    save(tmp_path, x=value)
    with pytest.raises(InputError, match="not an AWS export"):
        imported(tmp_path / "x.json")
