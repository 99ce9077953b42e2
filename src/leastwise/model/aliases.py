"""Names by which logs call principals besides their ids: whom a name surely means, and whom it may mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a log means by a name.

    Args:
        id: the principal who surely has the name; empty where that is not known.
        maybe: those of whom it is not known that they are not meant; may be shared by many names.
        why: why that is not known, as what follows the name in a sentence; empty where nobody may be meant besides.
    """

    id: str = ""
    maybe: Collection[str] = frozenset()
    why: str = ""


class Aliases(Protocol):
    """The names of an estate's principals, as logs of one provider write them."""

    def of(self, name: str) -> Meant | None:
        """Whom a log means by a name; None where it is an id, and means whoever has that."""
        ...

    def names(self, id: str) -> Sequence[str]:
        """The other names by which logs surely mean a principal, sorted."""
        ...
