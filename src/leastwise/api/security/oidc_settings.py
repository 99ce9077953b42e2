"""Which issuer vouches for people, by the environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from leastwise.app.accounts import duties
from leastwise.errors import UsageError

from ..settings import is_loopback


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An issuer, who we are there, and what its groups give.

    Args:
        issuer: as its own description calls it, to the letter.
        client_id: our name there.
        client_secret: empty where we are a public client.
        groups_claim: the claim that lists groups.
        groups: group → duty → places.
        scopes: what is asked for.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    groups_claim: str = "groups"
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    scopes: str = "openid profile email"

    def may_call(self, url: str) -> bool:
        """Whether secrets may be sent there: by https, or to this machine where the issuer is on it."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            return True
        return parts.scheme == "http" and all(is_loopback(urlsplit(one).hostname or "") for one in (url, self.issuer))

    def given(self, groups: Iterable[str]) -> dict[str, list[str]]:
        """The duties of somebody in these groups, with the places of each."""
        found: dict[str, set[str]] = {}
        for group in groups:
            for duty, places in self.groups.get(group, {}).items():
                found.setdefault(duty, set()).update(places)
        return {duty: sorted(places) for duty, places in sorted(found.items())}


def read_oidc(environ: Mapping[str, str]) -> OidcSettings | None:
    """The issuer of the environment; None where it names none.

    Raises:
        UsageError: a variable does not say what it must.
    """
    issuer, client = (environ.get(name, "").strip() for name in ("LEASTWISE_OIDC_ISSUER", "LEASTWISE_OIDC_CLIENT_ID"))
    if not issuer:
        return None
    if not client:
        raise UsageError("LEASTWISE_OIDC_CLIENT_ID: is not set, and LEASTWISE_OIDC_ISSUER is")
    found = OidcSettings(
        issuer,
        client,
        environ.get("LEASTWISE_OIDC_CLIENT_SECRET", "").strip(),
        environ.get("LEASTWISE_OIDC_GROUPS_CLAIM", "").strip() or "groups",
        read_groups(environ.get("LEASTWISE_OIDC_DUTIES", "")),
        environ.get("LEASTWISE_OIDC_SCOPES", "").strip() or "openid profile email",
    )
    if not found.may_call(issuer):
        raise UsageError(f"LEASTWISE_OIDC_ISSUER {issuer}: takes an https address")
    if "openid" not in found.scopes.split():
        raise UsageError("LEASTWISE_OIDC_SCOPES: openid must be among them")
    return found


def read_groups(text: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """What `GROUP=DUTY` and `GROUP=DUTY@PLACE`, separated by commas, say. UsageError."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        group, equals, given = part.rpartition("=")
        duty, at, place = given.partition("@")
        if not equals or not group.strip() or (at and not place):
            raise UsageError(f"LEASTWISE_OIDC_DUTIES: {part!r} is none of GROUP=DUTY, GROUP=DUTY@PLACE")
        try:
            duties({duty.strip(): [place.strip() or "*"]})
        except UsageError as error:
            raise UsageError(f"LEASTWISE_OIDC_DUTIES: {part!r}: {error}") from None
        held = found.setdefault(group.strip(), {})
        held[duty.strip()] = (*held.get(duty.strip(), ()), place.strip() or "*")
    return found
