"""What is said of a file besides its events."""

from __future__ import annotations

from collections import Counter


def others(found: Counter[str]) -> str:
    """What else a file held, in words; empty where it held nothing else."""
    told = [f"{count} times {why}" for why, count in sorted(found.items())]
    return "; ".join(told[:3] + ([f"{len(told) - 3} other kinds"] if len(told) > 3 else []))
