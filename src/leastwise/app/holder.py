"""Who holds a credential, where a question names one instead of a principal."""

from __future__ import annotations

from leastwise.errors import UsageError

from .asking import Asking, scope_tables
from .escalation_graph import EscalationGraph
from .wiring import Workspace


def holder_of(asking: Asking, workspace: Workspace, graph: EscalationGraph, named: str) -> str:
    """The principal that a text names, or whose credential has that id; the text itself where nobody's has.

    Raises:
        UsageError: the credential is of several.
    """
    if named in graph.numbers:
        return named
    found = {
        str(principal)
        for one in asking.every
        for scope in scope_tables(workspace, asking.estate, one.provider, {"credentials": ("id", "principal")})
        if "credentials" in scope.tables
        for id, principal in zip(*(scope.tables["credentials"][name].to_pylist() for name in ("id", "principal")),
                                 strict=True)
        if id == named
    }  # fmt: skip
    if len(found) > 1:
        raise UsageError(f"{named}: is a credential of several, as {', '.join(sorted(found)[:3])}")
    return next(iter(found), named)
