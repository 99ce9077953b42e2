"""Addresses with parameters in them: `{+name}` puts one in as it is, `{name}` with every sign encoded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_PLACE = re.compile(r"\{(\+?)([^{}]+)\}")
_AS_IT_IS = "/:@%~$&'()*+,;=!"


def placed(path: str, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path with its parameters, and those parameters that have no place in it."""
    used: set[str] = set()

    def put(found: re.Match[str]) -> str:
        used.add(found[2])
        return quote(str(parameters[found[2]]), safe=_AS_IT_IS if found[1] else "")

    text = _PLACE.sub(put, path)
    return text, {name: value for name, value in parameters.items() if name not in used}
