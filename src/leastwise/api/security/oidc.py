"""OpenID Connect: the code flow with PKCE, and what an ID token must say before somebody is let in.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation, RFC 7636 (PKCE), RFC 9207 (`iss` in the
answer, against a mix-up of issuers), https://openid.net/specs/openid-connect-rpinitiated-1_0.html (signing out).
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from leastwise.errors import LeastwiseError

from .oidc_settings import OidcSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by keys that only the issuer has; never `none`, never a secret that we share."""
SKEW = 60
"""Seconds that the clocks of the issuer and ours may be apart."""
_FRESH = 3600.0
_AGAIN = 60.0
_PATIENCE = httpx.Timeout(10)


class OidcError(Exception):
    """The issuer's answer is not what it must be: nobody is let in. `str(error)` is for the record, not for people."""


class IssuerGone(LeastwiseError):
    """The issuer cannot be asked."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What a browser that went to the issuer must bring back, and where it wants to go then."""

    state: str
    nonce: str
    verifier: str
    next: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """For whom the issuer vouches."""

    subject: str
    name: str
    groups: tuple[str, ...]


class Oidc:
    """One issuer.

    Args:
        settings: which, and who we are there.
        redirect_uri: where browsers come back to.
        now: the clock that tokens are held against, in seconds.
        tick: the clock that what is kept of the issuer ages by.
    """

    def __init__(
        self,
        settings: OidcSettings,
        redirect_uri: str,
        now: Callable[[], float] = time.time,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.redirect_uri = settings, redirect_uri
        self._now, self._tick = now, tick
        self._lock = Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def start(self, next: str) -> tuple[str, Flow]:
        """Where to send a browser, and what to let it keep. IssuerGone, OidcError."""
        flow = Flow(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), next)
        url = prepare_grant_uri(
            self._endpoint("authorization_endpoint"),
            self.settings.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=self.settings.scopes,
            state=flow.state,
            nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(flow.verifier),
            code_challenge_method="S256",
        )
        return str(url), flow

    def finish(self, flow: Flow, answered: Mapping[str, str]) -> Vouched:
        """For whom the issuer vouches, by the parameters that a browser came back with. IssuerGone, OidcError."""
        if not hmac.compare_digest(answered.get("state", "").encode(), flow.state.encode()):
            raise OidcError("the state is not the one that this browser left with")
        issuer = answered.get("iss")
        required = self._metadata().get("authorization_response_iss_parameter_supported") is True
        if issuer != self.settings.issuer and (issuer is not None or required):
            raise OidcError(f"the answer is of another issuer: {issuer}")
        if "error" in answered:
            raise OidcError(f"the issuer refused: {answered['error'][:100]}")
        token = self._redeemed(answered.get("code", ""), flow.verifier)
        claims = self._claims(token, flow.nonce)
        told = self.settings.groups_claim in claims or "userinfo_endpoint" not in self._metadata()
        if not told:
            claims = self._userinfo(token, claims["sub"]) | claims
        return Vouched(claims["sub"], _name(claims), _groups(claims.get(self.settings.groups_claim)))

    def sign_out_url(self, back: str) -> str | None:
        """Where to send a browser that signs out, so that the issuer does so too; None where it has no such place."""
        try:
            place = self._metadata().get("end_session_endpoint")
        except (IssuerGone, OidcError):
            return None
        asked = urlencode({"client_id": self.settings.client_id, "post_logout_redirect_uri": back})
        return f"{place}{'&' if '?' in place else '?'}{asked}" if isinstance(place, str) else None

    def _redeemed(self, code: str, verifier: str) -> dict[str, Any]:
        """What the issuer gives for a code."""
        if not code:
            raise OidcError("the answer has no code")
        body = {"grant_type": "authorization_code", "redirect_uri": self.redirect_uri, "code": code}
        body["code_verifier"] = verifier
        auth, named = self._shown()
        endpoint = self._endpoint("token_endpoint")
        try:
            answer = httpx.post(endpoint, data=body | named, auth=auth, timeout=_PATIENCE)
        except httpx.HTTPError as error:
            raise IssuerGone(f"issuer {self.settings.issuer}: {type(error).__name__}") from None
        try:
            found = answer.json()
        except ValueError:
            found = None
        if answer.status_code != 200 or not isinstance(found, dict):
            cause = found.get("error") if isinstance(found, dict) else None
            raise OidcError(f"the code was not taken: {answer.status_code} {str(cause or '')[:100]}".rstrip())
        return found

    def _shown(self) -> tuple[httpx.Auth | None, dict[str, str]]:
        """How we show who we are, as the issuer takes it: in the header, or in the body (RFC 6749, 2.3.1)."""
        settings = self.settings
        if not settings.client_secret:
            return None, {"client_id": settings.client_id}
        taken = self._metadata().get("token_endpoint_auth_methods_supported")
        if isinstance(taken, list) and "client_secret_basic" not in taken:
            return None, {"client_id": settings.client_id, "client_secret": settings.client_secret}
        return httpx.BasicAuth(quote_plus(settings.client_id), quote_plus(settings.client_secret)), {}

    def _claims(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is for us, of now, and of this flow."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise OidcError("the answer has no ID token")
        try:
            claims = self._decoded(text)
        except (JoseError, ValueError, TypeError) as error:
            raise OidcError(f"the ID token cannot be believed: {_brief(error)}") from None
        fault = claims_fault(claims, self.settings, nonce, self._now())
        if fault is not None:
            raise OidcError(f"the ID token {fault}")
        return claims

    def _decoded(self, text: str) -> dict[str, Any]:
        place = self._endpoint("jwks_uri")
        keys = self._fetched(place, _FRESH)
        try:
            return dict(jwt.decode(text, KeySet.import_key_set(keys), list(ALGORITHMS)).claims)  # type: ignore[arg-type]
        except (JoseError, ValueError):
            # The issuer may have other keys by now.
            again = self._fetched(place, _AGAIN)
            if again == keys:
                raise
            return dict(jwt.decode(text, KeySet.import_key_set(again), list(ALGORITHMS)).claims)  # type: ignore[arg-type]

    def _userinfo(self, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """What the issuer says besides of the same person."""
        bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        try:
            answer = httpx.get(self._endpoint("userinfo_endpoint"), headers=bearer, timeout=_PATIENCE)
            told = answer.json() if answer.status_code == 200 else {}
        except (httpx.HTTPError, ValueError):
            return {}
        if not isinstance(told, dict) or told.get("sub") != subject:
            return {}
        return told

    def _metadata(self) -> dict[str, Any]:
        place = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._fetched(place, _FRESH)
        if found.get("issuer") != self.settings.issuer:
            raise OidcError(f"{place} speaks for another issuer: {str(found.get('issuer'))[:200]}")
        return found

    def _endpoint(self, name: str) -> str:
        found = self._metadata().get(name)
        if not isinstance(found, str) or not self.settings.may_call(found):
            raise OidcError(f"the issuer has no {name} that may be called")
        return found

    def _fetched(self, place: str, fresh: float) -> dict[str, Any]:
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None and self._tick() - kept[0] < fresh:
                return kept[1]
            try:
                answer = httpx.get(place, timeout=_PATIENCE)
                answer.raise_for_status()
                found = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise IssuerGone(f"issuer {self.settings.issuer}: {type(error).__name__}") from None
            if not isinstance(found, dict):
                raise IssuerGone(f"issuer {self.settings.issuer}: its answer cannot be read")
            self._kept[place] = (self._tick(), found)
            return found


def claims_fault(claims: Mapping[str, Any], settings: OidcSettings, nonce: str, now: float) -> str | None:
    """Why an ID token that is signed must not be believed all the same; None where it may."""
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != settings.issuer:
        return "is of another issuer"
    if settings.client_id not in several:
        return "is for somebody else"
    if (len(several) > 1 or "azp" in claims) and claims.get("azp") != settings.client_id:
        return "was given to somebody else"
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        return "is of another sign-in"
    if not _number(claims.get("exp")) or now >= claims["exp"] + SKEW:
        return "is no longer valid"
    if not _number(claims.get("iat")) or claims["iat"] > now + SKEW:
        return "is of the future"
    if "nbf" in claims and not (_number(claims["nbf"]) and claims["nbf"] <= now + SKEW):
        return "is not valid yet"
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        return "names nobody"
    return None


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(claims: Mapping[str, Any]) -> str:
    """What somebody is called: only for people to read, as others may choose the same."""
    for claim in ("email", "preferred_username", "name", "sub"):
        told = claims.get(claim)
        if isinstance(told, str) and told.strip() and told.isprintable():
            return told.strip()[:200]
    return "unnamed"


def _groups(told: object) -> tuple[str, ...]:
    several = told if isinstance(told, list) else [told]
    return tuple(one for one in several if isinstance(one, str))


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
