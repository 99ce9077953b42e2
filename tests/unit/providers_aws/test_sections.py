"""Which sections an export of account details has: wherever they stand in it, and none that is not there."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path

import pytest

from leastwise.providers.aws.exports.details import read_details

SECTIONS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
ORDERS = [order for count in range(1, 5) for some in combinations(SECTIONS, count) for order in permutations(some)]


def _gaps(path: Path, order: tuple[str, ...]) -> set[str]:
    text = ",".join(f'"{name}":[]' for name in order)
    (found,) = read_details(path, f"{{{text}}}".encode())
    return {f"{one.service} {one.call} {one.status} {one.affects} {one.detail}" for one in found.coverage}


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_a_section_counts_wherever_it_stands(order: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "111122223333.json"
    path.write_text("{}")
    usual = tuple(name for name in SECTIONS if name in order)
    assert _gaps(path, order) == _gaps(path, usual)


def test_each_missing_section_is_a_gap_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "111122223333.json"
    path.write_text("{}")
    found = [_gaps(path, tuple(one for one in SECTIONS if one != missing)) for missing in SECTIONS]
    assert len({frozenset(one) for one in found}) == len(SECTIONS)
    assert all(one != _gaps(path, SECTIONS) for one in found)
