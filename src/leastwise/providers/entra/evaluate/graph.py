"""Requests to Microsoft Graph: which values of app roles and scopes allow one, and what the caller may itself.

https://learn.microsoft.com/graph/permissions-overview
https://learn.microsoft.com/graph/auth/auth-concepts#access-scenarios
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from leastwise.engine.formula import Formula, Literal, all_of, any_of, negate
from leastwise.engine.solve import Gap

from ..catalog.allowing import AS_USER, changing
from ..catalog.allowing import allowing as allowed_by
from ..catalog.compile import Allowing
from ..language.actions import parse_action
from ..language.directory import USER
from ..language.requests import action_of
from .apps import delegated, granted, usable_by
from .everyone import by_default, by_owning, feasible, may_invite
from .membership import enabled, owner_of
from .protection import plain, table_of
from .request import Request
from .roles import grants
from .scoping import changes_group, may_be_of_roles, reads_hidden, restricted

_AS_USER = AS_USER.lower()
_HIDDEN = "member.read.hidden"
"""What an app needs beside another value to read the members of a group that hides them."""
_OF_ROLES = "RoleManagement.ReadWrite.Directory"
_OWN = frozenset({"user.read", "user.readwrite"})
"""Scopes that are about the signed-in user alone."""
_OWN_PROPERTIES = (("basic",), ("photo",), ("authenticationmethods",))
"""What users change of themselves."""
_LISTS = frozenset({"basic", "members", "owners", "approleassignedto", "approleassignments"})
"""Property sets that no PATCH of the object itself changes, and the one that it is taken for."""
BESIDE = frozenset({_AS_USER, _HIDDEN})
"""Values that decide together with others."""
_OWNED, _SELECTED = ".ownedby", ".selected"
_SITES = ("sites.", "lists.", "listitems.", "files.")
_ELSEWHERE = {
    "messages": "Exchange", "mailfolders": "Exchange", "sendmail": "Exchange", "events": "Exchange",
    "calendar": "Exchange", "calendars": "Exchange", "mailboxsettings": "Exchange", "contacts": "Exchange",
    "contactfolders": "Exchange", "inferenceclassification": "Exchange", "drive": "SharePoint", "drives": "SharePoint",
    "sites": "SharePoint", "onenote": "SharePoint", "shares": "SharePoint", "chats": "Teams", "teams": "Teams",
    "channels": "Teams", "onlinemeetings": "Teams", "joinedteams": "Teams", "presence": "Teams",
    "devicemanagement": "Intune", "deviceappmanagement": "Intune", "compliance": "Purview", "security": "Defender",
}  # fmt: skip
"""Systems with roles of their own, by a segment of the paths that are theirs."""
_LETTING = ("Exchange", "Teams")
"""Those that let in apps without a permission that the directory knows of."""
_DISCOVERY, _DISCOVERY_CASES = "ediscovery.", "ediscoverycases"
"""Permissions and paths of Purview, below those of Defender."""


def allowing(asked: Request) -> Allowing | None:
    """The values that allow a request; None where none are known."""
    return allowed_by(asked.estate.published.requests, asked.graph)


def by_request(asked: Request) -> Formula:
    """Whether the principal may make a request to Graph: an app by itself, or on behalf of its user.

    A user makes requests through apps alone.
    """
    if not asked.user and asked.estate.kind(asked.who) == USER:
        return False
    known = allowing(asked)
    if known is None:
        return Literal(Gap(f"which permissions allow {asked.graph}"))
    if asked.user:
        return all_of((_delegated(asked, known), usable_by(asked), own_right(asked.by(asked.user))))
    return _alone(asked, known)


# --- an app alone -----------------------------------------------------------------------------------------------------


def _alone(asked: Request, known: Allowing) -> Formula:
    if asked.graph.mine:
        return False  # There is nobody who signed in.
    by_values = any_of(one.formula for one in granted(asked, enough_alone(asked, known), of_graph(asked)))
    doing = directory_question(asked)
    if doing is None:
        return any_of((by_values, _by_others(asked)))
    if reads_hidden(doing, doing.action):
        hidden = (one.formula for one in granted(asked, lambda value: value.lower() == _HIDDEN, of_graph(asked)))
        by_values = all_of((by_values, any_of(hidden)))
    by_roles = any_of(map(_by_roles, _ways(doing)))
    found = any_of((all_of((by_values, _reaches(doing))), by_roles, _in_part(asked, doing)))
    return all_of((found, feasible(doing)))


def _by_others(asked: Request) -> Formula:
    """Whether a system lets in apps by what it keeps itself, beside what the directory was told to grant.

    https://learn.microsoft.com/exchange/permissions-exo/application-rbac
    https://learn.microsoft.com/microsoftteams/resource-specific-consent
    """
    system = system_of(asked)
    return Literal(Gap(f"which apps {system} itself lets in")) if system in _LETTING else False


def enough_alone(asked: Request, known: Allowing) -> Callable[[str], Formula]:
    """Whether having a value is enough for a request that an app makes by itself."""
    listed = _listed(asked, known.application)

    def wanted(value: str) -> Formula:
        found: Formula = True if _selects(asked, value) else listed(value.lower())
        return False if found is False else all_of((found, _sufficient(asked, value), _let_in(value)))

    return wanted


def _let_in(value: str) -> Formula:
    """Whether the system behind a request lets an app in that has a permission for it.

    Purview wants the app in one of its role groups besides.
    https://learn.microsoft.com/graph/security-ediscovery-appauthsetup
    """
    return Literal(Gap("whether a role group of Purview has the app")) if value.lower().startswith(_DISCOVERY) else True


def of_graph(asked: Request) -> Callable[[str], Formula]:
    """Whether a service principal is Microsoft Graph's, or may be."""

    def of(resource: str) -> Formula:
        told = asked.estate.is_graph(resource)
        # Ids of app roles are one API's: one that is Graph's tells whose service principal it is.
        return True if told is None else told

    return of


def _selects(asked: Request, value: str) -> bool:
    """Whether a value is one by which single sites, lists or files are opened, and the request is about such.

    https://learn.microsoft.com/graph/permissions-selected-overview
    """
    low = value.lower()
    return _SELECTED in low and low.startswith(_SITES) and system_of(asked) == "SharePoint"


def system_of(asked: Request) -> str:
    """The system with roles of its own that a request belongs to; empty where none is known."""
    if _DISCOVERY_CASES in asked.graph.segments:
        return "Purview"
    return next((_ELSEWHERE[one] for one in asked.graph.segments if one in _ELSEWHERE), "")


def _sufficient(asked: Request, value: str) -> Formula:
    """Whether having a value is enough, or there is more to it."""
    low = value.lower()
    if low.endswith(_OWNED):
        return asked.tenant or owner_of(asked, asked.resource, asked.who)
    if _SELECTED in low:
        return Literal(Gap(f"on which resources {value} was granted"))
    return True


def _listed(asked: Request, values: Iterable[str]) -> Callable[[str], Formula]:
    """When a value (in lower case) is one that allows the request: a group may want another than groups do."""
    plain, doing = {one.lower() for one in narrowed(asked, values)}, directory_question(asked)
    special = may_be_of_roles(doing) if doing is not None and changes_group(doing.action) else False

    def listed(value: str) -> Formula:
        return any_of((all_of((negate(special), value in plain)), all_of((special, value == _OF_ROLES.lower()))))

    return listed


def narrowed(asked: Request, values: Iterable[str]) -> list[str]:
    """Those of the listed values that suffice; the published list has what is needed beside another as well.

    https://learn.microsoft.com/graph/api/group-post-members
    https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
    """
    listed, doing = list(values), directory_question(asked)
    if doing is None or doing.action.reads:
        return listed
    action = doing.action
    if action.base == "groups" and not doing.tenant and doing.estate.assignable(doing.resource):
        return [_OF_ROLES]
    return changing(listed, action)


def directory_question(asked: Request) -> Request | None:
    """The question about the action of the directory that a request is; None where it is none."""
    action = action_of(asked.graph)
    if action is None:
        return None
    own = asked.graph.mine and asked.tenant
    return replace(asked.to_do(action), resource=asked.who if own else asked.resource)


def _reaches(doing: Request) -> Formula:
    """Whether permissions of an app, without a role, reach the object: not where it is restricted, nor administrators.

    https://learn.microsoft.com/graph/api/user-delete#permissions
    """
    free, action = negate(restricted(doing, doing.action)), doing.action
    # Of authentication methods and tokens the pages say no such thing.
    other = action.properties[:1] == ("authenticationmethods",) or action.verb == "invalidateallrefreshtokens"
    return free if other or table_of(doing, action) is None else all_of((free, plain(doing)))


# --- on behalf of a user ----------------------------------------------------------------------------------------------


def _delegated(asked: Request, known: Allowing) -> Formula:
    """Whether a grant lets the app make the request for its user, whatever that may itself."""
    doing = directory_question(asked)
    found = any_of(formula for _, formula in delegated(asked, enough_for_user(asked, known), of_graph(asked)))
    if doing is None or not reads_hidden(doing, doing.action):
        return found
    hidden = delegated(asked, lambda scope: scope in (_HIDDEN, _AS_USER), of_graph(asked))
    return all_of((found, any_of(formula for _, formula in hidden)))


def enough_for_user(asked: Request, known: Allowing) -> Callable[[str], Formula]:
    """Whether having a scope (in lower case) is enough for a request that an app makes for its user."""
    listed = _listed(asked, known.delegated)
    as_user = directory_question(asked) is not None
    own = asked.graph.mine or asked.resource == asked.user

    def wanted(scope: str) -> Formula:
        found: Formula = True if scope == _AS_USER and as_user else listed(scope)
        if found is False or (scope in _OWN and not own and not asked.tenant):
            return False
        return all_of((found, _sufficient(asked.by(asked.user), scope)))

    return wanted


def own_right(asked: Request) -> Formula:
    """Whether a user may itself do what a request does."""
    if not enabled(asked, asked.who):
        return False
    doing, own = directory_question(asked), asked.graph.mine or asked.resource == asked.who
    if doing is None:
        system = system_of(asked) or "the service behind it"
        return own or Literal(Gap(f"what {asked.estate.title(asked.who)} may by the roles of {system}"))
    if own and doing.action.base == "users" and (doing.action.reads or doing.action.properties[:1] in _OWN_PROPERTIES):
        return True
    return any_of((*map(by_action, _ways(doing)), _in_part(asked, doing)))


def _in_part(asked: Request, doing: Request) -> Formula:
    """Whether the principal may change some properties of an object that is changed: a request does not say which."""
    action = doing.action
    if asked.graph.method != "PATCH" or action.properties != ("basic",):
        return False
    others = (
        each
        for text in doing.estate.actions
        if text.startswith(f"{action.namespace}/{action.entity}/") and text.endswith("/update")
        and len((each := parse_action(text)).properties) == 1 and each.properties[0] not in _LISTS
    )  # fmt: skip
    some = (by_action(replace(doing, permission=str(each))) for each in others)
    return all_of((any_of(some), Literal(Gap(f"which properties {asked.graph} changes"))))


def by_action(doing: Request) -> Formula:
    """Whether the principal may do an action of the directory: by a role, as an owner, or as every user may."""
    return all_of((any_of((_by_roles(doing), by_owning(doing), by_default(doing))), feasible(doing)))


def _by_roles(doing: Request) -> Formula:
    return all_of((any_of(one.formula for one in grants(doing)), may_invite(doing, member=None)))


_READ_IN_PART = {
    "users/standard": "users/guestBasicProfile/limitedRead", "organization/standard": "organization/basicProfile/read",
}  # fmt: skip
"""By which actions an object is read in part, where that is not the limited reading of the same properties."""


def _ways(doing: Request) -> list[Request]:
    """The actions by which a request can be made.

    What is created can be created as its owner, too; and who reads an object in part is answered with that part, as
    guests are. Lists are for those who read them whole.
    https://learn.microsoft.com/entra/fundamentals/users-default-permissions#compare-member-and-guest-default-permissions
    """
    action = doing.action
    if action.verb == "create":
        return [doing, replace(doing, permission=f"{doing.permission}AsOwner")]
    if action.verb != "read" or (doing.tenant and action.base != "organization"):
        return [doing]
    what = "/".join((action.entity, *action.properties))
    return [doing, doing.to_do(_READ_IN_PART.get(what, f"{what}/limitedRead"))]


def for_user(asked: Request) -> Formula:
    """Whether an app may do for its user what that may do in the directory: which of its scopes does not tell."""
    of = of_graph(asked)
    if any_of(found for _, found in delegated(asked, lambda scope: scope == _AS_USER, of)) is True:
        return usable_by(asked)
    some = any_of(found for _, found in delegated(asked, lambda scope: True, of))
    gap = Literal(Gap(f"which request of the app is {asked.permission}"))
    return all_of((some, gap, usable_by(asked)))
