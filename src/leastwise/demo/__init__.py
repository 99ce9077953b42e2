"""The data of `leastwise demo`: Brightwater Parcel, a company that does not exist.

`brightwater.tar.xz` holds what a user would have exported: `YYYY-MM-DD/<account>/…` (one folder a snapshot day, one
below it an account of AWS), `azure/…`, `entra/…` and `google-cloud/YYYY-MM-DD/…`, `last-accessed/<account>/…`, the
packed audit logs (`logs`, `shaped_logs`), `estate.yaml` and the Terraform tree `infra/`. `tools/build_demo.py --bundle`
writes it, the same bytes every time, and `brightwater.json` has its hashes.
Nothing else in the product knows the company's name.
"""

from __future__ import annotations

import tarfile
from importlib.resources import files
from pathlib import Path

ARCHIVE = "brightwater.tar.xz"


def unpack(target: Path) -> None:
    """Write the data below a folder; files are dated with their snapshot day."""
    source = files(__name__).joinpath(ARCHIVE)
    with source.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:xz") as archive:
        archive.extractall(target, filter="data")
