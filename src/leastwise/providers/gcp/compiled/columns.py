"""The columns that an estate is compiled from; no library is loaded to know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

COLUMNS: Mapping[str, Sequence[str]] = {
    "scopes": (
        "id",
        "kind",
        "name",
        "parent",
        "number",
        "directory",
        "domains",
        "domains_known",
        "tags",
        "tag_ids",
        "source",
    ),
    "resources": (
        "id",
        "account",
        "kind",
        "name",
        "principal",
        "policy_known",
        "acl_public",
        "details",
        "tags",
        "tag_ids",
    ),
    "principals": ("id", "account", "kind", "native", "name", "directory", "members_known", "enabled"),
    "documents": ("text", "unsupported"),
    "statements": ("document", "position", "effect", "actions", "principals", "condition"),
    "policies": ("id", "kind", "account", "document"),
    "attachments": ("account", "layer", "kind", "target", "policy", "document", "condition"),
    "memberships": ("member", "group", "until"),
    "coverage": ("service", "call", "status", "detail"),
}
