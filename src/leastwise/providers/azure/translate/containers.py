"""Management groups and subscriptions → scopes."""

from __future__ import annotations

from leastwise.providers.azure.tree import SUBSCRIPTIONS, subscription_id
from leastwise.providers.members import Object

from .context import Context
from .reading import pairs, text


def subscription(context: Context, value: Object, source: str) -> None:
    """A subscription, as Resource Manager, Resource Graph or the command line lists it."""
    id = context.id(subscription_id(value), source)
    if id is not None and id.subscription:
        named = text(value, "displayName") or (text(value, "name") if text(value, "name") != id.subscription else "")
        context.container(id.top, source, name=named, status=text(value, "state"), tags=pairs(value, "tags"))


def management_group(context: Context, value: Object, source: str) -> None:
    """A management group, a subscription in a list of them, and what they say lies below."""
    told = text(value, "id")
    if SUBSCRIPTIONS in told.lower() and not told.lower().startswith(SUBSCRIPTIONS):
        told = SUBSCRIPTIONS + told.rpartition("/")[2]
    id = context.id(told, source) if told else None
    if id is None or id.key != id.top:
        return
    context.container(id.top, source, name=text(value, "displayName"))
    children = value.get("children")
    inner = value.get("properties")
    if children is None and isinstance(inner, dict):
        children = inner.get("children")
    for one in children if isinstance(children, list) else ():
        if isinstance(one, dict):
            management_group(context, one, source)
