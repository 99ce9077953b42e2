"""People of the organization's directory, its administrators, and which service accounts may act for all of them."""

from __future__ import annotations

from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.gcp.language.administering import MAY, UNTOLD
from leastwise.providers.gcp.tree import KINDS
from leastwise.providers.members import Object

from .context import Context
from .reading import member, objects, text, texts, time, truth

_SOME, _CLOUD = "", "https://www.googleapis.com/auth/cloud-platform"
"""What stands for scopes that are not told, and the scope of everything in Google Cloud."""
_NEVER = "1970-01-01"


def user(context: Context, value: Object, node: str, source: str) -> None:
    """A person as the directory lists them: enrolment in 2-Step Verification is the second factor.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/users
    """
    mail = text(value, "primaryEmail")
    if not mail:
        return
    context.people[text(value, "id")] = mail
    own = mail.lower().rpartition("@")[2]
    context.members.domains.add(own)
    context.domains.setdefault(text(value, "customerId"), set()).add(own)
    suspended = truth(value, "suspended") is True or truth(value, "archived") is True
    admin = "super" if truth(value, "isAdmin") else "delegated" if truth(value, "isDelegatedAdmin") else ""
    used = text(value, "lastLoginTime")
    context.members.tell(
        f"user:{mail}", source, name=text(value, "name", "fullName") or mail, unique_id=text(value, "id"),
        enabled=not suspended, mfa=truth(value, "isEnrolledIn2Sv"), console=not suspended, directory="own",
        path=text(value, "orgUnitPath"), created=time(value, "creationTime"), last_used_known=bool(used),
        last_used=None if used.startswith(_NEVER) else time(value, "lastLoginTime"),
        tags=(("directory_admin", admin),) if admin else (),
    )  # fmt: skip


def role(context: Context, value: Object, node: str, source: str) -> None:
    """A role of administrators.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/roles
    """
    named = (text(one, "privilegeName") for one in objects(value, "rolePrivileges"))
    context.admin_roles[text(value, "roleId")] = tuple(one for one in named if one)


def role_assignment(context: Context, value: Object, node: str, source: str) -> None:
    """Somebody who administers, everything or the people of one unit.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/roleAssignments
    """
    whole = text(value, "scopeType") == "CUSTOMER" and not text(value, "condition")
    unit = "" if whole else text(value, "orgUnitId") or UNTOLD
    context.administering.append((text(value, "assignedTo"), text(value, "roleId"), unit))


def finish_administrators(context: Context) -> None:
    """What administrators may do to people: in details `may:PRIVILEGE`, with the unit that it is limited to."""
    found: dict[str, dict[str, str]] = {}
    others = False
    for whom, role, unit in context.administering:
        mail = context.people.get(whom, "")
        others |= not mail
        for privilege in context.admin_roles.get(role, (UNTOLD,)) if mail else ():
            held = found.setdefault(mail, {})
            held[privilege] = "" if held.get(privilege) == "" else unit
    for mail, held in found.items():
        context.members.tell(f"user:{mail}", "", details=tuple((MAY + one, unit) for one, unit in sorted(held.items())))
    if others:
        context.gap(
            "directory", "roleAssignments.list", CoverageStatus.UNSUPPORTED,
            "roles of the directory are assigned to groups, or to people whom it did not list",
            "who administers the directory",
        )  # fmt: skip


def domain(context: Context, value: Object, customer: str) -> None:
    """A domain of the directory, secondary ones too, with the names that stand for it; not one that is not proved.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/domains
    """
    found = [value, *objects(value, "domainAliases")]
    for one in found if truth(value, "verified") is not False else ():
        name = (text(one, "domainName") or text(one, "domainAliasName")).lower()
        if name and truth(one, "verified") is not False:
            context.members.domains.add(name)
            context.domains.setdefault(customer, set()).add(name)


def domains_known(context: Context) -> bool:
    """Whether every organization of the tree, of which there is one, told all its domains."""
    nodes = {context.tree.path(one)[-1] for one in context.tree.containers()}
    return bool(nodes) and all(finish_directory(context, one).get("domains_known") for one in nodes)


def finish_directory(context: Context, node: str) -> dict[str, Any]:
    """The columns of an organization that say whose people are its own; none for another container."""
    if not node.startswith("organizations/"):
        return {}
    customer = context.customers.get(node, "")
    named = {customer, ""} if customer else {""}
    domains = set().union(*(context.domains.get(one, ()) for one in named))
    return {
        "directory": customer or None, "domains": sorted(domains),
        "domains_known": not named.isdisjoint(context.domains_asked),
    }  # fmt: skip


def log_entry(context: Context, value: Object, node: str, source: str) -> None:
    """An entry of the admin log about domain-wide delegation: to which client, for which scopes.

    https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-domain-settings
    """
    when = text(value, "id", "time")
    for event in objects(value, "events"):
        told = {text(one, "name"): text(one, "value") or ",".join(texts(one, "multiValue"))
                for one in objects(event, "parameters")}  # fmt: skip
        client = told.get("API_CLIENT_NAME", "")
        if client:
            given = text(event, "name") == "AUTHORIZE_API_CLIENT_ACCESS"
            scopes = {one for one in told.get("API_SCOPES", "").split(",") if one}
            context.delegated.append((when, client, frozenset(scopes | {_SOME} if given else ()), source))


def finish_delegation(context: Context) -> None:
    """A service account that may act for everybody of the directory, as far as the log goes back."""
    last: dict[str, tuple[frozenset[str], str]] = {}
    for _, client, scopes, source in sorted(context.delegated, key=lambda one: one[:2]):
        last[client] = (scopes, source)
    for client, (scopes, source) in last.items():
        principal = context.agents.get(client, "")
        if scopes and principal:
            kind = "acts_for_domain_here" if _CLOUD in scopes else "acts_for_domain"
            for domain in sorted(context.members.domains):
                whom = context.members.id(f"domain:{domain}", source)
                context.facts.runs_as.add(
                    subject=principal, object=whom, kind=kind,
                    account=context.members.account(context.members.member(principal)) or context.top, source=source,
                )  # fmt: skip


def ancestry(context: Context, value: Object, node: str, source: str) -> None:
    """What lies above a project, the project first: `{"ancestor": [{"resourceId": …}]}`."""
    plural = {one: many for many, one in KINDS.items()}
    nodes = []
    for one in objects(value, "ancestor"):
        found = member(one, "resourceId")
        kind = plural.get(text(found, "type"), "")
        if kind and text(found, "id"):
            nodes.append(f"{kind}/{text(found, 'id')}")
    context.tree.chain(nodes)
