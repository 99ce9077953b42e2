"""AWS managed policies that an export names without their documents, as `--filter LocalManagedPolicy` makes it."""

from __future__ import annotations

from ..catalog import catalog_date, managed_policy
from .documents import Documents
from .rows import Facts

_AWS_OWNED = ":iam::aws:policy/"


def fill_managed(facts: Facts, documents: Documents) -> None:
    """Give such attachments the document of the catalogue, and say so in policies and coverage.

    AWS may have changed a policy since the catalogue's date, so the coverage record names that date. A policy that the
    catalogue does not know keeps its null document: what depends on it stays UNKNOWN.
    """
    columns = facts.attachments.columns
    targets = [
        index
        for index, (policy, row) in enumerate(zip(columns["policy"], columns["document"], strict=True))
        if row is None and _AWS_OWNED in policy
    ]
    taken: dict[str, int | None] = {}
    for index in targets:
        arn = columns["policy"][index]
        if arn not in taken:
            taken[arn] = _add(arn, facts, documents)
        columns["document"][index] = taken[arn]
    known = sum(row is not None for row in taken.values())
    if known:
        detail = f"{known} documents not in the export, taken from the catalogue of {catalog_date()}"
        facts.coverage.add(service="iam", call="AWS managed policies", status="ok", detail=detail, affects="")
    if known < len(taken):
        missing = ", ".join(sorted(arn for arn, row in taken.items() if row is None)[:5])
        detail = f"{len(taken) - known} documents in neither export nor catalogue: {missing}"
        affects = "what their holders may do"
        facts.coverage.add(
            service="iam", call="AWS managed policies", status="not_tried", detail=detail, affects=affects
        )


def _add(arn: str, facts: Facts, documents: Documents) -> int | None:
    found = managed_policy(arn)
    if found is None:
        return None
    row = documents.intern(found.document)
    facts.policies.add(
        id=arn,
        account=None,
        name=arn.rpartition("/")[2],
        kind="managed_aws",
        version=found.version,
        default=True,
        document=row,
        updated=found.updated,
        source=f"catalogue of {catalog_date()}",
    )
    return row
