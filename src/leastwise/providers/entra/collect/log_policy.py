"""The least permissions that fetching the directory's logs needs, by source, as the vendor takes them."""

from __future__ import annotations

import json
from typing import Any

from leastwise.providers.entra.log_names import FEED, HISTORY, chosen
from leastwise.providers.fetching import Wanted
from leastwise.providers.microsoft.log_names import OBJECTS, TABLES
from leastwise.providers.microsoft.log_policy import Needed

from . import log_feed, log_history
from .policy import granted
from .source import read_source

_OFFICE, _FEED_ROLE = "c5393580-f805-4401-95e8-94b7a6ef2fc2", "594c1fb6-4f81-4475-ae41-0c394909246c"
"""Office 365 Management APIs, and its app role ActivityFeed.Read.

https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis
"""


def log_policy(wanted: Wanted) -> str:
    """Application permissions and commands that give them, and the role for what lies in Azure, as one JSON object.

    Raises:
        UsageError: what is wanted makes no sense.
    """
    read_source(wanted.sign_in)
    told: dict[str, Any] = {}
    in_azure = wanted.url.startswith((OBJECTS, TABLES))
    if not in_azure and not wanted.url.startswith(FEED):
        chosen(wanted.url, HISTORY, log_history.LOGS)
        told |= granted(log_history.READING)
    if wanted.auto or wanted.url.startswith(FEED):
        chosen(wanted.url if wanted.url.startswith(FEED) else FEED, FEED, log_feed.TYPES)
        told["office"] = {
            "permission": log_feed.READING,
            "requiredResourceAccess": {"resourceAppId": _OFFICE,
                                       "resourceAccess": [{"id": _FEED_ROLE, "type": "Role"}]},
            "commands": [
                f"az ad app permission add --id APPLICATION --api {_OFFICE} --api-permissions {_FEED_ROLE}=Role",
                "az ad app permission admin-consent --id APPLICATION",
            ],
        }  # fmt: skip
    if wanted.auto or in_azure:
        needed = Needed(["/subscriptions/SUBSCRIPTION"])
        needed.add(wanted)
        told |= needed.told()
    return json.dumps(told, indent=2)
