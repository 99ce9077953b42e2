"""Expressions of flexible federated credentials: `claims['sub'] matches 'repo:contoso/*' and claims['ref'] eq 'x'`.

https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TERM = re.compile(r"\s*claims\[\s*'([^']+)'\s*\]\s+(eq|matches)\s+'([^']*)'\s*", re.IGNORECASE)
_AND = re.compile(r"and(?=\s)", re.IGNORECASE)


class ClaimsError(ValueError):
    """An expression that cannot be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim of a token must be: a value, or (`pattern`) a text with `*` for many characters and `?` for one."""

    name: str
    value: str
    pattern: bool

    @property
    def variable(self) -> str:
        """The claim, as a variable of a formula."""
        return f"claim:{self.name}"

    def met(self, value: str) -> bool:
        """Whether a value of the claim is such."""
        if not self.pattern:
            return value == self.value
        parts = (".*" if one == "*" else "." if one == "?" else re.escape(one) for one in self.value)
        return re.fullmatch("".join(parts), value, re.DOTALL) is not None

    def __str__(self) -> str:
        return f"claims['{self.name}'] {'matches' if self.pattern else 'eq'} '{self.value}'"


def parse_claims(text: str) -> tuple[Claim, ...]:
    """The claims that an expression wants, all of them. Raises ClaimsError."""
    found: list[Claim] = []
    at = 0
    while True:
        term = _TERM.match(text, at)
        if term is None:
            raise ClaimsError(f"claims['name'] eq or matches 'value' is expected at character {at + 1}")
        found.append(Claim(term[1], term[3], term[2].lower() == "matches"))
        at = term.end()
        if at == len(text):
            return tuple(found)
        joint = _AND.match(text, at)
        if joint is None:
            raise ClaimsError(f"'and' is expected at character {at + 1}")
        at = joint.end()
