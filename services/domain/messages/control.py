"""Heartbeats of services and commands of operators."""

import msgspec

from services.domain.units import UnixNanos


class StreamHead(msgspec.Struct, frozen=True, gc=False):
    """The last sequence a publisher has committed on one durable stream."""

    stream: str
    sequence: int


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A publisher is alive (every 250 ms); repeats last sequences so that a lost tail shows."""

    service: str
    epoch: int
    """Boot epoch: rises by one per start."""
    config_hash: str
    """Hash of the configuration folder; unequal hashes: nobody is ready."""
    build: str
    """Version and hash of the code; unequal builds: nobody is ready."""
    ready: bool
    reasons: tuple[str, ...]
    """Why it is not ready; empty when it is."""
    heads: tuple[StreamHead, ...]
    sent_ns: UnixNanos
    run: str = ""
    """Run of the desk that sends."""
    account: str = ""
    """Account of the desk that sends."""


class Upstreams(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Heartbeats of every upstream as the service's shell saw them; sampled into the journal."""

    ready: bool
    reasons: tuple[str, ...]
    at_ns: UnixNanos


class Halt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service stops because of a fault, or asks that entries stop."""

    service: str
    reason: str
    at_ns: UnixNanos


class LoopPaused(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A service's own loop stood still; reported by its shell to its own machine."""

    paused_ms: int
    at_ns: UnixNanos
    """When it went on."""


class Kill(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An operator kills the desk; latched across restarts until a Resume."""

    operator: str
    reason: str
    flatten: bool
    """True: also cancel everything and close every position."""
    at_ns: UnixNanos
    account: str = ""
    """Account of the desk that is meant."""
    strategy: str = ""
    """Only this strategy instance is meant; empty: the whole desk."""
    run: str = ""
    """Run of the desk that is meant, from the sender's folder; empty: see OperatorEdge."""
    config_hash: str = ""
    """Of the sender's folder; another than the desk's is shown and refuses nothing."""


class Resume(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An operator resets a kill or a halt."""

    operator: str
    reason: str
    at_ns: UnixNanos
    strategy: str = ""
    """Resets only the kill of this strategy instance; empty: all an operator may reset."""
    run: str = ""
    """Run of the desk that is meant, from the sender's folder; empty: see OperatorEdge."""
    account: str = ""
    """Account of the desk that is meant."""
    config_hash: str = ""
    """Of the sender's folder; another than the desk's is shown and refuses nothing."""


class Tighten(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An operator tightens one limit until the trade date ends."""

    operator: str
    key: str
    """Key of the set of limits, `daily_loss_usd`; in a table `strategies.NAME.trades`."""
    value: str
    """As it would stand in the file."""
    at_ns: UnixNanos
    run: str = ""
    """Run of the desk that is meant, from the sender's folder; empty: see OperatorEdge."""
    account: str = ""
    """Account of the desk that is meant."""
    config_hash: str = ""
    """Of the sender's folder; another than the desk's is shown and refuses nothing."""


class PreflightResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What `pitwire doctor` found before the open: failures stop entries until one without any.

    Latched across restarts until a result without failures, or a Resume of the whole desk.
    """

    operator: str
    failures: tuple[str, ...]
    """One sentence for every red check; empty: none is red."""
    at_ns: UnixNanos
    run: str = ""
    """Run of the desk that is meant, from the sender's folder; empty: see OperatorEdge."""
    account: str = ""
    """Account of the desk that is meant."""
    config_hash: str = ""
    """Of the sender's folder; another than the desk's is shown and refuses nothing."""


class ControlAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Risk's acknowledgement of an operator's command."""

    accepted: bool
    text: str
    run: str = ""
    """Run of the desk that answers; its edge writes this and what follows."""
    account: str = ""
    """Account of the desk that answers."""
    config_hash: str = ""
    """Of the configuration the desk that answers runs on."""
