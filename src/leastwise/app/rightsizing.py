"""The smallest grant of a principal: what stays, the changes that make it so, the proof, and the calls replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from leastwise.engine.holdings import Holdings
from leastwise.errors import UsageError
from leastwise.model.plan import SHOWN, Dropped, Held, Kept, Recommendation, Replay, Why
from leastwise.usage.gap import outline_of
from leastwise.usage.outline import Outline

from .asking import Asking
from .bundling import Bundling, everywhere
from .documents import READS, Document, Documents
from .drafting import Drafted, drafted
from .gap import GapOf
from .gaps import Gaps
from .patching import Patched, patched
from .proving import ANYTHING, Laid, narrower
from .reaching import Reaching
from .replaying import Recordings, replayed
from .resizing import Resizing
from .sharing import Sharing
from .sizing import ALL, BUNDLE, LEVELS, YOUNG, Sizing, Wish
from .wiring import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.providers.base.shrinking import Shrinking, Wanted
    from leastwise.rightsizing.code.editing import Editing

    from .code_index import Code

__all__ = ["ALL", "LEVELS", "YOUNG", "Made", "Rightsizing", "Wish", "of_each", "sizing_of"]


@dataclass
class Rightsizing(Sizing[Drafted]):
    """Recommendations for the principals of one provider whose grants are documents."""

    @cached_property
    def terms(self) -> Shrinking:
        """How the provider makes documents smaller. Raises UsageError where its grants are none."""
        if self.provider.shrinking is None:
            raise UsageError(f"{self.provider.title}: its grants are not documents that could be cut")
        return self.provider.shrinking()

    @cached_property
    def scopes(self) -> Sequence[Any]:
        """The tables that are read."""
        return self.tables(READS)

    @cached_property
    def documents(self) -> Documents:
        """What is attached to whom."""
        return Documents(self.scopes, self.terms.layer, Reaching(self.opened).told)

    @property
    def principals(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of principals by id."""
        return self.documents.principals

    @cached_property
    def _meant(self) -> Callable[[str], tuple[str, ...]]:
        return self.terms.meant(self.scopes)

    def meant(self, bucket: str) -> tuple[str, ...]:
        """The resources that a bucket of usage names; none where it is not known."""
        return self._meant(bucket)

    # --- what stays

    def hindered(self, principal: str) -> str:
        """Why its documents cannot be cut; empty where they can."""
        for one in self.documents.of(principal):
            if one.text is None:
                return f"{one.name}: its document was not read"
            try:
                self.terms.parts(one.text)
            except ValueError as error:
                return f"{one.name} cannot be cut: {error}"
        return ""

    def gap(self, principal: str) -> Outline:
        """The gap of what its documents give, whatever limits them or lets it in besides: that is not theirs."""
        alike, documents = self.alike[principal], self.documents.of(principal)
        parts = tuple(each for one in documents for each in self.terms.parts(one.text or b""))
        held = Holdings(principal, alike.kind, alike.native, alike.account, parts, (), alike.hidden)
        return outline_of(held, self.found.facts_of(principal))

    def lately(self, principal: str, since: datetime) -> Mapping[str, datetime]:
        """By permission since when a document gives it, of those that only documents of late give."""
        documents = self.documents.of(principal)
        lately = [one for one in documents if one.since is not None and one.since >= since]
        if not lately:
            return {}
        old = BitMap.union(BitMap(), *(self.permissions(one) for one in documents if one not in lately))
        names = self.found.facts.names
        return {names[number]: one.since for one in lately if one.since for number in self.permissions(one) - old}

    def permissions(self, one: Document) -> BitMap:
        """The numbers of what a document gives."""
        return BitMap.union(BitMap(), *(part.permissions for part in self.terms.parts(one.text or b"")))

    def _on(self, permission: str, buckets: Sequence[str]) -> tuple[str, ...]:
        """The patterns of resources for some buckets; none where one of them is not known, so that all stay."""
        found: list[str] = []
        for bucket in buckets:
            meant = self.meant(bucket) or ((bucket,) if bucket == ANYTHING else ())
            placed = [one for each in meant for one in self.terms.places(permission, each)]
            if not placed:
                return ()
            found += placed
        return tuple(dict.fromkeys(found))

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

    # --- what several have

    @cached_property
    def sharing(self) -> Sharing:
        """Recommendations for what several hold at once."""
        return Sharing(self)

    def everyone(self) -> Iterator[Recommendation]:
        """What each principal needs, and each permission set; see `Sizing.everyone`."""
        yield from super().everyone()
        yield from self.sharing.sets()

    # --- the changes

    def drafted(self, principal: str, kept: Sequence[Kept]) -> Drafted:
        """The changes of its documents. Raises ValueError where one cannot be read."""
        documents, about = self.documents.of(principal), self.principals[principal]
        kept_names = self.numbers_of(kept)
        wanted, bundles = self.needed(kept), {}
        if self.wish.level == BUNDLE:
            parts = [part for one in documents for part in self.terms.parts(one.text or b"")]
            found = self._bundling.chosen(principal, kept_names, everywhere(parts), {one.policy for one in documents})
            wanted = [one for one in wanted if self.numbers[one.permission] not in found.covered]
            bundles = dict(found.documents)
        return drafted(
            self.terms, principal, about["name"], documents, wanted, self.terms.limit(about["native"]),
            lambda one: self.trifling(self.permissions(one) - kept_names), bundles,
        )  # fmt: skip

    @cached_property
    def _bundling(self) -> Bundling:
        return Bundling(self.terms, self.found.facts.sensitivity)

    def laid(self, principal: str, draft: Drafted) -> Laid:
        """The changes with the estate without and with them."""
        return Laid(
            principal, self.found.asking.access, self.after(draft.changes),
            self.terms.unchanged(draft.before, draft.after),
            partial(narrower, self.terms, draft.after, draft.before),
        )  # fmt: skip

    def held_out(self, made: Recommendation, begin: datetime, end: datetime) -> Replay:
        """The calls of another span of time than the window, decided under a recommendation."""
        found = self.found
        calls = Recordings(found.workspace, found.asking.provider, found.asking.estate, begin, end).of(made.principal)
        draft = Drafted(made.changes, made.documents, made.smaller)
        return replayed(calls, self.laid(made.principal, draft), self.meant)

    # --- what became of plans

    def standing(self, subject: str) -> Sequence[Held] | None:
        """The documents of a principal, or of something that several have; None where it is not there."""
        found = self.documents.of(subject) if subject in self.principals else self.sharing.standing(subject)
        if found is None:
            return None
        unread = next((one.name for one in found if one.text is None), None)
        if unread is not None:
            raise ValueError(f"{unread}: its document was not read")
        return [Held(one.name, one.text or b"", one.target, one.policy) for one in found]

    def holders(self, subject: str) -> Sequence[str]:
        """Itself, or all who have it."""
        shared = self.sharing.holders(subject)
        return (subject,) if shared is None else shared

    def keep(self, before: Sequence[Held], after: Sequence[Held]) -> Callable[[str, str], bool]:
        """Whether documents give a permission on a resource as others did."""
        return self.terms.unchanged(before, after)

    # --- in words and code

    def told(
        self, bare: Recommendation, draft: Drafted, kept: Sequence[Kept], dropped: Sequence[Dropped]
    ) -> Recommendation:
        """A recommendation with what the changes come to in words, and the documents before and after them."""
        places = {each for one in kept for each in self._on(one.permission, one.resources)}
        names = {one.permission for one in kept if one.why in SHOWN}
        return replace(
            bare, sentence=self.terms.sentence(draft.before, names, places, len(dropped)),
            before=tuple(self.terms.described(draft.before)), after=tuple(self.terms.described(draft.after)),
            documents=draft.before, smaller=draft.after,
        )  # fmt: skip

    def written(self, code: Code, found: Recommendation, editing: Editing | None = None) -> Patched:
        """A recommendation written into code."""
        documents = self.documents
        return patched(code, found, documents.names, alone=documents.alone(found.principal), editing=editing)


def sizing_of(found: GapOf, wish: Wish) -> Rightsizing | Resizing:
    """Who makes the grants of a provider smaller. Raises UsageError where nobody does."""
    provider = found.workspace.provider(found.asking.provider)
    if provider.shrinking is not None:
        return Rightsizing(found, wish)
    if provider.regranting is not None:
        return Resizing(found, wish)
    raise UsageError(f"rightsize: grants of {provider.title} are not made smaller yet")


@dataclass(frozen=True)
class Made:
    """Recommendations, and the gaps that they rest on; `patches` by provider and principal where code was given."""

    gaps: Gaps
    made: tuple[Recommendation, ...]
    patches: Mapping[tuple[str, str], Patched]

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
    makers: dict[str, Rightsizing | Resizing] = {}
    made, patches = [], dict[tuple[str, str], Patched]()
    for named in principals:
        if (one := shared_of(gaps, makers, wish, named)) is not None:
            made.append(one)
            continue
        for mine in sized(gaps, named):
            maker = makers.setdefault(mine.asking.key, sizing_of(mine, wish))
            found = maker.of(named)
            gone = {one.permission for one in found.dropped}
            gone |= {one.permission for one in found.kept if one.why is Why.ADDED}
            likely = maker.likely_of(found.principal) if gone else ()
            found = replace(found, likely=tuple(one for one in likely if one.permission in gone))
            made.append(found)
            if (patch := maker.patch_of(found)) is not None:
                patches[found.provider, found.principal] = patch
    return Made(gaps, tuple(made), patches)


def shared_of(gaps: Gaps, makers: dict[str, Rightsizing | Resizing], wish: Wish, named: str) -> Recommendation | None:
    """The recommendation for a bundle, group or permission set; None where the name is of something else."""
    for mine in gaps.members:
        if can_size(mine):
            maker = makers.setdefault(mine.asking.key, sizing_of(mine, wish))
            if isinstance(maker, Rightsizing) and (id := maker.sharing.id_of(named)) is not None:
                return maker.sharing.of(id)
    return None


def sized(gaps: Gaps, named: str) -> Sequence[GapOf]:
    """The gaps of those who know somebody and can make its grants smaller; of several those where it has some.

    Raises:
        UsageError: nobody of them can.
        NotFoundError, AmbiguousError: see `Gaps.about`.
    """
    members = gaps.about(named).members
    able = [one for one in members if can_size(one)]
    if not able:
        sizing_of(members[0], Wish())
    return [one for one in able if one.asking.access.given(named)] or able[:1] if len(able) > 1 else able


def can_size(found: GapOf) -> bool:
    """Whether the grants of its provider can be made smaller."""
    provider = found.workspace.provider(found.asking.provider)
    return provider.shrinking is not None or provider.regranting is not None
