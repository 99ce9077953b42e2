"""Addresses of places that logs are fetched from, and the names of their pieces, by which the lake knows what it holds.

- `gs://BUCKET/PREFIX`: objects of a sink; pieces are called as they are.
- `bq://PROJECT.DATASET`: tables of a sink; pieces are days, called like the files that another sink would write.
- `logging://CONTAINER`: what Cloud Logging itself keeps of an organization, a folder, a project or a billing account;
  several with commas between;
  pieces are spans of time: `logging://projects/p/activity+data_access/BEGIN_END/entries.jsonl`, where the logs are
  named that were surely there whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from leastwise.errors import UsageError
from leastwise.providers.logs import spans as named
from leastwise.providers.logs.spans import Span

LOGGING, OBJECTS, TABLES = "logging://", "gs://", "bq://"
SCHEMES = (OBJECTS, TABLES, LOGGING)
ACTIVITY, DATA_ACCESS = "activity", "data_access"
LOGS = (ACTIVITY, DATA_ACCESS, "system_event", "policy")
_BUCKET = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(.*))?$", re.DOTALL)
_DATASET = re.compile(r"bq://((?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])[./](\w{1,1024})/?$")
_CONTAINER = re.compile(r"(?:organizations|folders|projects|billingAccounts)/[^/,\s]+")
FILE = "entries.jsonl"


def bucket_of(url: str) -> tuple[str, str]:
    """Bucket and prefix of `gs://BUCKET/PREFIX`. UsageError when it is none."""
    found = _BUCKET.match(url)
    if found is None:
        raise UsageError(f"{url}: is no gs://BUCKET/PREFIX")
    return found[1], found[2] or ""


def dataset_of(url: str) -> tuple[str, str]:
    """Project and dataset of `bq://PROJECT.DATASET`. UsageError when it is none."""
    found = _DATASET.match(url)
    if found is None:
        raise UsageError(f"{url}: is no bq://PROJECT.DATASET")
    return found[1], found[2]


def containers_of(url: str) -> list[str]:
    """The containers of `logging://projects/P` and the like, several with commas between; none: all of the source.

    Raises:
        UsageError: it is none.
    """
    if url.rstrip("/") == LOGGING.rstrip("/"):
        return []
    several = [one.strip("/") for one in url.removeprefix(LOGGING).split(",")]
    for one in several:
        if not _CONTAINER.fullmatch(one):
            kinds = "organizations, folders, projects or billingAccounts"
            raise UsageError(f"{url}: is no logging://KIND/ID, of which KIND is {kinds}")
    return list(dict.fromkeys(several))


def span_name(container: str, logs: Iterable[str], begin: datetime, end: datetime) -> str:
    """How the piece of a span is called."""
    told = set(logs)
    return named.span_name(LOGGING, container, [one for one in LOGS if one in told], begin, end, FILE)


def recent_name(container: str, begin: datetime) -> str:
    """How the piece of the last hours is called, which is read again and so counts for no span."""
    return named.recent_name(LOGGING, container, begin, FILE)


def spans(folders: Mapping[str, bool]) -> list[Span]:
    """The spans that are held, by the names of folders; those of which something could not be read are left out."""
    return named.spans(LOGGING, folders)
