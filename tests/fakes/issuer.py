"""An issuer (OpenID Connect) on loopback whose answers a test decides: for those that an honest one never gives."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "leastwise"


class Issuer:
    """What it says; every part may be changed by a test."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.published = [self.key]
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.token: Callable[[dict[str, Any]], str] = self.signed
        self.redeemed: list[dict[str, str]] = []
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.answer(self, outer.read(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.redeemed.append({name: values[0] for name, values in parse_qs(body).items()})
                outer.answer(self, outer.tokens())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler, told: dict[str, Any] | None) -> None:
        body = json.dumps(told or {}).encode()
        handler.send_response(404 if told is None else 200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def read(self, path: str) -> dict[str, Any] | None:
        if path.endswith("/openid-configuration"):
            return {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                "end_session_endpoint": f"{self.url}/end?x=1",
            } | self.metadata  # fmt: skip
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.published]}
        return self.userinfo if path == "/userinfo" else None

    def tokens(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "email": "ann@example.com",
        }
        given = {name: value for name, value in (claims | self.claims).items() if value is not None}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.token(given)}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.key, [self.algorithm])


def parameter(url: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(url).query)[name][0]
