"""Who is outside: guests, and applications that other tenants own.

https://learn.microsoft.com/entra/external-id/user-properties
https://learn.microsoft.com/entra/identity-platform/application-model
"""

from __future__ import annotations

from leastwise.model.exposure import Inside
from leastwise.providers.bulk.outsiders import Outsider
from leastwise.providers.microsoft.guests import home_domain

from ..language.directory import HERE, SERVICE, USER, VENDOR_TENANTS, Object
from .held import Compiled


class Zone:
    """Tells who is outside.

    Args:
        held: the tenant.
        inside: who is ours.
    """

    def __init__(self, held: Compiled, inside: Inside) -> None:
        self._held, self._inside = held, inside

    def outsider(self, one: Object) -> Outsider | None:
        """Somebody as an outsider; None for one of ours, and for one of whom it is not known."""
        if one.kind == USER and one.guest:
            return None if home_domain(one.name) in self._inside.domains else Outsider(one.id, "user")
        if one.kind != SERVICE or self._ours(one) or not one.owner:
            return None
        if one.owner in VENDOR_TENANTS:
            # It has a service principal in each tenant that uses it, and acts there for that alone.
            return Outsider(one.id, "service", source="inside")
        return Outsider(one.id, "service_account", one.owner)

    def undecided(self, one: Object) -> bool:
        """Whether it was not told whose application somebody is."""
        return one.kind == SERVICE and not one.owner and not self._ours(one)

    def _ours(self, one: Object) -> bool:
        """Whether the application behind a service principal is one of our tenants'."""
        known = {*self._inside.organizations, self._held.facts["tenant"], HERE} - {""}
        return one.owner in known or (bool(one.app) and one.app in self._held.applications)
