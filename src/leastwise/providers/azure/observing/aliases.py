"""Whom Azure's logs mean where they tell no object id: an address, an application's id, a caller that may be either.

The directory tells addresses of people and applications of service principals; Azure itself the applications of
managed identities.

https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#property-descriptions (caller)
https://learn.microsoft.com/graph/api/resources/user#properties (userPrincipalName, mail)
https://learn.microsoft.com/graph/api/resources/serviceprincipal#properties (appId)
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.providers.azure.language.assignments import EVERYONE
from leastwise.providers.azure.log_names import APPLICATION, CALLER
from leastwise.providers.base import ScopeTables
from leastwise.providers.logs.aliases import NamedAliases, Spelling

_SPELLING = Spelling(APPLICATION, CALLER, personal="live.com#", guest="#ext#", everyone=EVERYONE)


def aliases(scopes: Sequence[ScopeTables]) -> NamedAliases:
    """The names of everybody whom some scopes tell of."""
    return NamedAliases(scopes, _SPELLING)
