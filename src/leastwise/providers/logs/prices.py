"""What reading a vendor's logs costs by its list prices."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec
import yaml


class Prices(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """US dollars, as `data/prices.yaml` of a provider has them; `decrypt` is of what a key of one's own costs."""

    region: str
    date: str
    get_per_10000: float
    list_per_10000: float
    transfer_per_gib: float
    decrypt_per_10000: float = 0.0

    @property
    def told(self) -> str:
        """Of which region and day they are."""
        return f"list prices of {self.region}, {self.date}"

    def of(self, files: int, lists: int, size: int, encrypted: bool = False) -> tuple[float, float]:
        """What requests for so many files cost, and what the way of so many bytes out of the vendor's network does."""
        each = self.get_per_10000 + (self.decrypt_per_10000 if encrypted else 0.0)
        return (files * each + lists * self.list_per_10000) / 10_000, size / (1 << 30) * self.transfer_per_gib


@cache
def prices_of(package: str) -> Prices:
    """The prices that a package has in `data/prices.yaml`."""
    file = resources.files(package) / "data" / "prices.yaml"
    return msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Prices)
