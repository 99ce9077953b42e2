"""Whose a saved response is: told by its folder or by a response beside it, guessed only from what is surely its own.

A policy names other accounts and other organizations, so a response that holds one is never asked whose it is. What
is asked are the ARNs that AWS gives to the account's own things, for calls that list nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leastwise.errors import InputError
from leastwise.model.scope import Scope

from .files import TWELVE, folder_account, folder_region, parse, read_bytes

_ACCOUNT = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):.*", re.DOTALL)
_ORGANIZATION = re.compile(r"arn:aws[a-z-]*:organizations::\d{12}:[a-z]+/(o-[a-z0-9]{10,32})(?:/.*)?", re.DOTALL)
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")
_ORGANIZATION_SERVICES = ("organizations", "sso-admin", "identitystore")

_OWN: dict[str, tuple[str, str]] = {
    "bedrock-agent.get-agent": ("agent", "agentArn"),
    "dynamodb.describe-table": ("Table", "TableArn"),
    "events.list-rules": ("Rules", "Arn"),
    "iam.list-groups": ("Groups", "Arn"),
    "iam.list-open-id-connect-providers": ("OpenIDConnectProviderList", "Arn"),
    "iam.list-roles": ("Roles", "Arn"),
    "iam.list-saml-providers": ("SAMLProviderList", "Arn"),
    "iam.list-users": ("Users", "Arn"),
    "iot.describe-certificate": ("certificateDescription", "certificateArn"),
    "iot.describe-role-alias": ("roleAliasDescription", "roleAliasArn"),
    "iot.list-things": ("things", "thingArn"),
    "lambda.list-functions": ("Functions", "FunctionArn"),
    "sts.get-caller-identity": ("", "Arn"),
}
"""Call → the member that holds the account's own things, and their ARN."""


def owner(path: Path, service: str, call: str, body: object) -> Scope:
    """The scope of a saved response. Raises InputError that says what to do when nothing tells it."""
    if service in _ORGANIZATION_SERVICES:
        organization = _organization(path, body)
        if organization is not None:
            return Scope("aws", "organization", organization)
    account = folder_account(path) or _caller(path) or _own(call, body)
    if account is None:
        what = "its folder by the account's id, or save sts-get-caller-identity.json beside it"
        if service in _ORGANIZATION_SERVICES:
            what = "organizations-describe-organization.json beside it, or name its folder by the organization's id"
            raise InputError(path, f"cannot tell whose organization this is; save {what}")
        raise InputError(path, f"cannot tell whose account this is; name {what}")
    return Scope("aws", "account", account)


def _beside(path: Path, name: str) -> Path | None:
    """A response saved beside a file, or above the folder of its region."""
    folders = [path.parent]
    if folder_region(path) == path.parent.name:
        folders.append(path.parent.parent)
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def _organization(path: Path, body: object) -> str | None:
    named = next((one.name for one in path.absolute().parents if _ORGANIZATION_ID.fullmatch(one.name)), None)
    if named is not None:
        return named
    described = _beside(path, "organizations-describe-organization.json")
    if described is not None:
        about = parse(described, read_bytes(described))
        found = _described(about)
        if found is None:
            raise InputError(described, "names no organization", "$.Organization.Id")
        return found
    ids = {_described(body)} - {None} or set(_organizations(body))
    if len(ids) > 1:
        raise InputError(path, f"names {len(ids)} organizations; save organizations-describe-organization.json beside")
    return next(iter(ids), None)


def _described(body: object) -> str | None:
    about = body.get("Organization") if isinstance(body, dict) else None
    found = about.get("Id") if isinstance(about, dict) else None
    return found if isinstance(found, str) and _ORGANIZATION_ID.fullmatch(found) else None


def _organizations(value: Any) -> Iterator[str]:
    """The organizations in members called Arn; the content of a policy is a text and is not looked into."""
    if isinstance(value, list):
        for one in value:
            yield from _organizations(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Arn" and isinstance(one, str) and (match := _ORGANIZATION.fullmatch(one)):
                yield match[1]
            elif key != "Content":
                yield from _organizations(one)


def _caller(path: Path) -> str | None:
    caller = _beside(path, "sts-get-caller-identity.json")
    if caller is None:
        return None
    found = parse(caller, read_bytes(caller))
    account = str(found.get("Account")) if isinstance(found, dict) else ""
    if not TWELVE.fullmatch(account):
        raise InputError(caller, "names no account")
    return account


def _own(call: str, body: object) -> str | None:
    """The account in the ARNs of the account's own things, when all say the same."""
    member, arn = _OWN.get(call, ("", ""))
    held = body if not member else body.get(member) if isinstance(body, dict) else None
    things = held if isinstance(held, list) else [held]
    given = [one.get(arn) for one in things if isinstance(one, dict)] if arn else []
    found = {match[1] for one in given if isinstance(one, str) and (match := _ACCOUNT.fullmatch(one))}
    return found.pop() if len(found) == 1 else None
