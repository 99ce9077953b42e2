"""Commands of Azure's command line that stop a managed identity, and that take it back.

https://learn.microsoft.com/cli/azure/identity, https://learn.microsoft.com/cli/azure/identity/federated-credential

Users and applications belong to the directory, and are stopped there; role assignments are taken from all of them here.
An identity that a resource has goes with the resource.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leastwise.model.plan import Step
from leastwise.providers.base.halting import Halting, Holder, deletion, made_by, unnamed

from .regranting.commands import command

_FEDERATED = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/"
    r"Microsoft\.ManagedIdentity/userAssignedIdentities/(?P<identity>[^/]+)/federatedIdentityCredentials/(?P<name>[^/]+)",
    re.IGNORECASE,
)


def _az(*words: str) -> str:
    return shlex.join(("az", *words))


def _credential(holder: Holder, credential: Mapping[str, Any]) -> Step | None:
    found = _FEDERATED.fullmatch(credential["id"])
    if found is None or credential["active"] is False:
        return None
    told = (
        "--name", found["name"], "--identity-name", found["identity"], "--resource-group", found["group"],
        "--subscription", found["subscription"], "--yes",
    )  # fmt: skip
    why = "nobody signs in by it any more"
    return Step(
        "delete federated credential", credential["id"], why, _az("identity", "federated-credential", "delete", *told)
    )


def _sessions(holder: Holder, before: datetime) -> Step | None:
    """None: tokens of managed identities last until they expire."""
    return None


def _retired(holder: Holder, days: int) -> list[Step]:
    if holder.native != "managed_identity":
        return []
    of = ("--subscription", holder.account) if holder.account else ()
    query = f"[?principalId=='{holder.id}'].id | [0]"
    found = _az("identity", "list", *of, "--query", query, "--output", "tsv")
    return [deletion(holder, days, f'az identity delete --ids "$({found})"')]


HALTING = Halting(_credential, _sessions, _retired, made_by(command), unnamed)
