"""Which logs of Azure and of the directory are read, where they lie, and the names of their pieces.

By the name of a piece the lake tells what it holds (docs/decisions/0031-azure-logs.md, 0036-entra-logs.md).

- `azblob://ACCOUNT/CONTAINER/PREFIX`: files that diagnostic settings write; pieces are called as they are. That nothing
  else lay there in a time is told by a piece without content: `azblob://…/resourceId=/…/listed/BEGIN_END/none.jsonl`.
- `loganalytics://subscriptions/…/workspaces/NAME`: tables of a workspace; pieces are spans of time.

Both hold Azure's logs and the directory's, whoever of the two is named: each record is read by whose it is.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from leastwise.errors import UsageError

OBJECTS, TABLES = "azblob://", "loganalytics://"
LISTED, UNSURE = "listed", "unsure"
NOTHING_FILE, ROWS_FILE = "none.jsonl", "rows.jsonl"
RECENT = "recent"
"""A folder in the names of files of days that are not over, which count for nothing that is held."""
OF_RESOURCES = frozenset(("storageread", "storagewrite", "storagedelete", "auditevent"))
"""Categories of resources that tell of usage, in lower case as containers have them."""
QUIET = frozenset(("auditevent",))
"""Of them those by which something is called unused, of which days without a file are told too."""
OF_DIRECTORY = MappingProxyType({
    "AuditLogs": "AuditLogs", "SignInLogs": "SigninLogs",
    "NonInteractiveUserSignInLogs": "AADNonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs": "AADServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs": "AADManagedIdentitySignInLogs",
    "MicrosoftGraphActivityLogs": "MicrosoftGraphActivityLogs",
})  # fmt: skip
"""Categories of the directory that tell of usage, and the tables that a workspace keeps them in.

https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options
"""
OFFICE = "OfficeActivity"
"""The table in which a connector of Sentinel keeps some of the unified audit log; which, no setting tells."""
READ = OF_RESOURCES | {one.lower() for one in OF_DIRECTORY}
BETWEEN = frozenset(OF_DIRECTORY.values())
"""Tables of which a day counts between two days with rows: whatever writes there may be switched off."""
_ACCOUNT = re.compile(r"azblob://([a-z0-9]{3,24})(?:/([a-z0-9$][a-z0-9-]{2,62})(?:/(.*))?)?/?$", re.DOTALL)
_WORKSPACE = re.compile(
    r"(?i)/subscriptions/[0-9a-f-]{36}/resourcegroups/[^/\s]+/providers/microsoft\.operationalinsights/workspaces/[^/\s]+"
)


def store_of(url: str) -> tuple[str, str, str]:
    """Account, container (empty: all) and prefix of `azblob://ACCOUNT/CONTAINER/PREFIX`. UsageError when it is none."""
    found = _ACCOUNT.match(url)
    if found is None:
        raise UsageError(f"{url}: is no {OBJECTS}ACCOUNT/CONTAINER/PREFIX")
    return found[1], found[2] or "", found[3] or ""


def workspace_of(url: str) -> str:
    """The id of the workspace of `loganalytics://subscriptions/…/workspaces/NAME`. UsageError when it is none."""
    text = "/" + url.removeprefix(TABLES).strip("/")
    if _WORKSPACE.fullmatch(text):
        return text
    shape = f"{TABLES}subscriptions/ID/resourceGroups/NAME/providers/Microsoft.OperationalInsights/workspaces/NAME"
    raise UsageError(f"{url}: is no {shape}")
