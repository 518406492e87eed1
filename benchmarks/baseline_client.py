"""The client of the bare limit, and the limit's two layouts as child processes."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc

from benchmarks.baseline import PAYLOAD, SERVICE
from benchmarks.processes import Children
from benchmarks.stopwatch import Arrivals, Key, TimedCall, Timing, run_calls
from services.launch.private_desk import free_ports

_NUMBER: Final = 8
"""Bytes of the number at the head of a payload."""
_HELLO_S: Final = 0.1
_RELAYS: Final = ("state", "strategies", "risk")
_DECIDES: Final = "risk"
"""Whose message is on the disk before it leaves."""
_RECORDS: Final = "decisions"


class BaselineClient:
    """One client: numbered payloads out, the same numbers back."""

    def __init__(self, address: str, stream_address: str) -> None:
        self._channels = [grpc.insecure_channel(address), grpc.insecure_channel(stream_address)]
        self._publish: Callable[..., bytes] = self._channels[0].unary_unary(f"/{SERVICE}/Publish")
        self._stream = self._channels[1].unary_stream(f"/{SERVICE}/Commands")(
            b"", wait_for_ready=True
        )
        self._numbers = itertools.count(1)
        self.arrivals = Arrivals()
        self._reader = threading.Thread(target=self._read, name="bare-reader", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            for payload in self._stream:
                arrived = time.perf_counter()
                self.arrivals.record(("", int.from_bytes(payload[:_NUMBER], "little")), arrived)
        except grpc.RpcError:
            return  # the stream ends with the channel

    def keys(self, count: int) -> tuple[Key, ...]:
        """Give the next numbers."""
        return tuple(("", next(self._numbers)) for _ in range(count))

    def prepare(self, shot: TimedCall) -> Callable[[], None]:
        """Write one request with a payload per key; the call waits to be made."""
        heads = (number.to_bytes(_NUMBER, "little") for _, number in shot.keys)
        request = b"".join(head.ljust(PAYLOAD, b".") for head in heads)

        def call() -> None:
            self._publish(request, wait_for_ready=True)

        return call

    def is_through(self) -> bool:
        """Tell whether a message finds its way: a SUB that is not yet connected loses the first."""
        shot = TimedCall(0.0, self.keys(1))
        self.prepare(shot)()
        return self.arrivals.wait(shot.keys, _HELLO_S)

    def measure(self, schedule: Sequence[tuple[float, int]]) -> Timing:
        """Fire calls at these times with so many payloads each."""
        shots = [TimedCall(at_s, self.keys(count)) for at_s, count in schedule]
        return run_calls(self.prepare, shots, self.arrivals)

    def close(self) -> None:
        """Hang up."""
        self._stream.cancel()
        self._reader.join(2.0)
        for channel in self._channels:
            channel.close()


@contextmanager
def baseline_chain(logs: Path, *, synced: bool = True) -> Iterator[BaselineClient]:
    """Run the limit in as many processes as the desk has; one sync per message, or none."""
    ports = free_ports(2 + 1 + len(_RELAYS))
    address, stream_address = (f"127.0.0.1:{port}" for port in ports[:2])
    bus = [f"tcp://127.0.0.1:{port}" for port in ports[2:]]
    with Children(logs) as children:
        children.start("ingest", "benchmarks.baseline", "ingest", address, bus[0])
        for name, listen, publish in zip(_RELAYS, bus[:-1], bus[1:], strict=True):
            kept = [str(logs / _RECORDS)] if synced and name == _DECIDES else []
            children.start(name, "benchmarks.baseline", "relay", listen, publish, *kept)
        children.start("orders", "benchmarks.baseline", "orders", bus[-1], stream_address)
        yield from _linked(children, address, stream_address)


@contextmanager
def baseline_single(logs: Path, *, synced: bool = True) -> Iterator[BaselineClient]:
    """Run the limit in one process; one sync per message, or none."""
    address, stream_address = (f"127.0.0.1:{port}" for port in free_ports(2))
    with Children(logs) as children:
        kept = [str(logs / _RECORDS)] if synced else []
        children.start("single", "benchmarks.baseline", "single", address, stream_address, *kept)
        yield from _linked(children, address, stream_address)


def _linked(children: Children, address: str, stream_address: str) -> Iterator[BaselineClient]:
    link = BaselineClient(address, stream_address)
    try:
        children.wait_for(link.is_through, "a message went through the bare limit")
        yield link
    finally:
        link.close()
