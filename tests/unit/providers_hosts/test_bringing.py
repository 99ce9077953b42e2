"""Proposals on GitHub and GitLab: opened once, updated, closed, and never doubled, whatever breaks off where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import stamina

from fakes.hosts.git import Git
from fakes.hosts.github import FakeGitHub
from fakes.hosts.gitlab import FakeGitLab
from fakes.hosts.serving import TOKEN, FakeHost, Request, lost
from fakes.loopback import Fault, scripted
from leastwise.app.proposing import Act, Bringing, Host
from leastwise.errors import InputError, UsageError
from leastwise.model.proposal import CHANGE, ISSUE, Edited, Proposal
from leastwise.providers.base.hosting import CodeHost, Hosting
from leastwise.providers.github import CODE_HOST as GITHUB
from leastwise.providers.gitlab import CODE_HOST as GITLAB
from leastwise.providers.rest.failure import RestFailed
from leastwise.rightsizing.proposals.marker import branch_of, marked, marker_of

BEFORE, AFTER = 'a = "s3:*"\n', 'a = "s3:GetObject"\n'
PATH = "infra/printing/iam.tf"
ONE, TWO = "0123456789abcdef", "fedcba9876543210"
HOSTS = {"github": (FakeGitHub, GITHUB), "gitlab": (FakeGitLab, GITLAB)}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(params=HOSTS)
def fake(request: pytest.FixtureRequest) -> Iterator[FakeHost]:
    with HOSTS[request.param][0](git=Git({PATH: BEFORE, "README.md": "hello\n"})) as found:
        yield found


def proposal(
    kind: str = CHANGE, plans: tuple[str, ...] = (ONE,), owner: str = "@acme/printing", module: str = "infra/printing",
    said: str = "words", after: str = AFTER,
) -> Proposal:  # fmt: skip
    marker = marked(kind, owner, module, plans)
    files = (Edited(PATH, BEFORE, after),) if kind == CHANGE else ()
    body = f"{marker.line}\n\n{said}\n"
    return Proposal(kind, marker.key, owner, module, plans, f"Right-size {said}", body,
                    branch_of(kind, owner, module), files)  # fmt: skip


def _host(fake: FakeHost, hosting: Hosting, token: str) -> CodeHost:
    known = vars(fake)
    if token not in known:
        known[token] = hosting.opened(fake.repository, fake.url, token)
    found: CodeHost = known[token]
    return found


def brought(
    fake: FakeHost, *wanted: Proposal, really: bool = True, most: int = 5, token: str = TOKEN, into: str = "",
    void: dict[str, str] | None = None,
) -> list[Act]:  # fmt: skip
    hosting = GITHUB if isinstance(fake, FakeGitHub) else GITLAB
    known = {plan: "" for one in wanted for plan in one.plans} | (void or {})
    # One for each fake: making a client costs more than all else here.
    host = _host(fake, hosting, token)
    return list(Bringing(Host(host, into), wanted, known.get, most, really, hosting.needed).acts())


def does(acts: list[Act]) -> list[str]:
    return [one.does for one in acts]


KINDS = pytest.mark.parametrize("kind", [CHANGE, ISSUE])


@KINDS
def test_opened_once_then_left_alone(fake: FakeHost, kind: str) -> None:
    wanted = proposal(kind)
    [act] = brought(fake, wanted)
    [item] = fake.git.open(kind)
    assert (act.does, item.title, item.body) == ("open", wanted.title, wanted.body)
    assert act.url.endswith(f"/{item.number}")
    if kind == CHANGE:
        assert fake.git.text(item.branch, PATH) == AFTER
        assert fake.git.text(item.branch, "README.md") == "hello\n"
        assert fake.git.text("main", PATH) == BEFORE
    before = list(fake.written)
    assert does(brought(fake, wanted)) == ["unchanged"]
    assert fake.written == before


@KINDS
def test_what_is_only_asked_writes_nothing(fake: FakeHost, kind: str) -> None:
    assert does(brought(fake, proposal(kind), really=False)) == ["open"]
    assert (fake.written, fake.git.items) == ([], [])


@KINDS
def test_updated_not_doubled(fake: FakeHost, kind: str) -> None:
    brought(fake, proposal(kind))
    wanted = proposal(kind, plans=(ONE, TWO), said="other words", after='a = "s3:ListBucket"\n')
    assert does(brought(fake, wanted)) == ["update"]
    [item] = fake.git.items
    assert (item.title, item.body) == (wanted.title, wanted.body)
    if kind == CHANGE:
        assert fake.git.text(item.branch, PATH) == 'a = "s3:ListBucket"\n'


@KINDS
def test_closed_with_a_comment_when_its_plans_are_void(fake: FakeHost, kind: str) -> None:
    brought(fake, proposal(kind))
    assert does(brought(fake, void={ONE: "its documents were changed"})) == ["close"]
    [item] = fake.git.items
    assert (item.state, item.merged) == ("closed", False)
    assert ["its documents were changed" in one for one in item.comments] == [True]
    marker = marker_of(item.body)
    assert marker is not None and marker.closed
    assert brought(fake, void={ONE: "its documents were changed"}) == []
    # The same plan may be right again; whom Leastwise closed it may open.
    assert does(brought(fake, proposal(kind))) == ["open"]
    assert len(fake.git.open(kind)) == 1


@KINDS
def test_what_somebody_closed_is_not_opened_again(fake: FakeHost, kind: str) -> None:
    brought(fake, proposal(kind))
    fake.git.items[0].state = "closed"
    assert does(brought(fake, proposal(kind))) == ["declined"]
    assert does(brought(fake, proposal(kind, plans=(TWO,)))) == ["open"]


def test_plans_of_another_home_are_left_alone(fake: FakeHost) -> None:
    brought(fake, proposal())
    [act] = brought(fake)
    assert (act.does, act.why) == ("left", f"plan {ONE} is not kept here")
    assert fake.git.open()


def test_what_is_merged_waits(fake: FakeHost) -> None:
    brought(fake, proposal())
    fake.git.merge(fake.git.items[0])
    [act] = brought(fake, proposal())
    assert act.does == "merged"
    assert "waits for being applied" in act.why
    hosting = GITHUB if isinstance(fake, FakeGitHub) else GITLAB
    with hosting.opened(fake.repository, fake.url, TOKEN) as host:
        assert list(Host(host).landed()) == [ONE]


def test_a_file_that_is_another_at_the_base_is_refused_in_one_line(fake: FakeHost) -> None:
    fake.git.commit("main", {PATH: "# moved on\n"})
    [act] = brought(fake, proposal())
    assert act.does == "refused"
    assert act.why.startswith(f"{PATH} is another on main") and "\n" not in act.why
    assert (fake.written, fake.git.items) == ([], [])


def test_a_base_that_moved_on_elsewhere_needs_nothing(fake: FakeHost) -> None:
    brought(fake, proposal())
    fake.git.commit("main", {"README.md": "other\n"})
    assert does(brought(fake, proposal())) == ["unchanged"]


def test_a_conflict_is_made_anew_on_the_base(fake: FakeHost) -> None:
    brought(fake, proposal())
    fake.git.commit("main", {PATH: "# above\n" + BEFORE})
    wanted = proposal()
    wanted = replace(wanted, files=(Edited(PATH, "# above\n" + BEFORE, "# above\n" + AFTER),))
    assert does(brought(fake, wanted)) == ["update"]
    [item] = fake.git.items
    assert fake.git.text(item.branch, PATH) == "# above\n" + AFTER
    assert fake.git.commits[fake.git.branches[item.branch]].parents == (fake.git.branches["main"],)


def test_commits_of_others_on_the_branch_stay(fake: FakeHost) -> None:
    brought(fake, proposal())
    sha = fake.git.commit(fake.git.items[0].branch, {PATH: "# by hand\n"})
    [act] = brought(fake, proposal(said="new words"))
    assert (act.does, fake.git.branches[fake.git.items[0].branch]) == ("refused", sha)
    assert "has commits of others" in act.why


def test_a_branch_of_that_name_that_is_not_ours_stays(fake: FakeHost) -> None:
    name = proposal().branch
    fake.git.branches[name] = fake.git.branches["main"]
    sha = fake.git.commit(name, {"README.md": "mine\n"})
    assert does(brought(fake, proposal())) == ["refused"]
    assert (fake.git.branches[name], fake.git.items) == (sha, [])


def test_no_more_than_so_many_for_one_owner(fake: FakeHost) -> None:
    wanted = [proposal(ISSUE, module=f"infra/{name}", plans=(ONE,)) for name in "abc"]
    other = proposal(ISSUE, owner="@acme/other")
    assert does(brought(fake, *wanted, other, most=2)) == ["open", "open", "over the limit", "open"]
    assert does(brought(fake, *wanted, other, most=2)) == ["unchanged", "unchanged", "over the limit", "unchanged"]
    fake.git.open()[0].state = "closed"
    assert does(brought(fake, *wanted[1:], other, most=2)) == ["unchanged", "open", "unchanged"]


def test_a_forged_request_from_a_fork_is_not_ours(fake: FakeHost) -> None:
    wanted = proposal()
    fake.git.new({"kind": CHANGE, "title": "x", "body": wanted.body, "branch": wanted.branch, "into": "main",
                  "fork": True})  # fmt: skip
    assert does(brought(fake, wanted)) == ["open"]
    assert [one.title for one in fake.git.open() if not one.fork] == [wanted.title]


def test_doubles_are_closed(fake: FakeHost) -> None:
    wanted = proposal(ISSUE)
    for _ in range(2):
        fake.git.new({"kind": ISSUE, "title": wanted.title, "body": wanted.body})
    assert does(brought(fake, wanted)) == ["close", "unchanged"]
    assert [one.number for one in fake.git.open()] == [1]


def test_an_issue_goes_when_its_plan_is_written_into_code(fake: FakeHost) -> None:
    brought(fake, proposal(ISSUE, module=""))
    assert does(brought(fake, proposal())) == ["close", "open"]
    assert [one.kind for one in fake.git.open()] == [CHANGE]


def test_found_on_any_page(fake: FakeHost) -> None:
    wanted = proposal(ISSUE)
    brought(fake, wanted)
    for number in range(7):
        fake.git.new({"kind": ISSUE, "title": f"another {number}", "body": "words"})
    assert does(brought(fake, wanted)) == ["unchanged"]


# What breaks off


def all_steps(fake: FakeHost) -> list[Callable[[], list[Act]]]:
    """A change and an issue opened, updated, and closed."""
    second = (proposal(said="new"), proposal(ISSUE, said="new"))
    return [
        lambda: brought(fake, proposal(), proposal(ISSUE)), lambda: brought(fake, *second),
        lambda: brought(fake, void={ONE: "gone"}),
    ]  # fmt: skip


def state_of(fake: FakeHost) -> Any:
    items = [(one.kind, one.title, one.body, one.state, list(one.comments)) for one in fake.git.items]
    return sorted(items), {name: fake.git.commits[sha].files for name, sha in fake.git.branches.items()}


@pytest.fixture(params=HOSTS, scope="module")
def whole(request: pytest.FixtureRequest) -> tuple[type[FakeHost], list[Any], list[int]]:
    """The states after each step where nothing breaks, and which requests wrote something."""
    make = HOSTS[request.param][0]
    with make(git=Git({PATH: BEFORE})) as fake:
        states = [(step(), state_of(fake))[1] for step in all_steps(fake)]
        return make, states, [number for number, one in enumerate(fake.log) if one.writes]


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_run_that_breaks_off_anywhere_is_completed_by_the_next(
    whole: tuple[type[FakeHost], list[Any], list[int]], how: str
) -> None:
    make, states, writing = whole
    for number in writing:
        with make(git=Git({PATH: BEFORE})) as fake:
            asked = iter(range(10_000))
            begun = [False]

            def down(_: Request, number: int = number, asked: Iterator[int] = asked, begun: list[bool] = begun) -> Any:
                # The network is gone from one request on; of the first, only the answer may be lost.
                at = next(asked)
                if at < number:
                    return None
                first, begun[0] = not begun[0], True
                return Fault(drop=True, cut=how == "after" and first)

            fake.faults = [down]
            for step, wanted in zip(all_steps(fake), states, strict=True):
                try:
                    step()
                except RestFailed as error:
                    assert error.network
                    fake.faults = []
                    step()
                assert state_of(fake) == wanted, f"request {number}"


def test_an_answer_that_is_lost_doubles_nothing(whole: tuple[type[FakeHost], list[Any], list[int]]) -> None:
    make, states, writing = whole
    for number in writing:
        with make(git=Git({PATH: BEFORE})) as fake:
            asked = iter(range(10_000))
            fake.faults = [lost(lambda _, number=number, asked=asked: next(asked) == number)]
            for step, wanted in zip(all_steps(fake), states, strict=True):
                step()
                assert state_of(fake) == wanted, f"request {number}"


LIMITS: dict[str, tuple[str, Fault]] = {
    "github secondary, with Retry-After": ("github", Fault(http=403, headers={"Retry-After": "1"}, body=b'{"message": '
        b'"You have exceeded a secondary rate limit."}')),
    "github secondary, silent": ("github", Fault(http=403, body=b'{"message": "You have exceeded a secondary rate '
        b'limit. Please wait."}')),
    "github primary": ("github", Fault(http=429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"},
        body=b'{"message": "API rate limit exceeded"}')),
    "gitlab": ("gitlab", Fault(http=429, headers={"Retry-After": "1"}, body=b"Retry later\n")),
}  # fmt: skip


@pytest.mark.parametrize(("host", "fault"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_waited_for(host: str, fault: Fault) -> None:
    with HOSTS[host][0](git=Git({PATH: BEFORE})) as fake:
        fake.faults = [scripted(fault, lambda one: one.writes, first=2)]
        assert does(brought(fake, proposal())) == ["open"]
        assert len(fake.git.items) == 1


SPENT: dict[str, tuple[str, Fault]] = {
    "github": ("github", Fault(http=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"},
        body=b'{"message": "API rate limit exceeded for user"}')),
    "gitlab": ("gitlab", Fault(http=429, headers={"Retry-After": "3600"}, body=b"Retry later\n")),
}  # fmt: skip


@pytest.mark.parametrize(("host", "fault"), SPENT.values(), ids=SPENT)
def test_a_limit_that_is_used_up_ends_the_run(host: str, fault: Fault) -> None:
    with HOSTS[host][0](git=Git({PATH: BEFORE})) as fake:
        fake.faults = [scripted(fault, lambda one: one.writes)]
        with pytest.raises(RestFailed) as failed:
            brought(fake, proposal())
        assert failed.value.spent
        assert len(fake.written) == 1


def test_a_token_that_is_refused_ends_the_run(fake: FakeHost) -> None:
    with pytest.raises(RestFailed) as failed:
        brought(fake, proposal(), token="canary-other")
    assert failed.value.ending.startswith("the token is refused")
    assert "canary" not in str(failed.value) + failed.value.ending


def test_a_token_that_expires_in_the_middle(fake: FakeHost) -> None:
    expiring = scripted(Fault(http=401, body=b'{"message": "401 Unauthorized"}'), lambda one: "issues" in one.path
                        and one.writes)  # fmt: skip
    fake.faults = [expiring]
    with pytest.raises(RestFailed) as failed:
        brought(fake, proposal(), proposal(ISSUE))
    assert failed.value.ending
    fake.faults = []
    assert does(brought(fake, proposal(), proposal(ISSUE))) == ["unchanged", "open"]


def test_a_token_that_may_only_read(fake: FakeHost) -> None:
    fake.may_write = False
    hosting = GITHUB if isinstance(fake, FakeGitHub) else GITLAB
    acts = brought(fake, proposal(), proposal(ISSUE))
    assert does(acts) == ["refused", "refused"]
    assert all(f"{hosting.needed} is needed" in one.why for one in acts)
    assert fake.git.items == []


def test_issues_that_are_off_do_not_stop_changes(fake: FakeHost) -> None:
    fake.issues = False
    assert does(brought(fake, proposal(ISSUE), proposal())) == ["refused", "open"]


def test_a_repository_that_is_not_there(fake: FakeHost) -> None:
    fake.repository = "acme/other"
    hosting = GITHUB if isinstance(fake, FakeGitHub) else GITLAB
    with hosting.opened("acme/infra", fake.url, TOKEN) as host, pytest.raises(RestFailed) as failed:
        Host(host)
    assert failed.value.http == 404


def test_a_branch_that_is_not_there(fake: FakeHost) -> None:
    with pytest.raises(InputError, match="nowhere: has no such branch"):
        brought(fake, proposal(), into="nowhere")


BAD = {
    "no owner": (GITHUB, "infra", "https://github.com"), "a path": (GITHUB, "a/b/c", "https://github.com"),
    "a query": (GITHUB, "a/b?x=1", "https://github.com"), "no group": (GITLAB, "infra", "https://gitlab.com"),
    "plain http": (GITHUB, "a/b", "http://git.acme.example"), "no address": (GITLAB, "a/b", "git.acme.example"),
}  # fmt: skip


@pytest.mark.parametrize(("hosting", "name", "address"), BAD.values(), ids=BAD)
def test_what_is_no_repository_is_refused(hosting: Any, name: str, address: str) -> None:
    with pytest.raises(UsageError):
        hosting.opened(name, address, TOKEN)


def test_a_link_in_the_repository_is_no_file(fake: FakeHost) -> None:
    if not isinstance(fake, FakeGitHub):
        pytest.skip("GitLab does not tell links from files")
    tip = fake.git.commits[fake.git.branches["main"]]
    files = {**tip.files, PATH: ("120000", BEFORE)}
    fake.git.branches["main"] = fake.git.add(files, (tip.sha,), "a link")
    assert does(brought(fake, proposal())) == ["refused"]


def test_a_file_that_can_be_run_stays_so(fake: FakeHost) -> None:
    if not isinstance(fake, FakeGitHub):
        pytest.skip("GitLab keeps it by itself")
    tip = fake.git.commits[fake.git.branches["main"]]
    files = {**tip.files, PATH: ("100755", BEFORE)}
    fake.git.branches["main"] = fake.git.add(files, (tip.sha,), "executable")
    brought(fake, proposal())
    assert fake.git.commits[fake.git.branches[proposal().branch]].files[PATH] == ("100755", AFTER)
