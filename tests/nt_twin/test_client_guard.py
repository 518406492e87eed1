"""When the client closes everything by itself: killed, at its flat-by, beyond its day's loss."""

import pytest

from services.domain.calendar import Calendar, et_ns
from services.domain.messages.orders import AccountValues
from services.domain.units import MICROS_PER_USD, MicroUsd, UnixNanos
from services.nt_twin.client_limits import ClientLimits
from services.nt_twin.commands.client_guard import ClientGuard
from services.nt_twin.memory.trading_switch import SwitchState, TradingSwitch
from tests.support.order_builder import ACCOUNT

_CALENDAR = Calendar()
_KILLED = SwitchState(killed=True, by="ann", reason="x", at_ns=UnixNanos(1))
_OFF = SwitchState(killed=False, by="ann", reason="x", at_ns=UnixNanos(1))


def _guard(limits: ClientLimits, switch: TradingSwitch | None = None) -> ClientGuard:
    def close_of(date: str) -> UnixNanos | None:
        session = _CALENDAR.session(date)
        return None if session is None else session.close_ns

    return ClientGuard(limits, switch or TradingSwitch(), _CALENDAR.trade_date_of, close_of)


def _values(realised: int, unrealised: int) -> AccountValues:
    return AccountValues(
        report_sequence=0,
        account=ACCOUNT,
        cash=MicroUsd(0),
        realised=MicroUsd(realised * MICROS_PER_USD),
        unrealised=MicroUsd(unrealised * MICROS_PER_USD),
        at_ns=UnixNanos(0),
    )


@pytest.mark.parametrize(
    ("date", "clock", "code"),
    [
        ("2026-03-03", "15:54", ""),
        ("2026-03-03", "15:55", "FLAT_BY"),
        ("2026-03-03", "16:59", "FLAT_BY"),
        ("2026-03-03", "18:01", ""),  # the next trade date
        ("2026-11-27", "13:09", ""),  # closes at 13:15
        ("2026-11-27", "13:10", "FLAT_BY"),
        ("2026-03-09", "15:54", ""),  # the day after the clocks went forward
        ("2026-03-09", "15:55", "FLAT_BY"),
    ],
)
def test_flat_by_is_a_time_in_new_york(date: str, clock: str, code: str) -> None:
    """To the end of the trade date; five minutes before the close of a short session."""
    assert _guard(ClientLimits(flat_by="15:55")).code(None, et_ns(date, clock)) == code


def test_a_days_loss_holds_until_the_date_ends() -> None:
    """Realised and open together; the close itself may win some back."""
    guard = _guard(ClientLimits(day_loss_usd_max=500))
    now, evening = et_ns("2026-03-03", "10:00"), et_ns("2026-03-03", "18:01")
    assert guard.code(_values(-300, -199), now) == ""
    assert guard.code(_values(-300, -200), now) == "DAY_LOSS"
    assert guard.code(_values(-100, 0), now) == "DAY_LOSS"
    assert guard.code(_values(-100, 0), evening) == ""


def test_a_kill_closes_and_a_switch_that_is_off_does_not() -> None:
    """Off, entries are refused; what is held keeps its bracket."""
    switch = TradingSwitch()
    guard, now = _guard(ClientLimits(), switch), et_ns("2026-03-03", "10:00")
    switch.set(_OFF)
    assert (guard.code(None, now), bool(switch.refusal)) == ("", True)
    switch.set(_KILLED)
    assert guard.code(None, now) == "KILL"
