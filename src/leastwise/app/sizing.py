"""What makes grants of any form smaller: what of them stays, and what shows that the smaller ones will do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pyroaring import BitMap

from leastwise.engine.holdings import Alike, Holdings
from leastwise.errors import UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.gap import SENSITIVITIES, Use
from leastwise.model.likely import Next
from leastwise.model.plan import Change, Clock, Dropped, Held, Kept, Recommendation, Replay, Why
from leastwise.providers.base import Provider
from leastwise.rightsizing.keeping import Guards, chosen, returning
from leastwise.usage.creep import fall_of
from leastwise.usage.gap import Unseen
from leastwise.usage.outline import Outline

from .asking import put_to, scope_tables
from .code_index import Code
from .estate import OpenEstate
from .gap import GapOf
from .likely import Foreseeing
from .overlay import overlay_of_changes
from .patching import Patched, kept_on_purpose
from .proving import Laid, proved
from .replaying import Recordings, replayed

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.providers.base.shrinking import Wanted
    from leastwise.providers.base.sizing import Terms
    from leastwise.rightsizing.code.editing import Editing

EXACT, SERVICE, BUNDLE = LEVELS = ("exact", "service", "bundle")
"""Actions and resources; all of a service at an access level; the vendor's own bundles where they do."""
ALL = -1
"""As many as are advised."""
YOUNG = 30
"""Days for which a grant is too young to be called unused."""
_TRIFLE = 5
"""So many harmless permissions too many are left in a bundle that is not the principal's own."""
_AT_ONCE = 256
"""Principals whose usage is taken at once."""
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


class Draft(Protocol):
    """Changes, why they cannot be made (empty where they can), and what to know before making them."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes."""
        ...

    @property
    def blocked(self) -> str:
        """Why they cannot be made."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know."""
        ...


D = TypeVar("D", bound=Draft)


@dataclass
class Sizing(ABC, Generic[D]):
    """Recommendations for the principals of one provider.

    Args:
        found: the gap that they rest on.
        wish: see `Wish`.
    """

    found: GapOf
    wish: Wish = Wish()
    _foreseeing: Foreseeing | None = field(default=None, init=False)
    _together: dict[str, list[str]] = field(default_factory=dict, init=False)
    """By account those who are all asked about."""
    _recorded: dict[str, Recordings] = field(default_factory=dict, init=False)
    """By account the calls of all its logs, where somebody's were asked for."""

    # --- what grants of another form are asked for

    @property
    @abstractmethod
    def terms(self) -> Terms:
        """What the provider tells of its principals and permissions."""

    @property
    @abstractmethod
    def principals(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of principals by id."""

    @abstractmethod
    def hindered(self, principal: str) -> str:
        """Why what somebody is granted cannot be made smaller; empty where it can."""

    @abstractmethod
    def gap(self, principal: str) -> Outline:
        """The gap of what its grants give, whatever limits them or lets it in besides: that is not theirs."""

    @abstractmethod
    def lately(self, principal: str, since: datetime) -> Mapping[str, datetime]:
        """By permission since when it is granted, of those that are granted only since some time."""

    @abstractmethod
    def meant(self, bucket: str) -> tuple[str, ...]:
        """The resources that a bucket of usage names; none where it is not known."""

    @abstractmethod
    def needed(self, kept: Sequence[Kept]) -> list[Wanted]:
        """What has to be given: by permission the resources of all that it is kept on."""

    @abstractmethod
    def drafted(self, principal: str, kept: Sequence[Kept]) -> D:
        """The changes that leave somebody with what is kept. Raises ValueError where what is granted cannot be read."""

    @abstractmethod
    def laid(self, principal: str, draft: D) -> Laid:
        """The changes with the estate without and with them."""

    @abstractmethod
    def told(self, bare: Recommendation, draft: D, kept: Sequence[Kept], dropped: Sequence[Dropped]) -> Recommendation:
        """A recommendation with what the changes come to in words, and what is granted before and after them."""

    @abstractmethod
    def standing(self, subject: str) -> Sequence[Held] | None:
        """What gives somebody, or something shared, what it gives now; None where it is not there.

        Raises:
            ValueError: not all of it was read.
        """

    @abstractmethod
    def holders(self, subject: str) -> Sequence[str]:
        """Whose calls need what something gives: its own, or those of all who have it."""

    @abstractmethod
    def keep(self, before: Sequence[Held], after: Sequence[Held]) -> Callable[[str, str], bool]:
        """Whether a permission on a resource is surely given by the second as by the first."""

    @abstractmethod
    def written(self, code: Code, found: Recommendation, editing: Editing | None = None) -> Patched:
        """A recommendation written into code, after what was written there before."""

    def patch_of(self, found: Recommendation) -> Patched | None:
        """A recommendation written into code; None where no code was given."""
        return None if self.wish.code is None else self.written(self.wish.code, found)

    # --- what they have in common

    @property
    def provider(self) -> Provider:
        """The provider."""
        return self.found.workspace.provider(self.found.asking.provider)

    def tables(self, reads: Mapping[str, Sequence[str]]) -> Sequence[Any]:
        """The tables of the estate, with some columns and those that the provider reads."""
        columns = {name: tuple(those) for name, those in reads.items()}
        for name, those in self.terms.reads.items():
            columns[name] = tuple(dict.fromkeys((*columns.get(name, ()), *those)))
        asking = self.found.asking
        return scope_tables(self.found.workspace, asking.estate, self.provider.name, columns, self.provider.directories)

    @property
    @abstractmethod
    def scopes(self) -> Sequence[Any]:
        """The tables that are read."""

    @cached_property
    def opened(self) -> OpenEstate:
        """The estate."""
        return OpenEstate(self.found.workspace, self.found.asking.estate, self.found.asking.file)

    @cached_property
    def _clocks(self) -> Mapping[str, tuple[Clock, ...]]:
        found: dict[str, tuple[Clock, ...]] = {}
        for one in self.terms.clocks(self.scopes):
            found[one.principal] = (*found.get(one.principal, ()), one)
        return found

    @cached_property
    def _said(self) -> Mapping[str, Mapping[str, Any]]:
        """What estate.yaml says of principals: owner, and whether they are protected."""
        table = self.opened.view("identities", ("provider", "id", "owner", "protected"))
        rows = table.select(["id", "owner", "protected"]).to_pylist()
        return {row["id"]: row for row in rows}

    def of(self, named: str, *, thorough: bool = True) -> Recommendation:
        """What one principal needs.

        Only what is its own changes, so that what that gives decides what changes; `thorough` asks the estate with the
        changes laid over it as well, and finds everybody whom they affect.

        Raises:
            UsageError, NotFoundError: see `Access.held`.
        """
        principal = self._id(named)
        about, said = self.principals.get(principal, {}), self._said.get(principal, {})
        owner = said.get("owner") or ""
        bare = Recommendation(
            principal, self.found.asking.provider, about.get("account") or "", "", owner=owner,
            owner_by="estate.yaml, or a tag" if owner else "",
        )  # fmt: skip
        if why := self._untouchable(principal, about, said):
            return replace(bare, sentence=why, blocked=why)
        gap = self.gap(principal)
        guards = self.guards(gap)
        kept, dropped = chosen(gap, self.found.facts.uses.ever(principal), guards)
        try:
            draft = self.drafted(principal, kept)
        except ValueError as error:
            return replace(bare, sentence=f"cannot be cut: {error}", blocked=str(error), kept=tuple(kept))
        made = replace(
            self.told(bare, draft, kept, dropped), kept=tuple(kept), dropped=tuple(dropped), changes=draft.changes,
            wanted=gap.wanted, blocked=draft.blocked,
            notes=(*draft.notes, *self._excepted(gap)[1], *self._not_granted(gap)),
            fall=fall_of(gap, self.numbers_of(kept), self.found.facts.naming),
        )  # fmt: skip
        return self._shown(made, gap, draft, guards, thorough=thorough)

    def everyone(self) -> Iterator[Recommendation]:
        """What each principal needs of whom that can be said, in the order of their ids; see `of`."""
        mine = [id for id, row in self.principals.items() if row["native"] in self.terms.natives]
        self.recordings.read(mine)
        mine.sort()
        for one in mine:
            self._together.setdefault(self.principals[one]["account"] or "", []).append(one)
        for at in range(0, len(mine), _AT_ONCE):
            some = mine[at : at + _AT_ONCE]
            self.found.facts.uses.read(some)
            for principal in some:
                yield self.of(principal, thorough=False)

    def left_alone(self, principal: str) -> bool:
        """Whether nothing is done about somebody: it is protected, or the vendor's own affair."""
        return bool(self._said.get(principal, {}).get("protected") or self.terms.fixed(principal))

    def staying(self, principal: str) -> list[Kept]:
        """What stays of all that somebody is granted, whether or not that can be made smaller."""
        if principal not in self.alike or principal not in self.principals:
            return []
        gap = self.gap(principal)
        return chosen(gap, self.found.facts.uses.ever(principal), self.guards(gap))[0]

    def returning(self, principal: str, last: datetime | None) -> str:
        """Why one whom nobody used in the window, last at some time, may be used again; see `keeping.returning`."""
        rows, clocks = self.found.facts.uses.ever(principal), self._clocks.get(principal, ())
        return returning(rows, self.found.window, clocks, last)

    def _id(self, named: str) -> str:
        if named in self.principals:
            return named
        return self.found.asking.access.held(named, Circumstances()).principal

    # --- what stays

    def _untouchable(self, principal: str, about: Mapping[str, Any], said: Mapping[str, Any]) -> str:
        """Why nothing is proposed for somebody; empty where something may be."""
        if why := self.kept_whole(principal):
            return why
        if about.get("native") not in self.terms.natives:
            return f"{about.get('native') or 'this kind of principal'}: what it has is given elsewhere"
        return self.unread(principal)

    def unread(self, principal: str) -> str:
        """Why it is not known, or cannot be cut, what somebody is granted; empty where it can."""
        alike = self.alike.get(principal)
        if alike is None and (why := self.hindered(principal)):
            return why
        if alike is None or alike.unread:
            return "not everything that gives it something was read"
        return self.hindered(principal)

    def kept_whole(self, principal: str, *, fixed: bool = True) -> str:
        """Why what somebody has is not to be changed; empty where it may be. `fixed`: also by the vendor's own rule."""
        if self._said.get(principal, {}).get("protected"):
            return "protected: estate.yaml names it as break-glass"
        return self.terms.fixed(principal) if fixed else ""

    @cached_property
    def alike(self) -> Mapping[str, Alike]:
        """By principal those who hold what it holds."""
        groups = self.found.asking.access.everybody().groups
        return {id: one for one in groups for id in one.principals}

    def guards(self, gap: Outline) -> Guards:
        """What keeps of a principal's permissions those that were not used."""
        clock = gap.window.end
        return Guards(
            schedules=self._clocks.get(gap.principal, ()),
            logs=self.found.logged.get(gap.account, (None, None))[0],
            young=self._young(gap, clock - timedelta(days=self.wish.young)),
            excepted=self._excepted(gap)[0],
            added=self._added(gap.principal),
            eventless=frozenset(self.terms.eventless()),
            blind=self._blind(gap),
            level=self.terms.level if self.wish.level == SERVICE else None,
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

    def _not_granted(self, gap: Outline) -> Iterator[str]:
        """The permissions that are to be added, and that nothing gives."""
        if self.wish.added and (lacking := sorted(self.wish.added - set(gap.permissions()))):
            yield f"{', '.join(lacking)}: asked to be kept, but it is not granted, so that it is not given either"

    def likely_of(self, principal: str) -> tuple[Next, ...]:
        """What one is likely to need next of what it is granted and did not use, the worthiest first."""
        if self._foreseeing is None or principal not in self._foreseeing.people:
            self._foreseeing = Foreseeing(self.found, (principal,))
        return self._foreseeing.of(principal)

    def _young(self, gap: Outline, since: datetime) -> Mapping[str, datetime]:
        """Since when permissions are granted that are granted for less than the age guard."""
        made = self.principals.get(gap.principal, {}).get("created")
        if made is not None and made >= since:
            return dict.fromkeys(gap.permissions(), made)
        return self.lately(gap.principal, since)

    def _excepted(self, gap: Outline) -> tuple[dict[str, str], list[str]]:
        """What notes in code keep, with why, and the notes that have expired."""
        code = self.wish.code
        if code is None:
            return {}, []
        granted = list(gap.permissions())
        name = self.principals[gap.principal]["name"]
        return kept_on_purpose(code.kept, code.index.places, gap.principal, name, granted, gap.window.end.date())

    def _blind(self, gap: Outline) -> Mapping[str, Mapping[str, str]]:
        """By used permission the resources of its grants where another use might not have been recorded."""
        found: dict[str, dict[str, str]] = {}
        used = [item for item in gap.items if item.state in (Use.USED, Use.IMPLIED)]
        if not used:
            return found
        alike = self.alike[gap.principal]
        held = Holdings(gap.principal, alike.kind, alike.native, alike.account, (), (), alike.hidden)
        unseen = Unseen(held, self.found.facts_of(gap.principal))
        for item in used:
            number = self.numbers[item.permission]
            lacking, rule = unseen.lacking(number), unseen.rule(number)
            whys = ((one, lacking or rule.unseen((one,))) for one in item.resources)
            if blind := {one: why for one, why in whys if why}:
                found[item.permission] = blind
        return found

    @property
    def numbers(self) -> Mapping[str, int]:
        """Permissions by name."""
        return self.found.facts.permissions.numbers

    def numbers_of(self, kept: Sequence[Kept]) -> BitMap:
        """The numbers of what is kept."""
        numbers = self.numbers
        return BitMap([numbers[one.permission] for one in kept])

    def trifling(self, gone: BitMap) -> bool:
        """Whether what would go is so little, and so harmless, that a bundle of others is left as it is."""
        levels = self.found.facts.sensitivity
        return len(gone) <= _TRIFLE and all(levels[number] in _HARMLESS for number in gone)

    # --- what shows that they will do

    def _shown(self, made: Recommendation, gap: Outline, draft: D, guards: Guards, *, thorough: bool) -> Recommendation:
        calls = self.recordings.of(gap.principal)
        if not made.changes:
            return replace(made, replay=Replay(calls.begin, calls.end, calls.calls, len(calls.done)))
        laid = self.laid(gap.principal, draft)
        replay = replayed(calls, laid, self.meant)
        proof = proved(laid, self.needed(made.kept), thorough=thorough)
        naive = self._naive(gap, guards) if any(one.why is Why.SEASONAL for one in made.kept) else None
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

    def after(self, changes: Sequence[Change]) -> Callable[[], Access] | None:
        """The estate with changes laid over it, made when it is asked for; None where they cannot be laid over it."""
        asking, workspace, provider = self.found.asking, self.found.workspace, self.provider
        if provider.answering is None or provider.answering.changing is None:
            return None

        @cache
        def made() -> Access:
            told = [{one.verb: {"provider": provider.name, **one.told}} for one in changes]
            overlay = overlay_of_changes("plan", told)
            return put_to(workspace, asking.estate, asking.file, provider, asking.moment, _silent, overlay, ()).access

        return made

    def _naive(self, gap: Outline, guards: Guards) -> Replay | None:
        """What of all recorded calls a cut would break that keeps only what was used in the window."""
        kept, _ = chosen(gap, self.found.facts.uses.ever(gap.principal), replace(guards, seasons=False))
        draft = self.drafted(gap.principal, kept)
        if not draft.changes:
            return None
        earlier = self._earlier(gap.account, guards.logs or gap.window.begin, gap.window.end)
        return replayed(earlier.of(gap.principal), self.laid(gap.principal, draft), self.meant)

    def _earlier(self, account: str, begin: datetime, end: datetime) -> Recordings:
        """The calls of an account since some time, of all at once where everybody is asked about."""
        if account not in self._recorded:
            found = self.found
            self._recorded[account] = Recordings(
                found.workspace, found.asking.provider, found.asking.estate, begin, end
            )
            self._recorded[account].read(self._together.get(account, ()))
        return self._recorded[account]


def _silent(_: str) -> None:
    """Nobody waits for this."""
