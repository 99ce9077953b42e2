"""What an export does not hold, said as coverage so that later answers are UNKNOWN for the right reason."""

from __future__ import annotations

from collections.abc import Sequence

from leastwise.model.scope import Coverage, CoverageStatus, RawDocument

_PARTS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "iam",
        "GetAccountAuthorizationDetails",
        ("account_authorization_details", "iam_collect", "config_item"),
        "users, groups, roles and their policies",
    ),
    (
        "iam",
        "GetCredentialReport",
        ("credential_report",),
        "passwords, MFA, access keys and their last use",
    ),
    (
        "resource policies",
        "GetBucketPolicy and the like",
        ("resource_policies", "iam_collect", "config_item", "s3api."),
        "who may use a resource by its own policy, public resources, access from other accounts",
    ),
)


def account_gaps(documents: Sequence[RawDocument], coverage: Sequence[Coverage]) -> list[Coverage]:
    """A `not_tried` record for each part of an account that no file of the import holds."""
    present = {document.kind for document in documents}
    told = {(one.service, one.call) for one in coverage}
    gaps = []
    for service, call, sources, affects in _PARTS:
        held = any(
            kind == source or (source.endswith(".") and kind.startswith(source))
            for kind in present
            for source in sources
        )
        if not held and (service, call) not in told:
            gaps.append(Coverage(service, call, CoverageStatus.NOT_TRIED, "not in the imported files", affects))
    return gaps


def section_gaps(present: Sequence[str], missing: Sequence[str], truncated: bool) -> list[Coverage]:
    """Coverage of the sections of account authorization details."""
    call = "GetAccountAuthorizationDetails"
    found = [Coverage("iam", f"{call}/{name}", CoverageStatus.OK) for name in present]
    for name in missing:
        detail = "the export has no such section (made with --filter?)"
        found.append(Coverage("iam", f"{call}/{name}", CoverageStatus.NOT_TRIED, detail, name))
    if truncated:
        detail = "the export stops in the middle (IsTruncated is true)"
        found.append(Coverage("iam", call, CoverageStatus.FAILED, detail, "users, roles and policies after the cut"))
    return found
