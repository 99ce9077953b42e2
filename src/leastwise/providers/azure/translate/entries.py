"""Permissions entries as statements, and what a role amounts to wherever it is given."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.providers.azure.language.operations import DATA, Plane, canonical
from leastwise.providers.azure.language.roles import Entry
from leastwise.providers.interned import HARMLESS, Statement
from leastwise.providers.interned import canonical as written

__all__ = ["HARMLESS", "condition_of", "denying", "flags_of", "statements_of"]

_ASSIGN = canonical("Microsoft.Authorization/roleAssignments/write")
_DEFINE = canonical("Microsoft.Authorization/roleDefinitions/write")
_SAMPLE = (
    "Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Storage/storageAccounts/write", "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Network/virtualNetworks/write", "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.KeyVault/vaults/write", "Microsoft.Sql/servers/write",
)  # fmt: skip
"""Operations of several providers: who has all of them, and may do nearly everything, is no specialist."""


def statements_of(entries: Sequence[Entry], effect: str = "Allow") -> list[Statement]:
    """A statement each. Operations of the data plane have `data:` before them, which those of control never have."""
    return [
        Statement(
            effect, _both(one, 0), condition=condition_of(one.condition), not_actions=_both(one, 1),
        )
        for one in entries
    ]  # fmt: skip


def _both(entry: Entry, side: int) -> list[str]:
    control, data = entry.of(Plane.CONTROL)[side], entry.of(Plane.DATA)[side]
    return [*(one.strip() for one in control.texts), *(DATA + one.strip() for one in data.texts)]


def condition_of(expression: str, version: str = "") -> str | None:
    """A condition as canonical JSON, None where there is none."""
    if not expression.strip():
        return None
    return written({"expression": expression} | ({"version": version} if version else {}))


def flags_of(entries: Sequence[Entry]) -> dict[str, bool | None]:
    """Flags of the table documents for a role with these entries; they hold at the scope where the role is given.

    `admin`: every operation of the control plane, as Owner. `admin_rest`: nearly all, but no writing of role
    assignments, as Contributor. `admin_iam`, `rewrites_iam`: it may write role assignments or definitions without a
    condition, as User Access Administrator. `wildcard`: everything of a provider.
    """
    free = [one for one in entries if not one.condition]
    whole = any("*" in _trimmed(one) and not one.not_actions.texts for one in free)
    rewrites = any(one.has(name, Plane.CONTROL) for one in free for name in (_ASSIGN, _DEFINE))
    nearly = all(any(one.has(canonical(name), Plane.CONTROL) for one in free) for name in _SAMPLE) and any(
        "*" in _trimmed(one) for one in free
    )
    conditional = any("*" in _trimmed(one) for one in entries if one.condition)
    services = any(_whole_service(text) for one in entries for text in _both(one, 0))
    return {
        "admin": whole,
        "admin_conditional": conditional,
        "admin_nearly": nearly and rewrites and not whole,
        "admin_rest": nearly and not rewrites,
        "admin_iam": rewrites and not whole and not nearly,
        "rewrites_iam": rewrites,
        "wildcard": services,
        "wildcard_actions": services,
        "wildcard_resources": False,
        "conditional": bool(entries) and not free,
        "denies": False,
        "denies_admin": False,
    }


def _trimmed(entry: Entry) -> set[str]:
    return {canonical(one) for one in entry.actions.texts}


def _whole_service(text: str) -> bool:
    """Whether a pattern takes in all of a provider, or of all: `*`, `Microsoft.Sql/*`."""
    provider, _, rest = text.removeprefix(DATA).partition("/")
    return (provider == "*" and not rest) or (rest == "*" and "*" not in provider)


def denying(entries: Sequence[Entry], blocks: bool) -> dict[str, bool | None]:
    """Flags of the table documents for a deny assignment; `blocks`: it is in force, and not merely recorded."""
    admin = blocks and any(one.has(_ASSIGN, Plane.CONTROL) for one in entries if not one.condition)
    return {
        "denies": blocks,
        "denies_admin": admin,
        "admin": False,
        "conditional": any(one.condition for one in entries),
    }
