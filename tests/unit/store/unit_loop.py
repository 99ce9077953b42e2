"""Commits units of four scopes in a loop until someone kills it; prints the number of each that is done."""

import sys
from pathlib import Path

from store_samples import NOW, SCOPES, collected, day, open_store, tables

store = open_store(Path(sys.argv[1]))
start = len(store.list()) // len(SCOPES)
for number in range(start, start + 500):
    with store.together("test") as unit:
        for scope in SCOPES:
            unit.add(collected(day(number), f"t{number}", scope), tables(f"t{number}"), "0.1", NOW)
    print(number, flush=True)
