"""The composition root: settings, clock, home folder, database, providers. Everything is made when first used."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from leastwise.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from leastwise.providers.base import Logs, Provider
    from leastwise.providers.base.hosting import Hosting
    from leastwise.store.home import Home
    from leastwise.store.index import SnapshotIndex
    from leastwise.store.lake.lake import Lake
    from leastwise.store.mutes import Mutes
    from leastwise.store.settings import Settings
    from leastwise.store.snapshots import SnapshotStore

ENVIRONMENT: dict[str, str] = {
    "LEASTWISE_HOME": "home folder; unset or empty: the platform's data folder",
    "LEASTWISE_DATABASE_URL": "state database; unset or empty: state.db in the home folder",
    "LEASTWISE_ESTATE": "path of estate.yaml; default: estate.yaml in the home folder",
    "LEASTWISE_OIDC_ISSUER": "issuer (OpenID Connect) that people sign in at; unset: passwords only",
    "LEASTWISE_OIDC_CLIENT_ID": "the server's client id there",
    "LEASTWISE_OIDC_CLIENT_SECRET": "its secret; unset: a public client",
    "LEASTWISE_OIDC_GROUPS_CLAIM": "claim that lists somebody's groups; default groups",
    "LEASTWISE_OIDC_DUTIES": "what groups give: GROUP=DUTY or GROUP=DUTY@PLACE, separated by commas",
    "LEASTWISE_OIDC_SCOPES": "scopes that are asked for; default openid profile email",
    "LEASTWISE_DEBUG": "any value: a traceback for an unexpected error",
    "COLUMNS": "width of tables when the output is no terminal; default 200",
    "NO_COLOR": "any value: no colour",
}
"""Every environment variable that is read, and what it means."""


_ENGINES: WeakSet[Engine] = WeakSet()


def disconnect() -> None:
    """Ends the connections to every database that a workspace of this process has opened."""
    for engine in list(_ENGINES):
        engine.dispose()


@cache
def _installed(found_by: Callable[..., EntryPoints], path: tuple[str, ...]) -> Mapping[str, Provider]:
    """The providers that are installed on a search path: this is read from many small files."""
    found = {point.name: point.load() for point in found_by(group="leastwise.providers")}
    return dict(sorted(found.items()))


@cache
def _code_hosts(found_by: Callable[..., EntryPoints], path: tuple[str, ...]) -> Mapping[str, Hosting]:
    found = {point.name: point.load() for point in found_by(group="leastwise.code_hosts")}
    return dict(sorted(found.items()))


def utc_now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


@dataclass
class Workspace:
    """What the use cases work on; `option` values come before the environment, the environment before defaults."""

    home_option: Path | None = None
    database_option: str | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    now: Callable[[], datetime] = utc_now

    @cached_property
    def home(self) -> Home:
        """The home folder. StoreError when it cannot be used."""
        from leastwise.store.home import Home, default_home

        return Home(self.home_option or default_home(self.environ))

    @cached_property
    def database(self) -> Engine:
        """The state database, upgraded, whichever home it belongs to."""
        from leastwise.store.database import connect, database_url
        from leastwise.store.migrate import upgrade

        engine = connect(database_url(self.home, self.environ, self.database_option))
        _ENGINES.add(engine)
        upgrade(engine)
        return engine

    @cached_property
    def engine(self) -> Engine:
        """The state database of this home, upgraded. StoreError when it belongs to another home."""
        from leastwise.store.binding import check_owner

        check_owner(self.home, self.database)
        return self.database

    @cached_property
    def store(self) -> SnapshotStore:
        """The snapshots."""
        from leastwise.store.snapshots import SnapshotStore

        return SnapshotStore(self.home, self.engine)

    @cached_property
    def index(self) -> SnapshotIndex:
        """Which snapshots there are, without what reading them needs."""
        from leastwise.store.index import SnapshotIndex

        return SnapshotIndex(self.engine)

    @cached_property
    def lake(self) -> Lake:
        """What audit logs said (see `store.lake.lake.Lake`)."""
        from leastwise.store.lake.lake import Lake

        return Lake(self.home, self.engine)

    @cached_property
    def redaction_key(self) -> bytes:
        """The key of this home's hashes of secret values, made on first use. StoreError when it cannot be trusted."""
        return self.store.redaction_key()

    @cached_property
    def mutes(self) -> Mutes:
        """The mutes."""
        from leastwise.store.mutes import Mutes

        return Mutes(self.engine)

    @cached_property
    def settings(self) -> Settings:
        """The stored settings."""
        from leastwise.store.settings import Settings

        return Settings(self.engine)

    @property
    def estate_path(self) -> Path:
        """Where estate.yaml is looked for."""
        named = self.environ.get("LEASTWISE_ESTATE")
        return Path(named) if named else self.home.path / "estate.yaml"

    def providers(self) -> dict[str, Provider]:
        """Every installed provider by name."""
        return dict(_installed(entry_points, tuple(sys.path)))

    def code_hosts(self) -> dict[str, Hosting]:
        """Every installed host of code by name."""
        return dict(_code_hosts(entry_points, tuple(sys.path)))

    def logs_of(self, name: str) -> Logs | None:
        """How the audit logs of a provider are read; None where they are not, or nobody is called so."""
        found = self.providers().get(name)
        return None if found is None else found.logs

    def provider(self, name: str) -> Provider:
        """One provider. UsageError when it is not installed."""
        known = self.providers()
        if name not in known:
            raise UsageError(f"no provider {name}; known: {', '.join(known)}")
        return known[name]
