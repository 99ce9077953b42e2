"""An organization of twelve accounts, built in moto through boto3 and collected; what was created is noted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from leastwise.app.collecting import collect
from leastwise.app.importing import Imported
from leastwise.app.wiring import Workspace

from .moto_things import Things, directory, things

MEMBERS, REGIONS = 11, ("us-east-1", "eu-central-1", "ap-southeast-2")
SECRET = "canary-3b1e77aa-{}"
SCP = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Keep", "Effect": "Deny", "Action": "cloudtrail:Stop*", "Resource": "*"}],
}


def document(action: str, resource: str = "*", principal: Any = None) -> dict[str, Any]:
    statement = {"Sid": "S", "Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Principal": principal} if principal else {})]}


def trust(principal: dict[str, Any]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


@dataclass
class Built:
    """What was created in an account, by what it is."""

    id: str
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    functions: dict[str, dict[str, Any]] = field(default_factory=dict)
    things: dict[str, Things] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)


class Builder:
    """Creates through boto3 what is then to be collected."""

    def __init__(self, keys: dict[str, str], number: int, account: str) -> None:
        self.keys, self.number, self.built = keys, number, Built(account)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return boto3.client(service, region_name=region, config=Config(retries={"max_attempts": 0}), **self.keys)

    def build(self) -> Built:
        self._identities()
        self._credentials()
        self._buckets()
        for region in REGIONS[: 1 + self.number % 3]:
            self._functions(region)
            self._others(region)
        return self.built

    def _identities(self) -> None:
        iam, made, account = self.client("iam"), self.built, self.built.id
        arn = iam.create_policy(PolicyName="team", PolicyDocument=json.dumps(document(f"s3:Get{self.number}*")))[
            "Policy"
        ]["Arn"]
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document("s3:Put*")), SetAsDefault=True)
        made.policies[arn] = document("s3:Put*")
        iam.create_group(GroupName="staff")
        iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
        made.groups["staff"] = []
        for number in range(2 + self.number % 3):
            name = f"user-{number}"
            iam.create_user(UserName=name, Tags=[{"Key": "owner", "Value": f"team-{account}"}])
            iam.put_user_policy(
                UserName=name, PolicyName="own", PolicyDocument=json.dumps(document(f"sqs:Send{number}"))
            )
            if number % 2 == 0:
                iam.add_user_to_group(GroupName="staff", UserName=name)
                made.groups["staff"].append(name)
            made.users[name] = {"inline": document(f"sqs:Send{number}"), "tags": {"owner": f"team-{account}"}}
        for name, who in (
            ("worker", {"Service": "lambda.amazonaws.com"}),
            ("outside", {"AWS": "arn:aws:iam::999999999999:root"}),
        ):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(who)), MaxSessionDuration=7200)
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
            made.roles[name] = trust(who)

    def _credentials(self) -> None:
        iam, made = self.client("iam"), self.built
        iam.create_account_alias(AccountAlias=f"alias-{made.id}")
        iam.update_account_password_policy(MinimumPasswordLength=14 + self.number, RequireSymbols=True)
        for number, name in enumerate(made.users):
            key = iam.create_access_key(UserName=name)["AccessKey"]
            if number % 2:
                iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
            made.keys[key["AccessKeyId"]] = (name, "Inactive" if number % 2 else "Active")
            made.canaries.append(key["SecretAccessKey"])
        password = SECRET.format(f"password-{made.id}") + "Aa1!"
        iam.create_login_profile(UserName="user-0", Password=password)
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="user-0")["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName="user-0", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )
        made.canaries.append(password)

    def _buckets(self) -> None:
        made = self.built
        for number, region in enumerate(REGIONS[: 1 + self.number % 2]):
            s3, name = self.client("s3", region), f"b{number}-{made.id}"
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3.create_bucket(Bucket=name, **place)
            policy = document("s3:GetObject", f"arn:aws:s3:::{name}/*", {"AWS": f"arn:aws:iam::{made.id}:root"})
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "printing"}]})
            block = {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": number == 0,
                "RestrictPublicBuckets": False,
            }
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
            made.buckets[name] = {"policy": policy, "region": region, "block": block}

    def _functions(self, region: str) -> None:
        client, made = self.client("lambda", region), self.built
        role = f"arn:aws:iam::{made.id}:role/worker"
        canary = SECRET.format(f"lambda-{made.id}-{region}")
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("f.py", "def f(a, b): pass")
        told = client.create_function(
            FunctionName="greet", Runtime="python3.12", Role=role, Handler="f.f", Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"TOKEN": canary, "MODE": "fast"}},
        )  # fmt: skip
        made.functions[told["FunctionArn"]] = {"role": role, "variables": {"TOKEN", "MODE"}}
        made.canaries.append(canary)

    def _others(self, region: str) -> None:
        made = self.built
        made.things[region] = things(lambda service: self.client(service, region), made.id, region, self.number)
        for one in ("secret", "parameter"):
            made.canaries.append(SECRET.format(f"{one}-{made.id}-{region}"))
        secrets, parameters = self.client("secretsmanager", region), self.client("ssm", region)
        secrets.put_secret_value(SecretId="db", SecretString=made.canaries[-2])
        parameters.put_parameter(Name="p", Value=made.canaries[-1], Type="SecureString")


@dataclass
class World:
    place: Workspace
    accounts: dict[str, Built]
    organization: str
    scp: str
    center: dict[str, Any]
    raw: dict[str, list[Any]]

    def told(self, account: str, kind: str) -> Iterator[tuple[str, Any]]:
        """Subject and body of every collected document of a kind."""
        for one in self.raw[account]:
            if one.kind == kind:
                yield one.resource, json.loads(one.body)

    def answers(self, account: str, kind: str, region: str) -> dict[str, Any]:
        """Bodies of the collected documents of a kind and region, by subject; "there is none" is left out."""
        return {
            one.resource: json.loads(one.body) for one in self.raw[account] if one.kind == kind and one.region == region
        }

    def rows(self, account: str, table: str) -> list[dict[str, Any]]:
        newest = self.place.store.list()
        (manifest,) = [one for one in newest if one.scope.id == account]
        return self.place.store.open(manifest).table(table).to_pylist()


@contextmanager
def organization(folder: Path) -> Iterator[World]:
    """The organization in a server of its own, collected into `folder`."""
    # This moto forgets the names of policies in GetAccountAuthorizationDetails.
    changed = pytest.MonkeyPatch()
    changed.setattr("moto.iam.models.ManagedPolicy.policy_name", property(lambda one: one.name), raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    changed.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.01)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
        changed.delenv(name, raising=False)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAMOTOMANAGEMENT", "AWS_SECRET_ACCESS_KEY": SECRET.format("signing")}
    for name, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_DEFAULT_REGION": "us-east-1",
                        "AWS_EC2_METADATA_DISABLED": "true", **keys}.items():  # fmt: skip
        changed.setenv(name, value)
    try:
        yield _world(folder)
    finally:
        server.stop()
        changed.undo()


def _world(folder: Path) -> World:
    organizations, sts = boto3.client("organizations"), boto3.client("sts")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    policy = organizations.create_policy(
        Content=json.dumps(SCP), Description="d", Name="keep", Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]  # fmt: skip
    organizations.attach_policy(PolicyId=policy, TargetId=unit)
    built = {}
    management = organization["MasterAccountId"]
    members = [
        organizations.create_account(AccountName=f"m{number}", Email=f"m{number}@example.com")["CreateAccountStatus"][
            "AccountId"
        ]
        for number in range(MEMBERS)
    ]
    for number, account in enumerate([management, *members]):
        given = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/Reader", RoleSessionName="build")["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"]}  # fmt: skip
        built[account] = Builder(keys, number, account).build()
        built[account].canaries += [given["SecretAccessKey"], given["SessionToken"], SECRET.format("signing")]
        if account != management and number % 2:
            organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    center = directory(lambda service: boto3.client(service, region_name=REGIONS[1]), management)
    place = Workspace(home_option=folder / "home")
    source = {"provider": "aws", "role": "Reader", "external_id": SECRET.format("outside"), "regions": list(REGIONS)}
    done = []
    for one in collect(place, [source]):
        assert isinstance(one, Imported), one
        done.append(one)
    raw = {one.manifest.scope.id: list(place.store.open(one.manifest).raw_documents()) for one in done}
    return World(place, built, organization["Id"], policy, center, raw)
