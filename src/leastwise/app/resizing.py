"""The smallest grants of a principal whose bundles are granted at scopes, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.engine.holdings import Holdings, Part
from leastwise.engine.placed import Placed
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import State
from leastwise.model.plan import SHOWN, Change, Dropped, Held, Kept, Recommendation, Shown, Why
from leastwise.providers.base.draft import Draft
from leastwise.providers.base.spelling import READS as SPELLED
from leastwise.rightsizing.placing import Need, left_of
from leastwise.usage.gap import outline_of
from leastwise.usage.outline import Outline

from . import leaving
from .aliases import names_of
from .asking import scope_tables
from .checking_grants import grants_keep
from .leaving import Leaving
from .overlay import READS
from .patching import Patched
from .patching_grants import patched_grants
from .preceding import Preceding
from .proving import ANYTHING, UNASKED, Laid
from .redrafting import Redrafted, Redrafting, held, kept_everywhere, released
from .routing import joined
from .sizing import BUNDLE, Sizing

if TYPE_CHECKING:
    from leastwise.providers.base.regranting import Granted, Regranting
    from leastwise.providers.base.shrinking import Wanted
    from leastwise.providers.base.spelling import Spelling
    from leastwise.rightsizing.code.editing import Editing

    from .code_index import Code

_READS = {"principals": ("id", "name", "native", "kind", "account", "created")}
_SHOWN = 3


@dataclass
class Resizing(Sizing[Redrafted]):
    """Recommendations for the principals of one provider that grants bundles at scopes."""

    @cached_property
    def terms(self) -> Regranting:
        """How the provider makes grants smaller."""
        assert self.provider.regranting is not None
        return self.provider.regranting()

    @cached_property
    def scopes(self) -> Sequence[Any]:
        """The tables that are read."""
        return self.tables(joined((_READS, leaving.READS)))

    @cached_property
    def principals(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of principals by id."""
        tables = (one.tables["principals"] for one in self.scopes if "principals" in one.tables)
        return {row["id"]: row for table in tables for row in table.to_pylist()}

    @cached_property
    def _granted(self) -> Granted:
        return self.terms.granted(self.found.asking.access, self.scopes)

    @cached_property
    def _placed(self) -> dict[str, tuple[Placed, ...]]:
        return {}

    def _grants(self, principal: str) -> tuple[Placed, ...]:
        """What somebody is granted, also through groups. Raises UsageError, NotFoundError."""
        if principal not in self._placed:
            self._placed[principal] = tuple(self._granted.of(principal))
        return self._placed[principal]

    # --- what stays

    def hindered(self, principal: str) -> str:
        """Why what it is granted cannot be made smaller; empty where it can."""
        mine = [one for one in self._grants(principal) if one.holder == principal and not one.kept]
        if mine or self._leaving.of(principal, self._grants(principal)):
            return ""
        through = sorted({one.holder for one in self._grants(principal) if one.holder != principal})
        told = f"; what it has comes through {', '.join(map(self._called, through))}" if through else ""
        return f"nothing is granted to it by itself that can be changed{told}"

    def _called(self, id: str) -> str:
        return str(self.principals.get(id, {}).get("name") or id)

    def gap(self, principal: str) -> Outline:
        """The gap of what its grants give, whatever limits them or lets it in besides."""
        alike = self.alike[principal]
        parts = tuple(
            Part(one.permissions, (one.scope,), State.CONDITIONAL if one.condition else State.ALLOWED)
            for one in self._grants(principal)
            if one.permissions
        )
        given = Holdings(principal, alike.kind, alike.native, alike.account, parts, (), alike.hidden)
        return outline_of(given, self.found.facts_of(principal))

    def lately(self, principal: str, since: datetime) -> Mapping[str, datetime]:
        """By permission since when a grant gives it, of those that only grants of late give, as far as logs tell."""
        grants = [one for one in self._grants(principal) if one.permissions]
        made = {one.id: when for one in grants if (when := self._made(one)) is not None and when >= since}
        old = BitMap.union(BitMap(), *(one.permissions for one in grants if one.permissions and one.id not in made))
        names = self.found.facts.names
        return {
            names[number]: made[one.id]
            for one in grants
            if one.id in made and one.permissions
            for number in one.permissions - old
        }

    def _made(self, one: Placed) -> datetime | None:
        """When a grant was made last, by the logs; None where they do not tell."""
        workspace, estate = self.found.workspace, self.found.asking.estate
        bundle = {one.bundle.lower(), one.bundle.rpartition("/")[2].lower()}
        times = [
            time
            for name in (one.holder, *names_of(workspace, estate, one.holder))
            for time, objects in self._changes.get(name, ())
            if bundle & objects
        ]
        return max(times, default=None)

    @cached_property
    def _changes(self) -> Mapping[str, list[tuple[datetime, frozenset[str]]]]:
        """By who was given something when that was, and in what words the log names it."""
        found: dict[str, list[tuple[datetime, frozenset[str]]]] = {}
        end = self.found.window.end
        for row in self.found.workspace.lake.changes(provider=self.found.asking.provider).to_pylist():
            if row["what"] == "grant" and row["verb"] == "created" and row["time"] <= end:
                objects = frozenset(row["object"].lower().split())
                found.setdefault(row["subject"], []).append((row["time"], objects))
        return found

    def meant(self, bucket: str) -> tuple[str, ...]:
        """The resource that a bucket of usage names; none where no question can name it."""
        return tuple(self.above(bucket)[:1])

    def above(self, scope: str) -> Sequence[str]:
        """What a scope lies in, itself first; nothing where no question can name it."""
        if scope not in self._chains:
            try:
                self._chains[scope] = tuple(self.found.asking.access.above(scope))
            except (UsageError, NotFoundError):
                self._chains[scope] = ()
        return self._chains[scope]

    @cached_property
    def _chains(self) -> dict[str, tuple[str, ...]]:
        return {}

    def needed(self, kept: Sequence[Kept]) -> list[Wanted]:
        """By permission the resources that it stays on; none where it stays wherever it is granted."""
        from leastwise.providers.base.shrinking import Wanted

        found: dict[str, dict[str, None] | None] = {}
        for one in kept:
            named = [self.meant(each) for each in one.resources]
            held = found.setdefault(one.permission, {})
            if held is None or not named or not all(named):
                found[one.permission] = None
            else:
                held.update(dict.fromkeys(each for some in named for each in some))
        return [Wanted(name, tuple(on or ())) for name, on in found.items()]

    # --- the changes

    def drafted(self, principal: str, kept: Sequence[Kept]) -> Redrafted:
        """The changes of its grants."""
        grants = self._grants(principal)
        drafting = Redrafting(
            self.provider.name, principal, self._called(principal), grants, self._granted, self.above,
            self.found.facts.sensitivity, making=self.wish.level != BUNDLE, trifling=self.trifling,
        )  # fmt: skip
        needs = list(self._needs(kept))
        draft = self._left(principal, needs, drafting.of(left_of(principal, grants, needs, self.above)))
        draft = replace(draft, notes=(*draft.notes, *self._unseen(principal, draft, kept)))
        if not draft.changes:
            return draft
        if self._preceding is None:
            return replace(draft, notes=(*draft.notes, f"by the grants alone: {UNASKED}"))
        try:
            return replace(draft, changes=self._preceding.of(draft.changes))
        except ValueError as error:
            return replace(draft, blocked=f"what stands there is not what would be changed: {error}")

    def _unseen(self, principal: str, draft: Redrafted, kept: Sequence[Kept]) -> Iterator[str]:
        """Of grants that stay although not all of them is needed: what keeps them for want of logs alone."""
        had = {one.id for one in draft.before if one.holder == principal and not one.kept}
        wanted = BitMap(self.numbers[one.permission] for one in kept)
        unseen = BitMap(self.numbers[one.permission] for one in kept if one.why is Why.UNOBSERVABLE)
        for one in (each for each in draft.after if each.id in had and each.permissions):
            for_want = (one.permissions or BitMap()) & unseen
            if for_want and (one.permissions or BitMap()) - wanted:
                names = sorted(self.found.facts.names[number] for number in for_want)
                told = f"{_several(names)} {'is' if len(names) == 1 else 'are'} kept, as no log would have shown a use"
                yield f"of {one.title} at {one.scope}: {told}"

    def _left(self, principal: str, needs: Sequence[Need], draft: Redrafted) -> Redrafted:
        """The changes, and those that take somebody out of groups from which nothing comes that it needs."""
        grants = self._grants(principal)
        out = [one for one in self._leaving.of(principal, grants) if leaving.idle(one, grants, needs, self.above)]
        given = {
            one: BitMap.union(BitMap(), *(each.permissions or BitMap() for each in grants if each.holder == one))
            for one in out
        }
        out = [one for one in out if not self.trifling(given[one])]
        if not out:
            return draft
        notes = [f"group {self._called(one)} is left: {leaving.BESIDE}" for one in out]
        return replace(
            draft, changes=(*draft.changes, *(self._leaving.change(principal, one) for one in out)),
            after=tuple(one for one in draft.after if one.holder not in out), notes=(*draft.notes, *notes),
        )  # fmt: skip

    @cached_property
    def _leaving(self) -> Leaving:
        named = (self.provider.name, *self.provider.directories)
        known = {one: self.found.workspace.provider(one).answering for one in named}
        changing = {name: one.changing for name, one in known.items() if one is not None and one.changing is not None}
        return Leaving(self.opened, self.scopes, changing, self.provider.name)

    @cached_property
    def _preceding(self) -> Preceding | None:
        """What tells preconditions; None where changes of such an estate cannot be laid over it."""
        answering = self.provider.answering
        if answering is None or answering.changing is None or answering.changing.granting is None:
            return None
        asking = self.found.asking
        columns = joined((READS, answering.reads()))
        scopes = scope_tables(self.found.workspace, asking.estate, self.provider.name, columns)
        mine = [one for one in scopes if not asking.part or one.id == asking.part]
        return Preceding(Draft(mine), answering.changing.granting())

    def _needs(self, kept: Sequence[Kept]) -> Iterator[Need]:
        """What has to be given, and where: of what is not known where, wherever it is granted."""
        for one in kept:
            number = self.numbers[one.permission]
            if one.why is Why.UNOBSERVABLE:
                yield Need(number, one.resources)
                continue
            lowest = [self.terms.lowest(one.permission, self.above(bucket)) for bucket in one.resources]
            yield Need(number, tuple(dict.fromkeys(lowest)) if all(lowest) else ())

    def laid(self, principal: str, draft: Redrafted) -> Laid:
        """The changes with the estate without and with them."""
        same, names = draft.unchanged(self.above), self.found.facts.names
        before, after = self.found.asking.access, self.after(draft.changes)

        def unchanged(permission: str, resource: str) -> bool:
            number = self.numbers.get(permission)
            if number is None or resource != ANYTHING:
                return number is not None and same(resource, number)
            scopes = {one.scope for one in draft.before if one.permissions and number in one.permissions}
            return all(same(scope, number) for scope in scopes)

        def everywhere(permissions: Sequence[str]) -> Shown:
            assert after is not None
            return kept_everywhere(principal, permissions, before, after(), self.above)

        return Laid(principal, before, after, unchanged, lambda: draft.narrower(self.above, names), everywhere)

    # --- in words and commands

    def released(self, principal: str) -> tuple[Change, ...]:
        """The changes that take away all that somebody is granted by itself, as far as any can."""
        return released(principal, self._grants(principal))

    def commands(self, change: Change) -> tuple[str, str]:
        """What makes a change by hand, and what takes it back; empty for what no command does."""
        back = [self.terms.command(one.verb, one.told) for one in change.inverse]
        return self.terms.command(change.verb, change.told), " && ".join(back) if all(back) else ""

    def _folded(self, permissions: BitMap) -> Sequence[str]:
        names = self.found.facts.names
        key = permissions.serialize()
        if key not in self._folds:
            self._folds[key] = self.found.asking.access.folded(names[number] for number in permissions)
        return self._folds[key]

    @cached_property
    def _folds(self) -> dict[bytes, Sequence[str]]:
        return {}

    def _described(self, grants: Sequence[Placed]) -> tuple[Mapping[str, Any], ...]:
        return tuple(
            {
                "policy": one.title, "sid": "", "bundle": one.bundle, "holder": one.holder, "scope": one.scope,
                "actions": list(self._folded(one.permissions)) if one.permissions else [],
                "resources": [one.scope], "conditional": bool(one.condition),
            }
            for one in grants
        )  # fmt: skip

    def told(
        self, bare: Recommendation, draft: Redrafted, kept: Sequence[Kept], dropped: Sequence[Dropped]
    ) -> Recommendation:
        """A recommendation with what the changes come to in words, and the grants before and after them."""
        return replace(
            bare, sentence=_sentence(draft, kept, len(dropped)), before=self._described(draft.before),
            after=self._described(draft.after),
            documents=tuple(held(one, self.above, self._folded) for one in draft.before),
            smaller=tuple(held(one, self.above, self._folded) for one in draft.after),
        )  # fmt: skip

    # --- what became of plans

    def standing(self, subject: str) -> Sequence[Held] | None:
        """What is granted to a principal, also through groups; None where it is not there."""
        if subject not in self.principals:
            return None
        return [held(one, self.above, self._folded) for one in self._grants(subject)]

    def holders(self, subject: str) -> Sequence[str]:
        """Itself."""
        return (subject,)

    def keep(self, before: Sequence[Held], after: Sequence[Held]) -> Callable[[str, str], bool]:
        """Whether grants give a permission on a resource as others did."""
        old, new = ([{**json.loads(one.document), "holder": one.target} for one in side] for side in (before, after))
        return grants_keep(old, new, self.terms.normal, self.above)

    # --- in code

    def written(self, code: Code, found: Recommendation, editing: Editing | None = None) -> Patched:
        """A recommendation written into code."""
        if self._spelling is None:
            return Patched((), "", "", (f"what code of {self.provider.title} looks like is not known",))
        return patched_grants(code, found, self._spelling, editing)

    @cached_property
    def _spelling(self) -> Spelling | None:
        spelled = self.provider.spelling
        return None if spelled is None else spelled(self.tables(SPELLED))


def _sentence(draft: Redrafted, kept: Sequence[Kept], dropped: int) -> str:
    """`uses 5 permissions; Owner at … is not needed: leastwise x at …`."""
    used = sorted({one.permission for one in kept if one.why in SHOWN})
    told = ", ".join(used) if len(used) <= _SHOWN else f"{len(used)} permissions"
    uses = f"uses {told}" if used else "uses nothing that is recorded"
    if not draft.changes:
        return f"{uses}; {'what goes beyond is not worth a change' if dropped else 'nothing is to be dropped'}"
    standing = {one.id for one in draft.after}
    gone = [f"{one.title} at {one.scope}" for one in draft.before if one.id not in standing]
    had = {one.id for one in draft.before}
    new = [f"{one.title} at {one.scope}" for one in draft.after if one.id not in had]
    does = f"{_several(gone)} {'is' if len(gone) == 1 else 'are'} not needed"
    return f"{uses}; {does}{f', but {_several(new)}' if new else ''}"


def _several(names: Sequence[str]) -> str:
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ", ".join(names)
