"""The tokens that mean something, one after the other."""

from __future__ import annotations

from ..spans import DEEPEST, Malformed
from .tokens import Token, tokens


class Cursor:
    """Stands before a token; counts how deep it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = [one for one in tokens(text) if one.kind not in ("space", "comment")]
        self.found.append(Token("end", len(text), len(text)))
        self.at = 0
        self.depth = 0
        # Whether a newline means something: in bodies and objects, not within brackets.
        self.lines = [True]

    def peek(self) -> Token:
        """The next token; it is not taken."""
        while not self.lines[-1] and self.found[self.at].kind == "newline":
            self.at += 1
        return self.found[self.at]

    def take(self) -> Token:
        """The next token, taken."""
        token = self.peek()
        if token.kind != "end":
            self.at += 1
        return token

    def word(self, token: Token) -> str:
        """The text of a token."""
        return self.text[token.begin : token.end]

    def sign(self, *signs: str) -> Token | None:
        """The next token if it is one of these signs."""
        token = self.peek()
        return self.take() if token.kind in ("sign", "close") and self.word(token) in signs else None

    def must(self, sign: str, opened: Token) -> Token:
        """A sign that must stand here; `opened` is what it closes. Raises Malformed."""
        token = self.sign(sign)
        if token is not None:
            return token
        if self.peek().kind == "end":
            raise Malformed(opened.begin, f"{self.word(opened)[:2]!r} is never closed")
        raise self.unexpected(f"{sign!r} should stand here")

    def unexpected(self, wanted: str) -> Malformed:
        """The error of what stands here instead of what is wanted."""
        token = self.peek()
        if token.kind == "end":
            return Malformed(token.begin, f"the file ends here, and {wanted}")
        if token.kind == "unended":
            return Malformed(token.begin, "a comment is never closed")
        seen = "the line ends" if token.kind == "newline" else repr(self.word(token)[:20])
        return Malformed(token.begin, f"{seen}, and {wanted}")

    def deeper(self, token: Token) -> None:
        """One level more. Raises Malformed beyond what is read."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Malformed(token.begin, f"is nested more than {DEEPEST} deep")
