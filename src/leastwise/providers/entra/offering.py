"""What a service principal offers to others: app roles and scopes, by the ids of the permissions behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.base.draft import Draft

from .catalog import current
from .language.directory import GRAPH
from .language.grants import NO_ROLE
from .translate.apps import DELEGATED, app_role_named, scope_named


@dataclass(frozen=True)
class Offering:
    """One service principal.

    Args:
        id: its object id.
        app: its app id; empty where it was not read.
        roles: the values of its app roles by their ids; None where it does not tell them.
        scopes: its scopes as they are written, by their lower case.
    """

    id: str
    app: str
    roles: Mapping[str, str] | None
    scopes: Mapping[str, str]

    def role(self, bundle: str) -> str | None:
        """The id of the app role behind a permission; None where it offers none such."""
        known = [*(self.roles or ()), *(current().app_roles if self.app == GRAPH else ()), NO_ROLE]
        last = bundle.rpartition("/")[2].lower()
        return next(
            (one for one in (*known, last) if app_role_named(self.id, one, self.roles, self.app)[0] == bundle), None
        )

    def scope(self, bundle: str) -> str:
        """The scope behind a permission, in lower case."""
        return bundle.removesuffix(DELEGATED).removeprefix(f"{self.id}/").lower()

    def offers(self, bundle: str) -> bool:
        """Whether a delegated permission may be one of its own: what it does not tell it may offer."""
        named = scope_named(self.id, self.scope(bundle), self.scopes, self.app)[0]
        known = self.app != GRAPH or bundle.removesuffix(DELEGATED) in current().scopes
        return named == bundle and known


def offering_of(draft: Draft, id: str) -> Offering:
    """What the tables tell of a service principal."""
    for _, row in draft.found("principals", id=id):
        told = dict(row["details"] or ())
        roles, scopes = told.get("app_roles"), json.loads(told.get("scopes", "[]"))
        app = (row.get("unique_id") or "").lower()
        return Offering(id, app, None if roles is None else json.loads(roles), {one.lower(): one for one in scopes})
    return Offering(id, "", None, {})
