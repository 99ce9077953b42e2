"""Whatever the bytes, an import ends in valid tables or in one clear line that names the file."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_support import tables_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leastwise.demo import unpack
from leastwise.errors import LeastwiseError
from leastwise.providers.aws.exports.calls import READ
from leastwise.providers.aws.exports.read import read_exports

RUNS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
FEW = settings(RUNS, max_examples=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
WORDS = ("arn:aws:iam::111122223333:user/a", "*", "2026-01-01T00:00:00Z", "%7B", "{", "Allow", "")
JSON = st.recursive(
    SCALARS | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
ARN = "arn:aws:iam::111122223333:"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}
CONFIG = {
    "awsAccountId": "111122223333", "resourceType": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b", "tags": {"a": "b"},
    "configurationItemCaptureTime": "2026-01-01T00:00:00Z", "configuration": {"name": "b"},
    "supplementaryConfiguration": {
        "BucketPolicy": {"policyText": json.dumps(POLICY)}, "PublicAccessBlockConfiguration": {"blockPublicAcls": True},
        "AccessControlList": {"grantList": [{"grantee": "AllUsers", "permission": "Read"}]},
    },
}  # fmt: skip
CONFIG_ROLE = {
    "awsAccountId": "111122223333", "resourceType": "AWS::IAM::Role", "ARN": ARN + "role/r",
    "configuration": {"roleName": "r", "arn": ARN + "role/r", "createDate": "2026-01-01T00:00:00Z",
                      "assumeRolePolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D", "rolePolicyList": []},
}  # fmt: skip
ORGANIZATION = {
    "Id": "o-abcdefghij", "Root": "r-1", "OrganizationalUnits": {"ou-1": {"Parent": "r-1", "Name": "n"}},
    "Accounts": {"111122223333": {"Parent": "ou-1"}},
    "ServiceControlPolicies": {"p-1": {"Document": POLICY, "Targets": ["r-1"]}},
}  # fmt: skip
DETAILS = {
    "UserDetailList": [{"UserName": "a", "Arn": ARN + "user/a", "Tags": [{"Key": "k", "Value": "v"}],
                        "CreateDate": "2026-01-01T00:00:00Z", "GroupList": ["g"],
                        "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": POLICY}]}],
    "GroupDetailList": [{"GroupName": "g", "Arn": ARN + "group/g"}],
    "RoleDetailList": [{"RoleName": "r", "Arn": ARN + "role/r", "AssumeRolePolicyDocument": TRUST,
                        "RoleLastUsed": {"LastUsedDate": 1700000000.5, "Region": "x"}}],
    "Policies": [{"Arn": ARN + "policy/p", "PolicyName": "p", "DefaultVersionId": "v1",
                  "PolicyVersionList": [{"VersionId": "v1", "Document": POLICY, "IsDefaultVersion": True}]}],
}  # fmt: skip
COLLECT = {
    "iam/user/u/metadata.json": {"arn": ARN + "user/u", "name": "u", "created": "2026-01-01T00:00:00Z"},
    "iam/user/u/groups.json": [ARN + "group/g"],
    "iam/user/u/tags.json": {"a": "b"},
    "iam/role/r/metadata.json": {"arn": ARN + "role/r", "lastUsed": {"LastUsedDate": "2026-01-01T00:00:00Z"}},
    "iam/role/r/trust-policy.json": TRUST,
    "iam/role/r/inline-policies.json": [{"PolicyName": "p", "PolicyDocument": POLICY}],
    "s3/b/metadata.json": {"arn": "arn:aws:s3:::b"},
    "s3/b/acl.json": {"grants": [{"Grantee": {"URI": "x"}, "Permission": "READ"}]},
    "s3-bpa.json": {"BlockPublicAcls": True},
    "../../organizations/o-1/ous.json": {"r-1": {"scps": ["arn:x/p-1"]}, "ou-1": {"parent": "r-1"}},
    "../../organizations/o-1/accounts.json": {"111122223333": {"ou": "ou-1"}},
    "../../organizations/o-1/scps/p-1/metadata.json": {"arn": "arn:x/p-1", "name": "p"},
    "../../organizations/o-1/scps/p-1/policy.json": POLICY,
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "details.json": DETAILS, "organization.json": ORGANIZATION, "config.json": {"configurationItems": [CONFIG]},
    "role.json": [CONFIG_ROLE], "query.json": {"Results": [json.dumps(CONFIG)], "QueryInfo": {}},
    "policies.json": {"111122223333": {"arn:aws:s3:::b": POLICY}},
}  # fmt: skip


@cache
def demo() -> Path:
    target = Path(tempfile.mkdtemp())
    unpack(target)
    return max(p for p in target.iterdir() if p.name[:2] == "20")


@cache
def responses() -> dict[str, Path]:
    """One saved file a call of the demo, and of each error."""
    return {p.name.split("--")[0] + ("!" if ".error" in p.name else ""): p for p in sorted(demo().rglob("*.json"))}


CALLS = sorted(responses())


def check(folder: Path, name: str) -> None:
    try:
        for collected in read_exports([folder]):
            tables_of(collected)
    except LeastwiseError as error:
        text = str(error)
        assert "\n" not in text and (name in text or Path(name).stem in text or str(folder) in text), text


def mutated(data: st.DataObject, value: Any) -> Any:
    """The value with one member somewhere replaced, deleted or added."""
    if not isinstance(value, dict | list) or not value or data.draw(st.integers(0, 5)) == 0:
        return data.draw(JSON)
    key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy = value.copy()
    match data.draw(st.integers(0, 9)):
        case 0:
            del copy[key]
        case 1 if isinstance(copy, list):
            copy.append(data.draw(JSON))
        case 1:
            copy[data.draw(st.text(max_size=5))] = data.draw(JSON)
        case _:
            copy[key] = mutated(data, value[key])
    return copy


def write(folder: Path, name: str, value: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())


@contextmanager
def holding(name: str, value: Any) -> Iterator[Path]:
    """A folder with one file. It stays, as making and removing one takes longer than the import."""
    folder = emptied()
    write(folder, name, value)
    try:
        yield folder
    finally:
        (folder / name).unlink()


@cache
def emptied() -> Path:
    folder = Path(tempfile.mkdtemp()) / "111122223333"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", sorted(WHOLE))
@settings(RUNS, max_examples=60)
@given(data=st.data())
def test_mutated_exports(name: str, data: st.DataObject) -> None:
    with holding(name, mutated(data, WHOLE[name])) as folder:
        check(folder, name)


@pytest.mark.parametrize("call", CALLS)
@FEW
@given(data=st.data())
def test_mutated_responses(call: str, data: st.DataObject) -> None:
    path = responses()[call]
    with holding(path.name, mutated(data, json.loads(path.read_text()))) as folder:
        check(folder, path.name)


@pytest.mark.parametrize("call", sorted(f"{s}-{o}" for s, calls in READ.items() for o in calls))
@FEW
@given(value=JSON | st.binary(max_size=20), subject=st.sampled_from(("", "--s", "--arn%3Aaws", "--%FF", "--a--b")))
def test_arbitrary_responses(call: str, value: Any, subject: str) -> None:
    name = f"{call}{subject}.json"
    with holding(name, value) as folder:
        check(folder, name)


@RUNS
@given(data=st.data())
def test_mutated_collect_folders(data: st.DataObject) -> None:
    root, broken = Path(tempfile.mkdtemp()), data.draw(st.sampled_from(sorted(COLLECT)))
    account = root / "accounts" / "111122223333"
    account.mkdir(parents=True)
    for name, value in COLLECT.items():
        write(account, name, mutated(data, value) if name == broken else value)
    check(root, "111122223333" if "organizations" not in broken else "o-1")
    shutil.rmtree(root)


REPORT = b"""user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated
a,arn:aws:iam::111122223333:user/a,2026-01-01T00:00:00+00:00,true,false,true,2026-01-01T00:00:00+00:00
"""


@pytest.mark.parametrize("name", [*sorted(WHOLE), "report.csv"])
@settings(RUNS, max_examples=60)
@given(data=st.data())
def test_damaged_bytes(name: str, data: st.DataObject) -> None:
    whole = bytearray(REPORT if name.endswith("csv") else json.dumps(WHOLE[name]).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with holding(name, bytes(whole[: data.draw(st.integers(1, len(whole)))])) as folder:
        check(folder, name)
