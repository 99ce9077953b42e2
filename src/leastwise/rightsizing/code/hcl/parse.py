"""A file of Terraform as blocks, attributes and expressions."""

from __future__ import annotations

from ..spans import Malformed
from .expressions import Expressions
from .tokens import Token
from .tree import Attribute, Block, Chunk


def parse(text: str) -> Block:
    """The file as a block without a kind. Raises Malformed at the first place that no valid file has."""
    return Block(0, len(text), "", (), 0, len(text), _Bodies(text).body(""))


class _Bodies(Expressions):
    """Reads bodies."""

    def body(self, closing: str) -> tuple[Attribute | Block, ...]:
        items: list[Attribute | Block] = []
        names: set[str] = set()
        while True:
            while self.peek().kind == "newline":
                self.take()
            token = self.peek()
            if token.kind == "end" or (token.kind == "close" and closing):
                return tuple(items)
            item = self.item()
            if isinstance(item, Attribute):
                if item.name in names:
                    raise Malformed(item.begin, f"{item.name} is set twice")
                names.add(item.name)
            items.append(item)
            after = self.peek()
            if after.kind not in ("newline", "end") and not (after.kind == "close" and closing):
                raise self.unexpected("a new line should begin")

    def item(self) -> Attribute | Block:
        name = self.take()
        if name.kind != "word":
            self.at -= name.kind != "end"
            raise self.unexpected("the name of an attribute or block should stand here")
        if self.sign("="):
            value = self.expression()
            return Attribute(name.begin, value.end, self.word(name), value)
        labels: list[str] = []
        while (token := self.peek()).kind in ("word", "quote"):
            labels.append(self.label(token))
        opened = self.sign("{")
        if opened is None:
            raise self.unexpected("'=' or '{' should stand here")
        self.deeper(opened)
        self.lines.append(True)
        items = self.body("}")
        closed = self.must("}", opened)
        self.lines.pop()
        self.depth -= 1
        return Block(name.begin, closed.end, self.word(name), tuple(labels), opened.end, closed.begin, items)

    def label(self, token: Token) -> str:
        if token.kind == "word":
            return self.word(self.take())
        found = self.template(self.take())
        if len(found.parts) != 1 or not isinstance(found.parts[0], Chunk):
            raise Malformed(found.begin, "a label must be plain text")
        return self.text[found.parts[0].begin : found.parts[0].end]
