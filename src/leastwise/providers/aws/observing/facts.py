"""What of each permission a log can show: a management event, a data event, or nothing ever.

The tables are `data/observing/*.yaml`; `no_operation.yaml` is made by tools/build_aws_observing.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pkgutil import get_data
from typing import Any

from leastwise import shipped

from .. import catalog

_WRITES = frozenset(
    [
        "Abort",
        "Accept",
        "Activate",
        "Add",
        "Allocate",
        "Apply",
        "Approve",
        "Assign",
        "Associate",
        "Attach",
        "Authorize",
        "Cancel",
        "Change",
        "Copy",
        "Create",
        "Deactivate",
        "Delete",
        "Deploy",
        "Deregister",
        "Detach",
        "Disable",
        "Disassociate",
        "Enable",
        "Execute",
        "Import",
        "Invite",
        "Launch",
        "Merge",
        "Modify",
        "Move",
        "Publish",
        "Purge",
        "Put",
        "Reboot",
        "Register",
        "Reject",
        "Release",
        "Remove",
        "Replace",
        "Reset",
        "Restore",
        "Resume",
        "Revoke",
        "Rotate",
        "Run",
        "Schedule",
        "Send",
        "Set",
        "Start",
        "Stop",
        "Submit",
        "Suspend",
        "Tag",
        "Terminate",
        "Unassign",
        "Unsubscribe",
        "Untag",
        "Update",
        "Upgrade",
        "Upload",
    ]
)
_READS = frozenset(("Describe", "Get", "List"))
_VERB = re.compile(r"[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class DataType:
    """A type of data events, see `data/observing/data_events.yaml`; permissions are those of the catalogue."""

    type: str
    told: str
    below: tuple[str, ...]
    holds: frozenset[str]
    permissions: tuple[str, ...]
    either: tuple[str, ...]


@cache
def data_types(facts: catalog.Catalog) -> tuple[DataType, ...]:
    """Every type of data events. A permission is of the first type that lists it."""
    found, taken = [], set[str]()
    for one in _read("data_events"):
        sure = _known(facts, one.get("permissions", ()), taken)
        either = _known(facts, one.get("either", ()), taken)
        holds = frozenset(_known(facts, one.get("holds", ()), set()))
        found.append(DataType(one["type"], one["told"], tuple(one.get("below", ())), holds, sure, either))
    return tuple(found)


@cache
def no_operations(facts: catalog.Catalog) -> frozenset[str]:
    """The permissions that are no operation of an API: other calls need them."""
    listed = (facts.action(f"{prefix}:{name}") for prefix, names in _read("no_operation").items() for name in names)
    return frozenset(one.name for one in listed if one is not None)


@cache
def never(facts: catalog.Catalog) -> Mapping[str, str]:
    """The permissions of which no log shows a use, each with the reason."""
    found = dict.fromkeys(no_operations(facts), "it is no operation of an API, so no log shows its use by itself")
    for one in _read("never"):
        for permission in _known(facts, one["permissions"], set()):
            found[permission] = "CloudTrail does not record it"
    return found


def sort_of(action: catalog.Action) -> str:
    """Whether CloudTrail counts a management event as `read` or `write`; `either` where that is not sure.

    CloudTrail's flag is not the access level of the permission (AssumeRole and Decrypt only read): only where the
    operation's verb says the same as the level is it taken as sure.
    """
    verb = _VERB.match(action.name.partition(":")[2])
    said = verb.group() if verb else ""
    if action.level in ("List", "Read"):
        return "read" if said in _READS else "either"
    return "write" if said in _WRITES else "either"


def _known(facts: catalog.Catalog, patterns: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    found = dict.fromkeys(name for pattern in patterns for name in facts.known_actions(pattern) if name not in taken)
    taken |= set(found)
    return tuple(found)


def _read(name: str) -> Any:
    raw = get_data("leastwise.providers.aws", f"data/observing/{name}.yaml")
    return shipped.values(raw or b"")
