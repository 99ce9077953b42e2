"""Saved plans, and their proofs made again from what the plan itself holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leastwise.errors import InputError, UsageError
from leastwise.model.plan import Held, Shown
from leastwise.providers.base import Provider
from leastwise.providers.base.regranting import Regranting
from leastwise.providers.base.shrinking import Shrinking
from leastwise.store.plans import plan_named, read_plan, save_plan, saved_plans

from .checking_grants import grants_checked
from .globs import matches
from .planning import RIGHT_SIZE, plan_id
from .proving import narrower
from .wiring import Workspace

COLUMNS = (
    "id", "subject", "provider", "account", "kind", "sentence", "ready", "worth", "creep_drop", "owner", "owner_by",
    "approver", "approver_by", "closes", "made",
)  # fmt: skip
"""Columns of the list."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """What of the saved plans is listed; None: whatever it is. `owner` is a glob."""

    owner: str | None = None
    account: str | None = None
    ready: bool | None = None

    def keeps(self, plan: Mapping[str, Any]) -> bool:
        """Whether a plan is listed."""
        owner = f"{plan.get('owner') or ''}".lstrip("@")
        return (
            (self.owner is None or matches(owner, self.owner.lstrip("@")))
            and self.account in (None, plan.get("account"))
            and self.ready in (None, plan.get("ready"))
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """One claim of a plan, made again: `holds`, else `why` not."""

    claim: str
    holds: bool
    why: str = ""


def kept(workspace: Workspace, plan: Mapping[str, Any]) -> Path:
    """Save a plan. Raises StoreError."""
    return save_plan(workspace.home, {**plan, "made": workspace.now().isoformat()})


def listed(workspace: Workspace, narrow: Narrow = Narrow()) -> list[dict[str, Any]]:
    """The saved plans, those that are worth most first. Raises StoreError."""
    return [_row(one) for one in by_worth(saved_plans(workspace.home)) if narrow.keeps(one)]


def by_worth(plans: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Plans by what they take away: sensitivity times reach of it all; plans that tell nothing of it last."""
    return sorted(plans, key=lambda one: (-((one.get("creep") or {}).get("weight") or 0.0), str(one["id"])))


def _row(plan: Mapping[str, Any]) -> dict[str, Any]:
    creep = plan.get("creep") or {}
    closes = [one["key"] for one in plan.get("closes") or ()]
    told = {**plan, "worth": creep.get("weight"), "creep_drop": creep.get("drop"), "closes": closes}
    return {key: told.get(key) for key in COLUMNS}


def one_of(workspace: Workspace, named: str) -> dict[str, Any]:
    """The plan of an id or a unique beginning of one. Raises NotFoundError, InputError."""
    return plan_named(workspace.home, named)


def plan_at(workspace: Workspace, named: str) -> tuple[dict[str, Any], Path]:
    """A plan by its file, or by its id, and where it was found. Raises NotFoundError, InputError."""
    path = Path(named)
    if path.is_file():
        return read_plan(path), path
    return plan_named(workspace.home, named), workspace.home.path / "plans"


def checked(workspace: Workspace, plan: Mapping[str, Any], place: Path) -> list[Checked]:
    """Every claim of a plan, made again offline.

    Raises:
        InputError: the file lacks what its claims rest on.
        UsageError: its provider is not installed, or cannot check plans.
    """
    try:
        found = [Checked("its id is the hash of what it does", plan_id(plan) == plan["id"], "it was changed by hand")]
        if plan["kind"] != RIGHT_SIZE or not plan["changes"]:
            return found
        provider = workspace.providers().get(plan["provider"])
        if provider is not None and provider.regranting is not None:
            return [*found, *_of_grants(provider.regranting(), plan)]
        shrinking = _shrinking(provider, plan["provider"])
        before, after = (held_of(plan["documents"][side]) for side in ("before", "after"))
        found += [_changed(shrinking, plan, before, after), _narrower(shrinking, before, after)]
        found += _replayed(shrinking, plan, before, after)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(place, f"lacks what its claims rest on: {error}") from None
    return found


def _of_grants(terms: Regranting, plan: Mapping[str, Any]) -> Iterator[Checked]:
    before, after = (
        [{**one["document"], "holder": one["on"]} for one in plan["documents"][side]] for side in ("before", "after")
    )
    claims = grants_checked(plan, before, after, terms.gives, terms.normal)
    yield from (Checked(claim, not why, why) for claim, why in claims)


def _shrinking(provider: Provider | None, name: str) -> Shrinking:
    if provider is None or provider.shrinking is None:
        raise UsageError(f"plans: {name}: plans of this provider cannot be checked")
    return provider.shrinking()


def held_of(documents: Sequence[Mapping[str, Any]]) -> list[Held]:
    """The documents of a plan as plain values."""
    return [Held(one["policy"], json.dumps(one["document"]).encode(), one["on"], one["id"]) for one in documents]


def _changed(shrinking: Shrinking, plan: Mapping[str, Any], before: Sequence[Held], after: Sequence[Held]) -> Checked:
    """Whether the changes make of the documents that were there those that the proof is about."""
    claim = "its changes lead to the documents that it proves"
    made = {(one.target, one.id): json.loads(one.document) for one in before}
    try:
        for change in plan["changes"]:
            _make(shrinking, plan["subject"], change, made)
    except LookupError as error:
        return Checked(claim, holds=False, why=str(error))
    made = {key: document for key, document in made.items() if key[0] != _LOOSE}
    wanted = {(one.target, one.id): json.loads(one.document) for one in after}
    unlike = sorted(id for on, id in {*made, *wanted} if made.get((on, id)) != wanted.get((on, id)))
    return Checked(claim, not unlike, f"they lead to another {unlike[0]}" if unlike else "")


_LOOSE = "nobody"
"""On whom a bundle lies that was made and is not attached yet."""


def _make(shrinking: Shrinking, subject: str, change: Mapping[str, Any], made: dict[tuple[str, str], Any]) -> None:
    """Make one change to documents by whom they lie on and their id. Raises LookupError with the cause."""
    match change:
        case {"put": {"on": str(on), "policy": str(policy), "document": document}}:
            made[on, policy] = document
        case {"put": {"policy": str(policy), "document": document}}:
            held = [key for key in made if key[1] == policy]
            if not held:
                raise LookupError(f"they change {policy}, which it does not have")
            made |= dict.fromkeys(held, document)
        case {"remove": {"policy": policy, "on": on}} | {"detach": {"policy": policy, "from": on}}:
            if made.pop((on, policy), None) is None:
                raise LookupError(f"they take {policy} away, which it does not have")
        case {"create": {"policy": str(policy), "document": document}}:
            made[_LOOSE, policy] = document
        case {"attach": {"policy": policy, "to": on}}:
            bundle = shrinking.bundles(subject).get(policy)
            if bundle is None and (_LOOSE, policy) not in made:
                raise LookupError(f"they attach {policy}, which is no known bundle")
            made[on, policy] = made[_LOOSE, policy] if bundle is None else json.loads(bundle)
        case {"leave": {"group": group}}:
            for key in [one for one in made if one[0] == group]:
                del made[key]
        case _:
            raise LookupError(f"they do what cannot be checked: {', '.join(change)}")


def _narrower(shrinking: Shrinking, before: Sequence[Held], after: Sequence[Held]) -> Checked:
    found: Shown = narrower(shrinking, after, before)
    told = f"{found.why} {json.dumps(dict(found.request))}" if found.request else found.why or found.state
    return Checked("it gives nothing new", found.holds, told)


def _replayed(
    shrinking: Shrinking, plan: Mapping[str, Any], before: Sequence[Held], after: Sequence[Held]
) -> Iterator[Checked]:
    """Whether the recorded calls, and what is kept, are given as before by the documents, but for what the plan names.

    What the estate was asked for, as documents alone do not show it, cannot be asked again without it.
    """
    same = shrinking.unchanged(before, after)
    calls = [(permission, resource) for permission, resource, *_ in plan["calls"]]
    number = sum(one[2] for one in plan["calls"])
    needed = [(permission, resource) for permission, resource in plan["proof"]["needed"]]
    for claim, asked, part in (
        (f"none of {number} recorded calls breaks that it does not name", calls, plan["replay"]),
        ("all that it keeps is given as before", needed, plan["proof"]),
    ):
        named = {(permission, resource) for permission, resource in part["beside"]}
        lost = [one for one in asked if one not in named and not same(*one)]
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        yield Checked(claim, not lost, f"{lost[0][0]} on {lost[0][1]}{more}" if lost else "")
