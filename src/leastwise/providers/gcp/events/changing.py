"""Who made, changed or removed a principal, a credential, a grant, a trust or a membership.

What a call to set an allow policy changed stands in its `policyDelta`: bindings added and removed, member by member. A
grant is named as the list of grants has it: the member, and `ROLE RESOURCE`, where a project, folder or organization
stands as its account.

https://docs.cloud.google.com/logging/docs/reference/audit/iam/rest/Shared.Types/AuditData
https://docs.cloud.google.com/iam/docs/audit-logging/examples-service-accounts
https://docs.cloud.google.com/logging/docs/audit/gsuite-audit-logging (groups and users)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from leastwise.providers.gcp.language.members import is_service_account, member_of_mail
from leastwise.providers.gcp.language.resources import MANAGER
from leastwise.providers.logs.nested import Object, items, part, text

from .entry import Entry
from .principals import member_named
from .resources import account_of

_VERBS = {
    "create": "created", "add": "created", "upload": "created", "undelete": "created", "delete": "removed",
    "remove": "removed", "update": "changed", "patch": "changed", "disable": "changed", "enable": "changed",
    "suspend": "changed", "unsuspend": "changed",
}  # fmt: skip
_VERB = re.compile(
    r"(create|add|upload|undelete|delete|remove|update|patch|disable|enable|suspend|unsuspend)(.*)", re.I
)
_SETS = re.compile(r"set(?:iam(?:policy|permissions))$", re.I)
_DELTAS = {"ADD": "created", "REMOVE": "removed"}
_TRUSTED = ("workloadidentitypool", "workloadidentitypoolprovider", "workforcepool", "workforcepoolprovider")
_POLICIES = ("policy", "principalaccessboundarypolicy", "policybinding", "accesspolicy")
ALLOW_POLICY = "allow policy"


@dataclass(frozen=True, slots=True)
class Changed:
    """What a call changed; columns of the table `changes`."""

    what: str
    subject: str
    object: str
    verb: str


def changed(entry: Entry, resource: str) -> list[Changed]:
    """What a call that went through made, changed or removed. `resource` is the full name of what it touched."""
    last = entry.method.rpartition(".")[2]
    deltas = list(_deltas(entry))
    if deltas or _SETS.fullmatch(last):
        return list(_granted(entry, deltas, resource))
    found = _VERB.fullmatch(last)
    look = _SERVICES.get(entry.service)
    if found is None or look is None:
        return []
    return list(look(entry, found[2].lower(), _VERBS[found[1].lower()], resource))


def may_change(service: str, method: str, metadata: bytes, service_data: bytes) -> bool:
    """Whether a call may have changed something, by its name and what is written beside it."""
    return _alters(service, method) or b"indingDeltas" in metadata or b"indingDeltas" in service_data


@lru_cache(maxsize=1 << 14)
def _alters(service: str, method: str) -> bool:
    return service in _SERVICES or _SETS.fullmatch(method.rpartition(".")[2]) is not None


def _deltas(entry: Entry) -> Iterator[Object]:
    for place in (entry.service_data, entry.metadata):
        yield from items(place, "policyDelta", "bindingDeltas")
    for name in ("datasetChange", "tableChange", "routineChange", "connectionChange"):
        yield from items(entry.metadata, name, "bindingDeltas")
        yield from items(entry.metadata, name, "policyDelta", "bindingDeltas")


def _granted(entry: Entry, deltas: list[Object], resource: str) -> Iterator[Changed]:
    where = (account_of(resource) if resource.startswith(MANAGER) else resource) or entry.resource
    account = _account(entry, resource) if "/serviceAccounts/" in resource else ""
    for one in deltas:
        verb = _DELTAS.get(text(one, "action").upper(), "changed")
        member = member_named(text(one, "member"))
        name = member.text if member is not None else text(one, "member")
        if not name:
            continue
        yield Changed("grant", name, f"{text(one, 'role')} {where}".strip(), verb)
        if account:
            yield Changed("trust", f"serviceAccount:{account}", name, verb)
    if not deltas and where:
        yield Changed("grant", where, ALLOW_POLICY, "changed")


def _of_iam(entry: Entry, noun: str, verb: str, resource: str) -> Iterator[Changed]:
    """Service accounts, their keys, roles, pools, and policies that deny or limit."""
    mail = _account(entry, resource)
    if noun == "serviceaccount" and mail:
        yield Changed("principal", f"serviceAccount:{mail}", "", verb)
    elif noun in ("serviceaccountkey", "key") and (mail or "/keys/" in entry.resource):
        names = (text(entry.response, "name"), entry.resource, text(entry.request, "name"))
        key = next((name.rpartition("/keys/")[2] for name in names if "/keys/" in name), "")
        yield Changed("credential", f"serviceAccount:{mail}" if mail else key, key, verb)
    elif noun == "role":
        name = text(entry.response, "name") or entry.resource
        name = name if "roles/" in name else _below(entry.resource, "roles", _asked(entry, "role_id", "roleId"))
        if name:
            yield Changed("grant", name, "", verb)
    elif noun in _TRUSTED:
        names = (text(entry.response, "name"), text(entry.request, "name"), entry.resource)
        yield Changed("trust", next((one for one in names if "Pools/" in one), entry.resource), "", verb)
    elif noun in _POLICIES:
        names = (text(entry.request, "policy", "name"), text(entry.request, "name"), entry.resource)
        yield Changed("grant", next((one for one in names if one), ""), noun, verb)


def _of_keys(entry: Entry, noun: str, verb: str, resource: str) -> Iterator[Changed]:
    """Keys of APIs, which are no principals' but the project's. Of an answer only the name is looked at."""
    if noun == "key":
        names = (text(entry.response, "name"), text(entry.request, "name"), entry.resource)
        yield Changed("credential", next((one for one in names if "/keys/" in one), entry.resource), "", verb)


def _of_workspace(entry: Entry, noun: str, verb: str, resource: str) -> Iterator[Changed]:
    """Users, groups and who is in them, as Google Workspace tells of it."""
    for event in items(entry.metadata, "event"):
        told = {text(one, "name"): text(one, "value") for one in items(event, "parameter")}
        user, group = (told.get(name, "").lower() for name in ("USER_EMAIL", "GROUP_EMAIL"))
        if noun in ("groupmember", "groupmembers") and user and group:
            yield Changed("membership", member_of_mail(user).text, f"group:{group}", verb)
        elif noun == "user" and user:
            yield Changed("principal", f"user:{user}", "", verb)
        elif noun == "group" and group:
            yield Changed("principal", f"group:{group}", "", verb)


def _of_groups(entry: Entry, noun: str, verb: str, resource: str) -> Iterator[Changed]:
    """Groups of Cloud Identity, which requests name by an id, and who is in them."""
    if noun == "membership":
        asked = part(entry.request, "membership")
        member = text(asked, "preferredMemberKey", "id") or text(asked, "preferred_member_key", "id")
        parent = text(entry.request, "parent") or entry.resource.partition("/memberships/")[0]
        yield Changed("membership", member_of_mail(member).text if "@" in member else entry.resource, parent, verb)
    elif noun == "group":
        mail = text(entry.request, "group", "groupKey", "id") or text(entry.request, "group", "group_key", "id")
        yield Changed("principal", f"group:{mail.lower()}" if mail else entry.resource, "", verb)


_SERVICES: dict[str, Callable[[Entry, str, str, str], Iterator[Changed]]] = {
    "iam.googleapis.com": _of_iam,
    "apikeys.googleapis.com": _of_keys,
    "admin.googleapis.com": _of_workspace,
    "cloudidentity.googleapis.com": _of_groups,
}


def _account(entry: Entry, resource: str) -> str:
    """The address of the service account that a call is about, or empty."""
    told = (
        text(entry.response, "email"), text(entry.labels, "email_id"), _mail_of(text(entry.request, "name")),
        _mail_of(resource), _mail_of(text(entry.response, "name")),
    )  # fmt: skip
    found = next((one.lower() for one in told if is_service_account(one)), "")
    name = _asked(entry, "account_id", "accountId")
    return found or (f"{name}@{entry.project}.iam.gserviceaccount.com" if name and entry.project else "")


def _mail_of(name: str) -> str:
    found = name.partition("/serviceAccounts/")[2].partition("/")[0].lower()
    return found if "@" in found else ""


def _asked(entry: Entry, *names: str) -> str:
    return next((found for name in names if (found := text(entry.request, name))), "")


def _below(parent: str, noun: str, name: str) -> str:
    return f"{parent}/{noun}/{name}" if parent and name else ""
