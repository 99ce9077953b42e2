"""A source of estate.yaml (or the options of the command line) for AWS: which accounts, entered how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leastwise.errors import UsageError
from leastwise.model.scope import Coverage, CoverageStatus

from .declaration import Service, declared


class Source(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the keys of a source mean; those left empty are the SDK's own defaults.

    `profile` is whose credentials to start with. `role` is assumed in every account of the organization (or of
    `accounts`), with `external_id`; `mfa_serial` asks for a code at the terminal. `web_identity_token_file` with
    `web_identity_role` starts from a token instead. `sso` visits every account that an Identity Center session can
    enter (true: that of the profile, or the only one configured), with the role `role` (or the only one there);
    `profiles` visits the account of each profile. `organization` visits every member account; given as an id it must be
    that organization. `access_advisor` asks IAM of every user, group and role when it last tried what (decision 0009).
    """

    provider: str = "aws"
    profile: str = ""
    profiles: list[str] = []
    sso: str | bool = False
    role: str = ""
    external_id: str = ""
    mfa_serial: str = ""
    web_identity_token_file: str = ""
    web_identity_role: str = ""
    organization: str | bool = False
    accounts: list[str] = []
    exclude: list[str] = []
    regions: list[str] = []
    services: list[str] = []
    in_flight: int = 10
    access_advisor: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """The calls made only by choice that this source makes."""
        return ("access_advisor",) if self.access_advisor else ()

    @property
    def whole_organization(self) -> bool:
        """Whether member accounts are visited too."""
        return bool(self.organization and not self.accounts) or bool(self.role and not self.accounts and not self.sso)

    def declared(self) -> tuple[Service, ...]:
        """The services to collect. UsageError for one that is not declared."""
        known = {service.name: service for service in declared()}
        unknown = sorted(set(self.services) - set(known))
        if unknown:
            raise UsageError(f"services: {', '.join(unknown)} not known; one of {', '.join(known)}")
        chosen = (known[name] for name in known if not self.services or name in self.services)
        return tuple(service.chosen(self.choices) for service in chosen)

    def left_out(self, scope: str) -> list[Coverage]:
        """What the choice of services and regions leaves unread of a kind of scope: not asked is not "none"."""
        found = [
            Coverage(one.name, "*", CoverageStatus.NOT_TRIED, "left out by the choice of services",
                     ", ".join(one.affects) or f"everything of {one.name}")
            for one in declared() if one.scope == scope and self.services and one.name not in self.services
        ]  # fmt: skip
        if self.regions and scope == "account":
            asked = f"only {', '.join(self.regions)} were asked"
            found.append(Coverage("regions", "*", CoverageStatus.NOT_TRIED, asked, "what lies in other regions"))
        return found


def read_source(keys: Mapping[str, Any]) -> Source:
    """The source with these keys. UsageError names the key that is wrong."""
    try:
        source = msgspec.convert(dict(keys), Source)
    except msgspec.ValidationError as error:
        cause, _, place = str(error).partition(" - at ")
        raise UsageError(f"source aws: {place.strip('`').removeprefix('$.') or 'keys'}: {cause}") from None
    ways = [name for name in ("profiles", "sso", "web_identity_token_file") if getattr(source, name)]
    if len(ways) > 1:
        raise UsageError(f"source aws: {' and '.join(ways)} exclude each other")
    if bool(source.web_identity_token_file) != bool(source.web_identity_role):
        raise UsageError("source aws: web_identity_token_file and web_identity_role go together")
    if source.mfa_serial and ways:
        raise UsageError(f"source aws: mfa_serial and {ways[0]} exclude each other")
    if source.in_flight < 1:
        raise UsageError("source aws: in_flight: must be at least 1")
    for account in (*source.accounts, *source.exclude):
        if not (account.isdigit() and len(account) == 12):
            raise UsageError(f"source aws: accounts: {account} is not an account's twelve digits")
    source.declared()
    return source
