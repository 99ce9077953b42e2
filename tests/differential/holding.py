"""What drawn estates of every cloud hold, put so that it can be compared."""

from __future__ import annotations

from leastwise.engine.access import Access
from leastwise.engine.holdings import Alike, Everybody, Holdings
from leastwise.model.decision import Circumstances, State

OPEN = Circumstances()
KNOWN = (State.ALLOWED, State.CONDITIONAL)
Told = dict[tuple[str, State], set[str]]


def by_permission(port: Access, held: Holdings) -> Told:
    """The resources of each permission and state."""
    found: Told = {}
    for part in held.parts:
        for number in part.permissions:
            found.setdefault((port.permissions()[number], part.state), set()).update(part.resources)
    return found


def by_cube(port: Access, who: str, circumstances: Circumstances) -> Told:
    """The same, as `what-can` tells it."""
    found: Told = {}
    for cube in port.what_can(who, None, circumstances):
        for permission in cube.permissions:
            found.setdefault((permission, cube.state), set()).update(cube.resources)
    return found


def held_by_each(port: Access, everybody: Everybody) -> list[str]:
    """The principals of everybody's groups, after holding each group against what each of it holds."""
    seen: list[str] = []
    for group in everybody.groups:
        rough = _roughly(port, everybody, group)
        seen += group.principals
        for who in group.principals:
            held = port.held(who, OPEN)
            known = {name for name, state in by_permission(port, held) if state in KNOWN}
            assert (held.kind, held.native, held.account) == (group.kind, group.native, group.account)
            assert held.hidden == group.hidden
            if group.unread:
                assert held.missing, who
            elif group.exact:
                assert rough == known, who
            else:
                assert rough >= known, who
    assert len(seen) == len(set(seen))
    return seen


def _roughly(port: Access, everybody: Everybody, group: Alike) -> set[str]:
    """The permissions that a group's bundles come to."""
    names = port.permissions()
    return {names[one] for bundle in group.bundles for part in everybody.bundles[bundle] for one in part.permissions}
