"""One service as a process: starts, says what it waits for, survives strangers, stops and restarts.

`python -m services.ingest` on a private playback copy of the repository's configuration.
"""

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import zmq

from services.domain.manifest import Manifest
from services.domain.messages.market import FeedBatch
from services.launch.private_desk import write_private_folder
from services.runtime import codec
from tests.support.stream_builder import watermark
from tests.support.waiting import PATIENCE_S, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACTS = ("NQ 03-26", "ES 03-26", "YM 03-26")

pytestmark = pytest.mark.integration


class ServiceFolder:
    """A private configuration folder and the processes started on it."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        found = write_private_folder(
            REPOSITORY / "config", self.config, run="t1", data_contracts=CONTRACTS
        )
        self.manifest: Manifest = found.manifest()
        self.endpoint = self.manifest.endpoints["ingest"]
        self._log = folder / "ingest.log"
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        """Start ingest and do not wait."""
        with self._log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.ingest", str(self.config)],
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def up(self) -> "subprocess.Popen[bytes]":
        """Start ingest; come back when it is alive."""
        process = self.start()
        wait_until(lambda: process.poll() is not None or self.get("/livez")[0] == 200, "not alive")
        wait_until(lambda: process.poll() is not None or self.status()["epoch"] > 0, "no status")
        assert process.poll() is None, self.text()
        return process

    def get(self, path: str) -> tuple[int, str]:
        """A page of the health port; 0 while there is none."""
        try:
            with urllib.request.urlopen(f"http://{self.endpoint.http}{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def status(self) -> dict[str, Any]:
        """What the loop last said."""
        found: dict[str, Any] = json.loads(self.get("/status")[1] or '{"epoch": 0}')
        return found

    def refused(self) -> float:
        """How many foreign bytes were counted."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(x.rpartition(" ")[2]) for x in lines if x.startswith("pitwire_refused_t"))

    def text(self) -> str:
        """What the last process wrote."""
        return self._log.read_text()

    def ended(self) -> tuple[int, str]:
        """Start ingest, wait for its end: exit code and text."""
        code = self.start().wait(PATIENCE_S)
        return code, self.text()

    def close(self) -> None:
        """End what a failed test left running."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ServiceFolder]:
    """A desk of its own, on free ports."""
    made = ServiceFolder(tmp_path)
    yield made
    made.close()


def _tcp(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return host, int(port)


def _publish(address: str, payload: bytes) -> grpc.Future:
    channel = grpc.insecure_channel(address)
    stub = channel.unary_unary("/pitwire.market.v1.IngestGateway/Publish")
    return stub.future(payload, timeout=PATIENCE_S)


def test_it_lives_and_waits_for_ninjatrader(desk: ServiceFolder) -> None:
    """Alive, not ready, and saying in words what is missing; SIGTERM ends it with 0."""
    process = desk.up()
    status, text = desk.get("/readyz")
    assert (status, text) == (503, "no NinjaTrader on the feed link\n")
    assert desk.status()["run"] == "t1"
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    last = json.loads(desk.text().splitlines()[-1])
    assert (last["event"], last["service"]) == ("stopped", "ingest")


def test_strangers_are_counted_and_survived(desk: ServiceFolder) -> None:
    """Junk on the gRPC, replay, publish and health ports: counted where it can be, never fatal."""
    process = desk.up()
    error = _publish(desk.endpoint.edge, b"\xff" * 64).exception()
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.setsockopt(zmq.LINGER, 1_000)
        stranger.connect(desk.endpoint.replay)
        stranger.send_multipart((b"GET", b"/"))
        wait_until(lambda: desk.refused() == 2, "the stranger was not counted")
    for address in (
        desk.endpoint.publish,
        desk.endpoint.replay,
        desk.endpoint.edge,
        desk.endpoint.http,
    ):
        with socket.create_connection(_tcp(address), timeout=5) as raw:
            raw.sendall(b"\x00\xff GET / HTTP/9\r\n\r\n" * 50)
    assert desk.get("/livez")[0] == 200
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0


def test_a_client_that_sent_no_hello_is_answered(desk: ServiceFolder) -> None:
    """A well-formed batch of a stranger gets an answer from the machine, and the desk goes on."""
    process = desk.up()
    batch = codec.encode(FeedBatch(client="nobody", sequence=1, watermark=watermark(0)))
    future = _publish(desk.endpoint.edge, batch)
    wait_until(future.done, "no answer")
    assert process.poll() is None, desk.text()
    assert desk.get("/livez")[0] == 200


def test_a_stop_waits_for_nobody(desk: ServiceFolder) -> None:
    """A client in the middle of its calls does not hold the process up: it ends before they do."""
    process = desk.up()
    batch = codec.encode(FeedBatch(client="nobody", sequence=1, watermark=watermark(0)))
    channel = grpc.insecure_channel(desk.endpoint.edge)
    stub = channel.unary_unary("/pitwire.market.v1.IngestGateway/Publish")
    process.send_signal(signal.SIGTERM)
    calls = [stub.future(batch, timeout=100 * PATIENCE_S) for _ in range(50)]
    assert process.wait(PATIENCE_S) == 0
    for call in calls:
        call.cancel()
    channel.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the platform has no kill -9")
def test_a_kill_and_a_restart_raise_the_epoch(desk: ServiceFolder) -> None:
    """The same folder, the same journal, the next epoch."""
    for epoch in (1, 2, 3):
        process = desk.up()
        assert desk.status()["epoch"] == epoch
        process.kill()
        process.wait()


def test_a_second_process_is_refused(desk: ServiceFolder) -> None:
    """The same service twice: the second ends with 2 and the first goes on."""
    first = desk.up()
    code, text = desk.ended()
    assert code == 2
    assert desk.endpoint.http in text or "held by another process" in text
    assert first.poll() is None
    assert desk.get("/livez")[0] == 200


def test_a_bad_key_is_named(desk: ServiceFolder) -> None:
    """Exit 2; file and key in the text, no traceback."""
    with (desk.config / "ingest.toml").open("a") as file:
        file.write("\nfuture_hours_max = 1\n")
    code, text = desk.ended()
    assert code == 2
    assert "ingest.toml" in text
    assert "future_hours_max" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("door", ["publish", "replay", "http", "edge"])
def test_a_taken_port_is_named(desk: ServiceFolder, door: str) -> None:
    """Exit 2; the port in the text, no traceback."""
    address = getattr(desk.endpoint, door)
    with socket.socket() as taken:
        taken.bind(_tcp(address))
        taken.listen()
        code, text = desk.ended()
    assert code == 2, text
    assert address.removeprefix("tcp://") in text
    assert "Traceback" not in text


def test_a_damaged_journal_stops_the_start(desk: ServiceFolder) -> None:
    """Exit 1 and the file's name, this time and the next, until somebody has looked."""
    process = desk.up()
    process.kill()
    process.wait()
    journal = Path(desk.manifest.data_dir) / "t1" / "ingest"
    (journal / "2026-02-06.sqlite").write_bytes(b"no database at all " * 500)
    for _ in range(2):
        code, text = desk.ended()
        assert code == 1, text
        assert "2026-02-06" in text
        assert "Traceback" not in text


def test_a_missing_folder_and_wrong_arguments_are_named(tmp_path: Path) -> None:
    """Exit 2 with the path, or with the usage."""
    for arguments, words in (([str(tmp_path / "no")], "no *.toml found"), ([], "usage: python -m")):
        done = subprocess.run(
            [sys.executable, "-m", "services.ingest", *arguments],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 2
        assert words in done.stderr
