"""What a posture rule may read: the read models, and the columns that an estate lays over them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leastwise.model.tables import (
    CREDENTIALS_VIEW,
    GAPS_VIEW,
    GRANTS_VIEW,
    IDENTITIES_VIEW,
    POWERS_VIEW,
    REACHES_VIEW,
    REQUESTS_VIEW,
    RESOURCES_VIEW,
    TRIES_VIEW,
    TRUSTS_VIEW,
    Column,
    TableSpec,
)

_PROTECTED = Column("protected", "bool", "break-glass: the estate file says that it must stay as it is")
_OWNER = Column("owner", "string", "owner, by the estate file or by tag; null when neither names one", True)
_LEAVER = Column("leaver", "bool", "its person has left; null when it is linked to no person", True)
_SENSITIVITY = Column("sensitivity", "string", "sensitivity that the estate file gives it; empty when none")

OVERLAYS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "identities": (
            _PROTECTED,
            _OWNER,
            _LEAVER,
            Column("person", "string", "name of its person; null when it is linked to none", True),
        ),
        "credentials": (
            Column("protected", "bool", "its holder is break-glass"),
            _OWNER,
        ),
        "grants": (
            Column("protected", "bool", "its principal is break-glass"),
            _OWNER,
            Column("actions", "strings", "action patterns of its document; NotAction patterns start with !"),
            Column("principal_name", "string", "name of the principal; empty where its id is what people know"),
            Column("policy_name", "string", "name of the policy; empty where its id is what people know"),
        ),
        "trusts": (
            Column(
                "external_trusted",
                "bool",
                "the subject's account, tenant, domain or identity provider, or every organization that it must be of, "
                "stands in the zone of trust, or it is a vendor or an exception for this principal; null when no "
                "organization of ours is known, or its account was not told",
                True,
            ),
            Column(
                "external_id_expected",
                "bool",
                "an external id must be required: the vendor's entry says so, or the subject is not trusted; false for "
                "providers that have no such thing",
                True,
            ),
            _OWNER,
        ),
        "resources": (
            Column("public_meant", "bool", "the estate file says that it is meant to be public"),
            _OWNER,
            _SENSITIVITY,
        ),
        "requests": (_OWNER,),
        "gaps": (_PROTECTED, _OWNER),
        "reaches": (_OWNER,),
        "tries": (_OWNER,),
        "powers": (_PROTECTED, _OWNER, _LEAVER),
    }
)
"""Columns that only an estate knows (from estate.yaml, or from other scopes), by subject of a rule."""

DEFAULTS: Mapping[str, object] = MappingProxyType(
    {
        "protected": False,
        "leaver": None,
        "person": None,
        "external_trusted": False,
        "external_id_expected": True,
        "public_meant": False,
        "sensitivity": "",
        "owner": None,
        "actions": (),
        "principal_name": "",
        "policy_name": "",
    }
)
"""What an overlay column says where no estate says otherwise."""

VIEWS: Mapping[str, TableSpec] = MappingProxyType(
    {
        "identities": IDENTITIES_VIEW,
        "credentials": CREDENTIALS_VIEW,
        "grants": GRANTS_VIEW,
        "trusts": TRUSTS_VIEW,
        "resources": RESOURCES_VIEW,
        "requests": REQUESTS_VIEW,
        "gaps": GAPS_VIEW,
        "reaches": REACHES_VIEW,
        "tries": TRIES_VIEW,
        "powers": POWERS_VIEW,
    }
)
"""The read model of each subject; its table is found by the name of the spec."""

STATES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "identities": frozenset({"admin"}),
        "credentials": frozenset({"holder_admin"}),
        "grants": frozenset(),
        "trusts": frozenset({"principal_admin"}),
        "resources": frozenset({"public"}),
        "requests": frozenset({"status", "principal_kind"}),
        "gaps": frozenset({"admin"}),
        "reaches": frozenset(),
        "tries": frozenset(),
        "powers": frozenset({"administers", "jewels"}),
    }
)
"""Text columns whose word `unknown` means not known, as null does elsewhere."""


BOUNDED_BY: Mapping[str, str] = MappingProxyType({"last_used": "last_used_known"})
"""Time columns that tell only what is known so far unless the flag beside them is true: then a null means never."""


def columns_of(subject: str) -> dict[str, Column]:
    """The columns that a rule about this subject may read, by name, overlay included."""
    return {column.name: column for column in (*VIEWS[subject].columns, *OVERLAYS[subject])}
