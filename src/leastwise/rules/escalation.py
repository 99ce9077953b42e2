"""Escalation rules: what a principal needs so that it becomes another, and what that gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from leastwise.errors import RuleFileError

from .fields import Fields
from .files import walk
from .heading import opened

SCHEMA = 1
"""The rule schema that this version reads."""

GAINS: Mapping[str, str] = {
    "holds": "has it already",
    "assume": "becomes the identity by its trust",
    "pass": "attaches the identity to something new that runs what the principal says",
    "impersonate": "is handed tokens or signatures of the identity",
    "credential": "makes or sets a credential of the identity",
    "policy": "changes what the identity may do",
    "code": "changes what runs as the identity, or enters it",
    "membership": "joins a group, or lets somebody join",
    "activate": "activates what it is eligible for",
    "federation": "changes whom the identity's trust lets in",
    "directory_role": "gives a role of the directory",
    "foothold": "enters something in a cluster",
    "data": "reads or writes data",
}
"""Each kind of gain; an edge of the graph is of one."""

GIVES: Mapping[str, str] = {
    "identity": "to act as the target",
    "anything": "to act as the target with any policy that its limits let through",
    "rewritten": "the same, its own inline policies being gone",
    "unbounded": "the same, no boundary limiting it any more",
    "policies": "to add to the policies of the target",
    "inline": "to put others in the place of the target's own inline policies",
    "members": "to add members to the group",
    "definition": "to rewrite the bundle that the thing is, for whoever holds it there",
    "version": "to put another version of a policy of the target in force",
    "administrator": "to act as an administrator of the principal's own account",
    "data": "what lies in the thing",
    "writes": "to write what the kind of the rule says, of oneself",
}
"""What whoever goes through has then."""

LINKS: Mapping[str, str] = {
    "runs": "a resource and the identity that it runs as",
    "holds": "a policy that can be changed and who holds it, by a group too",
    "version": "a policy and, for each who holds it, each other version that could be in force",
    "has": "a group and its members",
    "group": "a group and whoever would be only its member",
    "itself": "a resource by itself",
    "administers": "a resource that others lie under, and whoever can do everything at it",
    "is": "a resource that is an identity, and that identity",
    "told": "a thing and whom it leads to, of a kind that the provider tells",
    "full": "a policy that grants everything, and who holds it",
    "leads": "somebody and whom he is besides, as the provider tells; asks nothing",
    "offered": "somebody who can activate something, and whoever has done so; asks nothing",
    "perhaps": "somebody and whom he may be besides, where what would say so was not read; asks nothing",
    "joint": "an identity that one becomes and the power over its policies, by steps of any kind; asks nothing",
}
"""Which things and targets hang together."""
NEEDLESS = ("joint", "leads", "offered", "perhaps")
"""Links of which a rule asks for no permission: what they join says enough."""

PLACES = ("target", "thing", "new", "account", "existing", "sibling")
"""What a need is about: the target, what hangs together with it, something new of the kind, the target's account, or
something that exists, of the rule's kinds, whatever it hangs together with, in the account of whoever goes (a
`sibling`: in that of the target): all such needs are about one thing.
"""
EXISTING = ("existing", "sibling")
"""Of these what has to be there; needs of a rule are about one of them at most."""


@dataclass(frozen=True, slots=True)
class Need:
    """One permission.

    `by`: not the principal must have it but this one, whom a policy names (a service). `within`: it is about what lies
    in the thing, whose id ends so. `beside`: it is about what the provider says stands beside that, under this word.
    `every`: it is needed of each of several that the provider tells of the thing under this word: on each of them, or,
    with `key`, with each as the value of that condition key. What follows is of steps, and not of files: `open` are
    condition keys that can have any value, `on` is the id of what it is about.
    """

    permission: str
    about: str
    by: str = ""
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: str = ""
    beside: str = ""
    every: str = ""
    key: str = ""
    open: tuple[str, ...] = ()
    on: str = ""


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must be so of the target, the thing or the target's account: a word that the provider tells."""

    so: str
    about: str


@dataclass(frozen=True, slots=True)
class EscalationCase:
    """An estate in which a rule leads from one to another, or does not.

    Args:
        why: what makes it one.
        estate: as the provider's cases tell an estate.
        source: id of who starts.
        target: id of whom he becomes or would become, or `admin:` and an account.
        state: of the path; none where there is none.
    """

    why: str
    estate: Mapping[str, Any]
    source: str
    target: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class EscalationRule:
    """How a principal gains another.

    Args:
        needs: every step is needed, and of a step any one.
        link: how things and targets hang together; empty where a rule needs no thing.
        kinds: of the things of the link `runs`; empty for all. Of what exists already, where a need is about that.
        natives: the vendor's nouns of targets; empty for all.
        whose: the vendor's nouns of those who can go through; empty for all.
        oneself: whoever goes through must be the target.
        otherwise: what tells which targets a thing may run as, where it is not known which things there are.
        unlisted: where it is not known which things there are, every identity of an account may be one's.
        listed_by: calls of the coverage that list them, the first always made; none: nobody ever asks.
        gives: see `GIVES`.
        where: what must be so besides; a state that is not sure makes the step no surer.
        provided: what must be so that no fact of an estate tells: the step is CONDITIONAL at best.
        acting: whoever goes through acts through another, who must be able to: a word of `Ties.acting`, or none.
        technique: of MITRE ATT&CK.
        known: ids of the facts it follows, as in `pathfinding.cloud lambda-003`.
        checks: what an incident responder looks at, one a line.
        cases: estates in which it leads somewhere, and in which it just does not.
    """

    id: str
    version: int
    title: str
    provider: str
    gain: str
    gives: str
    needs: tuple[tuple[Need, ...], ...]
    remediation: str
    file: str
    link: str = ""
    kinds: tuple[str, ...] = ()
    natives: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()
    oneself: bool = False
    otherwise: tuple[tuple[Need, ...], ...] = ()
    unlisted: bool = False
    listed_by: tuple[str, ...] = ()
    where: tuple[Precondition, ...] = ()
    provided: str = ""
    acting: str = ""
    technique: str = ""
    known: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    limits: str = ""
    cases: tuple[EscalationCase, ...] = ()

    def every(self) -> Iterator[Need]:
        """All needs, whichever step they are of."""
        return (one for step in self.needs for one in step)


_REQUIRED = ("gain", "gives", "needs")
_OPTIONAL = (
    "link",
    "kinds",
    "natives",
    "whose",
    "oneself",
    "otherwise",
    "unlisted",
    "listed_by",
    "where",
    "provided",
    "acting",
    "technique",
    "known",
    "checks",
    "cases",
)


@cache
def load_escalation() -> tuple[EscalationRule, ...]:
    """Every escalation rule that ships with Leastwise, ordered by id; read once.

    Raises:
        RuleFileError: a file does not follow the schema, or two have one id.
    """
    root = files("leastwise.rules").joinpath("data", "escalation")
    found = [load_one(file.read_bytes(), place, ships=True) for place, file in walk(root, "escalation")]
    seen: dict[str, str] = {}
    for one in found:
        if one.id in seen:
            raise RuleFileError(one.file, f"{one.id!r} is the id of {seen[one.id]}, too", "id")
        seen[one.id] = one.file
    return tuple(sorted(found, key=lambda one: one.id))


def load_one(body: bytes, file: str, ships: bool = False) -> EscalationRule:
    """One rule from the bytes of its file. Raises RuleFileError naming the file, the key and the cause."""
    fields, heading = opened(body, file, ships, SCHEMA, _REQUIRED, _OPTIONAL)
    link = fields.choice("link", tuple(LINKS), default="")
    if link in NEEDLESS and fields.value("needs") != []:
        raise fields.error("needs", f"is not empty, and the link {link} asks for nothing")
    needs = _needs(fields, "needs", bool(link)) if link not in NEEDLESS else ()
    if _yes(fields, "oneself") and any(need.about == "sibling" for step in needs for need in step):
        raise fields.error("oneself", "is true, and a need is about something in the account of the target")
    existing = {need.about for step in needs for need in step} & set(EXISTING)
    if len(existing) > 1 or (existing and all(need.about in existing for step in needs for need in step)):
        raise fields.error("needs", "are all about something that exists, and none about the target")
    return EscalationRule(
        **heading,
        gain=fields.choice("gain", tuple(GAINS)),
        gives=fields.choice("gives", tuple(GIVES)),
        needs=needs,
        link=link,
        kinds=fields.texts("kinds"),
        natives=fields.texts("natives"),
        whose=fields.texts("whose"),
        oneself=_yes(fields, "oneself"),
        otherwise=_needs(fields, "otherwise", False) if fields.value("otherwise") is not None else (),
        unlisted=_yes(fields, "unlisted"),
        listed_by=fields.texts("listed_by"),
        where=_where(fields, bool(link)),
        provided=fields.text("provided", default=""),
        acting=fields.text("acting", default=""),
        technique=fields.text("technique", default=""),
        known=fields.texts("known"),
        checks=fields.texts("checks"),
        cases=_cases(fields, ships),
    )


_STATES = ("ALLOWED", "CONDITIONAL", "UNKNOWN")


def _cases(fields: Fields, ships: bool) -> tuple[EscalationCase, ...]:
    """The cases of a rule: at least one that leads somewhere and one that does not; one that ships must have them."""
    if fields.value("cases") is None:
        if ships:
            raise fields.error(
                "cases", "is missing: a rule that ships has a case that matches and one that nearly does"
            )
        return ()
    section = Fields(fields.file, "cases", fields.value("cases"), ("match", "near_miss"), ())
    found = []
    for key in ("match", "near_miss"):
        several = section.value(key)
        if not isinstance(several, list) or not several:
            raise section.error(key, "is not a list of cases")
        found += [_case(fields.file, f"cases.{key}[{at}]", one, key == "match") for at, one in enumerate(several)]
    return tuple(found)


def _case(file: str, place: str, body: Any, leads: bool) -> EscalationCase:
    section = Fields(file, place, body, ("why", "estate", "from", "to"), ("state",) if leads else ())
    estate = section.value("estate")
    if not isinstance(estate, dict):
        raise section.error("estate", "is not a mapping")
    state = section.choice("state", _STATES, default="ALLOWED") if leads else ""
    return EscalationCase(section.text("why"), estate, section.text("from"), section.text("to"), state)


def _where(fields: Fields, linked: bool) -> tuple[Precondition, ...]:
    body = fields.value("where", [])
    if not isinstance(body, list):
        raise fields.error("where", "is not a list of preconditions")
    found = []
    for place, one in enumerate(body):
        section = Fields(fields.file, f"where[{place}]", one, ("so", "about"), ())
        about = section.choice("about", ("target", "thing", "account"))
        if about == "thing" and not linked:
            raise section.error("about", "is a thing, and the rule has no link")
        found.append(Precondition(section.text("so"), about))
    return tuple(found)


def _yes(fields: Fields, key: str) -> bool:
    value = fields.value(key, False)
    if not isinstance(value, bool):
        raise fields.error(key, "is neither true nor false")
    return value


def _needs(fields: Fields, key: str, linked: bool) -> tuple[tuple[Need, ...], ...]:
    body = fields.value(key)
    if not isinstance(body, list) or not body:
        raise fields.error(key, "is not a list of needs")
    return tuple(_step(fields, f"{key}[{place}]", one, linked) for place, one in enumerate(body))


def _step(fields: Fields, place: str, body: Any, linked: bool) -> tuple[Need, ...]:
    if isinstance(body, dict) and set(body) == {"any"}:
        several = body["any"]
        if not isinstance(several, list) or len(several) < 2:
            raise fields.error(f"{place}.any", "is not a list of two needs or more")
        found = tuple(_need(fields, f"{place}.any[{at}]", one, linked) for at, one in enumerate(several))
        if any(one.every for one in found):
            raise fields.error(f"{place}.any", "has a need of each of several, which stands alone")
        return found
    return (_need(fields, place, body, linked),)


def _need(fields: Fields, place: str, body: Any, linked: bool) -> Need:
    optional = ("by", "given", "within", "beside", "every", "key")
    section = Fields(fields.file, place, body, ("permission", "about"), optional)
    about = section.choice("about", PLACES)
    if about == "thing" and not linked:
        raise section.error("about", "is a thing, and the rule has no link")
    if about in EXISTING and not fields.value("kinds"):
        raise section.error("about", "is something that exists, and the rule names no kinds")
    if about == "existing" and linked:
        raise section.error("about", "is something that exists, and the rule has a link")
    given = section.value("given", {})
    if not isinstance(given, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in given.items()):
        raise section.error("given", "is not a mapping of condition keys to texts")
    told = {key: (value,) for key, value in given.items()}
    by, within, beside, every, key = (
        section.text(name, default="") for name in ("by", "within", "beside", "every", "key")
    )
    if every and about != "thing":
        raise section.error("every", "tells of things, and the need is about none")
    if key and not every:
        raise section.error("key", "takes its values from several, and none are told (every)")
    return Need(section.text("permission"), about, by, told, within, beside, every, key)
