"""Build the data of `leastwise demo`: Brightwater Parcel, a company that does not exist.

    tools/build_demo.py --out DIR            write the data as files
    tools/build_demo.py --bundle             write src/leastwise/demo/brightwater.tar.xz, its hashes, the ground truth
    tools/build_demo.py --managed-policies   compile tools/demo_company/managed_policies.json from moto

The same bytes every time: one seed, no wall clock. What the company has is written as lists in demo_company/
(people, roles_*, users, things; azure/, entra/, google/ for the other clouds); the other modules there write it as the
vendors' own documents.

Layout: `YYYY-MM-DD/<account>/<file>`, `last-accessed/<account>/<file>`, `azure/`, `entra/` and
`google-cloud/YYYY-MM-DD/<file>` (names: everything.py of each), `logs.json`, `azure-logs.json`, `entra-logs.json`,
`google-logs.json`, `estate.yaml`, `infra/`. The logs are packed (leastwise.demo.logs and shaped_logs say how);
`--out` writes them as clouds do, `logs/aws/<bucket>/AWSLogs/…`, `logs/azure/<account>/insights-…`, `logs/entra/…` and
`logs/gcp/<bucket>/cloudaudit.googleapis.com/…`. What truly was used, logged or not, goes to tests/e2e/demo_usage.csv,
demo_azure_usage.csv, demo_entra_usage.csv and demo_google_usage.csv, for tests alone. A file is dated with its
snapshot day.
Names of files of AWS:

    account-authorization-details.json       aws iam get-account-authorization-details
    credential-report.csv                    aws iam get-credential-report, decoded
    <service>-<operation>.json               aws <service> <operation> --output json, all pages in one
    <service>-<operation>--<subject>.json    the same, asked about one thing; more subjects follow after `--`
    ….error.json                             the call failed: {"Error": {"Code", "Message"}, "Operation", "Account"}

A subject is percent-encoded (RFC 3986, `-._~@` stay) and is the name that the call was given: bucket, function,
thing, certificate ARN (iot-list-attached-policies), permission set name, group name, account, key id. It is there
even when the response repeats it. NoSuchBucketPolicy and ResourceNotFoundException say "asked, and there is none".
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import lzma
import os
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from demo_company import company, managed
from demo_company.azure.happened import happened as azure_happened
from demo_company.entra.acts import deeds
from demo_company.entra.happened import happened as entra_happened
from demo_company.google.happened import happened as google_happened
from demo_company.logs.everything import everything
from demo_company.logs.shaped import truth
from demo_company.logs.truth import csv_of, table
from leastwise.demo import shaped_logs
from leastwise.demo.logs import PACKED, records, write_logs

HERE = Path(__file__).resolve().parents[1]
TARGET = HERE / "src" / "leastwise" / "demo"
TRUTH = HERE / "tests" / "e2e" / "demo_usage.csv"
AZURE_TRUTH = HERE / "tests" / "e2e" / "demo_azure_usage.csv"
ENTRA_TRUTH = HERE / "tests" / "e2e" / "demo_entra_usage.csv"
GOOGLE_TRUTH = HERE / "tests" / "e2e" / "demo_google_usage.csv"


def write(out: Path) -> int:
    """Write the files below a folder, logs as the trails write them; returns the number of the others."""
    found = company.files()
    for name, (content, when) in found.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (when.timestamp(), when.timestamp()))
    write_logs(out / PACKED, out / "logs" / "aws")
    for provider, packed in shaped_logs.PACKED.items():
        shaped_logs.write_logs(out / packed, out / "logs" / provider)
    return len(found)


def archive() -> bytes:
    """All files as one tar, every field fixed."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, (content, when) in company.files().items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(content), int(when.timestamp()), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def logs_hash(packed: bytes) -> str:
    """Of every log file's name and records, unpacked."""
    found = hashlib.sha256()
    for name, text in records(packed):
        found.update(f"{name} {text}\n".encode())
    return found.hexdigest()


def bundle(target: Path) -> dict[str, object]:
    """Write the compressed archive and its hashes; returns what was recorded."""
    tar = archive()
    packed = lzma.compress(tar, preset=6)
    recorded: dict[str, object] = {
        "logs_sha256": logs_hash(company.files()[PACKED][0]),
        "tar_sha256": hashlib.sha256(tar).hexdigest(),
        "archive_sha256": hashlib.sha256(packed).hexdigest(),
        "bytes": len(packed),
        "unpacked_bytes": len(tar),
    }
    target.mkdir(parents=True, exist_ok=True)
    (target / "brightwater.tar.xz").write_bytes(packed)
    (target / "brightwater.json").write_text(json.dumps(recorded, indent=2) + "\n")
    return recorded


def main() -> None:
    """Parse the command line and do as it says."""
    parser = argparse.ArgumentParser(description="Build the data of `leastwise demo`.")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the data as files below DIR")
    parser.add_argument("--bundle", action="store_true", help="write the archive that the package carries")
    parser.add_argument("--managed-policies", action="store_true", help="compile AWS managed policies from moto")
    choice = parser.parse_args()
    if not (choice.out or choice.bundle or choice.managed_policies):
        parser.error("name --out DIR, --bundle or --managed-policies")
    if choice.managed_policies:
        print(f"{managed.compile_policies()} policies")
    if choice.out:
        print(f"{write(choice.out)} files below {choice.out}")
    if choice.bundle:
        print(json.dumps(bundle(TARGET), indent=2))
        TRUTH.write_text(table(everything().events))
        AZURE_TRUTH.write_text(csv_of(truth(azure_happened())))
        ENTRA_TRUTH.write_text(csv_of(truth(deeds(entra_happened()))))
        GOOGLE_TRUTH.write_text(csv_of(truth(google_happened())))


if __name__ == "__main__":
    main()
