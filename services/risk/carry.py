"""What risk takes into a new trade date, and how a gate begins with it."""

from services.domain.messages.risk import LedgerCarry, TradingState
from services.domain.units import UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.parts import State
from services.risk.schedule.hours import week_of


def snapshot_gate(state: State, equity: AccountEquity, *, at_ns: UnixNanos) -> LedgerCarry:
    """Write down everything that crosses into a new trade date."""
    word, reason = state.trading.state_without_preflight
    return LedgerCarry(
        trade_date=state.ledger.trade_date,
        at_ns=at_ns,
        positions=state.ledger.open_position_messages(),
        week_realised=equity.week_realised,
        report_sequence=state.ledger.report_sequence,
        state=word,
        reason=reason,
        linked=state.ready.linked,
        preflight_failure=state.trading.preflight_failure or "",
        strategy_kills=tuple(state.trading.strategy_kills.values()),
        kill_flattens=state.trading.kill_flattens,
        simulated=state.evidence.client.simulated,
        client_version=state.evidence.client.version,
        reports_required=state.barrier.reports_required,
        equity=equity.snapshot(),
    )


def begin_trade_date(state: State, equity: AccountEquity, trade_date: str) -> None:
    """Close the books of the trade date in force and begin the next with what is held."""
    ledger = state.ledger
    equity.end_day(same_week=week_of(ledger.trade_date) == week_of(trade_date))
    held = ledger.open_position_messages()
    ledger.restore(held, report_sequence=ledger.report_sequence, trade_date=trade_date)
    state.trading.begin_day()
    equity.begin_day(held)
    state.evidence.begin_day()


def restore_gate(state: State, equity: AccountEquity, carry: LedgerCarry) -> None:
    """Begin with what crossed over."""
    state.ledger.restore(
        carry.positions, report_sequence=carry.report_sequence, trade_date=carry.trade_date
    )
    if carry.equity is None or carry.state is not TradingState.REDUCING:
        state.trading.trip(carry.state, carry.reason)
    equity.restore(carry)
    state.trading.preflight_failure = carry.preflight_failure or None
    state.trading.restore_kills(carry.strategy_kills, kill_flattens=carry.kill_flattens)
    state.ready.restore(linked=carry.linked)
    client = state.evidence.client
    client.restore(simulated=carry.simulated, version=carry.client_version)
    state.barrier.restore(reports_required=carry.reports_required)
