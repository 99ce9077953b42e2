"""Whether the audit log is being written, and what CloudTrail Lake keeps."""

from __future__ import annotations

from .acting import acts, describe
from .context import Context
from .registry import reads
from .saved import Saved


@reads("cloudtrail.get-trail-status")
def _status(saved: Saved, context: Context) -> None:
    """Asked by the trail's ARN; a file may be named by its name, if describe-trails was read before it."""
    about = saved.subject()
    named = [
        id for id, row in context.resources.rows.items() if row["kind"] == "cloudtrail:trail" and row["name"] == about
    ]
    id = about if about.startswith("arn:") or len(named) != 1 else named[0]
    describe(
        context, saved, id,
        {
            "logging": saved.flag("IsLogging"), "latest_delivery": saved.raw("LatestDeliveryTime"),
            "delivery_error": saved.raw("LatestDeliveryError"), "logging_since": saved.raw("StartLoggingTime"),
            "logging_stopped": saved.raw("StopLoggingTime"),
        },
        kind="cloudtrail:trail",
    )  # fmt: skip


@reads("cloudtrail.get-event-data-store")
def _store(saved: Saved, context: Context) -> None:
    """`selectors` has the form that it has at trails."""
    id, selectors = saved.text("EventDataStoreArn"), saved.raw("AdvancedEventSelectors")
    describe(
        context, saved, id,
        {
            "status": saved.maybe("Status"), "multi_region": saved.flag("MultiRegionEnabled"),
            "organization": saved.flag("OrganizationEnabled"), "retention_days": saved.raw("RetentionPeriod"),
            "key": saved.maybe("KmsKeyId"), "federation": saved.maybe("FederationStatus"),
            "selectors": {"AdvancedEventSelectors": selectors} if selectors else None,
        },
        name=saved.maybe("Name"), created=saved.time("CreatedTimestamp"),
    )  # fmt: skip
    acts(context, saved, id, saved.maybe("FederationRoleArn"), "service_role")
