"""Documents that somebody thinks of: their rows as translation makes them, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from leastwise.engine.columns import plain

from .documents import Documents
from .grammar import Statement
from .openings import opening

_WITH_PRINCIPAL = ("resource", "trust", "rcp")
_WITH_RESOURCE = ("identity", "boundary", "scp", "rcp")


def interpret(document: bytes, layer: str) -> Mapping[str, pa.Table]:
    """The rows of documents and statements of one document.

    AWS refuses a policy that does not follow the grammar, one of a principal or organization that names a Principal
    and one of a resource or role that names none, and one without Resource where a resource must be named
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html,
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html).

    Raises:
        ValueError: saying why it is refused.
    """
    documents = Documents()
    row = documents.intern(document)
    # Writing the rows lets go of what was parsed.
    parsed = documents.parsed(row)
    table = documents.document_rows().to_table()
    reason = table["unsupported"][row].as_py()
    if reason is not None:
        raise ValueError(f"malformed: {reason}")
    if not parsed:
        raise ValueError("malformed: it has no statement")
    for position, one in enumerate(parsed):
        cause = _refused(one, layer)
        if cause:
            raise ValueError(f"statement {position}: {cause}")
    return {"documents": plain(table), "statements": plain(documents.statement_rows().to_table())}


def _refused(one: Statement, layer: str) -> str:
    named = one.Principal is not None or one.NotPrincipal is not None
    if named and layer not in _WITH_PRINCIPAL:
        return f"a document of layer {layer} names no Principal"
    if not named and layer in _WITH_PRINCIPAL:
        return f"a document of layer {layer} needs a Principal"
    if layer == "rcp" and (one.Principal not in ("*", {"AWS": "*"}, {"AWS": ["*"]})):
        return 'a document of layer rcp needs the Principal "*"'
    if layer == "rcp" and one.Effect != "Deny":
        return "a document of layer rcp denies"
    if layer == "trust" and (one.Resource is not None or one.NotResource is not None):
        return "a document of layer trust has no Resource"
    if layer in _WITH_RESOURCE and one.Resource is None and one.NotResource is None:
        return "exactly one of Resource and NotResource is needed"
    return ""


def opened(documents: Sequence[bytes], account: str) -> Mapping[str, Any]:
    """The columns of a resource that its documents fill: whether a public block would hold them back."""
    found = Documents()
    rows = [found.intern(one) for one in documents]
    readable = [row for row in rows if found.readable(row)]
    return {"restrictable": any(opening(found.parsed(row), account).restrictable for row in readable)}
