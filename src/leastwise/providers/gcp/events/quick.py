"""Entries a line each, told without decoding what does not matter: what was told of one is told of those alike.

A line is decoded into the few fields that are read; parts of it stay bytes. Who called is remembered by the bytes of
`authenticationInfo`; what a call tells of usage by all that it depends on, in which the last name of what was touched
stands as one for all. Such a form is kept only if it tells the entry that it was learnt of as that entry is told alone.
Whatever is written otherwise, or depends on more, goes the long way (`drawing.row`), which is the truth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from leastwise.model.usage import USED, Fact, packed
from leastwise.providers.gcp import catalog
from leastwise.providers.logs.moments import moment
from leastwise.providers.logs.nested import items
from leastwise.providers.logs.rows import Row

from .attached import attached
from .changing import may_change
from .columns import DATA, by_part, told_part
from .entry import AUDIT, Entry, container_and_log, entry_of
from .principals import Who, who
from .resources import account_in
from .telling import READ_TABLE, Told, reading, told

_EMPTY = msgspec.Raw(b"")
_MOST = 50_000
_ANY = "zq0v7placeholder3"
"""Stands for a name in a form."""
_ANY_BYTES = _ANY.encode()
_RESOURCE, _ENDED, _FACTS = 2, 5, 6
"""Places in what a row says of the call."""
_AUDIT_LENGTH = len(AUDIT)
_NAME = re.compile(r"(?!gke-|v\d)[a-z][a-z0-9_.-]*[0-9][a-z0-9_.-]*")
_KEY = re.compile(r"(?=[^ /])[\w.\-/=+,@ ~]*[^ /]", re.ASCII)
_PLAIN = re.compile(r"[ -!#-\[\]-~]*")
_OBJECTS = re.compile(r"projects/_/buckets/[^/]+/objects/")
_ACCOUNTS = re.compile(rb"(?i)ccount")
_BIGQUERY = "bigquery.googleapis.com"


class _Status(msgspec.Struct, frozen=True, gc=False):
    code: int | str | float | None = None


class _Caller(msgspec.Struct, frozen=True, gc=False):
    callerIp: str = ""
    callerSuppliedUserAgent: str = ""


class _Labels(msgspec.Struct, frozen=True, gc=False):
    project_id: str = ""
    location: str = ""
    zone: str = ""
    region: str = ""
    cluster_name: str = ""


class _Resource(msgspec.Struct, frozen=True, gc=False):
    type: str = ""
    labels: _Labels = _Labels()


class _Operation(msgspec.Struct, frozen=True, gc=False):
    first: bool = False
    last: bool = False


class _Payload(msgspec.Struct, frozen=True, gc=False):
    serviceName: str
    methodName: str
    resourceName: str = ""
    authenticationInfo: msgspec.Raw = _EMPTY
    authorizationInfo: msgspec.Raw = _EMPTY
    status: _Status = _Status()
    requestMetadata: _Caller = _Caller()
    request: msgspec.Raw = _EMPTY
    metadata: msgspec.Raw = _EMPTY
    serviceData: msgspec.Raw = _EMPTY
    # Other spellings, which go the long way.
    requestJson: msgspec.Raw = _EMPTY
    responseJson: msgspec.Raw = _EMPTY
    metadataJson: msgspec.Raw = _EMPTY
    at_type: msgspec.Raw = _EMPTY


class _Line(msgspec.Struct, frozen=True, gc=False):
    insertId: str
    timestamp: str
    logName: str
    protoPayload: _Payload
    resource: _Resource = _Resource()
    operation: _Operation = _Operation()
    log_name: msgspec.Raw = _EMPTY
    proto_payload: msgspec.Raw = _EMPTY
    insert_id: msgspec.Raw = _EMPTY


class _Query(msgspec.Struct, frozen=True, gc=False):
    referencedTables: list[str] = []


class _Stats(msgspec.Struct, frozen=True, gc=False):
    queryStats: _Query = _Query()


class _Job(msgspec.Struct, frozen=True, gc=False):
    jobStats: _Stats = _Stats()


class _Change(msgspec.Struct, frozen=True, gc=False):
    job: _Job = _Job()


class _Metadata(msgspec.Struct, frozen=True, gc=False):
    jobChange: _Change = _Change()


class _Form(NamedTuple):
    """What calls alike tell: the part of a row. `deep`: the form's name stands not in the resource alone."""

    part: Row
    deep: bool = False


_decode = msgspec.json.Decoder(_Line).decode
_decode_metadata = msgspec.json.Decoder(_Metadata).decode


class Quick:
    """Makes rows of lines, and remembers what was told. `changed` is given entries that may have changed something."""

    def __init__(self, changed: Callable[[Entry, Who, Told], None]) -> None:
        self._changed = changed
        self._who: dict[Hashable, tuple[Who, Row]] = {}
        self._forms: dict[Hashable, _Form | None] = {}
        self._tables: dict[tuple[str, str], str] = {}
        self._facts: catalog.Catalog | None = None

    def row(self, line: bytes) -> Row | None:
        """The row of a line; None for one that goes the long way."""
        try:
            return self._row(line, _decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None

    def _row(self, line: bytes, found: _Line) -> Row | None:
        payload, labels = found.protoPayload, found.resource.labels
        container, log = container_and_log(found.logName)
        metadata, data = bytes(payload.metadata), bytes(payload.serviceData)
        time = moment(found.timestamp)
        if time is None or not log.startswith(AUDIT) or not _is_plain(found, metadata, data):
            return None
        log = log[_AUDIT_LENGTH:]
        entry = _Lazy(line)
        project = labels.project_id or container.partition("projects/")[2]
        signed = bytes(payload.authenticationInfo)
        # Only names of pods lack the project, which the resource tells.
        key = (signed, log == "system_event", project if b"system:" in signed else "")
        by = self._who.get(key)
        if by is None:
            caller = who(entry.value)
            by = self._who[key] = caller, by_part(caller)
        tables = _tables(payload, metadata) if log != "system_event" else []
        form, last = self._form(entry, found, container, log, bool(tables))
        part = form.part
        resource = part[_RESOURCE]
        if last:
            resource = resource.replace(_ANY, last)
            part = _filled(part, last) if form.deep else part
        if tables and part[_ENDED] in USED:
            # What comes after the tables, or with them, is told by the long way alone.
            if part[1] == READ_TABLE or READ_TABLE in part[_FACTS] or _ACCOUNTS.search(payload.request):
                return None
            part = self._read(entry, part, tables)
        if may_change(payload.serviceName, payload.methodName, metadata, data):
            self._changed(entry.value, by[0], told(entry.value))
        asked = payload.requestMetadata
        return (
            f"{found.logName}@{time}/{found.insertId}", time, account_in(container, project),
            labels.location or labels.zone or labels.region, payload.serviceName, payload.methodName,
            asked.callerIp, asked.callerSuppliedUserAgent, log in DATA, resource, by[1], part,
        )  # fmt: skip

    def suits(self, content: bytes) -> bool:
        """Whether lines of a file may be given: what is skipped of them is read by nobody, and must be text.

        To be asked before each file, as what was told goes by the catalogue in force.
        """
        now = catalog.current()
        if now is not self._facts or len(self._who) > _MOST or max(len(self._forms), len(self._tables)) > _MOST:
            self._facts = now
            self._who.clear()
            self._forms.clear()
            self._tables.clear()
        if _ANY_BYTES in content:
            return False
        try:
            return content.isascii() or bool(content.decode())
        except UnicodeDecodeError:
            return False

    def _read(self, entry: _Lazy, part: Row, tables: Sequence[str]) -> Row:
        """What a query tells with the tables that it read."""
        facts = dict.fromkeys((part[_FACTS] or (packed([_fact(part)]) if part[1] else "")).splitlines())
        for table in tables:
            key = table, part[_ENDED]
            fact = self._tables.get(key)
            if fact is None:
                fact = self._tables[key] = packed([reading(entry.value, table, part[_ENDED])])
            facts[fact] = None
        return (*part[:_FACTS], "\n".join(facts), *part[_FACTS + 1 :])

    def _form(self, entry: _Lazy, line: _Line, container: str, log: str, query: bool) -> tuple[_Form, str]:
        """What a call tells, and the name that is to be put in place of the form's; empty where it tells its own.

        `query`: the tables that it read are told besides.
        """
        payload, labels = line.protoPayload, line.resource.labels
        name, checks = payload.resourceName, bytes(payload.authorizationInfo)
        last, form = _varying(name), name
        if last:
            form = name[: -len(last)] + _ANY
            checks = checks.replace(b'"%b"' % name.encode(), b'"%b"' % form.encode())
        mails = attached(entry.value) if _ACCOUNTS.search(payload.request) else None
        key = (
            form, checks, payload.status.code, log, payload.serviceName, payload.methodName, line.resource.type,
            labels.project_id, labels.location, labels.zone, labels.region, labels.cluster_name, container,
            line.operation.last and not line.operation.first, mails, query,
        )  # fmt: skip
        known = self._forms.get(key)
        if known is not None:
            return known, last
        alone = replace(entry.value, metadata={}) if query else entry.value
        own = _Form(told_part(told(alone)))
        if not last:
            self._forms[key] = own
        elif key not in self._forms:
            self._forms[key] = _learnt(alone, own, form, checks, last)
        return own, ""


def _is_plain(line: _Line, metadata: bytes, data: bytes) -> bool:
    """Whether a line is spelled as the API spells it, and tells nothing that forms do not."""
    payload = line.protoPayload
    if not (
        line.log_name is line.proto_payload is line.insert_id is payload.requestJson is payload.responseJson
        is payload.metadataJson is payload.at_type is _EMPTY and line.insertId and payload.methodName
    ):  # fmt: skip
        return False
    if b"apped" in metadata or b"identityDelegationChain" in metadata:
        return False
    return payload.serviceName != _BIGQUERY or b"referencedTables" not in data


def _tables(payload: _Payload, metadata: bytes) -> list[str]:
    """The tables that a query read, as far as they are named in the usual way. DecodeError when they are no names."""
    if payload.serviceName != _BIGQUERY or b"referencedTables" not in metadata:
        return []
    return _decode_metadata(metadata).jobChange.job.jobStats.queryStats.referencedTables


def _fact(part: Row) -> Fact:
    """What a row says of the call, as a fact."""
    return Fact("call", part[1], part[3], part[4], part[_ENDED])


def _varying(name: str) -> str:
    """The end of a name that may be any: the key of an object, or a last part with a digit in it; else empty."""
    found = _OBJECTS.match(name)
    if found is not None:
        last = name[found.end() :]
        return last if _KEY.fullmatch(last) else ""
    above, _, last = name.rpartition("/")
    return last if above and _NAME.fullmatch(last) and _PLAIN.fullmatch(above) else ""


def _learnt(entry: Entry, own: _Form, form: str, checks: bytes, last: str) -> _Form | None:
    """What calls of a form tell, with the name that stands for all; None where that is not what the call told alone."""
    checked = items({"checks": msgspec.json.decode(checks) if checks else None}, "checks")
    part = told_part(told(replace(entry, resource=form, authorization=checked)))
    if _filled(part, last) != own.part:
        return None
    return _Form(part, any(_ANY in one for number, one in enumerate(part) if number != _RESOURCE))


def _filled(part: Row, last: str) -> Row:
    """What a form tells, with a name of its own."""
    return tuple(one.replace(_ANY, last) for one in part)


class _Lazy:
    """An entry that is decoded whole when it is needed."""

    __slots__ = ("_line", "_value")

    def __init__(self, line: bytes) -> None:
        self._line = line
        self._value: Entry | None = None

    @property
    def value(self) -> Entry:
        """The entry."""
        if self._value is None:
            self._value = entry_of(msgspec.json.decode(self._line))
        return self._value
