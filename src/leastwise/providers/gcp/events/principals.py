"""Who made a call, out of an entry's `authenticationInfo`.

A call counts for the identity whose policies decided it, named by the member string that policies name it by: a service
account also where somebody else acted through it (`serviceAccountDelegationInfo`), an identity of a pool where it has
no service account. The mail address decides what is a service account: `principalSubject` writes some of them as
`user:`.

https://docs.cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog (AuthenticationInfo)
https://docs.cloud.google.com/logging/docs/audit#user-id (addresses that are taken out)
https://docs.cloud.google.com/iam/docs/audit-logging/examples-workload-identity
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.language.members import Kind, Member, member_of_mail, parse_member
from leastwise.providers.gcp.translate.members import project_of
from leastwise.providers.logs.nested import Object, items, text

from .entry import Entry
from .subjects import steady

Native = Literal[
    "user", "service_account", "service_agent", "workload_identity", "workforce_identity", "kubernetes_service_account",
    "agent_identity", "kubernetes_component", "principal", "service", "anonymous", "unknown",
]  # fmt: skip
"""`service` is Google itself, `kubernetes_component` a part of a cluster (a node, a controller)."""

_NATIVE: dict[Kind, Native] = {
    Kind.USER: "user",
    Kind.SERVICE_ACCOUNT: "service_account",
    Kind.SUBJECT: "workload_identity",
    Kind.KUBERNETES: "kubernetes_service_account",
    Kind.AGENT: "agent_identity",
}
_MAIL = re.compile(r"[^\s@<>/\[\]]+@[^\s@<>/\[\]]+")
_POD = re.compile(r"system:serviceaccount:([^:]+):([^:]+)")
_POOL_PROJECT = re.compile(r"projects/([^/]+)/locations/")
_GOOGLE = frozenset(("system@google.com", "cloudaudit@google.com"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who made a call. Texts are empty where the log does not say.

    - `id`: whom the call counts for, as a member string; empty for nobody (`service`, `anonymous`, `unknown`).
    - `owner`: the account of the principal, as far as its name tells: the project of a service account or pool.
    - `credential`: the id of the service account's key. `workload`: the ephemeral identity behind it (`subjects`).
    - `origin`: the first of those who act through a service account; `via`: the last one, if that is a service's agent.
    - `why`: why the call counts for nobody.
    """

    kind: Native
    id: str = ""
    owner: str = ""
    credential: str = ""
    workload: str = ""
    origin: str = ""
    via: str = ""
    why: str = ""


def who(entry: Entry) -> Who:
    """Who made the call."""
    told = entry.authentication
    mail = text(told, "principalEmail").strip()
    subject = text(told, "principalSubject").strip()
    mapped = text(entry.metadata, "mapped_principal") or text(entry.metadata, "mappedPrincipal")
    member = _member(mail, subject, mapped, entry)
    if member is None:
        return _nobody(entry, mail, subject)
    chain = [one for one in map(_delegate, items(told, "serviceAccountDelegationInfo")) if one is not None]
    origin = chain[0] if chain else None
    # The subject that a service account's credentials were given out for stands beside the account's address.
    behind = origin if origin is not None else member
    beside = parse_member(subject) if subject.startswith("principal:") else None
    if origin is None and beside is not None and beside != member and beside.single:
        behind = origin = beside
    return Who(
        kind=_native(member),
        id=member.text,
        owner=_owner(member),
        credential=text(told, "serviceAccountKeyName").rpartition("/keys/")[2],
        workload=_workload(behind) or _workload(member),
        origin=origin.text if origin is not None else "",
        via=chain[-1].id if chain and _native(chain[-1]) == "service_agent" else "",
    )


def member_named(name: str) -> Member | None:
    """Whom a text in a record names: a member string, or a bare mail address; None for what is neither."""
    if _MAIL.fullmatch(name) and ":" not in name:
        return member_of_mail(name)
    found = parse_member(name) if ":" in name or name in ("allUsers", "allAuthenticatedUsers") else None
    return None if found is None or (found.kind is Kind.OTHER and "://" not in name) else found


def _member(mail: str, subject: str, mapped: str, entry: Entry) -> Member | None:
    """The one identity that is named, or None."""
    if entry.log == "system_event" or mail in _GOOGLE or mail.startswith("system:anonymous"):
        return None
    if mapped.startswith("principal:"):
        return _single(mapped)
    pod = _POD.fullmatch(mail) or _POD.fullmatch(subject)
    if pod is not None:
        pool = f"{entry.project}.svc.id.goog" if entry.project else ""
        return parse_member(f"serviceAccount:{pool}[{pod[1]}/{pod[2]}]") if pool else None
    if _MAIL.fullmatch(mail):
        return member_of_mail(mail)
    return _single(subject) or _single(mail)


def _single(subject: str) -> Member | None:
    """The identity of a subject that names one."""
    address = subject.partition(":")[2]
    if _MAIL.fullmatch(address) and subject.startswith(("user:", "serviceAccount:")):
        return member_of_mail(address)
    found = parse_member(subject) if subject.startswith(("principal:", "serviceAccount:")) else None
    return found if found is not None and found.single else None


def _delegate(info: Object) -> Member | None:
    """One who acts through a service account, as the list of them has it."""
    mail = text(info, "firstPartyPrincipal", "principalEmail")
    subject = text(info, "principalSubject")
    claims = info.get("thirdPartyPrincipal")
    third = text(claims, "thirdPartyClaims", "sub") if isinstance(claims, dict) else ""
    if _MAIL.fullmatch(mail):
        return member_of_mail(mail)
    return _single(subject) or (parse_member(third) if third.startswith("principal:") else None)


def _nobody(entry: Entry, mail: str, subject: str) -> Who:
    """Why a call counts for nobody."""
    selector = text(entry.authentication, "authoritySelector")
    if entry.log == "system_event" or mail in _GOOGLE:
        return Who(kind="service", why="Google Cloud did it itself")
    if "system:anonymous" in (mail, selector) or subject == "system:anonymous":
        return Who(kind="anonymous", why="the caller did not sign in")
    if mail.startswith("system:"):
        return Who(kind="kubernetes_component", why=f"a part of the cluster ({mail})")
    if mail or subject:
        return Who(
            kind="unknown", why=f"{mail or subject!r} names no identity: the log hides it, or a service named it"
        )
    return Who(kind="unknown", why="the entry names no caller: it is hidden, or did not sign in")


@lru_cache(maxsize=1 << 14)
def _native(member: Member) -> Native:
    if member.kind is Kind.SERVICE_ACCOUNT and catalog.service_agent(member.id):
        return "service_agent"
    if member.kind is Kind.SUBJECT and "workforcePools/" in member.pool:
        return "workforce_identity"
    return _NATIVE.get(member.kind, "principal")


@lru_cache(maxsize=1 << 14)
def _owner(member: Member) -> str:
    """The account that its name tells: a project's id, or `projects/NUMBER`."""
    project = ""
    if member.kind is Kind.SERVICE_ACCOUNT:
        project = project_of(member.id)
    elif member.kind is Kind.KUBERNETES:
        project = member.pool.removesuffix(".svc.id.goog")
    elif found := _POOL_PROJECT.match(member.pool):
        project = found[1]
    return f"projects/{project}" if project.isdigit() else project


def _workload(member: Member) -> str:
    """The ephemeral identity that a member is, empty for people and service accounts."""
    if member.kind is Kind.KUBERNETES:
        return f"{member.pool}[{member.id}]"
    if member.kind is not Kind.SUBJECT or "workforcePools/" in member.pool:
        return ""
    return f"{member.pool.rpartition('/')[2]}/{steady(member.id)}"
