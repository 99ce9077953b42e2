"""What a killed writer left behind: noticed and repaired by the next writer, never by a reader."""

from __future__ import annotations

from contextlib import suppress

from leastwise.errors import IntegrityError

from . import anchor
from .files import remove_tree, storage_errors
from .home import Home
from .ledger import Ledger, standing
from .writing import discard, folders


def recover(home: Home, ledger: Ledger) -> None:
    """Empties tmp, brings the anchor up to date, removes folders of snapshots that were never committed or are deleted.

    The caller holds the writer lock.

    Raises:
        IntegrityError: anchor and database contradict each other; then no snapshot folder is touched.
        StorageFullError: there is no room for the anchor.
    """
    with storage_errors(f"recovery of {home.path}"):
        for left in home.tmp.iterdir():
            remove_tree(left)
    reconcile(home, ledger)
    live = {entry.id for entry in standing(ledger.entries())}
    with storage_errors(f"recovery of {home.path}"):
        for identifier, places in folders(home).items():
            if identifier in live:
                continue
            for place in places:
                discard(home, identifier, place)
        for empty in (*home.raw.glob("*/*"), *home.raw.glob("*")):
            with suppress(OSError):
                empty.rmdir()


def reconcile(home: Home, ledger: Ledger) -> anchor.Heads:
    """Compares anchor and database, writes the anchor if it lags by one row, and returns the heads.

    Raises:
        IntegrityError: they differ in any other way, or the anchor is missing beside existing snapshots.
        StorageFullError: there is no room for the anchor.
    """
    newest = ledger.heads()
    recorded = anchor.read(home)
    if recorded is None:
        if newest or folders(home):
            raise IntegrityError(f"snapshots/{anchor.FILE}: missing beside existing snapshots")
        with storage_errors(f"snapshots/{anchor.FILE}"):
            anchor.write(home, {})
        return {}
    lagging = [
        scope
        for scope in sorted(newest.keys() | recorded.keys())
        if anchor.lags(scope, recorded.get(scope, (0, "")), newest.get(scope, (0, "", "")))
    ]
    heads = {scope: (sequence, sha) for scope, (sequence, sha, _) in newest.items()}
    if lagging:
        with storage_errors(f"snapshots/{anchor.FILE}"):
            anchor.write(home, heads)
    return heads
