"""`plans propose`: saved plans of the demo company as pull requests, merge requests and issues."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from fakes.hosts.git import Git
from fakes.hosts.github import FakeGitHub
from fakes.hosts.gitlab import FakeGitLab
from fakes.hosts.serving import TOKEN, FakeHost
from leastwise.cli.main import run

pytestmark = pytest.mark.together("demo")

INFRA = Path(__file__).parents[2] / "tools" / "demo_company" / "infra"
PRINTER, ARCHIVE = "label-printer", "customs-archive"


@pytest.fixture(scope="module")
def planned(demo_with_plans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with plans for a role that stands in code, and one that does not; beside it the code."""
    folder = tmp_path_factory.mktemp("proposing")
    shutil.copytree(demo_with_plans, folder / "home")
    for path in (folder / "home" / "plans").glob("*.json"):
        if not json.loads(path.read_text())["subject"].endswith((PRINTER, ARCHIVE)):
            path.unlink()
    shutil.copytree(INFRA, folder / "code" / "infra")
    subprocess.run(["git", "init", "-q", str(folder / "code")], check=True)
    return folder


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHost]:
    """A repository with the same code, and a token for it."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN" if request.param == "github" else "GITLAB_TOKEN", TOKEN)
    files = {f"infra/{path.relative_to(INFRA)}": path.read_text() for path in INFRA.rglob("*") if path.is_file()}
    make = FakeGitHub if request.param == "github" else FakeGitLab
    with stamina.set_testing(True, attempts=2), make(git=Git(files)) as fake:
        fake.name = request.param
        yield fake


def asked(planned: Path, capsys: Any, *words: str, fails: bool = False) -> tuple[dict[str, Any], str]:
    capsys.readouterr()
    home, code = str(planned / "home"), str(planned / "code")
    assert run(["plans", "propose", *words, "--code", code, "--home", home, "--format", "json"]) == (2 if fails else 0)
    said = capsys.readouterr()
    return (json.loads(said.out) if said.out else {}), said.err


def where(fake: Any) -> tuple[str, ...]:
    return ("--to", f"{fake.name}:acme/infra", "--url", fake.url)


def test_opened_updated_and_closed(planned: Path, host: Any, capsys: Any) -> None:
    said, _ = asked(planned, capsys, "--all", *where(host))
    assert [(one["does"], one["kind"]) for one in said["items"]] == [("open", "change"), ("open", "issue")]
    assert (said["done"], host.written) == (False, [])

    said, errors = asked(planned, capsys, "--all", "--open", *where(host))
    change = said["items"][0]
    assert (change["owner"], change["module"]) == ("@brightwater-parcel/team-printing", "infra/printing")
    assert change["files"] == ["infra/printing/iam.tf"]
    [pull] = host.git.open("change")
    text = host.git.text(pull.branch, "infra/printing/iam.tf")
    assert '"s3:GetObject"' in text and host.git.text("main", "infra/printing/iam.tf").count("s3:*") > text.count(
        "s3:*"
    )
    for words in (
        "Would break: 0 of 12451 recorded calls",
        "Proof that it gives nothing new: proved",
        "The way back",
        "Evidence: 12451 recorded calls",
        "- s3:DeleteBucket (destructive)",
        "Approver",
        "Owner",
    ):
        assert words in pull.body, words
    [text_only] = host.git.open("issue")
    assert "no code was found" in text_only.body and "Could not be written into code" in text_only.body
    assert TOKEN not in json.dumps(said) + errors

    written = list(host.written)
    said, _ = asked(planned, capsys, "--all", "--open", *where(host))
    assert [one["does"] for one in said["items"]] == ["unchanged", "unchanged"]
    assert host.written == written

    # Another plan of the same role takes the place of the first; nothing of that is wanted any more.
    home = planned / "home"
    [path] = [one for one in (home / "plans").glob("*.json") if PRINTER in json.loads(one.read_text())["subject"]]
    kept = json.loads(path.read_text())
    newer = kept | {"id": "f" * 16, "made": "2999-01-01T00:00:00+00:00", "ready": False, "blocked": "for a test"}
    (home / "plans" / f"{newer['id']}.json").write_text(json.dumps(newer))
    try:
        said, _ = asked(planned, capsys, kept["id"], "--open", *where(host))
    finally:
        (home / "plans" / f"{newer['id']}.json").unlink()
    does = {one["does"]: one["why"] for one in said["items"]}
    assert does["close"] == does["refused"] == f"plan {newer['id']} takes its place"
    assert host.git.open("change") == [] and "takes its place" in pull.comments[0]
    for one in host.git.open("issue"):
        assert one.state == "open"
    assert not any(TOKEN.encode() in one.read_bytes() for one in home.rglob("*.json"))


def test_code_that_is_not_that_of_the_base_is_refused(planned: Path, host: Any, capsys: Any) -> None:
    host.git.commit("main", {"infra/printing/iam.tf": "# moved on\n"})
    said, _ = asked(planned, capsys, "--all", "--open", *where(host))
    assert [one["does"] for one in said["items"]] == ["refused", "open"]
    assert "is another on main than the code that was read" in said["items"][0]["why"]


def test_a_run_that_is_broken_off_tells_what_was_done(planned: Path, host: Any, capsys: Any) -> None:
    from fakes.loopback import Fault, scripted

    host.faults = [scripted(Fault(http=401, body=b'{"message": "Bad credentials"}'), lambda one: one.writes
                            and one.path.endswith("/issues"))]  # fmt: skip
    said, errors = asked(planned, capsys, "--all", "--open", *where(host), fails=True)
    assert [one["does"] for one in said["items"]] == ["open"]
    assert "the token is refused" in errors and errors.count("\n") == 1 and TOKEN not in errors


REFUSED = {
    "nothing named": ((), "name plans, or give --all"),
    "named and all": (("abc", "--all"), "name plans, or give --all"),
    "no such plan": (("0000",), "no plan of that id is kept"),
    "a host that is none": (("--all", "--to", "sourceforge:a/b"), "the hosts are github, gitlab"),
    "no repository": (("--all", "--to", "github:"), "is not HOST:REPOSITORY"),
    "nothing to open it at": (("--all", "--open"), "name the repository by --to"),
    "no token": (("--all", "--open", "--to", "github:a/b"), "set GH_TOKEN or GITHUB_TOKEN"),
}


@pytest.mark.parametrize(("words", "cause"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_line(
    planned: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], cause: str
) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    _, errors = asked(planned, capsys, *words, fails=True)
    assert cause in errors and errors.count("\n") == 1


def test_without_a_token_it_is_said_what_would_be_proposed(
    planned: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    said, errors = asked(planned, capsys, "--all", "--to", "github:acme/infra")
    assert [one["does"] for one in said["items"]] == ["open", "open"]
    assert "was not asked what is open there" in errors
