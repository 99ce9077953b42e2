"""The port of a provider, and how its exports are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from leastwise.model.conformance import CaseVerdict

if TYPE_CHECKING:
    import pyarrow as pa

    from leastwise.model.coding import Coding
    from leastwise.model.dormancy import Nouns
    from leastwise.model.kin import Kin
    from leastwise.model.scope import Collected, Coverage, RawDocument

    from .answering import Answering
    from .catalog import Catalog
    from .collecting import Collector
    from .escalating import Escalating
    from .federating import Federating, IdForm
    from .guarding import Guardrails
    from .halting import Halting
    from .logs import Logs, Observing
    from .regranting import Regranting
    from .shrinking import Shrinking
    from .spelling import Spelled


Progress = Callable[[str, int, int], None]
"""Called with (what, done, total); total is 0 when unknown."""


Conform = Callable[[Mapping[str, Any], Path], CaseVerdict]
"""Runs one case of a suite; the path is the folder of its file. Raises CaseError when it lacks what it must have."""


class ReadExports(Protocol):
    """Reads exported files of the vendor into one `Collected` a scope.

    Files that belong to the same scope are joined. `taken` overrides the time of every scope; without it, it is the
    newest modification time of the scope's files. Raises InputError naming the file; nothing is returned then.
    """

    def __call__(
        self, paths: Sequence[Path], taken: datetime | None = None, progress: Progress | None = None
    ) -> list[Collected]:
        """Read the files; see the class."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """The port of a provider.

    `recognises(path)` says whether a file or folder looks like an export of this vendor (reads at most its first
    bytes). `translate(collected)` gives every table of `model.tables.FACT_TABLES` by name; pure, and deterministic.
    `redact(document, key)` gives a document's body with every value that can carry a secret replaced by a hash under
    the key; nothing is stored before that. `alternatives` are groups of ways to tell the same facts, each a set of
    document kinds: an import that brings the whole of one way replaces the others. `collector` reads the vendor's
    API. `gaps(collected)` are the parts of an imported scope that none of its documents tells of; asked when parts
    have been carried over. `directories` are the providers that tell who its principals are and who is in its groups,
    where the vendor keeps people elsewhere: exports of both are imported together, and lists lay them together by
    principals' ids. `catalog` is what the vendor publishes for everyone. `conform` runs the cases of a suite, by the
    suite's name (`model.conformance.SUITES`). `answering` answers questions about access. `logs` reads audit logs,
    `observing` tells what they show. `nouns` gives the words for what can be out of use. `escalating` makes the graph
    of who can become whom possible. `federating` tells who comes in from elsewhere. `ids` tells what the form of an
    id says by itself. `shrinking` makes documents smaller, `regranting` grants of bundles at scopes, `kinship` tells
    what a permission is about, `halting` stops whom they are given to, `coding` tells how code writes them and
    `spelling` what it calls them; `guarding` are the guardrails that can be written. `offers` are the parts of what can
    be activated, each with the kinds of documents of which any one tells it; None where the vendor has nothing that can
    be activated.
    """

    name: str
    title: str
    recognises: Callable[[Path], bool]
    read_exports: ReadExports
    translate: Callable[[Collected], Mapping[str, pa.Table]]
    redact: Callable[[RawDocument, bytes], bytes]
    alternatives: tuple[tuple[frozenset[str], ...], ...] = ()
    collector: Collector | None = None
    gaps: Callable[[Collected], Sequence[Coverage]] = lambda _: ()
    catalog: Catalog | None = None
    conform: Mapping[str, Conform] = field(default_factory=dict)
    answering: Answering | None = None
    logs: Logs | None = None
    observing: Observing | None = None
    nouns: Callable[[], Nouns] | None = None
    directories: tuple[str, ...] = ()
    escalating: Escalating | None = None
    offers: tuple[tuple[frozenset[str], str], ...] | None = None
    federating: Federating | None = None
    ids: Callable[[str], IdForm | None] | None = None
    shrinking: Callable[[], Shrinking] | None = None
    regranting: Callable[[], Regranting] | None = None
    kinship: Callable[[], Callable[[str], Kin]] | None = None
    halting: Callable[[], Halting] | None = None
    coding: Callable[[], Coding] | None = None
    spelling: Spelled | None = None
    guarding: Callable[[], Sequence[Guardrails]] | None = None
