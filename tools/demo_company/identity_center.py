"""Identity Center: permission sets, assignments, people and groups; and the roles it keeps in each account."""

from __future__ import annotations

from datetime import datetime

from demo_company import people, trusts
from demo_company.clock import START, alive, iso, moment
from demo_company.export import Export, compact
from demo_company.ids import DOMAIN, REGION, ROOT, guid, hexes, number
from demo_company.model import PermissionSet, Role, document

INSTANCE = f"ssoins-{hexes(16, 'instance')}"
INSTANCE_ARN = f"arn:aws:sso:::instance/{INSTANCE}"
STORE = f"d-{hexes(10, 'store')}"
TENANT = guid("tenant", "brightwater.example")


def set_arn(name: str) -> str:
    """ARN of a permission set."""
    return f"arn:aws:sso:::permissionSet/{INSTANCE}/ps-{hexes(16, 'permission set', name)}"


def user_id(person: str) -> str:
    """A user's id in the identity store."""
    return guid("identity store user", person)


def group_id(name: str) -> str:
    """A group's id in the identity store."""
    return guid("identity store group", name)


def entra_id(person: str) -> str:
    """The person's object id in Entra, which SCIM carries along."""
    return guid("entra user", person)


def reserved_roles(account: str) -> list[Role]:
    """The roles that Identity Center keeps in an account for the permission sets assigned there."""
    return [
        Role(
            account,
            f"AWSReservedSSO_{bundle.name}_{hexes(16, 'reserved', account, bundle.name)}",
            trusts.identity_center(account),
            bundle.statements,
            aws=bundle.aws,
            inline=bool(bundle.statements),
            used="weekly" if account == ROOT or bundle.name == "SecurityAudit" else "office",
            created=bundle.created,
            path=f"/aws-reserved/sso.amazonaws.com/{REGION}/",
            description=bundle.description,
        )
        for bundle in people.PERMISSION_SETS
        if any(target == account for _, target in bundle.assigned)
    ]


def employed(day: datetime) -> list[str]:
    """The people with an account on a day, in order of their names."""
    spans = people.EMPLOYED
    return sorted(person for person in people.everyone() if alive(day, *spans.get(person, ("", ""))))


def members(group: str, day: datetime) -> list[str]:
    """The members of a group on a day."""
    spans = {(person, name): (since, until) for person, name, since, until in people.MEMBER_FOR_A_TIME}
    candidates = {*people.GROUPS[group], *(person for person, name in spans if name == group)}
    return sorted(person for person in candidates if alive(day, *spans.get((person, group), ("", ""))))


def permission_sets(export: Export) -> None:
    """sso-admin: the instance, the permission sets and their assignments."""
    instance = {
        "InstanceArn": INSTANCE_ARN,
        "IdentityStoreId": STORE,
        "OwnerAccountId": ROOT,
        "Name": "brightwater",
        "CreatedDate": iso(moment(START, "instance")),
        "Status": "ACTIVE",
    }
    export.save("sso-admin-list-instances", {"Instances": [instance]})
    export.save("sso-admin-list-permission-sets", {"PermissionSets": [set_arn(s.name) for s in people.PERMISSION_SETS]})
    for bundle in people.PERMISSION_SETS:
        _permission_set(export, bundle)


def _permission_set(export: Export, bundle: PermissionSet) -> None:
    described = {
        "Name": bundle.name,
        "PermissionSetArn": set_arn(bundle.name),
        "Description": bundle.description,
        "CreatedDate": iso(moment(bundle.created, bundle.name)),
        "SessionDuration": f"PT{bundle.hours}H",
    }
    inline = compact(document(*bundle.statements)) if bundle.statements else ""
    managed = [{"Name": name, "Arn": _managed_arn(name)} for name in bundle.aws]
    export.save("sso-admin-describe-permission-set", {"PermissionSet": described}, bundle.name)
    export.save("sso-admin-get-inline-policy-for-permission-set", {"InlinePolicy": inline}, bundle.name)
    export.save("sso-admin-list-managed-policies-in-permission-set", {"AttachedManagedPolicies": managed}, bundle.name)
    export.save(
        "sso-admin-list-customer-managed-policy-references-in-permission-set",
        {"CustomerManagedPolicyReferences": []},
        bundle.name,
    )
    export.fail(
        "sso-admin-get-permissions-boundary-for-permission-set",
        "GetPermissionsBoundaryForPermissionSet",
        "ResourceNotFoundException",
        f"No permissions boundary is attached to {set_arn(bundle.name)}",
        bundle.name,
    )
    for account in sorted({target for _, target in bundle.assigned}):
        rows = [
            {
                "AccountId": account,
                "PermissionSetArn": set_arn(bundle.name),
                "PrincipalType": "GROUP",
                "PrincipalId": group_id(group),
            }
            for group, target in bundle.assigned
            if target == account
        ]
        export.save("sso-admin-list-account-assignments", {"AccountAssignments": rows}, account, bundle.name)


def _managed_arn(name: str) -> str:
    path = "/job-function/" if name == "ViewOnlyAccess" else "/"
    return f"arn:aws:iam::aws:policy{path}{name}"


def identity_store(export: Export) -> None:
    """identitystore: people, groups, memberships."""
    rows = []
    for person in employed(export.day):
        given, family = person.split(" ", 1)
        mail = f"{people.user_name(person)}@{DOMAIN}"
        rows.append(
            {
                "UserName": mail,
                "UserId": user_id(person),
                "ExternalIds": [{"Issuer": f"https://sts.windows.net/{TENANT}/", "Id": entra_id(person)}],
                "Name": {"FamilyName": family, "GivenName": given},
                "DisplayName": person,
                "Emails": [{"Value": mail, "Type": "work", "Primary": True}],
                "IdentityStoreId": STORE,
            }
        )
    export.save("identitystore-list-users", {"Users": rows})
    groups = [
        {
            "GroupId": group_id(name),
            "DisplayName": name,
            "ExternalIds": [{"Issuer": f"https://sts.windows.net/{TENANT}/", "Id": guid("entra group", name)}],
            "IdentityStoreId": STORE,
        }
        for name in people.GROUPS
    ]
    export.save("identitystore-list-groups", {"Groups": groups})
    for name in people.GROUPS:
        found = [
            {
                "IdentityStoreId": STORE,
                "MembershipId": guid("membership", name, person, str(number(9, person))),
                "GroupId": group_id(name),
                "MemberId": {"UserId": user_id(person)},
            }
            for person in members(name, export.day)
        ]
        export.save("identitystore-list-group-memberships", {"GroupMemberships": found}, name)
