"""The permissions gap of an estate of several providers: each asked about its own principals, by its own logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.decision import Circumstances
from leastwise.model.gap import Summary, Window

from .asking import Asking, in_words_of
from .gap import GapOf, shortened
from .wiring import Workspace

_MOST_EXACT = 300
"""So many principals are each asked about exactly; of more, what their own policies come to is added up."""


@dataclass(frozen=True, slots=True)
class Told:
    """A summary with the provider whose principal it is about."""

    provider: str
    summary: Summary


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

    def of_principal(self, named: str) -> GapOf:
        """The gap of the provider whose principal is named: by an id as it writes them, else by who knows the name.

        Raises:
            NotFoundError: nobody knows it, or several do.
            UsageError: as the provider does whose words it is in.
        """
        if len(self.members) == 1:
            return self.members[0]
        for one in self.members:
            if in_words_of(one.workspace.provider(one.asking.provider), named, 1):
                return one
        known, unknown = [], list[str]()
        for one in self.members:
            try:
                one.asking.access.given(named)
            except (NotFoundError, UsageError) as error:
                unknown.append(f"{one.title}: {error}")
            else:
                known.append(one)
        if len(known) == 1:
            return known[0]
        if known:
            ids = [f"{one.asking.access.held(named, Circumstances()).principal} ({one.title})" for one in known]
            raise NotFoundError(f"{named}: is the name of {len(known)} principals: {', '.join(ids)}")
        raise NotFoundError("; ".join(unknown))

    def rough(self) -> list[Told]:
        """A summary for every principal, by what own policies come to."""
        return [Told(one.asking.provider, summary) for one in self.members for summary in one.rough()]

    def everyone(self) -> tuple[list[Told], bool]:
        """A summary for every principal, and whether each was asked about exactly."""
        found = self.rough()
        if len(found) > _MOST_EXACT:
            return found, False
        by = {one.asking.provider: one for one in self.members}
        return [Told(one.provider, by[one.provider].exactly(one.summary)) for one in found], True

    def lacking(self, told: Sequence[Told]) -> dict[str, str]:
        """The accounts of some principals of which the logs do not cover the window, and why."""
        found: dict[str, str] = {}
        for gap in self.members:
            logs = gap.facts.watching.logs
            accounts = {one.summary.account for one in told if one.provider == gap.asking.provider}
            found |= {one: why for one in sorted(accounts) if (why := logs.lacking(one, gap.window))}
        return found

    def unlogged(self) -> list[str]:
        """What limits every answer: accounts of which no logs are held, or not of the whole window."""
        return shortened(why for one in self.members for why in one.unlogged())

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
