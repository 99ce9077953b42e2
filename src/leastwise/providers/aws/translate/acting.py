"""What the translators of workloads share: rows of resources with details, and the roles that things act as.

Kinds of links (table runs_as): `executes_as`, its own code or calls have the role's permissions; `service_role`, the
service itself uses the role to run it (fetch an image, write a log, make machines); `gives`, whoever it admits gets the
role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .context import Context
from .saved import Saved


def describe(
    context: Context, saved: Saved, id: str, details: Mapping[str, object] | None = None, **values: Any
) -> dict[str, Any]:
    """The row of a resource, with details added to those it has; what is None, empty or no detail is left out."""
    row = context.resources.add(id, saved.name, **values)
    told = {key: word(value) for key, value in (details or {}).items()}
    row["details"] = list((dict(row.get("details", ())) | {key: one for key, one in told.items() if one}).items())
    return row


def word(value: object) -> str:
    """A detail as text: true and false, numbers and texts as they are, the rest as JSON with sorted keys.

    What an import keeps only a hash of is not known.
    """
    if value is None or value in ([], {}) or (isinstance(value, str) and value.startswith("redacted:")):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def place(context: Context, saved: Saved, service: str, resource: str, region: str = "") -> str:
    """The ARN of what an answer gives no ARN of; without a region (an imported file) only its last part is known."""
    where = region or saved.region
    return context.arn(service, resource, where) if where else resource


class Roles:
    """Roles that services name without their ARN, and instance profiles, until every role of the account is read."""

    def __init__(self) -> None:
        self.named: list[tuple[str, str, str, str]] = []
        self.profiles: list[tuple[str, str, str]] = []

    def join(self, context: Context) -> None:
        """Links by ARN, and the role in `principal` of what has no other."""
        principals, links = context.facts.principals, context.facts.runs_as.columns
        roles = {
            name: id
            for name, id, native in zip(*map(principals.values, ("name", "id", "native")), strict=True)
            if native == "role"
        }  # fmt: skip
        for subject, name, kind, source in self.named:
            short = name.rpartition("/")[2]
            self._link(context, subject, roles.get(short) or context.arn("iam", f"role/{name}"), kind, source)
        held = {
            profile: role
            for profile, role, kind in zip(links["subject"], links["object"], links["kind"], strict=True)
            if kind == "instance_profile"
        }
        by_name = {arn.rpartition("/")[2]: arn for arn in held}
        if self.profiles and not roles:
            why = "instance profiles, whose roles the authorization details would tell"
            for subject, _, _ in self.profiles:
                context.lost("iam", "GetAccountAuthorizationDetails", why, subject, "which role these run as")
        for subject, given, source in self.profiles:
            arn = (
                given
                if given.startswith("arn:")
                else by_name.get(given, context.arn("iam", f"instance-profile/{given}"))
            )
            context.link(subject, arn, "instance_profile", source)
            if arn in held:
                self._link(context, subject, held[arn], "executes_as", source)

    def _link(self, context: Context, subject: str, role: str, kind: str, source: str) -> None:
        context.link(subject, role, kind, source)
        row = context.resources.rows.get(subject)
        if row is not None and kind == "executes_as":
            row.setdefault("principal", role)


def acts(
    context: Context, saved: Saved, id: str, roles: str | Iterable[str | None] | None, kind: str = "executes_as"
) -> None:
    """A thing that acts as roles, given by ARN or by name; the first that it executes as is its principal."""
    for role in (roles,) if isinstance(roles, str) or roles is None else roles:
        if not role:
            continue
        if not role.startswith("arn:"):
            context.joined(Roles).named.append((id, role, kind, saved.name))
            continue
        context.link(id, role, kind, saved.name)
        row = context.resources.rows.get(id)
        if row is not None and kind == "executes_as":
            row.setdefault("principal", role)
