"""Parts of a provider that are imported when they are first called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from .base import Federating, IdForm

if TYPE_CHECKING:
    from leastwise.engine.access import Access
    from leastwise.model.coding import Coding
    from leastwise.model.federation import Bearer, Door

    from .base import ScopeTables
    from .base.guarding import Guardrails
    from .base.halting import Halting
    from .base.regranting import Regranting
    from .base.spelling import Spelled, Spelling


def ids_of(module: str) -> Callable[[str], IdForm | None]:
    """What the form of an id tells: `id_form` of a module."""

    def id_form(text: str) -> IdForm | None:
        found: IdForm | None = import_module(module).id_form(text)
        return found

    return id_form


def coding_of(module: str) -> Callable[[], Coding]:
    """What code of a vendor looks like: `CODING` of a module."""

    def coding() -> Coding:
        found: Coding = import_module(module).CODING
        return found

    return coding


def spelling_of(module: str) -> Spelled:
    """What code calls what an estate calls by id: `spelling` of a module."""

    def spelled(scopes: Sequence[ScopeTables]) -> Spelling:
        found: Spelling = import_module(module).spelling(scopes)
        return found

    return spelled


def guarding_of(module: str) -> Callable[[], Sequence[Guardrails]]:
    """The guardrails that can be written: `GUARDING` of a module."""

    def guarding() -> Sequence[Guardrails]:
        found: Sequence[Guardrails] = import_module(module).GUARDING
        return found

    return guarding


def regranting_of(module: str) -> Callable[[], Regranting]:
    """How grants at scopes are made smaller: `REGRANTING` of a module."""

    def regranting() -> Regranting:
        found: Regranting = import_module(module).REGRANTING
        return found

    return regranting


def halting_of(module: str) -> Callable[[], Halting]:
    """How a provider stops somebody: `HALTING` of a module."""

    def halting() -> Halting:
        found: Halting = import_module(module).HALTING
        return found

    return halting


def federating_of(module: str, *, directory: bool = False) -> Federating:
    """How a provider takes part in federation: `READS`, `bearers` and `doors` of a module, of a `directory` also
    `issuers_of`.
    """

    def reads() -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = import_module(module).READS
        return found

    def bearers(scopes: Sequence[ScopeTables], wanted: Collection[tuple[str, str]]) -> Iterable[Bearer]:
        found: Iterable[Bearer] = import_module(module).bearers(scopes, wanted)
        return found

    def doors(scopes: Sequence[ScopeTables], access: Access) -> Iterable[Door]:
        found: Iterable[Door] = import_module(module).doors(scopes, access)
        return found

    def issuers(scope: str) -> Sequence[str]:
        found: Sequence[str] = import_module(module).issuers_of(scope) if directory else ()
        return found

    return Federating(reads, bearers, doors, issuers)
