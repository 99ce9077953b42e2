"""The smallest grant of a principal: what stays, the changes that make it so, the proof, and the calls replayed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leastwise.engine.containment import CounterExample, Proved
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances, State
from leastwise.model.gap import SENSITIVITIES, Gap, Item, Use
from leastwise.model.plan import Change, Kept, Proof, Recommendation, Replay, Shown, Why
from leastwise.rightsizing.keeping import Guards, Scheduled, chosen
from leastwise.usage.gap import Unseen, merged, undecided

from .aliases import names_of
from .asking import Asking, put_to, scope_tables
from .documents import READS, Document, Documents
from .drafting import Drafted, drafted
from .estate import OpenEstate
from .gap import GapOf
from .gaps import Gaps
from .overlay import overlay_of_changes
from .replaying import Recorded, recorded, replayed
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Shrinking, Wanted

YOUNG = 30
"""Days for which a grant is too young to be called unused."""
_TRIFLE = 5
"""So many harmless permissions too many of a bundle that others have too are left in it."""
_HARMLESS = SENSITIVITIES[:1] + SENSITIVITIES[2:3]
_RANK = {State.ALLOWED: 3, State.CONDITIONAL: 2, State.UNKNOWN: 1, State.DENIED: 0}


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants grants to be made smaller.

    Args:
        young: days for which a grant is too young to be cut.
        seasons: keep what may come again by a rhythm or a schedule.
        unobservable: keep what cannot be observed.
        added: permissions to keep though they were not used.
    """

    young: int = YOUNG
    seasons: bool = True
    unobservable: bool = True
    added: frozenset[str] = frozenset()


@dataclass
class Rightsizing:
    """Recommendations for the principals of one provider.

    Args:
        found: the gap that they rest on.
        wish: see `Wish`.
    """

    found: GapOf
    wish: Wish = Wish()

    @cached_property
    def shrinking(self) -> Shrinking:
        """How the provider makes grants smaller. Raises UsageError."""
        provider = self.found.workspace.provider(self.found.asking.provider)
        if provider.shrinking is None:
            raise UsageError(f"rightsize: grants of {provider.title} are not made smaller yet")
        return provider.shrinking()

    @cached_property
    def _scopes(self) -> Sequence[Any]:
        reads: dict[str, tuple[str, ...]] = {name: tuple(columns) for name, columns in READS.items()}
        for name, columns in self.shrinking.reads.items():
            reads[name] = tuple(dict.fromkeys((*reads.get(name, ()), *columns)))
        provider = self.found.workspace.provider(self.found.asking.provider)
        return scope_tables(self.found.workspace, self.found.asking.estate, provider.name, reads, provider.directories)

    @cached_property
    def _documents(self) -> Documents:
        return Documents(self._scopes, self.shrinking.layer)

    @cached_property
    def _meant(self) -> Callable[[str], tuple[str, ...]]:
        return self.shrinking.meant(self._scopes)

    @cached_property
    def _clocks(self) -> Mapping[str, tuple[Scheduled, ...]]:
        found: dict[str, list[Scheduled]] = {}
        for one in self.shrinking.clocks(self._scopes):
            found.setdefault(one.principal, []).append(Scheduled(one.name, one.expression, one.due))
        return {principal: tuple(each) for principal, each in found.items()}

    @cached_property
    def _unread(self) -> frozenset[str]:
        """Those of whose grants something was not read."""
        groups = self.found.asking.access.everybody().groups
        return frozenset(id for one in groups if one.unread for id in one.principals)

    @cached_property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        """What estate.yaml says of principals: owner, and whether they are protected."""
        opened = OpenEstate(self.found.workspace, self.found.asking.estate, self.found.asking.file)
        table = opened.view("identities", ("provider", "id", "owner", "protected"))
        rows = table.select(["id", "owner", "protected"]).to_pylist()
        return {row["id"]: row for row in rows}

    def of(self, named: str) -> Recommendation:
        """What one principal needs. Raises UsageError, NotFoundError."""
        gap = self.found.of(named, Circumstances())
        about = self._documents.principals.get(gap.principal, {})
        said = self._said.get(gap.principal, {})
        owner = said.get("owner") or ""
        bare = Recommendation(
            gap.principal, self.found.asking.provider, gap.account, "", owner=owner,
            owner_by="estate.yaml, or a tag" if owner else "", wanted=gap.wanted,
        )  # fmt: skip
        why = self._untouchable(gap, about, said)
        if why:
            return replace(bare, sentence=why, blocked=why)
        documents = self._documents.of(gap.principal)
        gap = self._own(gap, documents)
        guards = self._guards(gap, about)
        kept, dropped = chosen(gap, self.found.facts.uses.ever(gap.principal), guards)
        try:
            draft = self._drafted(gap.principal, about, documents, kept)
        except ValueError as error:
            return replace(bare, sentence=f"cannot be cut: {error}", blocked=str(error), kept=tuple(kept))
        held = draft.before
        places = {each for one in kept for each in self._on(one.permission, one.resources)}
        words = self.shrinking.sentence(held, {one.permission for one in kept}, places, len(dropped))
        made = replace(
            bare, sentence=words, kept=tuple(kept), dropped=tuple(dropped), changes=draft.changes,
            before=tuple(self.shrinking.described(draft.before)), after=tuple(self.shrinking.described(draft.after)),
            blocked=draft.blocked, notes=draft.notes,
        )  # fmt: skip
        return self._shown(made, gap, draft, guards)

    # --- what stays

    def _untouchable(self, gap: Gap, about: Mapping[str, Any], said: Mapping[str, Any]) -> str:
        """Why nothing is proposed for somebody; empty where something may be."""
        if said.get("protected"):
            return "protected: estate.yaml names it as break-glass"
        if fixed := self.shrinking.fixed(gap.principal):
            return fixed
        if about.get("native") not in self.shrinking.natives:
            return f"{about.get('native') or 'this kind of principal'}: what it has is given elsewhere"
        if gap.principal in self._unread:
            return ": ".join(("not everything that gives it something was read", *gap.missing[:1]))
        return ""

    def _own(self, gap: Gap, documents: Sequence[Document]) -> Gap:
        """The gap of what its documents give, of which something else may decide too: that is not theirs to change."""
        given = {name for one in documents if one.text is not None for name in self.shrinking.gives(one.text)}
        held = self.found.asking.access.held(gap.principal, Circumstances())
        items = (*gap.items, *undecided(held, self.found.facts))
        return replace(gap, items=tuple(sorted((one for one in items if one.permission in given), key=_name)))

    def _guards(self, gap: Gap, about: Mapping[str, Any]) -> Guards:
        clock = gap.window.end
        begins = [self.found.header()["logs"].get(gap.account)]
        logs = datetime.fromisoformat(begins[0]["begin"]) if begins[0] else None
        return Guards(
            schedules=self._clocks.get(gap.principal, ()),
            logs=logs,
            young=self._young(gap, about, clock - timedelta(days=self.wish.young)),
            added=self.wish.added,
            eventless=frozenset(self.shrinking.eventless()),
            blind=self._blind(gap),
            seasons=self.wish.seasons,
            unobservable=self.wish.unobservable,
        )

    def _young(self, gap: Gap, about: Mapping[str, Any], since: datetime) -> Mapping[str, datetime]:
        """Since when permissions are granted that are granted for less than the age guard."""
        made = about.get("created")
        if made is not None and made >= since:
            return dict.fromkeys((item.permission for item in gap.items), made)
        lately = {
            one.policy: one.since for one in self._documents.of(gap.principal) if one.since and one.since >= since
        }
        names = self.found.facts.names
        given = self.found.asking.access.given(gap.principal) if lately else ()
        old = {names[number] for one in given if one.policy not in lately for number in one.permissions}
        return {
            names[number]: when
            for one in given
            if (when := lately.get(one.policy)) is not None
            for number in one.permissions
            if names[number] not in old
        }

    def _blind(self, gap: Gap) -> Mapping[str, Mapping[str, str]]:
        """By used permission the resources of its grants where another use might not have been recorded."""
        held = self.found.asking.access.held(gap.principal, Circumstances())
        numbers = {name: number for number, name in enumerate(self.found.facts.names)}
        unseen, all_held = Unseen(held, self.found.facts), merged(held)
        found: dict[str, dict[str, str]] = {}
        for item in gap.items:
            if item.state not in (Use.USED, Use.IMPLIED):
                continue
            number = numbers[item.permission]
            lacking, rule = unseen.lacking(number), unseen.rule(number)
            whys = ((one, lacking or rule.unseen((one,))) for one in all_held[number].resources)
            if blind := {one: why for one, why in whys if why}:
                found[item.permission] = blind
        return found

    def _on(self, permission: str, buckets: Sequence[str]) -> tuple[str, ...]:
        """The patterns of resources for some buckets; none where one of them is not known, so that all stay."""
        found: list[str] = []
        for bucket in buckets:
            meant = self._meant(bucket) or ((bucket,) if bucket == "*" else ())
            placed = [one for each in meant for one in self.shrinking.places(permission, each)]
            if not placed:
                return ()
            found += placed
        return tuple(dict.fromkeys(found))

    # --- the changes

    def _drafted(
        self, principal: str, about: Mapping[str, Any], documents: Sequence[Document], kept: Sequence[Kept]
    ) -> Drafted:
        limit = self.shrinking.limit(about["native"])
        return drafted(self.shrinking, principal, about["name"], documents, self._needed(kept), limit, self._trifling)

    def _trifling(self, permissions: Collection[str]) -> bool:
        """Whether so little and so harmless permissions are not worth taking apart what others have too."""
        return len(permissions) <= _TRIFLE and all(
            self._sensitivity.get(one, "write") in _HARMLESS for one in permissions
        )

    @cached_property
    def _sensitivity(self) -> Mapping[str, str]:
        return dict(zip(self.found.facts.names, self.found.facts.sensitivity, strict=True))

    def _needed(self, kept: Sequence[Kept]) -> list[Wanted]:
        """What documents have to give: by permission the patterns of all that it is kept on."""
        from leastwise.providers.base.shrinking import Wanted

        found: dict[str, list[str] | None] = {}
        for one in kept:
            on = one.resources if one.why is Why.UNOBSERVABLE else self._on(one.permission, one.resources)
            if not on or found.get(one.permission, []) is None:
                found[one.permission] = None
            else:
                held = found.setdefault(one.permission, [])
                assert held is not None
                held += on
        return [Wanted(name, tuple(dict.fromkeys(on or ()))) for name, on in found.items()]

    # --- what shows that they will do

    def _shown(self, made: Recommendation, gap: Gap, draft: Drafted, guards: Guards) -> Recommendation:
        begin = gap.window.begin
        calls = self._recorded(gap.principal, begin, gap.window.end)
        if not made.changes:
            none = Replay(begin, gap.window.end, calls.calls, len(calls.done))
            return replace(made, replay=none)
        before = self.found.asking.access
        after = self._changed(made.changes)
        unchanged = self.shrinking.unchanged(draft.before, draft.after)
        replay = replayed(calls, gap.principal, before, after, unchanged, self._meant)
        proof = self._proved(made, draft, before, after)
        naive = self._naive(made, gap, guards) if any(one.why is Why.SEASONAL for one in made.kept) else None
        made = replace(made, proof=proof, replay=replay, naive=naive)
        if not made.blocked and replay.broken:
            made = replace(made, blocked=f"{len(replay.broken)} recorded calls would break")
        elif not made.blocked and not proof.holds:
            made = replace(made, blocked="it is not proved that nothing widens and nothing needed is lost")
        return made

    def _recorded(self, principal: str, begin: datetime, end: datetime) -> Recorded:
        names = names_of(self.found.workspace, self.found.asking.estate, principal)
        return recorded(self.found.workspace, self.found.asking.provider, (principal, *names), begin, end)

    def _changed(self, changes: Sequence[Change]) -> Access:
        """The estate with changes laid over it."""
        asking, workspace = self.found.asking, self.found.workspace
        overlay = overlay_of_changes("plan", [one.values() for one in changes])
        provider = workspace.provider(asking.provider)
        return put_to(
            workspace, asking.estate, asking.file, provider, asking.moment, lambda _: None, overlay, ()
        ).access

    def _proved(self, made: Recommendation, draft: Drafted, before: Access, after: Access) -> Proof:
        widens, affected = [], []
        for one in after.changes(before):
            affected.append(one.principal)
            widens += [
                {"principal": one.principal, "permissions": list(cube.permissions), "resources": list(cube.resources)}
                for cube in one.gained
            ]
        narrower = self._narrower(draft, before)
        return Proof(narrower, tuple(widens), self._enough(made, draft, before, after), tuple(affected))

    def _narrower(self, draft: Drafted, before: Access) -> Shown:
        inner, outer = ([json.loads(one.document) for one in side] for side in (draft.after, draft.before))
        if not inner:
            return Shown("proved")
        found = before.contains(inner, outer)
        if isinstance(found, Proved):
            return Shown("proved")
        if isinstance(found, CounterExample):
            request = {"permission": found.permission, "resource": found.resource}
            return Shown("refuted", "the smaller documents give more", request)
        return Shown("not proven", found.reason)

    def _enough(self, made: Recommendation, draft: Drafted, before: Access, after: Access) -> Shown:
        same = self.shrinking.unchanged(draft.before, draft.after)
        for one in self._needed(made.kept):
            for resource in one.resources or (None,):
                if resource is not None and same(one.permission, resource):
                    continue
                old, new = (
                    access.can(made.principal, one.permission, resource, Circumstances()) for access in (before, after)
                )
                if _RANK[new.state] < _RANK[old.state] or (resource and new.state is State.UNKNOWN):
                    request = {"permission": one.permission, "resource": resource or ""}
                    return Shown("refuted", f"{old.state} before, {new.state} after", request)
        return Shown("proved")

    def _naive(self, made: Recommendation, gap: Gap, guards: Guards) -> Replay | None:
        """What of all recorded calls a cut would break that keeps only what was used in the window."""
        bare = replace(guards, seasons=False)
        kept, _ = chosen(gap, self.found.facts.uses.ever(gap.principal), bare)
        documents = self._documents.of(gap.principal)
        about = self._documents.principals[gap.principal]
        draft = self._drafted(gap.principal, about, documents, kept)
        if not draft.changes:
            return None
        calls = self._recorded(gap.principal, guards.logs or gap.window.begin, gap.window.end)
        unchanged = self.shrinking.unchanged(draft.before, draft.after)
        after = self._changed(draft.changes)
        return replayed(calls, gap.principal, self.found.asking.access, after, unchanged, self._meant)


def _name(item: Item) -> str:
    return item.permission


@dataclass(frozen=True)
class Made:
    """Recommendations, and the gaps that they rest on."""

    gaps: Gaps
    made: tuple[Recommendation, ...]

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of."""
        return self.gaps.answer({**self.gaps.header(), **body})


def of_each(
    workspace: Workspace, askings: Sequence[Asking], principals: Sequence[str], window: str | None, wish: Wish
) -> Made:
    """A recommendation for each of some principals, by the provider that knows it.

    Raises:
        UsageError: its provider's grants are not made smaller.
        NotFoundError, AmbiguousError: see `Gaps.about`.
    """
    gaps = Gaps.opened(workspace, askings, window)
    makers: dict[str, Rightsizing] = {}
    made = []
    for named in principals:
        mine = gaps.of_principal(named)
        maker = makers.setdefault(mine.asking.key, Rightsizing(mine, wish))
        made.append(maker.of(named))
    return Made(gaps, tuple(made))
