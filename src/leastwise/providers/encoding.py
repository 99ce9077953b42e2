"""Where the bytes of a document stop being the text that they should be."""

from __future__ import annotations


def broken(error: Exception, data: bytes) -> str:
    """What is wrong with a document that is no JSON; of bytes that are no UTF-8 the place in the document.

    Decoders tell the place within the text that they were at, which nobody can find.
    """
    if isinstance(error, UnicodeDecodeError):
        try:
            data.decode()
        except UnicodeDecodeError as found:
            line = data.count(b"\n", 0, found.start) + 1
            return f"not valid JSON: no UTF-8 at byte {found.start} (line {line})"
    return f"not valid JSON: {error}"
