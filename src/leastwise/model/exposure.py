"""What those outside can reach: answers of the question who is let in from beyond the zone of trust."""

from __future__ import annotations

from dataclasses import dataclass

from .decision import Reason, Residual, State


@dataclass(frozen=True, slots=True)
class Inside:
    """Who belongs to us, by the vendor's ids. Whoever is in none of these is outside.

    Args:
        accounts: ids of accounts.
        organizations: ids of organizations, and of tenants.
        domains: domains of mail addresses, in lower case.
        all_domains: we have no others; else it is not known whose a domain is that is not among them.
    """

    accounts: frozenset[str] = frozenset()
    organizations: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    all_domains: bool = False


@dataclass(frozen=True, slots=True)
class Exposure:
    """Permissions on one resource (or role) that one outsider has alike.

    Args:
        resource: id of the resource or role.
        kind: of the resource, as resources.kind has it; `iam:role` for a role.
        account: that holds the resource.
        principal: the vendor's id of the outsider; `*` for everybody; empty where it is not known who may come in.
        principal_kind: everyone (without credentials), any_account (somebody of any account), account, user, role,
            session, federated_user, federated (an identity provider), service, service_account, group, domain,
            tenant, canonical_user, origin_access_identity, unknown.
        principal_account: its account; empty where there is none.
        permissions: the vendor's names, sorted.
        resources: what is reached: the resource, or patterns of what it holds.
        exceptions: patterns of what is not.
        state: ALLOWED (to every such outsider), CONDITIONAL or UNKNOWN.
        residual: see Decision; what only insiders can meet is left out.
        missing: see Decision.
        reasons: the statements that let it in.
        subjects: of an identity provider, the subjects that are let in; empty for all of them.
        source: of a service, for whom it may act: `anyone`, or `inside` where a condition names accounts, organizations
            or resources of ours; empty for others.
    """

    resource: str
    kind: str
    account: str
    principal: str
    principal_kind: str
    principal_account: str
    permissions: tuple[str, ...]
    resources: tuple[str, ...]
    exceptions: tuple[str, ...]
    state: State
    residual: Residual | None = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    subjects: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A resource or role of which it was not read whom it lets in, and why."""

    resource: str
    kind: str
    account: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposed:
    """Every exposure, sorted by resource and outsider, and what could hide others."""

    exposures: tuple[Exposure, ...]
    unread: tuple[Unread, ...] = ()
