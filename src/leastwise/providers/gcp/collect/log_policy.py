"""The least grants that fetching logs needs, by source, as a custom role in YAML."""

from __future__ import annotations

import yaml

from leastwise.providers.fetching import Wanted
from leastwise.providers.gcp.log_names import LOGGING, OBJECTS, TABLES, bucket_of, containers_of, dataset_of

from .log_objects import LISTING as LISTING_OBJECTS
from .log_objects import READING as READING_OBJECTS
from .log_standing import LISTING, PRIVATE
from .log_tables import LISTING as LISTING_TABLES
from .log_tables import READING as READING_TABLES
from .policy import CHARGING
from .source import read_source

ENTRIES = (LISTING, PRIVATE, "logging.buckets.get", "logging.sinks.list")
FINDING = ("resourcemanager.folders.list", "resourcemanager.projects.get", "resourcemanager.projects.list")
_OBJECTS = (READING_OBJECTS, LISTING_OBJECTS)
_TABLES = (*LISTING_TABLES, READING_TABLES)


def log_policy(wanted: Wanted) -> str:
    """The role, with comments that say where to bind it and which of the vendor's own roles would do as well.

    Raises:
        UsageError: what is wanted makes no sense.
    """
    source = read_source(wanted.sign_in)
    permissions, comments = set[str](), list[str]()
    if wanted.url.startswith(OBJECTS):
        bucket, _ = bucket_of(wanted.url)
        permissions.update(_OBJECTS)
        comments.append(f"Bind it on the bucket {bucket}; roles/storage.objectViewer would do as well.")
    elif wanted.url.startswith(TABLES):
        project, dataset = dataset_of(wanted.url)
        permissions.update(_TABLES)
        comments.append(f"Bind it on the dataset {dataset} of {project}; roles/bigquery.dataViewer would do as well.")
        comments.append("Rows are listed, not queried: roles/bigquery.jobUser is not needed.")
    else:
        named = containers_of(wanted.url) if wanted.url.startswith(LOGGING) else source.roots
        permissions.update(ENTRIES)
        if not named or any(not one.startswith(("projects/", "billingAccounts/")) for one in named):
            permissions.update(FINDING)
        where = ", ".join(named) or "the organization"
        comments.append(f"Bind it on {where}; roles/logging.privateLogViewer (and roles/browser) would do as well.")
    if wanted.auto:
        permissions.update((*_OBJECTS, *_TABLES))
        comments.append("Where sinks write to projects outside of it, bind it on their buckets and datasets too.")
    comments.append(f"In the project that pays for the calls: {CHARGING}.")
    role = {
        "title": "Leastwise log reader", "description": "Reads audit logs for Leastwise", "stage": "GA",
        "includedPermissions": sorted(permissions),
    }  # fmt: skip
    return "\n".join([*(f"# {one}" for one in comments), yaml.safe_dump(role, sort_keys=False, width=120).rstrip("\n")])
