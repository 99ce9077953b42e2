"""Commits (and now and then deletes) in a loop until the count is reached or someone kills it."""

import sys
from pathlib import Path

from store_samples import NOW, collected, day, open_store, tables

store = open_store(Path(sys.argv[1]))
start = len(store.chain())
for number in range(start, start + int(sys.argv[2])):
    manifest = store.commit(collected(day(number), f"t{number}"), tables(f"t{number}"), "0.1", NOW)
    print(manifest.id, flush=True)
    if len(sys.argv) > 3 and number % 3 == 2:
        store.delete(manifest.id, "test", NOW)
        print("deleted", manifest.id, flush=True)
