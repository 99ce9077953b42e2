"""Findings of posture rules over an estate: which, since when, which are muted, and about what nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa

from leastwise.detection.posture import PostureResult, evaluate
from leastwise.errors import NotFoundError, UsageError
from leastwise.model.finding import Finding, Mute, Severity
from leastwise.rules.load import load_posture
from leastwise.store.plans import closing_plans

from .estate import OpenEstate, open_estate
from .excess import Unused, reaches
from .inventory import VIEW_OF
from .tried import tries_of, tries_view
from .wiring import Workspace


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its state: `change` is new, gone or empty (no `since` asked for, or there before)."""

    finding: Finding
    muted: Mute | None
    change: str = ""
    plan: str = ""
    """The saved plan that closes it."""

    def to_json(self) -> dict[str, Any]:
        """The documented JSON of a finding."""
        one = self.finding
        return {
            "key": one.key, "rule": one.rule, "severity": str(one.severity), "provider": one.provider,
            "account": one.account, "subject": one.subject, "resource": one.resource, "title": one.title,
            "message": one.message, "remediation": one.remediation, "owner": one.owner,
            "evidence": {key: _plain(value) for key, value in one.evidence.items()}, "change": self.change,
            "plan": self.plan or None, "fix": f"leastwise plan --finding {one.key}",
            "muted": None if self.muted is None else {
                "reason": self.muted.reason, "by": self.muted.by,
                "until": self.muted.until.isoformat() if self.muted.until else None,
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Narrow:
    """Which findings are listed; a value that is None does not narrow. `text` is looked for in subject and message."""

    least: Severity = Severity.INFO
    rule: str | None = None
    provider: str | None = None
    account: str | None = None
    owner: str | None = None
    text: str | None = None

    def keeps(self, one: Finding) -> bool:
        """Whether a finding is listed."""
        said = f"{one.key} {one.subject} {one.resource} {one.message}".lower()
        return (
            one.severity.rank >= self.least.rank
            and self.rule in (None, one.rule)
            and self.provider in (None, one.provider)
            and self.account in (None, one.account)
            and (self.owner is None or fnmatchcase(one.owner or "", self.owner))
            and (self.text is None or self.text.lower() in said)
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings worst first, and the rules that could not decide some rows: rule, rows, missing columns.

    `unused` is what they say of use; `notes` say what a reader may not expect of the answer.
    """

    rows: list[FindingRow]
    unknown: list[dict[str, Any]]
    estate: OpenEstate
    unused: Unused
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """An estate with what the rules say of it, whoever asks and whatever is muted."""

    estate: OpenEstate
    unused: Unused
    result: PostureResult


def judged(estate: OpenEstate) -> Judged:
    """What every rule says of an estate."""
    unused = Unused(estate)
    return Judged(estate, unused, posture(estate, unused))


def find(
    workspace: Workspace,
    at: datetime | None = None,
    snapshot: str | None = None,
    since: datetime | None = None,
    narrow: Narrow = Narrow(),
    with_muted: bool = False,
    known: Judged | None = None,
) -> Findings:
    """The findings of an estate.

    `known` is that estate, judged before. `since` compares with the estate of that time: new findings are marked, gone
    ones are listed with change `gone`. Raises UsageError for an unknown rule, provider or account, and for a `since`
    that is still to come.
    """
    if since is not None and since > (at or workspace.now()):
        raise UsageError(f"--since: {since.isoformat()} is later than the estate that is asked")
    if known is None:
        known = judged(open_estate(workspace, at, snapshot))
    estate, unused, result = known.estate, known.unused, known.result
    then = None if since is None else open_estate(workspace, since)
    old = [] if then is None else posture(then).findings
    _refuse_unknown(narrow, estate, [*result.findings, *old])
    mutes = workspace.mutes.active(workspace.now())
    before = None if then is None else {one.key: one for one in old}
    note = "there is no snapshot of that time or before: everything is new"
    plans = closing_plans(workspace.home)
    notes = (f"--since: {note}",) if then is not None and not then.estate.manifests else ()
    rows = []
    for one in result.findings:
        change = "" if before is None or one.key in before else "new"
        rows.append(FindingRow(one, mutes.get(one.key), change, plans.get(one.key, "")))
    if before is not None:
        now = {one.key for one in result.findings}
        rows += [FindingRow(one, mutes.get(key), "gone") for key, one in before.items() if key not in now]
    chosen = [
        row
        for row in rows
        if narrow.keeps(row.finding) and (with_muted or row.muted is None) and (since is None or row.change)
    ]
    unknown = [
        {"rule": one.rule, "title": one.title, "rows": one.rows, "missing": sorted(one.columns)}
        for one in result.unknown
        if narrow.rule in (None, one.rule)
    ]
    return Findings(chosen, unknown, estate, unused, notes)


def _refuse_unknown(narrow: Narrow, estate: OpenEstate, found: Sequence[Finding]) -> None:
    """A value that nothing can have is a typo, and would read as "nothing is wrong". Raises UsageError."""
    known = {one.id for one in load_posture()}
    if narrow.rule is not None and narrow.rule not in known:
        raise UsageError(f"no rule {narrow.rule}; see docs/rules")
    scopes = [entry.scope for entry in estate.estate.entries]
    providers = sorted({one.provider for one in scopes} | {one.provider for one in found})
    if narrow.provider is not None and providers and narrow.provider not in providers:
        raise UsageError(f"--provider: {narrow.provider!r} is none of {', '.join(providers)}")
    # Findings are also about accounts that are elsewhere, as far as trusts and policies name them.
    ours = [one.id for one in scopes]
    if narrow.account is not None and ours and narrow.account not in {*ours, *(one.account for one in found)}:
        raise UsageError(f"--account: {narrow.account!r} is none of {', '.join(ours)}")


def posture(estate: OpenEstate, unused: Unused | None = None) -> PostureResult:
    """Every posture rule over every read model of the estate."""
    return evaluate(load_posture(), views_of(estate, unused or Unused(estate)), estate.clock)


def views_of(estate: OpenEstate, unused: Unused) -> dict[str, pa.Table]:
    """What posture rules read, by name: read models as new as the logs tell, and what is made from facts and logs."""
    views = {name: estate.view(name) for name in VIEW_OF.values()}
    views["grants"] = estate.with_names(estate.with_actions(views["grants"]))
    views["reaches_view"] = estate.overlays.lay("reaches_view", reaches(estate), ("owner",), {})
    tried = tries_view(estate, tries_of(estate))
    views["tries_view"] = estate.overlays.lay("tries_view", tried, ("owner",), {})
    if unused.logged:
        views["gaps_view"] = unused.gaps(views["identities"])
        views["identities"] = unused.seen(views["identities"], unused.last)
        views["credentials_view"] = unused.seen(views["credentials_view"], unused.last_of_credentials)
    return views


def mute(workspace: Workspace, key: str, reason: str, by: str, until: datetime | None) -> Mute:
    """Mute a finding by its key or a unique beginning of it. Raises NotFoundError, UsageError."""
    if not reason.strip():
        raise UsageError("a mute needs a reason")
    if until is not None and until <= workspace.now():
        raise UsageError(f"a mute until {until.isoformat()} would be over already")
    estate = open_estate(workspace)
    found = [one.key for one in posture(estate).findings if one.key.startswith(key)]
    if not found and estate.estate.entries:
        # Toxic combinations are asked for last: they need the graph.
        from .toxic import toxic_of

        found = [one.key for one in toxic_of(workspace).findings if one.key.startswith(key)]
    if len(found) != 1:
        raise NotFoundError(f"finding {key}: {'is not unique' if found else 'not found'}")
    one = Mute(found[0], reason, by, workspace.now(), until)
    workspace.mutes.add(one)
    return one


def unmute(workspace: Workspace, key: str) -> str:
    """Take a mute back by its finding's key or a unique beginning of it; returns the key. Raises NotFoundError."""
    known = [one.key for one in workspace.mutes.all()]
    found = [key] if key in known else [one for one in known if key and one.startswith(key)]
    if len(found) != 1:
        raise NotFoundError(f"finding {key}: {'is not unique among the muted' if found else 'is not muted'}")
    workspace.mutes.remove(found[0])
    return found[0]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
