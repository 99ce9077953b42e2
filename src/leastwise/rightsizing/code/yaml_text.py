"""YAML that knows where it stands, with the short tags of CloudFormation; by the marks that PyYAML's nodes carry.

PyYAML is a dependency already, and its marks are offsets of characters: no second YAML library is needed to keep
comments, as only the text between two marks is ever replaced.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from .located import Entry, Listing, Mapped, Node, Open, Scalar
from .spans import DEEPEST, Malformed

_DASH = re.compile(r"-[ \t]*(?:#[^\n]*)?(?:\r?\n[ \t]*(?:#[^\n]*)?)*\Z")


class _Loader(yaml.SafeLoader):
    """Composes nodes; nothing is constructed but plain scalars."""


def read_yaml(text: str) -> Node:
    """The first document of a text. Raises Malformed."""
    try:
        loader = _Loader(text)
        if not loader.check_node():
            raise Malformed(0, "holds nothing")
        found = loader.get_node()
        assert found is not None
        again = _again(found)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Malformed(mark.index if mark else 0, str(error.problem or error.context)) from None
    except yaml.reader.ReaderError as error:
        raise Malformed(error.position, f"character {error.character!r} is not allowed") from None
    except RecursionError:
        raise Malformed(0, f"is nested more than {DEEPEST} deep") from None
    return _Reading(text, loader, again).node(found, 0)


def _again(root: yaml.Node) -> set[int]:
    """The nodes that stand in several places: what an alias names is changed wherever it does."""
    met: set[int] = set()
    again: set[int] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in met:
            again.add(id(one))
            continue
        met.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.MappingNode):
            waiting += [each for pair in one.value for each in pair]
    return again


class _Reading:
    def __init__(self, text: str, loader: _Loader, again: set[int]) -> None:
        self.text, self.loader, self.again = text, loader, again

    def node(self, found: yaml.Node, depth: int) -> Node:
        begin, end = found.start_mark.index, self.end(found)
        if depth > DEEPEST:
            raise Malformed(begin, f"is nested more than {DEEPEST} deep")
        if id(found) in self.again:
            return Open(begin, end, "an anchor that is used again")
        if isinstance(found, yaml.ScalarNode):
            return self.scalar(found, begin, end)
        if not found.tag.startswith("tag:yaml.org,2002:"):
            return Open(begin, end, f"the intrinsic {found.tag}")
        if isinstance(found, yaml.SequenceNode):
            return self.sequence(found, begin, end, depth)
        assert isinstance(found, yaml.MappingNode)
        return self.mapping(found, begin, end, depth)

    def end(self, found: yaml.Node) -> int:
        """Where a node ends; the marks of what has no bracket or quote at its end lie behind blanks and comments."""
        while isinstance(found, yaml.CollectionNode) and not found.flow_style and found.value:
            last = found.value[-1]
            found = last[1] if isinstance(last, tuple) else last
        begin, end = int(found.start_mark.index), int(found.end_mark.index)
        return begin + len(self.text[begin:end].rstrip()) if getattr(found, "style", None) in ("|", ">") else end

    def scalar(self, found: yaml.ScalarNode, begin: int, end: int) -> Node:
        if found.tag == "!Sub" or not found.tag.startswith("tag:yaml.org,2002:"):
            pattern = substituted(found.value) if found.tag == "!Sub" else None
            return Open(begin, end, f"the intrinsic {found.tag}", pattern)
        if found.tag in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:binary"):
            return Scalar(begin, end, found.value)
        try:
            value: Any = self.loader.construct_object(found)
        except (yaml.YAMLError, ValueError) as error:
            raise Malformed(begin, f"holds a value that is none: {error}") from None
        return Scalar(begin, end, value)

    def sequence(self, found: yaml.SequenceNode, begin: int, end: int, depth: int) -> Node:
        if found.flow_style:
            items = [(self.node(one, depth + 1)) for one in found.value]
            return Listing(begin, end, "yaml flow", tuple(Entry(one.begin, None, one) for one in items))
        entries: list[Entry] = []
        after = begin
        for one in found.value:
            node = self.node(one, depth + 1)
            dash = _DASH.search(self.text, after, node.begin)
            entries.append(Entry(node.begin if dash is None else dash.start(), None, node))
            after = node.end
        last = entries[-1].value.end if entries else end
        return Listing(self.above(begin), max(last, begin), "yaml", tuple(entries))

    def above(self, begin: int) -> int:
        """Where the comments begin that stand right above the first element of a list: they are its own."""
        line = self.text.rfind("\n", 0, begin) + 1
        while line:
            before = self.text.rfind("\n", 0, line - 1) + 1
            if self.text[line:begin].strip() and not self.text[line:begin].lstrip().startswith("#"):
                return begin
            if not self.text[before:line].lstrip().startswith("#"):
                break
            line = before
        found = self.text[line:begin]
        return line + len(found) - len(found.lstrip())

    def mapping(self, found: yaml.MappingNode, begin: int, end: int, depth: int) -> Node:
        entries: list[Entry] = []
        names: set[str] = set()
        for key, value in found.value:
            node = self.node(value, depth + 1)
            if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
                return Open(begin, end, "a merged or computed key")
            if key.value in names:
                raise Malformed(key.start_mark.index, f"{key.value} stands twice")
            names.add(key.value)
            entries.append(Entry(key.start_mark.index, key.value, node))
        if found.flow_style:
            return Mapped(begin, end, "yaml flow", tuple(entries))
        return Mapped(begin, max([begin, *(one.value.end for one in entries)]), "yaml", tuple(entries))


def substituted(text: Any) -> str:
    """The pattern of what `!Sub` makes of a text: `${!x}` stands for `${x}`."""
    pieces = re.split(r"(\$\{[^}]*\})", str(text))
    return "".join(
        re.escape("${" + one[3:]) if one.startswith("${!") else ".*" if one.startswith("${") else re.escape(one)
        for one in pieces
    )
