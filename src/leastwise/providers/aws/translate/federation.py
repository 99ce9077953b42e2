"""Identity providers of an account: resources that trusts name, and whose absence makes a trust dead.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leastwise.providers.federated import issuer_of_metadata

if TYPE_CHECKING:
    from .context import Context
    from .shapes import Node
    from .trust import Subject


class Federation:
    """The OIDC and SAML providers of one account while they are read."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._listed: dict[str, set[str]] = {}

    def list(self, kind: str, arns: Sequence[str], source: str) -> None:
        """Every provider of a kind (`oidc`, `saml`) that the account has."""
        self._listed.setdefault(kind, set()).update(arns)
        for arn in arns:
            self.provider(arn, source)

    def provider(self, arn: str, source: str, **values: Any) -> None:
        """Facts of a provider. It has no resource policy, so none is missing."""
        self._context.resources.add(arn, source, policy_known=True, **values)

    def saml(self, arn: str, about: Node, source: str) -> None:
        """A SAML provider, with the end of validity of its metadata as that of a credential."""
        created, expires = about.time("CreateDate"), about.time("ValidUntil")
        issuer = issuer_of_metadata(about.maybe("SAMLMetadataDocument") or "")
        details = [("issuer", issuer)] if issuer else None
        self.provider(arn, source, created=created, tags=about.tags("Tags"), details=details)
        if expires is not None:
            self._context.credential(
                f"{arn}#metadata", arn, "certificate", source, active=True, created=created, expires=expires
            )

    def dead(self, subject: Subject) -> bool:
        """Whether a trust names a provider of this account that the account does not have."""
        listed = self._listed.get(subject.kind)
        return listed is not None and subject.account == self._context.account and subject.subject not in listed

    def named(self, kind: str, arn: str) -> None:
        """A provider of this account that a trust names; it exists unless the list was read without it."""
        if kind not in self._listed:
            self.provider(arn, "named by trust policies")
