"""What administrators of a directory may do to its people.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-roles
"""

from __future__ import annotations

from collections.abc import Iterable

MAY, UNTOLD = "may:", "*"
"""What a detail of an administrator begins with; a privilege, or unit, of which it is not known which."""
_PASSWORDS = frozenset({"USERS_ALL", "USERS_UPDATE", "USERS_RESET_PASSWORD"})


def sets_passwords(details: Iterable[tuple[str, str]]) -> bool | None:
    """Whether somebody may set the password of whoever is no administrator; None where that is not known.

    Of what is limited to a unit it is not known who is in it.
    """
    held = {key.removeprefix(MAY): unit for key, unit in details if key.startswith(MAY)}
    if any(unit == "" for privilege, unit in held.items() if privilege in _PASSWORDS):
        return True
    return None if held.keys() & {*_PASSWORDS, UNTOLD} else False


def administers(details: Iterable[tuple[str, str]]) -> bool:
    """Whether somebody has a role of the directory."""
    return any(key.startswith(MAY) for key, _ in details)
