"""Who is alive and agrees with us: the heartbeats of every upstream, judged on the monotonic clock.

Rule 1: four missed heartbeats are death (spec R.1).
Rule 2: an upstream earlier in the flow must itself be ready; a later one (positions flow back to
        the strategies) must only live, or nobody could ever be the first.
Rule 3: a heartbeat that is old, or of the future, counts as none: its sender's clock is not ours,
        whatever its place in the flow.
Rule 4: unequal configuration hashes, or unequal builds: nobody is ready (spec P01).
"""

from collections.abc import Sequence
from typing import Final

from services.domain.manifest import Manifest
from services.domain.messages.control import Heartbeat
from services.domain.units import NANOS_PER_SECOND

HEARTBEAT_NS: Final = 250_000_000
"""Every publisher sends one this often, monotonic nanoseconds."""
DEAD_NS: Final = 4 * HEARTBEAT_NS


class Liveness:
    """The upstreams of one service."""

    def __init__(
        self, service: str, upstreams: Sequence[str], manifest: Manifest, build: str
    ) -> None:
        self._earlier = {name for name in upstreams if manifest.precedes(name, service)}
        self._config_hash = manifest.config_hash
        self._build = build
        self._last: dict[str, tuple[int, Heartbeat] | None] = dict.fromkeys(upstreams)
        self._off: dict[str, str] = {}

    def on_heartbeat(self, heartbeat: Heartbeat, mono_ns: int) -> None:
        """Take note of a heartbeat."""
        if heartbeat.service in self._last:
            self._last[heartbeat.service] = (mono_ns, heartbeat)
            self._off.pop(heartbeat.service, None)

    def on_other_clock(self, service: str, age_ns: int) -> None:
        """Take note of a heartbeat sent at another time than ours; `age_ns` < 0: of the future."""
        if service in self._last:
            self._last[service] = None
            behind = "is behind ours, or it was not read for as long" if age_ns > 0 else "is ahead"
            by = f"{abs(age_ns) / NANOS_PER_SECOND:.1f} s"
            # The first one's: a sentence that stays the same is sampled once.
            self._off.setdefault(service, f"heartbeat is {by} off: its clock {behind}")

    def forget(self) -> None:
        """After a pause of our own: a heartbeat of every peer is needed again."""
        self._last = dict.fromkeys(self._last)
        self._off.clear()

    def reasons(self, mono_ns: int) -> tuple[str, ...]:
        """Why the upstreams are not good enough; empty when they are."""
        return tuple(filter(None, (self.reason(name, mono_ns) for name in self._last)))

    def reason(self, name: str, mono_ns: int) -> str:
        """Why one upstream is not good enough; empty when it is."""
        last = self._last[name]
        if last is None:
            return f"{name}: {self._off.get(name, 'no heartbeat yet')}"
        received_ns, heartbeat = last
        if mono_ns - received_ns > DEAD_NS:
            return f"{name}: no heartbeat for more than {DEAD_NS // 1_000_000} ms"
        if heartbeat.config_hash != self._config_hash:
            return f"{name}: configuration {heartbeat.config_hash}, expected {self._config_hash}"
        if heartbeat.build != self._build:
            return f"{name}: build {heartbeat.build}, expected {self._build}"
        if not heartbeat.ready and name in self._earlier:
            # One step of the chain; the rest of it stands with the upstream's own reasons.
            why = dict.fromkeys(reason.partition(" (")[0] for reason in heartbeat.reasons)
            return f"{name}: not ready ({'; '.join(why)})"
        return ""
