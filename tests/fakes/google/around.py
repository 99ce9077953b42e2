"""What collecting from the fake needs: a source, a run, an environment without credentials of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from leastwise.model.scope import Collected, CoverageStatus
from leastwise.providers.base import CollectRun
from leastwise.providers.gcp.collect.collector import collect

from .server import TOKEN, FakeGoogle

VARIABLE = "FAKE_GOOGLE_TOKEN"
QUICK = {"iam-v2": 60000, "iam-v3": 60000, "cloudasset": 60000}
_OWN = (
    "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT", "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST", "CLOUDSDK_AUTH_ACCESS_TOKEN",
)  # fmt: skip


def surround(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A machine without credentials of its own, where waiting takes no time, with the fake's token in a variable."""
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(folder / "no-gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr("leastwise.providers.collecting.run.pause", lambda tries: 0.001)


def keys(fake: FakeGoogle, **more: Any) -> dict[str, Any]:
    """A source that reads the fake."""
    return {"provider": "gcp", "access_token_env": VARIABLE, "endpoint": fake.url, "per_minute": QUICK, **more}


def a_run(folder: Path, **more: Any) -> CollectRun:
    """A run with journals in a folder."""
    folder.mkdir(exist_ok=True)
    usual: dict[str, Any] = {
        "now": lambda: datetime.now(UTC), "progress": lambda step: None, "interrupted": lambda one, why: one,
    }  # fmt: skip
    return CollectRun(folder=folder, key=b"key", **{**usual, **more})


def collected(fake: FakeGoogle, folder: Path, resume: bool = False, **more: Any) -> dict[str, Collected]:
    """What is collected of each scope, by its id; nothing that is no request or answer of Google's was exchanged."""
    found = {one.scope.id: one for one in collect(keys(fake, **more), a_run(folder, resume=resume))}
    assert fake.strange == []
    return found


def told(one: Collected) -> list[tuple[str, str, str, bytes]]:
    """Its documents without their time."""
    return [(document.kind, document.resource, document.name, document.body) for document in one.documents]


def gaps(one: Collected) -> list[tuple[str, str, str, str]]:
    """Call, status, account and cause of what was not answered."""
    return [
        (f"{gap.service}.{gap.call}", str(gap.status), gap.account, gap.detail)
        for gap in one.coverage if gap.status is not CoverageStatus.OK
    ]  # fmt: skip


def bodies(one: Collected, kind: str, resource: str | None = None) -> list[Any]:
    """Bodies of documents of a kind."""
    return [
        json.loads(document.body) for document in one.documents
        if document.kind == kind and resource in (None, document.resource)
    ]  # fmt: skip


def key_file(folder: Path, **more: Any) -> Path:
    """A service account's key as Google writes it, of a pair made now."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return written(folder / "key.json", {
        "type": "service_account", "project_id": "bw-audit", "private_key_id": "k1", "private_key": pem,
        "client_email": "reader@bw-audit.iam.gserviceaccount.com", "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token", **more,
    })  # fmt: skip


def written(path: Path, told: Mapping[str, Any]) -> Path:
    """A file with this JSON."""
    path.write_text(json.dumps(told), encoding="utf-8")
    return path
