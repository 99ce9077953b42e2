"""Declared calls, taken apart: each with what is above it, what of answers is kept, what templates name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LOOKS_SECRET = re.compile(
    r"(?i)passw|secret|token|private|credential|connection|certificate|endpoint|config|settings$|environment|variable"
    r"|phone|address|justification|parameters|notes"
)
REVIEWED = {
    "secrets", "certificates", "notes", "inheritableSettings", "enforcedSettings", "parameters",
    "passwordCredentials", "keyCredentials", "enablePrivateCluster", "isRequestorJustificationRequired",
    "isApproverJustificationRequired", "servicePrincipalLockConfiguration", "credentialsWithUsageSign",
    "credentialsWithUsageVerify", "tokenEncryptionKeyId", "allowedToReadBitlockerKeysForOwnedDevice",
    "authenticationMethodConfigurations", "automaticUserConsentSettings", "isPasswordlessCapable",
    "isOfficePhoneAllowed", "justification",
}  # fmt: skip
"""Members whose names look as if they held secrets and do not, or that are hashed."""


class Made(NamedTuple):
    """A call, the service that it is of, and the call from whose answer it follows."""

    service: Any
    call: Any
    above: Any


def made(service: Any) -> Iterator[Made]:
    """Every call of a service, and of others that follow from its own."""

    def under(calls: Any, above: Any) -> Iterator[Made]:
        for call in calls:
            yield Made(service.of(call), call, above)
            yield from under(call.otherwise, above)
            yield from under(call.then, call)

    yield from under(service.calls, None)


def leaves(keep: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """What is kept, by its path."""
    for name, below in keep.items():
        here = f"{path}.{name}" if path else name
        if isinstance(below, dict) and below:
            yield from leaves(below, here)
        else:
            yield here, below


def kept_at(keep: Any, path: str) -> Any:
    """What is kept at a path; `dropped` where nothing is."""
    for name in path.split(".") if path else ():
        if not isinstance(keep, dict):
            return keep
        keep = keep.get(name, "dropped")
    return keep


def templates(value: Any) -> Iterator[str]:
    """The members that parameters are filled from."""
    if isinstance(value, str):
        yield from re.findall(r"\{(\.[^{}]*)\}", value) or ([value] if value.startswith(".") else [])
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from templates(one)


def looks_secret(keep: dict[str, Any]) -> list[str]:
    """Paths whose names look as if they held secrets, which are kept as they are."""
    return [path for path, below in leaves(keep) if below != "hash"
            and any(LOOKS_SECRET.search(x) and x not in REVIEWED for x in path.split("."))]  # fmt: skip
