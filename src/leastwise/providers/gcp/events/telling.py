"""What a call tells of usage: a fact for each permission and resource bucket, and what its row says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from leastwise.model.usage import USED, Fact, packed
from leastwise.providers.gcp.language.names import written
from leastwise.providers.gcp.translate.members import project_of
from leastwise.providers.logs.nested import items, part, text

from .attached import ACT_AS, attached
from .entry import Entry
from .outcomes import Outcome, checked, error_of, unchecked
from .permissions import Resolved, noun_of, resolve
from .resources import Touched, account, touched

_COMPLETED = "jobservice.jobcompleted"
"""BigQuery's entry for the end of a job, of which another one tells the beginning."""
READ_TABLE = "bigquery.tables.getData"
_DELEGATION = "iam.serviceAccounts.implicitDelegation"


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of an event's row that follow from what was asked and how it ended; `why` it tells no permission."""

    what: str
    permission: str = ""
    resource: str = ""
    bucket: str = ""
    target: str = ""
    outcome: str = "allowed"
    error: str = ""
    facts: str = ""
    why: str = ""


def told(entry: Entry) -> Told:
    """What a call tells of usage."""
    error = error_of(entry.status)
    if entry.log == "system_event":
        return Told("service", outcome="failed" if error else "allowed", error=error, why="Google Cloud did it itself")
    own = list(_checked(entry, error))
    what, why, possible = "call", "", list[tuple[Fact, Touched]]()
    if not own:
        resolved = resolve(entry.service, entry.method, noun_of(entry))
        what, why = resolved.what, resolved.why
        own, possible = _needed(entry, resolved, error)
        if not own and possible:
            why = ""
    ended = _ended([fact.outcome for fact, _ in own], error)
    # Whether it was authorised is not known: used it may have been, so that it is not to be called unused.
    unsure = [(Fact("possible", *fact[1:4], "failed"), place) for fact, place in own if fact.outcome == "unknown"]
    found = [*own, *possible, *unsure, *_besides(entry, ended, {fact.permission for fact, _ in own})]
    facts = list(dict.fromkeys(fact for fact, _ in found))
    first, place = (own or possible or [(Fact("call", "", "", "", ended), touched(entry, entry.resource, ""))])[0]
    row = Fact("call", first.permission, place.bucket, place.target, ended)
    named = first.permission if own or not facts else ""
    same = not facts or facts == [row]
    return Told(
        what, named, place.name, place.bucket, place.target, ended, error, "" if same else packed(facts),
        "" if facts else why or "the entry names no permission",
    )  # fmt: skip


def _checked(entry: Entry, error: str) -> Iterator[tuple[Fact, Touched]]:
    """What `authorizationInfo` says: the permissions that were checked, each on what."""
    for one in entry.authorization:
        name = text(one, "permission").strip()
        if not name:
            continue
        attributes = part(one, "resourceAttributes")
        resource = text(one, "resource") or text(attributes, "name") or entry.resource
        place = touched(entry, resource, name, attributes)
        yield Fact("call", written(name), place.bucket, place.target, checked(one.get("granted"), error)), place


def _needed(
    entry: Entry, resolved: Resolved, error: str
) -> tuple[list[tuple[Fact, Touched]], list[tuple[Fact, Touched]]]:
    """What the method is known to need, and what it may. The end of an operation is no call of its own: the call that
    began it stands in another entry.
    """
    ended = unchecked(error)
    lists: tuple[list[tuple[Fact, Touched]], list[tuple[Fact, Touched]]] = ([], [])
    hows = ("implied" if entry.ongoing or entry.method == _COMPLETED else "call", "possible")
    for list_, how, names in zip(lists, hows, (resolved.permissions, resolved.possible), strict=True):
        for name in names:
            place = touched(entry, entry.resource, name)
            list_.append((Fact(how, name, place.bucket, place.target, ended), place))
    return lists


def _ended(outcomes: list[str], error: str) -> Outcome:
    """How the call as a whole ended."""
    if "denied" in outcomes:
        return "denied"
    if not outcomes:
        return unchecked(error)
    if set(outcomes) <= {"allowed"}:
        return "allowed"
    return "failed" if "failed" in outcomes else "unknown"


def _besides(entry: Entry, ended: Outcome, known: set[str]) -> Iterator[tuple[Fact, Touched]]:
    """What the call needed besides; only one that went through proves it."""
    if ended not in USED:
        return
    if READ_TABLE not in known:
        for table in _read_tables(entry):
            yield reading(entry, table, ended), touched(entry, table, READ_TABLE)
    if ACT_AS not in known:
        mails, sure = attached(entry)
        for mail in mails:
            yield _on_account("implied" if sure and ended == "allowed" else "possible", ACT_AS, mail, ended, entry)
    chain = entry.metadata.get("identityDelegationChain")
    # Whoever asks for a token through others needs this on the first of them; the last of them asks for the token.
    for name in chain[:1] if isinstance(chain, list) else ():
        mail = name.rpartition("/")[2].lower() if isinstance(name, str) else ""
        if "@" in mail and _DELEGATION not in known:
            yield _on_account("implied", _DELEGATION, mail, ended, entry)


def reading(entry: Entry, table: str, ended: str) -> Fact:
    """That a query read a table."""
    place = touched(entry, table, READ_TABLE)
    return Fact("implied", READ_TABLE, place.bucket, place.target, ended)


def _read_tables(entry: Entry) -> Iterator[str]:
    """The tables that a query read, as the end of its job tells of them.

    https://docs.cloud.google.com/bigquery/docs/reference/auditlogs (referencedTables)
    """
    if entry.service != "bigquery.googleapis.com":
        return
    old = items(entry.service_data, "jobCompletedEvent", "job", "jobStatistics", "referencedTables")
    for one in old:
        project, dataset, table = (text(one, name) for name in ("projectId", "datasetId", "tableId"))
        if project and dataset and table:
            yield f"projects/{project}/datasets/{dataset}/tables/{table}"
    new = part(entry.metadata, "jobChange", "job", "jobStats", "queryStats").get("referencedTables")
    yield from (one for one in (new if isinstance(new, list) else ()) if isinstance(one, str))


def _on_account(how: str, permission: str, mail: str, ended: Outcome, entry: Entry) -> tuple[Fact, Touched]:
    project = project_of(mail)
    name = f"//iam.googleapis.com/projects/{project or '-'}/serviceAccounts/{mail}"
    target = (f"projects/{project}" if project.isdigit() else project) or account(entry)
    return Fact(how, permission, name, target, ended), Touched(name, name, target)
