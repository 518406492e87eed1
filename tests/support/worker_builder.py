"""A strategy worker in memory: a host with instances, fed minute by minute."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from services.domain.errors import ConfigError
from services.domain.manifest import Group, Manifest, StrategySlot, TradeRow
from services.domain.messages.market import TimeMode
from services.domain.messages.risk import LedgerMark, Position, PositionState
from services.domain.messages.session import SessionMinute, SessionUpdate
from services.domain.messages.strategy import Evaluated, Evaluation, Side
from services.domain.messages.union import Message
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.strategies.catalog_index import load
from services.strategies.config import StrategyBlock
from services.strategies.host import Host
from tests.support.session_builder import DATE, ES, MES, MNQ, NQ, YM, at, calendar

INDEX = Group(
    name="index",
    trade=(TradeRow(signal=NQ, orders=MNQ), TradeRow(signal=ES, orders=MES)),
    watched=(YM,),
)


def manifest(*slots: StrategySlot, groups: tuple[Group, ...] = (INDEX,)) -> Manifest:
    """Make a desk with these instances."""
    return Manifest(
        desk="test",
        run="run-1",
        account="Sim101",
        mode=TimeMode.PLAYBACK,
        data_dir="unused",
        groups=groups,
        slots=slots,
        endpoints={},
        config_hash="0",
    )


def slot(name: str, block: StrategyBlock, signal: str = NQ) -> StrategySlot:
    """Make the slot of a block that declares what its file reads."""
    strategy, reads = block.strategy or name, frozenset(block.reads)
    with suppress(ConfigError):  # the worker will refuse it
        reads = load(block.package, strategy)[1].READS
    return StrategySlot(
        name=name,
        strategy=strategy,
        package=block.package,
        worker=block.worker,
        signal=signal,
        priority=block.priority,
        reads=reads,
    )


def worker(blocks: dict[str, StrategyBlock], *, signal: str = NQ, deadline_ms: int = 250) -> Host:
    """Make a host that runs every block on one signal contract."""
    slots = [slot(name, block, signal) for name, block in blocks.items()]
    deadline = {"decision_deadline_ms": deadline_ms}
    return Host(manifest(*slots), "strategies", blocks, calendar(), **deadline)


def solo(strategy: str, *, signal: str = NQ, **params: object) -> Host:
    """Make a host with one strategy of the catalog and these parameters."""
    return worker({strategy: StrategyBlock(params=params)}, signal=signal)


def minute(*updates: SessionUpdate, group: str = "index", **fields: Any) -> SessionMinute:
    """Make the minute that closed with these updates."""
    present = tuple(update.contract for update in updates)
    closed = SessionMinute(
        group=group,
        close_ns=updates[0].close_ns,
        trade_date=updates[0].trade_date,
        updates=updates,
        missing=tuple(name for name in (NQ, ES, YM) if name not in present),
        historical=all(update.historical for update in updates),
    )
    return msgspec.structs.replace(closed, **fields)


def evaluated(host: Host, *messages: Message, now: UnixNanos | None = None) -> list[Evaluated]:
    """Hand messages over and give every minute that was evaluated."""
    moment = at(390) if now is None else now
    given = [out for message in messages for out in host.on_message(message, moment)]
    return [out for out in given if isinstance(out, Evaluated)]


def send(host: Host, *messages: Message, now: UnixNanos | None = None) -> list[Evaluation]:
    """Hand messages over and give the answers they lead to."""
    return [answer for out in evaluated(host, *messages, now=now) for answer in out.answers]


def step(host: Host, *updates: SessionUpdate) -> Evaluation:
    """Feed one minute to a host with one instance and give its answer."""
    (answer,) = send(host, minute(*updates), now=updates[0].close_ns)
    return answer


def run(host: Host, updates: Iterable[SessionUpdate]) -> list[Evaluation]:
    """Feed a day of one contract to a host with one instance."""
    return [step(host, update) for update in updates]


def assert_causal(
    make: Callable[[], Host],
    bars: Sequence[SessionUpdate],
    *,
    signals_min: int,
    cuts: Sequence[int],
) -> None:
    """Claim that answers up to a bar are the same whether or not later bars exist.

    `signals_min`: candidates the whole day must bring, so that the claim is about something.
    """
    whole = run(make(), bars)
    assert sum(len(answer.candidates) for answer in whole) >= signals_min
    for cut in cuts:
        assert run(make(), bars[:cut]) == whole[:cut]


def code(answer: Evaluation) -> str:
    """Give the answer's model, or the code of its refusal."""
    if answer.candidates:
        return answer.candidates[0].model
    assert answer.no_trade is not None, "an evaluation without candidates says why"
    return answer.no_trade.code


def position(strategy: str, **fields: Any) -> Position:
    """Make an open long position of an instance, entered at minute 61 at 24,010."""
    held = Position(
        position_id="p1",
        account="Sim101",
        strategy=strategy,
        contract=NQ,
        order_contract=MNQ,
        state=PositionState.OPEN,
        side=Side.LONG,
        quantity=Contracts(1),
        entered=Contracts(1),
        entry_price=24_010.0 * 4,
        entry_ns=at(61),
        signal_ns=at(61),
        trade_date=DATE,
        realised=MicroUsd(0),
        commissions=MicroUsd(0),
        report_sequence=1,
    )
    return msgspec.structs.replace(held, **fields)


def mark(sequence: int) -> LedgerMark:
    """Say that reports up to a sequence are folded."""
    return LedgerMark(report_sequence=sequence, at_ns=at(61))
