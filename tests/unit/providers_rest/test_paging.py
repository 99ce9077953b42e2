"""Pages: by token, by a link in the answer, by the Link header; never to another place, never in a circle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leastwise.providers.rest.failure import RestFailed
from leastwise.providers.rest.paging import Paging, pages
from leastwise.providers.rest.session import Ask, Reply

URL = "https://api.example.test/v1/things"
TOKEN, MEMBER, HEADER = Paging(), Paging("member", of="@odata.nextLink"), Paging("header")


def reply(content: Any = None, headers: dict[str, str] | None = None) -> Reply:
    return Reply(Ask("GET", URL, {"filter": "x"}), {} if content is None else content, headers or {})


def test_a_token_becomes_a_parameter_of_the_same_question() -> None:
    more = TOKEN.more(reply({"nextPageToken": "t2"}))
    assert more == {"pageToken": "t2"}
    assert TOKEN.turned(Ask("GET", URL, {"filter": "x"}), more) == Ask("GET", URL, {"filter": "x", "pageToken": "t2"})
    named = Paging(of="next_cursor", to="cursor")
    assert named.more(reply({"next_cursor": 7})) == {"cursor": 7}


@pytest.mark.parametrize("content", [{}, {"nextPageToken": ""}, {"nextPageToken": None}, [], [{"nextPageToken": "x"}]])
def test_no_token_is_the_last_page(content: Any) -> None:
    assert TOKEN.more(reply(content)) is None


def test_a_link_in_the_answer_is_the_whole_next_question() -> None:
    more = MEMBER.more(reply({"@odata.nextLink": f"{URL}?$skiptoken=2"}))
    assert more is not None
    assert MEMBER.turned(Ask("GET", URL, {"filter": "x"}), more) == Ask("GET", f"{URL}?$skiptoken=2")


LINKS = [
    (f'<{URL}?page=2>; rel="next"', f"{URL}?page=2"),
    (f'<{URL}?page=1>; rel="prev", <{URL}?page=3>; rel="next", <{URL}?page=9>; rel="last"', f"{URL}?page=3"),
    (f'<{URL}?a=1,2>; title="a, b"; rel=next', f"{URL}?a=1,2"),
    (f'<{URL}?page=2>; REL="NEXT archive"', f"{URL}?page=2"),
    (f'<{URL}?page=9>; rel="last"', None),
    (f'<{URL}?page=9>; rel="nextday"', None),
    ("", None),
    ("nonsense", None),
]


@pytest.mark.parametrize(("header", "link"), LINKS)
def test_the_link_header(header: str, link: str | None) -> None:
    more = HEADER.more(reply([], {"link": header}))
    assert (more and HEADER.turned(Ask("GET", URL), more).url) == link


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/things?page=2",
        "http://api.example.test/v1/things",
        "https://api.example.test:444/",
        "/x",
        "https://api.example.test:x/",
        "https://[api",
    ],
)
@pytest.mark.parametrize("style", [MEMBER, HEADER])
def test_a_page_at_another_place_is_not_asked(style: Paging, link: str) -> None:
    with pytest.raises(RestFailed, match="another place"):
        style.more(reply({"@odata.nextLink": link}, {"link": f'<{link}>; rel="next"'}))


@given(some.lists(some.lists(some.integers(), max_size=3), min_size=1, max_size=6))
def test_every_page_is_asked_once_empty_ones_too(lists: list[list[int]]) -> None:
    asked: list[int] = []

    def make(ask: Ask) -> Reply:
        number = int(ask.query.get("pageToken", 0))
        asked.append(number)
        following = {"nextPageToken": str(number + 1)} if number + 1 < len(lists) else {}
        return Reply(ask, {"items": lists[number], **following}, {})

    found = [one.content["items"] for one in pages(make, Ask("GET", URL), TOKEN)]
    assert found == lists and asked == list(range(len(lists)))


def test_a_page_that_leads_to_itself_ends() -> None:
    with pytest.raises(RestFailed, match="leads to itself"):
        list(pages(lambda ask: Reply(ask, {"nextPageToken": "same"}, {}), Ask("GET", URL), TOKEN))
