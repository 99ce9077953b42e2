"""The organization, its folders and projects, and names and numbers that look like Google's and are never real."""

from __future__ import annotations

from dataclasses import dataclass

from demo_company.ids import DOMAIN, digest

ORGANIZATION = "organizations/121212121212"
PROD, LAB = "folders/131313131313", "folders/141414141414"
ANALYTICS, TRACKING, WORKBENCH = "bw-analytics", "bw-tracking", "bw-lab"
NUMBERS = {ANALYTICS: "666666666666", TRACKING: "777777777777", WORKBENCH: "888888888888"}
FOLDERS = {PROD: "prod", LAB: "lab"}
REGION = "europe-west1"
MANAGER = "//cloudresourcemanager.googleapis.com/"
CUSTOMER = "C00demo00"


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its id, the folder above it, its labels."""

    id: str
    folder: str
    labels: dict[str, str]

    @property
    def node(self) -> str:
        """As ancestors name it."""
        return f"projects/{NUMBERS[self.id]}"

    @property
    def full(self) -> str:
        """Its full resource name."""
        return MANAGER + self.node


PROJECTS = {
    one.id: one
    for one in (
        Project(ANALYTICS, PROD, {"owner": "team-data", "environment": "production"}),
        Project(TRACKING, PROD, {"owner": "team-tracking", "environment": "production"}),
        Project(WORKBENCH, LAB, {"owner": "team-data", "environment": "lab"}),
    )
}


def ancestors(node: str) -> list[str]:
    """A container and what lies above it, the lowest first; a project by its id."""
    if node in PROJECTS:
        return [PROJECTS[node].node, PROJECTS[node].folder, ORGANIZATION]
    return [node] if node == ORGANIZATION else [node, ORGANIZATION]


def digits(length: int, *parts: str) -> str:
    """Digits that do not begin with a zero."""
    found = int.from_bytes(digest("digits", *parts), "big")
    return "1" + str(found)[-(length - 1) :].zfill(length - 1)


def account(name: str, project: str) -> str:
    """The address of a project's own service account; `compute` is the default one of Compute Engine."""
    if name == "compute":
        return f"{NUMBERS[project]}-compute@developer.gserviceaccount.com"
    return f"{name}@{project}.iam.gserviceaccount.com"


def mail(person: str) -> str:
    """The mail address of a person, or of a group."""
    return f"{person.lower().replace(' ', '.')}@{DOMAIN}"


def user(person: str) -> str:
    """A person as policies name them."""
    return f"user:{mail(person)}"


def group(name: str) -> str:
    """A group as policies name it."""
    return f"group:{mail(name)}"


def agent(name: str, project: str) -> str:
    """A service account as policies name it."""
    return f"serviceAccount:{account(name, project)}"
