"""What stands for what in texts of Terraform."""

from __future__ import annotations

from ..spans import Malformed

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def unescaped(written: str, heredoc: bool) -> str:
    """The text that a chunk of a template stands for. Raises Malformed (at an offset in the chunk)."""
    if "\\" not in written and "{" not in written:
        return written
    made: list[str] = []
    at = 0
    while at < len(written):
        two = written[at : at + 3]
        if two in ("$${", "%%{"):
            made.append(two[1:])
            at += 3
        elif written[at] == "\\" and not heredoc:
            letter = written[at + 1 : at + 2]
            digits = {"u": 4, "U": 8}.get(letter, 0)
            code = written[at + 2 : at + 2 + digits]
            if digits and len(code) == digits and all(one in "0123456789abcdefABCDEF" for one in code):
                number = int(code, 16)
                if number > 0x10FFFF:
                    raise Malformed(at, f"\\{letter}{code} is no character")
                made.append(chr(number))
            elif letter in _ESCAPES and not digits:
                made.append(_ESCAPES[letter])
            else:
                raise Malformed(at, f"\\{letter} is no escape")
            at += 2 + digits
        else:
            made.append(written[at])
            at += 1
    return "".join(made)
