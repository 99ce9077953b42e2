"""A server of an empty home where people sign in, with a clock that is moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from leastwise.api.application import create_app
from leastwise.api.settings import ApiSettings
from leastwise.app.wiring import Workspace

BASE = "http://127.0.0.1:8765"
PASSWORD = "correct horse battery"


class Signing:
    """The server, and clients of it."""

    def __init__(self, home: Path, environ: dict[str, str] | None = None, base: str = BASE) -> None:
        self.at = datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)
        self.workspace = Workspace(home, environ=environ or {}, now=lambda: self.at)
        self.base = base
        self.app = create_app(self.workspace, ApiSettings(base))
        self.csrf: dict[int, str] = {}

    @property
    def token(self) -> str:
        return str(self.app.state.server.setup_token)

    def later(self, **spans: float) -> None:
        self.at += timedelta(**spans)

    def browser(self) -> TestClient:
        return TestClient(
            self.app, self.base, headers={"Origin": self.base}, raise_server_exceptions=False, follow_redirects=False
        )

    def admin(self) -> TestClient:
        """The first admin, signed in."""
        client = self.browser()
        body = {"token": self.token, "name": "Admin", "password": PASSWORD}
        answer = client.post("/api/v1/session/setup", json=body)
        assert answer.status_code == 200, answer.text
        return keep(client, answer)

    def signed_in(self, name: str, password: str = PASSWORD) -> TestClient:
        client = self.browser()
        answer = client.post("/api/v1/session", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        return keep(client, answer)

    def bearer(self, secret: str) -> TestClient:
        headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(self.app, self.base, headers=headers, raise_server_exceptions=False)


def keep(client: TestClient, answer: Any) -> TestClient:
    """The client, which sends the token against forged requests from now on."""
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client


def add(admin: TestClient, name: str, duties: dict[str, list[str]], password: str = PASSWORD) -> dict[str, Any]:
    """A user that an admin adds."""
    answer = admin.post("/api/v1/users", json={"name": name, "password": password, "duties": duties})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def record(admin: TestClient, **asked: Any) -> list[tuple[str, str, str, str]]:
    """What is on record, newest first: actor, action, subject, outcome."""
    rows = admin.get("/api/v1/audit", params=asked).json()["items"]
    return [(one["actor"], one["action"], one["subject"], one["outcome"]) for one in rows]
