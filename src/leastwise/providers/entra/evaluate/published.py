"""What the catalogue in force publishes for every tenant."""

from __future__ import annotations

from functools import cache

from ..catalog import current
from ..catalog.lookup import Catalog
from ..catalog.tables import tables
from .estate import Published


def published() -> Published:
    """Roles, actions, permissions of Graph and requests of the catalogue in force."""
    return _published(current())


@cache
def _published(facts: Catalog) -> Published:
    roles = {key: role for key in facts.roles if (role := facts.role(key)) is not None}
    owned = (str(one) for listed in tables().owners.values() for one in listed)
    actions = {name.lower(): name for name in (*owned, *tables().known, *facts.actions)}
    return Published(roles, actions, facts.app_roles, facts.scopes, facts.requests)
