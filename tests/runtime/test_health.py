"""The health port: what Prometheus, Kubernetes and `pitwire status` read, over real HTTP."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.domain.errors import ConfigError
from services.domain.messages.risk import Decision
from services.launch.private_desk import free_ports
from services.risk.shell import DECISIONS
from services.runtime.bus import Envelope
from services.runtime.health import Health
from services.runtime.metrics import Metrics
from services.runtime.service_status import ServiceStatus
from tests.support.sample_messages import sample
from tests.support.stream_builder import WALL, envelope


class Port:
    """A health port and its reader."""

    def __init__(self, address: str) -> None:
        self.metrics = Metrics("risk", (DECISIONS,))
        self.health = Health("risk", address, self.metrics)
        self.address = address
        self.health.start()

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of one page."""
        try:
            with urllib.request.urlopen(f"http://{self.address}{path}", timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def series(self) -> dict[str, float]:
        """Every sample of /metrics as `name{labels}`."""
        status, text = self.get("/metrics")
        assert status == 200
        return {
            f"{s.name}{json.dumps(s.labels, sort_keys=True)}": s.value
            for family in text_string_to_metric_families(text)
            for s in family.samples
        }


@pytest.fixture
def port() -> Iterator[Port]:
    """A port that nobody else has."""
    made = Port(f"127.0.0.1:{free_ports(1)[0]}")
    yield made
    made.health.close()


def test_live_while_the_loop_turns(port: Port) -> None:
    """Alive while the service recovers, and up to two seconds after the last turn."""
    assert port.get("/livez")[0] == 200
    port.health.last_turn = time.monotonic()
    assert port.get("/livez")[0] == 200
    port.health.last_turn -= 2.1
    status, text = port.get("/livez")
    assert status == 503
    assert "turned 2." in text


def test_not_ready_says_why_line_by_line(port: Port) -> None:
    """503 with every reason; 200 when there is none."""
    assert port.get("/readyz") == (503, "starting\n")
    reasons = ("no NinjaTrader on the feed link", "state: no heartbeat yet")
    port.health.status = ServiceStatus(service="risk", reasons=reasons)
    assert port.get("/readyz") == (503, "\n".join(reasons) + "\n")
    port.health.status = ServiceStatus(service="risk", ready=True, reasons=())
    assert port.get("/readyz") == (200, "ready\n")


def test_status_is_the_snapshot_as_json(port: Port) -> None:
    """Everything the loop said, the machine's own part included."""
    snapshot = ServiceStatus(
        service="risk", epoch=3, heads={"command": 7}, detail=msgspec.Raw(b'{"state":"HALTED"}')
    )
    port.health.status = snapshot
    status, text = port.get("/status?pretty")
    assert status == 200
    found = json.loads(text)
    assert (found["epoch"], found["heads"], found["detail"]) == (
        3,
        {"command": 7},
        {"state": "HALTED"},
    )


def test_an_unknown_page_names_the_known_ones(port: Port) -> None:
    """404 helps whoever looks."""
    status, text = port.get("/")
    assert status == 404
    assert "/metrics" in text


def test_metrics_count_what_happened(port: Port) -> None:
    """Received, published, decided, refused: each under its labels, as Prometheus reads it."""
    decision = sample(Decision, 0)
    took = envelope(1)
    port.metrics.count_received(took, WALL + 2_000_000)
    port.metrics.count_published(Envelope("decision", 1, 1, WALL, decision))
    port.metrics.count_refused("undecodable")
    port.metrics.count_refused("undecodable")
    port.metrics.epoch.set(4)
    found = port.series()
    expected = {
        'pitwire_received_total{"service": "risk", "type": "MarketMinute"}': 1.0,
        'pitwire_published_total{"service": "risk", "type": "Decision"}': 1.0,
        'pitwire_refused_total{"reason": "undecodable", "service": "risk"}': 2.0,
        'pitwire_hop_seconds_count{"service": "risk", "stream": "market"}': 1.0,
        'pitwire_hop_seconds_bucket{"le": "0.002", "service": "risk", "stream": "market"}': 1.0,
        'pitwire_hop_seconds_bucket{"le": "0.0015", "service": "risk", "stream": "market"}': 0.0,
        'pitwire_epoch{"service": "risk"}': 4.0,
        'pitwire_ready{"service": "risk"}': 0.0,
    }
    assert {key: found[key] for key in expected} == expected
    labels = json.dumps(
        {"reason": decision.code, "service": "risk", "verdict": decision.verdict.name}
    )
    assert found[f"pitwire_decisions_total{labels}"] == 1.0


def test_a_taken_port_is_named(port: Port) -> None:
    """A second service on the port is a configuration error that says which."""
    with pytest.raises(ConfigError, match=port.address):
        Health("state", port.address, port.metrics)


@pytest.mark.parametrize("address", ["9601", "127.0.0.1:", "127.0.0.1:http", ""])
def test_a_malformed_address_is_a_configuration_error(port: Port, address: str) -> None:
    """An http address without host or port stops the start by name, not with a traceback."""
    with pytest.raises(ConfigError, match="http"):
        Health("state", address, port.metrics)
