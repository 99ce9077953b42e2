"""Tables of a tenant to arrays: what the reference's estate of them holds."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.engine.arrays import Arrays
from leastwise.engine.quiet import without_collector
from leastwise.providers.base import ScopeTables

from ..evaluate.estate import Estate
from ..evaluate.published import published
from .arranging import arranged
from .estate import estate_of_tables

_OWN = ("", "entra")


def compile_estate(scopes: Sequence[ScopeTables]) -> Arrays:
    """The arrays of an estate from the tables of its scopes.

    Of several tenants there is nothing but their names, for no question is about more than one; of a tenant that could
    not be read it is known that nothing is.
    """
    own = [one for one in scopes if one.provider in _OWN]
    with without_collector():
        if len(own) == 1 and own[0].readable:
            (one,) = own
            return arranged(estate_of_tables(one.tables, published()), one.id, one.id)
        lost = tuple(f"the tenant {one.id}" for one in own if not one.readable)
        made = arranged(Estate(published(), unread=lost), own[0].id if len(own) == 1 else "")
    several = sorted(one.id for one in own) if len(own) > 1 else []
    return Arrays({name: made[name] for name in made.names()}, {**made.facts, "several": several})
