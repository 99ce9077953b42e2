"""Ask the catalogue. Each service is read when first asked about, and kept."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TypeVar

from .facts import LEVELS, Action, ArnPattern, ConditionKey, ResourceType, ResourceUse, Source, key_form, narrowest
from .globs import Glob
from .packed import SECOND, ActionRow, Packed, ServiceBlock

_LIST = "ArrayOf"
_MOST_PATTERNS, _LONGEST_NAME = 10_000, 128
_T = TypeVar("_T")


class Service:
    """A service of the catalogue: `prefix` in lower case, `name` as AWS titles it, `rcp` whether RCPs apply to it."""

    def __init__(self, prefix: str, block: ServiceBlock, rcp: bool) -> None:
        self.prefix, self.name, self.rcp = prefix, block.name, rcp
        self._block = block
        self._forms = [key_form(name) for name in block.keys]
        self._rows = {row.name.lower(): row for row in block.actions}
        self._made: dict[str, Action] = {}

    @cached_property
    def action_names(self) -> tuple[str, ...]:
        """The names of its actions without the prefix, sorted."""
        return tuple(row.name for row in self._block.actions)

    def action(self, name: str) -> Action | None:
        """An action by its name without the prefix, in any case, or None."""
        lower = name.lower()
        if lower not in self._made:
            row = self._rows.get(lower)
            if row is None:
                return None
            self._made[lower] = self._action(row)
        return self._made[lower]

    @cached_property
    def resource_types(self) -> dict[str, ResourceType]:
        """Its resource types by name."""
        return {
            row.name: ResourceType(self.prefix, row.name, tuple(row.arns), self._keys(row.keys))
            for row in self._block.types
        }

    @cached_property
    def condition_keys(self) -> dict[str, ConditionKey]:
        """The keys that it defines, by form; global ones that it lists are left out."""
        found = (_key(name, type, self.prefix) for name, type in self._block.defined.items())
        return {one.form: one for one in found if not one.form.startswith("aws:")}

    def types_of(self, arn: str, wide: bool = False) -> tuple[ResourceType, ...]:
        """The resource types that an ARN can be of: those whose pattern it fits, less those that fit more widely.

        `wide` keeps these: `function:f:live` is an alias of a function, and some actions know functions only.
        """
        fitting = {
            name: found
            for name, patterns in self._patterns.items()
            if (found := [one for one in patterns if one.fits(arn)])
        }
        names = narrowest(fitting) if len(fitting) > 1 and not wide else list(fitting)
        return tuple(self.resource_types[name] for name in names)

    @cached_property
    def _patterns(self) -> dict[str, list[ArnPattern]]:
        return {row.name: [ArnPattern(arn) for arn in row.arns] for row in self._block.types}

    def _keys(self, positions: list[int]) -> frozenset[str]:
        return frozenset(self._forms[at] for at in positions)

    def _action(self, row: ActionRow) -> Action:
        types = self._block.types
        uses = tuple(
            ResourceUse(types[use.type].name, use.required, self._keys([*use.keys, *types[use.type].keys]))
            for use in row.uses
        )
        name = f"{self.prefix}:{row.name}"
        return Action(name, LEVELS[row.level], uses, self._keys(row.keys), tuple(row.dependent), row.source)


class Catalog:
    """The facts of one file of the catalogue; `place` says where it lies."""

    def __init__(self, packed: Packed, place: str) -> None:
        self._packed, self.place = packed, place
        self._services: dict[str, Service] = {}
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._meant: dict[str, ConditionKey | None] = {}
        self._rcp = frozenset(packed.header.rcp)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the facts come from, the first source first."""
        return tuple(self._packed.header.sources)

    @property
    def counts(self) -> dict[str, int]:
        """How many services, actions, resource types and condition keys there are."""
        return self._packed.header.counts

    def second(self, type: type[_T]) -> _T | None:
        """What of the second source was kept, for the next compilation."""
        return self._packed.decoded(SECOND, type)

    @cached_property
    def prefixes(self) -> tuple[str, ...]:
        """The prefixes of all services, sorted."""
        return tuple(sorted(name for name in self._packed.header.blocks if name[0] != "*"))

    def service(self, prefix: str) -> Service | None:
        """A service by its prefix in any case, or None."""
        lower = prefix.lower()
        found = self._services.get(lower)
        if found is None and not lower.startswith("*"):
            block = self._packed.service(lower)
            if block is not None:
                found = self._services[lower] = Service(lower, block, lower in self._rcp)
        return found

    def action(self, name: str) -> Action | None:
        """An action by its name in any case (`S3:getobject`), or None."""
        prefix, _, rest = name.partition(":")
        service = self.service(prefix)
        return None if service is None else service.action(rest)

    def rcp_supported(self, prefix: str) -> bool:
        """Whether resource control policies apply to a service.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
        """
        return prefix.lower() in self._rcp

    @cached_property
    def global_keys(self) -> dict[str, ConditionKey]:
        """The keys that belong to no service, by form."""
        found = (_key(name, type, "") for name, type in self._packed.header.global_keys.items())
        return {one.form: one for one in found}

    def condition_key(self, name: str) -> ConditionKey | None:
        """The key that a name means, in any case, or None: `aws:PrincipalTag/team` is `aws:PrincipalTag/${TagKey}`.

        A key's form means the key itself.
        """
        lower = name.lower()
        if lower not in self._meant:
            if len(self._meant) >= _MOST_PATTERNS:
                self._meant.clear()
            self._meant[lower] = self._find_key(lower)
        return self._meant[lower]

    def _find_key(self, lower: str) -> ConditionKey | None:
        if found := _among(self.global_keys, lower):
            return found
        prefix, colon, _ = lower.partition(":")
        for place in [prefix, *self._aliased(lower)] if colon else ():
            service = self.service(place)
            if service is not None and (found := _among(service.condition_keys, lower)):
                return found
        return None

    def known_actions(self, pattern: str) -> tuple[str, ...]:
        """The actions that a pattern of a policy (`s3:Get*`, `*`) covers, sorted, in AWS's case."""
        found = self._expanded.get(pattern)
        if found is None:
            if len(self._expanded) >= _MOST_PATTERNS:
                self._expanded.clear()
            found = self._expanded[pattern] = self._expand(pattern)
        return found

    def suggest(self, action: str) -> list[str]:
        """Up to three actions that a misspelt name may mean, the likeliest first."""
        prefix, colon, rest = action.lower()[:_LONGEST_NAME].partition(":")
        if not colon:
            prefix, rest = "", prefix
        service = self.service(prefix)
        if service is not None:
            return [f"{prefix}:{name}" for name in _near(rest, service.action_names)]
        from difflib import get_close_matches

        elsewhere = sorted(
            f"{other}:{name}" for other, names in self._names.items() for name in names if name.lower() == rest
        )
        near = get_close_matches(prefix, self.prefixes, n=3, cutoff=0.6)
        found = [one for other in near for one in elsewhere if one.startswith(f"{other}:")]
        found += [f"{other}:{name}" for other in near for name in _near(rest, self._names[other])]
        return list(dict.fromkeys([*found, *elsewhere]))[:3]

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        return self._packed.names()

    def _expand(self, pattern: str) -> tuple[str, ...]:
        prefix, colon, rest = pattern.partition(":")
        if colon and not set(prefix) & set("*?"):
            service = self.service(prefix)
            fits = _glob(rest)
            names = service.action_names if service else ()
            return tuple(f"{prefix.lower()}:{name}" for name in names if fits.fits(name.lower()))
        fits = _glob(pattern)
        full = (f"{prefix}:{name}" for prefix, names in self._names.items() for name in names)
        return tuple(full) if pattern in ("*", "*:*") else tuple(name for name in full if fits.fits(name.lower()))

    def _aliased(self, key: str) -> list[str]:
        """The services that define keys of another prefix, such as `saml:aud`."""
        found = [one for form, services in self._aliases for one in services if _fits(form, key)]
        return list(dict.fromkeys(found))

    @cached_property
    def _aliases(self) -> list[tuple[str, list[str]]]:
        return [(key_form(f"{prefix}:"), services) for prefix, services in self._packed.header.aliases.items()]


def _key(name: str, type: str, service: str) -> ConditionKey:
    return ConditionKey(name, key_form(name), type.removeprefix(_LIST), type.startswith(_LIST), service)


def _among(keys: dict[str, ConditionKey], lower: str) -> ConditionKey | None:
    if exact := keys.get(lower):
        return exact
    return next((one for form, one in keys.items() if one.variable and _fits(form, lower)), None)


def _fits(form: str, lower: str) -> bool:
    """Whether a name in lower case has the form of `key_form`; a variable part is never empty."""
    if "*" not in form:
        return len(lower) > len(form) and lower.startswith(form)
    return _form(form).fits(lower)


@lru_cache(maxsize=1024)
def _form(form: str) -> Glob:
    return Glob([*form.split("*"), *([""] if form[-1] in "/:" else [])], least=1)


def _glob(pattern: str) -> Glob:
    """A pattern of a policy's actions, for names in lower case."""
    # A run of wildcards is as many single characters as it says, then any: `*?*?` is `??*`.
    runs = re.sub(r"[*?]{2,}", lambda run: "?" * run[0].count("?") + "*" * ("*" in run[0]), pattern.lower())
    return Glob(runs.split("*"), one="?")


def _near(name: str, among: tuple[str, ...] | list[str]) -> list[str]:
    from difflib import get_close_matches

    by_lower = {one.lower(): one for one in among}
    return [by_lower[one] for one in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
