"""GUIDs in the forms in which vendors write them."""

from __future__ import annotations

import re

_GUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


def guid(text: str) -> str | None:
    """A GUID in its usual spelling, or None for another text."""
    low = text.strip().strip("{}").lower()
    if not _GUID.fullmatch(low):
        return None
    plain = low.replace("-", "")
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"
