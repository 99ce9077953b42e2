"""Globs over a column."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc


def globs(column: pa.ChunkedArray, wanted: Iterable[str]) -> pa.Array:
    """Which values equal, or match, one of the globs (`*`, `?`); null is no match."""
    patterns = [_pattern(one) for one in wanted]
    if not patterns:
        return pa.repeat(pa.scalar(False), len(column))
    found = pc.fill_null(pc.match_substring_regex(column, f"(?s)^(?:{'|'.join(patterns)})$"), False)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def matches(text: str, wanted: str) -> bool:
    """Whether a text equals, or matches, a glob."""
    return re.fullmatch(_pattern(wanted), text, re.DOTALL) is not None


def _pattern(glob: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in glob)
