"""How much a finding matters: the product of reach, sensitivity, unused share and exposure, from published tables.

`docs/reference/ranking.md` tells the tables, and how to work a rank out again from the parts that are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leastwise.model.finding import Severity

REACHES: Mapping[str, float] = {"everything": 1.0, "some": 0.3, "nothing": 0.1}
"""Of whatever is given: on every resource; on some; there is nothing given, or it is not known."""
SENSITIVITIES: Mapping[Severity, float] = {
    Severity.INFO: 1, Severity.LOW: 2, Severity.MEDIUM: 4, Severity.HIGH: 6, Severity.CRITICAL: 8,
}  # fmt: skip
"""Of a finding, where what it is about does not say more: by its severity."""
ADMINISTRATOR = 8.0
"""Who may do everything, or give it to itself."""
EXPOSURES = ("outsider", "no second factor", "long-lived key", "public")
"""What adds one to the exposure."""


@dataclass(frozen=True, slots=True)
class Rank:
    """The parts of a rank.

    Args:
        reach: 0.1 to 1.
        sensitivity: 1 to 8.
        unused: share of what is granted that is not used, 0 to 1; None where no log tells, or it does not matter to
            what was found: that counts as 1.
        exposed: which of EXPOSURES hold; the exposure is one more than their number.
    """

    reach: float
    sensitivity: float
    unused: float | None
    exposed: tuple[str, ...] = ()

    @property
    def exposure(self) -> int:
        """1 to 5."""
        return 1 + len(self.exposed)

    @property
    def score(self) -> float:
        """The product of the parts, rounded to a hundredth."""
        share = 1.0 if self.unused is None else self.unused
        return round(self.reach * self.sensitivity * share * self.exposure, 2)

    def to_json(self) -> dict[str, object]:
        """The documented JSON of a rank."""
        return {
            "score": self.score, "reach": self.reach, "sensitivity": self.sensitivity, "unused": self.unused,
            "exposure": self.exposure, "exposed": list(self.exposed),
        }  # fmt: skip


def together(ranks: Iterable[tuple[Iterable[str], Rank]]) -> float:
    """The score of findings with one cause: of each that they are about, the highest; these added up."""
    highest: dict[str, float] = {}
    for about, rank in ranks:
        for one in about:
            highest[one] = max(highest.get(one, 0.0), rank.score)
    return round(sum(highest.values()), 2)
