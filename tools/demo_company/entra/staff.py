"""Everybody of the directory, and which groups they are in; those who use AWS have the object ids that it was told."""

from __future__ import annotations

from datetime import datetime

from demo_company import people
from demo_company.clock import alive, parse
from demo_company.google.staff import STARTED
from demo_company.identity_center import entra_id
from demo_company.ids import DOMAIN, guid
from demo_company.people import EMPLOYED

GUEST, DISABLED = "Lena Vogt", "Milan Ostrander"
DISABLED_ON = "2026-04-30"
"""Story 5: he left, and his account was disabled; in AWS his key still works."""
BREAK_GLASS = ("bg-1", "bg-2")
DRILL = "2026-01-05"
"""Story 12: when somebody last signed in as one of these."""

TIER_0, ADMINS, SECURITY = "tier0-admins", "platform-admins", "security"
ROLE_ASSIGNABLE = (TIER_0, "hr")
DYNAMIC = {"all-staff": 'user.userType -eq "Member"'}

OWN_GROUPS: dict[str, tuple[str, ...]] = {
    TIER_0: BREAK_GLASS,
    "erp-platform": ("Greta Solheim", "Mirko Jansen", "Selma Yildiz"),
    "erp-leads": ("Mirko Jansen", "Elise Moreau"),
    "erp-release": ("Selma Yildiz", "Tim Brouwer"),
    "erp-developers": ("Tim Brouwer", "Nadia Rossi", "Viktor Lund", "Chiara Conti"),
    "erp-dba": ("Ulla Fischer", "Omar Said"),
    "erp-auditors": ("Fatou Diallo", "Oluchi Eze"),
    "erp-operators": ("Viktor Lund", "Omar Said", "Caspar Weyl"),
    "erp-payments-ops": ("Elise Moreau", "Pieter Smit"),
    "erp-users": ("Ines Carvalho", "Bram Kuyper", "Hanna Virtanen", "Tunde Abara", "Karin Olsen"),
    "sandbox-users": ("Nadia Rossi", "Yara Nassar", "Oskar Vinter", GUEST),
    "sandbox-leads": ("Selma Yildiz",),
    "hr": ("Karin Olsen", "Dario Vidal"),
}
"""Groups of which AWS knows nothing; those of `people.GROUPS` stand beside them."""
NESTED: dict[str, tuple[str, ...]] = {"erp-all": ("erp-platform", "erp-developers", "erp-dba")}
"""Groups of groups."""
_ONLY_HERE = (
    "Mirko Jansen", "Selma Yildiz", "Tim Brouwer", "Nadia Rossi", "Viktor Lund", "Ulla Fischer", "Omar Said",
    "Elise Moreau", "Pieter Smit", "Karin Olsen", "Dario Vidal", "Fatou Diallo", "Yara Nassar", "Oskar Vinter", GUEST,
)  # fmt: skip
_CAME = STARTED | {"Pieter Smit": ("2026-06-15", ""), GUEST: ("2026-08-10", "")}
_RARELY = {"Dario Vidal": "monthly", "Fatou Diallo": "monthly", GUEST: "weekly"}


def everyone() -> list[str]:
    """Whoever was in the directory on some day, each once, in order."""
    return list(dict.fromkeys((*people.everyone(), *_ONLY_HERE, *BREAK_GLASS)))


def listed(who: str, day: datetime) -> bool:
    """Whether somebody is in the directory on a day: those who left are deleted, but for one."""
    if who == DISABLED:
        return True
    return alive(day, *(EMPLOYED | _CAME).get(who, ("", "")))


def rarely(who: str) -> str:
    """How seldom somebody comes: weekly, monthly; empty for whoever works here every day."""
    return _RARELY.get(who, "")


def object_id(who: str) -> str:
    """The object id of a person."""
    return entra_id(who)


def group_id(name: str) -> str:
    """The object id of a group; Identity Center has it as the group's external id."""
    return guid("entra group", name)


def mail(who: str) -> str:
    """The mail address: the guest's is of another company."""
    return "lena.vogt@sortwise.example" if who == GUEST else f"{people.user_name(who)}@{DOMAIN}"


def principal_name(who: str) -> str:
    """The name that somebody signs in with."""
    return f"lena.vogt_sortwise.example#EXT#@{DOMAIN}" if who == GUEST else mail(who)


def user(who: str, day: datetime) -> dict[str, object]:
    """A user as Microsoft Graph tells it, with when he last signed in."""
    from demo_company.entra import uses

    since, until = (EMPLOYED | _CAME).get(who, ("2024-03-04", ""))
    left = who == DISABLED and parse(until) < day
    pattern = DRILL if who in BREAK_GLASS else _RARELY.get(who, "office")
    if left:
        pattern = DISABLED_ON
    used = uses.last_of_person(who, pattern, day, since)
    found: dict[str, object] = {
        "id": object_id(who),
        "displayName": who,
        "userPrincipalName": principal_name(who),
        "mail": mail(who),
        "accountEnabled": not left,
        "userType": "Guest" if who == GUEST else "Member",
        "createdDateTime": f"{since}T08:30:00Z",
    }
    return found | ({"signInActivity": {"lastSignInDateTime": f"{used:%Y-%m-%dT%H:%M:%SZ}"}} if used else {})


def users(day: datetime) -> list[dict[str, object]]:
    """Everybody on a day."""
    return [user(one, day) for one in everyone() if listed(one, day)]


def group_names() -> list[str]:
    """All groups."""
    return [*OWN_GROUPS, *people.GROUPS, *NESTED, *DYNAMIC]


def groups() -> list[dict[str, object]]:
    """As Microsoft Graph lists them."""
    return [
        {
            "id": group_id(name),
            "displayName": name,
            "securityEnabled": True,
            "mailEnabled": False,
            "isAssignableToRole": name in ROLE_ASSIGNABLE,
            "groupTypes": ["DynamicMembership"] if name in DYNAMIC else [],
            "createdDateTime": "2024-03-04T08:00:00Z",
            **({"membershipRule": DYNAMIC[name]} if name in DYNAMIC else {}),
        }
        for name in group_names()
    ]


def members(name: str, day: datetime) -> list[str]:
    """Who is in a group on a day, people or, of a group of groups, those."""
    if name in NESTED:
        return list(NESTED[name])
    if name in DYNAMIC:
        return [one for one in everyone() if listed(one, day) and one != GUEST]
    timed = {(who, group): (since, until) for who, group, since, until in people.MEMBER_FOR_A_TIME}
    held = [*OWN_GROUPS.get(name, people.GROUPS.get(name, ())), *(who for who, group in timed if group == name)]
    return [
        one for one in dict.fromkeys(held) if listed(one, day) and alive(day, *timed.get((one, name), ("", "")))
    ]  # fmt: skip


def memberships(name: str, day: datetime) -> list[dict[str, object]]:
    """The members of a group, as Microsoft Graph lists them."""
    kind, id_of = ("group", group_id) if name in NESTED else ("user", object_id)
    return [
        {"@odata.type": f"#microsoft.graph.{kind}", "id": id_of(one), "displayName": one}
        for one in members(name, day)
    ]  # fmt: skip
