"""What somebody thinks of, as rows: policies and roles as translation makes them, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected, Scope
from leastwise.providers.base.granting import MisfitError
from leastwise.providers.gcp.language.policies import PolicyError, parse_allow_policy, parse_deny_policy
from leastwise.providers.gcp.language.roles import parse_role

from .context import Context
from .documents import bindings_of, deny_rules
from .guardrails import denies_admin
from .members import Members
from .policies import ALLOW_POLICY, add_role, own_roles

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Fragment:
    """Rows of one tree under construction, besides those that it has.

    Args:
        scope: whose rows they are.
        roles: the ids of the roles that the estate has.
        account_of: the account of a container; empty for one that is not in the estate.
        domains: of mail addresses of the organization's own directory, as far as known.
        whole: whether these are all.
    """

    def __init__(
        self, scope: Scope, roles: Iterable[str], account_of: Callable[[str], str], domains: Iterable[str], whole: bool
    ) -> None:
        self._context = Context(Collected(scope, _LONG_AGO, (), ()))
        self._context.policies |= dict.fromkeys(roles, 0)
        self._context.members = Members(scope.id, account_of)
        self._context.members.domains |= set(domains)
        self._context.members.domains_known = whole

    def allow(self, policy: Mapping[str, Any], on: str, account: str, source: str) -> None:
        """The allow policy of a place. Raises MisfitError."""
        try:
            parse_allow_policy(policy)
        except PolicyError as error:
            raise MisfitError(f"is no allow policy: {error}") from None
        context, statements = self._context, bindings_of(policy)
        for one in statements:
            for who in one.principals:
                context.members.id(who, source)
            context.named_roles.setdefault(one.actions[0], source)
        document = context.documents.intern(policy, statements)
        context.attach("allow", "allow_policy", on, ALLOW_POLICY, document, source, account)

    def deny(self, policy: Mapping[str, Any], on: str, source: str) -> None:
        """A deny policy of a container. Raises MisfitError."""
        try:
            parse_deny_policy(policy)
        except PolicyError as error:
            raise MisfitError(f"is no deny policy: {error}") from None
        if not isinstance(policy.get("rules"), list):
            raise MisfitError("is no deny policy: rules are missing")
        context, name, statements = self._context, str(policy["name"]), deny_rules(policy)
        for one in statements:
            for who in (*one.principals, *one.not_principals):
                context.members.id(who, source)
        flags = {"denies": True, "denies_admin": denies_admin(statements)}
        document = context.documents.intern(policy, statements, flags=flags)
        context.bundles[name] = {
            "account": on, "name": policy.get("displayName") or name.rpartition("/")[2], "kind": "deny_policy",
            "version": "", "document": document, "source": source,
        }  # fmt: skip
        context.attach("deny", "deny_policy", on, name, document, source, on)

    def role(self, value: Mapping[str, Any], account: str, source: str) -> None:
        """A custom role. Raises MisfitError."""
        try:
            parse_role(value)
        except ValueError as error:
            raise MisfitError(f"is no role: {error}") from None
        if "includedPermissions" not in value and value.get("deleted") is not True:
            raise MisfitError("is no role: includedPermissions are missing")
        name = str(value["name"])
        self._context.policies.pop(name, None)
        held = value.get("includedPermissions")
        add_role(self._context, name, "custom_role", value, held, account, source)

    def tables(self) -> Mapping[str, pa.Table]:
        """The rows: documents, statements, policies, attachments, principals, coverage."""
        context = self._context
        own_roles(context)
        for id, told in context.bundles.items():
            context.facts.policies.add(id=id, default=True, **told)
        context.members.finish(context.facts)
        names = ("documents", "statements", "policies", "attachments", "principals", "coverage")
        return {name: plain(context.facts.tables[name].to_table()) for name in names}
