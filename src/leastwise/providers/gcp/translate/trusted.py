"""Who may become a service account: bindings on the account itself that let their members act as it."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.language.members import Kind

from .context import Context
from .documents import Statement
from .members import project_of

ACTING = frozenset(
    f"iam.serviceAccounts.{verb}"
    for verb in ("actAs", "getAccessToken", "getOpenIdToken", "implicitDelegation", "signBlob", "signJwt")
)
"""Permissions by which somebody acts as a service account.

https://cloud.google.com/iam/docs/service-account-permissions
"""
_SERVICE_ACCOUNT = "/serviceAccounts/"
_SUBJECT_KINDS = {
    Kind.GROUP: "group", Kind.DOMAIN: "domain", Kind.CUSTOMER: "domain", Kind.EVERYONE: "anyone",
    Kind.AUTHENTICATED: "anyone", Kind.POOL: "pool", Kind.POOL_GROUP: "pool", Kind.POOL_ATTRIBUTE: "pool",
    Kind.SUBJECT: "pool", Kind.NAMESPACE: "pool", Kind.SERVICE_ACCOUNTS: "group", Kind.SERVICE_AGENTS: "group",
    Kind.PROJECT_OWNER: "group", Kind.PROJECT_EDITOR: "group", Kind.PROJECT_VIEWER: "group", Kind.OTHER: "group",
}  # fmt: skip
_WIDE = frozenset({Kind.POOL, Kind.DOMAIN, Kind.CUSTOMER, Kind.NAMESPACE, Kind.OTHER})


def trust(context: Context, name: str, document: int, statements: Sequence[Statement]) -> None:
    """Keep the bindings of a service account's policy; rows are made when all roles are known."""
    if name.startswith("//iam.googleapis.com/") and _SERVICE_ACCOUNT in name:
        context.trusting.append((name, document, statements))


def finish_trusts(context: Context) -> None:
    """A row for each member who may act as a service account by its own policy."""
    for name, document, statements in context.trusting:
        principal = context.service_account_of(name)
        if not principal:
            continue
        for position, one in enumerate(statements):
            actions = _acting(context, one.actions[0])
            if actions:
                for who in dict.fromkeys(one.principals):
                    _row(context, principal, who, actions, one, document, position)


def _acting(context: Context, role: str) -> list[str]:
    """What a role lets its holders do as the service account; a role that is not known may let them do all of it."""
    permissions = context.permissions_of(role)
    return sorted(ACTING if permissions is None else permissions & ACTING)


def _row(
    context: Context, principal: str, who: str, actions: list[str], statement: Statement, document: int, position: int
) -> None:
    id = context.members.id(who, "")
    member = context.members.member(id)
    account = context.members.account(context.members.member(principal))
    directory = context.members.directory(id)
    outside = {"own": account, "foreign": member.domain or "*"}.get(directory)
    if member.kind is Kind.SERVICE_ACCOUNT and not catalog.service_agent(member.id):
        outside = context.members.account(member) or project_of(member.id) or None
    elif member.kind is Kind.KUBERNETES:
        project = member.pool.removesuffix(".svc.id.goog")
        outside = context.known_account(f"projects/{project}") or project
    if member.kind in (Kind.POOL, Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE, Kind.SUBJECT):
        outside = member.pool
    elif catalog.service_agent(member.id):
        outside = account
    context.facts.trusts.add(
        principal=principal, account=account or context.top, effect="Allow",
        subject_kind=_SUBJECT_KINDS.get(member.kind, "principal"), subject=id, subject_account=outside,
        patterns=[member.id] if member.kind in (Kind.SUBJECT, Kind.POOL_ATTRIBUTE, Kind.POOL_GROUP) else [],
        actions=actions, conditional=statement.condition is not None, dead=member.deleted, document=document,
        position=position, reach="anyone" if member.kind in (Kind.EVERYONE, Kind.AUTHENTICATED)
        else "wide" if member.kind in _WIDE else "narrow",
    )  # fmt: skip
