"""The client of the measured desk: bars out, commands back, every entry refused at once.

It speaks the desk's two gRPC services as NinjaTrader does, with one thread per lane. A refused
entry leaves no position, so the next bar of that instrument may bring a command again.
"""

import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import grpc

from benchmarks.desk_bars import IB_MINUTES, MINUTES_MAX, PriceWalk, stamp
from benchmarks.desk_folder import SIGNALS, order_contract
from benchmarks.stopwatch import Arrivals, MeasurementError, TimedCall, Timing, run_calls
from services.domain.instruments import instrument
from services.domain.messages.link import (
    ClientHello,
    CommandsRequest,
    Instruction,
    Report,
    ReportBatch,
    SnapshotPage,
    SnapshotScope,
)
from services.domain.messages.market import (
    Bar,
    ContractSpec,
    FeedAck,
    FeedBatch,
    FeedHello,
    TimeMode,
    Watermark,
)
from services.domain.messages.orders import AccountValues, AckStatus, CommandAck, Holdings
from services.domain.messages.risk import OrderCommand
from services.domain.units import MicroUsd, UnixNanos
from services.ingest.shell import GATEWAY
from services.orders.shell import ROUTER
from services.runtime import codec
from services.runtime.grpc_edge import GrpcService

_CLIENT: Final = "bench"
_NONCE: Final = "bench.1"
_ACCOUNT: Final = "Sim101"
_CASH: Final = MicroUsd(50_000_000_000)
_CALL_S: Final = 10.0
_SETTLE_S: Final = 60.0


class DeskClient:
    """One client of a desk in playback."""

    def __init__(self, feed: str, orders: str, seed: int) -> None:
        self._channels = [grpc.insecure_channel(feed), grpc.insecure_channel(orders)]
        self._feed = _unary(self._channels[0], GATEWAY)
        self._orders = _unary(self._channels[1], ROUTER)
        # Bytes in, bytes out: what is timed is the desk, not the codec of this client.
        self._bars: Callable[..., bytes] = self._channels[0].unary_unary(f"/{GATEWAY.name}/Publish")
        self._tape = PriceWalk(seed)
        self._minute = 0
        self._batch = 0
        self._reported = 0
        self.arrivals = Arrivals()
        """Commands by order contract and stamp."""
        self.settled = Arrivals()
        """Settled stamps by group."""
        self._answers: queue.SimpleQueue[OrderCommand | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    # -- the links --------------------------------------------------------------------------

    def hello(self) -> None:
        """Introduce both clients and open the command stream."""
        specs = tuple(
            ContractSpec(
                contract=name,
                tick_size_e9=instrument(name).tick_e9,
                point_value_micro_usd=instrument(name).point_value_micro_usd,
            )
            for name in SIGNALS
        )
        feed = FeedHello(client=_CLIENT, version="1", mode=TimeMode.PLAYBACK, contracts=specs)
        self._welcome(feed)
        hello = ClientHello(
            client=_CLIENT,
            version="1",
            account=_ACCOUNT,
            mode=TimeMode.PLAYBACK,
            now_ns=stamp(0),
            connection=1,
            nonce=_NONCE,
            run="",
            highest_epoch=0,
            report_stream=_CLIENT,
            last_report_sequence=0,
            oldest_report_sequence=1,
            simulated=True,
        )
        answer = self._orders["Hello"](hello, timeout=_CALL_S, wait_for_ready=True)
        _expect(holds=answer.accepted, message=answer.reason)
        request = CommandsRequest(client=_CLIENT, epoch=answer.epoch, connection=1, nonce=_NONCE)
        self._stream = self._channels[1].unary_stream(f"/{ROUTER.name}/Commands")(
            codec.encode(request)
        )
        for work in (self._read, self._report):
            thread = threading.Thread(target=work, name=work.__name__, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._show_account(answer.epoch)

    def _show_account(self, epoch: int) -> None:
        # A balance stands once it was reported twice: drawdowns begin there.
        for number in (1, 2):
            values = AccountValues(
                report_sequence=number,
                account=_ACCOUNT,
                cash=_CASH,
                realised=MicroUsd(0),
                unrealised=MicroUsd(0),
                at_ns=stamp(0),
                holdings=Holdings(),
            )
            self._send(Report(account=values), stamp(0))
        flat = SnapshotPage(
            client=_CLIENT,
            connection=1,
            nonce=_NONCE,
            epoch=epoch,
            page=1,
            pages=1,
            scope=SnapshotScope.FULL,
            report_sequence=self._reported,
            at_ns=stamp(0),
        )
        shown = self._orders["Snapshot"](flat, timeout=_CALL_S)
        _expect(holds=shown.accepted, message=shown.text)

    def _welcome(self, hello: FeedHello) -> None:
        welcome = self._feed["Hello"](hello, timeout=_CALL_S, wait_for_ready=True)
        _expect(holds=welcome.accepted, message=welcome.reason)

    def _read(self) -> None:
        try:
            for payload in self._stream:
                arrived = time.perf_counter()
                item = codec.decode(Instruction, payload)
                if item.command is not None:
                    key = (item.command.contract, int(item.command.created_ns))
                    self.arrivals.record(key, arrived)
                    self._answers.put(item.command)
                if item.settled is not None:
                    self.settled.record((item.settled.group, item.settled.close_ns), arrived)
        except grpc.RpcError:
            return  # the stream ends with the channel

    def _report(self) -> None:
        while (command := self._answers.get()) is not None:
            number = self._reported + 1
            refusal = CommandAck(
                report_sequence=number,
                command_id=command.command_id,
                status=AckStatus.REFUSED,
                text="a measurement takes no position",
                at_ns=command.created_ns,
            )
            self._send(Report(ack=refusal), command.created_ns)

    def _send(self, report: Report, now: UnixNanos) -> None:
        batch = ReportBatch(
            client=_CLIENT,
            reports=(report,),
            now_ns=now,
            connection=1,
            report_stream=_CLIENT,
        )
        self._orders["Report"](batch, timeout=_CALL_S)
        self._reported += 1

    # -- bars -------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Play the first hour as history and wait until it is settled."""
        for _ in range(IB_MINUTES):
            minute = self._next_minute()
            bars = self._tape.bars(SIGNALS, minute, historical=True)
            self._publish(self._batch_of(bars, minute))
        last = [(group, stamp(self._minute)) for group in SIGNALS]
        _expect(holds=self.settled.wait(last, _SETTLE_S), message="the first hour was not settled")

    def measure(self, schedule: Sequence[tuple[float, int]]) -> Timing:
        """Fire calls at these times with so many instruments each, one minute per call."""
        shots: list[TimedCall] = []
        ready: list[tuple[tuple[Bar, ...], int]] = []
        turns = itertools.cycle(SIGNALS)
        for at_s, count in schedule:
            signals = tuple(itertools.islice(turns, count))
            minute = self._next_minute()
            keys = tuple((order_contract(name), int(stamp(minute))) for name in signals)
            shots.append(TimedCall(at_s, keys))
            ready.append((self._tape.bars(signals, minute), minute))
        batches = iter(ready)

        def prepare(_: TimedCall) -> Callable[[], None]:
            return self._call_of(self._batch_of(*next(batches)))

        return run_calls(prepare, shots, self.arrivals)

    def _next_minute(self) -> int:
        self._minute += 1
        _expect(
            holds=self._minute <= MINUTES_MAX,
            message=f"minute {self._minute} of a day of {MINUTES_MAX}",
        )
        return self._minute

    def _batch_of(self, bars: tuple[Bar, ...], minute: int) -> FeedBatch:
        self._batch += 1
        return FeedBatch(
            client=_CLIENT,
            sequence=self._batch,
            bars=bars,
            watermark=Watermark(now_ns=stamp(minute), report_sequence=self._reported),
        )

    def _publish(self, batch: FeedBatch) -> None:
        self._call_of(batch)()

    def _call_of(self, batch: FeedBatch) -> Callable[[], None]:
        request = codec.encode(batch)

        def call() -> None:
            answer = codec.decode(FeedAck, self._bars(request, timeout=_CALL_S))
            _expect(holds=not answer.refused, message=f"bars refused: {answer.refused}")

        return call

    def close(self) -> None:
        """Hang up."""
        self._answers.put(None)
        self._stream.cancel()
        for thread in self._threads:
            thread.join(2.0)
        for channel in self._channels:
            channel.close()


def _expect(*, holds: bool, message: str) -> None:
    if not holds:
        raise MeasurementError(message)


def _unary(channel: grpc.Channel, service: GrpcService) -> dict[str, Callable[..., Any]]:
    return {
        name: channel.unary_unary(
            f"/{service.name}/{name}", codec.serializer(request), codec.deserializer(reply)
        )
        for name, (request, reply) in service.unary.items()
    }
