"""Writes docs/examples/aws: the role that `leastwise collect aws` assumes, for StackSets and Terraform.

The rights are read off the declarations of the calls, so that they are neither more nor less than what is called.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from leastwise.providers.aws.collect.declaration import declared
from leastwise.providers.aws.collect.policy import policy

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "examples" / "aws"


def template(document: dict[str, Any]) -> dict[str, Any]:
    """A CloudFormation template (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-reference.html)."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": {"Ref": "Collector"}},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
            }
        ],
    }
    text = {"Type": "String"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The read-only role of leastwise collect aws",
        "Parameters": {
            "Collector": {**text, "Description": "ARN of the user or role that collects"},
            "ExternalId": {**text, "MinLength": 2, "NoEcho": True, "Description": "External id that it gives"},
            "RoleName": {**text, "Default": "LeastwiseReadOnly"},
        },
        "Resources": {
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Description": "What leastwise collect aws calls", "PolicyDocument": document},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Ref": "RoleName"},
                    "Description": "Read by leastwise collect aws",
                    "AssumeRolePolicyDocument": trust,
                    "ManagedPolicyArns": [{"Ref": "Policy"}],
                    "MaxSessionDuration": 3600,
                },
            },
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def pages() -> dict[str, str]:
    """File name → content."""
    document = policy(declared())
    return {
        "leastwise-policy.json": json.dumps(document, indent=2) + "\n",
        "leastwise-role.template.json": json.dumps(template(document), indent=2) + "\n",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is out of date")
    check = parser.parse_args().check
    stale = [name for name, text in pages().items() if not _same(FOLDER / name, text)]
    for name in stale:
        print(f"{'out of date' if check else 'writing'}: docs/examples/aws/{name}")
        if not check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / name).write_text(pages()[name], encoding="utf-8")
    return int(check and bool(stale))


def _same(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
