"""How grants by 90 days of use do in the 30 days after, in a simulated company; prints ratios to the aims.

Principals, what they do and how, are drawn by `simulated_uses`, by seeds that were used for nothing else: the model's
settings were found on the seeds 101 to 104. Reported are exact grants, all of a service at the access levels used, and
exact grants with what is likely needed next.

Usage: ./x bench bench_likely [PRINCIPALS [SEED…]] (default: 500 1 2 3).
"""

from __future__ import annotations

import sys
import time

import numpy as np

from leastwise.app.likely import HARMLESS
from leastwise.providers.aws.kin import kin
from leastwise.providers.aws.sensitivity import sensitivity
from leastwise.rightsizing.backtesting import EXACT, LIKELY, Measured, measured, proposals
from leastwise.rightsizing.doings import Doings, Kinship
from measuring import show
from simulated_uses import Simulated, simulated

TRAINED, DAYS = 90, 120
MOST_UNDER, MOST_OVER, MOST_HINDERED, LEAST_REDUCTION = 0.025, 0.45, 0.35, 0.93


def doings(company: Simulated) -> Doings:
    """What was done in the first days."""
    early = company.day < TRAINED
    kinship = Kinship.of(company.permissions, kin)
    rows = (company.principal[early], company.permission[early], company.day[early])
    return Doings(company.granted.shape, *rows, TRAINED, kinship)


def results(company: Simulated) -> dict[str, Measured]:
    """How each level does in the days held out."""
    known = doings(company)
    words = [f"{one.service} {one.reads}" for one in map(kin, company.permissions)]
    level = np.unique(words, return_inverse=True)[1]
    later = company.used(TRAINED, DAYS)
    words = sensitivity()
    careful = np.array([words.get(one, "write") not in HARMLESS for one in company.permissions])
    offered = proposals(known, company.granted, level, careful)
    return {name: measured(given, known.used, later, known.kinship) for name, given in offered.items()}


def main() -> int:
    """Measure and print."""
    principals = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seeds = [int(one) for one in sys.argv[2:]] or [1, 2, 3]
    found: list[dict[str, Measured]] = []
    begin = time.process_time()
    for seed in seeds:
        found.append(results(simulated(seed, principals, DAYS)))
        for name, one in found[-1].items():
            print(
                f"seed {seed} {name:8} under {one.under:.4f} (calls {one.denied_share:.5f}) over {one.over:.3f} "
                f"hindered {one.hindered_share:.3f} reduction {one.reduction:.3f} "
                f"each {one.granted / one.principals:.0f}"
            )
    cost = (time.process_time() - begin) / len(seeds)
    means = {
        word: float(np.mean([getattr(one[LIKELY], word) for one in found]))
        for word in ("under", "over", "hindered_share", "reduction")
    }
    show("under-privilege, % of pairs", 100 * means["under"], 100 * MOST_UNDER, "")
    show("over-privilege, % of pairs", 100 * means["over"], 100 * MOST_OVER, "")
    show("principals with a denial, %", 100 * means["hindered_share"], 100 * MOST_HINDERED, "")
    show(
        "given, % of all of each service used",
        100 - 100 * means["reduction"],
        100 - 100 * LEAST_REDUCTION,
        f"{cost:.0f} CPU s a company",
    )
    worse = [seed for seed, one in zip(seeds, found, strict=True) if one[LIKELY].under >= one[EXACT].under]
    print(f"likely permissions are of no use for the seeds {worse}" if worse else "likely permissions help everywhere")
    return int(bool(worse))


if __name__ == "__main__":
    sys.exit(main())
