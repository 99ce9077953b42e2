"""One guardrail for an account: sensitive permissions are denied to all but those who use them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import RANK, Circumstances
from leastwise.model.gap import SENSITIVITIES
from leastwise.model.plan import Change

from .asking import Asking, put_to, scope_tables
from .estate import OpenEstate
from .gap import GapOf
from .gaps import Gaps
from .overlay import overlay_of_changes
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.providers.base.shrinking import Shrinking

SENSITIVE = SENSITIVITIES[3:]
"""What is denied: what destroys, shows credentials, manages permissions or leads further."""
NAME = "leastwise-guardrail"


@dataclass(frozen=True, slots=True)
class Denied:
    """Permissions that are denied alike: to all but some; nobody else used them in the logs that are held."""

    permissions: tuple[str, ...]
    but: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A guardrail for an account.

    Args:
        layer: of its document, as what-if files call it.
        denied: what is denied, to all but whom.
        unseen: sensitive permissions that stay, as a use might not have been recorded; each with why.
        left: sensitive permissions that stay because the document would be too long.
        replayed: recorded calls of sensitive permissions that were held against it.
        broken: principal and permission of those that it would deny: always empty, or it is not ready.
        length: of the document, in characters, and how long it may be.
        begin: of the logs of the account that are held.
        end: their end.
    """

    account: str
    layer: str
    document: bytes
    denied: tuple[Denied, ...]
    unseen: Mapping[str, str]
    left: tuple[str, ...]
    replayed: int
    broken: tuple[tuple[str, str], ...]
    length: tuple[int, int]
    begin: datetime
    end: datetime

    @property
    def change(self) -> Change:
        """The change that puts it in force."""
        told = {"policy": NAME, "on": self.account, "layer": self.layer}
        body = {**told, "document": json.loads(self.document)}
        return Change("put", body, (Change("remove", told),))


def guardrail(found: GapOf, shrinking: Shrinking, account: str) -> Guardrail:
    """The guardrail of one account.

    Raises:
        UsageError: the provider has none, they do not hold anybody back there, no logs of the account are held, or it
            was not read.
    """
    if shrinking.guardrail is None:
        raise UsageError(f"rightsize: {found.title} has no guardrails that can be written yet")
    provider = found.workspace.provider(found.asking.provider)
    scopes = scope_tables(found.workspace, found.asking.estate, provider.name, shrinking.reads, provider.directories)
    if idle := shrinking.guardrail_idle(scopes, account):
        raise UsageError(f"rightsize: {account}: {idle}")
    logs = found.header()["logs"].get(account)
    if logs is None:
        raise UsageError(f"rightsize: no logs of account {account} were taken in: who uses what is not known")
    facts = found.facts
    levels = dict(zip(facts.names, facts.sensitivity, strict=True))
    users = _users(found, account, {name for name, level in levels.items() if level in SENSITIVE})
    watch = facts.watching.of(account)
    unseen, groups = dict[str, str](), dict[tuple[tuple[str, ...], str, int], list[str]]()
    spared = _spared(found, account)
    for number, name in enumerate(facts.names):
        if levels[name] not in SENSITIVE:
            continue
        who = users.get(name, {})
        why = watch.rule(number).unseen(("*",))
        if not why and not all(map(shrinking.held_back, who)):
            why = "who uses it cannot be named as an exception"
        if why:
            unseen[name] = why
        else:
            harm = SENSITIVITIES.index(levels[name])
            groups.setdefault((tuple(sorted({*who, *spared})), name.partition(":")[0], harm), []).append(name)
    # What does most harm first, and of that what is most.
    order = sorted(groups.items(), key=lambda one: (-one[0][2], -len(one[1]), one[0]))
    denied = [Denied(tuple(names), but) for (but, *_), names in order]
    fold = found.asking.access.folded
    document, kept = shrinking.guardrail(denied, fold)
    left = [name for one in denied if one not in kept for name in one.permissions]
    length, most = len(document), shrinking.guardrail_length
    told = {"policy": NAME, "on": account, "layer": shrinking.guardrail_layer, "document": json.loads(document)}
    broken = _broken(found, users, {name for one in kept for name in one.permissions}, Change("put", told))
    calls = sum(count for one in users.values() for count in one.values())
    begin, end = (datetime.fromisoformat(logs[key]) for key in ("begin", "end"))
    return Guardrail(
        account, shrinking.guardrail_layer, document, tuple(kept), unseen, tuple(left), calls, tuple(broken),
        (length, most), begin, end,
    )  # fmt: skip


def _broken(
    found: GapOf, users: Mapping[str, Mapping[str, int]], denied: Collection[str], change: Change
) -> list[tuple[str, str]]:
    """Who used what of what is denied, and the estate with the guardrail in force no longer lets use it."""
    asked = [(who, name) for name in sorted(denied) for who in users.get(name, {})]
    if not asked:
        return []
    workspace, asking = found.workspace, found.asking
    provider = workspace.provider(asking.provider)
    overlay = overlay_of_changes("guardrail", [change.values()])
    before = asking.access
    after = put_to(workspace, asking.estate, asking.file, provider, asking.moment, _silent, overlay, ()).access
    broken = []
    for who, name in asked:
        try:
            old, new = (one.can(who, name, None, Circumstances()).state for one in (before, after))
        except (UsageError, NotFoundError):
            # Of who is not in the estate only the document tells.
            continue
        if RANK[new] > RANK[old]:
            broken.append((who, name))
    return broken


def _silent(_: str) -> None:
    """Nobody waits for this."""


def guardrail_of(
    workspace: Workspace, askings: Sequence[Asking], account: str, window: str | None
) -> tuple[Gaps, Guardrail]:
    """The guardrail of an account, by the provider whose it is. Raises UsageError, NotFoundError."""
    gaps = Gaps.opened(workspace, askings, window)
    for one in gaps.members:
        if any(
            entry.scope.provider == one.asking.provider and entry.scope.id == account
            for entry in one.asking.estate.entries
        ):
            shrinking = workspace.provider(one.asking.provider).shrinking
            if shrinking is None:
                raise UsageError(f"rightsize: {one.title} has no guardrails that can be written yet")
            return gaps, guardrail(one, shrinking(), account)
    raise NotFoundError(f"{account}: no such account in the estate")


def _users(found: GapOf, account: str, sensitive: set[str]) -> dict[str, dict[str, int]]:
    """By sensitive permission who used it, or may have, in all logs that are held, and how often."""
    users: dict[str, dict[str, int]] = {}
    table = found.usage.select(["account", "principal", "permission", "count", "unknown"])
    for row in table.to_pylist():
        calls = row["count"] + row["unknown"]
        if row["permission"] in sensitive and row["account"] == account and calls:
            mine = users.setdefault(row["permission"], {})
            mine[row["principal"]] = mine.get(row["principal"], 0) + calls
    return users


def _spared(found: GapOf, account: str) -> Sequence[str]:
    """Whom no guardrail holds back: those whom estate.yaml names as break-glass."""
    estate = OpenEstate(found.workspace, found.asking.estate, found.asking.file)
    rows = estate.view("identities", ("id", "account", "protected")).select(["id", "account", "protected"]).to_pylist()
    return [row["id"] for row in rows if row["protected"] and row["account"] == account]


def guardrail_values(one: Guardrail) -> dict[str, Any]:
    """A guardrail as the JSON interface has it."""
    return {
        "account": one.account,
        "ready": not one.broken,
        "document": json.loads(one.document),
        "length": one.length[0],
        "most": one.length[1],
        "denied": [{"permissions": list(each.permissions), "but": list(each.but)} for each in one.denied],
        "unseen": dict(one.unseen),
        "left": list(one.left),
        "replay": {
            "begin": one.begin.isoformat(), "end": one.end.isoformat(), "calls": one.replayed,
            "would_break": len(one.broken),
        },
        "changes": [one.change.values()],
        "inverse": [each.values() for each in one.change.inverse],
    }  # fmt: skip
