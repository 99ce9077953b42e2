"""Folders of logs that one provider took in count as held for others whose records lie in the same files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from leastwise.app.fetching import folders
from leastwise.providers.azure import PROVIDER as AZURE
from leastwise.providers.entra import PROVIDER as ENTRA

TAKEN = {
    "azure": {"both/": True, "quiet/": True, "broken/": False, "theirs-broken/": True},
    "entra": {"both/": True, "own/": True, "broken/": True, "theirs-broken/": False},
}


def test_what_either_read_is_held_where_whoever_read_it_read_all() -> None:
    place: Any = SimpleNamespace(lake=SimpleNamespace(folders=lambda name: TAKEN.get(name, {})))
    wanted = {"both/": True, "quiet/": True, "own/": True, "broken/": False, "theirs-broken/": False}
    assert folders(place, AZURE) == wanted == folders(place, ENTRA)
    assert TAKEN["azure"]["broken/"] is False and "own/" not in TAKEN["azure"], "the lake's own answer is left alone"
