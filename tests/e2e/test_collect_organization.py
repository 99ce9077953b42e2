"""An organization of twelve accounts, built in moto through boto3, is collected as it was created, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fakes.moto_organization import REGIONS, SECRET, World, organization
from leastwise.app.collecting import collect
from leastwise.app.importing import Imported, import_paths
from leastwise.app.wiring import Workspace
from leastwise.model.tables import FACT_TABLES
from leastwise.providers.aws.collect.declaration import declared

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with organization(tmp_path_factory.mktemp("organization")) as found:
        yield found


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


POLICIES = {"Policy", "ResourcePolicy", "policyText", "InlinePolicy"}


def plain(value: Any) -> Any:
    """An answer with its policies as documents, and times as seconds."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, one in value.items():
        if name in POLICIES and isinstance(one, str):
            if one:
                found[name] = json.loads(one)
        elif name in ("CreationDate", "createdAt") and isinstance(one, str):
            found[name] = datetime.fromisoformat(one).timestamp()
        else:
            found[name] = plain(one)
    return found


THINGS = (
    "kms.describe-key", "kms.get-key-policy", "kms.list-grants", "kms.list-resource-tags", "sqs.get-queue-attributes",
    "sns.get-topic-attributes", "secretsmanager.get-resource-policy", "ecr.describe-repositories",
    "ecr.get-repository-policy", "ecr.get-registry-policy", "lambda.get-policy",
)  # fmt: skip


@pytest.mark.parametrize("call", THINGS)
def test_what_has_a_policy_is_as_created_field_by_field(world: World, call: str) -> None:
    for account, made in world.accounts.items():
        for region, things in made.things.items():
            wanted = things.told[call]
            found = world.answers(account, call, region)
            if call.startswith("kms"):
                # Keys of AWS itself come with the encryption of others' things.
                found = {about: one for about, one in found.items() if about in things.told["kms.describe-key"]}
            assert set(found) == set(wanted)
            for about, answer in wanted.items():
                told = plain(found[about])
                told.get("Attributes", {}).pop("CreatedTimestamp", None)
                assert told == answer, (account, region, about)


def test_aliases_and_secrets_are_as_created_field_by_field(world: World) -> None:
    for account, made in world.accounts.items():
        for region, things in made.things.items():
            aliases = world.answers(account, "kms.list-aliases", region)[""]["Aliases"]
            own = [one for one in aliases if not one["AliasName"].startswith("alias/aws/")]
            assert [{k: v for k, v in one.items() if not k.endswith("Date")} for one in own] == things.told[
                "kms.list-aliases"
            ][""]["Aliases"]
            secrets = world.answers(account, "secretsmanager.list-secrets", region)[""]["SecretList"]
            wanted = things.told["secretsmanager.list-secrets"][""]["SecretList"]
            dates = ("LastChangedDate", "LastAccessedDate", "CreatedDate", "RotationEnabled")
            assert [{k: v for k, v in one.items() if k not in dates and v} for one in secrets] == wanted


def test_the_tables_hold_the_policies_that_were_created(world: World) -> None:
    names = (
        "kms.get-key-policy",
        "sns.get-topic-attributes",
        "secretsmanager.get-resource-policy",
        "lambda.get-policy",
    )
    for account, made in world.accounts.items():
        texts = [json.loads(row["text"]) for row in world.rows(account, "documents")]
        held = {row["id"]: row["policy"] for row in world.rows(account, "resources")}
        for things in made.things.values():
            assert set(things.ids) <= set(held)
            for call in (*names, "lambda.get-policy"):
                for arn, answer in things.told[call].items():
                    policy = {**answer, **answer.get("Attributes", {})}
                    wanted = policy.get("Policy") or policy.get("ResourcePolicy")
                    assert (texts[held[arn]] if held[arn] is not None else None) == wanted, arn
            (queue,) = things.told["sqs.get-queue-attributes"].values()
            assert texts[held[queue["Attributes"]["QueueArn"]]] == queue["Attributes"]["Policy"]
            (image,) = things.told["ecr.describe-repositories"][""]["repositories"]
            assert (
                texts[held[image["repositoryArn"]]] == things.told["ecr.get-repository-policy"]["app/web"]["policyText"]
            )


CENTER = (
    "sso-admin.describe-permission-set", "sso-admin.get-inline-policy-for-permission-set",
    "sso-admin.list-managed-policies-in-permission-set", "sso-admin.list-account-assignments",
    "sso-admin.list-customer-managed-policy-references-in-permission-set",
    "sso-admin.list-accounts-for-provisioned-permission-set",
)  # fmt: skip


def without_dates(one: Any) -> Any:
    return {k: without_dates(v) if isinstance(v, dict) else v for k, v in one.items() if k != "CreatedDate"}


@pytest.mark.parametrize("call", CENTER)
def test_permission_sets_and_assignments_are_as_created_field_by_field(world: World, call: str) -> None:
    found = world.answers(world.organization, call, REGIONS[1])
    assert {about: without_dates(plain(one)) for about, one in found.items()} == world.center[call]


def test_the_directory_is_as_created_field_by_field(world: World) -> None:
    def answers(call: str) -> dict[str, Any]:
        return world.answers(world.organization, call, REGIONS[1])

    wanted = world.center["sso-admin.list-instances"][""]
    (instance,) = answers("sso-admin.list-instances")[""]["Instances"]
    assert {k: v for k, v in instance.items() if k != "CreatedDate"} == wanted
    for call, member in (("list-users", "Users"), ("list-groups", "Groups")):
        (found,) = answers(f"identitystore.{call}").values()
        assert found[member] == world.center[f"identitystore.{call}"][""]
    memberships = answers("identitystore.list-group-memberships")
    told = {about.partition("\x1f")[2]: one["GroupMemberships"] for about, one in memberships.items()}
    assert told == world.center["identitystore.list-group-memberships"]
    assert {one["member"].rpartition("/")[2] for one in world.rows(world.organization, "memberships")} == {
        one["MemberId"]["UserId"]
        for told in world.center["identitystore.list-group-memberships"].values()
        for one in told
    }


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
