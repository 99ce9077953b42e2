"""Permissions that the same principals have on the same resources: equal shapes, told without deciding anything."""

from __future__ import annotations

import re
from collections.abc import Hashable

import numpy as np

from ..evaluate.allow import access_policies
from ..evaluate.boundary import can_block, enforcement
from ..evaluate.deny import names
from ..evaluate.request import Request
from .anywhere import Anywhere
from .lying import places_about
from .who import Who

_MORE = re.compile(r"resource|api|destination|origin|request\.(?!time)")
"""What a condition says that asks of more than the time: that may be another thing for another permission."""


def shape(who: Who, anywhere: Anywhere, asked: Request) -> Hashable | None:
    """Equal for two permissions of which every answer is the same; None where that cannot be told so.

    It is made of what a decision reads of a permission: which bindings may give it, on which resources it can be, which
    deny rules name it, which boundaries can block it.
    """
    held, estate = who.known.held, asked.estate
    granting = anywhere.granting(asked)
    codes = np.unique(held.arrays["binding.condition"][granting])
    conditions = held.texts("binding.condition.texts").all()
    if access_policies(asked) or any(_MORE.search(conditions[code]) for code in codes.tolist() if code >= 0):
        return None
    denied = tuple(
        names(asked, rule) for policies in estate.denies.values() for policy in policies for rule in policy.rules
    )
    default = enforcement().default
    versions = sorted({one.version if one.version is not None else default for one in estate.boundaries.values()})
    blocked = tuple(can_block(version, asked.permission) for version in versions)
    about = places_about(who, asked)
    context = tuple(sorted(((name, str(value)) for name, value in asked.context.items())))
    return granting.tobytes(), about.tobytes(), denied, blocked, context, asked.strict
