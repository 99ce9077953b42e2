"""Names from outside in a text of ours: without what could not be written, or would move a cursor."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufffe\\uffff\\ud800-\\udfff]"
)


def seen(text: str) -> str:
    """The text with each character that cannot be seen, or that XML has no place for, as U+FFFD."""
    return _UNSEEN.sub("�", text)
