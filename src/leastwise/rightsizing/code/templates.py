"""Templates of CloudFormation and SAM as places, in YAML and JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from leastwise.model.coding import Attacher, Carrier, Coding, Path

from .located import Entry, Listing, Mapped, Node, Open, Scalar
from .places import Name, Place
from .spans import line_of
from .yaml_text import substituted

_REFERS = re.compile(
    r"""(?:!Ref\s+|!GetAtt\s+|"?Ref"?\s*:\s*)["']?([A-Za-z0-9]+)|"?Fn::GetAtt"?\s*:\s*\[?\s*["']?([A-Za-z0-9]+)"""
)


@dataclass(frozen=True)
class _Thing:
    """A resource of a template."""

    logical: str
    properties: Mapped
    coding: Coding
    kind: str


def template_places(
    file: str, text: str, root: Node, codings: Sequence[Coding]
) -> tuple[list[Place], list[tuple[int, int, str]]]:
    """The places of a template that is read, and its resources, each with where it begins and ends."""
    resources = child(_intrinsics(root), "Resources")
    if not isinstance(resources, Mapped):
        return [], []
    names = {kind: attribute for one in codings for kind, attribute in one.names.items()}
    reader = _Reader(file, text, resources, names)
    places = [place for one in resources.entries for coding in codings for place in reader.places(one, coding)]
    return places, [(one.begin, _reach(text, one), str(one.key)) for one in resources.entries]


def _reach(text: str, one: Entry) -> int:
    """Where a resource ends, the comments behind it that stand deeper than its own key being in it."""
    column = one.begin - (text.rfind("\n", 0, one.begin) + 1)
    end = one.value.end
    begin = text.find("\n", end) + 1
    while begin:
        after = text.find("\n", begin) + 1
        line = text[begin : after or len(text)]
        inner = line.lstrip()
        if inner and not (inner.startswith("#") and len(line) - len(inner) > column):
            break
        end = begin + len(line.rstrip()) if inner else end
        begin = after
    return end


def _intrinsics(node: Node) -> Node:
    """A node with the long form of intrinsics (`Fn::Sub: …`, `Ref: …`) as what it is: computed."""
    if not isinstance(node, Listing | Mapped):
        return node
    one = node.entries[0] if len(node.entries) == 1 else None
    if one is not None and (str(one.key).startswith("Fn::") or one.key == "Ref"):
        text = one.value.value if isinstance(one.value, Scalar) and one.key == "Fn::Sub" else None
        return Open(node.begin, node.end, f"the intrinsic {one.key}", None if text is None else substituted(text))
    return replace(node, entries=tuple(replace(one, value=_intrinsics(one.value)) for one in node.entries))


def child(node: Node | None, key: str) -> Node | None:
    """The value at a key of a map; None where there is none."""
    entries = node.entries if isinstance(node, Mapped) else ()
    return next((one.value for one in entries if one.key == key), None)


def _at(node: Node | None, path: Path) -> Iterator[tuple[Node, Entry | None, Node | None]]:
    """The nodes at a path, each with the element of a list that it lies in, and that list."""
    if node is None:
        return
    if not path:
        yield node, None, None
        return
    if path[0] != "*":
        yield from _at(child(node, path[0]), path[1:])
        return
    for one in node.entries if isinstance(node, Listing) else ():
        for found, _, _ in _at(one.value, path[1:]):
            yield found, one, node


@dataclass(frozen=True)
class _Reader:
    file: str
    text: str
    resources: Mapped
    names: Mapping[str, str]

    def places(self, one: Entry, coding: Coding) -> Iterator[Place]:
        """The places of a resource."""
        kind, properties = child(one.value, "Type"), child(one.value, "Properties")
        if not isinstance(kind, Scalar) or not isinstance(properties, Mapped):
            return
        thing = _Thing(str(one.key), properties, coding, str(kind.value))
        for carrier in coding.carriers:
            if carrier.type == kind.value:
                yield from self._documents(thing, carrier)
        for attacher in coding.attachers:
            if attacher.type == kind.value:
                yield from self._attachments(thing, attacher)

    def _documents(self, thing: _Thing, carrier: Carrier) -> Iterator[Place]:
        for only, value in carrier.only.items():
            found = child(thing.properties, only)
            if not isinstance(found, Scalar) or found.value != value:
                return
        for node, entry, _ in _at(thing.properties, carrier.path):
            if isinstance(node, Scalar) and not isinstance(node.value, dict):
                if carrier.path[-1] == "*":
                    continue
                node = Open(node.begin, node.end, "a text")
            why = f"its document is not edited: {node.why}" if isinstance(node, Open) else ""
            if isinstance(node, Mapped) and thing.coding.statements and not child(node, thing.coding.statements):
                why = why or f"is no document: it has no {thing.coding.statements}"
            policy = self._policy(thing, carrier, entry)
            named = [path[0] for path in carrier.owner if child(thing.properties, path[0])]
            sign = thing.coding.signs.get(named[0] if named else thing.kind, "")
            for owner in self._owners(thing, carrier):
                yield Place(
                    self.file, line_of(self.text, entry.begin if entry else node.begin),
                    self._address(thing, carrier.path), "cloudformation", "document", carrier.layer, policy, owner, why,
                    None if isinstance(node, Open) else node, provider=thing.coding.provider,
                    block=thing.logical, sign=sign,
                )  # fmt: skip

    def _address(self, thing: _Thing, path: Path) -> str:
        return f"{thing.logical} ({thing.kind}) {path[0]}"

    def _policy(self, thing: _Thing, carrier: Carrier, entry: Entry | None) -> Name:
        if not carrier.name:
            return Name()
        if entry is not None:
            return self._named(child(entry.value, carrier.name[-1]), thing.logical)
        return self._named(child(thing.properties, carrier.name[-1]), thing.logical)

    def _owners(self, thing: _Thing, carrier: Carrier) -> list[Name]:
        """Whose document it is; of several, the first stands for all, as the document is one."""
        if not carrier.owner:
            return [Name() if carrier.layer == "bundle" else self._own(thing)]
        found = [node for path in carrier.owner for node, _, _ in _at(thing.properties, path)]
        if len(found) > 1:
            return [Name(why=f"the document is put on {len(found)} owners")]
        return [self._named(found[0], "")] if found else [Name(why="the owner is not named")]

    def _own(self, thing: _Thing) -> Name:
        attribute = thing.coding.names.get(thing.kind)
        if attribute is None:
            return Name(why="the role is made by the template", refers=thing.logical)
        made = self._named(child(thing.properties, attribute), thing.logical)
        return Name(made.text, made.why, made.pattern, thing.logical)

    def _named(self, node: Node | None, logical: str, depth: int = 0) -> Name:
        """The name that a node gives; without one, that which is generated for a logical id."""
        if node is None:
            return Name(why="the name is generated", pattern=f".*-{re.escape(logical[:20])}.*" if logical else None)
        if isinstance(node, Scalar):
            return Name(str(node.value))
        if isinstance(node, Open):
            refers = _REFERS.match(self.text[node.begin : node.end].lstrip("{ \r\n\t"))
            below = child(self.resources, (refers[1] or refers[2])) if refers else None
            if refers and below is not None and depth < 5:
                return self._referred(refers[1] or refers[2], below, depth)
            return Name(why=node.why, pattern=node.pattern)
        return Name(why="a computed name")

    def _referred(self, logical: str, node: Node, depth: int) -> Name:
        kind, properties = child(node, "Type"), child(node, "Properties")
        name = self.names.get(str(kind.value) if isinstance(kind, Scalar) else "")
        made = (
            self._named(child(properties, name), logical, depth + 1) if name else Name(why=f"the reference {logical}")
        )
        return Name(made.text, made.why, made.pattern, logical)

    def _attachments(self, thing: _Thing, attacher: Attacher) -> Iterator[Place]:
        for node, entry, listing in _at(thing.properties, attacher.bundle):
            if isinstance(node, Mapped | Listing):
                continue
            owner = self._own(thing)
            if attacher.to:
                owners = [one for path in attacher.to for one, _, _ in _at(thing.properties, path)]
                owner = self._named(owners[0], "") if len(owners) == 1 else Name(why=f"{len(owners)} owners")
            policy = self._named(node, "")
            yield Place(
                self.file, line_of(self.text, node.begin), self._address(thing, attacher.bundle), "cloudformation",
                "attachment", attacher.layer, policy, owner,
                "" if entry is not None else "only elements of a list are taken away here", listing,
                (entry.begin, entry.value.end) if entry else None, entry is not None, provider=thing.coding.provider,
                block=thing.logical, sign=thing.coding.signs.get(thing.kind, ""),
            )  # fmt: skip
