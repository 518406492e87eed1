"""The account over time: equity, peaks and the floors under them, latches and counters.

Rule 1: equity is the base balance.py gives and our own profit, closed and open.
Rule 2: peaks only rise, whether their limit is on or off. The intraday one is looked at after every
        report and at every minute, there at the favourable extremes of its bars (excursion.py), the
        end-of-day one when a date ends. Until a base has stood twice they move along with it.
Rule 3: state changes here follow inputs and our own outputs only, so a folded journal ends equal.
Rule 4: limits are not checked again while nothing is held and no report has come.
Rule 5: a floor under the equity (spec H.1) never falls: it follows a peak. A trailing one stops
        rising at the lock and is never below start less the amount. The end-of-day one does not
        move within a day. A drawdown is breached with equity, open profit included, at or below its
        stop level, whatever the kind; at a minute, with the equity at its bars' adverse extremes.
Rule 6: the loss of a date, a week or a strategy is measured from where it began: an open loss that
        was there before is no part of it.
"""

from collections.abc import Iterator, Mapping

import msgspec

from services.domain.holdings import position_difference
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    OrderRole,
    OrderUpdate,
)
from services.domain.messages.risk import (
    Alert,
    Decision,
    EquityCarry,
    LedgerCarry,
    LossStreak,
    Position,
    StateChanged,
    TradingState,
)
from services.domain.messages.session import SessionMinute
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos, percent_text, usd
from services.risk.account.balance import AccountBalance
from services.risk.account.counters import LossVelocity, TradeCounters
from services.risk.account.excursion import NO_EXCURSION, Excursion, excursion
from services.risk.account.trading_state import ACCOUNT_GOAL, TradingStateMachine
from services.risk.ledger.ledger import Ledger
from services.risk.settings.config import RiskConfig
from services.risk.settings.limits_in_units import MILLI_R, LimitsInUnits, limits_in_units

_RATE_CODES = ("ORDER_RATE", "MESSAGE_RATE")
DAILY_LOSS_WARNING = "DAILY_LOSS_WARNING"
START_EQUITY = "START_EQUITY"


class Drawdown(msgspec.Struct, frozen=True):
    """One drawdown rule at one moment."""

    code: str
    """Refusal code, `TRAILING_DRAWDOWN`."""
    floor: MicroUsd
    amount: MicroUsd
    """What the rule allows from its peak, > 0."""

    def stop_level(self, share: float) -> MicroUsd:
        """Equity at which this part of the amount is used: where the desk stops by itself."""
        return MicroUsd(self.floor + self.amount - round(self.amount * share))


def trailing_drawdown(
    code: str, *, start: MicroUsd, peak: MicroUsd, amount: MicroUsd, lock: MicroUsd
) -> Drawdown:
    """The floor under a peak that only ever rose; `lock` is the equity it rises to at most."""
    return Drawdown(code, MicroUsd(max(start - amount, min(peak - amount, lock))), amount)


class AccountEquity:
    """Where the account stands; reads the ledger, changes its own state only."""

    def __init__(self, config: RiskConfig, ledger: Ledger, trading: TradingStateMachine) -> None:
        self._ledger = ledger
        self._trading = trading
        self.tripped: Mapping[tuple[str, str], str] = trading.latches.tripped
        """Reasons of every latch that has tripped."""
        self.counters = TradeCounters()
        self.loss_velocity = LossVelocity()
        self.excess_margin: MicroUsd | None = None
        self.account_values_ns: UnixNanos | None = None
        self.account_balance = AccountBalance()
        self._realised_before_today = MicroUsd(0)
        self._week_realised_before_today = MicroUsd(0)
        self.week_open_profit = MicroUsd(0)
        """Open profit with which the week began."""
        self._loss_warned = self._start_alerted = False
        self.limits_due = True
        """Something has changed since the limits were last checked."""
        self.stop_fills: dict[str, Execution] = {}
        """Fills of stops, by execution, until their bars have closed; for the intraday peak."""
        self.set_limits(config)
        # Of what was seen; where drawdowns begin, and a seed, are added where floors are made.
        self._intraday_peak = self._end_of_day_peak = MicroUsd(0)

    def set_limits(self, config: RiskConfig) -> None:
        """Apply these limits from now on."""
        self.config = config
        self._excursion = NO_EXCURSION  # the last bars were judged by the limits before
        self.limits: LimitsInUnits = limits_in_units(config, self._ledger.terms)
        self.account_balance.set_stated(self.limits.stated_start)
        self.limits_due = True

    # -- where the account stands -----------------------------------------------------------

    @property
    def balance(self) -> MicroUsd:
        """The base in force, and what we realised since the run began; micro-dollars."""
        base = self.account_balance.active_base or 0
        return MicroUsd(base + self._realised_before_today + self._ledger.realised())

    @property
    def equity(self) -> MicroUsd:
        """Balance and open profit, micro-dollars."""
        return MicroUsd(self.balance + self._ledger.unrealised())

    @property
    def earned(self) -> MicroUsd | None:
        """Balance above the start; None: the start is unknown."""
        start = self.account_balance.start
        return None if start is None else MicroUsd(self.balance - start)

    @property
    def week_realised(self) -> MicroUsd:
        """Realised since the first session of the week."""
        return MicroUsd(self._week_realised_before_today + self._ledger.realised())

    @property
    def week_profit(self) -> MicroUsd:
        """Realised + unrealised of the week."""
        open_profit = self._ledger.unrealised() - self.week_open_profit
        return MicroUsd(self.week_realised + open_profit)

    @property
    def from_broker(self) -> bool:
        """The equity is based on NinjaTrader's account values."""
        known = self.account_balance
        return known.base is not None or (known.stated is None and known.active_base is not None)

    def drawdowns(self) -> tuple[Drawdown, ...]:
        """Every drawdown that is on, with its floor now; none while the start is unknown."""
        a, start, found = self.limits, self.account_balance.start, []
        if start is None or not a.has_drawdown:
            return ()
        seed, lock = max(start, a.peak_equity), MicroUsd(start + a.drawdown_lock)
        for code, amount, peak in (
            ("TRAILING_DRAWDOWN", a.drawdown_intraday, max(seed, self._intraday_peak)),
            ("END_OF_DAY_DRAWDOWN", a.drawdown_end_of_day, max(seed, self._end_of_day_peak)),
            ("STATIC_DRAWDOWN", a.drawdown_static, start),
        ):
            if amount:
                found.append(
                    trailing_drawdown(code, start=start, peak=peak, amount=amount, lock=lock)
                )
        return tuple(found)

    def open_day_profits(self) -> dict[str, MicroUsd]:
        """Realised + unrealised of the trade date of every strategy that holds something."""
        days: dict[str, MicroUsd] = {}
        for record in self._ledger.open_records.values():
            unrealised = record.unrealised(self._ledger.marks.price(record.contract))
            open_profit = record.day_profit + unrealised
            before = days.get(record.strategy)
            start = self.counters.closed_profit(record.strategy) if before is None else before
            days[record.strategy] = MicroUsd(start + open_profit)
        return days

    def day_profit_of(self, strategy: str) -> MicroUsd:
        """Realised + unrealised of one strategy on this trade date, micro-dollars."""
        return self.open_day_profits().get(strategy, self.counters.closed_profit(strategy))

    # -- inputs and outputs -----------------------------------------------------------------

    def handle_report(self, report: object) -> str:
        """Handle a report the ledger has folded; return why the desk must halt, or ''."""
        if isinstance(report, AccountValues):
            self._apply_account_values(report)
            if report.liquidation_only:
                return f"account {report.account} is liquidation-only at the broker"
        elif isinstance(report, CommandAck | OrderUpdate):
            self.counters.handle_answer(report)
            return self._excess_rejects(report.at_ns)
        elif isinstance(report, Execution):
            if report.role is OrderRole.STOP:
                self.stop_fills[report.execution_id] = report
            self._update_peak(NO_EXCURSION)
        return ""

    def handle_minute(self, minute: SessionMinute) -> None:
        """Look at the account after a minute has marked it, and at how far its bars went."""
        self.limits_due = True
        held, fills = self._ledger.open_records.values(), self.stop_fills.values()
        found = excursion(minute, held, fills, self._ledger.terms)
        # Kept for a bar more: contracts of another group close with a minute of their own.
        since_ns = minute.close_ns - NANOS_PER_MINUTE
        self.stop_fills = {k: f for k, f in self.stop_fills.items() if f.at_ns > since_ns}
        self._update_peak(found)

    def _update_peak(self, found: Excursion) -> None:
        self.limits_due, self._excursion = True, found
        if self.account_balance.active_base is not None:
            best = MicroUsd(self.equity + found.favourable)
            self._intraday_peak = max(self._intraday_peak, best)

    def apply_decision(self, decision: Decision) -> None:
        """Apply a published decision."""
        if decision.code in _RATE_CODES:
            self.counters.rate_refusals += 1
            self.limits_due = True

    def apply_position(self, position: Position) -> None:
        """Apply a published position."""
        record = self._ledger.position(position.position_id)
        if self.counters.apply_position(position, record.day_profit):
            a, at_ns = self.limits, position.exit_ns or position.signal_ns
            self.loss_velocity.apply_closed_trade(
                at_ns,
                record.realised_today * MILLI_R // (record.initial_risk or a.risk_per_trade),
                limit_milli_r=a.loss_velocity_milli_r,
                window_ns=a.loss_velocity_window_ns,
            )
        self.limits_due = True

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert."""
        self._loss_warned |= alert.code == DAILY_LOSS_WARNING
        self._start_alerted |= alert.code == START_EQUITY

    def handle_resume(self, strategy: str) -> None:
        """Reset what an operator's resume resets."""
        self.counters.handle_resume(strategy)
        if not strategy:
            self.loss_velocity.begin_day()
        self.limits_due = True

    # -- days -------------------------------------------------------------------------------

    def end_day(self, *, same_week: bool) -> None:
        """End a trade date; call before the ledger begins the next."""
        self._end_of_day_peak = self._balance_peak()
        realised = self._ledger.realised()
        before = self._week_realised_before_today if same_week else 0
        self._week_realised_before_today = MicroUsd(before + realised if same_week else 0)
        self._realised_before_today = MicroUsd(self._realised_before_today + realised)
        if not same_week:
            self.week_open_profit = self._ledger.marked_profit()

    def begin_day(self, positions: tuple[Position, ...]) -> None:
        """Begin a trade date with what comes over; after the ledger has."""
        self.counters.begin_day(self._carried_streaks(), positions)
        self.loss_velocity.begin_day(self._carried_velocity_breaches())
        self._loss_warned = self._start_alerted = False
        self.stop_fills, self._excursion = {}, NO_EXCURSION
        self.limits_due = True

    def snapshot(self) -> EquityCarry:
        """What crosses into a new trade date."""
        return EquityCarry(
            realised=MicroUsd(self._realised_before_today + self._ledger.realised()),
            intraday_peak=self._intraday_peak,
            end_of_day_peak=self._balance_peak(),
            base_balance=self.account_balance.base,
            pending_base=self.account_balance.pending_base,
            reported_start=self.account_balance.reported_start,
            week_open_profit=self.week_open_profit,
            excess_margin=self.excess_margin,
            account_values_ns=self.account_values_ns,
            latches=self._trading.tripped_latches(),
            streaks=self._carried_streaks(),
            loss_velocity_breaches=self._carried_velocity_breaches(),
        )

    def restore(self, ledger_carry: LedgerCarry) -> None:
        """Begin with what the last trade date left; after the ledger has."""
        self._week_realised_before_today = ledger_carry.week_realised
        carry, positions = ledger_carry.equity, ledger_carry.positions
        if carry is None:
            return
        self._realised_before_today = carry.realised
        self._intraday_peak = carry.intraday_peak
        self._end_of_day_peak = carry.end_of_day_peak
        self.account_balance.restore(carry.base_balance, carry.pending_base, carry.reported_start)
        self.week_open_profit = carry.week_open_profit
        self.excess_margin = carry.excess_margin
        self.account_values_ns = carry.account_values_ns
        for latch in carry.latches:
            self._trading.restore_latch(latch)
        self.counters.begin_day(carry.streaks, positions)
        self.loss_velocity.begin_day(carry.loss_velocity_breaches)

    # -- what follows -----------------------------------------------------------------------

    def breaches(self, now: UnixNanos) -> Iterator[StateChanged | Alert]:
        """Trip every latch whose limit is breached now, and warn ahead of the daily loss."""
        self.limits_due = False
        day = self._ledger.day_profit()
        yield from self._daily_loss_warning(day, now)
        fault = self.account_balance.start_fault
        if fault and not self._start_alerted:
            yield Alert(code=START_EQUITY, text=fault, at_ns=now)
        for code, reason in self._account_breaches(day):
            if (code, "") not in self.tripped:
                yield StateChanged(state=TradingState.REDUCING, reason=reason, at_ns=now, code=code)
        yield from self._halting_breaches(now)
        yield from self._strategy_breaches(now)

    def _daily_loss_warning(self, day: MicroUsd, now: UnixNanos) -> Iterator[Alert]:
        a = self.limits
        if self._loss_warned or day > -a.daily_loss_warning:
            return
        text = (
            f"day at {usd(day)}, {percent_text(self.config.daily_loss_warning)} of the daily loss "
            f"{usd(-a.daily_loss)}"
        )
        yield Alert(code=DAILY_LOSS_WARNING, text=text, at_ns=now)

    def _account_breaches(self, day: MicroUsd) -> Iterator[tuple[str, str]]:
        a = self.limits
        if day <= -a.daily_loss:
            yield "DAILY_LOSS", f"daily loss: day at {usd(day)}, limit {usd(-a.daily_loss)}"
        if a.weekly_loss and (week := self.week_profit) <= -a.weekly_loss:
            yield "WEEKLY_LOSS", f"weekly loss: week at {usd(week)}, limit {usd(-a.weekly_loss)}"
        floors = self.drawdowns()
        equity = MicroUsd(self.equity + self._excursion.adverse) if floors else MicroUsd(0)
        where = " in the bar" if self._excursion.adverse else ""
        for floor in floors:
            line = floor.stop_level(a.drawdown_stop_share)
            if equity <= line:
                text = f"equity {usd(equity)}{where} at {usd(line)}, floor {usd(floor.floor)}"
                yield floor.code, f"{floor.code.lower().replace('_', ' ')}: {text}"
        if a.daily_profit and (realised := self._ledger.realised()) >= a.daily_profit:
            yield "PROFIT_GOAL", f"day's profit {usd(realised)} of {usd(a.daily_profit)} reached"
        if a.profit_goal and (earned := self.earned) is not None and earned >= a.profit_goal:
            yield ACCOUNT_GOAL, f"profit {usd(earned)} of {usd(a.profit_goal)} reached"

    def _halting_breaches(self, now: UnixNanos) -> Iterator[StateChanged]:
        a, hits, known = self.limits, self.counters.rate_refusals, self.account_balance
        # One report alone halts nothing: where nothing is stated, it is all the base there is.
        proven = known.base is not None or known.stated is not None
        if self._trading.halted is not None:
            return
        if hits >= self.config.rate_refusals_to_halt:
            halting = self.config.rate_refusals_to_halt
            text = f"{hits} entries refused by the rate limits, {halting} halt"
            yield StateChanged(state=TradingState.HALTED, reason=text, at_ns=now, code="ORDER_RATE")
        elif a.min_equity and proven and self.equity <= a.min_equity:
            text = f"equity {usd(self.equity)} at the minimum {usd(a.min_equity)}"
            yield StateChanged(
                state=TradingState.HALTED, reason=text, at_ns=now, code="EQUITY_FLOOR"
            )

    def _strategy_breaches(self, now: UnixNanos) -> Iterator[StateChanged]:
        closed = self._trading.latches.tripped
        for name, day in (self.counters.closed_profits | self.open_day_profits()).items():
            limit = self.limits.budget(name).daily_loss
            if day > -limit or ("STRATEGY_LOSS", name) in closed:
                continue
            yield StateChanged(
                state=self._trading.state[0],
                reason=f"{name} at {usd(day)} today, its limit {usd(-limit)}",
                at_ns=now,
                code="STRATEGY_LOSS",
                scope=name,
            )

    # -- parts ------------------------------------------------------------------------------

    def _apply_account_values(self, values: AccountValues) -> None:
        self.excess_margin, self.account_values_ns = values.excess_margin, values.at_ns
        held, ledger = values.holdings, self._ledger
        if held is not None and not position_difference(ledger.net_positions(), held.positions):
            before, today = self._realised_before_today, ledger.realised()
            start = MicroUsd(values.cash - (values.realised or today) - before)
            moved = self.account_balance.handle_report(values.cash, start, before + today)
            # A peak of 0 has not been seen yet.
            if self._intraday_peak:
                self._intraday_peak = MicroUsd(self._intraday_peak + moved)
            if self._end_of_day_peak:
                self._end_of_day_peak = MicroUsd(self._end_of_day_peak + moved)
        self._update_peak(NO_EXCURSION)

    def _balance_peak(self) -> MicroUsd:
        # Before the first date there is none that could have ended.
        known = self.account_balance.active_base is not None and self._ledger.trade_date
        return max(self._end_of_day_peak, self.balance) if known else self._end_of_day_peak

    def _excess_rejects(self, now: UnixNanos) -> str:
        row, hour = self.counters.rejects_in_row, self.counters.rejects_last_hour(now)
        if row >= self.config.rejects_in_row:
            return f"{row} orders rejected in a row, {self.config.rejects_in_row} halt"
        if hour >= self.config.rejects_per_hour:
            most = self.config.rejects_per_hour
            return f"{hour} orders rejected within an hour, {most} halt"
        return ""

    def _carried_velocity_breaches(self) -> int:
        waits = self.config.loss_streak_needs_human and self.loss_velocity.breaches > 1
        return self.loss_velocity.breaches if waits else 0

    def _carried_streaks(self) -> tuple[LossStreak, ...]:
        if not self.config.loss_streak_needs_human:
            return ()
        limits = self.config.losses_in_row_of_account, self.config.losses_in_row_of_strategy
        streaks = self.counters.streaks.values()
        return tuple(s for s in streaks if 0 < limits[bool(s.scope)] < s.losses)
