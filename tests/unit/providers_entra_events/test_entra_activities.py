"""The table of activities: every action is one that is known, names are told apart, what is shown is resolved."""

from __future__ import annotations

import pytest

from leastwise.providers.entra import catalog
from leastwise.providers.entra.catalog.tables import tables
from leastwise.providers.entra.events.activities import activities, plain, resolve, shown
from leastwise.providers.entra.events.record import Target
from leastwise.providers.entra.language.actions import DIRECTORY


def test_every_action_is_known() -> None:
    known = {one.lower() for one in (*catalog.bundled().actions, *tables().known)}
    known |= {str(one) for table in tables().upon for one in table.actions}
    known |= {str(one).lower() for some in tables().owners.values() for one in some}
    told = activities()
    named = {action for row in told.rows.values() for action in (*row.resolved.needs, *row.resolved.possible)}
    named |= {action for some in told.properties.values() for actions in some.values() for action in actions}
    assert {one for one in named | told.shown if one.lower() not in known} == set()
    assert len(told.rows) > 180


def test_what_is_shown_is_surely_told_by_an_activity() -> None:
    told = activities()
    resolved = {one for row in told.rows.values() for one in (*row.resolved.needs, *row.resolved.possible)}
    assert told.shown <= resolved and not [one for one in told.shown if one.endswith(("allTasks", "read"))]
    assert shown(f"{DIRECTORY}/groups.unified/members/update") and shown(f"{DIRECTORY}/USERS/create")
    # One activity may be of several: where what was changed is not told, each of them may have been used.
    assert shown(f"{DIRECTORY}/applications/audience/update") and shown(f"{DIRECTORY}/groups.security/basic/update")
    assert shown(f"{DIRECTORY}/deletedItems.groups/delete") and not shown(f"{DIRECTORY}/deletedItems.devices/delete")
    assert not shown(f"{DIRECTORY}/users/allProperties/allTasks") and not shown(f"{DIRECTORY}/users/standard/read")


_SAME = [
    "Add member to role", "add member to role.", " Add  member to role ", "ADD MEMBER TO ROLE",
    "Add member to role\u00a0",
]  # fmt: skip


@pytest.mark.parametrize("written", _SAME)
def test_names_are_compared_without_case_blanks_and_full_stops(written: str) -> None:
    assert plain(written) == "add member to role" and resolve(written, ()).needs


@pytest.mark.parametrize("dash", ["-", "\u2013", "\u2014", "\u2212", " \u2013 ", "\u2010"])
def test_dashes_are_alike(dash: str) -> None:
    written = f"Update application{dash}Certificates and secrets management"
    assert resolve(written, ()).needs == (f"{DIRECTORY}/applications/credentials/update",)


def test_properties_that_are_none_tell_nothing() -> None:
    changed = (("Included Updated Properties", "", "x"), ("DisplayName", "a", "b"), ("City", "a", "a"))
    found = resolve("Update user", [Target(changed=changed)])
    assert (found.needs, found.possible) == ((f"{DIRECTORY}/users/basic/update",), ())
    assert resolve("Update user", ()).possible == (f"{DIRECTORY}/users/basic/update",)
