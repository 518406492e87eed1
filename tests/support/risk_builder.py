"""Risk alone, in memory: a gate driven by messages, and a journal of what it took and gave."""

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

from services.domain.calendar import Calendar, et_ns
from services.domain.manifest import Group, Manifest, StrategySlot, TradeRow
from services.domain.messages.market import DeltaSource, TimeMode
from services.domain.messages.orders import (
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    Holdings,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action, Decision, OrderCommand
from services.domain.messages.session import Phase, SessionMinute, SessionUpdate
from services.domain.messages.strategy import (
    Adjustment,
    AdjustmentKind,
    Candidate,
    Confidence,
    Evaluated,
    Evaluation,
    Side,
)
from services.domain.messages.union import Event, Message
from services.domain.minute_parts import parts_of
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import RiskConfig
from services.risk.settings.limits_in_units import limits_in_units
from tests.support.account_limits import ACCOUNT_LIMITS
from tests.support.risk_values import ORDINARY
from tests.support.session_builder import with_values
from tests.support.tidy import ROOT

NQ: Final = "NQ 03-26"
MNQ: Final = "MNQ 03-26"
ES: Final = "ES 03-26"
MES: Final = "MES 03-26"
YM: Final = "YM 03-26"
DATE: Final = "2026-02-06"
ACCOUNT: Final = "Sim101"
CLOSE: Final = Ticks(100_000)
"""Where every contract closes unless told otherwise; NQ 25000.00."""
CONFIG_HASH: Final = "00c0ffee"
"""Of every strategy's parameters here."""
SIGNALS: Final = {"reversal": NQ, "fade": NQ, "es_fade": ES}
ORDERS: Final = {NQ: MNQ, ES: MES}
_PRIORITIES: Final = {"reversal": 10, "fade": 50, "es_fade": 60}

_SHIPPED: Final = tomllib.loads((ROOT / "config" / "limits_demo.toml").read_text(encoding="utf-8"))
"""What a key is that the tables above and below do not set: a new limit's own test sets it."""
T = TypeVar("T")
Entry: TypeAlias = tuple[str, Message | None, UnixNanos]
"""Journal line: `in`, `timer` or `out`, message, time handed over; outputs whole."""


@cache
def calendar() -> Calendar:
    """The desk's calendar, made once."""
    return Calendar()


def at(clock: str, date: str = DATE) -> UnixNanos:
    """The instant of a New York wall clock on a date."""
    return et_ns(date, clock)


def config(**changes: Any) -> RiskConfig:
    """Limits that let an ordinary trade pass, with these changes."""
    return RiskConfig(**(_SHIPPED | ORDINARY | ACCOUNT_LIMITS | changes))


def manifest() -> Manifest:
    """A desk with two strategies on NQ and one on ES, in one group."""
    group = Group(
        name="index",
        trade=(TradeRow(signal=NQ, orders=MNQ), TradeRow(signal=ES, orders=MES)),
        watched=(YM,),
    )
    slots = tuple(
        StrategySlot(
            name=name,
            strategy=name,
            package="services.strategies.catalog",
            worker="strategies",
            signal=signal,
            priority=_PRIORITIES[name],
        )
        for name, signal in SIGNALS.items()
    )
    return Manifest(
        desk="test",
        run="run-1",
        account=ACCOUNT,
        mode=TimeMode.PLAYBACK,
        data_dir="unused",
        groups=(group,),
        slots=slots,
        endpoints={},
        config_hash="0",
    )


def candidate(strategy: str, close_ns: UnixNanos, /, **changes: Any) -> Candidate:
    """A LONG at 100000 with 40 ticks of stop and 80 of target."""
    signal = SIGNALS.get(strategy, NQ)
    fields: dict[str, Any] = {
        "candidate_id": f"c{strategy}{close_ns}",
        "strategy": strategy,
        "wire_name": strategy,
        "model": "MODEL",
        "contract": signal,
        "order_contract": ORDERS[signal],
        "trade_date": DATE,
        "close_ns": close_ns,
        "side": Side.LONG,
        "entry": CLOSE,
        "stop": Ticks(CLOSE - 40),
        "target": Ticks(CLOSE + 80),
        "confidence": Confidence.HIGH,
        "score": 1.0,
        "reason": "test",
    }
    return Candidate(**(fields | changes))


def update(contract: str, close_ns: UnixNanos, **changes: Any) -> SessionUpdate:
    """A sound reading at 100000 ticks."""
    close = changes.get("close", CLOSE)
    fields: dict[str, Any] = {
        "contract": contract,
        "trade_date": DATE,
        "close_ns": close_ns,
        "phase": Phase.AM,
        "historical": False,
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": Contracts(100),
        "delta_source": DeltaSource.NONE,
    }
    return with_values(SessionUpdate(**fields), **({"atr14_1m": 40.0} | changes))


def session_minute(
    close_ns: UnixNanos, *readings: SessionUpdate, date: str = DATE, **changes: Any
) -> SessionMinute:
    """A closed minute of these readings; of every contract unless told otherwise."""
    fields: dict[str, Any] = {
        "group": "index",
        "close_ns": close_ns,
        "trade_date": date,
        "updates": readings or tuple(update(c, close_ns, trade_date=date) for c in (NQ, ES, YM)),
        "historical": False,
    }
    return SessionMinute(**(fields | changes))


def evaluated(
    strategy: str, close_ns: UnixNanos, *requests: Candidate | Adjustment, date: str = DATE
) -> Evaluated:
    """A strategy's answer to a minute."""
    answer = Evaluation(
        strategy=strategy,
        version="1",
        contract=SIGNALS.get(strategy, NQ),
        candidates=tuple(x for x in requests if isinstance(x, Candidate)),
        adjustments=tuple(x for x in requests if isinstance(x, Adjustment)),
        config=CONFIG_HASH,
    )
    return Evaluated(group="index", close_ns=close_ns, trade_date=date, answers=(answer,))


def adjustment(
    strategy: str, position_id: str, kind: AdjustmentKind, price: int | None = None
) -> Adjustment:
    """What a strategy asks of its own position."""
    return Adjustment(
        strategy=strategy,
        position_id=position_id,
        kind=kind,
        code="ASKED",
        price=None if price is None else Ticks(price),
        reason="test",
    )


class RiskDesk:
    """A gate and what it has been told: reports are numbered here as the client numbers them."""

    def __init__(self, limits: RiskConfig | None = None, gate: Gate | None = None) -> None:
        self.limits = limits or config()
        self.gate = gate or Gate(self.limits, manifest(), calendar())
        self.now = at("09:30", "2025-12-01")
        self.reports = 0
        self.journal: list[Entry] = []

    def send(self, *messages: Message, now: UnixNanos | None = None) -> list[Event]:
        """Hand messages over at a time that never goes back; give all they lead to, in parts."""
        return split_minutes(self.publish(*messages, now=now))

    def publish(self, *messages: Message, now: UnixNanos | None = None) -> list[Message]:
        """Hand messages over like `send`; give what is published, as it is."""
        self.now = max(self.now, now or self.now)
        outputs: list[Message] = []
        for message in messages:
            self.journal.append(("in", message, self.now))
            given = list(self.gate.on_message(message, self.now))
            self.journal += [("out", out, self.now) for out in given]
            outputs += given
        return outputs

    def advance(self, now: UnixNanos) -> list[Event]:
        """Let the clock reach a time: fires whatever is due until then; give it in parts."""
        outputs: list[Event] = []
        self.now = max(self.now, now)
        for _ in range(100):
            due = self.gate.next_deadline()
            if due is None or due > self.now:
                return outputs
            self.journal.append(("timer", None, self.now))
            given = list(self.gate.on_timer(self.now))
            self.journal += [("out", out, self.now) for out in given]
            outputs += split_minutes(given)
        raise AssertionError(f"100 timers due at {self.now}")

    def outputs(self) -> list[Event]:
        """Everything the journal has of the gate's words, in parts."""
        return split_minutes([m for kind, m, _ in self.journal if kind == "out" and m is not None])

    def link(
        self,
        state: LinkState = LinkState.RECONCILED,
        *,
        simulated: bool = True,
        version: str = "",
    ) -> list[Event]:
        """The client connects."""
        status = LinkStatus(
            report_sequence=self.reports,
            client="nt",
            account=ACCOUNT,
            state=state,
            text="",
            at_ns=self.now,
            simulated=simulated,
            version=version,
        )
        return self.send(status)

    def minute(
        self,
        clock: str,
        *requests: Candidate | Adjustment,
        date: str = DATE,
        closes: dict[str, int] | None = None,
        **changes: Any,
    ) -> list[Event]:
        """One minute from its bars to its settlement; every strategy evaluates."""
        close_ns, prices = at(clock, date), closes or {}
        readings = [
            update(name, close_ns, close=Ticks(prices.get(name, CLOSE)), trade_date=date)
            for name in (NQ, ES, YM)
        ]
        minute = session_minute(close_ns, *readings, date=date, **changes)
        outputs = self.send(minute, now=close_ns)
        for name in SIGNALS:
            own = [x for x in requests if x.strategy == name]
            outputs += self.send(evaluated(name, close_ns, *own, date=date))
        return outputs

    def enter(self, strategy: str, clock: str, **changes: Any) -> OrderCommand:
        """Have an entry approved and filled at its reference price."""
        wanted = candidate(strategy, at(clock), **changes)
        (command,) = only(OrderCommand, self.minute(clock, wanted))
        self.send(self.ack(command), self.fill(command, CLOSE))
        self.send(*self.bracket(command))
        return command

    # -- the client's words -----------------------------------------------------------------

    def flat_account(self) -> AccountValues:
        """The account as the limits state its start, nothing held."""
        self.reports += 1
        return AccountValues(
            report_sequence=self.reports,
            account=ACCOUNT,
            cash=MicroUsd(round((self.limits.start_equity_usd or 0.0) * 1_000_000)),
            realised=MicroUsd(0),
            unrealised=MicroUsd(0),
            at_ns=self.now,
            holdings=Holdings(),
        )

    def ack(self, command: OrderCommand, status: AckStatus = AckStatus.ACCEPTED) -> CommandAck:
        """The client's first answer."""
        self.reports += 1
        return CommandAck(
            report_sequence=self.reports,
            command_id=command.command_id,
            status=status,
            text="",
            at_ns=self.now,
        )

    def order(self, command: OrderCommand, status: OrderStatus, **changes: Any) -> OrderUpdate:
        """A state of one of the position's orders; the entry's unless told otherwise."""
        self.reports += 1
        fields: dict[str, Any] = {
            "report_sequence": self.reports,
            "command_id": command.command_id,
            "position_id": command.position_id,
            "contract": command.contract,
            "role": OrderRole.ENTRY,
            "status": status,
            "quantity": command.quantity,
            "filled": Contracts(0),
            "at_ns": self.now,
        }
        return OrderUpdate(**(fields | changes))

    def bracket(
        self, command: OrderCommand, status: OrderStatus = OrderStatus.WORKING
    ) -> tuple[OrderUpdate, OrderUpdate]:
        """The position's stop and target take a state, at the prices commanded."""
        stop = self.order(command, status, role=OrderRole.STOP, price=command.stop)
        target = self.order(command, status, role=OrderRole.TARGET, price=command.target)
        return stop, target

    def fill(self, command: OrderCommand, price: int, **changes: Any) -> Execution:
        """A fill of a whole entry; of another role with `role=` and the other side."""
        self.reports += 1
        role = changes.get("role", OrderRole.ENTRY)
        enters = (command.action is Action.ENTER_LONG) == (role is OrderRole.ENTRY)
        fields: dict[str, Any] = {
            "report_sequence": self.reports,
            "execution_id": f"e{self.reports}",
            "command_id": command.command_id,
            "position_id": command.position_id,
            "account": ACCOUNT,
            "contract": command.contract,
            "role": role,
            "side": Side.LONG if enters else Side.SHORT,
            "quantity": command.quantity,
            "price": Ticks(price),
            "commission": MicroUsd(620_000),
            "at_ns": self.now,
        }
        return Execution(**(fields | changes))


def ready_desk(limits: RiskConfig | None = None) -> RiskDesk:
    """A desk whose client is connected and reconciled; where a drawdown is on, with its start."""
    desk = RiskDesk(limits)
    desk.link()
    if limits_in_units(desk.limits, ORDERS.values()).has_drawdown:
        desk.send(desk.flat_account(), desk.flat_account())
    return desk


def only(kind: type[T], outputs: Iterable[Event]) -> list[T]:
    """The outputs of one kind."""
    return [out for out in outputs if isinstance(out, kind)]


def decision_on(wanted: Candidate, outputs: Iterable[Event]) -> Decision:
    """The decision on one candidate."""
    (found,) = [d for d in only(Decision, outputs) if d.candidate_id == wanted.candidate_id]
    return found


def split_minutes(outputs: Iterable[Message]) -> list[Event]:
    """Outputs in the order in which they happened, minutes in parts."""
    return [part for output in outputs for part in parts_of(output)]


def replay_from(desk: RiskDesk, cut: int) -> tuple[list[Message], list[Message]]:
    """Fold the journal up to a cut into a new gate and run the rest: outputs then, outputs now."""
    gate = Gate(desk.limits, manifest(), calendar())
    for entry in desk.journal[:cut]:
        fold(gate, entry)
    before, after = [], []
    for kind, message, now in desk.journal[cut:]:
        if kind == "out" and message is not None:
            before.append(message)
        else:
            after += decide(gate, message, now)
    return before, after


def fold(gate: Gate, entry: Entry) -> None:
    """Fold one line of the journal."""
    kind, message, now = entry
    if kind == "in" and message is not None:
        gate.fold_input(message, now)
    elif kind == "out" and message is not None:
        gate.fold_output(message)


def decide(gate: Gate, message: Message | None, now: UnixNanos) -> list[Message]:
    """Hand over an input, or let a timer fire where there is none."""
    return list(gate.on_timer(now) if message is None else gate.on_message(message, now))
