"""Whatever stands in a record's fields, reading it raises nothing, and each record is taken, told or counted."""

from __future__ import annotations

import copy
import json
from typing import Any

from azure_events_support import READ
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.tables.usage import EVENTS
from leastwise.model.usage import unpacked
from leastwise.providers.azure.events.drawing import Drawing

values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 700) | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["/", "//", "/subscriptions", "Failed", "{", '{"a": 1}', "Forbidden", "a b\tc\n", "é\u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for name, one in inner for found in ((*path, name), *places(one, (*path, name)))]


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_nothing_is_raised(data: st.DataObject) -> None:
    record = copy.deepcopy(data.draw(st.sampled_from(READ))["record"])
    for _ in range(data.draw(st.integers(1, 3))):
        known = places(record)
        if not known:
            break
        *path, last = data.draw(st.sampled_from(known))
        holder = record
        for name in path:
            holder = holder[name]
        holder[last] = data.draw(values)
    drawing = Drawing()
    taken = drawing.read(json.dumps([record, record]).encode())
    assert taken.events + len(taken.bad) >= 2 or taken.skipped
    events = drawing.drawn()["events"]
    assert tuple(events.schema.names) == EVENTS.names() and events.num_rows == taken.events
    for facts in events["facts"].to_pylist():
        unpacked(facts)
