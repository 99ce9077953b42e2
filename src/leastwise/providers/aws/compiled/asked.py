"""Whether an action can be asked of a resource at all: a bucket holds no GetObject, its objects do.

The catalogue says which resource types an action takes and which ARNs these have
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). An answer to a question that no
request can be would be a DENIED or ALLOWED about nothing, so such a question is refused; but only when that is sure.
"""

from __future__ import annotations

import re
from functools import lru_cache

from leastwise.engine.patterns import Pattern, glob, tokens_across

from .. import catalog
from ..catalog.facts import ResourceType
from ..evaluate.arn import parse_arn, spans
from .overlap import apart

_VARIABLE = re.compile(r"\$\{[^}]*\}|<[^>]*>")
_STAND_FOR_OTHERS = {("kms", "alias"), ("s3", "accesspoint")}
"""Resource types by which requests name another resource: the key, the bucket and its objects."""
_FLAT = {("s3", "bucket")}
"""Resource types whose names have no slash: what has one is something else.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""


@lru_cache(maxsize=1 << 15)
def objection(action: str, resource: str | None) -> str:
    """Why an action of the catalogue cannot be asked of a resource, or of any that a pattern means; empty if it can.

    Nothing is said against an action that the first source does not describe, nor against a resource of the action's
    own services whose form the catalogue does not know, nor against one that stands for another (an alias of a key).
    """
    known = catalog.action(action)
    arn = parse_arn(resource) if resource is not None else None
    if resource is None or arn is None or known is None or known.source:
        return ""
    if not known.resource_types:
        return f"{resource}: {action} takes no resource; leave it out"
    own = action.partition(":")[0].lower()
    types = [found for use in known.resource_types if (found := _type(own, use.type)) is not None]
    if len(types) < len(known.resource_types) or not all(one.arns for one in types):
        return ""
    if any(_meets(one, resource) for one in types):
        return ""
    services = {own, *(_field(text) for one in types for text in one.arns)}
    if "*" in services or spans(arn.service):
        return ""
    named = _types_of(arn.service, resource)
    if (arn.service in services and not named) or not named.isdisjoint(_STAND_FOR_OTHERS):
        return ""
    names = " or ".join(dict.fromkeys(one.name for one in types))
    return f"{resource}: {action} is asked of {names}, and this is none{_hint(types, resource)}"


def _type(service: str, name: str) -> ResourceType | None:
    found = catalog.service(service)
    return None if found is None else found.resource_types.get(name)


def _field(arn: str) -> str:
    service = arn.split(":", 3)[2] if arn.count(":") > 2 else "*"
    return "*" if _VARIABLE.search(service) else service


def _types_of(service: str, resource: str) -> set[tuple[str, str]]:
    """The types, of those that the catalogue knows of a service, that a resource may be of."""
    found = catalog.service(service)
    known = () if found is None else found.resource_types.values()
    return {(one.service, one.name) for one in known if _meets(one, resource)}


def _meets(type: ResourceType, resource: str) -> bool:
    """Whether a resource may be of a type: the ARN, or some ARN that the pattern means. Case does not count here."""
    if (type.service, type.name) in _FLAT and "/" in resource:
        return False
    return any(_fits(text, resource) for text in type.arns)


@lru_cache(maxsize=1 << 13)
def _fits(form: str, resource: str) -> bool:
    """Whether an ARN of the catalogue, of which the variables may be anything, and a resource can be the same."""
    fields, asked = _VARIABLE.sub("*", form).split(":", 5), resource.split(":", 5)
    if len(fields) < 6:
        return True
    return not any(_apart(fields[at], asked[at]) for at in (2, 5, 0, 1, 3, 4))


def _apart(one: str, other: str) -> bool:
    """Whether surely no text is meant by both of two fields. Most are of another service, which is seen at once."""
    if one == "*" or other == "*":
        return False
    if not spans(one) and not spans(other):
        return one.lower() != other.lower()
    return apart(glob(one, fold=True), Pattern(tuple(tokens_across(other)), fold=True))


def _hint(types: list[ResourceType], resource: str) -> str:
    """What may have been meant: what lies in the resource, or the resource itself."""
    within = f"{resource.rstrip('/')}/*"
    outer = resource.partition("/")[0]
    near = next((text for text in (within, outer) if any(_meets(one, text) for one in types)), "")
    return f"; did you mean {near}?" if near else ""
