"""What somebody thinks of, as rows: role assignments and role definitions as translation makes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain
from leastwise.model.scope import Collected, Scope
from leastwise.providers.azure.language.assignments import parse_assignment
from leastwise.providers.azure.language.ids import IdError, arm_id
from leastwise.providers.base.granting import MisfitError

from .assignments import ACTIVATED, ASSIGNED, ELIGIBLE, finish_given, take
from .context import Context
from .roles import definition, finish_roles

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Fragment:
    """Rows of one tree under construction, besides those that it has.

    Args:
        scope: whose rows they are.
        roles: the keys of the roles that the estate has.
    """

    def __init__(self, scope: Scope, roles: Collection[str]) -> None:
        self._context = Context(Collected(scope, _LONG_AGO, (), ()))
        self._roles = roles

    def assignment(self, body: Mapping[str, Any], *, eligible: bool, activated: bool, source: str) -> None:
        """A role assignment as the REST API writes it, or an eligible or activated one. Raises MisfitError."""
        try:
            one = parse_assignment(body)
        except ValueError as error:
            raise MisfitError(str(error)) from None
        take(self._context, one, ELIGIBLE if eligible else ACTIVATED if activated else ASSIGNED, body, source)

    def role(self, body: Mapping[str, Any], source: str) -> None:
        """A role definition. Raises MisfitError."""
        for one in body.get("assignableScopes") or ():
            try:
                arm_id(str(one))
            except IdError as error:
                raise MisfitError(f"is no role definition: assignableScopes: {error}") from None
        definition(self._context, body, source)
        reason = next(iter(self._context.odd), "")
        if reason:
            raise MisfitError(f"is no role definition: {reason.removeprefix('a role definition of which ')}")

    def tables(self, account: str, target: str) -> Mapping[str, pa.Table]:
        """The rows, where what is attached is so to a target of an account."""
        context = self._context
        finish_given(context)
        for key in self._roles:
            context.named_roles.pop(key, None)
        finish_roles(context)
        context.principals.finish(context.facts)
        names = ("documents", "statements", "policies", "attachments", "principals", "coverage")
        made = {name: plain(context.facts.tables[name].to_table()) for name in names}
        for name, value in (("account", account), ("target", target)):
            table = made["attachments"]
            number = table.schema.get_field_index(name)
            words = pa.array([value] * table.num_rows, pa.string())
            made["attachments"] = table.set_column(number, table.schema.field(number), words)
        return made
