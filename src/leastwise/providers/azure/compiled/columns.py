"""The columns that an estate is compiled from; no library is loaded to know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..evaluate.estate import GONE, GROUP, SERVICE, USER

NAMED = "directory_object"
"""The native word of somebody of whom only the directory tells."""
UNREAD = -1
"""When an assignment ends that tells something of it that is no time."""
KINDS = ("", GROUP, USER, SERVICE, GONE)
"""The kind of each code of the array `member.type`, as far as it was read."""
COLUMNS: Mapping[str, Sequence[str]] = {
    "scopes": ("id", "kind", "name", "parent", "tenant", "people_known", "source"),
    "resources": ("id", "account", "kind", "name", "principal", "details"),
    "principals": (
        *("id", "account", "kind", "native", "name", "mail"),
        *("directory", "members_known", "enabled", "tags", "details"),
    ),
    "trusts": ("principal", "account", "subject", "patterns"),
    "runs_as": ("subject", "object", "account"),
    "documents": ("text", "unsupported"),
    "policies": ("id", "kind", "document"),
    "attachments": ("account", "layer", "kind", "target", "policy", "document", "until"),
    "memberships": ("member", "group", "kind"),
    "coverage": ("service", "call", "status", "detail", "account"),
}
