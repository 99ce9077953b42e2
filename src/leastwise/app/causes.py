"""Findings by the cause that mends them: one document, one trust, one owner; the heaviest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leastwise.detection.ranking import ADMINISTRATOR, REACHES, SENSITIVITIES, Rank, together
from leastwise.model.finding import Finding
from leastwise.rules.load import load_posture
from leastwise.usage.creep import WEIGHTS, reach

from .estate import OpenEstate
from .excess import SENSITIVE, Excess, Unused
from .posture import FindingRow

DOCUMENT, TRUST, OWNER = "document", "trust", "owner"
_GRANTS = ("principal", "via", "policy", "kind", "admin", "rewrites_iam", "wildcard_resources")
_IDENTITIES = ("id", "name", "account", "admin", "external", "console", "mfa", "active_keys", "protected")
_ADMIN = ("yes", "conditional", "limited")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finding with its rank, and the ids of those that it is about: its subject, or who holds the policy it names."""

    row: FindingRow
    rank: Rank
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings that one change mends.

    Args:
        kind: document (a policy, or one that is attached to one target), trust, or owner (and one rule).
        id: what is to be changed.
        target: where the document lies, if it cannot be changed everywhere: the principal or group that has it.
        found: its findings, the highest rank first.
    """

    kind: str
    id: str
    target: str
    found: tuple[Ranked, ...]

    @property
    def score(self) -> float:
        """See `ranking.together`."""
        return together((one.about, one.rank) for one in self.found)

    @property
    def about(self) -> tuple[str, ...]:
        """Ids of those that the findings are about, sorted."""
        return tuple(sorted({id for one in self.found for id in one.about}))

    def to_json(self) -> dict[str, Any]:
        """The documented JSON of a cause."""
        worst = max(self.found, key=lambda one: (one.row.finding.severity.rank, one.rank.score)).row.finding
        owners = sorted({one.row.finding.owner for one in self.found} - {""})
        return {
            "cause": self.kind, "id": self.id, "target": self.target, "score": self.score,
            "severity": str(worst.severity), "findings": len(self.found), "about": list(self.about), "owners": owners,
            "rules": sorted({one.row.finding.rule for one in self.found}), "remediation": worst.remediation,
            "items": [one.row.to_json() | {"rank": one.rank.to_json(), "about": list(one.about)} for one in self.found],
        }  # fmt: skip


class Causes:
    """Says of findings what mends them and how much they matter.

    Args:
        estate: the estate that they are of.
        unused: what is not used in it.
    """

    def __init__(self, estate: OpenEstate, unused: Unused) -> None:
        self._estate, self._unused = estate, unused
        self._rules = {rule.id: rule for rule in load_posture()}

    def grouped(self, rows: Iterable[FindingRow]) -> list[Cause]:
        """The causes of findings, the highest score first."""
        found: dict[tuple[str, str, str], list[Ranked]] = {}
        for row in rows:
            one = row.finding
            found.setdefault(self._cause(one), []).append(Ranked(row, self._rank(one), self._about(one)))
        causes = [
            Cause(*key, tuple(sorted(members, key=lambda one: (-one.rank.score, one.row.finding.key))))
            for key, members in found.items()
        ]
        return sorted(causes, key=lambda one: (-one.score, one.kind, one.id, one.target))

    # --- what mends it

    def _cause(self, one: Finding) -> tuple[str, str, str]:
        rule = self._rules[one.rule]
        if rule.subject in ("trusts", "tries"):
            return TRUST, one.subject, ""
        if rule.subject == "resources":
            return DOCUMENT, one.subject, ""
        if rule.subject == "grants":
            policy = one.subject if rule.key_subject == "policy" else one.resource
            return self._document(policy, one.subject)
        if rule.subject == "gaps":
            policy = self._heaviest(one.subject)
            if policy:
                return self._document(policy, one.subject)
        return OWNER, one.owner or f"whoever owns {one.account}", one.rule

    def _document(self, policy: str, principal: str) -> tuple[str, str, str]:
        """A customer's policy is changed in one place; the vendor's and an inline one where they are attached."""
        if policy in self._ours or policy == principal:
            return DOCUMENT, policy, ""
        row = next((row for row in self._grants.get(principal, ()) if row["policy"] == policy), None)
        return DOCUMENT, policy, (row["via"] if row is not None else "") or principal

    def _heaviest(self, principal: str) -> str:
        """The policy that gives a principal most of what is sensitive; empty where none is known to give anything."""
        rows = self._grants.get(principal, ())
        names = {row["policy"] for row in rows}
        if len(names) == 1:
            return str(names.pop())
        key = tuple(sorted((row["policy"], row["via"]) for row in rows))
        if key not in self._heavy:
            weights: dict[str, float] = {}
            gap = self._unused.gap(principal)
            sensitivity = gap.facts.sensitivity
            for given in gap.asking.access.given(principal):
                widest = reach(given.resources, gap.facts.naming)
                whole = sum(WEIGHTS[sensitivity[number]] for number in given.permissions)
                weights[given.policy] = weights.get(given.policy, 0.0) + widest * whole
            self._heavy[key] = max(sorted(weights), key=weights.__getitem__, default="")
        return self._heavy[key]

    @cached_property
    def _heavy(self) -> dict[tuple[tuple[str, str], ...], str]:
        return {}

    # --- how much it matters

    def _about(self, one: Finding) -> tuple[str, ...]:
        rule = self._rules[one.rule]
        if rule.subject == "grants" and rule.key_subject == "policy":
            return self._holders.get(one.subject) or (one.subject,)
        return (one.subject,)

    def _rank(self, one: Finding) -> Rank:
        rule = self._rules[one.rule]
        identity = self._identities.get(one.subject, {})
        if rule.subject == "grants" and rule.key_subject == "policy":
            rows = self._by_policy.get(one.subject, ())
        else:
            rows = self._grants.get(one.subject, ())
        exposed = list(_exposed(identity))
        if rule.subject == "resources":
            widest = REACHES["everything"] if one.severity.rank >= 2 else REACHES["nothing"]
            exposed += ["public"] if one.severity.rank >= 2 else []
        else:
            widest = REACHES["nothing"] if not rows else REACHES["some"]
            widest = REACHES["everything"] if any(row["wildcard_resources"] for row in rows) else widest
        share = self._share(one.subject, identity, counts=rule.removes or rule.subject in ("grants", "gaps"))
        return Rank(widest, self._sensitivity(one, identity, rows), share, tuple(exposed))

    def _sensitivity(self, one: Finding, identity: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float:
        if identity.get("admin") in _ADMIN or any(row["admin"] or row["rewrites_iam"] for row in rows):
            return ADMINISTRATOR
        excess = self._excesses.get(one.subject)
        told = [WEIGHTS[word] for word in SENSITIVE if excess is not None and excess.counts[word]]
        return max([SENSITIVITIES[one.severity], *told])

    def _share(self, subject: str, identity: Mapping[str, Any], *, counts: bool) -> float | None:
        """What of its permissions a principal does not use; 0 for break-glass: to lie idle is what it is for."""
        if identity.get("protected"):
            return 0.0
        if not counts:
            return None
        excess = self._excesses.get(subject)
        share = None if excess is None else excess.summary.unused_share
        return None if share is None else round(share, 4)

    # --- what that rests on

    @cached_property
    def _excesses(self) -> dict[str, Excess]:
        return {one.summary.principal: one for one in self._unused.excesses}

    @cached_property
    def _identities(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self._estate.view("identities", _IDENTITIES).to_pylist()}

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._estate.view("grants", _GRANTS).to_pylist()
        return rows

    @cached_property
    def _grants(self) -> dict[str, list[dict[str, Any]]]:
        return _by(self._rows, "principal")

    @cached_property
    def _by_policy(self) -> dict[str, list[dict[str, Any]]]:
        return _by(self._rows, "policy")

    @cached_property
    def _holders(self) -> dict[str, tuple[str, ...]]:
        """Who has each policy, itself or by a group, by the policy's id."""
        return {policy: tuple(sorted({row["principal"] for row in rows})) for policy, rows in self._by_policy.items()}

    @cached_property
    def _ours(self) -> set[str]:
        """Policies that a customer wrote, which are changed in one place for all who have them."""
        known = self._estate.facts("policies").select(["id", "account"]).to_pylist()
        return {row["id"] for row in known if row["account"]}

    def holders(self, cause: Cause) -> tuple[str, ...]:
        """Whom a change of a document concerns, sorted: all who have it, or those who have it by its target."""
        rows = self._by_policy.get(cause.id, ())
        if cause.target:
            rows = [row for row in rows if cause.target in (row["via"], row["principal"])]
        return tuple(sorted({row["principal"] for row in rows if not self.protected(row["principal"])}))

    def name(self, principal: str) -> str:
        """A principal's name; its id where none is known."""
        return str(self._identities.get(principal, {}).get("name") or principal)

    def removes(self, cause: Cause) -> bool:
        """Whether its findings are mended by taking their subjects away."""
        return all(self._rules[one.row.finding.rule].removes for one in cause.found)

    def protected(self, principal: str) -> bool:
        """Whether a principal is break-glass, and stays as it is."""
        return bool(self._identities.get(principal, {}).get("protected"))


def _by(rows: Iterable[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _exposed(identity: Mapping[str, Any]) -> Iterable[str]:
    if identity.get("external"):
        yield "outsider"
    if identity.get("console") and identity.get("mfa") is False:
        yield "no second factor"
    if identity.get("active_keys"):
        yield "long-lived key"
