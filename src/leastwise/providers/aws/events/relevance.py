"""Which parameters of a call matter for what it tells, and how: read off the tables and the catalogue, once a call.

`facts.told` says what a call tells. A parameter that no rule, no pattern and no condition of ours names matters only if
it is an ARN; one that is named matters by what its forms say of it, by what stands before its last `/` or `:`, and as
the text that ends up in a resource. So two calls whose parameters agree in the former tell alike but for the latter.
That holds where no pattern of the call's resources tells a resource by a part of a name; where one does, and where a
call needs more than its own permission, everything matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leastwise.providers.aws.catalog import current

from .implied import passes, writes
from .permissions import Resolved
from .plans import letters, plan_of
from .resources import OTHER_OWNER
from .tables import bundled

_COPIED = "x-amz-copy-source"
_OPEN = re.compile(r"\$\{[^}]*\}|\*")
_SEPARATORS = re.compile(r"[/:]")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Relevance:
    """What matters of a call of one kind.

    - `every`: all parameters do. Else those whose name, as `letters` writes it, is in `names` or begins with one of
      `begins`, and ARNs.
    - `exact`: names of parameters whose whole value matters.
    - `forms`: by the path of a parameter, what its value is held against.
    - `literals`: parts of the patterns of resources; a name that is called like one is not any name.
    - `roles`: whether a role's ARN anywhere in the request would matter.
    - `objects`: whether keys of objects are among the parameters; of these only the first segment matters.
    - `open`: whether names stand for one another at all.
    - `permissions`: in lower case, those that such a call may need.
    """

    every: bool
    names: frozenset[str]
    begins: tuple[str, ...]
    exact: frozenset[str]
    forms: Mapping[tuple[str, ...], tuple[re.Pattern[str], ...]]
    literals: frozenset[str]
    roles: bool
    objects: bool
    open: bool
    permissions: frozenset[str]

    def matters(self, name: str) -> bool:
        """Whether a parameter of this name matters, be it an ARN or not."""
        return self.every or letters(name) in self.names or name.startswith(self.begins or ("\0",))


def relevance_of(resolved: Resolved) -> Relevance:
    """What matters of a call of this kind: a pure function of what it needs, to be remembered by it."""
    plans = [plan_of(name, bundled(), current()) for name in _needed(resolved)]
    conditions = [name for one in resolved.when for name in one.parameters]
    paths: dict[tuple[str, ...], dict[re.Pattern[str], None]] = {}
    names = {letters(one) for one in (*OTHER_OWNER, _COPIED)}
    for rule in (one for plan in plans for one in plan.rules):
        paths.setdefault(rule.path, {})[rule.form] = None
        names.add(letters(rule.path[0]))
        for template in (rule.arn, rule.named):
            names |= {letters(one) for one in (template.names if template is not None else ())}
    names |= {own for plan in plans for shapes in plan.shapes for one in shapes for own in one.own}
    names |= {letters(one) for one in conditions if not one.endswith("*")}
    literals: set[str] = set()
    mixed = False
    for pattern in (one for plan in plans for one in plan.arns):
        for segment in _SEPARATORS.split(pattern):
            if not _OPEN.search(segment):
                literals.add(segment)
            elif not _OPEN.fullmatch(segment):
                mixed = True
    return Relevance(
        every=bool(resolved.dependent) or passes(resolved),
        names=frozenset(names),
        begins=tuple(one[:-1] for one in conditions if one.endswith("*")),
        exact=frozenset((*OTHER_OWNER, _COPIED)),
        forms={path: tuple(forms) for path, forms in paths.items()},
        literals=frozenset(one for one in literals if _NAME.fullmatch(one)),
        roles=writes(resolved),
        objects=all(plan.prefix == "s3" for plan in plans),
        open=not mixed,
        permissions=frozenset(one.lower() for one in _needed(resolved)),
    )


def _needed(resolved: Resolved) -> tuple[str, ...]:
    """Every permission that a call of this kind may be asked for."""
    further = [name for one in resolved.when for name in (*one.instead, *one.add)]
    every = (*resolved.permissions, *resolved.possible, *further, resolved.presumed)
    return tuple(dict.fromkeys(one for one in every if one))
