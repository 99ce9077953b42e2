"""A source of estate.yaml (or the options of the command line) for Google Cloud: which trees, entered how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus
from leastwise.providers.rest.session import base_of

from .declaration import Service, by_name, declared

LOGGING = "logging"
"""The service that logs are read from; a collection does not."""
_NUMBER = re.compile(r"\d+")
_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d+")


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the keys of a source mean; without any, every organization that the credentials see.

    `organization`, `folders` and `projects` are the trees to read, each a scope of its own. `credentials_file` is a
    service account's key, a workload identity federation's configuration, or what gcloud wrote; `access_token_env`
    names the variable that holds a token; else the application default credentials are taken. `impersonate` is the
    service account to become; a list is a chain of which the last is become. `admin` is the user of the directory on
    whose behalf it is read, by domain-wide delegation. `quota_project` pays for the calls. `services` are those to
    collect; `per_minute` are calls a minute by service, where a quota was raised. `endpoint` is an address in place of
    Google's, to which the host's name is added; `endpoints` are addresses by host.
    """

    provider: str = "gcp"
    organization: str | int | list[str | int] = ""
    folders: list[str | int] = []
    projects: list[str | int] = []
    credentials_file: str = ""
    access_token_env: str = ""
    impersonate: str | list[str] = ""
    admin: str = ""
    quota_project: str = ""
    services: list[str] = []
    per_minute: dict[str, int] = {}
    endpoint: str = ""
    endpoints: dict[str, str] = {}
    in_flight: int = 10

    @property
    def roots(self) -> list[str]:
        """The names of the trees to read, as in `folders/2`; empty: what the credentials see."""
        many = self.organization if isinstance(self.organization, list) else [self.organization]
        found = [f"organizations/{str(one).removeprefix('organizations/')}" for one in many if one != ""]
        found += [f"folders/{str(one).removeprefix('folders/')}" for one in self.folders]
        return found + [f"projects/{str(one).removeprefix('projects/')}" for one in self.projects]

    @property
    def chain(self) -> list[str]:
        """The service accounts that are become, one after the other."""
        return [self.impersonate] if isinstance(self.impersonate, str) and self.impersonate else list(self.impersonate)

    @property
    def bases(self) -> dict[str, str]:
        """Addresses in place of the vendor's."""
        found = {f"https://{host}": url for host, url in self.endpoints.items()}
        return {**found, "https://": self.endpoint} if self.endpoint else found

    def declared(self) -> tuple[Service, ...]:
        """The services to collect. UsageError for one that is not declared."""
        unknown = sorted({*self.services} - {*by_name()} | {*self.per_minute} - {*by_name(), LOGGING})
        if unknown:
            raise UsageError(f"services: {', '.join(unknown)} not known; one of {', '.join(by_name())}")
        # Folders and projects are what everything else is asked of.
        return tuple(
            one for one in declared()
            if not self.services or one.service in self.services or one.service == "cloudresourcemanager"
        )  # fmt: skip

    def left_out(self) -> list[Coverage]:
        """What the choice of services leaves unread, call by call: not asked is not "none"."""
        chosen = {one.service for one in self.declared()}
        return [
            Coverage(one.name, call.call, CoverageStatus.NOT_TRIED, "left out by the choice of services",
                     one.affected(call))
            for one in declared() if one.service not in chosen for call in one.walk()
        ]  # fmt: skip


def read_source(keys: Mapping[str, Any]) -> Source:
    """The source with these keys. UsageError names the key that is wrong."""
    try:
        source = msgspec.convert(dict(keys), Source)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise UsageError(f"source gcp: {place.strip('`').removeprefix('$.') or 'keys'}: {cause}") from None
    if source.credentials_file and source.access_token_env:
        raise UsageError("source gcp: credentials_file and access_token_env exclude each other")
    if source.credentials_file and not Path(source.credentials_file).expanduser().is_file():
        raise UsageError(f"source gcp: credentials_file: there is no file {source.credentials_file}")
    if source.in_flight < 1:
        raise UsageError("source gcp: in_flight: must be at least 1")
    for service, limit in source.per_minute.items():
        if limit < 1:
            raise UsageError(f"source gcp: per_minute: {service}: must be at least 1")
    for root in source.roots:
        kind, _, id = root.partition("/")
        if not (_PROJECT if kind == "projects" else _NUMBER).fullmatch(id):
            what = "a project's id or number" if kind == "projects" else f"the number of one of the {kind}"
            raise UsageError(f"source gcp: {id or kind} is not {what}")
    if source.admin and "@" not in source.admin:
        raise UsageError(f"source gcp: admin: {source.admin} is no user of the directory (a mail address)")
    if source.admin and source.access_token_env:
        raise UsageError("source gcp: admin needs a service account's own credentials, not a token")
    for account in source.chain:
        if "@" not in account:
            raise UsageError(f"source gcp: impersonate: {account} is no service account (a mail address)")
    for host, url in {**source.endpoints, **({"endpoint": source.endpoint} if source.endpoint else {})}.items():
        base_of(url, f"source gcp: {host}")
    source.declared()
    return source
