"""Gates that are kept are the same when they are read again."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from fakes.graphs import RULE, gates
from leastwise.engine.arrays import open_arrays
from leastwise.graph.gates import Gate, Gates
from leastwise.graph.keeping import kept, moment_of, opened

AT = datetime(2026, 11, 1, tzinfo=UTC)


def values(one: Gate) -> tuple[object, ...]:
    each = None if one.each is None else one.each.tolist()
    return (
        one.rule, set(one.sources), one.targets.tolist(), list(one.things), one.state, each, one.missing,
        list(one.about), one.after,
    )  # fmt: skip


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gates())
def test_what_is_kept_is_read_again(tmp_path: Path, drawn: Gates) -> None:
    told = replace(drawn, missing=("gap",), gates=[replace(one, missing="thing of 1", after=3) for one in drawn.gates])
    file = BytesIO()
    kept(told, AT).write(file)
    path = tmp_path / "graph.lwa"
    path.write_bytes(file.getvalue())
    arrays = open_arrays(path)
    found = opened(arrays, drawn.rules, drawn.shadows)
    assert (list(found.nodes), found.rules, found.missing) == (list(told.nodes), told.rules, told.missing)
    assert [values(one) for one in found.gates] == [values(one) for one in told.gates]
    assert moment_of(arrays) == AT


def test_other_rules_do_not_read_it() -> None:
    arrays = kept(Gates(["a"], (RULE,), [], Gates([], (), [], None).shadows), None)  # type: ignore[arg-type]
    assert moment_of(arrays) is None
    with pytest.raises(ValueError, match="other rules"):
        opened(arrays, (replace(RULE, id="another"),), None)  # type: ignore[arg-type]


def test_all_that_a_gate_says_is_kept() -> None:
    """A new field is to be kept, too, and `FORMAT` raised."""
    assert {one.name for one in fields(Gate)} == {
        "rule", "sources", "targets", "things", "state", "each", "missing", "about", "after",
        "together",
    }  # fmt: skip
