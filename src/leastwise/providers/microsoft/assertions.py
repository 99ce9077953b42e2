"""Assertions by which people of a tenant come in elsewhere: what enterprise applications hand out by their app roles.

https://learn.microsoft.com/entra/identity/saas-apps/amazon-web-service-tutorial,
https://learn.microsoft.com/entra/identity-platform/reference-saml-tokens
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from leastwise.model.federation import ANY, ROLES, SAML, Bearer, Token, issuer_key
from leastwise.providers.tabled import rows_of

from .shadows import member_of

if TYPE_CHECKING:
    from leastwise.providers.base import ScopeTables

_UNTOLD = "which roles applications hand out to whom in assertions of {}"
_Handed = dict[tuple[str, str], list[str]]


def assertions(one: ScopeTables, tenants: Sequence[str], wanted: Collection[str]) -> Iterator[Bearer]:
    """Whoever signs in to an application of which some door takes the assertions, with the roles that it hands out.

    Args:
        one: the scope.
        tenants: whose assertions these are.
        wanted: the issuers of assertions that doors take; where it is not known whose a door takes, the name of what
            takes them, which roles name too.
    """
    issuers = [f"https://sts.windows.net/{tenant}/" for tenant in tenants]
    known = [issuer for issuer in issuers if issuer_key(issuer) in wanted]
    people = _People(one)
    for (_, principal), values in sorted(_handed_out(one).items()):
        named = {part for value in values for part in value.split(",")} & set(wanted)
        tokens = [(Token(SAML, issuer, "", {ROLES: tuple(values)}, whole=False), "") for issuer in known]
        tokens += [
            (
                Token(SAML, each, "", {ROLES: tuple(values)}, whole=False),
                f"whether {each} takes assertions of the tenant",
            )
            for each in sorted(named)
        ]
        for who, unsure in people.behind(principal):
            yield from (Bearer(who, token, "; ".join(filter(None, (doubt, unsure)))) for token, doubt in tokens)
    if known and not _told(one):
        # One token for all, so that no door tries each of them.
        perhaps = [(Token(SAML, each, "", {ROLES: (ANY,)}, whole=False), _UNTOLD.format(each)) for each in known]
        yield from (Bearer(who, token, doubt) for who in people.all() for token, doubt in perhaps)
    for issuer in known:
        # Which attributes besides an application gives them is not told.
        yield from (Bearer(who, Token(SAML, issuer, "", whole=False)) for who in people.all())


def _told(one: ScopeTables) -> bool:
    """Whether it was read to whom each application gives its roles."""
    rows = rows_of([one], "principals", "native", "details")
    listed = [dict(details or ()) for native, details in rows if native == "service_principal"]
    read = [each for each in listed if each.get("read") == "yes"]
    return bool(read) and all("assigned" in each for each in read)


def _handed_out(one: ScopeTables) -> _Handed:
    """The values of the roles that each is assigned to, by application."""
    disabled = {id for id, enabled in rows_of([one], "principals", "id", "enabled") if enabled is False}
    of_document: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for document, actions, principals in rows_of([one], "statements", "document", "actions", "principals"):
        for action in actions or ():
            # `APPLICATION/VALUE`; only what names several things hands out anything of another cloud.
            if "," in action:
                of_document[document] += [(action, who) for who in principals or ()]
    found: _Handed = defaultdict(list)
    for layer, target, document in rows_of([one], "attachments", "layer", "target", "document"):
        if layer == "application" and target not in disabled:
            for action, who in of_document.get(document, ()):
                value = ",".join(part.strip() for part in action.removeprefix(f"{target}/").split(","))
                if value not in found[target, who]:
                    found[target, who].append(value)
    return found


class _People:
    """Who is meant where somebody is assigned to a role: of a group its direct members.

    https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal
    """

    def __init__(self, one: ScopeTables) -> None:
        columns = ("id", "native", "enabled", "members_known", "details")
        # Of some groups all members were told but workloads, which sign in by no assertion.
        self._native = {
            id: (native, enabled, known is True or ("members", "people") in (details or ()))
            for id, native, enabled, known, details in rows_of([one], "principals", *columns)
        }
        self._members: dict[str, list[str]] = defaultdict(list)
        for member, group, kind in rows_of([one], "memberships", "member", "group", "kind"):
            if kind != "administrative_unit":
                self._members[group].append(member)

    def all(self) -> Iterator[str]:
        """Everybody who may sign in."""
        return (id for id, (native, enabled, _) in self._native.items() if native == "user" and enabled is not False)

    def behind(self, principal: str) -> Iterator[tuple[str, str]]:
        """Those who are meant, and what is not known of that."""
        native, enabled, known = self._native.get(principal, ("", None, False))
        if native == "group":
            yield member_of(principal), ""
            for member in self._members.get(principal, ()):
                if self._native.get(member, ("",))[0] == "user":
                    yield from self.behind(member)
            if not known:
                yield principal, f"who is in {principal}"
        elif native == "user" and enabled is not False:
            yield principal, ""
