"""Subscriptions that an import names, and whose role assignments are not in it: what is given there is not known.

A list of assignments does not say of what it is. Whatever lies in a subscription says that its list was read, or else
the name of the file does; rows of Resource Graph are of everything that may be read.
"""

from __future__ import annotations

from leastwise.model.scope import CoverageStatus
from leastwise.providers.azure.exports.shapes import ROLE_ASSIGNMENTS
from leastwise.providers.azure.tree import SUBSCRIPTIONS
from leastwise.providers.exported import call_of

from .context import EVERYWHERE, Context


def finish_unlisted(context: Context) -> None:
    """Add a gap for each subscription of which none of the imported lists is."""
    service, call = call_of(ROLE_ASSIGNMENTS)
    records = [one for one in context.collected.coverage if (one.service, one.call) == (service, call)]
    if not context.listed or EVERYWHERE in context.listed or any(one.account for one in records):
        return  # nothing at all is one gap, told elsewhere; collection tells of each subscription by itself
    known = {*context.tree.told, *("/".join(key.split("/")[:3]) for key in context.resources)}
    subscriptions = sorted(key for key in known if key.startswith(SUBSCRIPTIONS))
    if len(subscriptions) == 1:
        return  # a list that does not say of what it is, is of the only one
    for key in subscriptions:
        if key not in context.listed:
            context.facts.coverage.add(
                service=service, call=call, status=CoverageStatus.NOT_TRIED.value,
                detail="no list of this subscription is in what was imported", affects="who is given which role there",
                account=context.tree.name(key),
            )  # fmt: skip
