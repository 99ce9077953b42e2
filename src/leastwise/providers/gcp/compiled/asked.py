"""Questions as texts: which permission, which resource, whose, in which circumstances. Each is refused in one line."""

from __future__ import annotations

import difflib
from datetime import datetime

from leastwise.errors import AmbiguousError, NotFoundError, UsageError
from leastwise.model.decision import Circumstances

from .. import catalog
from ..evaluate.conditions import Absent, Known
from ..evaluate.values import EvaluationError, parse_stamp
from ..language.cel import Constant
from ..language.members import CONVENIENCE, Kind, Member, parse_member
from ..language.names import canonical, written
from ..language.resources import scope
from .estate import Compiled

_TEXTS = (
    "request.path", "request.host", "destination.ip", "google.subject", "compute.loadBalancingScheme",
    "storage.googleapis.com/objectListPrefix",
)  # fmt: skip
_LISTS = ("request.auth.access_levels", "google.groups", "iam.googleapis.com/modifiedGrantsByRole")
_PREFIXES = ("attribute.", "aiplatform.googleapis.com/", "kubernetes.")
_CONTAINERS = ("organizations/", "folders/", "projects/")
_LONGEST = 4096


def permission_of(held: Compiled, text: str) -> str:
    """A permission in its canonical spelling. Raises UsageError for one that nothing tells of."""
    _refuse_empty("permission", text)
    name = canonical(text.strip())
    _, slash, rest = name.partition("/")
    if "*" in text or not slash or "." not in rest:
        raise UsageError(f"{text}: is no permission, as in storage.objects.get")
    if catalog.current().knows(written(name)) or held.holds(name).any():
        return name
    near = difflib.get_close_matches(written(name), catalog.current().permissions, n=3, cutoff=0.8)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise UsageError(f"{text}: Google Cloud has no such permission{hint}")


def resource_of(held: Compiled, text: str | None) -> str | None:
    """A resource's canonical full name, None for any. Raises UsageError for what is no full name."""
    if text is None or text == "*":
        return None
    _refuse_empty("resource", text)
    if len(text) > _LONGEST:
        raise UsageError(f"resource: is longer than {_LONGEST} characters")
    name = scope(text) if text.startswith(_CONTAINERS) and text.count("/") == 1 else text
    if not name.startswith("//") or "/" not in name[2:].strip("/") or any(mark in name for mark in "*?"):
        raise UsageError(f"{text}: is no full name of a resource, as in //storage.googleapis.com/bucket")
    return held.estate.projects.canonical(name)


def subject_of(held: Compiled, text: str) -> Member:
    """Who a text means: a member string, `*`, or the only principal of that name. Raises UsageError, NotFoundError."""
    _refuse_empty("principal", text)
    found = parse_member("allUsers" if text in ("*", "anonymous") else text)
    if found.kind in CONVENIENCE:
        raise UsageError(f"{text}: names nobody who can call, but whoever holds a basic role on a project")
    if found.kind is not Kind.OTHER:
        return found
    wanted = text.strip().lower()
    codes = [code for code, name in enumerate(held.words("name")) if name.lower() == wanted]
    ids = [id for code in codes for id in held.members.many((held.arrays["member.name"] == code).nonzero()[0])]
    if len(ids) == 1:
        return parse_member(ids[0])
    if ids:
        raise AmbiguousError(f"{text}: is the name of {len(ids)} principals: {', '.join(sorted(ids)[:5])}")
    if "@" in wanted and ":" not in wanted:
        near = difflib.get_close_matches(wanted, held.words("name"), n=3, cutoff=0.8)
        hint = f"; did you mean {', '.join(near)}?" if near else f"; user:{wanted} asks of somebody from outside"
        raise NotFoundError(f"{text}: nobody of that name in the estate{hint}")
    raise NotFoundError(f"{text}: nobody of that name in the estate, and no member string, as in user:ada@example.com")


def context_of(given: Circumstances) -> dict[str, Known | Absent]:
    """The attributes that a question gives. Raises UsageError for what no request has."""
    if given.session is not None:
        raise UsageError("Google Cloud has no session policies")
    if given.through is not None:
        raise UsageError("Google Cloud has no endpoints that policies are attached to")
    found: dict[str, Known | Absent] = {name: _known(name, values) for name, values in given.context.items()}
    if given.moment is not None:
        found.setdefault("request.time", Known(_moment(given.moment)))
    return found


def _known(name: str, values: tuple[str, ...]) -> Known:
    if name in _LISTS:
        return Known(values)
    if name != "request.time" and name != "destination.port" and name not in _TEXTS and not name.startswith(_PREFIXES):
        near = difflib.get_close_matches(name, ("request.time", "destination.port", *_TEXTS, *_LISTS), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"--context: {name}: no request to Google Cloud has such an attribute{hint}")
    if len(values) != 1:
        raise UsageError(f"--context: {name}: has one value")
    if name == "destination.port":
        if not values[0].isdigit():
            raise UsageError(f"--context: {name}: {values[0]!r} is no number")
        return Known(int(values[0]))
    if name == "request.time":
        try:
            return Known(parse_stamp(values[0]))
        except EvaluationError:
            raise UsageError(f"--context: {name}: {values[0]!r} is no moment, as in 2026-01-31T12:00:00Z") from None
    return Known(values[0])


def _moment(moment: datetime) -> Constant:
    return parse_stamp(moment.isoformat())


def _refuse_empty(what: str, text: str) -> None:
    if not text.strip():
        raise UsageError(f"{what}: is empty (an unset variable?)")
