"""What opens a gate besides what its own sources can do: what another identity of the same attacker may do."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.rules.escalation import Need

from .classes import Held

Steps = tuple[tuple[Need, ...], ...]
"""Every step is needed, of a step any one need."""
BEARER = "identity"
"""What needs are about that are about whoever goes through the gate (`Need.about`)."""


@dataclass(frozen=True, slots=True)
class Besides:
    """What must be done besides.

    Args:
        held: who can.
        steps: what it takes.
        text: what is done, as people are told it; empty for a request of the rule itself.
        becomes: who does it is then whoever goes through the gate, who need not be reached otherwise.
        own: whoever goes through the gate does it himself.
    """

    held: Held
    steps: Steps
    text: str = ""
    becomes: bool = False
    own: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """What several identities do together.

    Args:
        steps: what those who go through the gate do themselves.
        besides: what must be done besides.
        above: id of who can do all that the gate gives, and more; none where that is nobody.
    """

    steps: Steps
    besides: tuple[Besides, ...]
    above: str = ""
