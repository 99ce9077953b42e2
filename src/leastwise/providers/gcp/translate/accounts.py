"""Service accounts, their keys, and when these were used."""

from __future__ import annotations

from leastwise.providers.gcp.language.members import is_service_account
from leastwise.providers.members import Object

from .context import Context
from .reading import member, text, time, truth

_IAM = "//iam.googleapis.com/"
_KINDS = {"USER_PROVIDED": "uploaded_key", "GOOGLE_PROVIDED": "service_account_key"}


def learn(context: Context, value: Object, source: str) -> None:
    """Which mail address belongs to a unique id: keys and policies may name either."""
    mail, unique = text(value, "email"), text(value, "uniqueId")
    if mail and is_service_account(mail):
        id = context.members.id(f"serviceAccount:{mail}", source)
        if unique:
            context.agents.setdefault(unique, id)
            context.unique.setdefault(id, unique)


def service_account(context: Context, value: Object, node: str, source: str) -> None:
    """A service account: a principal, and a resource that others are granted roles on."""
    mail = text(value, "email")
    if not mail:
        return
    id = context.members.tell(
        f"serviceAccount:{mail}", source, account=context.account(node) if node else "",
        name=mail.lower(), unique_id=text(value, "uniqueId"),
        enabled=truth(value, "disabled") is not True, directory="own",
    )  # fmt: skip
    name = text(value, "name")
    if name:
        full = context.resource_name(_IAM + name)
        context.resource(full, source, node=node, type="iam.googleapis.com/ServiceAccount", principal=id, name=mail)
        said = text(value, "displayName")
        context.resource(full, source, details=(("display_name", said),) if said else ())


def key(context: Context, value: Object, node: str, source: str) -> None:
    """A key of a service account, as the list of its keys tells of it."""
    name = text(value, "name")
    if name:
        add_key(context, _IAM + name, value, node, source)


def add_key(context: Context, name: str, value: Object, node: str, source: str) -> None:
    """A key by its full name. A key that Google manages cannot be read by anybody, and is rotated by Google.

    https://cloud.google.com/iam/docs/service-account-creds
    """
    account, _, id = name.rpartition("/keys/")
    principal = context.service_account_of(account) or context.service_account_of(_IAM + text(value, "name"))
    if not principal or not id:
        return
    kind = _KINDS.get(text(value, "keyOrigin"), "service_account_key")
    if text(value, "keyType") == "SYSTEM_MANAGED":
        kind = "system_managed_key"
    if id in context.keys:
        return
    context.keys[id] = {
        "id": id, "principal": principal, "kind": kind, "active": truth(value, "disabled") is not True,
        "created": time(value, "validAfterTime"), "expires": time(value, "validBeforeTime"),
        "source": source, "node": node,
    }  # fmt: skip
    context.keys_of.add(principal)


def activity(context: Context, value: Object, source: str) -> None:
    """What the Policy Analyzer says of the last time that a service account or a key signed in.

    https://cloud.google.com/policy-intelligence/docs/activity-analyzer-service-account-authentication
    """
    name, kind = text(value, "fullResourceName"), text(value, "activityType")
    used = time(value, "activity", "lastAuthenticatedTime")
    if kind == "serviceAccountKeyLastAuthentication":
        context.key_used[name.rpartition("/keys/")[2]] = used
    elif kind == "serviceAccountLastAuthentication":
        principal = context.service_account_of(name)
        if principal:
            context.members.tell(principal, source, last_used=used, last_used_known=True)


def key_asset(context: Context, asset: Object, node: str, source: str) -> None:
    """A key as Cloud Asset tells of it."""
    data = member(asset, "resource", "data")
    if isinstance(data, dict):
        add_key(context, text(asset, "name"), data, node, source)
