"""Who calls: which way to tokens there is, and the tokens that are in use, renewed once when they are refused."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable

from leastwise.errors import UsageError
from leastwise.providers.rest.failure import RestFailed

from .source import Source
from .tokens import FromCli, FromClient, FromLibrary, FromMachine, FromVariables, Token, TokenProvider, federated

_BEFORE = 300.0
"""Seconds before its end that a token is renewed."""


class Signer:
    """Gives the headers that prove who calls; safe to use from many threads. A token is fetched once an audience."""

    def __init__(self, source: Source, agent: str, provider: TokenProvider | None = None) -> None:
        """UsageError when there is no way to a token."""
        self._source = source
        self._provider = provider or found(source, agent)
        self._lock = threading.Lock()
        self._tokens: dict[str, Token] = {}

    def token(self, place: str) -> Token:
        """The token for an API. Raises RestFailed."""
        # One thread fetches; the others would only ask for the same.
        with self._lock:
            kept = self._tokens.get(place)
            if kept is None or kept.until - _BEFORE <= time.time():
                kept = self._tokens[place] = self._fetched(place)
            return kept

    def renewed(self, place: str, refused: Token) -> Token | None:
        """Another token in place of one that was refused; None when there is none. Raises RestFailed."""
        with self._lock:
            kept = self._tokens.get(place)
            if kept is not None and kept.text != refused.text:
                return kept
            new = self._fetched(place)
            self._tokens[place] = new
            return new if new.text != refused.text else None

    def who(self) -> str:
        """The credentials in words."""
        return self._provider.who()

    def _fetched(self, place: str) -> Token:
        try:
            return self._provider.token(self._source.audience(place))
        except RestFailed as error:
            # Without a token for another API, the rest can still be read.
            if place != self._source.first and error.ending:
                raise RestFailed(error.code, error.message, error.http) from None
            raise


def found(source: Source, agent: str) -> TokenProvider:
    """The way that the source names, else the first that there is. UsageError when there is none."""
    name = f"source {source.provider}"
    if variables := source.variables:
        return FromVariables({source.audience(place): one for place, one in variables.items()}, name)
    ways: dict[str, Callable[[], TokenProvider | None]] = {
        "environment": lambda: _client(source, agent),
        "cli": lambda: FromCli(source.tenant),
        "managed_identity": lambda: FromMachine(source.client_id, source.endpoints.get("imds", "")),
        "azure_identity": lambda: FromLibrary(source.tenant, source.address("login"), name),
    }
    if source.sign_in:
        chosen = ways[source.sign_in]()
        if chosen is None:
            raise UsageError(
                f"{name}: sign_in: environment needs AZURE_TENANT_ID (or tenant), AZURE_CLIENT_ID, and "
                "AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE"
            )
        return chosen
    if (client := _client(source, agent)) is not None:
        return client
    if os.environ.get("IDENTITY_ENDPOINT") and os.environ.get("IDENTITY_HEADER"):
        return ways["managed_identity"]() or FromMachine()
    if shutil.which("az"):
        return FromCli(source.tenant)
    try:
        return FromLibrary(source.tenant, source.address("login"), name)
    except UsageError:
        raise UsageError(
            f"{name}: nobody is signed in: run `az login`, set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
            "AZURE_CLIENT_SECRET (or AZURE_FEDERATED_TOKEN_FILE), or say sign_in: managed_identity"
        ) from None


def _client(source: Source, agent: str) -> TokenProvider | None:
    """The service principal that the environment names, if it names one whole."""
    tenant, client = source.tenant or os.environ.get("AZURE_TENANT_ID", ""), os.environ.get("AZURE_CLIENT_ID", "")
    secret, file = os.environ.get("AZURE_CLIENT_SECRET", ""), os.environ.get("AZURE_FEDERATED_TOKEN_FILE", "")
    if not tenant or not client or not (secret or file):
        return None
    login = source.address("login")
    if secret:
        return FromClient(login, tenant, client, lambda: {"client_secret": secret}, agent)
    return FromClient(login, tenant, client, lambda: federated(file), agent)
