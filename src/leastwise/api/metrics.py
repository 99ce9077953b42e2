"""Numbers about the server itself, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """The numbers of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "leastwise_requests_total",
            "Requests by route, method and status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "leastwise_request_seconds",
            "How long requests took, by route.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.running = Gauge("leastwise_requests_running", "Requests that are being answered.", registry=self.registry)
        self.sign_ins = Counter(
            "leastwise_sign_ins_total", "Attempts to sign in, by outcome.", ["outcome"], registry=self.registry
        )

    def text(self) -> bytes:
        """All of them, in the text format."""
        return generate_latest(self.registry)
