"""Who is outside: guests, principals of other tenants, applications of other tenants, whoever nobody finds."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from leastwise.engine.arrays import Array
from leastwise.model.exposure import Inside
from leastwise.providers.bulk.outsiders import Outsider
from leastwise.providers.microsoft.guests import home_domain, is_guest

from ..evaluate.estate import GONE, GROUP, SERVICE, USER
from .columns import NAMED
from .estate import Compiled

_KINDS = {USER: "user", GROUP: "group", SERVICE: "service_account"}
_OUR_ISSUERS = (
    re.compile(r"https://[a-z0-9]+\.oic\.prod-aks\.azure\.com/(?P<tenant>[0-9a-f-]{36})/"),
    re.compile(r"https://(?:login\.microsoftonline\.com|sts\.windows\.net)/(?P<tenant>[0-9a-f-]{36})(?:/|$)"),
)
"""Issuers that are of a tenant: its clusters, and the tenant itself.

https://learn.microsoft.com/azure/aks/use-oidc-issuer
"""


class Zone:
    """Tells who is outside.

    Args:
        held: the estate.
        inside: who is ours.
    """

    def __init__(self, held: Compiled, inside: Inside) -> None:
        self._held, self._inside = held, inside
        self._owners = held.facts["owners"]

    def outsider(self, number: int) -> Outsider | None:
        """A principal as an outsider; None for one of ours, and for one of whom it is not known."""
        held = self._held
        id, native = held.members[number], held.word("native", number)
        foreign = held.word("directory", number) == "foreign"
        if native == "foreign_principal":
            tenant = held.word("account", number)
            doubt = "" if tenant else f"of which tenant {id} is"
            return self._of_tenant(id, _KINDS.get(held.kind(number), "unknown"), tenant, doubt)
        if native == "user":
            return self._user(number, id) if foreign or is_guest(held.word("name", number)) else None
        if native == "service_principal":
            if held.word("kind", number) == "provider_service":
                # It has a principal of its own in each tenant that uses it, and acts there for that alone.
                return Outsider(id, "service", source="inside")
            tenant = self._owners.get(id, "")
            return self._of_tenant(id, "service_account", tenant, "") if foreign else None
        if foreign:
            return Outsider(id, _KINDS.get(held.kind(number), "group"))
        if held.kind(number) == GONE:
            return None
        if self._lost(number):
            return Outsider(id, "unknown", doubt=f"who {id} is: its directory has nobody of this id")
        return None

    def _of_tenant(self, id: str, kind: str, tenant: str, doubt: str) -> Outsider | None:
        return None if tenant in self._inside.organizations else Outsider(id, kind, tenant, doubt=doubt)

    def _user(self, number: int, id: str) -> Outsider | None:
        """A guest, or somebody who signs in elsewhere; of ours if the domain is."""
        domain = home_domain(self._held.word("name", number), self._held.word("mail", number))
        return None if domain in self._inside.domains else Outsider(id, "user")

    def issuer(self, issuer: str, subjects: tuple[str, ...]) -> Outsider | None:
        """Whoever an identity provider names; None for one of our tenants, and for their clusters."""
        for one in _OUR_ISSUERS:
            found = one.match(issuer.lower())
            if found is not None:
                tenant = found["tenant"]
                ours = tenant in self._inside.organizations
                return None if ours else Outsider(issuer, "federated", tenant, subjects)
        return Outsider(issuer, "federated", subjects=subjects)

    # --- what is not known

    def undecided(self, number: int) -> bool:
        """Whether it was not read of which tenant somebody is."""
        held = self._held
        native, directory = held.word("native", number), held.word("directory", number)
        if native == "service_principal":
            return directory not in ("own", "foreign") and held.word("kind", number) != "provider_service"
        if native == "user":
            # Of a member of a group only the id may be told; the name of a guest tells that it is one.
            return directory not in ("own", "foreign") and "@" not in held.word("name", number)
        named = native not in ("group", "managed_identity", "foreign_principal", "everyone")
        return named and directory != "foreign" and held.kind(number) != GROUP and not self._lost(number)

    def _lost(self, number: int) -> bool:
        """Whether somebody is in no directory, though those of all tenants of the estate were read as a whole."""
        held = self._held
        untold = held.word("native", number) in ("", NAMED) and held.word("directory", number) != "foreign"
        return untold and self._all_read and not held.kind(number)

    @cached_property
    def _all_read(self) -> bool:
        tenants = {tenant for *_, tenant in self._held.facts["containers"] if tenant}
        return bool(tenants) and tenants <= set(self._held.facts["directories"])

    @cached_property
    def strangers(self) -> Array:
        """The mask of those who may be outside, or of whom it is not known; all others are ours."""
        held = self._held
        own = [code for code, word in enumerate(held.words("directory")) if word == "own"]
        guests = [code for code, name in enumerate(held.words("name")) if is_guest(name)]
        arrays = held.arrays
        return np.asarray(~np.isin(arrays["member.directory"], own) | np.isin(arrays["member.name"], guests), np.bool_)
