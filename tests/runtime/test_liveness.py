"""Liveness: who is dead, who disagrees, and who may be not ready without stopping the others."""

import msgspec
import pytest

from services.domain.messages.control import Heartbeat
from services.domain.units import UnixNanos
from services.runtime.liveness import DEAD_NS, HEARTBEAT_NS, Liveness
from tests.support.feed_builder import manifest

HASH = "0123456789abcdef"
BUILD = "0"
DESK = msgspec.structs.replace(manifest(), config_hash=HASH)


def _beat(service: str, *reasons: str, config_hash: str = HASH, build: str = BUILD) -> Heartbeat:
    return Heartbeat(
        service=service,
        epoch=1,
        config_hash=config_hash,
        build=build,
        ready=not reasons,
        reasons=reasons,
        heads=(),
        sent_ns=UnixNanos(0),
    )


def test_nobody_heard_is_not_ready() -> None:
    """Readiness needs proof: silence from the start is a reason, by name."""
    liveness = Liveness("risk", ("state", "orders"), DESK, BUILD)
    assert liveness.reasons(0) == ("state: no heartbeat yet", "orders: no heartbeat yet")


def test_a_service_without_upstreams_waits_for_nobody() -> None:
    """Ingest has only NinjaTrader before it."""
    assert Liveness("ingest", (), DESK, BUILD).reasons(0) == ()


def test_four_missed_heartbeats_are_death() -> None:
    """Alive up to DEAD_NS after the last heartbeat, dead a nanosecond later, alive when heard."""
    liveness = Liveness("state", ("ingest",), DESK, BUILD)
    liveness.on_heartbeat(_beat("ingest"), 0)
    assert DEAD_NS == 4 * HEARTBEAT_NS
    assert liveness.reasons(DEAD_NS) == ()
    assert liveness.reasons(DEAD_NS + 1) == ("ingest: no heartbeat for more than 1000 ms",)
    liveness.on_heartbeat(_beat("ingest"), DEAD_NS + 1)
    assert liveness.reasons(DEAD_NS + 2) == ()


def test_unequal_configuration_is_never_ready() -> None:
    """An upstream that read another version of the folder is named with both hashes."""
    liveness = Liveness("state", ("ingest",), DESK, BUILD)
    liveness.on_heartbeat(_beat("ingest", config_hash="f" * 16), 0)
    assert liveness.reasons(0) == (f"ingest: configuration {'f' * 16}, expected {HASH}",)


def test_unequal_builds_are_never_ready() -> None:
    """An upstream that runs other code is named with both builds."""
    liveness = Liveness("state", ("ingest",), DESK, BUILD)
    liveness.on_heartbeat(_beat("ingest", build="1"), 0)
    assert liveness.reasons(0) == ("ingest: build 1, expected 0",)
    liveness.on_heartbeat(_beat("ingest"), 0)
    assert liveness.reasons(0) == ()


@pytest.mark.parametrize(
    ("service", "upstream", "stops"),
    [
        ("state", "ingest", True),
        ("risk", "morning", True),
        ("risk", "orders", False),
        ("morning", "risk", False),
        ("morning", "state", True),
        ("orders", "risk", True),
    ],
)
def test_only_earlier_services_must_be_ready(service: str, upstream: str, *, stops: bool) -> None:
    """Flow order decides, workers stand where strategies stand; a later one must only live."""
    liveness = Liveness(service, (upstream,), DESK, BUILD)
    liveness.on_heartbeat(_beat(upstream, "catching up"), 0)
    assert liveness.reasons(0) == ((f"{upstream}: not ready (catching up)",) if stops else ())


def test_after_a_pause_everybody_must_be_heard_again() -> None:
    """What was known before our own pause proves nothing."""
    liveness = Liveness("risk", ("state",), DESK, BUILD)
    liveness.on_heartbeat(_beat("state"), 0)
    liveness.forget()
    assert liveness.reasons(1) == ("state: no heartbeat yet",)


def test_a_stranger_is_not_listened_to() -> None:
    """Heartbeats of services that are no upstream change nothing."""
    liveness = Liveness("state", ("ingest",), DESK, BUILD)
    liveness.on_heartbeat(_beat("risk"), 0)
    assert liveness.reasons(0) == ("ingest: no heartbeat yet",)
