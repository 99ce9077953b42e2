"""Which accounts a guardrail stands over, as far as lists need it (the exact answer is the evaluator's)."""

from __future__ import annotations

from collections.abc import Iterable

from leastwise.model.snapshot import Manifest

from .reading import Tables


def guarded_accounts(tables: Tables, manifests: Iterable[Manifest]) -> frozenset[str]:
    """Accounts in which some guardrail takes something away from an administrator.

    A guardrail that allows everything and denies nothing takes nothing away; one whose document is not known may.
    The management account is never bound by guardrails
    (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html).
    """
    found: set[str] = set()
    for manifest in manifests:
        if manifest.scope.kind != "organization":
            continue
        documents = tables.read(manifest, "documents", ["admin", "denies"]).to_pylist()
        attached = tables.read(manifest, "attachments", ["layer", "target", "document"]).to_pylist()
        limiting = {
            row["target"]
            for row in attached
            if row["layer"] == "scp"
            and not _harmless(documents[row["document"]] if row["document"] is not None else None)
        }
        scopes = {
            row["id"]: row
            for row in tables.read(manifest, "scopes", ["id", "kind", "parent", "management"]).to_pylist()
        }
        for id, row in scopes.items():
            if row["kind"] == "account" and not row["management"] and limiting & _line(id, scopes):
                found.add(id)
    return frozenset(found)


def _harmless(document: dict[str, bool | None] | None) -> bool:
    return document is not None and document["admin"] is True and document["denies"] is False


def _line(id: str, scopes: dict[str, dict[str, str]]) -> set[str]:
    """A scope and everything above it."""
    line: set[str] = set()
    current: str | None = id
    while current is not None and current not in line:
        line.add(current)
        current = scopes.get(current, {}).get("parent")
    return line
