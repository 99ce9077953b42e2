"""IAM of one account on one day: account-authorization-details, providers, MFA devices, access keys."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from demo_company import roles_ordinary as ordinary
from demo_company import roles_story as story
from demo_company import trusts, uses
from demo_company.clock import START, alive, iso, moment
from demo_company.export import Export
from demo_company.identity_center import reserved_roles
from demo_company.ids import DATA, PROD, REGION, ROOT, guid, hexes, letters, unique_id
from demo_company.model import Group, Role, Statement, User, document
from demo_company.things import BOUNDARIES
from demo_company.users import GROUPS, USERS

ROLES = (
    *story.ROLES,
    *story.NEAR_MISSES,
    *ordinary.PROD_ROLES,
    *ordinary.DATA_ROLES,
    *ordinary.EVERYWHERE,
    *ordinary.MEMBER_ACCOUNTS,
)
Row = dict[str, object]


@cache
def managed_policies() -> dict[str, dict[str, object]]:
    """AWS managed policies by name, as AWS publishes them (compiled from moto by --managed-policies)."""
    found: dict[str, dict[str, object]] = json.loads(Path(__file__).with_name("managed_policies.json").read_bytes())
    return found


def managed_arn(name: str) -> str:
    """ARN of an AWS managed policy."""
    return f"arn:aws:iam::aws:policy{managed_policies()[name]['Path']}{name}"


def _attached(account: str, own: str, aws: tuple[str, ...]) -> list[Row]:
    arns = [managed_arn(name) for name in aws]
    if own:
        arns.append(f"arn:aws:iam::{account}:policy/{own}")
    return [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in arns]


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items() if value]


def _statements(role: Role, day: datetime) -> tuple[Statement, ...]:
    if role.before and alive(day, "", role.before[0]):
        return role.before[1]
    return role.statements


def role_detail(role: Role, day: datetime) -> Row:
    """One entry of RoleDetailList."""
    arn = f"arn:aws:iam::{role.account}:role{role.path}{role.name}"
    created = moment(role.created, role.name)
    used = uses.last(arn, role.used, day, role.created, role.account, role.name)
    inline = [{"PolicyName": role.name, "PolicyDocument": document(*_statements(role, day))}] if role.inline else []
    own = role.name if role.statements and not role.inline else ""
    row: Row = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": unique_id("AROA", role.account, role.name),
        "Arn": arn,
        "CreateDate": iso(created),
        "AssumeRolePolicyDocument": document(*role.trust),
        "InstanceProfileList": [_profile(role)] if role.profile else [],
        "RolePolicyList": inline,
        "AttachedManagedPolicies": _attached(role.account, own, role.aws),
        "Tags": _tags({"owner": role.owner, "code": role.code, **role.tags}),
        "RoleLastUsed": {"LastUsedDate": iso(used), "Region": REGION} if used else {},
    }
    if role.boundary:
        boundary = f"arn:aws:iam::{role.account}:policy/{role.boundary}"
        row["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    return row


def _profile(role: Role) -> Row:
    inner = {
        "Path": "/",
        "RoleName": role.name,
        "RoleId": unique_id("AROA", role.account, role.name),
        "Arn": f"arn:aws:iam::{role.account}:role/{role.name}",
        "CreateDate": iso(moment(role.created, role.name)),
        "AssumeRolePolicyDocument": document(*role.trust),
    }
    return {
        "Path": "/",
        "InstanceProfileName": role.name,
        "InstanceProfileId": unique_id("AIPA", role.account, role.name),
        "Arn": f"arn:aws:iam::{role.account}:instance-profile/{role.name}",
        "CreateDate": iso(moment(role.created, "profile", role.name)),
        "Roles": [inner],
    }


def service_linked(account: str) -> list[Role]:
    """The service-linked roles of an account."""
    return [
        Role(
            account,
            name,
            trusts.service(service),
            aws=(policy,),
            used=used,
            path=f"/aws-service-role/{service}.amazonaws.com/",
        )
        for name, service, policy, used in ordinary.SERVICE_LINKED[account]
    ]


def roles(account: str, day: datetime) -> list[Role]:
    """All roles of an account on a day, by name."""
    found = [role for role in ROLES if role.account == account and alive(day, role.created, role.until)]
    found += [*service_linked(account), *reserved_roles(account)]
    return sorted(found, key=lambda role: role.name)


def users(account: str, day: datetime) -> list[User]:
    """All users of an account on a day, by name."""
    found = [user for user in USERS if user.account == account and alive(day, user.created, "")]
    return sorted(found, key=lambda user: user.name)


def user_arn(user: User) -> str:
    """ARN of a user."""
    return f"arn:aws:iam::{user.account}:user{user.path}{user.name}"


def user_detail(user: User) -> Row:
    """One entry of UserDetailList."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": unique_id("AIDA", user.account, user.name),
        "Arn": user_arn(user),
        "CreateDate": iso(moment(user.created, user.name)),
        "GroupList": list(user.groups),
        "AttachedManagedPolicies": [],
        "Tags": _tags({"owner": user.owner}),
    }


def group_detail(group: Group) -> Row:
    """One entry of GroupDetailList."""
    return {
        "Path": "/",
        "GroupName": group.name,
        "GroupId": unique_id("AGPA", group.account, group.name),
        "Arn": f"arn:aws:iam::{group.account}:group/{group.name}",
        "CreateDate": iso(moment(START, group.name)),
        "GroupPolicyList": [],
        "AttachedManagedPolicies": _attached(group.account, group.name if group.statements else "", group.aws),
    }


def _policy(arn: str, ident: str, uses: tuple[int, int], dates: tuple[str, str], versions: list[Row]) -> Row:
    path = arn.split(":policy", 1)[1]
    return {
        "PolicyName": path.rsplit("/", 1)[1],
        "PolicyId": ident,
        "Arn": arn,
        "Path": path.rsplit("/", 1)[0] + "/",
        "DefaultVersionId": next(version["VersionId"] for version in versions if version["IsDefaultVersion"]),
        "AttachmentCount": uses[0],
        "PermissionsBoundaryUsageCount": uses[1],
        "IsAttachable": True,
        "CreateDate": dates[0],
        "UpdateDate": dates[1],
        "PolicyVersionList": versions,
    }


def _version(ident: str, default: bool, created: str, content: object) -> Row:
    return {"Document": content, "VersionId": ident, "IsDefaultVersion": default, "CreateDate": created}


def _aws_policy(name: str, uses: int, day: datetime) -> Row:
    known = managed_policies()[name]
    created = str(known["CreateDate"])
    updated = min(str(known["UpdateDate"]), iso(day))
    version = _version(str(known["DefaultVersionId"]), True, updated, known["Document"])
    return _policy(managed_arn(name), "ANPA" + letters(17, "aws", name), (uses, 0), (created, updated), [version])


def _role_policy(role: Role, day: datetime) -> Row:
    arn = f"arn:aws:iam::{role.account}:policy/{role.name}"
    created = iso(moment(role.created, role.name))
    versions = [_version("v1", True, created, document(*role.statements))]
    if role.before:
        changed = not alive(day, "", role.before[0])
        versions = [_version("v1", not changed, created, document(*role.before[1]))]
        if changed:
            when = iso(moment(role.before[0], role.name))
            versions.insert(0, _version("v2", True, when, document(*role.statements)))
    dates = (created, str(versions[0]["CreateDate"]))
    return _policy(arn, unique_id("ANPA", role.account, role.name), (1, 0), dates, versions)


def policies(account: str, present: list[Role], groups: list[Group], day: datetime) -> list[Row]:
    """Every managed policy in use in an account."""
    start = iso(moment(START))
    rows = [_role_policy(role, day) for role in present if role.statements and not role.inline]
    for group in groups:
        if group.statements:
            version = _version("v1", True, start, document(*group.statements))
            arn = f"arn:aws:iam::{account}:policy/{group.name}"
            rows.append(_policy(arn, unique_id("ANPA", account, group.name), (1, 0), (start, start), [version]))
    for (owner, name), content in BOUNDARIES.items():
        if owner == account:
            version = _version("v1", True, start, content)
            arn = f"arn:aws:iam::{account}:policy/{name}"
            rows.append(_policy(arn, unique_id("ANPA", account, name), (0, 1), (start, start), [version]))
    names = [name for role in present for name in role.aws] + [name for group in groups for name in group.aws]
    return rows + [_aws_policy(name, names.count(name), day) for name in sorted(set(names))]


def authorization_details(export: Export) -> None:
    """account-authorization-details.json, the output of `aws iam get-account-authorization-details`."""
    account, day = export.account, export.day
    present, groups = roles(account, day), [group for group in GROUPS if group.account == account]
    export.save(
        "account-authorization-details",
        {
            "UserDetailList": [user_detail(user) for user in users(account, day)],
            "GroupDetailList": [group_detail(group) for group in groups],
            "RoleDetailList": [_renamed(role_detail(role, day)) for role in present],
            "Policies": policies(account, present, groups, day),
        },
    )


def _renamed(row: Row) -> Row:
    """Identity Center calls the inline policy of its roles AwsSSOInlinePolicy."""
    if str(row["RoleName"]).startswith("AWSReservedSSO_"):
        inline = row["RolePolicyList"]
        assert isinstance(inline, list)
        row["RolePolicyList"] = [{**policy, "PolicyName": "AwsSSOInlinePolicy"} for policy in inline]
    return row


def providers(export: Export) -> None:
    """OIDC and SAML providers."""
    account = export.account
    hosts = {PROD: (trusts.GITHUB, trusts.EKS), ROOT: (trusts.GITHUB,), DATA: (trusts.GITHUB,)}[account]
    arns = [f"arn:aws:iam::{account}:oidc-provider/{host}" for host in hosts]
    export.save("iam-list-open-id-connect-providers", {"OpenIDConnectProviderList": [{"Arn": arn} for arn in arns]})
    for host, arn in zip(hosts, arns, strict=True):
        response = {
            "Url": host,
            "ClientIDList": ["sts.amazonaws.com"],
            "ThumbprintList": [hexes(40, "thumbprint", host)],
            "CreateDate": iso(moment(START, arn)),
            "Tags": [],
        }
        export.save("iam-get-open-id-connect-provider", response, arn)
    saml = {"Arn": trusts.saml_provider(account), "CreateDate": iso(moment(START, "saml", account))}
    export.save("iam-list-saml-providers", {"SAMLProviderList": [saml]})


def credentials(export: Export) -> None:
    """MFA devices and access keys, as their own calls tell them."""
    account, day = export.account, export.day
    virtual: list[Row] = [
        {
            "SerialNumber": f"arn:aws:iam::{account}:mfa/root-account-mfa-device",
            "User": {
                "Arn": f"arn:aws:iam::{account}:root",
                "UserId": account,
                "CreateDate": iso(moment(START, account)),
            },
            "EnableDate": iso(moment("2024-03-05", account)),
        }
    ]
    for user in users(account, day):
        devices = mfa_devices(user)
        if user.mfa == "virtual":
            owner = {"UserName": user.name, "Arn": user_arn(user), "UserId": user_detail(user)["UserId"]}
            virtual.append({**{key: devices[0][key] for key in ("SerialNumber", "EnableDate")}, "User": owner})
        export.save("iam-list-mfa-devices", {"MFADevices": devices}, user.name)
        keys = [key for key in user.keys if alive(day, key.created, key.until)]
        listed = [
            {
                "UserName": user.name,
                "AccessKeyId": key.id,
                "Status": "Active",
                "CreateDate": iso(moment(key.created, key.id)),
            }
            for key in keys
        ]
        export.save("iam-list-access-keys", {"AccessKeyMetadata": listed}, user.name)
        for key in keys:
            used = uses.last(key.id, key.used, day, key.created, key.id)
            info = {"Region": "N/A", "ServiceName": "N/A"}
            if used:
                info = {"LastUsedDate": iso(used), "ServiceName": key.service, "Region": REGION}
            export.save("iam-get-access-key-last-used", {"UserName": user.name, "AccessKeyLastUsed": info}, key.id)
    export.save("iam-list-virtual-mfa-devices", {"VirtualMFADevices": virtual})


def mfa_devices(user: User) -> list[Row]:
    """The MFA devices of a user: none, a virtual one, or a security key."""
    if not user.mfa:
        return []
    place = f"arn:aws:iam::{user.account}:"
    serial = f"{place}mfa/{user.name}"
    if user.mfa == "hardware":
        serial = f"{place}u2f/user/{user.name}/security-key-{guid('fido', user.name)[:8].upper()}"
    enabled = iso(moment(user.password_set, "mfa", user.name))
    return [{"UserName": user.name, "SerialNumber": serial, "EnableDate": enabled}]
