"""What the trust policies of roles add to the tables, and the kind of a role, which follows from whom it trusts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from leastwise.engine.columns import coded, table, with_coded_texts
from leastwise.model.tables import TRUSTS
from leastwise.providers.rows import Facts, Rows

from .documents import Documents
from .trust import Subject, subjects


class RoleTrusts:
    """The subjects of each trust policy, worked out once a document."""

    def __init__(self, documents: Documents, account: str, dead: Callable[[Subject], bool]) -> None:
        self._documents, self._account, self._dead = documents, account, dead
        self._subjects: dict[int, list[Subject]] = {}
        self._kinds: dict[int | None, str] = {}
        self._roles: list[pa.Array] = [pa.array([], pa.string())]
        self._rows: list[int] = []

    def subjects(self, row: int) -> list[Subject]:
        """The subjects of the document in this row."""
        found = self._subjects.get(row)
        if found is None:
            found = self._subjects[row] = subjects(self._documents.parsed(row))
        return found

    def kinds(self, paths: list[str], trusts: list[int | None]) -> list[str]:
        """The kinds of roles of these paths with the trust policies in these rows."""
        known = self._kinds.get
        found = [known(trust) if path == "/" else None for path, trust in zip(paths, trusts, strict=True)]
        return [
            self._kind(path, trust) if kind is None else kind
            for path, trust, kind in zip(paths, trusts, found, strict=True)
        ]

    def _kind(self, path: str, trust: int | None) -> str:
        if path.startswith("/aws-"):
            return role_kind(path, self._account, self.subjects(trust) if trust is not None else [])
        kind = self._kinds.get(trust)
        if kind is None:
            found = self.subjects(trust) if trust is not None else []
            kind = self._kinds[trust] = role_kind("/", self._account, found)
        return kind

    def add(self, roles: pa.Array, trusts: list[int | None]) -> None:
        """A slice of roles, with the rows of their trust policies."""
        told = [row for row in trusts if row is not None]
        self._roles.append(roles if len(told) == len(trusts) else roles.filter(pa.array(trusts, pa.int64()).is_valid()))
        self._rows += told

    def finish(self, facts: Facts) -> None:
        """Add one trusts row for each subject of each role: a document's subjects are written out once."""
        first, counts, found = {}, [], []
        for number, (row, subjects_) in enumerate(self._subjects.items()):
            first[row] = number
            counts.append(len(subjects_))
            found += subjects_
        if not found:
            return
        facts.subjects.update(dict.fromkeys([(one.kind, one.subject, one.account) for one in found]))
        told = self._told(found)
        length = np.array(counts, dtype=np.int64)
        place = np.array([first[row] for row in self._rows], dtype=np.int64)
        role = np.repeat(np.arange(len(place)), length[place])
        begin = (np.cumsum(length) - length)[place]
        before = np.cumsum(length[place]) - length[place]
        taken = told.take(pa.array(np.arange(len(role)) + np.repeat(begin - before, length[place])))
        columns = dict(zip(taken.column_names, taken.columns, strict=True))
        columns["principal"] = coded(role, pa.concat_arrays(self._roles))
        columns["document"] = pa.array(np.array(self._rows, dtype=np.int32)[role])
        facts.trusts.append(table(TRUSTS, columns))

    def _told(self, found: list[Subject]) -> pa.Table:
        """The columns of the trusts table that a subject fills, a row a subject."""
        rows = Rows(TRUSTS)
        rows.extend(
            len(found),
            account=[self._account] * len(found),
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
            position=[one.position for one in found],
            organizations=[one.organizations for one in found],
            reach=[one.reach for one in found],
        )
        return with_coded_texts(rows.to_table())


def role_kind(path: str, account: str, found: list[Subject]) -> str:
    """The kind of a role, from its path and from whom it trusts: the widest reach wins."""
    if path.startswith("/aws-service-role/"):
        return "service_linked"
    if path.startswith("/aws-reserved/sso.amazonaws.com/"):
        return "identity_center_role"
    federated = False
    for one in found:
        if one.effect != "Allow":
            continue
        if one.kind == "anyone" or one.account not in (None, account):
            return "cross_account"
        federated = federated or one.kind == "saml" or (one.kind == "oidc" and "oidc.eks." not in one.subject)
    return "federated" if federated else "workload"
