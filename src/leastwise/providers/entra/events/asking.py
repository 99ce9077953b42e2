"""What a request to Graph tells of the permissions of an application, and of what its user may.

Of the values in the token's claims those count that allow the request. One alone was needed. Of several the least is
taken for the one that was used, and the others may have been, since any of them would have done. Where the claims hold
none that is known to allow it, or the catalogue does not know the request, any of them may have been needed.

https://learn.microsoft.com/graph/permissions-overview
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference (roles, scp, wids)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from leastwise.model.usage import Fact
from leastwise.providers.entra import catalog
from leastwise.providers.entra.catalog.allowing import AS_USER, allowing, changing
from leastwise.providers.entra.language.actions import DIRECTORY, Action, parse_action
from leastwise.providers.entra.language.requests import GraphRequest, RequestError, action_of
from leastwise.providers.entra.sensitivity import rank

from .record import Call, Outcome

BATCH = "/$batch"
FOR_USER = " on behalf of a user"
"""What follows a request in a bucket where its application did not call by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and what allows it: values for an app alone, for one with a user; None where no page tells.

    `action` is what it is in the directory; None where it is no action that is known.
    """

    request: GraphRequest
    application: tuple[str, ...] | None
    delegated: tuple[str, ...] | None
    action: Action | None

    @property
    def batch(self) -> bool:
        """Whether it only carries others, each of which has a record of its own."""
        return self.request.path == BATCH


def asked(method: str, address: str) -> Asked:
    """The request of an address, as the catalogue has it. Raises RequestError."""
    return _asked(catalog.current(), method, address)


@lru_cache(maxsize=1 << 14)
def _asked(facts: catalog.Catalog, method: str, address: str) -> Asked:
    return _of(facts, facts.paths.of(method, address))


def of_request(request: GraphRequest) -> Asked:
    """What allows a request that is in the catalogue's spelling."""
    return _of(catalog.current(), request)


def _of(facts: catalog.Catalog, request: GraphRequest) -> Asked:
    name = action_of(request)
    action = None if name is None else parse_action(f"{DIRECTORY}/{name}")
    found = allowing(facts.requests, request)
    if found is None:
        return Asked(request, None, None, action)
    delegated = changing(found.delegated, action)
    if action is not None:
        delegated.append(AS_USER)
    return Asked(request, tuple(changing(found.application, action)), tuple(delegated), action)


def facts_of(call: Call, told: Asked, user: str, outcome: Outcome) -> list[Fact]:
    """What a request tells of the permissions of its application; what was needed first.

    A bucket is the request: what of Graph was touched. `user` is the object id of the one that it was made for.
    """
    claims = call.scopes if call.delegated else call.roles
    listed = told.delegated if call.delegated else told.application
    bucket = bucket_of(call, told)

    def fact(how: str, value: str, ended: str) -> Fact:
        return Fact(how, value, bucket, "", ended)

    known = {one.lower(): one for one in listed or ()}
    held = [known.get(one.lower(), one) for one in claims or ()]
    order = partial(_order, call.delegated)
    other = call.delegated and not told.request.mine and told.request.named not in ("", user)
    fitting = sorted({one for one in held if one.lower() in known and not (other and one.lower() in _OWN)}, key=order)
    if fitting:
        # It had what is needed: what refused it was something else.
        ended = "unknown" if outcome == "denied" else outcome
        # What suffices for some objects only may have, or a wider one was used.
        sure = len(fitting) == 1 or not narrow(fitting[0], told.request)
        return [fact("call" if sure and one is fitting[0] else "possible", one, ended) for one in fitting]
    if outcome == "denied":
        wanted = least(listed or (), told.request, delegated=call.delegated)
        return [fact("call", wanted, outcome)] if wanted else []
    if not call.delegated and (by_role := _by_role(call, told)):
        return [fact("call", by_role, outcome)]
    if claims is None and listed is not None:
        only = "call" if len(listed) == 1 else "possible"
        return [fact(only, one, outcome) for one in sorted(listed, key=order)]
    return [fact("possible", one, outcome) for one in sorted(dict.fromkeys(held), key=order)]


def bucket_of(call: Call, told: Asked) -> str:
    """What a request counts under for its application: itself, and whether it was made for a user."""
    return f"{told.request}{FOR_USER if call.delegated else ''}"


def _by_role(call: Call, told: Asked) -> str:
    """The action of a role by which an app without a value made a request; empty where none of its roles gives it."""
    if told.action is None:
        return ""
    facts = catalog.current()
    roles = (role for one in call.wids if (role := facts.role(one)) is not None)
    given = any(entry.by(told.action) for role in roles for entry in role.entries)
    return written(told.action) if given else ""


def own_right(call: Call, told: Asked, object: str, outcome: Outcome) -> list[Fact]:
    """What a request on behalf of a user tells of what the user may in the directory."""
    if told.action is None or told.request.mine:
        return []
    return [Fact("call", written(told.action), object, "", outcome)]


def least(values: Sequence[str], request: GraphRequest, *, delegated: bool) -> str:
    """The least of some values that allow a request, whatever it is about; empty where there are none."""
    wide = [one for one in values if not narrow(one, request)] or values
    return min(wide, key=partial(_order, delegated), default="")


def _order(delegated: bool, value: str) -> tuple[tuple[int, ...], str]:
    return rank(value, delegated=delegated), value


_OWN = frozenset({"user.read", "user.readwrite"})
"""Scopes that are about the signed-in user alone."""


def narrow(value: str, request: GraphRequest) -> bool:
    """Whether a value suffices for some objects only: what the app owns, what was chosen for it, Intune's own.

    So does what is about the signed-in user, for a request that may be about another.
    """
    low = value.lower()
    return (
        (low in _OWN and not request.mine)
        or low.endswith((".ownedby", ".identityparentedby", ".crosscloud"))
        or ".selected" in low
        or low.startswith("devicemanagement")
    )


@lru_cache(maxsize=1 << 12)
def written(action: Action) -> str:
    """An action as the catalogue spells it, else in lower case."""
    return _spelled().get(str(action), str(action))


@lru_cache(maxsize=1)
def _spelled() -> dict[str, str]:
    return {one.lower(): one for one in catalog.bundled().actions}


__all__ = ["Asked", "RequestError", "asked", "facts_of", "least", "narrow", "of_request", "own_right", "written"]
