"""Whose credentials fetch logs, and how refusals are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leastwise import __version__
from leastwise.errors import InputError, UsageError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.collecting.failure import Answer

from .clients import NETWORK, CallFailed, Clients
from .declaration import Call, Service
from .entry import Entered, Entrance
from .patient import patiently
from .source import Source, read_source

AT_ONCE = 16
"""So many requests at most are on their way."""


@dataclass(frozen=True, slots=True)
class Access:
    """An account, and calls that are signed by who has entered it."""

    clients: Clients
    entered: Entered

    def ask(self, service: str, call: str, region: str = "", **parameters: Any) -> Answer:
        """A page of an answer, tried again while the vendor throttles or is away. Raises CallFailed."""
        place = region or self.entered.region
        declared, wanted = Service(service=service, calls=[]), Call(call=call)
        return patiently(
            lambda: self.clients.ask(declared, wanted, place, parameters, self.entered.credentials), network=True
        )


def source_of(sign_in: Mapping[str, Any]) -> Source:
    """The source whose credentials fetch logs; `role` may be an ARN, which names the account as well.

    Raises:
        UsageError: a key is wrong.
    """
    keys = dict(sign_in)
    role = str(keys.get("role", ""))
    if role.startswith("arn:"):
        parts = role.split(":", 5)
        if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
            raise UsageError(f"--role: {role} is no role")
        keys["role"] = parts[5].removeprefix("role/")
        keys.setdefault("accounts", [parts[4]])
    return read_source({"in_flight": AT_ONCE, **keys})


def access(sign_in: Mapping[str, Any]) -> Access:
    """Access to the one account of the credentials, or of the role. UsageError when there is nothing to start from."""
    source = source_of(sign_in)
    return Access(new_clients(), Entrance(source).alone())


def every_account(sign_in: Mapping[str, Any]) -> tuple[Source, Clients, list[Entered]]:
    """The accounts that the keys mean, entered or not: one, unless a role's name or several accounts are given.

    Raises:
        UsageError: there is nothing to start from.
    """
    source = source_of(sign_in)
    entrance = Entrance(source)
    many = source.whole_organization or len(source.accounts) > 1
    return source, new_clients(), entrance.enter() if many else [entrance.alone()]


def new_clients() -> Clients:
    """Clients for fetching."""
    return Clients(AT_ONCE, f"leastwise/{__version__}")


def refused(place: str, error: CallFailed, needed: str) -> InputError:
    """One line for what makes a whole source unreadable; `needed` are the permissions that a denial wants."""
    if error.status is CoverageStatus.DENIED:
        return InputError(place, f"{error}; {needed} is needed (--print-policy)")
    if error.status is CoverageStatus.THROTTLED:
        return InputError(place, f"{error}: still throttled after several tries; the next run goes on from here")
    if error.code in NETWORK:
        return InputError(place, f"cannot be reached: {error}")
    return InputError(place, str(error))
