"""All files of the demo: nine days of four vendors, logs, Access Advisor, estate file, Terraform."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from demo_company import devices, iam, identity_center, last_accessed, organization, services
from demo_company.azure import archive as azure_archive
from demo_company.azure import everything as azure
from demo_company.azure.happened import happened as azure_happened
from demo_company.clock import DAYS
from demo_company.credential_report import credential_report
from demo_company.entra import archive as entra_archive
from demo_company.entra import everything as entra
from demo_company.entra.happened import happened as entra_happened
from demo_company.export import Export
from demo_company.google import archive as google_archive
from demo_company.google import everything as google
from demo_company.google.happened import happened as google_happened
from demo_company.ids import LEGACY, PROD, READABLE, ROOT, unique_id
from demo_company.logs import trail
from demo_company.logs.everything import everything

HERE = Path(__file__).parent
CLOUDS = {"azure": azure.files, "entra": entra.files, "google-cloud": google.files}
"""What was exported on a day, of all but AWS, by folder."""


def account(day: datetime, number: str) -> Export:
    """What the collector brought home from one account."""
    export = Export(number, day)
    caller = {
        "UserId": f"{unique_id('AROA', number, 'leastwise-collector')}:collect",
        "Account": number,
        "Arn": f"arn:aws:sts::{number}:assumed-role/leastwise-collector/collect",
    }
    export.save("sts-get-caller-identity", caller)
    iam.authorization_details(export)
    iam.providers(export)
    iam.credentials(export)
    credential_report(export)
    services.buckets(export)
    services.functions(export)
    services.tables(export)
    services.nothing(export)
    services.schedules(export)
    services.trails(export)
    if number == ROOT:
        organization.tree(export)
        organization.guardrails(export)
        identity_center.permission_sets(export)
        identity_center.identity_store(export)
    if number == PROD:
        devices.iot(export)
        devices.agents(export)
    return export


def denied(day: datetime) -> Export:
    """The account that does not let the collector in."""
    export = Export(LEGACY, day)
    message = (
        f"User: arn:aws:sts::{ROOT}:assumed-role/leastwise-collector/collect is not authorized to perform: "
        f"sts:AssumeRole on resource: arn:aws:iam::{LEGACY}:role/leastwise-collector"
    )
    call = "iam-get-account-authorization-details"
    export.fail(call, "GetAccountAuthorizationDetails", "AccessDenied", message)
    return export


def files() -> dict[str, tuple[bytes, datetime]]:
    """Path to bytes and time, sorted by path."""
    found: dict[str, tuple[bytes, datetime]] = {}
    for day in DAYS:
        for export in (*(account(day, number) for number in READABLE), denied(day)):
            for name, content in export.files.items():
                found[f"{export.folder}/{name}"] = (content, day)
        for folder, cloud in CLOUDS.items():
            for name, content in cloud(day).items():
                found[f"{folder}/{day:%Y-%m-%d}/{name}"] = (content, day)
    found["logs.json"] = (trail.packed(everything().events), DAYS[-1])
    found["azure-logs.json"] = (azure_archive.packed(azure_happened()), DAYS[-1])
    found["entra-logs.json"] = (entra_archive.packed(entra_happened()), DAYS[-1])
    found["google-logs.json"] = (google_archive.packed(google_happened()), DAYS[-1])
    for name, content in last_accessed.files():
        found[name] = (content, DAYS[-1])
    found["estate.yaml"] = ((HERE / "estate.yaml").read_bytes(), DAYS[-1])
    for path in sorted((HERE / "infra").rglob("*")):
        if path.is_file():
            found[path.relative_to(HERE).as_posix()] = (path.read_bytes(), DAYS[-1])
    return dict(sorted(found.items()))
