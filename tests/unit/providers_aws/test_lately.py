"""What is remembered for a while: never a wrong value, always what was said last, and no more than asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.aws.translate.lately import Lately

keys = st.sampled_from([b"a", b"b", b"c", b"d", b"e"])


@given(st.integers(1, 4), st.lists(st.lists(keys, max_size=4), max_size=12))
def test_what_is_found_is_what_was_kept(most: int, asked: list[list[bytes]]) -> None:
    lately: Lately[int] = Lately(most)
    last: dict[bytes, int] = {}
    for number, one in enumerate(asked):
        for key, value in zip(one, lately.find(one), strict=True):
            assert value is None or value == last[key]
        fresh = [(key, number) for key in dict.fromkeys(one) if lately.find([key]) == [None]]
        lately.keep(fresh)
        last.update(fresh)
        assert lately.find([key for key, _ in fresh]) == [number] * len(fresh)


def test_what_is_asked_for_stays() -> None:
    lately: Lately[int] = Lately(2)
    lately.keep([(b"always", 0)])
    for number in range(1, 20):
        lately.keep([(b"%d" % number, number)])
        assert lately.find([b"always", b"always"]) == [0, 0]
    assert lately.find([b"1", b"19"]) == [None, 19]


def test_a_key_asked_for_twice_at_once_is_found_twice_in_the_older_generation() -> None:
    lately: Lately[int] = Lately(1)
    lately.keep([(b"old", 1)])
    lately.keep([(b"young", 2)])
    assert lately.find([b"old", b"none", b"old", b"young"]) == [1, None, 1, 2]


def test_the_more_there_is_the_more_is_remembered() -> None:
    lately: Lately[int] = Lately(2)
    for number in range(600):
        lately.keep([(b"%d" % number, number)])
    known = [number for number in range(600) if lately.find([b"%d" % number]) != [None]]
    assert known == list(range(known[0], 600))
    assert 600 // 6 / 2 < len(known) < 600 // 2


def test_forgotten_at_once() -> None:
    lately: Lately[int] = Lately(1)
    lately.keep([(b"old", 1)])
    lately.keep([(b"young", 2)])
    lately.clear()
    assert lately.find([b"old", b"young"]) == [None, None]
