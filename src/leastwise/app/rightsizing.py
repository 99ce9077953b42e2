"""The smallest grant of a principal: what stays, the changes that make it so, the proof, and the calls replayed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.engine.holdings import Alike, Holdings
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.gap import SENSITIVITIES, Outline, Use
from leastwise.model.likely import Next
from leastwise.model.plan import SHOWN, Clock, Kept, Recommendation, Replay, Why
from leastwise.rightsizing.keeping import Guards, chosen
from leastwise.usage.creep import fall_of
from leastwise.usage.gap import Unseen, outline_of

from .asking import Asking, put_to, scope_tables
from .bundling import Bundling, everywhere
from .code_index import Code
from .documents import READS, Document, Documents
from .drafting import Drafted, drafted
from .estate import OpenEstate
from .gap import GapOf
from .gaps import Gaps
from .likely import Foreseeing
from .overlay import overlay_of_changes
from .patching import Patched, kept_on_purpose, patched
from .proving import ANYTHING, Laid, proved
from .reaching import Reaching
from .replaying import Recordings, replayed
from .wiring import Workspace

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Shrinking, Wanted

EXACT, SERVICE, BUNDLE = LEVELS = ("exact", "service", "bundle")
"""Actions and resources; all of a service at an access level; the vendor's own bundles where they do."""
ALL = -1
"""As many as are advised."""
YOUNG = 30
"""Days for which a grant is too young to be called unused."""
_TRIFLE = 5
"""So many harmless permissions too many of a bundle that others have too are left in it."""
_HARMLESS = SENSITIVITIES[:1] + SENSITIVITIES[2:3]


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants grants to be made smaller.

    Args:
        young: days for which a grant is too young to be cut.
        seasons: keep what may come again by a rhythm or a schedule.
        unobservable: keep what cannot be observed.
        added: permissions to keep though they were not used.
        level: one of `LEVELS`: how finely grants are cut.
        code: that documents come from, and whose notes are obeyed; None where it was not given.
        likely: how many of the permissions that are likely needed next to keep too; `ALL`: those that are advised.
    """

    young: int = YOUNG
    seasons: bool = True
    unobservable: bool = True
    added: frozenset[str] = frozenset()
    level: str = EXACT
    code: Code | None = None
    likely: int = 0

    def __post_init__(self) -> None:
        """Raises UsageError for a level that is none."""
        if self.level not in LEVELS:
            raise UsageError(f"--level: {self.level!r} is none of {', '.join(LEVELS)}")


@dataclass
class Rightsizing:
    """Recommendations for the principals of one provider.

    Args:
        found: the gap that they rest on.
        wish: see `Wish`.
    """

    found: GapOf
    wish: Wish = Wish()
    _foreseeing: Foreseeing | None = field(default=None, init=False)

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
    def _opened(self) -> OpenEstate:
        return OpenEstate(self.found.workspace, self.found.asking.estate, self.found.asking.file)

    @cached_property
    def _documents(self) -> Documents:
        return Documents(self._scopes, self.shrinking.layer, Reaching(self._opened).told)

    @cached_property
    def _meant(self) -> Callable[[str], tuple[str, ...]]:
        return self.shrinking.meant(self._scopes)

    @cached_property
    def _clocks(self) -> Mapping[str, tuple[Clock, ...]]:
        found: dict[str, tuple[Clock, ...]] = {}
        for one in self.shrinking.clocks(self._scopes):
            found[one.principal] = (*found.get(one.principal, ()), one)
        return found

    @cached_property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        """What estate.yaml says of principals: owner, and whether they are protected."""
        table = self._opened.view("identities", ("provider", "id", "owner", "protected"))
        rows = table.select(["id", "owner", "protected"]).to_pylist()
        return {row["id"]: row for row in rows}

    def of(self, named: str, *, thorough: bool = True) -> Recommendation:
        """What one principal needs.

        Only documents of its own change, so that what they give decides what changes; `thorough` asks the estate with
        the changes laid over it as well, and finds everybody whom they affect.

        Raises:
            UsageError, NotFoundError: see `Access.held`.
        """
        principal = self._id(named)
        about, said = self._documents.principals.get(principal, {}), self._said.get(principal, {})
        owner = said.get("owner") or ""
        account = about.get("account") or ""
        bare = Recommendation(
            principal, self.found.asking.provider, account, "", owner=owner,
            owner_by="estate.yaml, or a tag" if owner else "",
        )  # fmt: skip
        documents = self._documents.of(principal)
        why = self._untouchable(principal, about, said, documents)
        if why:
            return replace(bare, sentence=why, blocked=why)
        gap = self._gap(principal, documents)
        guards = self._guards(gap, about, documents)
        kept, dropped = chosen(gap, self.found.facts.uses.ever(principal), guards)
        try:
            draft = self._drafted(principal, about, documents, kept)
        except ValueError as error:
            return replace(bare, sentence=f"cannot be cut: {error}", blocked=str(error), kept=tuple(kept))
        places = {each for one in kept for each in self._on(one.permission, one.resources)}
        names = {one.permission for one in kept if one.why in SHOWN}
        made = replace(
            bare, sentence=self.shrinking.sentence(draft.before, names, places, len(dropped)),
            kept=tuple(kept), dropped=tuple(dropped), changes=draft.changes, wanted=gap.wanted,
            before=tuple(self.shrinking.described(draft.before)), after=tuple(self.shrinking.described(draft.after)),
            blocked=draft.blocked, notes=(*draft.notes, *self._excepted(gap)[1]),
            documents=draft.before, smaller=draft.after,
            fall=fall_of(gap, {one.permission for one in dropped}, self.found.facts.naming),
        )  # fmt: skip
        return self._shown(made, gap, draft, guards, thorough=thorough)

    def everyone(self) -> Iterator[Recommendation]:
        """What each principal needs of whom that can be said, in the order of their ids; see `of`."""
        mine = [id for id, row in self._documents.principals.items() if row["native"] in self.shrinking.natives]
        self.recordings.read(mine)
        for principal in sorted(mine):
            yield self.of(principal, thorough=False)

    def left_alone(self, principal: str) -> bool:
        """Whether nothing is done about somebody: it is protected, or the vendor's own affair."""
        return bool(self._said.get(principal, {}).get("protected") or self.shrinking.fixed(principal))

    def held_out(self, made: Recommendation, begin: datetime, end: datetime) -> Replay:
        """The calls of another span of time than the window, decided under a recommendation."""
        found = self.found
        calls = Recordings(found.workspace, found.asking.provider, found.asking.estate, begin, end).of(made.principal)
        draft = Drafted(made.changes, made.documents, made.smaller)
        return replayed(calls, self._laid(made.principal, draft), self._meant)

    def _id(self, named: str) -> str:
        if named in self._documents.principals:
            return named
        return self.found.asking.access.held(named, Circumstances()).principal

    # --- what stays

    def _untouchable(
        self, principal: str, about: Mapping[str, Any], said: Mapping[str, Any], documents: Sequence[Document]
    ) -> str:
        """Why nothing is proposed for somebody; empty where something may be."""
        if said.get("protected"):
            return "protected: estate.yaml names it as break-glass"
        if fixed := self.shrinking.fixed(principal):
            return fixed
        if about.get("native") not in self.shrinking.natives:
            return f"{about.get('native') or 'this kind of principal'}: what it has is given elsewhere"
        alike = self._alike.get(principal)
        if alike is None or alike.unread:
            return "not everything that gives it something was read"
        try:
            for one in documents:
                if one.text is None:
                    return f"{one.name}: its document was not read"
                self.shrinking.parts(one.text)
        except ValueError as error:
            return f"{one.name} cannot be cut: {error}"
        return ""

    @cached_property
    def _alike(self) -> Mapping[str, Alike]:
        """By principal those who hold what it holds."""
        groups = self.found.asking.access.everybody().groups
        return {id: one for one in groups for id in one.principals}

    def _gap(self, principal: str, documents: Sequence[Document]) -> Outline:
        """The gap of what its documents give, whatever limits them or lets it in besides: that is not theirs."""
        alike = self._alike[principal]
        parts = tuple(each for one in documents for each in self.shrinking.parts(one.text or b""))
        held = Holdings(principal, alike.kind, alike.native, alike.account, parts, (), alike.hidden)
        return outline_of(held, self.found.facts_of(principal))

    def _guards(self, gap: Outline, about: Mapping[str, Any], documents: Sequence[Document]) -> Guards:
        clock = gap.window.end
        begins = [self.found.header()["logs"].get(gap.account)]
        logs = datetime.fromisoformat(begins[0]["begin"]) if begins[0] else None
        return Guards(
            schedules=self._clocks.get(gap.principal, ()),
            logs=logs,
            young=self._young(gap, about, documents, clock - timedelta(days=self.wish.young)),
            excepted=self._excepted(gap)[0],
            added=self._added(gap.principal),
            eventless=frozenset(self.shrinking.eventless()),
            blind=self._blind(gap),
            level=self.shrinking.level if self.wish.level == SERVICE else None,
            seasons=self.wish.seasons,
            unobservable=self.wish.unobservable,
        )

    def _added(self, principal: str) -> Mapping[str, str]:
        """By permission why it is kept though nobody used it: it was asked for, by its name or as likely needed."""
        found = dict.fromkeys(self.wish.added, "asked for with the question")
        if self.wish.likely:
            likely = self.likely_of(principal)
            chosen = [one for one in likely if one.advised] if self.wish.likely == ALL else likely[: self.wish.likely]
            found |= {one.permission: f"likely needed next: {'; '.join(one.reasons)}" for one in chosen}
        return found

    def likely_of(self, principal: str) -> tuple[Next, ...]:
        """What one is likely to need next of what it is granted and did not use, the worthiest first."""
        if self._foreseeing is None or principal not in self._foreseeing.people:
            self._foreseeing = Foreseeing(self.found, (principal,))
        return self._foreseeing.of(principal)

    def _excepted(self, gap: Outline) -> tuple[dict[str, str], list[str]]:
        """What notes in code keep, with why, and the notes that have expired."""
        code = self.wish.code
        if code is None:
            return {}, []
        granted = list(gap.permissions())
        name = self._documents.principals[gap.principal]["name"]
        return kept_on_purpose(code.kept, code.index.places, gap.principal, name, granted, gap.window.end.date())

    def patch_of(self, found: Recommendation) -> Patched | None:
        """A recommendation written into code; None where no code was given."""
        if self.wish.code is None:
            return None
        documents = self._documents
        return patched(self.wish.code, found, documents.names, alone=documents.alone(found.principal))

    def _young(
        self, gap: Outline, about: Mapping[str, Any], documents: Sequence[Document], since: datetime
    ) -> Mapping[str, datetime]:
        """Since when permissions are granted that are granted for less than the age guard."""
        made = about.get("created")
        if made is not None and made >= since:
            return dict.fromkeys(gap.permissions(), made)
        lately = [one for one in documents if one.since is not None and one.since >= since]
        if not lately:
            return {}
        old = BitMap.union(BitMap(), *(self._permissions(one) for one in documents if one not in lately))
        names = self.found.facts.names
        return {names[number]: one.since for one in lately if one.since for number in self._permissions(one) - old}

    def _permissions(self, one: Document) -> BitMap:
        return BitMap.union(BitMap(), *(part.permissions for part in self.shrinking.parts(one.text or b"")))

    def _blind(self, gap: Outline) -> Mapping[str, Mapping[str, str]]:
        """By used permission the resources of its grants where another use might not have been recorded."""
        found: dict[str, dict[str, str]] = {}
        used = [item for item in gap.items if item.state in (Use.USED, Use.IMPLIED)]
        if not used:
            return found
        alike = self._alike[gap.principal]
        held = Holdings(gap.principal, alike.kind, alike.native, alike.account, (), (), alike.hidden)
        unseen = Unseen(held, self.found.facts_of(gap.principal))
        for item in used:
            number = self._numbers[item.permission]
            lacking, rule = unseen.lacking(number), unseen.rule(number)
            whys = ((one, lacking or rule.unseen((one,))) for one in item.resources)
            if blind := {one: why for one, why in whys if why}:
                found[item.permission] = blind
        return found

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.found.facts.names)}

    def _on(self, permission: str, buckets: Sequence[str]) -> tuple[str, ...]:
        """The patterns of resources for some buckets; none where one of them is not known, so that all stay."""
        found: list[str] = []
        for bucket in buckets:
            meant = self._meant(bucket) or ((bucket,) if bucket == ANYTHING else ())
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
        kept_names = BitMap(self._numbers[one.permission] for one in kept)

        def trifling(one: Document) -> bool:
            gone = self._permissions(one) - kept_names
            levels = self.found.facts.sensitivity
            return len(gone) <= _TRIFLE and all(levels[number] in _HARMLESS for number in gone)

        wanted, bundles = self.needed(kept), {}
        if self.wish.level == BUNDLE:
            parts = [part for one in documents for part in self.shrinking.parts(one.text or b"")]
            found = self._bundling.chosen(principal, kept_names, everywhere(parts), {one.policy for one in documents})
            wanted = [one for one in wanted if self._numbers[one.permission] not in found.covered]
            bundles = dict(found.documents)
        return drafted(self.shrinking, principal, about["name"], documents, wanted, limit, trifling, bundles)

    @cached_property
    def _bundling(self) -> Bundling:
        return Bundling(self.shrinking, self.found.facts.sensitivity)

    def needed(self, kept: Sequence[Kept]) -> list[Wanted]:
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

    def _shown(
        self, made: Recommendation, gap: Outline, draft: Drafted, guards: Guards, *, thorough: bool
    ) -> Recommendation:
        calls = self.recordings.of(gap.principal)
        if not made.changes:
            return replace(made, replay=Replay(calls.begin, calls.end, calls.calls, len(calls.done)))
        laid = self._laid(gap.principal, draft)
        replay = replayed(calls, laid, self._meant)
        proof = proved(laid, self.needed(made.kept), thorough=thorough)
        naive = self._naive(made, gap, guards) if any(one.why is Why.SEASONAL for one in made.kept) else None
        made = replace(made, proof=proof, replay=replay, naive=naive)
        if not made.blocked and replay.broken:
            made = replace(made, blocked=f"{len(replay.broken)} recorded calls would break")
        elif not made.blocked and not proof.holds:
            made = replace(made, blocked="it is not proved that nothing widens and nothing needed is lost")
        return made

    @cached_property
    def recordings(self) -> Recordings:
        """The calls of the window."""
        found, window = self.found, self.found.window
        return Recordings(found.workspace, found.asking.provider, found.asking.estate, window.begin, window.end)

    def _laid(self, principal: str, draft: Drafted) -> Laid:
        return Laid(self.shrinking, principal, draft, self.found.asking.access, self._after(draft))

    def _after(self, draft: Drafted) -> Callable[[], Access]:
        """The estate with changes laid over it, made when it is asked for."""
        asking, workspace = self.found.asking, self.found.workspace

        @cache
        def after() -> Access:
            overlay = overlay_of_changes("plan", [one.values() for one in draft.changes])
            provider = workspace.provider(asking.provider)
            return put_to(workspace, asking.estate, asking.file, provider, asking.moment, _silent, overlay, ()).access

        return after

    def _naive(self, made: Recommendation, gap: Outline, guards: Guards) -> Replay | None:
        """What of all recorded calls a cut would break that keeps only what was used in the window."""
        kept, _ = chosen(gap, self.found.facts.uses.ever(gap.principal), replace(guards, seasons=False))
        about = self._documents.principals[gap.principal]
        draft = self._drafted(gap.principal, about, self._documents.of(gap.principal), kept)
        if not draft.changes:
            return None
        workspace, asking, begin = self.found.workspace, self.found.asking, guards.logs or gap.window.begin
        calls = Recordings(workspace, asking.provider, asking.estate, begin, gap.window.end).of(gap.principal)
        return replayed(calls, self._laid(gap.principal, draft), self._meant)


def _silent(_: str) -> None:
    """Nobody waits for this."""


@dataclass(frozen=True)
class Made:
    """Recommendations, and the gaps that they rest on; `patches` by principal where code was given."""

    gaps: Gaps
    made: tuple[Recommendation, ...]
    patches: Mapping[str, Patched]

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
    made, patches = [], dict[str, Patched]()
    for named in principals:
        mine = gaps.of_principal(named)
        maker = makers.setdefault(mine.asking.key, Rightsizing(mine, wish))
        found = maker.of(named)
        gone = {one.permission for one in found.dropped} | {
            one.permission for one in found.kept if one.why is Why.ADDED
        }
        likely = maker.likely_of(found.principal) if gone else ()
        found = replace(found, likely=tuple(one for one in likely if one.permission in gone))
        made.append(found)
        if (patch := maker.patch_of(found)) is not None:
            patches[found.principal] = patch
    return Made(gaps, tuple(made), patches)
