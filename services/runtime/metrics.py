"""Prometheus metrics of a service: hops, counts, readiness. One registry per process."""

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, Final, TypeAlias

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.domain.messages.union import Message
from services.domain.minute_parts import parts_of
from services.runtime.bus import Envelope

_BUCKETS = (
    0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005,
    0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
)  # fmt: skip


REFUSED: Final = "pitwire_refused_total"
"""Whatever a service refused, by reason."""
CountOf: TypeAlias = Callable[[Any], Iterable[tuple[tuple[str, ...], int]]]
"""From a message to what it adds: values of the labels, and how many."""


class MessageCounter(msgspec.Struct, frozen=True, kw_only=True):
    """A counter of a service's own, read off one type of its messages."""

    name: str
    """`pitwire_decisions_total`; REFUSED adds to the counter every service has."""
    text: str
    labels: tuple[str, ...]
    message: type
    count_of: CountOf


class Metrics:
    """Every series of one service."""

    def __init__(self, service: str, counters: Iterable[MessageCounter] = ()) -> None:
        self.registry = CollectorRegistry()
        self._service = service
        self._gaps_seen: dict[str, tuple[int, int]] = {}
        hop = Histogram(
            "pitwire_hop_seconds",
            "From the publisher's output, its commit included, to the consumer's loop",
            ["service", "stream"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.turn = self._histogram("pitwire_turn_seconds", "A turn: handle, commit, publish")
        self.commit = self._histogram("pitwire_commit_seconds", "Journal commit of a turn")
        received = self._counter("pitwire_received_total", "Messages received", "type")
        published = self._counter("pitwire_published_total", "Messages published", "type")
        # A label look-up costs as much as the count itself: children are kept, by type and stream.
        self._received = cache(partial(received.labels, service))
        self._published = cache(partial(published.labels, service))
        self._hop = cache(partial(hop.labels, service))
        self.refused = self._counter(REFUSED, "Bytes or data refused", "reason")
        self.gaps = self._counter("pitwire_gaps_total", "Gaps seen", "stream")
        self.replays = self._counter("pitwire_replays_total", "Replay requests", "stream")
        syncs = self._counter("pitwire_syncs_total", "Journal commits that waited for the disk")
        self.syncs = syncs.labels(service)
        self.published_otherwise = self._counter(
            "pitwire_published_otherwise_total",
            "Messages published again otherwise than they were applied",
            "stream",
        )
        known = {REFUSED: self.refused}
        self._counters_by_type: dict[type, list[tuple[Counter, CountOf]]] = {}
        for spec in counters:
            counter = known.get(spec.name) or self._counter(spec.name, spec.text, *spec.labels)
            self._counters_by_type.setdefault(spec.message, []).append((counter, spec.count_of))
        gauges = tuple(
            Gauge(name, text, ["service", "limit", "unit"], registry=self.registry)
            for name, text in (
                ("pitwire_limit_used", "How much of a limit is used"),
                ("pitwire_limit_max", "The limit"),
                ("pitwire_limit_headroom", "What is left of a limit"),
            )
        )
        self._limit_gauges = cache(
            lambda code, unit: tuple(g.labels(service, code, unit) for g in gauges)
        )
        ready = Gauge("pitwire_ready", "1 when ready", ["service"], registry=self.registry)
        self.ready = ready.labels(service)
        age = Gauge("pitwire_epoch", "Boot epoch", ["service"], registry=self.registry)
        self.epoch = age.labels(service)

    def _histogram(self, name: str, text: str) -> Histogram:
        family = Histogram(name, text, ["service"], buckets=_BUCKETS, registry=self.registry)
        child: Histogram = family.labels(service=self._service)
        return child

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, ["service", *labels], registry=self.registry)

    def set_limit(self, code: str, unit: str, *, used: float, limit: float) -> None:
        """Show how much of a limit is used, and what is left of it."""
        values = used, limit, limit - used
        for gauge, value in zip(self._limit_gauges(code, unit), values, strict=True):
            gauge.set(value)

    def count_received(self, envelope: Envelope, wall_ns: int, *, timed: bool = True) -> None:
        """Count a message; time its hop unless it came by replay."""
        self._received(type(envelope.message).__name__).inc()
        if envelope.sent_ns and timed:
            self._hop(envelope.stream).observe(max(0.0, (wall_ns - envelope.sent_ns) / 1e9))

    def observe_queue_wait(self, waited_s: float) -> None:
        """Time the hop from a gRPC thread to the loop."""
        self._hop("grpc").observe(waited_s)

    def count_gaps(self, stream: str, gaps: int, replays: int) -> None:
        """Count gaps and replays of a stream that are new since the last call."""
        before = self._gaps_seen.get(stream, (0, 0))
        self.gaps.labels(self._service, stream).inc(gaps - before[0])
        self.replays.labels(self._service, stream).inc(replays - before[1])
        self._gaps_seen[stream] = (gaps, replays)

    def count_published(self, envelope: Envelope) -> None:
        """Count what was published."""
        self._published(type(envelope.message).__name__).inc()
        self.count_message(envelope.message)

    def count_message(self, message: Message) -> None:
        """Count what the service itself counts of a message, a minute's parts, that has left."""
        for part in parts_of(message):
            for counter, count_of in self._counters_by_type.get(type(part), ()):
                for labels, number in count_of(part):
                    counter.labels(self._service, *labels).inc(number)

    def count_refused(self, reason: str) -> None:
        """Count something refused."""
        self.refused.labels(self._service, reason).inc()

    def exposition(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)
