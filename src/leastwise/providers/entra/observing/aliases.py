"""Whom the directory's logs mean where they tell no object id: an address, an application's id, either of both.

https://learn.microsoft.com/graph/api/resources/user#properties (userPrincipalName, mail)
https://learn.microsoft.com/graph/api/resources/serviceprincipal#properties (appId)
"""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.providers.base import ScopeTables
from leastwise.providers.entra.log_names import APPLICATION, CALLER
from leastwise.providers.logs.aliases import NamedAliases, Spelling

_SPELLING = Spelling(APPLICATION, CALLER, personal="live.com#", guest="#ext#", everyone="")


def aliases(scopes: Sequence[ScopeTables]) -> NamedAliases:
    """The names of everybody whom some scopes tell of."""
    return NamedAliases(scopes, _SPELLING)
