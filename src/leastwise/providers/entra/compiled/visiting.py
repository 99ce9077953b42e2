"""As whom somebody of one tenant comes into another: an app by its id, a person as a guest.

https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals
https://learn.microsoft.com/entra/external-id/user-properties
"""

from __future__ import annotations

import numpy as np

from ..language.directory import SERVICE, USER
from .asked import subject_of
from .held import Compiled

_GUEST = "#ext#@"


def visiting(home: Compiled, there: Compiled, who: str) -> list[str]:
    """The ids that are known in a tenant to be somebody of another.

    The service principals of one application have its id; the name of a guest begins with the name at home. Raises
    UsageError, NotFoundError.
    """
    number = home.member_number(subject_of(home, who))
    if number is None:
        return []
    one = home.object(number)
    if one.kind == SERVICE and one.app:
        services = there.of_kind(SERVICE)
        return [there.members[each] for each in there.apps.get(one.app, ()) if services[each]]
    if one.kind != USER:
        return []
    name = home.word("name", number).lower()
    begin = f"{name.replace('@', '_')}{_GUEST}"
    codes = [code for code, text in enumerate(there.words("name")) if "@" in name and text.lower().startswith(begin)]
    numbers = np.flatnonzero(np.isin(there.arrays["member.name"], codes) & there.of_kind(USER))
    return there.members.many(numbers)
