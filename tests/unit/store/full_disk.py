"""Commits under a file size limit that only the raw segments, or only the tables, exceed."""

import random
import resource
import sys
from dataclasses import replace
from pathlib import Path

from store_samples import NOW, collected, day, open_store, tables

from leastwise.errors import StorageFullError

store = open_store(Path(sys.argv[1]))
good = store.commit(collected(), tables(), "0.1", NOW)
noise = random.Random(1)
taken, facts = collected(day(1)), tables()
if sys.argv[2] == "raw":
    body = noise.randbytes(2_000_000)
    taken = replace(taken, documents=(*taken.documents, replace(taken.documents[0], body=body)))
else:
    facts = tables(noise.randbytes(100).hex(), 1) | {
        "memberships": facts["memberships"]
        .slice(0, 0)
        .from_pylist(
            [{"member": noise.randbytes(40).hex(), "group": "g", "kind": "k", "source": "s"} for _ in range(30_000)],
            schema=facts["memberships"].schema,
        )
    }
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    store.commit(taken, facts, "0.1", NOW)
    sys.exit("no error")
except StorageFullError as error:
    print(error)
assert list(store.home.tmp.iterdir()) == []
assert store.list() == (good,)
assert store.verify() == ()
