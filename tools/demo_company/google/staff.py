"""People and groups of the directory; most of them stand in AWS, too, under the same mail address."""

from __future__ import annotations

from datetime import datetime

from demo_company.clock import alive
from demo_company.google.places import CUSTOMER, digits, mail
from demo_company.ids import hexes
from demo_company.people import EMPLOYED

GROUPS: dict[str, tuple[str, ...]] = {
    "gcp-platform-admins": ("Hiro Nakagawa", "Greta Solheim", "Anil Deshpande"),
    "gcp-security": ("Noor Haddad", "Caspar Weyl"),
    "gcp-data-analysts": ("Leila Farouk", "Marek Novak", "Sofia Rinaldi", "Dmitri Volkov", "Jana Horvat"),
    "gcp-tracking-developers": (
        "Aisha Rahman", "Ben Okafor", "Eva Lindgren", "Felix Baumann", "Maya Castillo", "Anders Holt", "Birgit Saar",
    ),
    "gcp-data-scientists": ("Yara Nassar", "Oskar Vinter", "Marek Novak"),
    "gcp-finance": ("Ines Carvalho",),
    "gcp-depot-leads": ("Ole Knudsen", "Farida Aziz"),
}  # fmt: skip
NESTED = (("gcp-lab-users", ("gcp-data-scientists", "gcp-data-analysts")),)
"""A group of groups."""

STARTED = {"Oskar Vinter": ("2026-05-11", "")}
"""Who is known in Google Cloud alone, and came or went; of others, AWS's lists say it."""


def employed(person: str, day: datetime) -> bool:
    """Whether somebody works here on a day."""
    return alive(day, *(EMPLOYED | STARTED).get(person, ("", "")))


def groups() -> list[dict[str, object]]:
    """As `gcloud identity groups search` writes them."""
    names = [*GROUPS, *(name for name, _ in NESTED)]
    return [
        {
            "name": group_name(name),
            "groupKey": {"id": mail(name)},
            "parent": f"customers/{CUSTOMER}",
            "displayName": name.replace("-", " ").capitalize().replace("Gcp", "GCP"),
            "createTime": "2024-03-04T09:00:00Z",
            "labels": {"cloudidentity.googleapis.com/groups.discussion_forum": ""},
        }
        for name in names
    ]


def group_name(name: str) -> str:
    """The vendor's name of a group."""
    return f"groups/{hexes(15, 'group', name)}"


def memberships(day: datetime) -> dict[str, list[dict[str, object]]]:
    """By group, as `gcloud identity groups memberships list` writes them."""
    found = {
        name: [_membership(name, person, "USER") for person in people if employed(person, day)]
        for name, people in GROUPS.items()
    }
    return found | {name: [_membership(name, one, "GROUP") for one in held] for name, held in NESTED}


def _membership(group: str, who: str, type: str) -> dict[str, object]:
    return {
        "name": f"{group_name(group)}/memberships/{digits(21, 'membership', group, who)}",
        "preferredMemberKey": {"id": mail(who)},
        "roles": [{"name": "MEMBER"}],
        "type": type,
    }
