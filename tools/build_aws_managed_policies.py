#!/usr/bin/env python3
"""Compile the AWS managed policies into src/leastwise/providers/aws/data/managed_policies.json.xz.

Source: the documents that moto ships (Apache-2.0), which its authors fetch from AWS. Only facts are kept: path,
version, date and document. The header names source and date; the same moto gives the same bytes.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import moto
from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).resolve().parents[1] / "src/leastwise/providers/aws/data/managed_policies.json.xz"


def main() -> None:
    found = json.loads(aws_managed_policies_data)
    policies = {
        f"arn:aws:iam::aws:policy{one['Path']}{name}": {
            "version": one["DefaultVersionId"],
            "updated": one.get("UpdateDate") or one["CreateDate"],
            "document": one["Document"],
        }
        for name, one in found.items()
    }
    newest = max(one["updated"] for one in policies.values())
    whole = {"source": f"moto {moto.__version__}", "date": newest[:10], "policies": policies}
    text = json.dumps(whole, separators=(",", ":"), sort_keys=True).encode()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(policies)} policies up to {newest[:10]}, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
