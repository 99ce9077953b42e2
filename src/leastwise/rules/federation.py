"""Rules about doors: trusts that let in who presents a token of another system. Each is a step of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .escalation import EscalationRule
from .files import walk
from .heading import opened

SCHEMA = 1
FORMS = ("oidc", "saml", "signed", "directory")
_REQUIRED = ("form", "technique", "known", "checks")


@dataclass(frozen=True, slots=True)
class FederationRule:
    """One kind of door.

    Args:
        form: of the tokens that it takes, see `FORMS`.
        step: it as a step of the graph, which needs no permission.
    """

    form: str
    step: EscalationRule


@cache
def load_federation() -> Mapping[str, FederationRule]:
    """Every kind of door by its id; read once. Raises RuleFileError."""
    root = files("leastwise.rules").joinpath("data", "federation")
    found = [federation_rule(file.read_bytes(), place, ships=True) for place, file in walk(root, "federation")]
    return {one.step.id: one for one in found}


def federation_rule(body: bytes, file: str, ships: bool = False) -> FederationRule:
    """One rule from the bytes of its file. Raises RuleFileError naming the file, the key and the cause."""
    fields, heading = opened(body, file, ships, SCHEMA, _REQUIRED, ())
    step = EscalationRule(
        **heading,
        gain="assume",
        gives="identity",
        needs=(),
        technique=fields.text("technique"),
        known=fields.texts("known"),
        checks=fields.texts("checks"),
    )
    return FederationRule(fields.choice("form", FORMS), step)
