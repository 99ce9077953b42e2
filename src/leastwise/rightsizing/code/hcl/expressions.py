"""Tokens as expressions."""

from __future__ import annotations

from ..spans import Malformed
from .cursor import Cursor
from .escapes import unescaped
from .tokens import Token
from .tree import Call, Chunk, Computed, Expression, Inserted, Items, Literal, Object, Pair, Reference, Template

_OPERATORS = frozenset(("&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"))
_WORDS = {"true": True, "false": False, "null": None}


class Expressions(Cursor):
    """Reads expressions."""

    def expression(self) -> Expression:
        """An expression with its operators: what they make is computed, so that their order does not matter."""
        first = found = self.operand()
        what = ""
        while True:
            if self.sign(*_OPERATORS):
                found, what = self.operand(), what or "an operation"
            elif mark := self.sign("?"):
                self.deeper(mark)
                self.expression()
                self.depth -= 1
                self.must(":", mark)
                found, what = self.operand(), "a condition"
            else:
                return Computed(first.begin, found.end, what) if what else found

    def operand(self) -> Expression:
        """A value with the signs before it and the steps behind it."""
        begin = self.peek().begin
        signs = ""
        while sign := self.sign("-", "!"):
            signs += self.word(sign)
        found = self.steps(self.primary())
        if signs == "-" and isinstance(found, Literal) and isinstance(found.value, int | float):
            return Literal(begin, found.end, -found.value)
        return Computed(begin, found.end, "an operation") if signs else found

    def primary(self) -> Expression:
        """A value."""
        token = self.take()
        word = self.word(token)
        if token.kind == "number":
            value = float(word) if set(word) & set(".eE") else int(word)
            return Literal(token.begin, token.end, value)
        if token.kind in ("quote", "heredoc"):
            return self.template(token)
        if token.kind == "word":
            return self.named(token, word)
        if word in ("(", "[", "{") and token.kind == "sign":
            self.deeper(token)
            made = self.bracketed(token, word)
            self.depth -= 1
            return made
        if token.kind != "end":
            self.at -= 1
        raise self.unexpected("a value should stand here")

    def named(self, token: Token, word: str) -> Expression:
        """What begins with a word: a call, a constant, a reference."""
        end = token.end
        while self.peek().kind == "sign" and self.word(self.peek()) == "::":
            self.take()
            end = self.take().end
        opened = self.sign("(")
        if opened is None:
            if word in _WORDS:
                return Literal(token.begin, token.end, _WORDS[word])
            return Reference(token.begin, end, (word,))
        self.deeper(opened)
        self.lines.append(False)
        arguments: list[Expression] = []
        while not (closed := self.sign(")")):
            arguments.append(self.expression())
            self.sign("...")
            if not self.sign(","):
                closed = self.must(")", opened)
                break
        self.lines.pop()
        self.depth -= 1
        return Call(token.begin, closed.end, self.text[token.begin : end], tuple(arguments))

    def bracketed(self, opened: Token, word: str) -> Expression:
        """What begins with a bracket that is taken."""
        self.lines.append(False)
        if word == "(":
            self.expression()
            ended = self.must(")", opened)
            self.lines.pop()
            return Computed(opened.begin, ended.end, "an expression in brackets")
        token = self.peek()
        if token.kind == "word" and self.word(token) == "for" and self.repeats():
            return self.repeated(opened, "]" if word == "[" else "}")
        if word == "{":
            return self.object(opened)
        items: list[Expression] = []
        while not (closed := self.sign("]")):
            items.append(self.expression())
            if not self.sign(","):
                closed = self.must("]", opened)
                break
        self.lines.pop()
        return Items(opened.begin, closed.end, tuple(items))

    def repeats(self) -> bool:
        """Whether the word `for` begins a repetition: `for` may also be a key or a name."""
        after = self.found[self.at + 1]
        return after.kind == "word"

    def repeated(self, opened: Token, closing: str) -> Expression:
        """`[for a in b : c]`: only where it ends matters."""
        depth = 0
        while (token := self.peek()).kind != "end":
            word = self.word(token)
            if token.kind in ("quote", "heredoc"):
                self.template(self.take())
                continue
            if depth == 0 and word == closing:
                break
            depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
            if depth < 0:
                break
            self.take()
        closed = self.must(closing, opened)
        self.lines.pop()
        return Computed(opened.begin, closed.end, "a 'for'")

    def object(self, opened: Token) -> Expression:
        """An object whose brace is taken."""
        self.lines[-1] = True
        pairs: list[Pair] = []
        while True:
            while self.peek().kind == "newline":
                self.take()
            if closed := self.sign("}"):
                break
            key = self.expression()
            if not self.sign("=", ":"):
                raise self.unexpected("'=' should stand here")
            pairs.append(Pair(key.begin, self.key(key), self.expression()))
            if not self.sign(",") and self.peek().kind != "newline":
                closed = self.must("}", opened)
                break
        self.lines.pop()
        return Object(opened.begin, closed.end, tuple(pairs))

    def key(self, found: Expression) -> str | None:
        """The text of a key; None where it is computed."""
        if isinstance(found, Reference) and len(found.steps) == 1:
            return found.steps[0]
        if isinstance(found, Template) and not found.heredoc and len(found.parts) <= 1:
            chunk = found.parts[0] if found.parts else None
            if chunk is None:
                return ""
            return unescaped(self.text[chunk.begin : chunk.end], False) if isinstance(chunk, Chunk) else None
        if isinstance(found, Literal):
            return self.text[found.begin : found.end]
        return None

    def steps(self, found: Expression) -> Expression:
        """What stands behind a value: `.name`, `[index]`, `.*`."""
        begin, end = found.begin, found.end
        steps = list(found.steps) if isinstance(found, Reference) else None
        while True:
            token = self.peek()
            word = self.word(token) if token.kind == "sign" else ""
            if word == ".":
                self.take()
                name = self.take()
                if name.kind not in ("word", "number") and self.word(name) != "*":
                    self.at -= name.kind != "end"
                    raise self.unexpected("a name should stand here")
                step, end = self.word(name), name.end
            elif word == "[":
                self.deeper(self.take())
                self.lines.append(False)
                if not self.sign("*"):
                    self.expression()
                end = self.must("]", token).end
                self.lines.pop()
                self.depth -= 1
                step = self.text[token.begin : end]
            else:
                break
            if steps is not None:
                steps.append(step)
        if end == found.end:
            return found
        return Computed(begin, end, "a part of a value") if steps is None else Reference(begin, end, tuple(steps))

    def template(self, opened: Token) -> Template:
        """A string or heredoc whose first token is taken."""
        heredoc = opened.kind == "heredoc"
        parts: list[Chunk | Inserted] = []
        control = False
        while True:
            # Directly: a newline token cannot stand between the parts of a template.
            token = self.found[self.at]
            self.at += token.kind != "end"
            if token.kind == "chunk":
                self.escapes(token, heredoc)
                last = parts[-1] if parts else None
                if isinstance(last, Chunk) and last.end == token.begin:
                    parts[-1] = Chunk(last.begin, token.end)
                else:
                    parts.append(Chunk(token.begin, token.end))
            elif token.kind == "open":
                control = control or self.text[token.begin] == "%"
                parts.append(self.inserted(token))
            elif token.kind in ("unquote", "ended"):
                return Template(opened.begin, token.end, tuple(parts), heredoc, control)
            elif token.kind == "end":
                what = f"the heredoc {self.word(opened).strip()}" if heredoc else "a string"
                raise Malformed(opened.begin, f"{what} is never closed")
            else:
                raise Malformed(token.begin, "a string must end in its line")

    def escapes(self, chunk: Token, heredoc: bool) -> None:
        """Raises Malformed where a text has an escape that there is not."""
        try:
            unescaped(self.word(chunk), heredoc)
        except Malformed as error:
            raise Malformed(chunk.begin + error.offset, error.cause) from None

    def inserted(self, opened: Token) -> Inserted:
        """What stands in `${ }` or `%{ }`."""
        self.deeper(opened)
        self.lines.append(False)
        if self.text[opened.begin] == "%":
            found: Expression = self.directive(opened)
        else:
            found = self.expression()
        closed = self.peek()
        if closed.kind != "close":
            if closed.kind == "end":
                raise Malformed(opened.begin, f"{self.word(opened)!r} is never closed")
            raise self.unexpected("'}' should stand here")
        self.take()
        self.lines.pop()
        self.depth -= 1
        return Inserted(opened.begin, closed.end, found)

    def directive(self, opened: Token) -> Expression:
        """What stands in `%{ }`: only where it ends matters."""
        braces = 0
        while (token := self.peek()).kind != "end" and (braces or token.kind != "close"):
            if token.kind in ("quote", "heredoc"):
                self.template(self.take())
                continue
            braces += (self.word(token) == "{") - (token.kind == "close")
            self.take()
        return Computed(opened.begin, token.end, "a directive")
