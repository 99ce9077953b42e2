"""The permissions gap of an estate of several providers: each asked about its own principals, by its own logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any, TypeVar

from leastwise.errors import UsageError
from leastwise.model.gap import Summary, Window

from .asking import Asking
from .each import asked_of_each, knowing
from .gap import GapOf, shortened
from .wiring import Workspace

T = TypeVar("T")
_MOST_EXACT = 300
"""So many principals are each asked about exactly; of more, what their own policies come to is added up."""


@dataclass(frozen=True, slots=True)
class Told:
    """A summary with the provider whose principal it is about, and who answered (see `Asking.key`)."""

    provider: str
    summary: Summary
    key: str


@dataclass(frozen=True)
class Gaps:
    """The gap of each provider of an estate of which it is known what everybody holds, and what logs show.

    Args:
        members: by the providers' names.
        unasked: the providers of the estate of which nothing is said.
    """

    members: Sequence[GapOf]
    unasked: tuple[str, ...] = ()

    @classmethod
    def opened(cls, workspace: Workspace, askings: Sequence[Asking], window: str | None) -> Gaps:
        """The gaps of an estate; the window ends at the estate's time. Raises UsageError."""
        return cls.of(workspace, askings, [GapOf.opened(workspace, one, window) for one in askings])

    @classmethod
    def of(cls, workspace: Workspace, askings: Sequence[Asking], found: Sequence[GapOf]) -> Gaps:
        """Those of some gaps of which anything can be said. Raises UsageError where there is none."""
        known = [one for one in found if tells(workspace, one.asking.provider)]
        if not known:
            names = ", ".join(one.asking.provider for one in found)
            raise UsageError(f"{names}: what its logs show is not known")
        silent = [one.asking.provider for one in found if one not in known]
        unasked = dict.fromkeys((*(name for one in askings for name in one.unasked), *silent))
        return cls([replace(one, asking=replace(one.asking, unasked=())) for one in known], tuple(sorted(unasked)))

    @property
    def window(self) -> Window:
        """What is asked about."""
        return self.members[0].window

    def about(self, named: str) -> Gaps:
        """The gaps of the providers that know somebody: an id by its words, a mail address by whoever has it.

        Raises:
            NotFoundError, AmbiguousError: see `each.knowing`.
        """
        known = knowing(self.members[0].workspace, [one.asking for one in self.members], named)
        names = [one.key for one in known.askings]
        members = [one for one in self.members if one.asking.key in names]
        return Gaps(members, tuple(sorted({*self.unasked, *known.unsure})))

    def of_principal(self, named: str) -> GapOf:
        """The gap of the first provider that knows somebody. Raises as `about`."""
        return self.about(named).members[0]

    def asked(self, ask: Callable[[GapOf], T]) -> list[tuple[GapOf, T]]:
        """What each says; those that refuse the question are left out while another answers. Raises UsageError."""
        return asked_of_each(self.members, ask)[0]

    def rough(self) -> list[Told]:
        """A summary for every principal, by what own policies come to."""
        return [Told(one.asking.provider, summary, one.asking.key) for one in self.members for summary in one.rough()]

    def everyone(self) -> tuple[list[Told], bool]:
        """A summary for every principal, and whether each was asked about exactly; worked out once."""
        return self._everyone

    @cached_property
    def _everyone(self) -> tuple[list[Told], bool]:
        found = self.rough()
        if len(found) > _MOST_EXACT:
            return found, False
        by = {one.asking.key: one for one in self.members}
        return [replace(one, summary=by[one.key].exactly(one.summary)) for one in found], True

    def lacking(self, told: Sequence[Told]) -> dict[str, str]:
        """The accounts of some principals of which the logs do not cover the window, and why."""
        found: dict[str, str] = {}
        for gap in self.members:
            logs = gap.facts.watching.logs
            accounts = {one.summary.account for one in told if one.key == gap.asking.key}
            found |= {one: why for one in sorted(accounts) if (why := logs.lacking(one, gap.window))}
        return found

    def unlogged(self) -> list[str]:
        """What limits every answer: accounts of which no logs are held, or not of the whole window.

        Where several answer each is named: a cloud's tree may be called as its directory, whose logs are others.
        """
        if len(self.members) == 1:
            return shortened(self.members[0].unlogged())
        told = ([f"{one.title}: {why}" for why in one.unlogged()] for one in self.members)
        return shortened(why for several in zip_longest(*told) for why in several if why)

    def header(self) -> dict[str, Any]:
        """The window, and what of it the logs cover, by account."""
        logs = {account: span for one in self.members for account, span in one.header()["logs"].items()}
        return self.members[0].header() | {"logs": dict(sorted(logs.items()))}

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An answer with what it was asked of."""
        asking = self.members[0].asking
        used = tuple(dict.fromkeys(part for one in self.members for part in one.asking.used))
        return replace(asking, used=used, unasked=self.unasked).answer(body)


def tells(workspace: Workspace, name: str) -> bool:
    """Whether a provider answers what everybody holds, and knows what its logs show."""
    provider = workspace.provider(name)
    return provider.answering is not None and provider.observing is not None


_LISTS = ("items", "grants", "unknown", "drift", "wanted", "missing")
_APART = ("principal", "provider", "account", "creep")
"""What has no sum: null where providers say different things."""


def together(header: Mapping[str, Any], bodies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several providers say of one principal as one answer, each item with its provider.

    `answers` has what each says of all its items together.
    """
    first = bodies[0]
    body = {**first, **header}
    for key in _APART:
        if key in first:
            body[key] = first[key] if all(one[key] == first[key] for one in bodies) else None
    if "counts" in first:
        body["counts"] = {name: sum(one["counts"][name] for one in bodies) for name in first["counts"]}
    for key in _LISTS:
        if key in first:
            body[key] = [_of(one["provider"], each) for one in bodies for each in one[key]]
    left = {"items", "grants", "next", *header}
    return body | {"answers": [{key: one[key] for key in one if key not in left} for one in bodies]}


def _of(provider: str, told: Any) -> Any:
    return {"provider": provider, **told} if isinstance(told, dict) else told
