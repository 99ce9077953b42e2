"""The estate that a server keeps open."""

from __future__ import annotations

import shutil

import pytest

from leastwise.app.serving import EVERY, Serving
from leastwise.app.wiring import Workspace
from leastwise.cli.main import run
from leastwise.errors import EstateFileError

pytestmark = pytest.mark.together("demo")


@pytest.fixture
def home(demo_home, tmp_path):
    return shutil.copytree(demo_home, tmp_path / "home")


def test_the_estate_is_opened_once_until_something_is_newer(home):
    moment = [0.0]
    serving = Serving(Workspace(home), lambda: moment[0])
    first = serving.opened()
    assert serving.opened() is first
    gone = first.estate.estate.manifests[0]
    arguments = ["snapshots", "delete", gone.id, "--reason", "test", "--newest", "--home", str(home)]
    assert run(arguments) == 0
    assert serving.opened() is first, "looked again too early"
    moment[0] += EVERY
    second = serving.opened()
    assert gone.id not in {one.id for one in second.estate.estate.manifests} and second.key != first.key
    moment[0] += EVERY
    assert serving.opened() is second


def test_a_changed_estate_file_is_read_and_a_broken_one_is_said(home):
    moment = [0.0]
    serving = Serving(Workspace(home), lambda: moment[0])
    first = serving.opened()
    (home / "estate.yaml").write_text("version: 1\n")
    moment[0] += EVERY
    second = serving.opened()
    assert (second.key != first.key and second.estate.file.owners == []) or not second.estate.file.owners
    (home / "estate.yaml").write_text("version: [\n")
    moment[0] += EVERY
    with pytest.raises(EstateFileError):
        serving.opened()
    (home / "estate.yaml").write_text("version: 1\n")
    assert serving.opened() is second
