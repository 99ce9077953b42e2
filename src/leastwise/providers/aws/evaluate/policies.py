"""All policies that bear on one request, by type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from .policy import Policy
from .statements import Target

Level = Sequence[Policy]
"""The guardrails attached to one level of the organization; one of them must allow."""


class Gives(Enum):
    """How something on the resource's side that was not read can give access."""

    NAMED = "to whomever it names"
    BY_LIST = "to other accounts, and to everyone: an access list names no users"
    BY_LIST_TO_ACCOUNTS = "to other accounts: what it gives everyone is ignored"
    BY_SHARE = "to other accounts with which its owner shares it"
    BY_GRANT = "to the grantee of a grant on a key"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something on the resource's side that was not read and can only allow: a short clause, and how it gives."""

    text: str
    gives: Gives = Gives.NAMED


@dataclass(frozen=True, slots=True)
class Gaps:
    """What was not read, by the layer in which it is missing; each a short clause for explanations.

    Documents of identities and resources may hold an Allow and a Deny, those of other layers only limit, and what
    stands in `giving` only allows.
    """

    identity: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    scp: tuple[str, ...] = ()
    rcp: tuple[str, ...] = ()
    endpoint: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    giving: tuple[Unread, ...] = ()
    consent: tuple[str, ...] = ()
    """What must let the request in besides identity policies, where it is not told which resource is meant."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What a request reaches through something that has a policy of its own: it must consent as well.

    `giving` is what else of it was not read, and can only allow.
    """

    target: Target
    account: str
    policy: Policy | None
    gaps: tuple[str, ...] = ()
    giving: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """What bears on one request. None stands for a type that does not apply: nobody has set one.

    Args:
        identity: of the principal, its groups included.
        boundaries: each must allow.
        session: together they must allow.
        scps: by level of the organization; each level must allow.
        rcps: the same, of the organization of the resource.
        endpoint: of the VPC endpoint that the request comes through.
        resource: of the resource, or the trust policy of a role.
        behind: the bucket behind the access point that the request goes through.
        blocks_public: S3 restricts public bucket policies (RestrictPublicBuckets); None when that was not read.
        public: the resource policy is public as S3 means it.
        owner_only: no policy can share the resource beyond its account.
        grants: on the KMS key, each as a document that names its grantee.
            https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
    """

    identity: Sequence[Policy] = ()
    boundaries: Sequence[Policy] | None = None
    session: Sequence[Policy] | None = None
    scps: Sequence[Level] | None = None
    rcps: Sequence[Level] | None = None
    endpoint: Sequence[Policy] | None = None
    resource: Policy | None = None
    behind: Behind | None = None
    blocks_public: bool | None = False
    public: bool = False
    grants: Sequence[Policy] = ()
    gaps: Gaps = field(default_factory=Gaps)
