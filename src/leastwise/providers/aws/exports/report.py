"""Reading an IAM credential report: whose it is."""

from __future__ import annotations

import re
from pathlib import Path

from leastwise.errors import InputError
from leastwise.model.scope import Coverage, CoverageStatus, RawDocument, Scope

from . import recognise as kinds
from .files import Found, modified, name_of


def read_report(path: Path, data: bytes) -> list[Found]:
    """The report as a raw document of its account. Raises InputError."""
    match = re.search(rb"arn:aws[a-z-]*:iam::(\d{12}):", data)
    if match is None:
        raise InputError(path, "names no account: the report has no row")
    scope = Scope("aws", "account", match[1].decode())
    document = RawDocument(scope, "iam", kinds.CREDENTIAL_REPORT, name_of(path), data, time=modified(path))
    return [Found(scope, [document], [Coverage("iam", "GetCredentialReport", CoverageStatus.OK)])]
