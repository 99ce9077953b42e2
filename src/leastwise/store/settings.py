"""Stored settings: how long snapshots are kept, what must not be deleted, and where plans are proposed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine, delete, select

from leastwise.errors import StoreError, UsageError

from .database import reading
from .files import canonical
from .pins import sealing
from .schema import SETTINGS_TABLE

SETTINGS: dict[str, str] = {
    "code_host": "repository that plans are proposed to, as HOST:REPOSITORY; default none",
    "code_host_url": "web address of that host, where it is a server of your own; default the host's own",
    "legal_hold": "scopes whose snapshots must not be deleted: a list of PROVIDER:ID, or * for all; default none",
    "proposals_per_owner": "number of proposals that may be open for one owner; default 5",
    "retention_days": "days after which a snapshot may go, unless it is the newest of its scope; default no limit",
    "retention_last": "number of newest snapshots of every scope to keep; default no limit",
}
"""Every setting and what it means."""


def parse_setting(name: str, text: str) -> object:
    """The value that a user's text stands for: JSON, a list split at commas, or `none`.

    Raises:
        UsageError: the setting does not exist, or does not take such a value.
    """
    _known(name)
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None if text.strip().lower() in ("", "none") else text
    if name == "legal_hold" and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return _checked(name, value)


class Settings:
    """The settings of one state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> Any:
        """The value, or its default (None; an empty list for legal_hold). UsageError for an unknown setting."""
        _known(name)
        with reading(self._engine) as connection:
            text = connection.scalar(select(SETTINGS_TABLE.c.value).where(SETTINGS_TABLE.c.key == name))
        return _DEFAULTS[name] if text is None else _decode(name, text)

    def set(self, name: str, value: object) -> None:
        """Stores a value; None goes back to the default.

        Raises:
            UsageError: the setting does not exist, or does not take such a value.
        """
        _known(name)
        checked = _checked(name, value)
        with sealing(self._engine, SETTINGS_TABLE) as connection:
            connection.execute(delete(SETTINGS_TABLE).where(SETTINGS_TABLE.c.key == name))
            if checked is not None:
                connection.execute(SETTINGS_TABLE.insert().values(key=name, value=canonical(checked)))

    def all(self) -> dict[str, Any]:
        """Every setting with its value or default."""
        return {name: self.get(name) for name in SETTINGS}


def _known(name: str) -> None:
    if name not in SETTINGS:
        raise UsageError(f"setting {name}: unknown; the settings are {', '.join(sorted(SETTINGS))}")


def _decode(name: str, text: str) -> Any:
    try:
        return _checked(name, json.loads(text))
    except (ValueError, UsageError) as error:
        raise StoreError(f"state database: setting {name}: its stored value cannot be read") from error


def _checked(name: str, value: object) -> object:
    return None if value is None else _CHECKS[name](name, value)


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100_000:
        raise UsageError(f"setting {name}: takes a whole number from 1 to 100000, or none")
    return value


def _scopes(name: str, value: object) -> list[str]:
    items = [value] if isinstance(value, str) else value
    fault = UsageError(f"setting {name}: takes a list of PROVIDER:ID, or *")
    if not isinstance(items, Iterable):
        raise fault
    found = set()
    for item in items:
        if not isinstance(item, str) or not (item == "*" or all(item.partition(":")[::2])):
            raise fault
        found.add(item)
    return sorted(found)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise UsageError(f"setting {name}: takes one line of text, or none")
    return value.strip()


_CHECKS: dict[str, Callable[[str, object], object]] = {
    "code_host": _text,
    "code_host_url": _text,
    "legal_hold": _scopes,
    "proposals_per_owner": _count,
    "retention_days": _count,
    "retention_last": _count,
}
_DEFAULTS: dict[str, Any] = dict.fromkeys(SETTINGS) | {"legal_hold": []}
