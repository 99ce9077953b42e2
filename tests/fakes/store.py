"""A bucket of the loopback fake, for what moto's S3 does not refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .aws import Refused
from .aws_wire import Request


class Store:
    """A bucket: objects by key, each with an entity tag; `archived` and `changed` keys cannot be had."""

    def __init__(self, folder: Path) -> None:
        self.objects = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*.gz")}
        self.archived: set[str] = set()
        self.changed: set[str] = set()
        self.gone: set[str] = set()

    def answers(self) -> dict[str, Any]:
        return {"s3.ListObjectsV2": self.list, "s3.GetObject": self.get, "s3.HeadBucket": lambda _: {}}

    def tag(self, key: str) -> str:
        """The entity tag of an object."""
        return f"{hash(self.objects[key]):x}"

    def list(self, request: Request) -> dict[str, Any]:
        prefix, folders, files = request.parameters["Prefix"], set(), []
        for key, body in sorted(self.objects.items()):
            if not key.startswith(prefix):
                continue
            below, slash, _ = key[len(prefix) :].partition("/")
            if slash and request.parameters.get("Delimiter"):
                folders.add(f"{prefix}{below}/")
            else:
                files.append({"Key": key, "Size": len(body), "ETag": f'"{self.tag(key)}"'})
        return {"Contents": files, "CommonPrefixes": [{"Prefix": one} for one in sorted(folders)], "KeyCount": 1}

    def get(self, request: Request) -> dict[str, Any]:
        key = request.parameters["Key"]
        if key in self.archived:
            raise Refused("InvalidObjectState", "The operation is not valid for the object's storage class", 403)
        if key in self.changed:
            raise Refused("PreconditionFailed", "At least one of the pre-conditions did not hold", 412)
        if key in self.gone:
            raise Refused("NoSuchKey", "The specified key does not exist.", 404)
        return {"Body": self.objects[key]}
