"""What kind of AWS export a file or folder is: by its first bytes and its name, never by parsing it whole."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from leastwise.model.scope import Coverage, CoverageStatus

from .calls import ACCEPTED, READ

DETAILS = "account_authorization_details"
CREDENTIAL_REPORT = "credential_report"
CONFIG_ITEMS = "config_items"
SAVED_RESPONSE = "saved_response"
BENCH_ORGANIZATION = "organization_summary"
RESOURCE_POLICIES = "resource_policies"

_HEAD = 65536
_DETAIL_KEYS = re.compile(rb'"(?:UserDetailList|GroupDetailList|RoleDetailList)"\s*:')
_POLICY_VERSIONS = re.compile(rb'"PolicyVersionList"\s*:')
_CONFIG = re.compile(
    rb'"(?:configurationItems|configurationItemCaptureTime|baseConfigurationItems|configurationItem|ConfigurationItem)"'
    rb'|"QueryInfo"|\\?"resourceType\\?"\s*:\s*\\?"AWS::'
)
_POLICIES_BY_ARN = re.compile(rb'\s*\{\s*"\d{12}"\s*:\s*\{\s*(?:"arn:|\})')
# Services by their names on the command line; `account` is kept although nothing of it is read yet.
_SERVICES = "|".join(sorted({"account", *READ, *ACCEPTED}))
RESPONSE_NAME = re.compile(
    rf"(?P<service>{_SERVICES})-(?P<operation>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
    r"(?:--(?P<subject>.+?))?(?P<error>\.error)?\.json(?:\.gz)?"
)


def recognise(path: Path, data: bytes) -> str | None:
    """The kind of an export file; None for what is no AWS export that Leastwise knows."""
    head = data[:_HEAD]
    name = path.name.lower()
    if head.startswith(b"user,arn,user_creation_time"):
        return CREDENTIAL_REPORT
    if RESPONSE_NAME.fullmatch(path.name) and not _DETAIL_KEYS.search(head):
        return SAVED_RESPONSE
    if _DETAIL_KEYS.search(head) or (
        head.lstrip()[:1] == b"{" and _POLICY_VERSIONS.search(head) and b'"Policies"' in head
    ):
        return DETAILS
    if _CONFIG.search(head):
        return CONFIG_ITEMS
    if name == "organization.json" and b'"ServiceControlPolicies"' in data and b'"OrganizationalUnits"' in data:
        return BENCH_ORGANIZATION
    return RESOURCE_POLICIES if _POLICIES_BY_ARN.match(head) and _all_arns(data) else None


def _all_arns(data: bytes) -> bool:
    """Whether every account holds a map by ARN; the beginning of a longer file is taken at its word."""
    try:
        found = msgspec.json.decode(data, type=dict[str, dict[str, msgspec.Raw]])
    except msgspec.ValidationError:
        return False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return all(arn.startswith("arn:") for held in found.values() for arn in held)


def not_recognised(name: str) -> Coverage:
    """The coverage record of a file in an imported folder that is no AWS export."""
    return Coverage(
        "import", name, CoverageStatus.UNSUPPORTED, "not an export that Leastwise knows; left out", "its content"
    )
