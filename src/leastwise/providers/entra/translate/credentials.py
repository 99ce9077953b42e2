"""Passwords, certificates and federated credentials of applications and service principals. No secret is read.

An application's credentials are those of its service principal here; one that has none signs in to other tenants alone.
https://learn.microsoft.com/graph/api/resources/passwordcredential
https://learn.microsoft.com/graph/api/resources/keycredential
https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from leastwise.model.scope import CoverageStatus
from leastwise.providers.federated import Federated, add_federated
from leastwise.providers.interned import Documents
from leastwise.providers.rows import Facts

from .reading import Object, moment, text

_PASSWORD, _CERTIFICATE, _SIGNING = "application_password", "application_certificate", "signing_certificate"


class Credentials:
    """What was told of credentials, until it is known whose they are."""

    def __init__(self, tenant: str, time: datetime) -> None:
        self._tenant, self._time = tenant, time
        self._held: dict[tuple[str, bool, str], tuple[str, Object, str]] = {}
        """By holder (an object id, or an appId), whether it is an appId, and key: kind, object, source."""
        self._federated: dict[tuple[str, str], tuple[Object, str]] = {}
        """By the application's object id and the credential's."""
        self._clients: dict[str, str] = {}
        """Service principals by appId."""
        self._apps: dict[str, str] = {}
        """And the other way round."""
        self._applications: dict[str, tuple[str, str]] = {}
        """appId and name of applications by object id."""

    def service_principal(self, value: Object, source: str) -> None:
        """A service principal, with the credentials that it has itself."""
        id, client = text(value, "id").lower(), text(value, "appId").lower()
        if client:
            self._clients.setdefault(client, id)
            self._apps.setdefault(id, client)
        self._keep(id, False, value, source)

    def app(self, id: str) -> str:
        """The app id of a service principal; empty where it was not read."""
        return self._apps.get(id, "")

    def principal(self, client: str) -> str | None:
        """The service principal of an app, by its app id."""
        return self._clients.get(client)

    def application(self, value: Object, source: str) -> None:
        """An application of this tenant's."""
        id, client = text(value, "id").lower(), text(value, "appId").lower()
        if not client:
            return
        self._applications.setdefault(id, (client, text(value, "displayName")))
        self._keep(client, True, value, source)
        several = value.get("federatedIdentityCredentials")
        for one in several if isinstance(several, list) else ():
            if isinstance(one, Mapping):
                self.federated(one, id, source)

    def federated(self, value: Object, application: str, source: str) -> None:
        """A federated credential of an application, by the application's object id."""
        self._federated.setdefault((application.lower(), text(value, "id") or text(value, "name")), (value, source))

    def _keep(self, holder: str, client: bool, value: Object, source: str) -> None:
        for kind, one in _told(value):
            key = text(one, "keyId").lower()
            if key:
                self._held.setdefault((holder, client, key), (kind, one, source))

    def finish(self, facts: Facts, documents: Documents) -> None:
        """Add the rows, and what could not be told as a gap."""
        lost: dict[str, str] = {}
        for (holder, client, key), (kind, one, source) in self._held.items():
            principal = self._clients.get(holder) if client else holder
            if principal is None:
                lost.setdefault(holder, source)
                continue
            ends = moment(one, "endDateTime")
            facts.credentials.add(
                id=key, account=self._tenant, principal=principal, kind=kind, created=moment(one, "startDateTime"),
                expires=ends, active=None if ends is None else ends > self._time, source=source,
            )  # fmt: skip
        self._add_federated(facts, documents, lost)
        if lost:
            _gap(facts, lost)

    def _add_federated(self, facts: Facts, documents: Documents, lost: dict[str, str]) -> None:
        for (application, id), (value, source) in self._federated.items():
            client, _ = self._applications.get(application, (application, ""))
            principal = self._clients.get(client)
            if principal is None:
                lost.setdefault(client, source)
                continue
            audiences = value.get("audiences")
            expression = value.get("claimsMatchingExpression")
            named = [one for one in audiences if isinstance(one, str)] if isinstance(audiences, list) else []
            one = Federated(
                id, principal, self._tenant, text(value, "issuer"), text(value, "subject"), text(expression, "value"),
                named, source,
            )  # fmt: skip
            add_federated(facts, documents, one)


def _told(value: Object) -> Iterator[tuple[str, Object]]:
    for name in ("passwordCredentials", "keyCredentials"):
        several = value.get(name)
        for one in several if isinstance(several, list) else ():
            if isinstance(one, Mapping):
                yield _kind(name, one), one


def _kind(name: str, one: Mapping[str, Any]) -> str:
    if name == "passwordCredentials":
        return _PASSWORD
    # What signs tokens of a single sign-on proves nobody's identity here.
    return _SIGNING if text(one, "usage").lower() == "sign" else _CERTIFICATE


def _gap(facts: Facts, lost: Mapping[str, str]) -> None:
    first, source = next(iter(lost.items()))
    facts.coverage.add(
        service="graph", call="applications.list", status=CoverageStatus.NOT_TRIED.value,
        detail=f"{len(lost)} applications with credentials whose service principal was not read, {first} first "
        f"({source})", affects="whether these let in here",
    )  # fmt: skip
