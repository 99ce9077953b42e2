"""The collector rests in the block, and afterwards is as it was."""

from __future__ import annotations

import gc

import pytest

from leastwise.engine.quiet import without_collector


@pytest.mark.parametrize("before", [True, False])
def test_it_rests_and_is_as_it_was(before: bool) -> None:
    was = gc.isenabled()
    (gc.enable if before else gc.disable)()
    try:
        with pytest.raises(KeyError), without_collector():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is before
    finally:
        (gc.enable if was else gc.disable)()
