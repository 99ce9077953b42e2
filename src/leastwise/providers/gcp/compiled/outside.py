"""Who is outside: of whom policies name, those of no project, organization, domain or pool of ours."""

from __future__ import annotations

from dataclasses import replace

from leastwise.model.exposure import Inside
from leastwise.providers.bulk.outsiders import Outsider

from ..evaluate.boundary import home_of
from ..evaluate.membership import is_agent
from ..evaluate.request import Request
from ..language.members import CONSUMERS, Kind, Member
from ..language.resources import scope_of

_POOLED = frozenset({Kind.SUBJECT, Kind.POOL, Kind.POOL_GROUP, Kind.POOL_ATTRIBUTE, Kind.NAMESPACE})
_GKE = ".svc.id.goog"


class Zone:
    """Tells who is outside.

    Args:
        asked: a question of the estate; its caller does not matter.
        inside: who is ours.
    """

    def __init__(self, asked: Request, inside: Inside) -> None:
        self._asked, self._inside = asked, inside

    def outsider(self, who: Member) -> Outsider | None:
        """One who is named as an outsider; None for one of ours, and for one who was deleted."""
        if who.deleted:
            return None
        if who.kind is Kind.EVERYONE:
            return Outsider("*", "everyone")
        if who.kind is Kind.AUTHENTICATED:
            return Outsider(who.text, "any_account")
        if who.kind in (Kind.USER, Kind.GROUP, Kind.DOMAIN):
            return self._of_domain(who)
        if who.kind is Kind.CUSTOMER:
            doubt = "" if _customers(self._inside) else f"whether customer {who.id} is ours"
            return None if who.id in self._inside.organizations else Outsider(who.text, "tenant", doubt=doubt)
        if who.kind in _POOLED and not who.pool.endswith(_GKE):
            subject = "" if who.kind is Kind.POOL else who.text.partition(f"{who.pool}/")[2]
            return Outsider(f"iam.googleapis.com/{who.pool}", "federated", subjects=(subject,) if subject else ())
        return self._of_project(who)

    def _of_domain(self, who: Member) -> Outsider | None:
        domain = who.id if who.kind is Kind.DOMAIN else who.domain
        if domain in self._inside.domains:
            return None
        sure = domain in CONSUMERS or self._inside.all_domains
        doubt = "" if sure else f"whether {domain} is a domain of ours"
        return Outsider(who.text, who.kind.value, doubt=doubt)

    def _of_project(self, who: Member) -> Outsider | None:
        """Service accounts and agents, workloads of clusters and agents: by their project."""
        alone = who.kind is Kind.SERVICE_ACCOUNT and is_agent(who.id, self._asked.estate)
        agent = alone or who.kind is Kind.SERVICE_AGENTS
        kind = "service" if agent else "service_account"
        if who.kind in (Kind.OTHER, Kind.SINGLE):
            return Outsider(who.text, "unknown", doubt=f"who {who.text} is")
        home = home_of(replace(self._asked, who=who))
        if home is None and who.pool.endswith(_GKE):
            home = self._asked.estate.project(who.pool.rpartition("/")[2].removesuffix(_GKE))
        if home is None:
            # An agent that names no project acts for whoever uses its service.
            return Outsider(who.text, kind, source="anyone") if agent else self._unknown(who, kind)
        account, ours = self._account(self._asked.estate.projects.canonical(home))
        if ours:
            return Outsider(who.text, kind, account, source="inside") if agent else None
        return Outsider(who.text, kind, account)

    def _unknown(self, who: Member, kind: str) -> Outsider:
        return Outsider(who.text, kind, doubt=f"whether the project of {who.text} is ours")

    def _account(self, home: str) -> tuple[str, bool]:
        """The account of a project, folder or organization, and whether it is ours."""
        name = scope_of(home) or home
        id = name.removeprefix("projects/")
        known = self._asked.estate.projects
        names = {name, id, known.id(id) or id, known.number(id) or id}
        ours = self._inside.accounts | self._inside.organizations
        return (known.id(id) or name if name.startswith("projects/") else name), bool(names & ours)


def _customers(inside: Inside) -> frozenset[str]:
    return frozenset(one for one in inside.organizations if one.startswith("C") and "/" not in one)
