"""Which permissions of Graph allow a request, by what is published and by what pages tell beside it.

https://learn.microsoft.com/graph/permissions-reference
https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..language.actions import Action
from ..language.requests import GraphRequest
from .compile import Allowing
from .tables import tables

AS_USER = "Directory.AccessAsUser.All"
"""The scope of whoever does everything in the directory that the user may."""
_GRANTS = "AppRoleAssignment.ReadWrite.All"
_ELSEWHERE = "DeviceManagement"
"""What Intune's values begin with: what they allow of the directory is about objects of its own."""


def allowing(requests: Mapping[str, Allowing], request: GraphRequest) -> Allowing | None:
    """The values that allow a request, by `Catalog.requests`; None where none are known."""
    more = tables().requests.get(str(request))
    if more is not None:
        return Allowing(more, more)
    found = requests.get(str(request))
    if found is None and request.mine:
        # What is written of a user holds of the one who signed in.
        theirs = str(request).replace("/me", "/users/{id}", 1)
        found = requests.get(theirs)
        return None if found is None else Allowing((), found.delegated)
    return found


def changing(values: Iterable[str], action: Action | None) -> list[str]:
    """Those of the listed values that suffice for an action of the directory; None: the request is none.

    The published list has what is needed beside another as well.
    """
    listed = list(values)
    if action is None or action.reads:
        return listed
    if action.properties == ("approleassignedto",):
        return [one for one in listed if one == _GRANTS] or listed
    return [one for one in listed if ".Read." not in one and not one.startswith(_ELSEWHERE)]
