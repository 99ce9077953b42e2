"""Rules about doors: trusts that let in who presents a token of another system. Each is a step of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from leastwise.errors import RuleFileError

from .escalation import EscalationRule
from .fields import Fields
from .files import parsed, walk

SCHEMA = 1
FORMS = ("oidc", "saml", "signed", "directory")
_REQUIRED = ("schema", "id", "version", "title", "provider", "form", "technique", "known", "remediation", "checks")
_OPTIONAL = ("references", "limits")


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
    fields = Fields(file, "", parsed(body, file, ships), _REQUIRED, _OPTIONAL)
    if fields.number("schema") != SCHEMA:
        raise fields.error("schema", f"is not {SCHEMA}, the schema that this version reads")
    identity = fields.text("id")
    if identity != PurePosixPath(file).stem:
        raise RuleFileError(file, f"{identity!r} is not the name of the file", "id")
    step = EscalationRule(
        id=identity,
        version=fields.number("version"),
        title=fields.text("title"),
        provider=fields.text("provider"),
        gain="assume",
        gives="identity",
        needs=(),
        remediation=fields.text("remediation"),
        file=file,
        technique=fields.text("technique"),
        known=fields.texts("known"),
        references=fields.texts("references"),
        checks=fields.texts("checks"),
        limits=fields.text("limits", default=""),
    )
    return FederationRule(fields.choice("form", FORMS), step)
