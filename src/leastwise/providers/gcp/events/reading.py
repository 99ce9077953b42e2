"""Files of Cloud Logging, taken apart: unpacked bytes in, audit log entries out, and what else was there.

Files of a bucket have an entry a line; `gcloud logging read --format=json` gives an array, `entries.list` pages; rows
of a BigQuery sink come as lines or an array; Pub/Sub hands out envelopes with the entry in base64, Eventarc puts it in
an event's `data`. All of these may stand alone, in lists, and one after the other in a file, over several lines.

https://docs.cloud.google.com/logging/docs/export/storage
https://docs.cloud.google.com/pubsub/docs/push (envelopes)
"""

from __future__ import annotations

from leastwise.providers.logs.nested import Object
from leastwise.providers.logs.wrapped import Batch, Wrapping

from .entry import Entry, entry_of, is_entry


def read(content: bytes, batch: Batch[Entry] | None = None) -> Batch[Entry]:
    """The entries of a file. Nothing is raised: what cannot be read is in `bad`, and the rest goes on."""
    return _ENTRIES.read(content, Batch() if batch is None else batch)


def _entry(value: Object) -> Entry | None:
    return entry_of(value) if is_entry(value) else None


_ENTRIES = Wrapping(
    name="log entry",
    record=_entry,
    lists=("entries", "receivedMessages", "messages"),
    wrappers=("message", "data"),
    empty=("entries",),
)
