"""One question: who, which permission, on what, and what is known of the circumstances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cached_property

from ..language.actions import DIRECTORY, Action, ActionError, is_action, parse_action
from ..language.directory import Object
from ..language.ids import TENANT, object_id, resource_id
from ..language.requests import GraphRequest, RequestError, is_request, parse_request
from .estate import Estate

EXCHANGE = "token/exchange"
"""The permission to sign in as an application with a token from outside."""


class AskError(ValueError):
    """A question cannot be asked; the message says why."""


class Kind(Enum):
    """What kind of permission is asked for."""

    ACTION = "action of the directory"
    VALUE = "app role or scope"
    REQUEST = "request to Microsoft Graph"
    EXCHANGE = "token exchange"


@dataclass(frozen=True)
class Request:
    """What is asked.

    Args:
        estate: what is known.
        who: object id of the principal; of a token exchange, `issuer|subject` as it was given.
        permission: as it was given.
        resource: object id, or `/`.
        now: when, or None where that is not told.
        user: on whose behalf an app acts; empty for itself.
        audience: of a token from outside, whom it is for; None where that is not told.
        strict: what nobody tells is absent; else it is not known.
    """

    estate: Estate
    who: str
    permission: str
    resource: str
    now: datetime | None = None
    user: str = ""
    audience: str | None = None
    strict: bool = False

    @cached_property
    def kind(self) -> Kind:
        """What kind of permission it is."""
        if self.permission.strip().lower() == EXCHANGE:
            return Kind.EXCHANGE
        if is_request(self.permission):
            return Kind.REQUEST
        return Kind.ACTION if is_action(self.permission) else Kind.VALUE

    @cached_property
    def action(self) -> Action:
        """The action, of a question about one."""
        return parse_action(self.permission)

    @cached_property
    def graph(self) -> GraphRequest:
        """The request to Graph, of a question about one."""
        return parse_request(self.permission)

    @property
    def tenant(self) -> bool:
        """Whether it is about the tenant and no single object."""
        return self.resource == TENANT

    @property
    def target(self) -> Object:
        """The object that it is about."""
        return self.estate.object(self.resource)

    def to_do(self, action: str) -> Request:
        """The same question about an action of the directory, named without its namespace."""
        return replace(self, permission=f"{DIRECTORY}/{action}")

    def by(self, who: str) -> Request:
        """The same question about another principal."""
        return replace(self, who=who)


def request(
    estate: Estate,
    who: str,
    permission: str,
    resource: str,
    *,
    now: datetime | None = None,
    user: str = "",
    audience: str | None = None,
    strict: bool = False,
) -> Request:
    """The request of a question; ids are compared without case. Raises AskError."""
    exchange = permission.strip().lower() == EXCHANGE
    principal = who.strip() if exchange else object_id(who)
    asked = Request(
        estate, principal, permission.strip(), resource_id(resource), now, object_id(user), audience, strict
    )
    try:
        if asked.kind is Kind.REQUEST and asked.tenant and asked.graph.named:
            return replace(asked, resource=asked.graph.named)
        if asked.kind is Kind.ACTION:
            asked.action  # noqa: B018 - to find out whether it is one
    except (ActionError, RequestError) as error:
        raise AskError(str(error)) from None
    return asked
