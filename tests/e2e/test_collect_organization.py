"""An organization of twelve accounts, built in moto through boto3, is collected as it was created."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from leastwise.app.collecting import collect
from leastwise.app.importing import Imported, import_paths
from leastwise.app.wiring import Workspace
from leastwise.model.tables import FACT_TABLES
from leastwise.providers.aws.collect.declaration import declared

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
    others: dict[str, list[str]] = field(default_factory=dict)
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
        client.add_permission(
            FunctionName="greet", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
        made.functions[told["FunctionArn"]] = {"role": role, "variables": {"TOKEN", "MODE"}}
        made.canaries.append(canary)

    def _others(self, region: str) -> None:
        """Things of services that need not be declared: what is declared must be found."""
        made = self.built
        key = self.client("kms", region).create_key(Description="k")["KeyMetadata"]["Arn"]
        topic = self.client("sns", region).create_topic(Name="news")["TopicArn"]
        sqs = self.client("sqs", region)
        address = sqs.create_queue(QueueName="work")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        canary = SECRET.format(f"secret-{made.id}-{region}")
        secret = self.client("secretsmanager", region).create_secret(Name="db", SecretString=canary)["ARN"]
        parameter = SECRET.format(f"parameter-{made.id}-{region}")
        self.client("ssm", region).put_parameter(Name="p", Value=parameter, Type="SecureString")
        made.canaries += [canary, parameter]
        for service, arn in (("kms", key), ("sns", topic), ("sqs", queue), ("secretsmanager", secret)):
            made.others.setdefault(service, []).append(arn)


@dataclass
class World:
    place: Workspace
    accounts: dict[str, Built]
    organization: str
    scp: str
    raw: dict[str, list[Any]]

    def told(self, account: str, kind: str) -> Iterator[tuple[str, Any]]:
        """Subject and body of every collected document of a kind."""
        for one in self.raw[account]:
            if one.kind == kind:
                yield one.resource, json.loads(one.body)

    def rows(self, account: str, table: str) -> list[dict[str, Any]]:
        newest = self.place.store.list()
        (manifest,) = [one for one in newest if one.scope.id == account]
        return self.place.store.open(manifest).table(table).to_pylist()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # This moto forgets the names of policies in GetAccountAuthorizationDetails.
    changed = pytest.MonkeyPatch()
    changed.setattr("moto.iam.models.ManagedPolicy.policy_name", property(lambda one: one.name), raising=False)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    changed.setattr("leastwise.providers.aws.collect.run.pause", lambda tries: 0.01)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
        changed.delenv(name, raising=False)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAMOTOMANAGEMENT", "AWS_SECRET_ACCESS_KEY": SECRET.format("signing")}
    for name, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_DEFAULT_REGION": "us-east-1",
                        "AWS_EC2_METADATA_DISABLED": "true", **keys}.items():  # fmt: skip
        changed.setenv(name, value)
    try:
        yield _world(tmp_path_factory.mktemp("organization"))
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
    place = Workspace(home_option=folder / "home")
    source = {"provider": "aws", "role": "Reader", "external_id": SECRET.format("outside"), "regions": list(REGIONS)}
    done = []
    for one in collect(place, [source]):
        assert isinstance(one, Imported), one
        done.append(one)
    raw = {one.manifest.scope.id: list(place.store.open(one.manifest).raw_documents()) for one in done}
    return World(place, built, organization["Id"], policy, raw)


def test_every_account_and_the_organization_are_there(world: World) -> None:
    assert len(world.accounts) == 12
    assert set(world.raw) == {*world.accounts, world.organization}


def test_identities_are_as_created(world: World) -> None:
    for account, made in world.accounts.items():
        ((_, told),) = world.told(account, "account_authorization_details")
        users = {one["UserName"]: one for one in told["UserDetailList"]}
        assert set(users) == set(made.users)
        for name, wanted in made.users.items():
            assert users[name]["Arn"] == f"arn:aws:iam::{account}:user/{name}"
            assert [one["PolicyDocument"] for one in users[name]["UserPolicyList"]] == [wanted["inline"]]
            assert {one["Key"]: one["Value"] for one in users[name].get("Tags", [])} == wanted["tags"]
            assert users[name]["GroupList"] == (["staff"] if name in made.groups["staff"] else [])
        roles = {one["RoleName"]: one for one in told["RoleDetailList"]}
        assert {name: roles[name]["AssumeRolePolicyDocument"] for name in made.roles} == made.roles
        policies = {one["Arn"]: one for one in told["Policies"] if one["Arn"] in made.policies}
        for arn, wanted in made.policies.items():
            versions = policies[arn]["PolicyVersionList"]
            assert [one["Document"] for one in versions if one["IsDefaultVersion"]] == [wanted]
            assert len(versions) == 2
        principals = {row["id"]: row for row in world.rows(account, "principals")}
        for kind, names in (("user", made.users), ("group", made.groups), ("role", made.roles)):
            assert {f"arn:aws:iam::{account}:{kind}/{name}" for name in names} <= set(principals)


def test_credentials_are_as_created(world: World) -> None:
    for account, made in world.accounts.items():
        keys = {
            one["AccessKeyId"]: (one["UserName"], one["Status"])
            for _, body in world.told(account, "iam.list-access-keys")
            for one in body["AccessKeyMetadata"]
        }
        assert keys == made.keys
        passwords = [subject for subject, _ in world.told(account, "iam.get-login-profile")]
        assert passwords == ["user-0"]
        devices = {subject: len(body["MFADevices"]) for subject, body in world.told(account, "iam.list-mfa-devices")}
        assert devices == {name: int(name == "user-0") for name in made.users}
        ((_, alias),) = world.told(account, "iam.list-account-aliases")
        assert alias["AccountAliases"] == [f"alias-{account}"]
        ((_, rule),) = world.told(account, "iam.get-account-password-policy")
        number = list(world.accounts).index(account)
        assert rule["PasswordPolicy"]["MinimumPasswordLength"] == 14 + number
        assert rule["PasswordPolicy"]["RequireSymbols"] is True


def test_buckets_are_as_created(world: World) -> None:
    for account, made in world.accounts.items():
        ((_, listed),) = world.told(account, "s3api.list-buckets")
        assert {one["Name"] for one in listed["Buckets"]} == set(made.buckets)
        policies = {
            subject: json.loads(body["Policy"]) for subject, body in world.told(account, "s3api.get-bucket-policy")
        }
        assert policies == {name: one["policy"] for name, one in made.buckets.items()}
        blocks = {
            subject: body["PublicAccessBlockConfiguration"]
            for subject, body in world.told(account, "s3api.get-public-access-block")
        }
        assert blocks == {name: one["block"] for name, one in made.buckets.items()}
        tags = {subject: body["TagSet"] for subject, body in world.told(account, "s3api.get-bucket-tagging")}
        assert tags == {name: [{"Key": "owner", "Value": "printing"}] for name in made.buckets}
        places = {
            subject: body.get("LocationConstraint")
            for subject, body in world.told(account, "s3api.get-bucket-location")
        }
        assert places == {
            name: None if one["region"] == "us-east-1" else one["region"] for name, one in made.buckets.items()
        }


def test_functions_are_as_created_in_every_region_and_their_values_are_hashes(world: World) -> None:
    for account, made in world.accounts.items():
        told = {
            one["FunctionArn"]: one
            for _, body in world.told(account, "lambda.list-functions")
            for one in body["Functions"]
        }
        assert {arn: one["Role"] for arn, one in told.items()} == {
            arn: one["role"] for arn, one in made.functions.items()
        }
        for one in told.values():
            variables = one["Environment"]["Variables"]
            assert set(variables) == {"TOKEN", "MODE"} and all(
                value.startswith("redacted:") for value in variables.values()
            )
        policies = {subject for subject, _ in world.told(account, "lambda.get-policy")}
        assert policies == set(made.functions)


def test_things_of_every_other_declared_service_are_resources(world: World) -> None:
    known = {service.service for service in declared()}
    for account, made in world.accounts.items():
        found = {row["id"] for row in world.rows(account, "resources")}
        for service, arns in made.others.items():
            if service in known:
                assert set(arns) <= found, service


def test_the_organization_is_as_created(world: World) -> None:
    if "organizations" not in {service.service for service in declared()}:
        pytest.skip("organizations are not declared")
    texts = [one.body.decode() for one in world.raw[world.organization]]
    assert any(world.scp in text and "cloudtrail:Stop" in text for text in texts)
    assert all(any(account in text for text in texts) for account in world.accounts)


def test_no_secret_is_in_the_home_folder(world: World) -> None:
    canaries = {one.encode() for made in world.accounts.values() for one in made.canaries} | {
        SECRET.format("outside").encode()
    }
    assert len(canaries) > 60
    for path in world.place.home.path.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not [one for one in canaries if one in data], path
    for documents in world.raw.values():
        for one in documents:
            assert not [canary for canary in canaries if canary in one.body], one.name


IMPORTED = {"iam", "s3api", "lambda", "kms", "sqs", "sns", "secretsmanager", "organizations"}
ROWS_OF_DOCUMENTS = ("document", "policy", "trust")


def test_the_same_estate_imported_gives_the_same_rows(world: World, tmp_path: Path) -> None:
    chosen = list(world.accounts)[:3]
    services = [one.name for one in declared() if one.name in IMPORTED]
    source = {"provider": "aws", "role": "Reader", "organization": True, "accounts": chosen, "regions": list(REGIONS),
              "services": services}  # fmt: skip
    collected = Workspace(home_option=tmp_path / "collected")
    done = list(collect(collected, [source]))
    assert all(isinstance(one, Imported) for one in done)
    files = tmp_path / "files"
    for one in done:
        assert isinstance(one, Imported)
        for document in collected.store.open(one.manifest).raw_documents():
            save(files / one.manifest.scope.id, document)
    imported = Workspace(home_option=tmp_path / "imported")
    import_paths(imported, [files])
    for manifest in collected.store.list():
        (other,) = imported.store.list(manifest.scope)
        for spec in FACT_TABLES:
            if spec.name != "coverage":
                assert content(collected, manifest, spec) == content(imported, other, spec), (manifest.scope, spec.name)
                if manifest.scope.kind == "account" and spec.name in (
                    "principals",
                    "credentials",
                    "resources",
                    "attachments",
                ):
                    assert content(collected, manifest, spec)


def save(folder: Path, one: Any) -> None:
    """A collected document as the file that the command line of AWS would have left."""
    folder = folder / one.region
    folder.mkdir(parents=True, exist_ok=True)
    kind, _, error = one.kind.partition("!")
    if kind == "account_authorization_details":
        (folder / "account-authorization-details.json").write_bytes(one.body)
    elif kind == "credential_report":
        (folder / "credential-report.csv").write_bytes(one.body)
    else:
        service, _, operation = kind.partition(".")
        about = "".join("--" + quote(part, safe="") for part in one.resource.split("\x1f") if part)
        body = json.dumps({"Error": {"Code": error, "Message": ""}}).encode() if error else one.body
        (folder / f"{service}-{operation}{about}{'.error' if error else ''}.json").write_bytes(body)


def content(place: Workspace, manifest: Any, spec: Any) -> list[str]:
    """Rows without where they were read, numbers of documents replaced by what those say."""
    snapshot = place.store.open(manifest)
    hashes = snapshot.table("documents").column("hash").to_pylist()
    rows = []
    for row in snapshot.table(spec.name).to_pylist():
        row.pop("source", None)
        for name in ROWS_OF_DOCUMENTS:
            if isinstance(row.get(name), int):
                row[name] = hashes[row[name]]
        rows.append(json.dumps(row, sort_keys=True, default=str))
    return sorted(rows)
