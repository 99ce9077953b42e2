"""Containers: what lies in what, and both names of a project."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.providers.gcp.tree import Tree, ancestry, node_of_data, node_of_name

NODES = st.sampled_from(["organizations/1", "folders/2", "folders/3", "projects/p", "projects/44", "projects/q"])


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("//cloudresourcemanager.googleapis.com/projects/33", "projects/33"),
        ("//cloudresourcemanager.googleapis.com/organizations/1", "organizations/1"),
        ("//pubsub.googleapis.com/projects/p/topics/t", "projects/p"),
        ("//iam.googleapis.com/organizations/1/roles/r", "organizations/1"),
        ("//appengine.googleapis.com/apps/p/services/s", "projects/p"),
        ("//storage.googleapis.com/b", ""),
        ("//iam.googleapis.com/projects/-/serviceAccounts/a", ""),
        ("//cloudbilling.googleapis.com/billingAccounts/1", ""),
        ("projects/p/roles/r", "projects/p"),
        ("folders/2", "folders/2"),
        ("tagKeys/1", ""),
        ("projects/-/x", ""),
        ("", ""),
    ],
)
def test_the_container_in_a_name(name: str, node: str) -> None:
    assert node_of_name(name) == node


@pytest.mark.parametrize(
    ("path", "nodes"),
    [
        ("organization/1/folder/2/project/p", ["projects/p", "folders/2", "organizations/1"]),
        ("organizations/1", ["organizations/1"]),
        ("organization/unknown", []),
        ("organization/1/folder", ["organizations/1"]),
        ("", []),
    ],
)
def test_an_ancestry_path_is_read_from_below(path: str, nodes: list[str]) -> None:
    assert ancestry(path) == nodes


@pytest.mark.parametrize(
    ("parent", "node"),
    [
        ({"type": "folder", "id": "2"}, "folders/2"),
        ("organizations/1", "organizations/1"),
        ({"type": "planet", "id": "2"}, ""),
        ({"type": "folder"}, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_what_a_project_says_it_lies_in(parent: object, node: str) -> None:
    assert node_of_data(parent) == node


def test_both_names_of_a_project_are_one_container() -> None:
    tree = Tree()
    tree.chain(["projects/33", "folders/2", "organizations/1"])
    tree.see("projects/shop")
    tree.project("shop", 33)
    assert tree.path("projects/shop") == tree.path("projects/33") == ["projects/shop", "folders/2", "organizations/1"]
    assert list(tree.containers()) == ["projects/shop", "folders/2", "organizations/1"]
    assert tree.number("projects/shop") == tree.number("projects/33") == "33"
    assert tree.number("projects/other") == ""


def test_what_a_container_says_of_itself_outweighs_what_others_say() -> None:
    tree = Tree()
    tree.chain(["projects/p", "organizations/9"])
    tree.said("projects/p", "folders/2")
    assert tree.above("projects/p") == "folders/2"


@given(
    st.lists(st.tuples(NODES, NODES), max_size=12),
    st.lists(st.tuples(st.sampled_from("pq"), st.just("44")), max_size=2),
)
def test_whatever_lies_in_whatever_paths_end(pairs: list[tuple[str, str]], names: list[tuple[str, str]]) -> None:
    tree = Tree()
    for lower, upper in pairs:
        tree.put(lower, upper)
    for id, number in names:
        tree.project(id, number)
    for node in tree.containers():
        path = tree.path(node)
        assert path[0] == node
        assert len(set(path)) == len(path)
