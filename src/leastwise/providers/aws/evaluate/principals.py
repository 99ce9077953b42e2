"""Who asks: the kinds of principals, and which entries of Principal and NotPrincipal name them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from leastwise.engine.formula import Formula, Literal, any_of
from leastwise.engine.patterns import exactly

from .arn import parse_arn
from .facts import Facts, Look
from .operators import Condition, Operator
from .policy import Subject

_EQUALS = Operator("StringEquals", "text")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
SESSION_NAME = "name of the session"
"""Stands among the condition keys; `sts:RoleSessionName` is the name that a call of AssumeRole asks for."""


class Named(IntEnum):
    """How a resource policy names a principal; what it gives by that differs."""

    ACCOUNT = 1
    """By its account: that account's own policies decide."""
    ROLE = 2
    """By the role of its session: boundaries and session policies still limit."""
    DIRECT = 3
    """By itself, or as everyone: nothing else is needed in the same account."""


ANY_ACCOUNT = "any AWS account"
"""Id of the principal of kind `account` that stands for somebody of some account."""
ANY_SERVICE = "any AWS service"
"""Id of the principal of kind `service` that stands for some service, whichever."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Args:
        kind: user, role (some session of it), session, federated_user, root, account (somebody of one that is not
            known), service, federated, anonymous.
        id: ARN, service name, or identity provider; empty for anonymous.
        account: the account it acts from; empty where there is none.
        role: ARN of the role of a session.
        session: name of a session; None when any may be meant.
        aliases: other names of the same principal (unique ids, several names of one service).
        canonical: the canonical user of its account, as access lists have it; empty where it is not known.
    """

    kind: str
    id: str
    account: str = ""
    role: str = ""
    session: str | None = None
    aliases: frozenset[str] = field(default_factory=frozenset)
    canonical: str = ""

    @property
    def service_linked(self) -> bool:
        """Acts as a service-linked role, which no guardrail touches.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        """
        return ":role/aws-service-role/" in self.role


def parse_principal(text: str, *, role: str = "", partition: str = "aws") -> Principal | None:
    """The principal that a text names, or None.

    Args:
        text: ARN of a user, role, role session, federated user or account; account id; canonical user id of S3;
            service name; identity provider; `*` for an anonymous caller; `any AWS service` for one of them.
        role: ARN of the role of a session, where it is known with its path.
        partition: of an account that is named by its number alone.
    """
    if text in ("*", "anonymous"):
        return Principal("anonymous", "")
    if text == ANY_SERVICE:
        return Principal("service", text)
    if text.isdigit() and len(text) == 12:
        return Principal("root", f"arn:{partition or 'aws'}:iam::{text}:root", text)
    arn = parse_arn(text)
    if _CANONICAL.fullmatch(text):
        return Principal("account", text, aliases=frozenset({text}))
    if arn is None:
        return _outsider(text)
    if arn.service == "iam":
        return _iam(text, arn.account, arn.resource)
    if arn.service == "sts":
        return _sts(text, arn.partition, arn.account, arn.resource, role)
    return None


def _outsider(text: str) -> Principal | None:
    if text.endswith((".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".amazon.com", ".aws.com")):
        if text.startswith("cognito-identity.") or text == "www.amazon.com":
            return Principal("federated", text)
        return Principal("service", text)
    return Principal("federated", text) if "." in text and " " not in text else None


def _iam(text: str, account: str, resource: str) -> Principal | None:
    kind = resource.partition("/")[0]
    if account == "cloudfront":
        # An origin access identity: an account of CloudFront's, without policies of its own.
        return Principal("account", text, account)
    if resource == "root":
        return Principal("root", text, account)
    if kind == "user":
        return Principal("user", text, account)
    if kind == "role":
        return Principal("role", text, account, role=text)
    if kind in ("saml-provider", "oidc-provider"):
        return Principal("federated", text, account)
    return None


def _sts(text: str, partition: str, account: str, resource: str, role: str) -> Principal | None:
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role" and "/" in rest:
        name, _, session = rest.partition("/")
        return Principal(
            "session", text, account, role=role or f"arn:{partition}:iam::{account}:role/{name}", session=session
        )
    if kind == "federated-user" and rest:
        return Principal("federated_user", text, account)
    return None


def named(subjects: Iterable[Subject], principal: Principal, facts: Facts) -> dict[Named, Formula]:
    """How the entries of a Principal element name a principal, each way under its formula."""
    found: dict[Named, list[Formula]] = {}
    for subject in subjects:
        way, formula = _one(subject, principal, facts)
        if way is not None and formula is not False:
            found.setdefault(way, []).append(formula)
    return {way: any_of(formulas) for way, formulas in found.items()}


def _one(subject: Subject, principal: Principal, facts: Facts) -> tuple[Named | None, Formula]:
    nothing: tuple[None, Formula] = (None, False)
    if subject.type == "*":
        return Named.DIRECT, True
    if subject.type == "AWS":
        return _aws(subject.value, principal, facts)
    if subject.type == "Service":
        names = {principal.id, *principal.aliases} if principal.kind == "service" else set()
        return (Named.DIRECT, True) if subject.value in names else nothing
    if subject.type == "Federated":
        named_so = principal.kind == "federated" and subject.value in {principal.id, *principal.aliases}
        return (Named.DIRECT, True) if named_so else nothing
    if subject.type == "CanonicalUser" and subject.value in {principal.canonical, *principal.aliases}:
        return Named.ACCOUNT, True
    return nothing


def _aws(value: str, principal: Principal, facts: Facts) -> tuple[Named | None, Formula]:
    nothing: tuple[None, Formula] = (None, False)
    if principal.kind in ("anonymous", "service", "federated"):
        return nothing
    if value == principal.id and principal.kind != "root" and not value.endswith(":root"):
        return (Named.ROLE if principal.kind == "role" else Named.DIRECT), True
    if value in principal.aliases:
        return (Named.ROLE if principal.role else Named.DIRECT), True
    arn, own = parse_arn(value), parse_arn(principal.id)
    if arn is not None and own is not None and arn.partition != own.partition:
        # Partitions share nothing, whatever the numbers of their accounts.
        # https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
        return nothing
    account = value if arn is None else arn.account if arn.service == "iam" and arn.resource == "root" else ""
    if account and account == principal.account:
        return Named.ACCOUNT, True
    if arn is None or not principal.role:
        return nothing
    if value == principal.role or _same_role(arn.resource, arn.account, principal):
        return Named.ROLE, True
    if principal.kind == "role" and arn.service == "sts":
        return _session_of(arn.account, arn.resource, principal, facts)
    return nothing


def _same_role(resource: str, account: str, principal: Principal) -> bool:
    """The role of a session of which only the name is known."""
    if principal.kind != "session" or account != principal.account or not resource.startswith("role/"):
        return False
    known = principal.role.split(":role/", 1)[-1]
    return "/" not in known and resource.rsplit("/", 1)[-1] == known


def _session_of(account: str, resource: str, principal: Principal, facts: Facts) -> tuple[Named | None, Formula]:
    kind, _, rest = resource.partition("/")
    name, _, session = rest.partition("/")
    if kind != "assumed-role" or account != principal.account or name != principal.role.rsplit("/", 1)[-1]:
        return None, False
    looked = facts.look(SESSION_NAME)
    if isinstance(looked, tuple):
        return Named.DIRECT, looked == (session,)
    if looked is Look.ABSENT:
        return None, False
    return Named.DIRECT, Literal(
        Condition(SESSION_NAME, _EQUALS, "", False, (exactly(session),), ("StringEquals", SESSION_NAME, (session,)))
    )
