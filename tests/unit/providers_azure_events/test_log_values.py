"""Values of JSON in files of logs: what is broken is told once, what is whole is given."""

from __future__ import annotations

import json

import pytest

from leastwise.providers.logs.values import Bad, values


def read(content: bytes) -> tuple[list[tuple[object, str]], list[Bad]]:
    taken: list[tuple[object, str]] = []
    bad: list[Bad] = []
    values(content, lambda value, place: taken.append((value, place)), bad.append)
    return taken, bad


def test_one_value_lines_and_values_over_lines() -> None:
    assert read(b'\xef\xbb\xbf {"a": 1} ') == ([({"a": 1}, "record 0")], [])
    assert read(b'{"a": 1}\n\n{"b": 2}\n') == ([({"a": 1}, "line 1"), ({"b": 2}, "line 3")], [])
    assert read(b'{\n"a": 1\n}\n{"b":\n2}') == ([({"a": 1}, "line 1"), ({"b": 2}, "line 4")], [])
    assert read(b" \n ") == ([], [])


@pytest.mark.parametrize("size", [10, 70_000, 5_000_000])
def test_long_values_over_several_lines(size: int) -> None:
    long = {"a": "é" * size, "b": 1}
    content = f"{json.dumps(long, indent=1, ensure_ascii=False)}\n[\n2]\n3\nno\n"
    taken, bad = read(content.encode())
    assert [place for _, place in taken] == ["line 1", "line 5", "line 7"] and taken[0][0] == long
    assert [one.place for one in bad] == ["line 8"]


@pytest.mark.parametrize("share", [0.4, 0.75, 0.99])
def test_what_the_end_cuts_off_is_told_once(share: float) -> None:
    rows = [{"n": number, "inner": {"x": [1, 2]}} for number in range(8)]
    whole = json.dumps(rows, indent=1)
    taken, bad = read(whole[: int(len(whole) * share)].encode())
    assert [value for value, _ in taken] == rows[: len(taken)] and len(taken) in (3, 6, 7, 8)
    assert [one.place for one in bad] == ["line 1"] and bad[0].why.startswith("no JSON: ")


def test_broken_lines_are_told_each() -> None:
    taken, bad = read(b'{"a": 1}\n{"b": "x\n{"c": 3}\n{"d": \n{"e": 5}\nf\n"\xff"\n{"g": "\xff"}\n[1]')
    assert [value for value, _ in taken] == [{"a": 1}, {"c": 3}, {"e": 5}, [1]]
    assert [one.place for one in bad] == ["line 2", "line 4", "line 6", "line 7", "line 8"]
    assert bad[-1].why == "is no UTF-8"
