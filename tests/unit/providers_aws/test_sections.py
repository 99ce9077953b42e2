"""Which sections an export of account details has: wherever they stand in it, and none that is not there."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import InputError
from leastwise.model.scope import CoverageStatus
from leastwise.providers.aws.exports.details import read_details
from leastwise.providers.aws.exports.files import listed, members
from leastwise.providers.aws.translate.entities import USERS, Batch

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


_SPACE = st.sampled_from(["", " ", "\n", "\t \r\n"])
_PLAIN = st.one_of(st.booleans(), st.none(), st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=4))
_VALUES = st.one_of(_PLAIN, st.lists(st.one_of(_PLAIN, st.dictionaries(st.text(max_size=2), _PLAIN)), max_size=3))


@st.composite
def _objects(draw: st.DrawFn) -> bytes:
    """An object as some writer spells it; its names may stand twice, and it may hold objects."""
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        name = json.dumps(draw(st.sampled_from("abc")))
        value = json.dumps(draw(st.one_of(_VALUES, st.just({"a": [1]}))), indent=draw(st.sampled_from([None, 2])))
        parts.append(draw(_SPACE) + name + draw(_SPACE) + ":" + draw(_SPACE) + value + draw(_SPACE))
    return (draw(_SPACE) + "{" + ",".join(parts) + "}" + draw(_SPACE)).encode()


@given(_objects())
def test_members_are_the_same_however_they_are_taken_apart(data: bytes) -> None:
    try:
        told = {name: json.loads(bytes(raw)) for name, raw in members("file", data).items()}
    except InputError:
        assert listed(data) is None  # a member stands twice
        return
    found = listed(data)
    if found is None:
        assert any(isinstance(value, dict) for value in told.values()) or data.strip() == b"{}"
        return
    assert told == {
        name: [json.loads(bytes(one)) for one in value] if isinstance(value, list) else value
        for name, value in found.items()
    }


def test_what_was_taken_apart_counts_for_its_own_body_only(tmp_path: Path) -> None:
    path = tmp_path / "111122223333.json"
    path.write_text("{}")
    body = b'{"UserDetailList":[{"Arn":"arn:aws:iam::111122223333:user/a","UserName":"a"}]}'
    ((document,),) = [found.documents for found in read_details(path, body)]
    other = replace(document, body=body.replace(b"user/a", b"user/b"))
    assert document.apart is not None
    for one, name in ((document, "user/a"), (other, "user/b"), (replace(document, apart=None), "user/a")):
        arns = [user.Arn for _, users in Batch.of(one).slices(USERS) for user in users]
        assert arns == [f"arn:aws:iam::111122223333:{name}"]


@pytest.mark.parametrize("value", ["1", '"yes"', '"true"'])
def test_only_the_word_true_says_that_an_export_was_cut(value: str, tmp_path: Path) -> None:
    path = tmp_path / "111122223333.json"
    path.write_text("{}")
    (found,) = read_details(path, f'{{"UserDetailList":[],"IsTruncated":{value}}}'.encode())
    assert not any(one.status is CoverageStatus.FAILED for one in found.coverage)
    with pytest.raises(InputError):
        Batch.of(found.documents[0])


@pytest.mark.parametrize("value", ['""', "0", "false", '"x"'])
def test_a_section_that_is_no_list_is_an_error(value: str, tmp_path: Path) -> None:
    path = tmp_path / "111122223333.json"
    path.write_text("{}")
    (found,) = read_details(path, f'{{"UserDetailList":[],"Policies":{value}}}'.encode())
    with pytest.raises(InputError, match="Policies"):
        Batch.of(found.documents[0])
