"""No rule is out of reach: each speaks of some row that translation makes, of the demo, of one odd account or tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from fakes import directory
from fakes.azure import odd
from fakes.lake import Lake
from leastwise.app.estate import open_estate
from leastwise.app.posture import posture
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.rules.load import load_posture

ACCOUNT, ORGANIZATION, OTHER, TAKEN = "111111111111", "o-abcdefghij", "999999999999", "2026-11-01T00:00:00Z"
CORP = Path(__file__).parents[1] / "golden" / "gcp" / "corp"
IAM, IOT = f"arn:aws:iam::{ACCOUNT}:", f"arn:aws:iot:eu-west-1:{ACCOUNT}:"
OPEN: list[dict[str, Any]] = [
    {
        "name": "//cloudresourcemanager.googleapis.com/organizations/7", "ancestors": ["organizations/7"],
        "assetType": "cloudresourcemanager.googleapis.com/Organization",
        "resource": {"data": {"displayName": "corp.example", "directoryCustomerId": "C07"}},
    },
    {
        "name": "//iam.googleapis.com/projects/shop/serviceAccounts/71",
        "assetType": "iam.googleapis.com/ServiceAccount",
        "ancestors": ["projects/70", "organizations/7"],
        "resource": {"data": {"email": "app@shop.iam.gserviceaccount.com", "uniqueId": "71", "projectId": "shop"}},
        "iamPolicy": {
            "bindings": [{"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:zoe@gmail.com"]}]
        },
    },
]  # fmt: skip
"""A service account that somebody from outside may become."""
WAITING: frozenset[str] = frozenset({"break-glass-weak-mfa"})
"""Rules that no translated row reaches yet: a virtual MFA device leaves `mfa_hardware` null."""

ESTATE = f"""
version: 1
company: Odd
clock: {TAKEN}
break_glass: ["{IAM}user/glass"]
people:
  - {{name: Lea, principals: ["{IAM}user/lea", lea@example.org]}}
"""


def allow(principal: Any, action: str, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    if action.startswith("sts:"):
        del statement["Resource"]
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


def user(name: str, *managed: str, **more: Any) -> dict[str, Any]:
    return {
        "UserName": name, "Arn": f"{IAM}user/{name}", "CreateDate": "2020-01-01T00:00:00Z",
        "AttachedManagedPolicies": [{"PolicyArn": f"arn:aws:iam::aws:policy/{one}"} for one in managed], **more,
    }  # fmt: skip


def role(name: str, trust: dict[str, Any], *managed: str) -> dict[str, Any]:
    found = user(name, *managed)
    return {"RoleName": name, "AssumeRolePolicyDocument": trust, **found, "Arn": f"{IAM}role/{name}"}


def files() -> dict[str, Any]:
    web, hub = "sts:AssumeRoleWithWebIdentity", "oidc-provider/token.actions.githubusercontent.com"
    roles = [
        role("vendor", allow({"AWS": OTHER}, "sts:AssumeRole"), "AdministratorAccess"),
        role("anyone", allow("*", "sts:AssumeRole")),
        role("guessable", allow("*", "sts:AssumeRole", StringEquals={"sts:ExternalId": "1"})),
        role("foreign", allow("*", "sts:AssumeRole", StringEquals={"aws:PrincipalOrgID": "o-stranger111"})),
        role("hub", allow({"Federated": IAM + hub}, web)),
        role("wide", allow({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"), "AmazonS3FullAccess"),
        role(
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef",
            allow({"AWS": ACCOUNT}, "sts:AssumeRole"),
        ),
    ]
    roles[-1] |= {
        "RoleName": "AWSReservedSSO_Ops_0123456789abcdef",
        "Path": "/aws-reserved/sso.amazonaws.com/",
        "RoleLastUsed": {},
    }
    group = {"GroupName": "nobody", "Arn": f"{IAM}group/nobody", "CreateDate": "2020-01-01T00:00:00Z"}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": allow(None, "s3:ListAllMyBuckets")}
    del version["Document"]["Statement"][0]["Principal"]
    policy = {
        "PolicyName": "loose", "Arn": f"{IAM}policy/loose", "DefaultVersionId": "v1", "PolicyVersionList": [version],
        "CreateDate": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    broken = [{"PolicyName": "broken", "PolicyDocument": "no JSON"}]
    users = [user("glass"), user("lea"), user("broken", UserPolicyList=broken)]
    made = {"Status": "Active", "UserName": "lea"}
    certificates = {"old": "2026-10-01T00:00:00Z", "soon": "2026-11-15T00:00:00Z"}
    found: dict[str, Any] = {
        "account-authorization-details": {
            "UserDetailList": users, "GroupDetailList": [group], "RoleDetailList": roles,
            "Policies": [policy],
        },
        "iam-list-mfa-devices--glass": {
            "MFADevices": [{"UserName": "glass", "SerialNumber": f"{IAM}mfa/glass", "EnableDate": "2026-01-01"}]
        },
        "iam-list-access-keys--lea": {
            "AccessKeyMetadata": [{**made, "AccessKeyId": "AKIANEVER", "CreateDate": "2026-01-01T00:00:00Z"}]
        },
        "iam-get-access-key-last-used--AKIANEVER": {"UserName": "lea", "AccessKeyLastUsed": {"ServiceName": "N/A"}},
        "iam-list-ssh-public-keys--lea": {
            "SSHPublicKeys": [{**made, "SSHPublicKeyId": "APKA1", "UploadDate": "2025-01-01T00:00:00Z"}]
        },
        "s3api-list-buckets": {"Buckets": [{"Name": "open"}, {"Name": "maybe"}]},
        "s3api-get-bucket-policy--open": {"Policy": json.dumps(allow("*", "s3:GetObject"))},
        "s3api-get-bucket-policy--maybe": {
            "Policy": json.dumps(allow("*", "s3:GetObject", StringEquals={"aws:SourceVpce": "vpce-1"}))
        },
        "s3api-get-bucket-acl--maybe": {"Owner": {"ID": "us"}, "Grants": []},
        "iot-list-things": {"things": [{"thingName": name, "thingArn": f"{IOT}thing/{name}"} for name in certificates]},
    }  # fmt: skip
    for name, until in certificates.items():
        arn = f"{IOT}cert/{name}"
        found[f"iot-list-thing-principals--{name}"] = {"principals": [arn]}
        found[f"iot-describe-certificate--{quote(arn, safe='')}"] = {
            "certificateDescription": {"certificateArn": arn, "status": "ACTIVE", "validity": {"notAfter": until}}
        }
    return found


def report() -> str:
    """A credential report: root with a key, without MFA, used a week ago."""
    head = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    head += "password_next_rotation,mfa_active"
    for slot in "12":
        head += "".join(f",access_key_{slot}_{what}" for what in ("active", "last_rotated", "last_used_date"))
        head += f",access_key_{slot}_last_used_region,access_key_{slot}_last_used_service"
    head += ",cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
    root = f"<root_account>,{IAM}root,2020-01-01T00:00:00Z,not_supported,2026-10-25T00:00:00Z,not_supported,"
    root += "not_supported,false,true,2020-01-01T00:00:00Z,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    return f"{head}\n{root}\n"


@pytest.fixture
def odd_home(tmp_path: Path) -> Path:
    left = {"UserId": "u1", "UserName": "lea", "UserStatus": "DISABLED", "Emails": [{"Value": "lea@example.org"}]}
    here, above = tmp_path / "in" / ACCOUNT, tmp_path / "in" / "org"
    for folder, bodies in (
        (here, files()),
        (
            above,
            {
                "organizations-describe-organization": {"Organization": {"Id": ORGANIZATION}},
                "identitystore-list-users": {"Users": [left]},
            },
        ),
    ):
        folder.mkdir(parents=True)
        for name, body in bodies.items():
            (folder / f"{name}.json").write_text(json.dumps(body))
    (here / "credential-report.csv").write_text(report())
    home = tmp_path / "home"
    assert run(["import", str(tmp_path / "in"), "--home", str(home), "--taken", TAKEN]) == 0
    (home / "estate.yaml").write_text(ESTATE)
    return home


def spoken(home: Path) -> set[str]:
    result = posture(open_estate(Workspace(home)))
    return {one.rule for one in (*result.findings, *result.superseded)}


def test_every_rule_speaks_of_some_translated_row(
    demo_home: Path, odd_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake((ACCOUNT, "222222222222", "333333333333"))
    monkeypatch.setattr(Workspace, "lake", property(lambda _: lake), raising=False)
    corp = tmp_path / "corp"
    assert run(["import", str(CORP), "--home", str(corp), "--taken", TAKEN]) == 0
    (tmp_path / "open.jsonl").write_text("\n".join(map(json.dumps, OPEN)))
    lent = tmp_path / "lent"
    assert run(["import", str(tmp_path / "open.jsonl"), "--home", str(lent), "--taken", TAKEN]) == 0
    tenant = tmp_path / "tenant"
    assert run(["import", str(directory.write(tmp_path / "graph")), "--home", str(tenant), "--taken", TAKEN]) == 0
    homes = (demo_home, odd_home, corp, lent, tenant, alone(tmp_path), trusting(tmp_path), *azure_homes(tmp_path))
    assert {rule.id for rule in load_posture()} - set().union(*map(spoken, homes)) <= WAITING


def alone(tmp_path: Path) -> Path:
    """The same directory with a single Global Administrator."""
    written = directory.write(tmp_path / "alone")
    (file,) = (one for one in written.rglob("roles.json"))
    kept = [one for one in json.loads(file.read_text())["value"]
            if (one["principalId"], one["roleDefinitionId"]) != (directory.EVA, directory.GLOBAL)]  # fmt: skip
    file.write_text(json.dumps({"value": kept}))
    steered = {"0b000000-0000-4000-8000-0000000000d1": 'user.mobile -startsWith "+49"',
               "0b000000-0000-4000-8000-0000000000d2": 'user.department -eq "IT"'}  # fmt: skip
    (file.parent / "steered.json").write_text(json.dumps({"value": [
        {"@odata.type": "#microsoft.graph.group", "id": id, "displayName": rule, "securityEnabled": True,
         "groupTypes": ["DynamicMembership"], "membershipRule": rule, "members": []}
        for id, rule in steered.items()
    ]}))  # fmt: skip
    (file.parent / "given.json").write_text(json.dumps({"value": [
        {"id": f"g{id}", "appRoleId": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "principalId": id,
         "principalType": "Group", "resourceId": directory.GRAPH}
        for id in steered
    ]}))  # fmt: skip
    (file.parent / "gone.json").write_text(json.dumps({"value": [
        {"id": directory.GONE, "userPrincipalName": "old@corp.example", "deletedDateTime": "2026-10-20T08:00:00Z"}
    ]}))  # fmt: skip
    home = tmp_path / "alone-home"
    assert run(["import", str(written), "--home", str(home), "--taken", TAKEN]) == 0
    return home


def trusting(tmp_path: Path) -> Path:
    """An account in no organization, in which roles let in whoever comes from a platform or a cluster."""
    web, hub = "sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com"
    cluster = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
    of_cluster = {"StringLike": {f"{cluster}:sub": "system:serviceaccount:*:app"}}
    roles = [
        role("hub", allow({"Federated": f"{IAM}oidc-provider/{hub}"}, web)),
        role("pods", allow({"Federated": f"{IAM}oidc-provider/{cluster}"}, web, **of_cluster)),
    ]
    folder, home = tmp_path / "trusting", tmp_path / "trusting-home"
    folder.mkdir()
    details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []}
    (folder / "account-authorization-details.json").write_text(json.dumps(details))
    assert run(["import", str(folder), "--home", str(home), "--taken", TAKEN]) == 0
    (home / "estate.yaml").write_text(
        f"version: 1\ncompany: Trusting\naccounts:\n  '{ACCOUNT}': {{organization: none}}\n"
    )
    return home


def azure_homes(tmp_path: Path) -> list[Path]:
    """A tenant with one of everything, and an export from before classic administrators were retired."""
    homes = []
    for name, files, taken in (("azure", odd.files(), TAKEN), ("older", {"a": odd.old()}, "2023-01-01T00:00:00Z")):
        folder = tmp_path / f"{name}-in"
        folder.mkdir()
        for file, content in files.items():
            (folder / f"{file}.json").write_text(json.dumps(content))
        homes.append(tmp_path / name)
        assert run(["import", str(folder), "--home", str(homes[-1]), "--taken", taken]) == 0
    return homes


def test_what_rules_of_the_directory_say_names_people_and_roles(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert run(["import", str(directory.write(tmp_path / "in")), "--home", str(home), "--taken", TAKEN]) == 0
    said: dict[str, set[str]] = {}
    for one in posture(open_estate(Workspace(home))).findings:
        said.setdefault(one.rule, set()).add(one.message)
    assert said["entra-global-administrator-standing"] == {
        "eva@corp.example has Global Administrator for good, and not on request"
    }
    assert said["entra-privileged-role-standing"] >= {
        "admins has Privileged Role Administrator for good, and not on request"
    }
    assert any("Vendor may use Directory.ReadWrite.All" in one for one in said["entra-consent-tenant-wide"])
    assert all("not known" not in one for several in said.values() for one in several)


def test_what_rules_of_azure_say_names_people_and_roles(tmp_path: Path) -> None:
    found = {one.rule: one for one in posture(open_estate(Workspace(azure_homes(tmp_path)[0]))).findings}
    said = {rule: one.message for rule, one in found.items()}
    assert said["azure-elevated-access"] == (
        "ann@corp.example has User Access Administrator at /, and so on every subscription of the tenant"
    )
    assert said["azure-owner-above"].startswith("ann@corp.example has Owner on management group corp")
    assert said["azure-workload-owner"].startswith(f"Service principal c1 has Owner on {odd.SUB}")
    assert said["azure-lighthouse-privileged"].startswith("Partner of another tenant has Contributor")
    assert said["azure-orphaned-assignment"].startswith(f"{odd.GONE} is in the directory no more")
    assert said["azure-custom-role-star"] == "Custom role Platform gives * and is in use"
    assert said["entra-disabled-with-roles"] == "off@corp.example is disabled, and keeps its roles and permissions (1)"
    assert said["azure-federated-wide"].startswith("claims['sub'] matches 'repo:corp/*' of https://token.actions")
    assert said["entra-federated-wide"].endswith("may become c1")
    assert said["entra-secret-old"].startswith("Password k1 of c1 is 1035 days old")
