"""What the catalogue says: services, actions, resource types, condition keys. Values only.

AWS publishes these facts in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from leastwise.providers.packed import Source

from .globs import Glob

__all__ = ["LEVELS", "Action", "ConditionKey", "ResourceType", "ResourceUse", "Source", "key_form"]

LEVELS = ("List", "Read", "Write", "Tagging", "Permissions management")
"""Access levels, in AWS's words."""

_VARIABLE = re.compile(r"\$\{[^}]*\}|<[^>]*>")


def key_form(name: str) -> str:
    """The one form in which a condition key is compared: lower case, a variable part open.

    A variable at the end is left off (`aws:ResourceTag/${TagKey}` → `aws:resourcetag/`), one inside becomes `*`
    (`codebuild:secondarySources/${sourceIdentifier}.location` → `codebuild:secondarysources/*.location`).
    """
    pieces = _VARIABLE.split(name.lower())
    return pieces[0] if len(pieces) == 2 and not pieces[1] else "*".join(pieces)


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key. `name` is in AWS's case, with `${TagKey}` and the like for a variable part.

    `form` is what `Action.condition_keys` holds (see `key_form`). `type` is String, ARN, Bool, Date, Numeric,
    IPAddress or Binary; `multivalued` keys have a set of values in a request. `service` is the prefix of the service
    that defines the key, empty for a global one.
    """

    name: str
    form: str
    type: str
    multivalued: bool
    service: str

    @property
    def variable(self) -> bool:
        """Whether a part of its name is free, as the key of a tag is."""
        return self.form != self.name.lower()


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of resource. `arns` are its patterns, as in `arn:${Partition}:s3:::${BucketName}/${ObjectName}`."""

    service: str
    name: str
    arns: tuple[str, ...]
    condition_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource type that an action takes. `condition_keys`: those of the action with it, and those of the type."""

    type: str
    required: bool
    condition_keys: frozenset[str]


@dataclass(frozen=True)
class Action:
    """An action. `name` is in AWS's case (`s3:GetObject`), `level` one of `LEVELS`.

    `own_keys` are condition keys that apply whatever the resource; `condition_keys` are these and those of every
    resource type that the action takes. Global keys that every request carries are in neither. `dependent` are
    actions that a caller needs as well. `source` is empty, or names the second source when the first does not know
    the action.
    """

    name: str
    level: str
    resource_types: tuple[ResourceUse, ...]
    own_keys: frozenset[str]
    dependent: tuple[str, ...]
    source: str = ""

    @property
    def wildcard_only(self) -> bool:
        """Whether it takes no resource, so that a statement must say `*` to cover it."""
        return not self.resource_types

    @cached_property
    def condition_keys(self) -> frozenset[str]:
        """Every service key that can apply, in the form of `key_form`."""
        return self.own_keys.union(*(one.condition_keys for one in self.resource_types))

    def use_of(self, type: str) -> ResourceUse | None:
        """How it takes a resource type, or None when it does not."""
        return next((one for one in self.resource_types if one.type == type), None)


class ArnPattern:
    """A pattern of an ARN: in the first five parts a variable is any text without a colon, in the last any text."""

    __slots__ = ("_end", "_globs", "_pattern")

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._globs: list[Glob] | None = None
        # What the last part begins with tells most types apart, before the other parts are looked at.
        self._end = _pieces(pattern.split(":", 5)[-1])[0]

    def fits(self, arn: str) -> bool:
        """Whether an ARN has this form; case counts."""
        parts = arn.split(":", 5)
        if len(parts) < 6 or not parts[5].startswith(self._end):
            return False
        if self._globs is None:
            self._globs = [Glob(_pieces(part)) for part in self._pattern.split(":", 5)]
        return all(glob.fits(part) for glob, part in zip(self._globs, parts, strict=True))

    def narrower(self, other: ArnPattern) -> bool:
        """Whether every ARN of this form has the other's form, and not the other way round."""
        return other.fits(self._sample) and not self.fits(other._sample)

    @property
    def _sample(self) -> str:
        """An ARN of this form whose variable parts occur in no pattern: what fits it fits every ARN of the form."""
        return _VARIABLE.sub("\0", self._pattern).replace("*", "\0")


def _pieces(part: str) -> list[str]:
    """The texts between the open parts."""
    return _VARIABLE.split(part.replace("*", "${}"))


def narrowest(fitting: Mapping[str, list[ArnPattern]]) -> list[str]:
    """The types (name → its patterns that fit one ARN) that no other of them is narrower than.

    `arn:aws:s3:::b/k` has the form of a bucket and of an object; every ARN of an object has that of a bucket, so it is
    an object.
    """
    kept = []
    for name, patterns in fitting.items():
        others = [one for other, many in fitting.items() if other != name for one in many]
        if any(not any(other.narrower(pattern) for other in others) for pattern in patterns):
            kept.append(name)
    return kept
