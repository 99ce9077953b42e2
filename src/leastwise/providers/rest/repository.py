"""What hosts of code have in common: calls to one repository, signed with a token, in pages, tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from leastwise import __version__
from leastwise.model.proposal import Posted, Proposal

from .failure import RestFailed
from .once import Made, once
from .paging import Paging, pages
from .patient import patiently
from .session import Ask, Reading, Reply, Session, base_of

_PAGES = Paging("header")
_PER_PAGE = 100


class Repository:
    """Calls below the address of one repository.

    Args:
        root: the address of the repository's API.
        token: that signs every call; no error names it.
        reading: the host's errors as failures.
        headers: of every call.
    """

    def __init__(self, root: str, token: str, reading: Reading, headers: Mapping[str, str] | None = None) -> None:
        self._root = base_of(root, "the address of the host")
        self._token, self._headers = token, headers or {}
        self._session = Session(f"leastwise/{__version__}", 1, sign=self._signed, reading=reading)

    def close(self) -> None:
        """Ends it."""
        self._session.close()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """An answer. Raises RestFailed."""
        return self._patient("GET", path, query=query).content

    def found(self, path: str, query: Mapping[str, Any] | None = None) -> Any | None:
        """An answer; None where there is nothing. Raises RestFailed."""
        try:
            return self.get(path, query)
        except RestFailed as error:
            if error.http == 404:
                return None
            raise

    def listed(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """The elements of every page. Raises RestFailed."""
        ask = self._ask("GET", path, query={**query, "per_page": _PER_PAGE})
        for page in pages(lambda one: patiently(lambda: self._session.ask(one)), ask, _PAGES):
            if not isinstance(page.content, list):
                raise RestFailed("NoList", "the answer is no list")
            yield from page.content

    def set(self, method: str, path: str, body: Any) -> Any:
        """The answer to a call that may be made twice. Raises RestFailed."""
        return self._patient(method, path, body=body).content

    def make(self, path: str, body: Any, there: Callable[[], Made | None], read: Callable[[Any], Made]) -> Made:
        """What a call makes, once; see `once`. Raises RestFailed."""
        ask = self._ask("POST", path, body=body)
        return once(lambda: read(self._session.ask(ask).content), there)

    def comment(self, path: str, text: str) -> None:
        """Adds a comment to a list of them, unless it stands there already. Raises RestFailed."""

        def there() -> str | None:
            said = (str(one.get("body") or "") for one in self.listed(path, {}))
            return next((one for one in said if one.strip() == text.strip()), None)

        if there() is None:
            self.make(path, {"body": text}, there, lambda made: str(made.get("body")))

    def _patient(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Reply:
        ask = self._ask(method, path, query=query or {}, body=body)
        return patiently(lambda: self._session.ask(ask))

    def _ask(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Ask:
        return Ask(method, self._root + path, query or {}, body, self._headers)

    def _signed(self, _: Ask) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}


def of(proposal: Proposal, found: Iterable[Posted]) -> Posted | None:
    """What a proposal was posted as: of its kind, with the same first line; None where it is not there."""
    first = _first(proposal.body)
    return next((one for one in found if one.kind == proposal.kind and _first(one.body) == first), None)


def _first(text: str) -> str:
    return text.partition("\n")[0].strip()
