"""Patterns with wildcards: what one matches, what several make of all texts, and whether one lies in others.

`pattern` matches one text, `dialect` reads patterns as a vendor writes them, `cells` cuts all texts by several of them,
`inclusion` finds texts inside some patterns and outside others, `region` is patterns less other patterns.
"""

from .budget import Budget, TooManyStatesError
from .cells import Cell, after, after_each, regions, shared
from .dialect import Dialect, Stand
from .inclusion import lies_in, meets, outside
from .pattern import (
    SEPARATOR,
    Pattern,
    Token,
    Wild,
    exactly,
    example,
    glob,
    join,
    matching_lines,
    tokens_across,
    tokens_within,
)
from .region import EVERYTHING, PERMISSION, RESOURCE, Inside, Region

__all__ = [
    "EVERYTHING",
    "PERMISSION",
    "RESOURCE",
    "SEPARATOR",
    "Budget",
    "Cell",
    "Dialect",
    "Inside",
    "Pattern",
    "Region",
    "Stand",
    "Token",
    "TooManyStatesError",
    "Wild",
    "after",
    "after_each",
    "exactly",
    "example",
    "glob",
    "join",
    "lies_in",
    "matching_lines",
    "meets",
    "outside",
    "regions",
    "shared",
    "tokens_across",
    "tokens_within",
]
