"""Workload and workforce identity pools, and the providers that let others in.

https://cloud.google.com/iam/docs/workload-identity-federation, …/workforce-identity-federation
"""

from __future__ import annotations

from leastwise.providers.federated import issuer_of_metadata
from leastwise.providers.members import Object

from .context import Context
from .reading import member, text, texts, truth

_PROVIDERS = "/providers/"
_SHARED = (
    "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "accounts.google.com",
    "agent.buildkite.com",
    "oidc.circleci.com", "api.bitbucket.org", "app.spacelift.io", "login.microsoftonline.com", "oidc.vercel.com",
)  # fmt: skip
"""Issuers that everybody has an account at: without a condition anybody comes in."""


def principal_of(pool: str) -> str:
    """The member string of everybody of a pool."""
    return f"principalSet://iam.googleapis.com/{pool}/*"


def pool(context: Context, value: Object, node: str, source: str) -> None:
    """A pool: a set of identities from outside."""
    name = text(value, "name")
    if name:
        disabled = truth(value, "disabled") is True or text(value, "state") == "DELETED"
        context.members.tell(
            principal_of(name), source, account=context.account(node), enabled=not disabled,
            name=text(value, "displayName") or name.rpartition("/")[2],
        )  # fmt: skip


def provider(context: Context, value: Object, node: str, source: str) -> None:
    """A provider: who from outside becomes an identity of the pool, under which condition."""
    name = text(value, "name")
    pool, separator, _ = name.partition(_PROVIDERS)
    if not separator:
        return
    principal = context.members.tell(principal_of(pool), source, account=context.account(node))
    kind, subject = _subject(value)
    condition = text(value, "attributeCondition")
    document = context.documents.intern(value, ())
    disabled = truth(value, "disabled") is True or text(value, "state") == "DELETED"
    open_ = not condition and any(subject.startswith(one) for one in _SHARED)
    context.facts.trusts.add(
        principal=principal, account=context.account(node), effect="Allow", subject_kind=kind, subject=subject,
        subject_account=text(value, "aws", "accountId") or None, patterns=[condition] if condition else [],
        audiences=texts(value, "oidc", "allowedAudiences") or list(filter(None, [text(value, "oidc", "clientId")])),
        actions=["sts.googleapis.com/token"], conditional=bool(condition), dead=disabled, document=document,
        reach="anyone" if open_ else "wide",
    )  # fmt: skip


def _subject(value: Object) -> tuple[str, str]:
    """What kind of provider it is, and whom it trusts: an issuer, an account of AWS, a SAML entity."""
    issuer = text(value, "oidc", "issuerUri").removeprefix("https://").rstrip("/")
    if issuer:
        return "oidc", issuer
    account = text(value, "aws", "accountId")
    if account:
        return "account", account
    if member(value, "saml") is not None:
        return "saml", issuer_of_metadata(text(value, "saml", "idpMetadataXml")) or "SAML"
    return "oidc", "unknown"
