"""Service names in China, which end otherwise with some services: rules name the form of all other regions.

Which service has which form there no page tells as a whole; EC2 and EMR have one of their own, Lambda has not. The
vendor refuses a trust that names the wrong one, so that either, where a policy of China has it, is the right one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from leastwise.engine.relation import Rectangle, Relation
from leastwise.model.decision import Circumstances

SERVICES = (".amazonaws.com", ".amazonaws.com.cn")
"""How the names of services end."""
_EVERYWHERE, _CHINA = SERVICES
_PASSED = "iam:passedtoservice"


def in_china(ids: Iterable[str]) -> bool:
    """Whether any principal is of China."""
    return any(id.startswith("arn:aws-cn:") for id in ids)


def chinese(service: str) -> str:
    """The other name of a service; empty for what is none."""
    return f"{service.removesuffix(_EVERYWHERE)}{_CHINA}" if service.endswith(_EVERYWHERE) else ""


def passed(given: Circumstances) -> Circumstances | None:
    """The same question with the other name of the service to which something is passed; None where it names none."""
    told = {
        key: tuple(chinese(one) or one for one in values) if key.lower() == _PASSED else values
        for key, values in given.context.items()
    }
    return replace(given, context=told) if told != given.context else None


def united(relation: Relation) -> Relation:
    """A relation in which services of China have the names that rules give them."""
    ids = [
        f"{id.removesuffix(_CHINA)}{_EVERYWHERE}" if place >= relation.inside and id.endswith(_CHINA) else id
        for place, id in enumerate(relation.principals)
    ]
    return replace(relation, principals=ids)


def either(one: Relation, other: Relation) -> Relation:
    """Who has a permission asked in one way or the other; pairs may stand in a rectangle of each.

    Both are about the same resources and the same users and roles, of which they begin with the same.
    """
    numbers = {id: place for place, id in enumerate(one.principals)}
    of = np.array([numbers.setdefault(id, len(numbers)) for id in other.principals], np.int64)
    more = [
        Rectangle(BitMap(of[np.array(each.principals)]), each.resources, each.state, each.told, "")
        for each in other.rectangles
    ]
    missing = tuple(dict.fromkeys((*one.missing, *other.missing)))
    return replace(one, principals=list(numbers), rectangles=(*one.rectangles, *more), missing=missing)
