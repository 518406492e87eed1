"""What risk carries into a new trade date, and how a gate is restored from it."""

from services.domain.messages.risk import LedgerCarry, TradingState
from services.domain.units import UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.parts import GateParts
from services.risk.schedule.hours import week_of


def snapshot_gate(parts: GateParts, equity: AccountEquity, *, at_ns: UnixNanos) -> LedgerCarry:
    """Snapshot everything that is carried into a new trade date."""
    state, reason = parts.trading.state_without_preflight
    return LedgerCarry(
        trade_date=parts.ledger.trade_date,
        at_ns=at_ns,
        positions=parts.ledger.open_position_messages(),
        week_realised=equity.week_realised,
        report_sequence=parts.ledger.report_sequence,
        state=state,
        reason=reason,
        linked=parts.readiness.linked,
        preflight_failure=parts.trading.preflight_failure or "",
        strategy_kills=tuple(parts.trading.strategy_kills.values()),
        kill_flattens=parts.trading.kill_flattens,
        simulated=parts.evidence.client.simulated,
        client_version=parts.evidence.client.version,
        reports_required=parts.barrier.reports_required,
        equity=equity.snapshot(),
    )


def begin_trade_date(parts: GateParts, equity: AccountEquity, trade_date: str) -> None:
    """End the current trade date and begin the next with the open positions."""
    ledger = parts.ledger
    equity.end_day(same_week=week_of(ledger.trade_date) == week_of(trade_date))
    held = ledger.open_position_messages()
    ledger.restore(held, report_sequence=ledger.report_sequence, trade_date=trade_date)
    parts.trading.begin_day()
    equity.begin_day(held)
    parts.evidence.begin_day()


def restore_gate(parts: GateParts, equity: AccountEquity, carry: LedgerCarry) -> None:
    """Restore what was carried over."""
    parts.ledger.restore(
        carry.positions, report_sequence=carry.report_sequence, trade_date=carry.trade_date
    )
    if carry.equity is None or carry.state is not TradingState.REDUCING:
        parts.trading.trip(carry.state, carry.reason)
    equity.restore(carry)
    parts.trading.preflight_failure = carry.preflight_failure or None
    parts.trading.restore_kills(carry.strategy_kills, kill_flattens=carry.kill_flattens)
    parts.readiness.restore(linked=carry.linked)
    client = parts.evidence.client
    client.restore(simulated=carry.simulated, version=carry.client_version)
    parts.barrier.restore(reports_required=carry.reports_required)
