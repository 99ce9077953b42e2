"""Service accounts and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo_company.clock import alive, moment, parse
from demo_company.google.places import ANALYTICS, TRACKING, WORKBENCH, account, digits
from demo_company.ids import hexes


@dataclass(frozen=True, slots=True)
class Agent:
    """A service account; `keys` are first and last days of keys that somebody downloaded."""

    project: str
    name: str
    says: str
    since: str = "2024-03-04"
    until: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    disabled_from: str = ""

    @property
    def mail(self) -> str:
        """Its address."""
        return account(self.name, self.project)

    @property
    def unique(self) -> str:
        """Its unique id."""
        return digits(21, "account", self.mail)


AGENTS = (
    Agent(ANALYTICS, "compute", "Compute Engine default service account", disabled_from="2026-06-08"),
    Agent(ANALYTICS, "etl", "Carries shipment exports from AWS", since="2026-05-04"),  # story 4
    Agent(ANALYTICS, "dbt-runner", "Builds the marts every night"),
    Agent(ANALYTICS, "bi-dashboard", "Reads the marts for dashboards", keys=(("2025-02-17", ""),)),
    Agent(ANALYTICS, "data-quality", "Counts and compares, reads no customer"),
    Agent(ANALYTICS, "mart-scheduler", "Starts the nightly build"),
    Agent(TRACKING, "compute", "Compute Engine default service account", disabled_from="2026-06-08"),
    Agent(TRACKING, "gke-tracking-nodes", "Nodes of the cluster tracking"),
    Agent(TRACKING, "tracking-api", "Answers where a parcel is"),
    Agent(TRACKING, "tracking-ingest", "Takes in scans"),
    Agent(TRACKING, "eta-predictor", "Says when a parcel arrives", since="2026-10-23"),
    Agent(TRACKING, "carrier-sync", "Asks carriers beyond the border", since="2025-09-02"),
    Agent(TRACKING, "ci-deployer", "Releases from GitHub", keys=(("2025-01-13", "2026-07-20"),)),
    Agent(TRACKING, "status-page", "Writes the public status page"),
    Agent(WORKBENCH, "compute", "Compute Engine default service account"),
    Agent(WORKBENCH, "notebook", "Notebooks of the data scientists"),
    Agent(WORKBENCH, "eta-experiments", "Trains models", since="2026-04-13", keys=(("2026-04-13", ""),)),
    Agent(WORKBENCH, "parcel-simulator", "Plays a busy day", until="2026-08-31"),
)


def agents(day: datetime) -> list[Agent]:
    """Those that exist on a day."""
    return [one for one in AGENTS if alive(day, one.since, one.until)]


def data(one: Agent, day: datetime) -> dict[str, object]:
    """A service account as the API tells of it."""
    found: dict[str, object] = {
        "name": f"projects/{one.project}/serviceAccounts/{one.mail}",
        "projectId": one.project,
        "uniqueId": one.unique,
        "email": one.mail,
        "displayName": one.says,
        "oauth2ClientId": one.unique,
    }
    if one.disabled_from and parse(one.disabled_from) < day:
        found["disabled"] = True
    return found


def keys(one: Agent, day: datetime) -> list[dict[str, object]]:
    """As `gcloud iam service-accounts keys list` writes them: those that were downloaded, and Google's own."""
    found = [
        _key(one, "USER_MANAGED", moment(since, one.mail), "9999-12-31T23:59:59Z")
        for since, until in one.keys
        if alive(day, since, until)
    ]
    made = day - timedelta(days=9)
    return [*found, _key(one, "SYSTEM_MANAGED", made, f"{made + timedelta(days=730):%Y-%m-%dT%H:%M:%SZ}")]


def _key(one: Agent, type: str, made: datetime, ends: str) -> dict[str, object]:
    id = hexes(40, "key", one.mail, made.isoformat())
    return {
        "name": f"projects/{one.project}/serviceAccounts/{one.mail}/keys/{id}",
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": type,
        "validAfterTime": f"{made:%Y-%m-%dT%H:%M:%SZ}",
        "validBeforeTime": ends,
    }
