"""What risk publishes: decisions on candidates, commands, positions, the end of each minute."""

from enum import Enum
from typing import Final

import msgspec

from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos


class Verdict(Enum):
    """What became of a candidate."""

    APPROVED = 1
    REFUSED = 2
    """A limit refused it; `code` names which."""
    SUPPRESSED = 3
    """Another candidate of the same stamp had priority."""


class Check(msgspec.Struct, frozen=True, gc=False):
    """One control evaluated for one candidate."""

    code: str
    """The refusal code it would give: `DAILY_LOSS`."""
    passed: bool
    text: str
    """One sentence with numbers."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The verdict on one candidate, with every limit that was checked."""

    candidate_id: str
    strategy: str
    contract: str
    order_contract: str
    close_ns: UnixNanos
    trade_date: str
    verdict: Verdict
    code: str
    """`APPROVED`, or the first refusal code."""
    text: str
    """One sentence with numbers."""
    quantity: Contracts
    """Approved size; 0 unless approved."""
    checks: tuple[Check, ...] = ()
    """Controls that refuse, in order. Journals of before `passed` hold those that pass as well."""
    suppressed_by: str = ""
    """Candidate id of the winner, for SUPPRESSED."""
    passed: tuple[str, ...] = ()
    """Codes of the controls that let pass, in order."""


class Action(Enum):
    """What NinjaTrader has to do."""

    ENTER_LONG = 1
    ENTER_SHORT = 2
    EXIT = 3
    MOVE_STOP = 4
    MOVE_TARGET = 5
    CANCEL = 6
    """Cancel the working entry of a position that has not filled."""
    FLATTEN = 7
    """Cancel everything and close whatever is held in the contract."""


_ENTRY_SIDES: Final = {Action.ENTER_LONG: Side.LONG, Action.ENTER_SHORT: Side.SHORT}


class OrderCommand(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order intent; only risk makes one. Committed before the first byte leaves."""

    command_id: str
    """Entry: the candidate id. Others: hash(position id, reason, count). At most 30 characters."""
    account: str
    contract: str
    """Order contract."""
    action: Action
    position_id: str
    """The entry command's id; empty for FLATTEN of a contract."""
    strategy: str
    quantity: Contracts
    """Entry: contracts to buy or sell. Others: 0, the whole position is meant."""
    entry_reference: Ticks | None = None
    """Signal price the market order is judged against, ticks of the order contract."""
    stop: Ticks | None = None
    """Entry and MOVE_STOP."""
    target: Ticks | None = None
    """Entry and MOVE_TARGET."""
    adjustment_ticks: int = 0
    """Whole ticks added to the signal contract's prices to get these; recorded, 0 by default."""
    created_ns: UnixNanos
    """Stamp or clock at the decision."""
    expires_ns: UnixNanos
    """NinjaTrader refuses an entry after this, on the clock in force."""
    code: str
    """Why: strategy model for entries, exit reason for others."""
    epoch: int = 0
    """Boot epoch of risk when it approved."""
    limits_hash: str = ""
    """Of the limits active when it approved."""
    approval: str = ""
    """Keyed digest (domain/approval.py); nothing leaves the router without it."""

    @property
    def entry_side(self) -> Side | None:
        """The side an entry opens; None: it is no entry."""
        return _ENTRY_SIDES.get(self.action)

    @property
    def is_entry(self) -> bool:
        """It adds risk."""
        return self.action in _ENTRY_SIDES


class PositionState(Enum):
    """State of a position."""

    OPENING = 1
    """Commanded, nothing filled yet."""
    OPEN = 2
    """Filled, at least in part."""
    CLOSING = 3
    """An exit is on its way."""
    CLOSED = 4
    """Nothing is held any more, or nothing ever was."""
    UNKNOWN = 5
    """The outcome of the entry is not known: counts in full, blocks entries."""


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One position of one strategy; risk is the only owner of positions and profit."""

    position_id: str
    """The id of its entry command."""
    account: str
    """NinjaTrader account."""
    strategy: str
    """Instance that asked for it."""
    contract: str
    """Signal contract."""
    order_contract: str
    """The contract traded."""
    state: PositionState
    """Where it stands."""
    side: Side
    """Its direction."""
    quantity: Contracts
    """Contracts held now, ≥ 0."""
    entered: Contracts
    """Contracts ever filled on the entry."""
    entry_price: float | None = None
    """Average fill, float ticks; None before the first fill is known."""
    entry_ns: UnixNanos | None = None
    """Time of the first fill; None before it is known."""
    exit_price: float | None = None
    """Average exit fill, float ticks; None until CLOSED."""
    exit_ns: UnixNanos | None = None
    """Time of the last exit fill; None until CLOSED."""
    exit_code: str = ""
    """STOP, TARGET, or the exit command's code."""
    stop: Ticks | None = None
    """Working stop, as last confirmed or commanded; None where there is none."""
    target: Ticks | None = None
    """Working target, likewise; None where there is none."""
    initial_stop: Ticks | None = None
    """The stop it was entered with; None where there was none."""
    signal_ns: UnixNanos
    """Stamp of the candidate."""
    trade_date: str
    """ISO date it was opened on."""
    realised: MicroUsd
    """After commissions, micro-dollars."""
    commissions: MicroUsd
    """Paid so far."""
    report_sequence: int
    """Number of the last report folded."""
    protected: bool = False
    """The client has confirmed a working stop; meaningless while nothing is held."""


class LedgerMark(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Reports up to this sequence are folded and every position they changed has been published."""

    report_sequence: int
    at_ns: UnixNanos


class TradingState(Enum):
    """What the desk may do."""

    ACTIVE = 1
    REDUCING = 2
    """Only exits (daily loss, kill without flatten, end of day)."""
    HALTED = 3
    """Something is in doubt: no entries until an operator resumes or the cause is gone."""
    KILLED = 4
    """Latched by an operator; survives restarts."""


class StateChanged(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The trading state, when it changes and at the start of a date; or a latch that tripped."""

    state: TradingState
    reason: str
    at_ns: UnixNanos
    code: str = ""
    """The latch that tripped, by its refusal code: `DAILY_LOSS`; empty: only the state changed."""
    scope: str = ""
    """The strategy the latch is for; empty: the desk."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something an operator should look at; it blocks nothing by itself."""

    code: str
    """`SLIPPAGE`, `UNPROTECTED` …"""
    text: str
    """One sentence with numbers."""
    at_ns: UnixNanos
    position_id: str = ""
    """The position it is about; empty: none."""


class BarSettled(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Risk is done with this stamp of this group: every command it causes has been published."""

    group: str
    close_ns: UnixNanos
    trade_date: str
    candidates: int
    commands: int
    late: tuple[str, ...] = ()
    """Strategies that had not evaluated by the deadline."""
    realised: MicroUsd
    """Account, this trade date, after commissions."""
    unrealised: MicroUsd
    state: TradingState


class RiskMinute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One minute as risk decided it: what was asked for, what is commanded, and that it is done."""

    decisions: tuple[Decision, ...] = ()
    """On every candidate of the minute, by priority."""
    commands: tuple[OrderCommand, ...] = ()
    """Exits first, then moves, then entries."""
    settled: BarSettled


class StrategyKill(msgspec.Struct, frozen=True, gc=False):
    """A strategy that an operator has killed."""

    strategy: str
    reason: str
    flatten: bool
    """Its positions are being closed."""


class Latch(msgspec.Struct, frozen=True, gc=False):
    """A limit that was breached and stays in effect until it is reset."""

    code: str
    """Its refusal code: `WEEKLY_LOSS`."""
    scope: str
    """The strategy it is for; empty: the desk."""
    reason: str
    """One sentence with numbers: how it was reached."""


class LossStreak(msgspec.Struct, frozen=True, gc=False):
    """Losses in a row."""

    scope: str
    """Strategy; empty: the account."""
    losses: int
    last_ns: UnixNanos
    """When the last of them was closed."""


class EquityCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Equity, latches and streaks carried into a new trade date."""

    realised: MicroUsd
    """Since the run began, after commissions."""
    intraday_peak: MicroUsd
    """Highest equity seen in the run, open profit included."""
    end_of_day_peak: MicroUsd
    """Highest balance a trade date of the run has ended with."""
    base_balance: MicroUsd | None = None
    """NinjaTrader's cash less what we realised since the run began, shown by two reports in a row;
    None: there were none."""
    excess_margin: MicroUsd | None = None
    """NinjaTrader's excess margin."""
    account_values_ns: UnixNanos | None = None
    """When NinjaTrader read the account."""
    latches: tuple[Latch, ...] = ()
    """Those that a new date does not reset."""
    streaks: tuple[LossStreak, ...] = ()
    """Those that only a resume ends."""
    loss_velocity_breaches: int = 0
    """How often the loss velocity was breached, where that waits for a resume."""
    pending_base: MicroUsd | None = None
    """What the last report shows as `base_balance`, where it is another; None: it is not."""
    reported_start: MicroUsd | None = None
    """Balance the run began with, as the account reports it; None: it has not."""
    week_open_profit: MicroUsd = MicroUsd(0)
    """Open profit with which the week began."""


class ContractMark(msgspec.Struct, frozen=True, gc=False):
    """The last close of a signal contract."""

    contract: str
    price: Ticks


class EntryInFlight(msgspec.Struct, frozen=True, gc=False):
    """What the entry of a position may still fill."""

    position_id: str
    quantity: Contracts


class OrphanKind(Enum):
    """What it does: ENTRY opens a position, STOP and TARGET may protect, EXTERNAL is a hand's."""

    ENTRY = 1
    STOP = 2
    TARGET = 3
    EXTERNAL = 4


class OrphanOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order that works on the account and that the desk does not know, or knows to be over."""

    name: str
    kind: OrphanKind
    position_id: str
    """Empty for EXTERNAL."""
    contract: str
    text: str
    """Side, size, contract and price in words."""
    since_ns: UnixNanos
    """When a snapshot first showed it, on risk's clock."""
    alert_due_ns: UnixNanos
    alerted: bool = False
    called_ns: UnixNanos | None = None
    """When an operator was last called because it still works."""


class PlatformCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What stood between the client and the market, as it last reported it (`PlatformState`)."""

    account: str
    prices_connected: bool
    orders_connected: bool
    trading_enabled: bool
    killed_by: str
    """Who set the client's kill latch; empty: it is not killed."""
    quiet_until_ns: UnixNanos | None = None
    """Until when it refuses entries after a reconnect; None: it does not."""


class LedgerCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What risk takes into a new trade date: first record of its journal."""

    trade_date: str
    at_ns: UnixNanos
    positions: tuple[Position, ...]
    """Not closed."""
    week_realised: MicroUsd
    """Realised since the first session of the week."""
    report_sequence: int
    state: TradingState
    reason: str
    linked: bool
    """The client was connected and reconciled."""
    strategy_kills: tuple[StrategyKill, ...] = ()
    kill_flattens: bool = False
    """A kill that also closes everything is in force."""
    simulated: bool | None = None
    """What the client reported of its account."""
    equity: EquityCarry | None = None
    """None: written by a desk without these limits; they begin anew."""
    preflight_failure: str = ""
    """Failures of the last preflight; empty: none."""
    reports_required: bool = False
    """Minutes name the last report to wait for."""
    client_version: str = ""
    """Version of its program, as the client reported it."""
    marks: tuple[ContractMark, ...] = ()
    """Of what is held; empty: it is valued at its stops until its market trades."""
    in_flight: tuple[EntryInFlight, ...] = ()
    """Of every position; empty: an entry that is still open counts at the largest order."""
    obeyed_commands: tuple[str, ...] = ()
    """Digests of the last commands and halts, oldest first: none is obeyed twice."""
    platform: PlatformCarry | None = None
    """What the client last reported of its platform; None: it has not in this run."""
    orphans: tuple[OrphanOrder, ...] = ()
    """Orders on the account that the desk does not know."""
