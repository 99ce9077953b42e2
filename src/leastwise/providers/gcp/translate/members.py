"""Principals: everybody whom documents name, one row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leastwise.providers.gcp import catalog
from leastwise.providers.gcp.language.members import CONSUMERS, Kind, Member, parse_member
from leastwise.providers.rows import Facts

_WORKFORCE = "workforcePools/"
_NAMED = (Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP, Kind.DOMAIN)
"""Kinds whose id is a name that people know them by."""
_NATIVE = {
    Kind.USER: ("human", "user"),
    Kind.SERVICE_ACCOUNT: ("workload", "service_account"),
    Kind.GROUP: ("group", "group"),
    Kind.DOMAIN: ("group", "domain"),
    Kind.CUSTOMER: ("group", "customer"),
    Kind.EVERYONE: ("external", "everyone"),
    Kind.AUTHENTICATED: ("external", "every_google_account"),
    Kind.SUBJECT: ("workload", "workload_identity"),
    Kind.POOL: ("group", "identity_pool"),
    Kind.POOL_GROUP: ("group", "pool_group"),
    Kind.POOL_ATTRIBUTE: ("group", "pool_attribute"),
    Kind.KUBERNETES: ("workload", "kubernetes_service_account"),
    Kind.NAMESPACE: ("group", "kubernetes_namespace"),
    Kind.AGENT: ("agent", "agent_identity"),
    Kind.SERVICE_ACCOUNTS: ("group", "service_accounts"),
    Kind.SERVICE_AGENTS: ("group", "service_agents"),
    Kind.PROJECT_OWNER: ("group", "project_owners"),
    Kind.PROJECT_EDITOR: ("group", "project_editors"),
    Kind.PROJECT_VIEWER: ("group", "project_viewers"),
    Kind.SINGLE: ("federated", "principal"),
    Kind.OTHER: ("group", "other"),
}
"""Kind of principal and noun, by what a member string names."""


class Members:
    """Principals, registered by member string and filled by what else is told of them."""

    def __init__(self, top: str, account_of: Callable[[str], str]) -> None:
        self._top, self._account_of = top, account_of
        self._told: dict[str, dict[str, Any]] = {}
        self._member: dict[str, Member] = {}
        self._text: dict[str, str] = {}
        self.domains: set[str] = set()
        """Mail domains of the organization's own directory that are known."""
        self.domains_known = False
        """Whether these are all of them."""

    def id(self, text: str, source: str) -> str:
        """The id of whom a member string names, who is registered by it."""
        known = self._text.get(text)
        if known is None:
            member = parse_member(text)
            known = self._text[text] = member.text
            self._member.setdefault(known, member)
            self._told.setdefault(known, {"source": source})
        return known

    def member(self, id: str) -> Member:
        """The parsed form of a registered id."""
        return self._member[id]

    def tell(self, text: str, source: str, **columns: Any) -> str:
        """Register somebody, and say more of them; what was told first holds. Returns the id."""
        id = self.id(text, source)
        held = self._told[id]
        for name, value in columns.items():
            if value is not None and value != "" and value != ():
                held.setdefault(name, value)
        return id

    def directory(self, id: str) -> str:
        """Whether somebody belongs to the organization: `own`, `foreign`, `unknown`; empty where nobody asks."""
        member = self._member[id]
        if member.kind in (Kind.EVERYONE, Kind.AUTHENTICATED):
            return "foreign"
        if member.kind in (Kind.USER, Kind.GROUP, Kind.DOMAIN):
            domain = member.id if member.kind is Kind.DOMAIN else member.domain
            if domain in self.domains:
                return "own"
            # Addresses of consumers belong to no organization's directory; of others, domains may be secondary ones.
            return "foreign" if domain in CONSUMERS or self.domains_known else "unknown"
        if member.kind is Kind.SERVICE_ACCOUNT:
            return "" if catalog.service_agent(member.id) else ("own" if self.account(member) != "" else "unknown")
        return ""

    def account(self, member: Member) -> str:
        """The account that holds somebody: of a service account its project if that is in the tree, else empty."""
        if member.kind is not Kind.SERVICE_ACCOUNT:
            return self._top
        project = project_of(member.id)
        return self._account_of(f"projects/{project}") if project else ""

    def finish(self, facts: Facts) -> None:
        """A row for everybody, in the order in which they were named."""
        for id, told in self._told.items():
            member = self._member[id]
            kind, native = _NATIVE[member.kind]
            if member.kind is Kind.SERVICE_ACCOUNT and catalog.service_agent(member.id):
                kind, native = "provider_service", "service_agent"
            if member.deleted:
                kind = "deleted"
            if member.kind is Kind.SUBJECT and _WORKFORCE in member.pool:
                kind, native = "human", "workforce_identity"
            columns = {
                "account": self.account(member) or self._top,
                "kind": kind,
                "name": member.id if member.kind in _NAMED and not member.deleted else member.text,
                "path": "/",
                "native": native,
                "mail": member.id if member.domain and not member.deleted else None,
                "unique_id": member.uid or None,
                "directory": self.directory(id),
                "enabled": False if member.deleted else None,
            } | told
            facts.principals.add(id=id, **columns)


def project_of(address: str) -> str:
    """The id or number of the project of a service account, by its mail address; empty where that does not tell it.

    https://cloud.google.com/iam/docs/service-account-types
    """
    name, _, domain = address.partition("@")
    if domain == "appspot.gserviceaccount.com":
        return name
    if domain == "developer.gserviceaccount.com":
        return name.partition("-")[0] if name.endswith("-compute") else ""
    own = domain.removesuffix(".iam.gserviceaccount.com")
    if own == domain or not own or catalog.service_agent(address):
        return ""
    # A project of a domain is written example.com:project, and its addresses project.example.com.
    name, dot, rest = own.partition(".")
    return f"{rest}:{name}" if dot else own
