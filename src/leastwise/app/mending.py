"""Which plan closes which finding: told only where the plan itself shows that the finding goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leastwise.errors import NotFoundError, UsageError
from leastwise.model.finding import Finding
from leastwise.model.plan import SHOWN, Step, Why
from leastwise.rules.load import load_posture, load_toxic
from leastwise.rules.schema import Rule

from .estate import OpenEstate
from .excess import Unused
from .halting import halting_of, holder_in
from .planning import BY_HAND, RETIRE, RIGHT_SIZE, STOP, Plan, Planning
from .posture import posture

_STAYS = frozenset(map(str, (*SHOWN, Why.UNOBSERVABLE)))
"""Reasons of kept permissions that are not counted as unused."""


def closes(plan: Mapping[str, Any], findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings that are gone once a plan is made, as far as the plan shows it, each with its key and rule.

    Args:
        plan: as plain values.
        findings: of its estate.
    """
    rules = {one.id: one for one in load_posture()}
    found = [
        one for one in findings
        if one.provider == plan["provider"] and one.rule in rules and _goes(plan, one, rules[one.rule])
    ]  # fmt: skip
    return [
        {"key": one.key, "rule": one.rule, "severity": str(one.severity), "subject": one.subject}
        for one in sorted(found, key=lambda one: (-one.severity.rank, one.key))
    ]


def _goes(plan: Mapping[str, Any], one: Finding, rule: Rule) -> bool:
    if plan["kind"] == BY_HAND:
        return False
    if plan["kind"] != RIGHT_SIZE:
        # Whoever goes takes everything along that is said of it; a credential that is stopped, what is said of that.
        return one.subject in ((plan["subject"],) if plan["kind"] == RETIRE else ()) or (
            rule.subject == "credentials" and one.subject in {step["on"] for step in plan["steps"]}
        )
    if not plan["ready"] or rule.cut not in _GOES:
        return False
    return _GOES[rule.cut](plan, one)


def _unused(plan: Mapping[str, Any], one: Finding) -> bool:
    """Whether nothing is kept that counts as unused: what is kept was used, or no log would have shown it."""
    if one.subject != plan["subject"]:
        return False
    # What is left in a document that others have too is harmless, and counts where harmless permissions do.
    if "sensitive" not in one.evidence and any("stays as it is" in note for note in plan["notes"]):
        return False
    return all(each["why"] in _STAYS for each in plan["kept"])


def _actions(plan: Mapping[str, Any], one: Finding) -> bool:
    """Whether the document that the finding is about no longer gives the patterns that it names."""
    if one.resource and one.subject != plan["subject"]:
        return False
    policy = one.resource or one.subject
    before = [each["policy"] for each in plan["documents"]["before"] if policy in (each["id"], each["policy"])]
    if not before:
        return False
    changed = {each.get("policy") for change in plan["changes"] for key, each in change.items() if key in _TOUCHES}
    given = {action for each in plan["statements"] if each["policy"] in before for action in each["actions"]}
    named = one.evidence.get("actions")
    return policy in changed and isinstance(named, Sequence) and not given & {str(each) for each in named}


_TOUCHES = ("put", "remove", "detach")


def _bundles(plan: Mapping[str, Any], one: Finding) -> bool:
    """Whether all bundles that make somebody an administrator are taken from him."""
    named = one.evidence.get("admin_via")
    gone = {change["detach"]["policy"] for change in plan["changes"] if "detach" in change}
    return one.subject == plan["subject"] and isinstance(named, Sequence) and bool(named) and set(named) <= gone


_GOES: Mapping[str, Callable[[Mapping[str, Any], Finding], bool]] = {
    "unused": _unused, "actions": _actions, "bundles": _bundles,
}  # fmt: skip


@dataclass
class Mending:
    """Plans with the findings that they close, and the plan for a finding.

    Args:
        planning: plans for principals.
        estate: that the findings are of.
    """

    planning: Planning
    estate: OpenEstate

    def told(self, plan: Plan) -> dict[str, Any]:
        """A plan as plain values, with what it closes."""
        found = plan.values()
        return found | {"closes": closes(found, self._findings)}

    def of(self, key: str) -> dict[str, Any]:
        """The plan for the finding of a key, or of a unique beginning of one.

        It is that for the finding's principal where that closes it; else the step that stops the credential, or the
        principal; else what its rule says to do by hand. Raises NotFoundError.
        """
        found = self._finding(key)
        for make in (self._sized, self._stopped):
            plan = make(found)
            if plan is not None and found.key in {one["key"] for one in plan["closes"]}:
                return plan
        values = self._by_hand(found).values()
        told = {"key": found.key, "rule": found.rule, "severity": str(found.severity), "subject": found.subject}
        return values | {"closes": [told]}

    @cached_property
    def _findings(self) -> Sequence[Finding]:
        return posture(self.estate, Unused(self.estate)).findings

    def _finding(self, key: str) -> Finding:
        found = [one for one in self._findings if key and one.key.startswith(key)]
        if not found:
            from .toxic import toxic_of

            # Combinations are asked for last: they need the graph.
            found = [one for one in toxic_of(self.estate.workspace).findings if key and one.key.startswith(key)]
        if len(found) != 1:
            raise NotFoundError(f"finding {key}: {'is not unique' if found else 'not found'}")
        return found[0]

    def _sized(self, one: Finding) -> dict[str, Any] | None:
        """The plan for its principal, or for who alone holds its bundle; None where nothing can be said of it."""
        grants = self.estate.view("grants", ("principal", "policy")).select(["principal", "policy"])
        holders = {row["principal"] for row in grants.to_pylist() if row["policy"] == one.subject}
        try:
            return self.told(self.planning.of(holders.pop() if len(holders) == 1 else one.subject))
        except (NotFoundError, UsageError):
            return None

    def _stopped(self, one: Finding) -> dict[str, Any] | None:
        """The plan that stops its credential, or its principal where the rule wants it gone."""
        rule = next((each for each in load_posture() if each.id == one.rule), None)
        if rule is None or self.estate.workspace.provider(one.provider).halting is None:
            return None
        halting = halting_of(self.estate, one.provider)
        if rule.subject == "credentials":
            credential = self._row("credentials_view", one.subject, ("id", "kind", "principal", "active"))
            holder = self._row("identities", (credential or {}).get("principal"), ("id", "name", "native", "account"))
            if credential is None or holder is None:
                return None
            step = halting.credential(holder_in(self.estate, holder), credential)
            return self.told(self._plan(one, STOP, [step], holder["id"])) if step is not None else None
        holder = self._row("identities", one.subject, ("id", "name", "native", "account")) if rule.removes else None
        if holder is None:
            return None
        steps = self.planning.retiring(one.provider, holder)
        return self.told(self._plan(one, RETIRE, steps, one.subject, self.planning.awaited(one.provider, one.subject)))

    def _by_hand(self, one: Finding) -> Plan:
        rules = (*load_posture(), *load_toxic())
        why = next((each.title for each in rules if each.id == one.rule), one.title)
        step = Step("by hand", one.resource or one.subject, one.remediation)
        return self._plan(one, BY_HAND, [step], one.subject, f"it is made by hand: {why}")

    def _plan(self, one: Finding, kind: str, steps: Sequence[Step], subject: str, blocked: str = "") -> Plan:
        body: dict[str, Any] = {"notes": [], "blocked": blocked, "would_break": []}
        whose = self.planning.owning.of(subject)
        ready = bool(steps) and not blocked
        return Plan(subject, one.provider, one.account, kind, one.remediation, ready, whose, tuple(steps), body)

    def _row(self, view: str, id: str | None, columns: tuple[str, ...]) -> dict[str, Any] | None:
        rows = self.estate.view(view, columns).select(list(columns)).to_pylist()
        return next((row for row in rows if id and row["id"] == id), None)
