"""Tokens: from the Azure CLI, a service principal, the machine's identity, a variable, or azure-identity.

Each is a `TokenProvider`. Nothing of a token or secret gets into an error.
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx
import msgspec

from leastwise.errors import UsageError
from leastwise.providers.rest.failure import RestFailed, without_secrets

_SECONDS = 60.0
_HOUR = 3600.0
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_IMDS = "http://169.254.169.254"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and until when it is good (seconds since 1970)."""

    text: str = field(repr=False)
    until: float

    @property
    def claims(self) -> Mapping[str, Any]:
        """What it says of itself, unverified; nothing where it cannot be read."""
        parts = self.text.split(".")
        try:
            body = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
            return msgspec.json.decode(body, type=dict[str, Any])
        except (IndexError, ValueError, msgspec.DecodeError):
            return {}


class TokenProvider(Protocol):
    """Gives tokens for an audience, such as `https://management.azure.com`."""

    def token(self, audience: str) -> Token:
        """A new token. Raises RestFailed: there is none to be had now, or no more with these credentials."""
        ...

    def who(self) -> str:
        """The credentials in words."""
        ...


class FromVariables:
    """Tokens that somebody else got, in variables of the environment, by audience."""

    def __init__(self, variables: Mapping[str, str], source: str) -> None:
        """UsageError, which names the source, when a variable is not set."""
        self._variables = dict(variables)
        for name in self._variables.values():
            if not os.environ.get(name):
                raise UsageError(f"{source}: the environment variable {name}, which should hold a token, is not set")

    def token(self, audience: str) -> Token:
        """The variable's. It may have been changed meanwhile, so it is read anew."""
        name = self._variables.get(audience)
        text = os.environ.get(name, "") if name else ""
        if not text:
            raise RestFailed("NoToken", f"there is no token for {audience}", 403)
        return Token(text.strip(), _expires(text))

    def who(self) -> str:
        """Which variables."""
        return f"the token in {', '.join(self._variables.values())}"


class FromCli:
    """Whoever is signed in to the Azure CLI (`az login`)."""

    def __init__(self, tenant: str = "") -> None:
        self._tenant = tenant

    def token(self, audience: str) -> Token:
        """From `az account get-access-token`."""
        program = shutil.which("az")
        if program is None:
            raise _none("az is not installed")
        command = [program, "account", "get-access-token", "--output", "json", "--resource", audience]
        command += ["--tenant", self._tenant] if self._tenant else []
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _none(f"the Azure CLI: {type(error).__name__}") from None
        if done.returncode:
            raise _none(f"the Azure CLI: {_line(done.stderr.decode(errors='replace'))}")
        return _read(done.stdout, "the Azure CLI")

    def who(self) -> str:
        """In words."""
        return "the Azure CLI's account"


class FromClient:
    """A service principal: by its secret, or by a federated token that a file holds and somebody renews."""

    def __init__(
        self, login: str, tenant: str, client: str, secret: Callable[[], Mapping[str, str]], agent: str
    ) -> None:
        self._url, self._client, self._secret = f"{login}/{quote(tenant)}/oauth2/v2.0/token", client, secret
        self._agent = agent

    def token(self, audience: str) -> Token:
        """By the client credentials grant."""
        form = {
            "grant_type": "client_credentials", "client_id": self._client,
            "scope": f"{audience}/.default", **self._secret(),
        }  # fmt: skip
        with httpx.Client(headers={"user-agent": self._agent}, follow_redirects=False, timeout=_SECONDS) as http:
            return _fetched(lambda: http.post(self._url, data=form), "the directory")

    def who(self) -> str:
        """Which application."""
        return f"the service principal of application {self._client}"


class FromMachine:
    """The managed identity of the machine or app service that this runs on."""

    def __init__(self, client: str = "", address: str = "") -> None:
        self._client, self._address = client, address or _IMDS

    def token(self, audience: str) -> Token:
        """From the app service's endpoint where there is one, else from the instance metadata service."""
        query = {"resource": audience, **({"client_id": self._client} if self._client else {})}
        place, secret = os.environ.get("IDENTITY_ENDPOINT"), os.environ.get("IDENTITY_HEADER")
        if place and secret:
            url, headers, version = place, {"X-IDENTITY-HEADER": secret}, "2019-08-01"
        else:
            url, headers = f"{self._address}/metadata/identity/oauth2/token", {"Metadata": "true"}
            version = "2018-02-01"
        # What hands out tokens is on this machine: a proxy has no part in it.
        with httpx.Client(follow_redirects=False, timeout=_SECONDS, transport=httpx.HTTPTransport()) as http:
            return _fetched(
                lambda: http.get(url, params={"api-version": version, **query}, headers=headers),
                "the machine's identity",
            )

    def who(self) -> str:
        """Which identity."""
        return f"the machine's managed identity{f' {self._client}' if self._client else ''}"


class FromLibrary:
    """What azure-identity finds (the extra `azure`): certificates, developer tools, workload identity."""

    def __init__(self, tenant: str, login: str, source: str) -> None:
        """UsageError, which names the source, when it is not installed."""
        try:
            from azure.identity import DefaultAzureCredential
        except ImportError:
            raise UsageError(f"{source}: sign_in: azure-identity is not installed (extra `azure`)") from None
        more = {"interactive_browser_tenant_id": tenant, "shared_cache_tenant_id": tenant} if tenant else {}
        self._credential: Any = DefaultAzureCredential(authority=login, **more)

    def token(self, audience: str) -> Token:
        """From the first of its credentials that has one."""
        from azure.core.exceptions import AzureError

        try:
            found = self._credential.get_token(f"{audience}/.default")
        except AzureError as error:
            raise _none(f"azure-identity: {_line(str(error))}") from None
        return Token(str(found.token), float(found.expires_on))

    def who(self) -> str:
        """In words."""
        return "what azure-identity found"


def federated(path: str) -> Mapping[str, str]:
    """The members of a request for a token that a file with a federated token makes. Raises RestFailed."""
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _none(f"AZURE_FEDERATED_TOKEN_FILE: {getattr(error, 'strerror', None) or 'cannot be read'}") from None
    return {"client_assertion_type": _ASSERTION, "client_assertion": text}


def _fetched(ask: Callable[[], httpx.Response], whose: str) -> Token:
    try:
        answer = ask()
    except httpx.HTTPError as error:
        raise RestFailed(type(error).__name__, f"no token from {whose}", gone=True) from None
    if answer.is_success:
        return _read(answer.content, whose)
    code, said = _refusal(answer.content)
    if answer.status_code == 429 or answer.status_code >= 500:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        raise RestFailed("TokenNotGiven", f"{whose}: HTTP {answer.status_code}", answer.status_code, headers)
    raise _none(f"{whose}: {code or f'HTTP {answer.status_code}'}{f': {said}' if said else ''}")


def _refusal(content: bytes) -> tuple[str, str]:
    """An OAuth error: its code, and the first line of its description."""
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return "", ""
    return str(told.get("error") or ""), _line(str(told.get("error_description") or ""))


def _read(content: bytes, whose: str) -> Token:
    """The token in JSON as OAuth, the metadata service or the CLI writes it."""
    try:
        told = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _none(f"{whose}: the answer cannot be read") from None
    text = told.get("access_token") or told.get("accessToken")
    if not isinstance(text, str) or not text:
        raise _none(f"{whose}: there is no token in the answer")
    now = time.time()
    for name in ("expires_on", "expiresOn"):
        if (until := _time(told.get(name))) is not None:
            return Token(text, until)
    lasts = _time(told.get("expires_in"))
    return Token(text, now + lasts if lasts is not None else _expires(text))


def _time(told: Any) -> float | None:
    if isinstance(told, int | float):
        return float(told)
    if not isinstance(told, str):
        return None
    if told.strip().isdigit():
        return float(told)
    try:
        # Without a zone it is that of this machine: `az` writes it so.
        return datetime.fromisoformat(told).timestamp()
    except ValueError:
        return None


def _expires(text: str) -> float:
    told = Token(text, 0.0).claims.get("exp")
    return float(told) if isinstance(told, int | float) else time.time() + _HOUR


def _none(why: str) -> RestFailed:
    """No token to be had: no call can be made any more."""
    return RestFailed("NoToken", why, 403, expired=f"there is no token ({without_secrets(why)})")


def _line(text: str) -> str:
    """The line that says what was wrong, without what could be a secret."""
    lines = [one.strip() for one in text.splitlines() if one.strip()]
    told = next((one for one in lines if one.startswith("ERROR")), lines[0] if lines else "")
    return without_secrets(told.removeprefix("ERROR:").strip())[:200]
