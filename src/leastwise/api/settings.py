"""How a server is set up."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from leastwise.app.duties import Duty
from leastwise.errors import UsageError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """What the options of `leastwise serve` say.

    Args:
        public_url: where browsers find the server: scheme, host and port, without a path.
        proxies: addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        open_to: duties of whoever comes, where nobody signs in; None where people sign in.
        body_bytes: the largest body of a request.
        requests_a_second: how many requests one caller may send on and on.
        requests_at_once: how many he may send in a burst.
    """

    public_url: str = "http://127.0.0.1:8765"
    proxies: tuple[str, ...] = ()
    open_to: frozenset[Duty] | None = None
    body_bytes: int = 4 << 20
    requests_a_second: float = 100.0
    requests_at_once: float = 1000.0

    def __post_init__(self) -> None:
        parts = _parts(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise UsageError(f"--public-url {self.public_url!r}: is no address as in https://leastwise.example.com")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageError(
                f"--public-url {self.public_url}: sessions need https wherever they leave this machine; put a proxy "
                "with a certificate in front, and name its https address"
            )
        if self.open_to is not None and not is_loopback(parts.hostname):
            raise UsageError("--without-sign-in: is for this machine only; leave out --public-url and --host")

    @property
    def origins(self) -> frozenset[str]:
        """The origins that pages of ours have."""
        return frozenset(f"{_parts(self.public_url).scheme}://{host}" for host in self.hosts)

    @property
    def hosts(self) -> frozenset[str]:
        """What a `Host` header may say, in lower case."""
        parts = _parts(self.public_url)
        port = "" if parts.port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{parts.port}"
        names = LOOPBACK_NAMES if is_loopback(parts.hostname or "") else {parts.hostname or ""}
        return frozenset(f"[{name}]{port}" if ":" in name else f"{name}{port}" for name in names)

    @property
    def secure(self) -> bool:
        """Whether cookies leave by https only."""
        return _parts(self.public_url).scheme == "https"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is that of this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _Parts:
    """The parts of an address. UsageError for a port that is none."""

    def __init__(self, text: str) -> None:
        try:
            parts = urlsplit(text)
            self.port, self.hostname = parts.port, parts.hostname
        except ValueError:
            raise UsageError(f"--public-url {text!r}: is no address as in https://leastwise.example.com") from None
        self.scheme, self.path, self.query = parts.scheme, parts.path, parts.query


def _parts(text: str) -> _Parts:
    return _Parts(text)
