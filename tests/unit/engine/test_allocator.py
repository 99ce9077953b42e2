"""Memory that is kept while a block runs: the C library is told so, and told its usual ways afterwards."""

from __future__ import annotations

import subprocess
import sys
import threading
from unittest import mock

import pytest

from leastwise.engine import allocator
from leastwise.engine.allocator import kept_memory

FAULTS = """
import resource, sys
from contextlib import nullcontext
from leastwise.engine.allocator import kept_memory
with kept_memory():
    pass  # the usual ways are told from here on, and do not adapt
with kept_memory() if sys.argv[1] == "kept" else nullcontext():
    bytes(bytearray(b"x") * (12 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(8):
        bytes(bytearray(b"x") * (12 << 20))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_usual_ways_are_told_again_even_after_an_error() -> None:
    told: list[tuple[int, int]] = []
    with (
        mock.patch.object(allocator, "_mallopt", lambda: lambda *pair: told.append(pair)),
        pytest.raises(KeyError),
        kept_memory(),
    ):
        inside = dict(told)
        raise KeyError("x")
    assert inside == {-3: 32 << 20, -1: (1 << 31) - 1}
    assert dict(told) == {-3: 131072, -1: 131072}


def test_a_block_within_a_block_ends_nothing() -> None:
    told: list[tuple[int, int]] = []
    with mock.patch.object(allocator, "_mallopt", lambda: lambda *pair: told.append(pair)):
        with kept_memory():
            with kept_memory():
                pass
            assert dict(told) == {-3: 32 << 20, -1: (1 << 31) - 1}
            assert len(told) == 2
        assert dict(told) == {-3: 131072, -1: 131072}
        with kept_memory():
            assert len(told) == 6


def test_blocks_of_several_threads_end_with_the_last() -> None:
    told: list[tuple[int, int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def other() -> None:
        with kept_memory():
            begun.set()
            go_on.wait(60)

    with mock.patch.object(allocator, "_mallopt", lambda: lambda *pair: told.append(pair)):
        thread = threading.Thread(target=other)
        with kept_memory():
            thread.start()
            assert begun.wait(60)
        assert dict(told)[-3] == 32 << 20
        go_on.set()
        thread.join(60)
    assert dict(told)[-3] == 131072


def test_elsewhere_nothing_is_told() -> None:
    with mock.patch.object(sys, "platform", "darwin"):
        assert allocator._mallopt()(-3, 1 << 20) == 0
    with mock.patch.object(allocator.ctypes, "CDLL", lambda name: object()):
        assert allocator._mallopt()(-3, 1 << 20) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of other systems is not told anything")
def test_large_blocks_are_given_out_again() -> None:
    """Blocks that were freed are not fetched anew: that shows in the pages that the system had to bring."""
    if allocator._mallopt()(-1, 128 << 10) == 0:
        pytest.skip("this C library has no mallopt")
    faults = {
        how: int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, check=True, text=True).stdout)
        for how in ("kept", "usual")
    }
    assert faults["kept"] < faults["usual"] / 2, faults
