"""Who calls: Google's credentials, found and renewed by google-auth, their tokens fetched through our own session.

https://cloud.google.com/docs/authentication/application-default-credentials
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import google.auth
import httpx
import msgspec
from google.auth import credentials as found_credentials
from google.auth import exceptions, impersonated_credentials, transport
from google.oauth2 import credentials as oauth2

from leastwise.errors import UsageError
from leastwise.providers.rest.failure import RestFailed, without_secrets
from leastwise.providers.rest.session import Ask

from .source import Source

_PREFIX = "https://www.googleapis.com/auth/"
_CLOUD = f"{_PREFIX}cloud-platform"
_SECONDS = 60.0
_ACCOUNT = "projects/-/serviceAccounts/"
# The library is typed in part only.
_scoped: Any = found_credentials.with_scopes_if_required
_loaded: Any = google.auth.load_credentials_from_dict
_BECOMING: Any = impersonated_credentials.Credentials
_TOKEN: Any = oauth2.Credentials


class _Answer(transport.Response):
    """An answer as google-auth reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class Transport(transport.Request):
    """What google-auth fetches tokens with."""

    def __init__(self, agent: str, bases: Mapping[str, str]) -> None:
        self._client = httpx.Client(headers={"user-agent": agent}, follow_redirects=False, timeout=_SECONDS)
        self._bases = sorted(bases.items(), key=lambda one: -len(one[0]))

    def __call__(
        self, url: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None,
        timeout: float | None = None, **_: Any,
    ) -> _Answer:  # fmt: skip
        """One request. TransportError when nothing comes back."""
        for begin, base in self._bases:
            if url.startswith(begin):
                url = base.rstrip("/") + "/" + url[len(begin) :].lstrip("/")
                break
        try:
            return _Answer(
                self._client.request(method, url, content=body, headers=headers, timeout=timeout or _SECONDS)
            )
        except httpx.HTTPError as error:
            failed: Any = exceptions.TransportError
            raise failed(type(error).__name__) from None

    def close(self) -> None:
        """Ends it."""
        self._client.close()


class Signer:
    """Gives the headers that prove who calls; safe to use from many threads. A token is fetched once for each scope."""

    def __init__(self, source: Source, agent: str) -> None:
        """UsageError when there are no credentials, or they cannot be used so."""
        self._source = source
        self._transport = Transport(agent, source.bases)
        self._lock = threading.Lock()
        self._made: dict[tuple[tuple[str, ...], bool], Any] = {}
        self._base = self._found()

    def close(self) -> None:
        """Ends it."""
        self._transport.close()

    def headers(self, ask: Ask, scopes: Sequence[str], workspace: bool) -> dict[str, str]:
        """Token and project to be charged, for a call with these scopes. Raises RestFailed.

        Args:
            ask: the request.
            scopes: without their common beginning.
            workspace: on behalf of the directory's administrator, where the source names one.
        """
        found: dict[str, str] = {}
        # google-auth's credentials may be renewed by one thread only.
        with self._lock:
            credentials = self._of(tuple(scopes), workspace and bool(self._source.admin))
            try:
                if not credentials.valid:
                    credentials.refresh(self._transport)
                credentials.apply(found)
            except exceptions.TransportError as error:
                raise RestFailed("TransportError", f"no token: {error}", gone=True) from None
            except exceptions.GoogleAuthError as error:
                raise _refused(error, alone=workspace) from None
        return found

    def who(self) -> str:
        """The credentials in words, as far as they say who they are."""
        account = getattr(self._base, "service_account_email", "")
        kind = type(self._base).__module__.rpartition(".")[2].replace("_", " ")
        if self._source.access_token_env:
            kind = f"the token in {self._source.access_token_env}"
        elif kind == "credentials":
            kind = "a user's credentials"
        become = f", who becomes {self._source.chain[-1]}" if self._source.chain else ""
        return f"{account or kind}{become}"

    def _of(self, scopes: tuple[str, ...], behalf: bool) -> Any:
        if (scopes, behalf) not in self._made:
            self._made[scopes, behalf] = self._limited([_PREFIX + one for one in scopes], behalf)
        return self._made[scopes, behalf]

    def _limited(self, scopes: list[str], behalf: bool) -> Any:
        """The credentials with no more than these scopes."""
        found = self._base
        if self._source.chain:
            chain = self._source.chain
            more = {"subject": self._source.admin} if behalf else {}
            found = _BECOMING(
                _scoped(found, [_CLOUD]), chain[-1], scopes,
                delegates=[_ACCOUNT + one for one in chain[:-1]] or None, **more,
            )  # fmt: skip
        else:
            found = _scoped(found, scopes)
            if behalf:
                if not hasattr(found, "with_subject"):
                    raise RestFailed("NoDelegation", "only a service account's key can act for an admin", 403)
                found = found.with_subject(self._source.admin)
        if self._source.quota_project and hasattr(found, "with_quota_project"):
            found = found.with_quota_project(self._source.quota_project)
        return found

    def _found(self) -> Any:
        """The credentials to start with."""
        source = self._source
        with warnings.catch_warnings():
            # What google-auth says to whoever writes programs is not for who runs this one.
            warnings.simplefilter("ignore")
            return self._started(source)

    def _started(self, source: Source) -> Any:
        try:
            if source.access_token_env:
                token = os.environ.get(source.access_token_env)
                if not token:
                    raise UsageError(f"source gcp: access_token_env: {source.access_token_env} is not set")
                return _TOKEN(token)
            if source.credentials_file:
                path = Path(source.credentials_file).expanduser()
                told = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
                return _loaded(told, request=self._transport)[0]
            return google.auth.default(request=self._transport)[0]
        except (exceptions.GoogleAuthError, OSError, ValueError) as error:
            where = source.credentials_file or "application default credentials"
            raise UsageError(f"source gcp: {where}: {_said(error)}") from None


def _refused(error: exceptions.GoogleAuthError, alone: bool) -> RestFailed:
    """A token that is not to be had: no call can be made any more; `alone`: none of the directory's."""
    if getattr(error, "retryable", False):
        return RestFailed("TokenNotGiven", _said(error), 503)
    expired = "" if alone else f"the credentials could not be renewed ({without_secrets(_said(error))})"
    return RestFailed("TokenNotGiven", _said(error), 403, expired=expired)


def _said(error: Exception) -> str:
    """The first line of what an error says; a file's content is not quoted."""
    if isinstance(error, msgspec.DecodeError | msgspec.ValidationError):
        return "no credentials in JSON"
    text = str(error.args[0]) if error.args else str(error)
    return text.splitlines()[0][:200] if text else type(error).__name__
