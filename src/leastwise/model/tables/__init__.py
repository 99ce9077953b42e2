"""The tables of a snapshot and of its read models: names, columns, meaning.

Kinds of columns: `string`, `bool`, `int`, `time` (UTC, microseconds), `binary`, `strings` (list of strings),
`tags` (map of string to string). `optional` columns may be null, and null always means *not known*, never *no*.
"""

from __future__ import annotations

from .inventory import CREDENTIALS, PRINCIPALS, RESOURCES, SCOPES
from .links import ASSIGNMENTS, COVERAGE, LAST_ACCESSED, MEMBERSHIPS, RUNS_AS, TRUSTS
from .policies import ATTACHMENTS, DOCUMENTS, POLICIES, STATEMENTS
from .requests import REQUESTS, REQUESTS_VIEW
from .schema import Column, TableSpec
from .views import (
    CREDENTIALS_VIEW,
    GAPS_VIEW,
    GRANTS_VIEW,
    IDENTITIES_VIEW,
    POWERS_VIEW,
    REACHES_VIEW,
    RESOURCES_VIEW,
    TRIES_VIEW,
    TRUSTS_VIEW,
)

__all__ = [
    "ASSIGNMENTS",
    "ATTACHMENTS",
    "BY_NAME",
    "COVERAGE",
    "CREDENTIALS",
    "CREDENTIALS_VIEW",
    "DERIVED_TABLES",
    "DOCUMENTS",
    "FACT_TABLES",
    "GAPS_VIEW",
    "GRANTS_VIEW",
    "IDENTITIES_VIEW",
    "LAST_ACCESSED",
    "MEMBERSHIPS",
    "POLICIES",
    "POWERS_VIEW",
    "PRINCIPALS",
    "REACHES_VIEW",
    "REQUESTS",
    "REQUESTS_VIEW",
    "RESOURCES",
    "RESOURCES_VIEW",
    "RUNS_AS",
    "SCHEMA_VERSION",
    "SCOPES",
    "STATEMENTS",
    "TRIES_VIEW",
    "TRUSTS",
    "TRUSTS_VIEW",
    "VIEW_TABLES",
    "Column",
    "TableSpec",
]

SCHEMA_VERSION = 12
"""Raised when a column changes its meaning; an older snapshot is then translated again from its raw documents."""

FACT_TABLES: tuple[TableSpec, ...] = (
    SCOPES,
    PRINCIPALS,
    CREDENTIALS,
    RESOURCES,
    DOCUMENTS,
    STATEMENTS,
    POLICIES,
    ATTACHMENTS,
    MEMBERSHIPS,
    TRUSTS,
    ASSIGNMENTS,
    RUNS_AS,
    LAST_ACCESSED,
    REQUESTS,
    COVERAGE,
)
VIEW_TABLES: tuple[TableSpec, ...] = (
    IDENTITIES_VIEW,
    CREDENTIALS_VIEW,
    GRANTS_VIEW,
    TRUSTS_VIEW,
    RESOURCES_VIEW,
    REQUESTS_VIEW,
)
"""Derived from the facts of one snapshot when it is committed; the provider and account stand in every row."""

DERIVED_TABLES: tuple[TableSpec, ...] = (GAPS_VIEW, REACHES_VIEW, TRIES_VIEW, POWERS_VIEW)
"""Made from facts, the usage lake and the graph when findings are asked for; kept nowhere."""

BY_NAME: dict[str, TableSpec] = {spec.name: spec for spec in FACT_TABLES + VIEW_TABLES}
