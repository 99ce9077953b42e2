"""The smallest form of what several hold at once: a bundle of a customer, a group, a permission set of a directory.

What any of those needs who have it stays, so that nobody loses what is needed; and each of them is proved and replayed
for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.errors import AmbiguousError
from leastwise.model.plan import SHOWN, Dropped, Kept, Proof, Recommendation, Replay
from leastwise.rightsizing.keeping import chosen

from .documents import Document
from .drafting import Drafted, drafted, rewritten
from .proving import Laid, narrower, proved
from .replaying import replayed

if TYPE_CHECKING:
    from leastwise.providers.base.shrinking import Several, Wanted

    from .rightsizing import Rightsizing

_NAMED = 3
"""So many of those who need something are named."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What several hold.

    Args:
        holders: who has it.
        documents: what it gives, where it is told once; of a permission set as the first of its holders has it.
        why: why nothing is proposed; empty where something may be.
        several: how the vendor has it, where it stands in the estate as something of each holder's.
    """

    id: str
    name: str
    account: str
    holders: tuple[str, ...]
    documents: tuple[Document, ...]
    why: str = ""
    several: Several | None = None


@dataclass
class _Needs:
    """What those who have something need of it."""

    kept: dict[tuple[str, str], Kept] = field(default_factory=dict)
    who: dict[str, list[str]] = field(default_factory=dict)
    dropped: dict[str, Dropped] = field(default_factory=dict)
    each: dict[str, list[Wanted]] = field(default_factory=dict)


@dataclass
class Sharing:
    """Recommendations for what several hold at once.

    Args:
        maker: of those for its holders.
    """

    maker: Rightsizing

    def id_of(self, named: str) -> str | None:
        """The id of something shared, by its id or a name that no principal has. Raises AmbiguousError."""
        if named in self._all:
            return named
        group = self.maker.terms.group
        if any(named in (row["id"], row["name"]) for row in self.maker.principals.values() if row["native"] != group):
            return None
        found = sorted(id for id, one in self._all.items() if one.name == named)
        if len(found) > 1:
            raise AmbiguousError(f"{named}: is the name of several: {', '.join(found[:5])}")
        return found[0] if found else None

    def standing(self, id: str) -> Sequence[Document] | None:
        """The documents that something shared gives now; None where there is no such thing."""
        one = self._all.get(id)
        if one is None or one.several is None:
            return None if one is None else one.documents
        return [document for holder in one.holders for document in self.maker.documents.on(holder)]

    def named(self, id: str) -> str:
        """What something shared is called; empty where there is no such thing."""
        return self._all[id].name if id in self._all else ""

    def holders(self, id: str) -> Sequence[str] | None:
        """Who has something shared; None where there is no such thing."""
        return self._all[id].holders if id in self._all else None

    def sets(self) -> Iterator[Recommendation]:
        """What is proposed for each of those that stand in the estate as something of each holder's."""
        for id, one in sorted(self._all.items()):
            if one.several is not None:
                yield self.of(id, thorough=False)

    def of(self, id: str, *, thorough: bool = True) -> Recommendation:
        """What is proposed for one, by its id; see `Rightsizing.of`."""
        shared = self._all[id]
        bare = Recommendation(id, self.maker.found.asking.provider, shared.account, "")
        if why := shared.why or self._hindered(shared):
            return replace(bare, sentence=why, blocked=why)
        needs = self._needs(shared)
        kept = [
            replace(one, detail=_by(one, self._names(needs.who[one.permission]), len(shared.holders)))
            for one in sorted(needs.kept.values(), key=lambda one: (one.permission, one.why))
        ]
        try:
            draft = self._draft(shared, kept, needs)
        except ValueError as error:
            return replace(bare, sentence=f"cannot be cut: {error}", blocked=str(error), kept=tuple(kept))
        gone = sorted(needs.dropped.values(), key=lambda one: one.permission)
        made = replace(
            self.maker.told(bare, draft, kept, gone), kept=tuple(kept), dropped=tuple(gone), changes=draft.changes,
            blocked=draft.blocked, steps=tuple(shared.several.steps(draft.changes)) if shared.several else (),
            notes=(_told(self._names(shared.holders)), *draft.notes),
        )  # fmt: skip
        return self._shown(made, shared, draft, needs, thorough=thorough) if made.changes else made

    def _names(self, who: Sequence[str]) -> list[str]:
        return [self.maker.principals[one]["name"] or one for one in who]

    # --- what is shared, and by whom

    @cached_property
    def _all(self) -> Mapping[str, Shared]:
        documents = self.maker.documents
        found: dict[str, Shared] = {}
        for id, row in documents.bundles.items():
            if row["account"] is not None and id in documents.attached:
                found[id] = self._bundle(id, row["name"], row["account"])
        for id, row in documents.principals.items():
            if self._is_group(id):
                members = tuple(documents.members(id))
                own = tuple(documents.on(id))
                why = "" if documents.all_told(id) else "not everybody who is in it is known"
                found[id] = Shared(id, row["name"], row["account"] or "", members, own, why)
        for one in self.maker.terms.several(self.maker.scopes):
            own = tuple(documents.on(one.holders[0])) if one.holders else ()
            found[one.id] = Shared(one.id, one.name, "", one.holders, own, self._unlike(one), one)
        return found

    def _bundle(self, id: str, name: str, account: str) -> Shared:
        documents = self.maker.documents
        targets = documents.attached[id]
        mine = [one for target, _ in sorted(targets) for one in documents.on(target) if one.policy == id]
        holders: dict[str, None] = {}
        groups = [target for target, _ in targets if self._is_group(target)]
        for target, _ in sorted(targets):
            holders |= dict.fromkeys(documents.members(target) if target in groups else [target])
        why = ""
        if not mine:
            layers = ", ".join(sorted({layer for _, layer in targets}))
            why = f"nobody holds it as a grant that could be cut: it is in force as {layers}"
        elif any(layer != self.maker.terms.layer for _, layer in targets):
            why = "it also limits somebody: less of it would take from him what others give"
        elif not mine[0].sure or not all(map(documents.all_told, groups)):
            why = "not everybody who has it is known"
        return Shared(id, name, account, tuple(holders), tuple(mine[:1]), why)

    def _is_group(self, id: str) -> bool:
        return self.maker.documents.principals.get(id, {}).get("native") == self.maker.terms.group

    def _unlike(self, one: Several) -> str:
        """Why a permission set cannot be cut: those who have it do not have the same."""
        if one.why or not one.holders:
            return one.why or "nobody has it"
        told = {
            tuple(sorted((doc.name, doc.text or b"") for doc in self.maker.documents.on(who))) for who in one.holders
        }
        return "" if len(told) == 1 else "those who have it do not have the same documents: it is being provisioned"

    def _hindered(self, shared: Shared) -> str:
        if not shared.holders:
            return "nobody has it: delete it"
        for one in shared.holders:
            why = self.maker.kept_whole(one, fixed=shared.several is None) or self.maker.unread(one)
            if why:
                return f"{one} has it: {why}"
        return ""

    # --- what stays

    def _needs(self, shared: Shared) -> _Needs:
        """What any of the holders needs of what it gives."""
        found = _Needs()
        given = BitMap.union(BitMap(), *map(self.maker.permissions, shared.documents))
        names = {self.maker.found.facts.names[number] for number in given}
        for one in shared.holders:
            gap = self.maker.gap(one)
            kept, dropped = chosen(gap, self.maker.found.facts.uses.ever(one), self.maker.guards(gap))
            mine = [each for each in kept if each.permission in names]
            found.each[one] = self.maker.needed(mine)
            for each in mine:
                key = each.permission, each.why
                found.kept[key] = _joined(found.kept[key], each) if key in found.kept else each
                if one not in found.who.setdefault(each.permission, []):
                    found.who[each.permission].append(one)
            for gone in dropped:
                if gone.permission in names:
                    found.dropped.setdefault(gone.permission, gone)
        found.dropped = {name: one for name, one in found.dropped.items() if name not in found.who}
        return found

    # --- the changes

    def _draft(self, shared: Shared, kept: Sequence[Kept], needs: _Needs) -> Drafted:
        wanted = _together(needs.each.values())
        terms, kept_names = self.maker.terms, self.maker.numbers_of(kept)

        def trifling(one: Document) -> bool:
            return not one.own and self.maker.trifling(self.maker.permissions(one) - kept_names)

        if shared.several is not None:
            several, limit = shared.several, terms.limit(self.maker.principals[shared.holders[0]]["native"])
            made = [
                drafted(
                    terms, one, several.name, self.maker.documents.on(one), wanted, limit, trifling, only=several.only
                )
                for one in shared.holders
            ]
            return replace(
                made[0], changes=_all(made, "changes"), before=_all(made, "before"), after=_all(made, "after"),
            )  # fmt: skip
        if shared.id in self.maker.documents.bundles:
            return rewritten(terms, shared.documents[0], wanted, terms.limit(""))
        limit = terms.limit(terms.group)
        return drafted(terms, shared.id, shared.name, shared.documents, wanted, limit, trifling)

    # --- what shows that they will do

    def _shown(
        self, made: Recommendation, shared: Shared, draft: Drafted, needs: _Needs, *, thorough: bool
    ) -> Recommendation:
        after, recordings = self.maker.after(draft.changes), self.maker.recordings
        recordings.read([one for one in shared.holders if one not in recordings.known])
        unchanged = self.maker.terms.unchanged(draft.before, draft.after)
        smaller = partial(narrower, self.maker.terms, draft.after, draft.before)
        proofs, replays = [], []
        for number, one in enumerate(shared.holders):
            laid = Laid(one, self.maker.found.asking.access, after, unchanged, smaller)
            replays.append(replayed(recordings.of(one), laid, self.maker.meant))
            # Whom it affects is the same whoever is asked about.
            proofs.append(proved(laid, needs.each[one], thorough=thorough and number == 0))
        proof, replay = _proof(proofs, shared.holders, thorough=thorough), _replay(replays)
        blocked = made.blocked
        if not blocked and replay.broken:
            blocked = f"{len(replay.broken)} recorded calls would break"
        elif not blocked and not proof.holds:
            blocked = "it is not proved that nothing widens and nothing needed is lost"
        return replace(made, proof=proof, replay=replay, blocked=blocked)


def _proof(proofs: Sequence[Proof], holders: Sequence[str], *, thorough: bool) -> Proof:
    first = proofs[0]
    enough = next((one.enough for one in proofs if not one.enough.holds), first.enough)
    needed, beside = (
        tuple(dict.fromkeys(each for one in proofs for each in getattr(one, part))) for part in ("needed", "beside")
    )
    affected = first.affected if thorough else tuple(holders)
    return Proof(first.narrower, first.widens, enough, affected, needed, beside)


def _replay(replays: Sequence[Replay]) -> Replay:
    """The calls of all together."""
    return Replay(
        min(one.begin for one in replays),
        max(one.end for one in replays),
        sum(one.calls for one in replays),
        sum(one.distinct for one in replays),
        tuple(each for one in replays for each in one.broken),
        sum(one.unlike for one in replays),
        tuple(each for one in replays for each in one.asked),
        tuple(each for one in replays for each in one.beside),
    )


def _joined(one: Kept, other: Kept) -> Kept:
    """What two need of one permission for the same reason."""
    on = tuple(dict.fromkeys((*one.resources, *other.resources))) if one.resources and other.resources else ()
    last = max(filter(None, (one.last, other.last)), default=None)
    return replace(one, resources=on, calls=one.calls + other.calls, last=last)


def _all(made: Sequence[Drafted], part: str) -> tuple[Any, ...]:
    return tuple(each for one in made for each in getattr(one, part))


def _together(needs: Iterable[list[Wanted]]) -> list[Wanted]:
    """What any of several needs: a permission on all resources where one of them needs it there."""
    from leastwise.providers.base.shrinking import Wanted

    found: dict[str, dict[str, None] | None] = {}
    for some in needs:
        for one in some:
            held = found.setdefault(one.permission, {})
            if held is None or not one.resources:
                found[one.permission] = None
            else:
                held.update(dict.fromkeys(one.resources))
    return [Wanted(name, tuple(on or ())) for name, on in found.items()]


def _by(one: Kept, who: Sequence[str], number: int) -> str:
    """The reason, with who of those who have it needs it."""
    needed = f"needed by {_some(who)}" if one.why in SHOWN and number > 1 else ""
    return "; ".join(filter(None, (one.detail, needed)))


def _told(who: Sequence[str]) -> str:
    return f"{len(who)} {'has' if len(who) == 1 else 'have'} it: {_some(who)}"


def _some(who: Sequence[str]) -> str:
    return ", ".join(who[:_NAMED]) + (f" and {len(who) - _NAMED} more" if len(who) > _NAMED else "")
