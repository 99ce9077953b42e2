"""Arrow columns as plain arrays, and back without copying."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
_LONGEST = (1 << 31) - 1
"""Bytes that positions of 32 bits reach."""


def type_text(kind: pa.DataType) -> str:
    """A type of Arrow as text; `type_of` reads it."""
    return base64.b64encode(pa.schema([pa.field("", kind)]).serialize()).decode()


def type_of(text: str) -> pa.DataType:
    """The type that `type_text` wrote."""
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text))).field(0).type


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece that begins at its first row; texts that outgrow 32 bits get positions of 64."""
    if pa.types.is_string(column.type) and column.nbytes >= _LONGEST:
        column = column.cast(pa.large_string())
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    return whole if not whole.offset else whole.take(pa.arange(0, len(whole)))


def taken_apart(array: pa.Array, put: list[Bytes]) -> dict[str, Any]:
    """The shape of an array whose buffers are added to `put`: `put_together` makes the array of both."""
    own, children = _own_buffers(array)
    places: list[int | None] = []
    for buffer in own:
        places.append(None if buffer is None else len(put))
        if buffer is not None:
            put.append(np.frombuffer(buffer, dtype=np.uint8))
    return {
        "length": len(array),
        "nulls": array.null_count,
        "buffers": places,
        "children": [taken_apart(child, put) for child in children],
    }


def put_together(kind: pa.DataType, shape: Mapping[str, Any], buffers: Sequence[Bytes]) -> pa.Array:
    """The array that was taken apart; it keeps the buffers alive, and copies none."""
    own = [None if place is None else pa.py_buffer(buffers[place]) for place in shape["buffers"]]
    inner = list(_inner(kind))
    children = [put_together(one, child, buffers) for one, child in zip(inner, shape["children"], strict=True)]
    return pa.Array.from_buffers(kind, shape["length"], own, shape["nulls"], 0, children or None)


def _inner(kind: pa.DataType) -> Iterator[pa.DataType]:
    if pa.types.is_map(kind):
        yield pa.struct([kind.key_field, kind.item_field])
    elif pa.types.is_struct(kind):
        yield from (kind.field(index).type for index in range(kind.num_fields))
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield kind.value_type


def _own_buffers(array: pa.Array) -> tuple[list[pa.Buffer | None], list[pa.Array]]:
    """The buffers of an array that are not its children's, and these."""
    kind, buffers = array.type, array.buffers()
    if pa.types.is_map(kind):
        return buffers[:2], [
            pa.StructArray.from_arrays([array.keys, array.items], fields=[kind.key_field, kind.item_field])
        ]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return buffers[:2], [array.values]
    if pa.types.is_struct(kind):
        return buffers[:1], [array.field(index) for index in range(kind.num_fields)]
    return buffers, []
