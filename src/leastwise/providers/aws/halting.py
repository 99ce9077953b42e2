"""Commands of AWS's command line that stop a user, a role or a key, and that take it back.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leastwise.model.plan import Change, Step
from leastwise.providers.base.halting import Halting, Holder, deletion, leaving

_NOBODY = "nobody signs in with it any more"
_OLDER = "AWSRevokeOlderSessions"
_DENY = "arn:aws:iam::aws:policy/AWSDenyAll"
_OF_USER = (
    ("access-keys", "AccessKeyMetadata[].AccessKeyId", "delete-access-key", "--access-key-id"),
    ("signing-certificates", "Certificates[].CertificateId", "delete-signing-certificate", "--certificate-id"),
    ("ssh-public-keys", "SSHPublicKeys[].SSHPublicKeyId", "delete-ssh-public-key", "--ssh-public-key-id"),
    ("service-specific-credentials", "ServiceSpecificCredentials[].ServiceSpecificCredentialId",
     "delete-service-specific-credential", "--service-specific-credential-id"),
    ("mfa-devices", "MFADevices[].SerialNumber", "deactivate-mfa-device", "--serial-number"),
    ("attached-user-policies", "AttachedPolicies[].PolicyArn", "detach-user-policy", "--policy-arn"),
    ("user-policies", "PolicyNames[]", "delete-user-policy", "--policy-name"),
    ("groups-for-user", "Groups[].GroupName", "remove-user-from-group", "--group-name"),
)  # fmt: skip
"""What IAM lists of a user, and how each of it is taken off: with any of it left a user is not deleted."""
_OF_ROLE = (
    ("attached-role-policies", "AttachedPolicies[].PolicyArn", "detach-role-policy", "--policy-arn"),
    ("role-policies", "PolicyNames[]", "delete-role-policy", "--policy-name"),
    ("instance-profiles-for-role", "InstanceProfiles[].InstanceProfileName", "remove-role-from-instance-profile",
     "--instance-profile-name"),
)  # fmt: skip
"""The same of a role."""
_APPLICATION = re.compile(r"(?:^|\s)app/([^\s]+)")


def _aws(*words: str) -> str:
    return shlex.join(("aws", *words))


def _credential(holder: Holder, credential: Mapping[str, Any]) -> Step | None:
    if credential["active"] is False:
        return None
    id = credential["id"]
    # Logs tell of a key that was made by its id alone.
    if credential["kind"] == "access_key" or (not credential["kind"] and id.startswith("AKIA")):
        told = ("iam", "update-access-key", "--user-name", holder.name, "--access-key-id", id, "--status")
        return Step("deactivate key", id, _NOBODY, _aws(*told, "Inactive"), _aws(*told, "Active"))
    if credential["kind"] == "password":
        command = _aws("iam", "delete-login-profile", "--user-name", holder.name)
        return Step("take the console password away", id, _NOBODY, command)
    return None


def _sessions(holder: Holder, before: datetime) -> Step | None:
    if holder.native not in ("user", "role"):
        return None
    stamp = before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"DateLessThan": {"aws:TokenIssueTime": stamp}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    name = (f"--{holder.native}-name", holder.name, "--policy-name", _OLDER)
    command = _aws("iam", f"put-{holder.native}-policy", *name, "--policy-document", document)
    back = _aws("iam", f"delete-{holder.native}-policy", *name)
    return Step("deny older sessions", holder.id, f"sessions begun before {stamp} can do nothing", command, back)


def _retired(holder: Holder, days: int) -> list[Step]:
    found = [step for one in holder.credentials if (step := _credential(holder, one)) is not None]
    if holder.native == "user":
        found += [_leave(holder, group) for group in holder.groups]
        last = _deleted("user", holder.name)
    elif holder.native == "role":
        told = ("--role-name", holder.name, "--policy-arn", _DENY)
        on, off = (_aws("iam", f"{verb}-role-policy", *told) for verb in ("attach", "detach"))
        found.append(Step("deny everything", holder.id, "whoever still needs it is noticed", on, off))
        last = _deleted("role", holder.name)
    else:
        return found
    return [*found, deletion(holder, days, last)]


def _deleted(kind: str, name: str) -> str:
    """What deletes a user or a role with all that IAM wants gone first, as it is listed then.

    Virtual devices are deleted, as nobody else can have them; other devices are given back.
    """
    on = f"--{kind}-name {shlex.quote(name)}"
    parts = [_emptied(on, *one) for one in (_OF_USER if kind == "user" else _OF_ROLE)]
    if kind == "user":
        listed = f"aws iam list-mfa-devices {on} --query {shlex.quote('MFADevices[].SerialNumber')} --output text"
        virtual = 'case "$device" in arn:*:mfa/*) aws iam delete-virtual-mfa-device --serial-number "$device";; esac'
        at = next(place for place, one in enumerate(_OF_USER) if one[0] == "mfa-devices")
        off = f'aws iam deactivate-mfa-device {on} --serial-number "$device"'
        parts[at] = f"for device in $({listed}); do {off} && {virtual} || exit 1; done"
        has = f"aws iam get-login-profile {on} >/dev/null 2>&1"
        parts.insert(0, f"if {has}; then aws iam delete-login-profile {on}; fi")
    return " && ".join((*parts, f"aws iam delete-{kind} {on}"))


def _emptied(on: str, listing: str, query: str, verb: str, option: str) -> str:
    """What takes off all that is listed of somebody; one that fails ends it."""
    listed = f"aws iam list-{listing} {on} --query {shlex.quote(query)} --output text"
    return f'for one in $({listed}); do aws iam {verb} {on} {option} "$one" || exit 1; done'


def _leave(holder: Holder, group: str) -> Step:
    told = ("--user-name", holder.name, "--group-name", group.rpartition("/")[2])
    off, on = _aws("iam", "remove-user-from-group", *told), _aws("iam", "add-user-to-group", *told)
    return leaving(group, off, on)


def _made(change: Change) -> tuple[str, str]:
    """The command of a change, and those of its inverse."""
    return _command(change), " && ".join(_command(one) for one in change.inverse)


def _command(change: Change) -> str:
    told = change.told
    policy, on = str(told.get("policy", "")), str(told.get("on") or told.get("from") or told.get("to") or "")
    kind, name = on.rpartition(":")[2].partition("/")[0], on.rpartition("/")[2]
    holder = (f"--{kind}-name", name)
    match change.verb:
        case "put" if on:
            document = json.dumps(told["document"], separators=(",", ":"))
            return _aws("iam", f"put-{kind}-policy", *holder, "--policy-name", policy, "--policy-document", document)
        case "put":
            document = json.dumps(told["document"], separators=(",", ":"))
            named = ("--policy-arn", policy, "--policy-document", document)
            return f"{_room(policy)} && {_aws('iam', 'create-policy-version', *named, '--set-as-default')}"
        case "create":
            document = json.dumps(told["document"], separators=(",", ":"))
            return _aws(
                "iam", "create-policy", "--policy-name", policy.rpartition("/")[2], "--policy-document", document
            )
        case "delete":
            return _aws("iam", "delete-policy", "--policy-arn", policy)
        case "remove":
            return _aws("iam", f"delete-{kind}-policy", *holder, "--policy-name", policy)
        case "attach" | "detach":
            return _aws("iam", f"{change.verb}-{kind}-policy", *holder, "--policy-arn", policy)
        case "leave" | "join":
            verb = "remove-user-from-group" if change.verb == "leave" else "add-user-to-group"
            user, group = (str(told[key]).rpartition("/")[2] for key in ("principal", "group"))
            return _aws("iam", verb, "--user-name", user, "--group-name", group)
    return ""


def _room(policy: str) -> str:
    """What makes room for a version of a policy: of five the oldest goes that is not in force.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    on = f"--policy-arn {shlex.quote(policy)}"
    query = "length(Versions) > `4` && sort_by(Versions[?!IsDefaultVersion], &CreateDate)[0].VersionId || ''"
    oldest = f"oldest=$(aws iam list-policy-versions {on} --query {shlex.quote(query)} --output text)"
    return f'{oldest} && {{ [ -z "$oldest" ] || aws iam delete-policy-version {on} --version-id "$oldest"; }}'


def _application(agent: str) -> str:
    """What `AWS_SDK_UA_APP_ID` put into the user agent.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
    """
    found = _APPLICATION.search(agent)
    return found[1] if found else ""


HALTING = Halting(_credential, _sessions, _retired, _made, _application)
