"""What a file of Terraform says, as blocks, attributes and expressions that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, `true`, `false` or `null`."""

    begin: int
    end: int
    value: object


@dataclass(frozen=True, slots=True)
class Chunk:
    """Literal text of a template as it is written."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Inserted:
    """`${value}` in a template."""

    begin: int
    end: int
    value: Expression


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string or a heredoc; `control` says that it holds `%{ }`."""

    begin: int
    end: int
    parts: tuple[Chunk | Inserted, ...]
    heredoc: bool
    control: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """`[a, b]`."""

    begin: int
    end: int
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """`key = value` of an object; the key is None where it is computed."""

    begin: int
    key: str | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Object:
    """`{ a = b }`."""

    begin: int
    end: int
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`name(a, b)`."""

    begin: int
    end: int
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """`aws_iam_role.x.name`: its steps, those in brackets as they are written."""

    begin: int
    end: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """Any other expression, and what it is: an operation, a condition, a `for`."""

    begin: int
    end: int
    what: str


Expression: TypeAlias = Literal | Template | Items | Object | Call | Reference | Computed


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value` of a body."""

    begin: int
    end: int
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Block:
    """`kind "label" { … }`; `inner` and `inner_end` are what lies between its braces."""

    begin: int
    end: int
    kind: str
    labels: tuple[str, ...]
    inner: int
    inner_end: int
    items: tuple[Attribute | Block, ...]

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of a name."""
        return next((one for one in self.items if isinstance(one, Attribute) and one.name == name), None)

    def blocks(self, kind: str) -> list[Block]:
        """The blocks of a kind directly in it, and those that are made by a `dynamic` of it."""
        return [
            one
            for one in self.items
            if isinstance(one, Block) and (one.kind == kind or (one.kind == "dynamic" and one.labels == (kind,)))
        ]
