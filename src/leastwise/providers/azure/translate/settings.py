"""Diagnostic settings: which logs of what are kept, and where.

The id of a subscription's setting is written without a slash before it, and below another resource provider.
https://learn.microsoft.com/rest/api/monitor/diagnostic-settings/list
https://learn.microsoft.com/rest/api/monitor/subscription-diagnostic-settings/list
"""

from __future__ import annotations

from leastwise.providers.azure.language.ids import ROOT
from leastwise.providers.members import Object
from leastwise.providers.microsoft.settings import DESTINATIONS

from .context import Context
from .reading import member, objects, text, truth

TYPE = "microsoft.insights/diagnosticsettings"


def setting(context: Context, value: Object, source: str) -> None:
    """A setting as a resource: `on` is what it is about, `logs` are categories, `groups` are groups of categories.

    `since` is when it was last altered, where that is told; `tables` is `Dedicated` where a workspace keeps each
    category in a table of its own.
    """
    told = text(value, "id")
    id = context.id(told if told.startswith("/") else f"/{told}", source) if told else None
    if id is None or id.key == id.top:
        return
    on = context.id(id.text.rpartition("/providers/")[0] or ROOT, source)
    details = {name: text(value, name) for name in DESTINATIONS}
    on_now = [one for one in objects(value, "logs") if truth(one, "enabled") is True]
    details |= {
        "on": on.key if on is not None else "",
        "logs": ",".join(filter(None, (text(one, "category") for one in on_now))),
        "groups": ",".join(filter(None, (text(one, "categoryGroup") for one in on_now))),
        "tables": text(value, "logAnalyticsDestinationType"),
        "since": text(member(value, "systemData"), "lastModifiedAt") or text(member(value, "systemData"), "createdAt"),
    }
    context.resource(
        id, source, type=TYPE, name=text(value, "name"),
        details=tuple((name, one) for name, one in details.items() if one),
    )  # fmt: skip
