"""Proposals brought to a host of code: each opened once, updated, and closed when nothing of it is wanted any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from leastwise.errors import InputError
from leastwise.model.proposal import CHANGE, Posted, Proposal, Tip
from leastwise.model.scope import CoverageStatus
from leastwise.providers.base.hosting import CodeHost
from leastwise.providers.rest.failure import RestFailed
from leastwise.rightsizing.proposals.deciding import (
    CLOSED,
    LANDED,
    LEFT,
    OPENED,
    OVER,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Ours,
    Verdict,
    doubled,
    gone,
    ours,
    said_before,
    same_text,
)  # fmt: skip
from leastwise.rightsizing.proposals.marker import marked
from leastwise.rightsizing.proposals.text import closing_of, message_of, trailer

MERGED_ASKED = 300
"""So many merged requests, the newest, are asked for plans that wait for being applied."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is, or would be, done about one proposal.

    Args:
        does: a word of `rightsizing.proposals.deciding`.
        kind: `change` or `issue`.
        why: it is not done, or is done; empty where that needs no word.
    """

    does: str
    kind: str
    owner: str
    module: str
    plans: tuple[str, ...]
    title: str
    why: str = ""
    url: str = ""
    branch: str = ""
    files: tuple[str, ...] = ()
    patch: str = field(default="", repr=False)
    body: str = field(default="", repr=False)

    def values(self) -> dict[str, Any]:
        """It as the JSON interface has it."""
        return {
            "does": self.does,
            "kind": self.kind,
            "owner": self.owner,
            "module": self.module,
            "plans": list(self.plans),
            "title": self.title,
            "why": self.why,
            "url": self.url or None,
            "branch": self.branch or None,
            "files": list(self.files),
            "body": self.body,
        }


def act_of(does: str, one: Proposal, why: str = "", posted: Posted | None = None) -> Act:
    """What is done about a proposal."""
    return Act(
        does, one.kind, one.owner, one.module, one.plans, one.title, why, posted.url if posted else "", one.branch,
        tuple(each.path for each in one.files), body=one.body,
    )  # fmt: skip


@dataclass
class Host:
    """A repository with what of ours stands there.

    Args:
        host: the repository.
        into: the branch that changes are merged into; empty for the repository's own.
    """

    host: CodeHost
    into: str = ""

    def __post_init__(self) -> None:
        """Raises RestFailed, and InputError where there is no such branch."""
        self.base = self.into or self.host.main()
        tip = self.host.tip(self.base) if self.base else None
        if tip is None:
            raise InputError(self.base or "the repository", "has no such branch" if self.into else "is empty")
        self.tip: Tip = tip
        self.first, self.again = doubled(ours(self.host.opened()))

    def landed(self) -> dict[str, Posted]:
        """Plans of requests that were merged, the newest of them."""
        found: dict[str, Posted] = {}
        for one in ours(islice(self.host.merged(), MERGED_ASKED)):
            found |= dict.fromkeys(one.marker.plans, one.posted)
        return found


@dataclass
class Bringing:
    """Proposals brought to a host, one after the other.

    Args:
        here: the repository.
        wanted: what is proposed, the most wanted first.
        standing: why a plan is no longer wanted; empty where it is, None where it is not known here.
        most: so many are open for one owner at the most.
        really: change something; else it is only said.
        needed: what the token must be allowed, for whom it is refused.
    """

    here: Host
    wanted: Sequence[Proposal]
    standing: Callable[[str], str | None]
    most: int
    really: bool
    needed: str = ""
    _open: Counter[str] = field(default_factory=Counter)

    def acts(self) -> Iterator[Act]:
        """Everything that is done, in order. Raises RestFailed where nothing more can be."""
        for one, first in self.here.again:
            yield self._closed(one, [(plan, f"it repeats {first.posted.url}") for plan in one.marker.plans])
        over = gone(self.here.first, {one.key for one in self.wanted}, self._why)
        for one, whys in over:
            yield self._closed(one, whys)
        closed = {one.marker.key for one, _ in over}
        still = [one for key, one in self.here.first.items() if key not in closed]
        self._open = Counter(one.marker.owner for one in still)
        for each in self.wanted:
            yield self._brought(each)
        for one in still:
            if one.marker.key not in {each.key for each in self.wanted}:
                yield self._left(one)

    def _why(self, plan: str) -> str | None:
        """Why a plan no longer stands where it stood."""
        why = self.standing(plan)
        if why == "" and plan in {each for one in self.wanted for each in one.plans}:
            return "it stands in another proposal now"
        return why

    def _left(self, one: Ours) -> Act:
        unknown = [plan for plan in one.marker.plans if self.standing(plan) is None]
        why = f"plan {unknown[0]} is not kept here" if unknown else "its plans are not asked for"
        return _about(LEFT, one, why)

    def _closed(self, one: Ours, whys: Sequence[tuple[str, str]]) -> Act:
        """Closed with a comment; what is done may be broken off anywhere and made again."""
        if self.really:
            self.here.host.comment(one.posted, closing_of(whys))
            _, _, rest = one.posted.body.partition("\n")
            body = f"{replace(one.marker, closed=True).line}\n{rest}"
            self.here.host.edit(one.posted, one.posted.title, body)
            self.here.host.close(one.posted)
        return _about(CLOSED, one, "; ".join(dict.fromkeys(why for _, why in whys)))

    def _brought(self, one: Proposal) -> Act:
        known = self.here.first.get(one.key)
        try:
            verdict = self._change(one, known) if one.kind == CHANGE else self._text(one, known, pushed=False)
        except RestFailed as error:
            if error.ending or error.network or error.status is CoverageStatus.THROTTLED:
                raise
            verdict = Verdict(REFUSED, self._refusal(error), known.posted if known else None)
        return act_of(verdict.does, one, verdict.why, verdict.posted)

    def _refusal(self, error: RestFailed) -> str:
        # What may not be written is told as missing by some.
        lacking = error.status is CoverageStatus.DENIED or error.http == 404
        return f"{error}; {self.needed} is needed" if lacking else str(error)

    def _change(self, one: Proposal, known: Ours | None) -> Verdict:
        host, tip = self.here.host, self.here.tip
        posted = known.posted if known else None
        if all(host.holds(tip.sha, file.path, file.after) for file in one.files):
            return Verdict(LANDED, f"{self.here.base} has it already: it waits for being applied and collected", posted)
        for file in one.files:
            if not host.holds(tip.sha, file.path, file.before):
                why = f"{file.path} is another on {self.here.base} than the code that was read: bring that up to date"
                return Verdict(REFUSED, why, posted)
        if (before := self._before(one, known)) is not None:
            return before
        branch = host.tip(one.branch)
        mine = trailer(marked(one.kind, one.owner, one.module, one.plans))
        if branch is not None and mine not in branch.message.splitlines():
            return Verdict(REFUSED, f"the branch {one.branch} has commits of others", posted)
        pushed = branch is None or not self._same(one, branch)
        if pushed and self.really:
            message = message_of(one.title, marked(one.kind, one.owner, one.module, one.plans))
            host.push(one.branch, tip.sha, one.files, message)
        return self._text(one, known, pushed=pushed)

    def _same(self, one: Proposal, branch: Tip) -> bool:
        """Whether a branch is what it is to be, on what it is to be merged into."""
        host = self.here.host
        message = message_of(one.title, marked(one.kind, one.owner, one.module, one.plans))
        return (
            same_text(branch.message, message)
            and bool(branch.parent)
            and all(host.holds(branch.parent, file.path, file.before) for file in one.files)
            and all(host.holds(branch.sha, file.path, file.after) for file in one.files)
        )

    def _before(self, one: Proposal, known: Ours | None) -> Verdict | None:
        """Why a new one is not opened; None where it is, or stands there."""
        if known is not None:
            return None
        if (said := said_before(one, self.here.host.earlier(one))) is not None:
            return said
        owner = marked(one.kind, one.owner, one.module, one.plans).owner
        if self._open[owner] >= self.most:
            return Verdict(OVER, f"{self._open[owner]} are open for this owner, {self.most} may be")
        return None

    def _text(self, one: Proposal, known: Ours | None, *, pushed: bool) -> Verdict:
        host = self.here.host
        if known is None:
            if one.kind != CHANGE and (before := self._before(one, known)) is not None:
                return before
            self._open[marked(one.kind, one.owner, one.module, one.plans).owner] += 1
            return Verdict(OPENED, posted=host.post(one, self.here.base) if self.really else None)
        same = same_text(known.posted.body, one.body) and known.posted.title == one.title
        if same and not pushed:
            return Verdict(UNCHANGED, posted=known.posted)
        if not same and self.really:
            host.edit(known.posted, one.title, one.body)
        return Verdict(UPDATED, posted=known.posted)


def _about(does: str, one: Ours, why: str) -> Act:
    """What is done about one that stands there, of which only its first line is known."""
    posted = one.posted
    return Act(does, posted.kind, "", "", one.marker.plans, posted.title, why, posted.url, posted.branch)
