"""Diagnostic settings of the directory: which of its logs are kept where.

https://learn.microsoft.com/entra/identity/monitoring-health/howto-configure-diagnostic-settings
"""

from __future__ import annotations

from collections.abc import Mapping

from leastwise.providers.entra.language.settings import NAME
from leastwise.providers.fields import Body, Fields
from leastwise.providers.logs.nested import items
from leastwise.providers.microsoft.settings import DESTINATIONS

from .context import Context
from .reading import text, truth


def setting(context: Context, body: Body, about: str, source: str) -> None:
    """A setting as a resource: `logs` are the categories that it lets through, `groups` groups of them. FieldError."""
    name = Fields(body).text("name")
    inner = body.get("properties")
    told = inner if isinstance(inner, Mapping) else body
    on = [one for one in items(told, "logs") if truth(one, "enabled") is True]
    details = {one: text(told, one) for one in DESTINATIONS} | {
        "on": context.tenant,
        "logs": ",".join(filter(None, (text(one, "category") for one in on))),
        "groups": ",".join(filter(None, (text(one, "categoryGroup") for one in on))),
    }
    context.resource(f"{context.tenant}/diagnosticSettings/{name}", NAME, name, source, details)
