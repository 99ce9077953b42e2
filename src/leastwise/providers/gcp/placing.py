"""In which container an object of a raw document lies, and what the document tells of containers on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .exports.shapes import ASSETS, GET_IAM_POLICY, ORG_POLICY_V1
from .language.members import parse_member
from .tree import Tree, node_of_data, node_of_name


def node_of(value: Mapping[str, Any], kind: str, resource: str, tree: Tree) -> str:
    """The lowest container that the object lies in (itself, if it is one), empty if it names none; the tree learns.

    Args:
        value: the object.
        kind: of its raw document.
        resource: what its raw document is about, where the object does not say it.
        tree: what is known of containers.
    """
    if kind.startswith(ASSETS):
        return tree.asset(value)
    if kind in ("cloudasset.searchAllResources", "cloudasset.searchAllIamPolicies"):
        return tree.found(value)
    if kind in ("cloudresourcemanager.projects.list", "cloudresourcemanager.projects.get"):
        return tree.listed_project(value)
    name = str(value.get("name") or "")
    if kind == ORG_POLICY_V1 or kind.endswith(GET_IAM_POLICY):
        node = node_of_name(resource)
    elif kind in ("cloudresourcemanager.folders.list", "cloudresourcemanager.folders.get"):
        node = name
        tree.said(name, node_of_data(value.get("parent")))
    elif kind.startswith(("iam.workforcePools", "cloudresourcemanager.tag")):
        node = node_of_name(str(value.get("parent") or ""))
    elif kind == "iam.policies.listPolicies":
        node = attached_to(name)
    elif kind.startswith("iam.serviceAccounts"):
        node = _of_service_account(value, name)
    else:
        node = node_of_name(name)
    tree.see(node)
    return node


def attached_to(name: str) -> str:
    """The container that a deny policy lies on, by the policy's name."""
    point = name.removeprefix("policies/").partition("/denypolicies/")[0].replace("%2F", "/").replace("%2f", "/")
    return node_of_name(f"//{point}")


def _of_service_account(value: Mapping[str, Any], name: str) -> str:
    """The project of a service account or its key, also where the name has `-` in the project's place."""
    given = node_of_name(name)
    if given:
        return given
    project = value.get("projectId")
    if isinstance(project, str) and project:
        return f"projects/{project}"
    mail = name.partition("/serviceAccounts/")[2].partition("/")[0]
    domain = parse_member(f"serviceAccount:{mail}").domain
    own = domain.removesuffix(".iam.gserviceaccount.com")
    return f"projects/{own}" if own != domain and own else ""
