"""What the trust policies of roles add to the tables, and the kind of a role, which follows from whom it trusts."""

from __future__ import annotations

from collections.abc import Callable

from .documents import Documents
from .rows import Facts
from .trust import Subject, subjects


class RoleTrusts:
    """The subjects of each trust policy, worked out once a document."""

    def __init__(self, documents: Documents, account: str, dead: Callable[[Subject], bool]) -> None:
        self._documents, self._account, self._dead = documents, account, dead
        self._subjects: dict[int, list[Subject]] = {}
        self._kinds: dict[int | None, str] = {}

    def subjects(self, row: int) -> list[Subject]:
        """The subjects of the document in this row."""
        found = self._subjects.get(row)
        if found is None:
            found = self._subjects[row] = subjects(self._documents.parsed(row))
        return found

    def kind(self, path: str, trust: int | None) -> str:
        """The kind of a role of this path with the trust policy in this row."""
        if path.startswith("/aws-"):
            return role_kind(path, self._account, self.subjects(trust) if trust is not None else [])
        kind = self._kinds.get(trust)
        if kind is None:
            found = self.subjects(trust) if trust is not None else []
            kind = self._kinds[trust] = role_kind("/", self._account, found)
        return kind

    def add(self, facts: Facts, trusting: list[tuple[str, int]]) -> None:
        """One trusts row a subject, for roles given as (ARN, document row)."""
        pairs = [(arn, row, one) for arn, row in trusting for one in self.subjects(row)]
        found = [pair[2] for pair in pairs]
        facts.subjects.update(dict.fromkeys([(one.kind, one.subject, one.account) for one in found]))
        facts.trusts.extend(
            len(pairs),
            principal=[pair[0] for pair in pairs],
            account=[self._account] * len(pairs),
            effect=[one.effect for one in found],
            subject_kind=[one.kind for one in found],
            subject=[one.subject for one in found],
            subject_account=[one.account for one in found],
            patterns=[one.patterns for one in found],
            audiences=[one.audiences for one in found],
            actions=[one.actions for one in found],
            external_id=[one.external_id for one in found],
            limited=[one.limited for one in found],
            conditional=[one.conditional for one in found],
            dead=[self._dead(one) for one in found],
            document=[pair[1] for pair in pairs],
            position=[one.position for one in found],
            organizations=[one.organizations for one in found],
            reach=[one.reach for one in found],
        )


def role_kind(path: str, account: str, found: list[Subject]) -> str:
    """The kind of a role, from its path and from whom it trusts: the widest reach wins."""
    if path.startswith("/aws-service-role/"):
        return "service_linked"
    if path.startswith("/aws-reserved/sso.amazonaws.com/"):
        return "identity_center_role"
    allowed = [one for one in found if one.effect == "Allow"]
    if any(one.kind == "anyone" or (one.account not in (None, account)) for one in allowed):
        return "cross_account"
    if any(one.kind == "saml" or (one.kind == "oidc" and "oidc.eks." not in one.subject) for one in allowed):
        return "federated"
    return "workload"
