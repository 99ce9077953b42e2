"""The faces of a resource: itself, and what it holds (objects, indexes); and which actions are about which face.

What a resource holds is asked for as a pattern, `arn:aws:s3:::bucket/*`. Actions that the same statements concern, and
that are alike otherwise, are one group.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from .. import catalog
from ..evaluate.arn import parse_arn, resource_pattern, spans
from ..evaluate.policy import Statement
from .actions import ruled
from .asked import objection
from .context import never
from .giving import lack_of

_VARIABLE, _NAME = "${", re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Group:
    """Actions that are decided alike on one face."""

    actions: tuple[str, ...]
    face: str


@dataclass(frozen=True)
class _Shape:
    """The actions about a kind of resource: those about itself, and those about what stands behind a separator."""

    own: tuple[str, ...]
    below: tuple[tuple[str, tuple[str, ...]], ...]


class Faces:
    """Groups the actions of resources; what it learns about a kind of resource it keeps."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[tuple[tuple[str, ...], frozenset[int]]]] = {}

    def groups(self, arn: str, statements: Sequence[Statement]) -> Iterator[Group]:
        """The groups of actions on the faces of a resource that some Allow concerns.

        Args:
            arn: the resource.
            statements: every statement that may bear on it, whoever it is about; those on its own side first.
        """
        shape = _shape(arn, _prefixes(arn, statements))
        for actions, allows in self._grouped(arn, shape.own, statements):
            yield Group(actions, arn)
            # Some services name what a resource holds by it: a statement may cover only that.
            for separator in "/:":
                if any(_only_below(statements[number], arn, separator) for number in allows):
                    face = _face(arn, separator)
                    if asked := tuple(one for one in actions if not objection(one, face)):
                        yield Group(asked, face)
        for separator, below in shape.below:
            for actions, _ in self._grouped(arn, below, statements):
                yield Group(actions, _face(arn, separator))

    def _grouped(
        self, arn: str, actions: tuple[str, ...], statements: Sequence[Statement]
    ) -> list[tuple[tuple[str, ...], frozenset[int]]]:
        """Groups with the numbers of the Allow statements that concern them."""
        keys = frozenset(test.key.lower() for statement in statements for test in statement.tests)
        told = tuple((one.effect, one.actions, one.not_actions) for one in statements)
        named = tuple(sorted(_beyond_catalogue(arn, statements)))
        asked = (actions, keys, told, named)
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = list(_split((*actions, *named), arn, keys, statements))
        return found


def _split(
    actions: Iterable[str], arn: str, keys: Collection[str], statements: Sequence[Statement]
) -> Iterator[tuple[tuple[str, ...], frozenset[int]]]:
    found: dict[Hashable, list[str]] = {}
    allowing: dict[Hashable, frozenset[int]] = {}
    for action in actions:
        concerned = [number for number, one in enumerate(statements) if one.concerns(action)]
        allows = frozenset(number for number in concerned if statements[number].effect == "Allow")
        if not allows:
            continue
        absent = never(action)
        prefix = action.partition(":")[0].lower()
        rules = (ruled(action, arn), lack_of(action), frozenset(key for key in keys if absent(key)))
        alike: Hashable = (prefix, tuple(concerned), rules)
        found.setdefault(alike, []).append(action)
        allowing[alike] = allows
    for alike, members in found.items():
        yield tuple(sorted(members)), allowing[alike]


def _prefixes(arn: str, statements: Sequence[Statement]) -> tuple[str, ...]:
    """The services whose actions may be about a resource: its own, and those that statements name."""
    parsed = parse_arn(arn)
    found = {parsed.service} if parsed else set()
    if "iam" in found:
        found.add("sts")  # by which roles are assumed
    for statement in statements:
        texts = (str(pattern) for pattern in statement.actions or ())
        found |= {text.partition(":")[0].lower() for text in texts if ":" in text}
    return tuple(sorted(one for one in found if one and not spans(one)))


def _beyond_catalogue(arn: str, statements: Sequence[Statement]) -> Iterator[str]:
    """What statements allow of the resource's own service that the catalogue does not know: newer than it."""
    parsed = parse_arn(arn)
    for statement in statements:
        for pattern in statement.actions or () if statement.effect == "Allow" else ():
            text = str(pattern)
            if parsed and text.partition(":")[0].lower() == parsed.service and not _known_actions(text):
                yield text


@cache
def _known_actions(text: str) -> bool:
    return bool(catalog.known_actions(text))


def _shape(arn: str, prefixes: tuple[str, ...]) -> _Shape:
    sample = _sample(arn)
    # Roles are by far the most, and one is as another.
    whose = sample if ":role/" in arn and ":iam:" in arn else arn
    return _shape_of(tuple((prefix, _types(whose, prefix)) for prefix in prefixes), sample)


@lru_cache(maxsize=4096)
def _types(arn: str, prefix: str) -> tuple[str, ...]:
    return tuple(one.name for one in catalog.resource_types_of(arn, prefix, wide=True))


def _sample(arn: str) -> str:
    """The resource without its names: resources of one kind have the same."""
    fields = arn.split(":", 5)
    kind = next((end for end, sign in enumerate(fields[-1]) if sign in "/:"), -1) + 1
    return ":".join((*fields[:3], *("~" if field else "" for field in fields[3:5]), f"{fields[-1][:kind]}~"))


@cache
def _shape_of(types: tuple[tuple[str, tuple[str, ...]], ...], sample: str) -> _Shape:
    """The actions that take one of a resource's types, and those that take what stands below it.

    Of a resource that the catalogue does not know, every action of its service that takes a resource.
    """
    own: list[str] = []
    below: dict[str, list[str]] = {}
    rest: list[str] = []
    for service, names in ((catalog.service(prefix), names) for prefix, names in types):
        for action in service.action_names if service else ():
            known = service.action(action) if service else None
            if service is None or known is None or known.wildcard_only:
                continue
            rest.append(known.name)
            if any(known.use_of(name) for name in names):
                own.append(known.name)
                continue
            forms = [form for use in known.resource_types for form in service.resource_types[use.type].arns]
            for separator in sorted({_behind(form, sample) for form in forms} - {""}):
                below.setdefault(separator, []).append(known.name)
    if not own and not below:
        own = rest
    return _Shape(tuple(own), tuple((separator, tuple(names)) for separator, names in sorted(below.items())))


def _behind(form: str, sample: str) -> str:
    """What separates a form (`arn:${Partition}:s3:::${BucketName}/${ObjectName}`) from the resource that it is below.

    Empty when it is not below.
    """
    fields, wanted = form.split(":", 5), sample.split(":", 5)
    kind = wanted[-1].removesuffix("~")
    if len(fields) < 6 or fields[2] != wanted[2] or not fields[-1].startswith(kind):
        return ""
    rest = fields[-1].removeprefix(kind)
    found = _NAME.match(rest)
    return rest[found.end() :][:1] if found and rest[found.end() :].startswith(("/", ":")) else ""


def _face(arn: str, separator: str) -> str:
    """What a resource holds: through an access point, objects."""
    parsed = parse_arn(arn)
    if parsed and parsed.service == "s3" and parsed.resource.startswith("accesspoint/"):
        return f"{arn}/object/*"
    return f"{arn}{separator}*"


def _only_below(statement: Statement, arn: str, separator: str) -> bool:
    """Whether a statement may cover something that a resource holds, and not the resource itself."""
    head = f"{arn}{separator}"
    for value in statement.resources or ():
        if _VARIABLE in value:
            continue
        pattern = resource_pattern(value)
        if pattern.prefix.startswith(head) and not pattern.matches(arn):
            return True
    return False
