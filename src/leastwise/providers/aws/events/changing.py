"""Who made, changed or removed a principal, a credential, a grant or a trust: calls of IAM, Identity Center,
Organizations, and calls that set policies of resources.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_Operations.html
https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .record import Record, tree

_VERBS = (
    (("Create", "Upload", "Enable", "Import"), "created"),
    (("Delete", "Deactivate", "Remove", "Detach", "Disable", "Revoke", "Retire"), "removed"),
)
_OWNER = {"userName": "user", "roleName": "role", "groupName": "group"}
_IAM_CREDENTIAL = re.compile(
    r"(?:Create|Update|Delete|Upload|Enable|Deactivate|Resync|Reset)"
    r"(AccessKey|LoginProfile|MFADevice|VirtualMFADevice|SSHPublicKey|SigningCertificate|ServiceSpecificCredential|"
    r"ServerCertificate)"
)
_IAM_PRINCIPAL = re.compile(r"(?:Create|Update|Delete)(?:User|Role|Group|ServiceLinkedRole|RoleDescription)")
_IAM_GRANT = re.compile(
    r"(?:Attach|Detach|Put|Delete)(?:User|Role|Group)(?:Policy|PermissionsBoundary)|"
    r"(?:Create|Delete)Policy(?:Version)?|SetDefaultPolicyVersion"
)
_IAM_MEMBER = re.compile(r"(?:AddUserTo|RemoveUserFrom)Group|(?:AddRoleTo|RemoveRoleFrom)InstanceProfile")
_IAM_TRUST = re.compile(
    r"UpdateAssumeRolePolicy|(?:Create|Update|Delete)(?:SAMLProvider|OpenIDConnectProvider\w*)|"
    r"(?:AddClientIDTo|RemoveClientIDFrom)OpenIDConnectProvider"
)
_SSO_GRANT = re.compile(
    r"(?:Create|Delete)AccountAssignment|(?:Create|Update|Delete)PermissionSet|"
    r"(?:Attach|Detach)(?:Managed|CustomerManaged)Policy(?:Reference)?(?:To|From)PermissionSet|"
    r"(?:Put|Delete)(?:InlinePolicy|PermissionsBoundary)(?:To|From)PermissionSet"
)
_DIRECTORY = re.compile(r"(?:Create|Update|Delete|Disable|Enable)(?:User|Group)")
_DIRECTORY_MEMBER = re.compile(r"(?:Add|Remove)Member(?:To|From)Group|(?:Create|Delete)GroupMembership")
_ORGANIZATION = re.compile(r"(?:Attach|Detach|Create|Update|Delete)Policy|(?:Put|Delete)ResourcePolicy")
_RESOURCE = re.compile(
    r"(?:Put|Set|Delete|Create|Add|Remove|Attach|Detach|Update)\w*(?:Policy|Permission|Permissions|Acl)"
    r"(?:20\d\d_?\d\d_?\d\d(?:v\d+)?)?|(?:Create|Revoke|Retire)Grant|(?:Put|Delete)\w*PublicAccessBlock"
)
_QUEUES = {("sqs", "SetQueueAttributes"): "attributes", ("sns", "SetTopicAttributes"): "attributeName"}
_NO_ACCESS = re.compile(
    r"Lifecycle|Scaling|LoadBalancer|Retention|Encryption|Backup|Replication|Origin|Cache|Security\w*Policy|Listener|"
    r"Notification|Alias|Sampling|Index|Password|Stack|Receipt|DeliveryPolicy|Routing|Health|TrafficPolicy|Firewall"
)
"""Operations whose policies are not about access."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call changed; columns of the table `changes`."""

    what: str
    subject: str
    object: str
    verb: str


@lru_cache(1 << 12)
def may_change(source: str, name: str) -> bool:
    """Whether a call of this name can change something that is told here."""
    if name.startswith(("Get", "List", "Describe", "Head", "Assume", "BatchGet")):
        return False
    label = source.partition(".")[0]
    return label in _SERVICES or (label, name) in _QUEUES or _named_alike(name)


@lru_cache(1 << 12)
def _named_alike(name: str) -> bool:
    return _RESOURCE.fullmatch(name) is not None and _NO_ACCESS.search(name) is None


def changed(record: Record, resource: str) -> Changed | None:
    """What a call made, changed or removed, or None. `resource` is what it touched, as usage counts it.

    Calls that failed changed nothing.
    """
    if record.error or not may_change(record.source, record.name):
        return None
    label = record.source.partition(".")[0]
    look = _SERVICES.get(label, _of_resource)
    return look(record, label, resource)


def _of_iam(record: Record, label: str, resource: str) -> Changed | None:
    name = record.name
    what = next((what for what, form in _IAM if form.fullmatch(name)), None)
    if what is None:
        return None
    asked, answer = tree(record.request), tree(record.response)
    owner = _owner(asked, record.account)
    made = _arn(answer)
    verb = _verb(name)
    if what == "credential":
        return _credential(name, asked, answer, owner, verb)
    if what == "principal":
        return Changed(what, made or owner, "", verb) if made or owner else None
    if what == "grant":
        policy = _text(asked, "policyArn") or _text(asked, "permissionsBoundary")
        named = policy or _text(asked, "policyName") or ("boundary" if name.endswith("Boundary") else "")
        if owner:
            return Changed(what, owner, named, "created" if name.startswith(("Attach", "Put")) else verb)
        version = "changed" if name.endswith("Version") else verb
        return Changed(what, policy or made or named, "", version)
    if what == "membership":
        inside = _text(asked, "instanceProfileName")
        member = f"iam:{record.account}:user/{_text(asked, 'userName')}" if _text(asked, "userName") else owner
        group = f"instance-profile/{inside}" if inside else f"group/{_text(asked, 'groupName')}"
        return Changed(what, member, f"iam:{record.account}:{group}", "created" if name.startswith("Add") else verb)
    provider = _text(asked, "openIDConnectProviderArn") or _text(asked, "sAMLProviderArn") or made
    return Changed(what, owner or provider, "", verb) if owner or provider else None


def _credential(name: str, asked: dict[str, Any], answer: dict[str, Any], owner: str, verb: str) -> Changed | None:
    """Of an answer, the id of the key only; the secret is looked at by nobody."""
    key = answer.get("accessKey")
    found = key.get("accessKeyId") if isinstance(key, dict) else None
    ids = ("accessKeyId", "serialNumber", "sSHPublicKeyId", "certificateId", "serviceSpecificCredentialId",
           "serverCertificateName")  # fmt: skip
    id = found if isinstance(found, str) else next((text for one in ids if (text := _text(asked, one))), "")
    if name.endswith("LoginProfile"):
        id = "password"
    return Changed("credential", owner or id, id, verb) if owner or id else None


def _of_identity_center(record: Record, label: str, resource: str) -> Changed | None:
    if not _SSO_GRANT.fullmatch(record.name):
        return None
    asked, answer = tree(record.request), tree(record.response)
    bundle = _text(asked, "permissionSetArn") or _arn(answer)
    verb = "created" if record.name.startswith(("Attach", "Put")) else _verb(record.name)
    if record.name.endswith("AccountAssignment"):
        who = _text(asked, "principalId")
        return Changed("grant", who, f"{bundle} {_text(asked, 'targetId')}".strip(), verb) if who else None
    policy = _text(asked, "managedPolicyArn")
    return Changed("grant", bundle, policy, verb) if bundle else None


def _of_directory(record: Record, label: str, resource: str) -> Changed | None:
    asked, answer = tree(record.request), tree(record.response)
    if _DIRECTORY_MEMBER.fullmatch(record.name):
        member = asked.get("memberId")
        id = _text(member, "userId") if isinstance(member, dict) else _text(asked, "memberId")
        verb = "created" if record.name.startswith("Add") else _verb(record.name)
        # By this id alone the call that ends it names a membership, so the two are joined when they are read.
        known_as = _text(answer, "membershipId")
        found = f"{_text(asked, 'groupId')} {known_as}".strip()
        id = id or _text(asked, "membershipId")
        return Changed("membership", id, found, verb) if id else None
    if not _DIRECTORY.fullmatch(record.name):
        return None
    id = _text(asked, "userId") or _text(asked, "groupId") or _text(answer, "userId") or _text(answer, "groupId")
    return Changed("principal", id, "", _verb(record.name)) if id else None


def _of_organization(record: Record, label: str, resource: str) -> Changed | None:
    if not _ORGANIZATION.fullmatch(record.name):
        return None
    asked = tree(record.request)
    policy, target = _text(asked, "policyId"), _text(asked, "targetId")
    verb = "created" if record.name.startswith(("Attach", "Put")) else _verb(record.name)
    if not (policy or target):
        policy = _text(asked, "name") or "organization"
    return Changed("grant", target or policy, policy if target else "", verb)


def _of_resource(record: Record, label: str, resource: str) -> Changed | None:
    """A call that sets the policy, list of grants or public block of a resource."""
    if part := _QUEUES.get((label, record.name)):
        told = tree(record.request).get(part)
        named = [*told] if isinstance(told, dict) else [told]
        return Changed("grant", resource, "Policy", "changed") if resource and "Policy" in named else None
    if not resource or not _named_alike(record.name):
        return None
    verb = _verb(record.name)
    return Changed("grant", resource, re.sub(r"20\d\d_?\d\d_?\d\d(?:v\d+)?$", "", record.name), verb)


_IAM = (
    ("credential", _IAM_CREDENTIAL),
    ("principal", _IAM_PRINCIPAL),
    ("grant", _IAM_GRANT),
    ("membership", _IAM_MEMBER),
    ("trust", _IAM_TRUST),
)
_SERVICES = {
    "iam": _of_iam,
    "sso": _of_identity_center,
    "sso-directory": _of_directory,
    "identitystore": _of_directory,
    "organizations": _of_organization,
}


def _verb(name: str) -> str:
    return next((verb for begins, verb in _VERBS if name.startswith(begins)), "changed")


def _owner(asked: dict[str, Any], account: str) -> str:
    """The user, role or group that a call names: its ARN has a path that the request lacks."""
    found = next(((kind, text) for name, kind in _OWNER.items() if (text := _text(asked, name))), None)
    return f"iam:{account}:{found[0]}/{found[1]}" if found else ""


def _arn(answer: dict[str, Any]) -> str:
    """The ARN of what was made, at the top of the answer or one step below."""
    for one in [answer, *(value for value in answer.values() if isinstance(value, dict))]:
        for name, value in one.items():
            if name.lower().endswith("arn") and isinstance(value, str) and value.startswith("arn:"):
                return value
    return ""


def _text(tree: dict[str, Any], name: str) -> str:
    found = tree.get(name)
    return found if isinstance(found, str) else ""
