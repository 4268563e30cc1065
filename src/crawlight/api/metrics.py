"""What `/metrics` shows, in a registry of the app's own."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

Family = CounterMetricFamily | GaugeMetricFamily

Counts = Mapping[tuple[str, ...], int]
"""Counts by the texts of their labels."""


class Metrics:
    """Counters and gauges of one running server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "crawlight_http_requests",
            "Answers by method, route and status.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "crawlight_http_request_seconds", "Time to answer by route.", ["route"], registry=self.registry
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show a value that is read when somebody asks."""
        Gauge(name, text, registry=self.registry).set_function(read)

    def counter(self, name: str, text: str) -> Counter:
        """A counter without labels."""
        return Counter(name, text, registry=self.registry)

    def counts(self, name: str, text: str, labels: Sequence[str], read: Callable[[], Counts]) -> None:
        """Show counts that are kept elsewhere and only ever grow."""
        self.registry.register(_Counts(name, text, labels, read))

    def gauges(self, name: str, text: str, labels: Sequence[str], read: Callable[[], Counts]) -> None:
        """Show values by labels that are kept elsewhere."""
        self.registry.register(_Counts(name, text, labels, read, GaugeMetricFamily))

    def page(self) -> bytes:
        """The page in Prometheus' text format."""
        return generate_latest(self.registry)


class _Counts(Collector):
    """Counts as they are when somebody asks."""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        read: Callable[[], Counts],
        kind: type[Family] = CounterMetricFamily,
    ) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._read = read
        self._kind = kind

    def describe(self) -> Iterable[Family]:
        """The family without values: registering must not ask for any."""
        return [self._kind(self._name, self._text, labels=self._labels)]

    def collect(self) -> Iterable[Family]:
        """The family with its values."""
        family = self._kind(self._name, self._text, labels=self._labels)
        for labels, count in self._read().items():
            family.add_metric(labels, count)
        yield family
