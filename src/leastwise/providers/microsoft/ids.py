"""What ids of Entra ID and Azure tell by their form."""

from __future__ import annotations

import re

from leastwise.providers.base import IdForm

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)


def id_form(text: str) -> IdForm | None:
    """What a text is by its form: a GUID names an object, an application, a key, a tenant or a subscription."""
    if _GUID.fullmatch(text):
        return IdForm(
            "object, application, key of one, tenant or subscription", because="a GUID; its form says no more"
        )
    found = _SUBSCRIPTION.match(text)
    return None if found is None else IdForm("resource", found[1], "its id names the subscription")
