"""One guardrail: sensitive permissions are denied to all but those who use them.

What it is put on says which kind it is: over an account or what accounts lie in, on somebody, on a resource, on a
project. It is decided by the estate with it in force, call by call, and shown to hold somebody back there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import RANK, Circumstances, State
from leastwise.model.gap import SENSITIVITIES
from leastwise.model.plan import Change
from leastwise.providers.base.guarding import READS, Guardrails, Target

from .asking import Asking, put_to, scope_tables
from .estate import OpenEstate
from .gap import GapOf
from .gaps import Gaps
from .overlay import overlay_of_changes
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Access

SENSITIVE = SENSITIVITIES[3:]
"""What is denied: what destroys, shows credentials, manages permissions or leads further."""
_HAS = frozenset({State.ALLOWED, State.CONDITIONAL})
_TRIED, _MOST_TRIED = 25, 500
"""So many denied permissions, and of each so many holders, are tried for somebody whom the guardrail holds back."""
Users = Mapping[str, Mapping[str, Mapping[str, int]]]
"""By permission and principal how often it was used on which bucket."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Permissions that are denied alike: to all but some; nobody else used them in the logs that are held."""

    permissions: tuple[str, ...]
    but: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the estate answers with a guardrail in force.

    Args:
        calls: recorded calls that were held against it: of sensitive permissions, of one principal all.
        asked: how many principals and permissions they are of, which the estate was asked about.
        broken: principal and permission of those that it would deny.
        undecided: those of which the estate knows no principal, so that the document alone spares them.
        effect: somebody who could do what it denies, and no longer can; none where nobody was found.
        toothless: somebody whom it should hold back and does not: then the replay shows nothing.
    """

    calls: int
    asked: int = 0
    broken: tuple[tuple[str, str], ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()
    effect: tuple[str, str] | None = None
    toothless: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A guardrail.

    Args:
        target: what it is put on, as it was named.
        kind: what the vendor calls it.
        told: how a what-if file names it.
        layer: of its document, as what-if files call it.
        before: the document that it takes the place of; None for none.
        denied: what is denied, to all but whom.
        unseen: sensitive permissions that stay, as a use might not have been recorded; each with why.
        left: sensitive permissions that stay because there is no room for them.
        replay: what the estate answers with it in force.
        length: of the document, in `unit`, and how long it may be.
        doubt: what is not known of whether the vendor takes it; empty for nothing.
        begin: of the logs that are held.
        end: their end.
    """

    target: str
    kind: str
    told: Mapping[str, Any]
    layer: str
    document: bytes
    before: bytes | None
    denied: tuple[Denied, ...]
    unseen: Mapping[str, str]
    left: tuple[str, ...]
    replay: Replayed
    length: tuple[int, int]
    unit: str
    doubt: str
    begin: datetime
    end: datetime

    @property
    def blocked(self) -> str:
        """Why it is not ready; empty where it is."""
        if self.replay.broken:
            return "it would break recorded calls"
        if self.replay.toothless is not None:
            who, permission = self.replay.toothless
            return f"the estate with it in force still lets {who} have {permission}: its replay shows nothing"
        if not self.denied:
            return "nothing is left that it could deny"
        if self.replay.effect is None:
            return "nobody was found whom it holds back: that its replay breaks nothing shows nothing"
        return ""

    @property
    def change(self) -> Change:
        """The change that puts it in force."""
        told = {**self.told, "layer": self.layer}
        back = Change("remove", told)
        if self.before is not None:
            back = Change("put", {**told, "document": json.loads(self.before)})
        return Change("put", {**told, "document": json.loads(self.document)}, (back,))


def guardrail(found: GapOf, kind: Guardrails, named: str, target: Target) -> Guardrail:
    """The guardrail of one kind on a target.

    Raises:
        UsageError: it would hold nobody back there, or no logs of it are held.
    """
    if target.idle:
        raise UsageError(f"rightsize: {named}: {target.idle}")
    logs = {name: told for name, told in found.header()["logs"].items() if name in target.accounts}
    if not logs:
        raise UsageError(f"rightsize: no logs of {named} were taken in: who uses what is not known")
    spared = _spared(found, target)
    if target.principals & set(spared):
        raise UsageError(f"rightsize: {named} is break-glass: no guardrail holds it back")
    users = _users(found, kind, target)
    unseen, denied = _denied(found, kind, target, users, () if target.principals else spared)
    document, kept, length = kind.written(denied, found.asking.access.folded, target)
    left = [name for one in denied if one not in kept for name in one.permissions]
    told = {**target.told, "layer": kind.layer, "document": json.loads(document)}
    replay = _replayed(found, users, kept, target, kind, Change("put", told))
    begin, end = min(one["begin"] for one in logs.values()), max(one["end"] for one in logs.values())
    return Guardrail(
        named, kind.kind, target.told, kind.layer, document, target.before, tuple(kept), unseen, tuple(left), replay,
        (length, kind.most), kind.unit, kind.doubt, datetime.fromisoformat(begin), datetime.fromisoformat(end),
    )  # fmt: skip


def _denied(
    found: GapOf, kind: Guardrails, target: Target, users: Users, spared: Sequence[str]
) -> tuple[dict[str, str], list[Denied]]:
    """What is not denied as its use might not be seen, in one of the accounts, with why; and what is, to all but whom.

    Accounts of which no logs are held count as well: what is used there is not known.
    """
    facts = found.facts
    watches = dict.fromkeys(facts.watching.of(account) for account in sorted(target.accounts))
    unseen, groups = dict[str, str](), dict[tuple[tuple[str, ...], str, int], list[str]]()
    for number, name in enumerate(facts.names):
        level = facts.sensitivity[number]
        if level not in SENSITIVE or not kind.denies(name, target):
            continue
        who = users.get(name, {})
        if target.principals and who:
            continue
        why = next((why for one in watches if (why := one.rule(number).unseen(("*",)))), "")
        if not why and not all(map(kind.held_back, who)):
            why = "who uses it cannot be named as an exception"
        if why:
            unseen[name] = why
        else:
            key = (tuple(sorted({*who, *filter(kind.held_back, spared)})), _service(name), SENSITIVITIES.index(level))
            groups.setdefault(key, []).append(name)
    # What does most harm first, and of that what is most.
    order = sorted(groups.items(), key=lambda one: (-one[0][2], -len(one[1]), one[0]))
    return unseen, [Denied(tuple(names), but) for (but, *_), names in order]


def _service(permission: str) -> str:
    return permission.partition(":")[0] if ":" in permission else permission.partition(".")[0]


@dataclass(frozen=True)
class _Asking:
    """The estate without and with a guardrail."""

    before: Access
    after: Access
    kind: Guardrails
    target: Target

    def states(self, who: str, name: str, bucket: str) -> tuple[State, State] | None:
        """What both answer; None where they do not know who, or what, that is."""
        on = self.kind.asked(bucket, self.target)
        if on and self.before.objection(name, on):
            on = f"{on}/*"
        try:
            old, new = (one.can(who, name, on or None, Circumstances()).state for one in (self.before, self.after))
        except (UsageError, NotFoundError):
            return None
        return old, new

    def held_back(self, kept: Sequence[Denied], homes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """Those whom the guardrail is to hold back, each with what: all on its target whom it does not spare."""
        names = [(name, one) for one in kept for name in one.permissions]
        if self.target.principals:
            yield from ((who, name) for who in self.target.principals for name, _ in names)
            return
        on = self.kind.asked("", self.target)
        for name, one in names[:_TRIED]:
            try:
                holders = self.before.who_can(name, on or None, Circumstances()).holders
            except (UsageError, NotFoundError):
                continue
            for holder in holders[:_TRIED]:
                inside = bool(on) or homes.get(holder.principal) in self.target.accounts
                if inside and holder.principal not in one.but and self.kind.held_back(holder.principal):
                    yield holder.principal, name


def _replayed(
    found: GapOf, users: Users, kept: Sequence[Denied], target: Target, kind: Guardrails, change: Change
) -> Replayed:
    """Who used what of what is denied, asked of the estate with the guardrail in force; and whether it holds anybody
    back there at all.
    """
    calls = sum(count for one in users.values() for buckets in one.values() for count in buckets.values())
    if not kept:
        return Replayed(calls)
    workspace, asking = found.workspace, found.asking
    provider = workspace.provider(asking.provider)
    overlay = overlay_of_changes("guardrail", [change.values()])
    after = put_to(workspace, asking.estate, asking.file, provider, asking.moment, _silent, overlay, ()).access
    both = _Asking(asking.access, after, kind, target)
    asked = {(who, name): list(users[name][who]) for name in sorted(users) for who in users[name]}
    broken, undecided = [], []
    for pair, buckets in asked.items():
        states = [both.states(*pair, bucket) for bucket in sorted(buckets)[:_TRIED]]
        if any(one is not None and RANK[one[1]] > RANK[one[0]] for one in states):
            broken.append(pair)
        elif all(one is None for one in states):
            undecided.append(pair)
    effect, toothless = _effect(both, kept, _homes(found))
    return Replayed(calls, len(asked), tuple(broken), tuple(undecided), effect, toothless)


def _effect(
    both: _Asking, kept: Sequence[Denied], homes: Mapping[str, str]
) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """Somebody who could do what is denied and no longer can; where nobody is found, somebody who still can."""
    still: tuple[str, str] | None = None
    for pair in islice(both.held_back(kept, homes), _MOST_TRIED):
        states = both.states(*pair, "")
        if states is None or states[0] not in _HAS:
            continue
        if states[1] is State.DENIED:
            return pair, None
        if states[1] in _HAS:
            still = still or pair
    return None, still


def _silent(_: str) -> None:
    """Nobody waits for this."""


def guardrail_of(
    workspace: Workspace, askings: Sequence[Asking], named: str, window: str | None
) -> tuple[Gaps, Guardrail]:
    """The guardrail on a target, of the kind that is for it. Raises UsageError, NotFoundError."""
    gaps = Gaps.opened(workspace, askings, window)
    known = ""
    for one in gaps.members:
        provider = workspace.provider(one.asking.provider)
        scopes = scope_tables(workspace, one.asking.estate, provider.name, READS, provider.directories)
        for kind in provider.guarding() if provider.guarding is not None else ():
            if (target := kind.takes(scopes, named)) is not None:
                return gaps, guardrail(one, kind, named, target)
        ids = {each.scope.id for each in one.asking.estate.entries if each.scope.provider == provider.name}
        known = known or (one.title if named in ids and provider.guarding is None else "")
    if known:
        raise UsageError(f"rightsize: {known} has no guardrails that can be written yet")
    raise NotFoundError(f"{named}: no such account, scope, principal or resource in the estate that guardrails are for")


def _users(found: GapOf, kind: Guardrails, target: Target) -> dict[str, dict[str, dict[str, int]]]:
    """By sensitive permission (of one principal: by any) who used it, or may have, in all logs, and how often.

    Whoever called from an account, or in it, or where it is not known; of a resource whoever may have called it.
    """
    facts = found.facts
    sensitive = {name for name, level in zip(facts.names, facts.sensitivity, strict=True) if level in SENSITIVE}
    home = _homes(found)
    users: dict[str, dict[str, dict[str, int]]] = {}
    table = found.usage.select(["account", "principal", "permission", "bucket", "count", "unknown"])
    for row in table.to_pylist():
        calls, who = row["count"] + row["unknown"], row["principal"]
        if not calls or (row["permission"] not in sensitive and not target.principals):
            continue
        if not kind.denies(row["permission"], target):
            continue
        if target.principals:
            mine = who in target.principals
        elif target.resource:
            mine = kind.touches(row["bucket"], target)
        else:
            mine = row["account"] in target.accounts or not row["account"] or home.get(who) in target.accounts
        if mine:
            held = users.setdefault(row["permission"], {}).setdefault(who, {})
            held[row["bucket"]] = held.get(row["bucket"], 0) + calls
    return users


def _homes(found: GapOf) -> dict[str, str]:
    """The accounts of principals."""
    rows = _identities(found)
    return dict(zip(rows["id"], rows["account"], strict=True))


def _identities(found: GapOf) -> dict[str, list[Any]]:
    estate = OpenEstate(found.workspace, found.asking.estate, found.asking.file)
    table = estate.view("identities", ("id", "account", "protected")).select(["id", "account", "protected"])
    return dict(table.to_pydict())


def _spared(found: GapOf, target: Target) -> Sequence[str]:
    """Whom no guardrail holds back: those whom estate.yaml names as break-glass; of accounts those that lie in them."""
    rows = _identities(found)
    held = zip(rows["id"], rows["account"], rows["protected"], strict=True)
    everywhere = bool(target.resource) or not any(one in target.accounts for one in rows["account"])
    return [id for id, account, protected in held if protected and (everywhere or account in target.accounts)]
