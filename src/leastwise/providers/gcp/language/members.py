"""Who a policy names: the member strings of allow policies, the principals of deny policies, and sets of them.

One identity has several spellings (`user:A@b.c` and `principal://goog/subject/a@b.c`); a `Member` is equal to itself in
all of them. https://cloud.google.com/iam/docs/principal-identifiers
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a member string names."""

    USER = "user"
    SERVICE_ACCOUNT = "serviceAccount"
    GROUP = "group"
    DOMAIN = "domain"
    """The users of a Workspace or Cloud Identity domain."""
    CUSTOMER = "customer"
    """Everybody of a Workspace or Cloud Identity customer."""
    EVERYONE = "allUsers"
    AUTHENTICATED = "allAuthenticatedUsers"
    SUBJECT = "subject"
    """One identity of a workforce or workload pool."""
    POOL = "pool"
    """All identities of a pool, or of a trust domain."""
    POOL_GROUP = "pool group"
    POOL_ATTRIBUTE = "pool attribute"
    """Identities of a pool with a value of an attribute; a cluster and the id of a service account are such, too."""
    KUBERNETES = "kubernetes"
    """One Kubernetes service account, in every cluster of its pool."""
    NAMESPACE = "namespace"
    """Every Kubernetes service account of a namespace."""
    AGENT = "agent"
    """One agent identity of a trust domain."""
    SERVICE_ACCOUNTS = "service accounts"
    """The service accounts of a project, or below a folder or organization."""
    SERVICE_AGENTS = "service agents"
    PROJECT_OWNER = "projectOwner"
    """Who holds the basic role on a project; so the next two."""
    PROJECT_EDITOR = "projectEditor"
    PROJECT_VIEWER = "projectViewer"
    SINGLE = "principal"
    """One identity of a form that is not told apart here: it is itself, and in no set but the public ones."""
    OTHER = "other"
    """A set, or something else, of a form that is not known: who is in it cannot be told."""


SINGLES = frozenset({Kind.USER, Kind.SERVICE_ACCOUNT, Kind.SUBJECT, Kind.KUBERNETES, Kind.AGENT, Kind.SINGLE})
"""The kinds that name one identity."""
CONSUMERS = frozenset({"gmail.com", "googlemail.com"})
"""Domains of addresses that belong to no organization's directory."""
CONVENIENCE = {
    Kind.PROJECT_OWNER: "roles/owner",
    Kind.PROJECT_EDITOR: "roles/editor",
    Kind.PROJECT_VIEWER: "roles/viewer",
}
"""The basic role whose holders a convenience value stands for."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a policy.

    Args:
        kind: what it names.
        id: mail address, domain, customer id, project, subject, `NAMESPACE/ACCOUNT`, value of an attribute, or for a
            set of service accounts the scope (`projects/1`, `folders/2`, `organizations/3`); as written for OTHER.
        pool: full name of its pool without the service, or its trust domain; empty where there is none.
        attribute: for POOL_ATTRIBUTE, the name that conditions and questions know it by (`attribute.team`).
        deleted: it was deleted, and is nobody until it is restored.
        uid: the unique id that stands with a deleted member.
        text: the string as an allow policy spells it; no part of what makes two members equal.
    """

    kind: Kind
    id: str = ""
    pool: str = ""
    attribute: str = ""
    deleted: bool = False
    uid: str = ""
    text: str = field(default="", compare=False)

    @property
    def single(self) -> bool:
        """Whether it names one identity."""
        return self.kind in SINGLES

    @property
    def domain(self) -> str:
        """What follows the @ of a mail address; empty for what is none."""
        return self.id.rpartition("@")[2] if self.kind in (Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP) else ""


_GKE = re.compile(r"(?P<pool>[^\[\]]+\.svc\.id\.goog)\[(?P<ns>[^/\]]+)/(?P<sa>[^\]]+)\]")
_POOL = re.compile(
    r"(?P<pool>(?:projects/[^/]+/)?locations/[^/]+/(?:workloadIdentityPools|workforcePools)/[^/]+)/(?P<rest>.+)"
)
_SUBJECT_OF_GKE = re.compile(r"ns/([^/]+)/sa/([^/]+)")
_SCOPED = re.compile(r"((?:projects|folders|organizations)/[^/]+)/type/(ServiceAccount|ServiceAgent)")
_SERVICE_ACCOUNT = re.compile(r"projects/[^/]+/serviceAccounts/([^/]+)")
_PREFIXES = {kind.value: kind for kind in (Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP, Kind.DOMAIN, *CONVENIENCE)}
_IN_LOWER_CASE = {Kind.USER, Kind.SERVICE_ACCOUNT, Kind.GROUP, Kind.DOMAIN}
_KUBERNETES_SETS = ("kubernetes.cluster", "kubernetes.serviceaccount.uid")


def parse_member(text: str) -> Member:
    """The member that a string names, whichever API's form it has; `Kind.OTHER` for a form that is not known."""
    deleted = text.startswith("deleted:")
    bare, _, query = text.removeprefix("deleted:").partition("?uid=")
    kind, value, pool, attribute = _parts(bare)
    shown = _spelled(kind, value, pool, bare)
    if deleted:
        shown = f"deleted:{shown}{f'?uid={query}' if query else ''}"
    return Member(kind, value, pool, attribute, deleted, query if deleted else "", shown)


def member_of_mail(mail: str) -> Member:
    """The user or service account of a mail address."""
    prefix = "serviceAccount" if is_service_account(mail) else "user"
    return parse_member(f"{prefix}:{mail}")


def is_service_account(mail: str) -> bool:
    """Whether a mail address is one of a service account or of a service agent."""
    return mail.lower().endswith(".gserviceaccount.com")


def _parts(text: str) -> tuple[Kind, str, str, str]:
    """Kind, id, pool and attribute of a string without what says that it was deleted."""
    if text in (Kind.EVERYONE, "principalSet://goog/public:all"):
        return Kind.EVERYONE, "", "", ""
    if text == Kind.AUTHENTICATED:
        return Kind.AUTHENTICATED, "", "", ""
    scheme, separator, rest = text.partition("://")
    if separator and scheme in ("principal", "principalSet"):
        return _by_address(rest, single=scheme == "principal")
    prefix, separator, rest = text.partition(":")
    if not separator or not rest or prefix not in _PREFIXES:
        return Kind.OTHER, text, "", ""
    kind = _PREFIXES[prefix]
    gke = _GKE.fullmatch(rest) if kind is Kind.SERVICE_ACCOUNT else None
    if gke is not None:
        return Kind.KUBERNETES, f"{gke['ns']}/{gke['sa']}", gke["pool"].lower(), ""
    return kind, rest.lower() if kind in _IN_LOWER_CASE else rest, "", ""


def _by_address(address: str, *, single: bool) -> tuple[Kind, str, str, str]:
    """The parts of what follows `principal://` or `principalSet://`."""
    host, _, path = address.partition("/")
    unknown = (Kind.SINGLE if single else Kind.OTHER), address, "", ""
    if host == "goog":
        what, _, value = path.partition("/")
        kinds = {"subject": Kind.USER, "group": Kind.GROUP, "cloudIdentityCustomerId": Kind.CUSTOMER}
        kind = kinds.get(what)
        if kind is None or not value or single is not (kind is Kind.USER):
            return unknown
        return kind, value if kind is Kind.CUSTOMER else value.lower(), "", ""
    if host == "cloudresourcemanager.googleapis.com" and not single:
        scoped = _SCOPED.fullmatch(path)
        if scoped is None:
            return unknown
        return (Kind.SERVICE_ACCOUNTS if scoped[2] == "ServiceAccount" else Kind.SERVICE_AGENTS), scoped[1], "", ""
    if host == "iam.googleapis.com":
        account = _SERVICE_ACCOUNT.fullmatch(path) if single else None
        if account is not None:
            return Kind.SERVICE_ACCOUNT, account[1].lower(), "", ""
        pool = _POOL.fullmatch(path)
        return _of_pool(pool["pool"], pool["rest"], unknown, single=single) if pool is not None else unknown
    if host.endswith(".goog") and path:
        return _of_pool(host, path, unknown, single=single)
    return unknown


def _of_pool(pool: str, rest: str, unknown: tuple[Kind, str, str, str], *, single: bool) -> tuple[Kind, str, str, str]:
    """The parts of an identity or a set of identities of a pool, or of a trust domain."""
    what, _, value = rest.partition("/")
    if what in _KUBERNETES_SETS and value:
        return Kind.POOL_ATTRIBUTE, value, pool, what
    if single:
        gke = _SUBJECT_OF_GKE.fullmatch(value) if what == "subject" else None
        if gke is not None and pool.endswith(".svc.id.goog"):
            return Kind.KUBERNETES, f"{gke[1]}/{gke[2]}", pool.rpartition("/")[2].lower(), ""
        if what == "resources" and value:
            return Kind.AGENT, rest, pool, ""
        return (Kind.SUBJECT, value, pool, "") if what == "subject" and value else unknown
    if rest == "*":
        return Kind.POOL, "", pool, ""
    if not value:
        return unknown
    if what == "group":
        return Kind.POOL_GROUP, value, pool, ""
    if what == "namespace":
        return Kind.NAMESPACE, value, pool, ""
    return (Kind.POOL_ATTRIBUTE, value, pool, what) if what.startswith("attribute.") else unknown


def _spelled(kind: Kind, value: str, pool: str, text: str) -> str:
    """The spelling of an allow policy; of the two for a Kubernetes service account, the shorter one."""
    if kind in (Kind.EVERYONE, Kind.AUTHENTICATED):
        return kind.value
    if kind in (*_IN_LOWER_CASE, *CONVENIENCE):
        return f"{kind.value}:{value}"
    return f"{Kind.SERVICE_ACCOUNT.value}:{pool}[{value}]" if kind is Kind.KUBERNETES else text
