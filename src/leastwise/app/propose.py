"""Plans proposed to those who own the code that they change: what would be done, or doing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from leastwise.errors import LeastwiseError, UsageError
from leastwise.model.proposal import Proposal
from leastwise.providers.base.hosting import CodeHost, Hosting
from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.objects import refused
from leastwise.rightsizing.proposals.deciding import OPENED, REFUSED
from leastwise.store.plans import plan_named, saved_plans

from .asking import Asking
from .code_index import Code
from .plans import by_worth
from .proposals import Proposing, Saved
from .proposing import Act, Bringing, Host, act_of
from .standing import OPEN, Standings
from .wiring import Workspace

PER_OWNER = 5
"""So many proposals are open for one owner, unless a setting says otherwise."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where plans are proposed.

    Args:
        to: `HOST:REPOSITORY`; empty where none is named, so that nothing is asked.
        address: the web address of the host; empty for the host's own.
        into: the branch to merge into; empty for the repository's own.
        really: do it.
    """

    to: str = ""
    address: str = ""
    into: str = ""
    really: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was or would be done; `failed` says why it ended early, `notes` what else is to be known."""

    acts: tuple[Act, ...]
    notes: tuple[str, ...] = ()
    failed: LeastwiseError | None = None


def proposed(
    workspace: Workspace, askings: Sequence[Asking], named: Sequence[str], code: Code, target: Target
) -> Proposed:
    """Plans as proposals; those named, or all that are saved where none is.

    Raises:
        UsageError: the host is not known, or a token is wanted.
        NotFoundError: no plan is named so.
        StoreError: plans cannot be read.
    """
    saved = {one["id"]: one for one in by_worth(saved_plans(workspace.home))}
    chosen = [plan_named(workspace.home, one)["id"] for one in named] or list(saved)
    standings = Standings(workspace, askings, list(saved.values()))
    run = _Run(workspace, saved, standings, Proposing(code, standings), target)
    opened, note = run.opened()
    if opened is None:
        return Proposed(tuple(run.alone(chosen)), (note,))
    return run.asked(opened, chosen)


@dataclass
class _Run:
    workspace: Workspace
    saved: Mapping[str, Saved]
    standings: Standings
    proposing: Proposing
    target: Target

    def opened(self) -> tuple[tuple[Hosting, CodeHost] | None, str]:
        """The repository; or why none is asked. Raises UsageError."""
        to = self.target.to or self.workspace.settings.get("code_host")
        if not to:
            if self.target.really:
                raise UsageError("plans propose: name the repository by --to, or by the setting code_host")
            return None, "no repository is named (--to): what is open there was not asked"
        name, _, repository = to.partition(":")
        hosts = self.workspace.code_hosts()
        if name not in hosts or not repository:
            raise UsageError(f"--to: {to!r} is not HOST:REPOSITORY; the hosts are {', '.join(hosts)}")
        host = hosts[name]
        token = next((found for one in host.variables if (found := self.workspace.environ.get(one, "").strip())), "")
        if not token:
            wanted = " or ".join(host.variables)
            if self.target.really:
                raise UsageError(f"plans propose: {host.title} wants a token: set {wanted}")
            return None, f"{host.title} was not asked what is open there: no token in {wanted}"
        address = self.target.address or self.workspace.settings.get("code_host_url") or host.address
        return (host, host.opened(repository, address, token)), ""

    def alone(self, chosen: Iterable[str]) -> list[Act]:
        """What would be proposed, as far as that can be said without asking the host."""
        found = self.proposing.proposals(self._open([id for id in self.saved if id in set(chosen)]), {})
        return [*(act_of(OPENED, one) for one in found), *self.proposing.refused]

    def asked(self, opened: tuple[Hosting, CodeHost], chosen: Sequence[str]) -> Proposed:
        """What is done, as far as it could be done."""
        hosting, host = opened
        acts: list[Act] = []
        try:
            with ExitStack() as stack:
                here = Host(stack.enter_context(host), self.target.into)
                there = {id for one in here.first.values() for id in one.marker.plans}
                plans = self._open([id for id in self.saved if id in there or id in chosen], told=frozenset(chosen))
                wanted = self.proposing.proposals(plans, here.landed())
                wanted = self._known(here, wanted)
                acts += self.proposing.refused
                most = self.workspace.settings.get("proposals_per_owner") or PER_OWNER
                bringing = Bringing(here, wanted, self._why, most, self.target.really, hosting.needed)
                acts.extend(bringing.acts())
        except RestFailed as error:
            return Proposed(tuple(acts), failed=refused(hosting.title, error, hosting.needed))
        return Proposed(tuple(acts))

    def _known(self, here: Host, wanted: Sequence[Proposal]) -> list[Proposal]:
        """Those of which all that stands there is known here: the plans of another home are not thrown away."""
        found = []
        for one in wanted:
            there = here.first.get(one.key)
            strange = [id for id in there.marker.plans if id not in self.saved] if there else []
            if strange:
                why = f"the one that is open holds plan {strange[0]}, which is not kept here"
                self.proposing.refused.append(act_of(REFUSED, one, why, there.posted if there else None))
            else:
                found.append(one)
        return found

    def _open(self, ids: Iterable[str], told: frozenset[str] | None = None) -> list[Saved]:
        """The plans that can still be made; the others are told, where they were asked for."""
        found = []
        for id in ids:
            why = self._why(id)
            if not why:
                found.append(self.saved[id])
            elif told is None or id in told:
                plan = self.saved[id]
                owner = str(plan.get("owner") or "")
                self.proposing.refused.append(Act(REFUSED, "", owner, "", (id,), str(plan["subject"]), why))
        return found

    def _why(self, id: str) -> str | None:
        """Why a plan is no longer wanted; empty where it is, None where it is not known here."""
        plan = self.saved.get(id)
        if plan is None:
            return None
        standing = self.standings.of(plan)
        return "" if standing.state == OPEN else standing.why
