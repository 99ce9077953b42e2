"""Ways in that are no role: issuers outside whom managed identities trust, and storage that anybody may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from leastwise.model.decision import Needed, Reason, Residual, State
from leastwise.model.exposure import Exposure

from .entering import CONTAINER, IDENTITY, STORAGE
from .estate import Compiled
from .outside import Zone

_READS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
_LEVELS = ("blob", "container")
"""https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure"""
_PRIVATE = Needed("@Environment[isPrivateLink]", "BoolEquals", ("true",))


class Opened:
    """What was read of such ways.

    Args:
        held: the estate.
        zone: who is outside.
    """

    def __init__(self, held: Compiled, zone: Zone) -> None:
        self._held, self._zone, self._facts = held, zone, held.facts
        self._storage: list[tuple[int, str, str, Mapping[str, str]]] = []
        for id, kind, details in held.facts["storage"]:
            place = held.place_number(id.lower())
            if place is not None:
                self._storage.append((place, id, kind, details))

    def exposures(self) -> Iterator[Exposure]:
        """Whom identities trust who is outside; what anybody reads."""
        yield from self._trusts()
        accounts = {id.lower(): details for _, id, kind, details in self._storage if kind == STORAGE}
        for place, id, kind, details in self._storage:
            if kind == CONTAINER and details.get("publicAccess", "").lower() in _LEVELS:
                account = accounts.get(id.lower().partition("/blobservices/")[0], {})
                yield from self._open(place, id, details["publicAccess"], account)

    def unread(self) -> Iterator[tuple[int, str]]:
        """What is not known of such ways, by place."""
        for key, what in self._facts["untold"]:
            place = self._held.place_number(key)
            if place is not None:
                yield place, f"{what} of {self._held.ids[place]}"
        for place, id, kind, details in self._storage:
            if kind == STORAGE:
                yield from ((place, one) for one in _doubts(id, details))

    def _trusts(self) -> Iterator[Exposure]:
        """Federated credentials of managed identities: whom the issuer calls so acts as the identity.

        https://learn.microsoft.com/entra/workload-id/workload-identity-federation
        """
        identities = self._facts["identities"]
        gathered: dict[tuple[str, str], list[str]] = {}
        for principal, issuer, patterns in self._facts["trusts"]:
            resource = identities.get(principal)
            if resource is not None:
                gathered.setdefault((resource, issuer), []).extend(patterns or [""])
        for (resource, issuer), told in gathered.items():
            place = self._held.place_number(resource.lower())
            # One that names nobody lets in all.
            subjects = () if "" in told else tuple(sorted(dict.fromkeys(told)))
            one = self._zone.issuer(issuer, subjects)
            if place is not None and one is not None:
                text = f"a federated credential lets whom {issuer} calls {' or '.join(subjects) or 'so'} act as it"
                yield Exposure(
                    self._held.ids[place], IDENTITY, account_of(self._held, place), one.principal, one.kind,
                    one.account, (), (self._held.ids[place],), (), State.ALLOWED,
                    reasons=(Reason("allows", "trust", text, source=resource),), subjects=one.subjects,
                )  # fmt: skip

    def _open(self, place: int, id: str, level: str, account: Mapping[str, str]) -> Iterator[Exposure]:
        """What anybody reads in a container, unless its account forbids that."""
        allowed = account.get("allowBlobPublicAccess")
        if allowed == "false":
            return
        residual = _any(account)
        state = State.CONDITIONAL if residual else State.ALLOWED
        missing: tuple[str, ...] = ()
        if allowed is None:
            name = self._held.place(place).text.rsplit("/", 4)[0]
            state, missing = State.UNKNOWN, (f"whether {name} allows anonymous access",)
        told = Reason("allows", "public_access", f"its public access level is {level}", source=id)
        yield Exposure(
            id, CONTAINER, account_of(self._held, place), "*", "everyone", "", (_READS,), (id,), (), state, residual,
            missing, (told,),
        )  # fmt: skip


def _any(account: Mapping[str, str]) -> Residual:
    """What whoever comes must meet: an account without public network is reached by private endpoints only."""
    return ((_PRIVATE,),) if account.get("publicNetworkAccess", "").lower() == "disabled" else ()


def _doubts(id: str, details: Mapping[str, Any]) -> Iterator[str]:
    """What nothing tells of an account: which containers lie open, who holds keys.

    https://learn.microsoft.com/azure/storage/common/authorize-data-access
    """
    allowed = details.get("allowBlobPublicAccess")
    if allowed == "true":
        yield f"which containers of {id} are public"
    elif allowed is None:
        yield f"whether {id} allows anonymous access"
    if details.get("allowSharedKeyAccess") != "false":
        yield f"who holds a key of {id}, or a shared access signature"


def kind_of(held: Compiled, place: int) -> str:
    """The kind of a place, as tables have it."""
    return held.place_kinds[int(held.arrays["place.kind"][place])]


def account_of(held: Compiled, place: int) -> str:
    """The account of a place: the subscription's id, the management group's name, or the root."""
    return held.ids[int(held.arrays["place.top"][place])].rpartition("/")[2] or "/"
