"""What declared calls of Microsoft's APIs have in common.

What the members of a file mean stands with `providers.collecting.declaration`, how calls of things are joined with
`providers.collecting.linking`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from leastwise.providers.collecting import declaration, linking

DIRECTORY = "directory"
"""The kind of root that a tenant's directory is."""


class Call(linking.Call, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One operation, as `types.verb`.

    `path` is its address below the host: `{+name}` puts a parameter in as it is, `{name}` with every sign encoded;
    parameters named in `post` become the body, all others the query. `paging` is by the link in the answer, or none.
    `headers` go with the request; `batch`: it is asked for so many things that several go in one request, which only
    Graph takes. `privilege` are application permissions of Microsoft Graph that it needs; `empty_needs` are those
    without which an empty list may only hide what there is. `writes` are permissions that the vendor wants for it
    although they write, too: they are never among those to grant, and the call is made in case they are held.
    `signed_in` are permissions of which it needs one, held on behalf of a user: applications cannot make it themselves.
    """

    verb: Literal["GET", "POST"] = "GET"
    path: str
    paging: Literal["link", "skip", "none"] = "link"
    post: list[str] = []
    headers: dict[str, str] = {}
    batch: bool = False
    privilege: list[str] = []
    empty_needs: list[str] = []
    writes: list[str] = []
    signed_in: list[str] = []
    then: Sequence[Call] = []
    otherwise: Sequence[Call] = []


class Service(linking.Service, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A service, or a part of it that is chosen and limited apart.

    `api` is what documents and coverage call it; `place` is where it answers.
    """

    api: str
    place: str = "graph"
    calls: Sequence[Call]

    @property
    def name(self) -> str:
        """The service as documents and coverage name it."""
        return self.api

    @property
    def opening(self) -> Sequence[Call]:
        """The calls that follow from no other."""
        return self.calls

    @abstractmethod
    def known(self) -> Mapping[str, Any]:
        """The services of its kind, by name."""

    def of(self, call: declaration.Call) -> Any:
        """The service that the call is an operation of."""
        return linking.owner(self, call, self.known())


def needed(call: Call) -> tuple[str, ...]:
    """What a call needs of Graph, in words."""
    return (
        *call.privilege, *call.empty_needs, *(f"{one} (which writes, too)" for one in call.writes),
        *(f"{one} (of a user)" for one in call.signed_in),
    )  # fmt: skip


def graph_permissions(services: Sequence[Service]) -> list[str]:
    """The application permissions of Microsoft Graph without which calls of the services are refused."""
    return sorted({one for service in services for call in service.walk() for one in call.privilege})
