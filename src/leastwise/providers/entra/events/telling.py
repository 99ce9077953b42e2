"""What a record tells of usage, as rows of events: whom each counts for, the permissions, the objects.

A request on behalf of a user is a use of two: of the application, whose scope it needs, and of the user, whose right it
is. So is a sign-in of a person: somebody was active, and an application is used. Each is an event of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.model.usage import Fact, packed

from .activities import activities, plain, resolve
from .asking import RequestError, asked, bucket_of, facts_of, own_right
from .principals import Who, of_actor, who
from .record import SIGN_INS, UNIFIED, Outcome, Record, Target
from .unified import DIRECTORY

_APP = "/application"
"""What the event of the application adds to the record's id."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event: whom it counts for, what it was, what it touched. `why` it tells no permission."""

    id: str
    by: Who
    what: str
    name: str
    outcome: Outcome
    facts: tuple[Fact, ...] = ()
    resource: str = ""
    bucket: str = ""
    via: str = ""
    origin: str = ""
    target: str = ""
    why: str = ""

    @property
    def permission(self) -> str:
        """The first permission it needed."""
        return self.facts[0].permission if self.facts else ""

    @property
    def packed(self) -> str:
        """The facts, where they are not the one call of the row."""
        one = (Fact("call", self.permission, self.bucket, self.target, self.outcome),)
        return "" if not self.facts or self.facts == one else packed(self.facts)


def told(record: Record) -> list[Told]:
    """The events of a record."""
    if record.call is not None:
        return _request(record)
    if record.log in SIGN_INS or plain(record.operation) in activities().sign_ins:
        return _sign_in(record)
    if record.log == UNIFIED and record.service != DIRECTORY:
        return [_elsewhere(record)]
    return [_activity(record)]


def object_of(record: Record) -> Target:
    """The first object that a record is about."""
    return record.targets[0] if record.targets else Target()


def _touched(record: Record) -> str:
    """The id of the first object, or its name where it has none."""
    one = object_of(record)
    return one.id or one.name.lower()


def _through(record: Record, by: Who) -> str:
    """The application by which it was done, where that is another than who did it."""
    found = of_actor(record.through, record.tenant).id
    return "" if found == by.id else found


# --- activities of the directory --------------------------------------------------------------------------------------


def _activity(record: Record) -> Told:
    by, found = who(record), resolve(record.operation, record.targets)
    bucket = _touched(record)
    held = record.tenant if bucket else ""
    # What an app does in the directory, a role of its own may give, or a permission of Graph: the log does not tell.
    sure = "call" if by.kind in ("user", "guest") else "possible"
    facts = [Fact(sure, one, bucket, held, record.outcome) for one in found.needs]
    facts += [Fact("possible", one, bucket, held, record.outcome) for one in found.possible]
    return Told(
        record.id, by, found.what, plain(record.operation), record.outcome, tuple(facts), bucket, bucket,
        _through(record, by), target=held, why=found.why,
    )  # fmt: skip


def _elsewhere(record: Record) -> Told:
    """An operation of Exchange, SharePoint, Teams: which of their roles' permissions it needs no table tells.

    It counts under its own name, as something that some permission allowed.
    """
    by, bucket = who(record), _touched(record)
    name = f"{record.service}/{record.operation.strip()}"
    fact = Fact("possible", name, bucket, record.tenant, record.outcome)
    return Told(
        record.id, by, "call", name, record.outcome, (fact,), bucket, bucket, _through(record, by),
        target=record.tenant if bucket else "",
    )  # fmt: skip


# --- sign-ins ---------------------------------------------------------------------------------------------------------


def _sign_in(record: Record) -> list[Told]:
    by, resource = who(record), object_of(record)
    api = resource.id or resource.name
    through = of_actor(record.through, record.tenant)
    name = plain(record.operation)
    found = [Told(record.id, by, "sign_in", name, record.outcome, (), api, api, through.id)]
    if through.id and record.outcome == "allowed" and by.id:
        app = Told(f"{record.id}{_APP}", through, "sign_in", name, record.outcome, (), api, api, origin=by.id)
        found.append(app)
    return found


# --- requests to Graph ------------------------------------------------------------------------------------------------


def _request(record: Record) -> list[Told]:
    call = record.call
    assert call is not None
    by = who(record)
    try:
        found = asked(call.method, call.address)
    except RequestError as error:
        return [Told(record.id, by, "unknown", call.method, record.outcome, via=_through(record, by), why=str(error))]
    name, object = str(found.request), found.request.named
    if found.batch:
        return [Told(record.id, by, "free", name, record.outcome, via=_through(record, by),
                     why="it carries requests that have records of their own")]  # fmt: skip
    facts = tuple(facts_of(call, found, by.id, record.outcome))
    unknown = found.application is None
    what = "unknown" if unknown else "call"
    why = f"no page tells which permissions allow {name}" if unknown or not facts else ""
    if not call.delegated:
        return [Told(record.id, by, what, name, record.outcome, facts, object, name, why=why)]
    app = of_actor(record.through, record.tenant)
    rights = tuple(own_right(call, found, object, record.outcome))
    bucket = bucket_of(call, found)
    own = "call" if rights else "free" if found.request.mine else "unknown"
    said = "" if rights else f"no action of the directory is known to be {name}"
    return [
        Told(record.id, by, own, name, record.outcome, rights, object, object, app.id, why=said),
        Told(f"{record.id}{_APP}", app, what, name, record.outcome, facts, object, bucket, origin=by.id, why=why),
    ]
