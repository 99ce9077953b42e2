"""Which accounts a guardrail stands over, as far as lists need it (the exact answer is the evaluator's)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leastwise.model.snapshot import Manifest

from .reading import Tables

_Scopes = Mapping[str, Mapping[str, Any]]
_Told = tuple[bool, bool, bool]
"""Of a guardrail's document: allows everything, denies what makes an administrator, is not known."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Accounts in which guardrails take something away from an administrator, and those of which it is not known."""

    limited: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


def guarded_accounts(tables: Tables, manifests: Iterable[Manifest]) -> Guarded:
    """What guardrails of the estate's organizations do to the administrators of each account.

    Every level from the root to the account must allow, and none may deny
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html). A level
    with guardrails of which none allows everything leaves less than everything; a Deny counts if it can match what
    makes an administrator (column `denies_admin` of documents). The management account is never bound.
    """
    limited: set[str] = set()
    unknown: set[str] = set()
    for manifest in manifests:
        if manifest.scope.kind != "organization":
            continue
        documents = tables.read(manifest, "documents", ["admin", "denies_admin", "unsupported"]).to_pylist()
        levels: dict[str, list[_Told]] = defaultdict(list)
        for row in tables.read(manifest, "attachments", ["layer", "target", "document"]).to_pylist():
            if row["layer"] == "scp":
                levels[row["target"]].append(_told(None if row["document"] is None else documents[row["document"]]))
        scopes: _Scopes = {
            row["id"]: row
            for row in tables.read(manifest, "scopes", ["id", "kind", "parent", "management"]).to_pylist()
        }
        for id, row in scopes.items():
            if row["kind"] == "account" and not row["management"]:
                match _account(id, scopes, levels):
                    case True:
                        limited.add(id)
                    case None:
                        unknown.add(id)
    return Guarded(frozenset(limited), frozenset(unknown - limited))


def _told(document: Mapping[str, Any] | None) -> _Told:
    if document is None or document["unsupported"] is not None:
        return False, False, True
    return bool(document["admin"]), bool(document["denies_admin"]), False


def _account(id: str, scopes: _Scopes, levels: Mapping[str, list[_Told]]) -> bool | None:
    """Whether guardrails limit an account; None where that cannot be told."""
    line, whole = _line(id, scopes)
    # Every account stands under the root, also when it is not known what lies between.
    line |= {one for one in levels if one.startswith("r-")}
    states = [_level(levels[one]) for one in line if one in levels]
    if True in states:
        return True
    if not whole:
        states += [_level(held) for one, held in levels.items() if one.startswith("ou-") and one not in line]
        return None if any(state is not False for state in states) else False
    return None if None in states else False


def _level(held: list[_Told]) -> bool | None:
    """Whether the guardrails of one level take something away; None where a document is missing that decides it."""
    if any(denies for _, denies, _ in held):
        return True
    if any(missing for _, _, missing in held):
        return None
    return not any(allows for allows, _, _ in held)


def _line(id: str, scopes: _Scopes) -> tuple[set[str], bool]:
    """A scope and everything above it, and whether that leads up to a root."""
    line: set[str] = set()
    current: str | None = id
    while current is not None and current not in line:
        line.add(current)
        if scopes.get(current, {}).get("kind") in ("root", "organization"):
            return line, True
        current = scopes.get(current, {}).get("parent")
    return line, False
