"""Keys that look at one entry: its hours, data, market, order, identity."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Decision, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, Ticks, UnixNanos
from services.risk.settings.authorisation import build_fault
from services.risk.settings.config import ApprovedStrategy
from services.risk.settings.news_list import NewsList, Release
from tests.support.deciding_keys.key_case import KeyCase, candidate_on, desk_does
from tests.support.limit_rows.limit_case import account_values, clock_at
from tests.support.risk_builder import (
    CLOSE,
    ES,
    NQ,
    YM,
    RiskDesk,
    at,
    candidate,
    decision_on,
    evaluated,
    only,
    session_minute,
)
from tests.support.shipped_sets import shipped

SHORT: Final = {"side": Side.SHORT, "stop": Ticks(CLOSE + 40), "target": Ticks(CLOSE - 80)}
_MONDAY_HOLIDAY: Final = "2026-01-19"
"""Trading ends at 13:00 in New York."""
_WIDE: Final = {"strategy_open_risk_usd": 1_000.0, "strategy_daily_loss_usd": 1_000.0}
_PAYROLLS: Final = NewsList(
    as_of="2026-02-06", release=(Release(name="payrolls", at_et="2026-02-06 10:33"),)
)


def _stop(ticks: int) -> dict[str, Any]:
    return {"candidate_fields": {"stop": Ticks(CLOSE - ticks)}}


def _at_close(close: int, **changes: Any) -> dict[str, Any]:
    prices = {"entry": close, "stop": close - 40, "target": close + 80}
    return {"candidate_fields": prices, "reading": {"close": close} | changes}


def _bars(*closes: int, **others: int) -> Callable[[RiskDesk], object]:
    """Minutes up to 10:30; YM and ES close like NQ, or where `others` has them."""

    def run(desk: RiskDesk) -> None:
        for number, close in enumerate(closes):
            clock = f"10:{31 - len(closes) + number:02}"
            both = others.get("both", close)
            desk.minute(clock, closes={NQ: close, ES: both, YM: both})

    return run


def _values_at(clock: str, **changes: Any) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.minute("10:00")
        clock_at(desk, clock)
        desk.send(account_values(desk, 50_000.0, **changes))

    return run


def _reconciled_then_values(desk: RiskDesk) -> None:
    _values_at("10:29:20")(desk)
    clock_at(desk, "10:30:59")
    desk.send(account_values(desk, 50_000.0, holdings=None))


def _values_then_reconciled(desk: RiskDesk) -> None:
    _values_at("10:29:58")(desk)
    clock_at(desk, "10:30:59")
    desk.link()


def _clock_ahead(desk: RiskDesk) -> None:
    desk.minute("10:00")
    clock_at(desk, "10:30:59")
    desk.send(account_values(desk, 50_000.0, at_ns=UnixNanos(desk.now - 251 * NANOS_PER_MS)))


def _twenty_seconds_ago(desk: RiskDesk) -> None:
    desk.now = UnixNanos(at("10:30") + 40 * NANOS_PER_SECOND)
    entry = desk.enter("fade", "10:30")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))


def _equity(cash: float) -> Callable[[RiskDesk], object]:
    return lambda desk: desk.send(account_values(desk, cash), account_values(desk, cash))


def _es_entry(desk: RiskDesk, *, stop: int, cash: float) -> object:
    _equity(cash)(desk)
    wanted = candidate("es_fade", at("10:31"), stop=Ticks(CLOSE - stop))
    return decision_on(wanted, desk.minute("10:31", wanted)).code


def _expires_after_ms(desk: RiskDesk) -> object:
    (entry,) = only(OrderCommand, desk.minute("10:31", candidate("fade", at("10:31"))))
    return (entry.expires_ns - entry.created_ns) // NANOS_PER_MS


def _decided_without_one(desk: RiskDesk) -> object:
    desk.send(session_minute(at("10:31")), now=at("10:31"))
    wanted = candidate("fade", at("10:31"))
    desk.send(evaluated("fade", at("10:31"), wanted), evaluated("reversal", at("10:31")))
    after = desk.advance(UnixNanos(at("10:31") + 250 * NANOS_PER_MS))
    return [decision.code for decision in only(Decision, after)]


CASES: Final = [
    KeyCase(key="profile", found=5_000.0, value="demo", other="live", otherwise=1_250.0,
            day=lambda limits: shipped(limits.profile).daily_loss_usd),
    KeyCase(key="decision_deadline_ms", found=["APPROVED"], other=1_000, otherwise=[],
            day=desk_does(_decided_without_one)),
    KeyCase(key="entry_expiry_ms", found=3_000, other=4_000, otherwise=4_000,
            day=desk_does(_expires_after_ms)),
    KeyCase(key="max_data_age_ms", found="STALE_DATA", other=5_000,
            day=candidate_on(late_ms=2_001)),
    KeyCase(key="first_entry_et", found="SESSION_WINDOW", other="09:30", value="10:31",
            day=candidate_on()),
    KeyCase(key="short_sessions", found="SHORT_SESSION", value=False, other=True,
            day=candidate_on(date="2025-12-24")),
    KeyCase(key="last_entry_et", found="SESSION_WINDOW", other="15:40",
            day=candidate_on(clock="15:30")),
    KeyCase(key="no_entry_before_close_minutes", found="NO_ENTRY_BEFORE_CLOSE", other=10,
            beside={"rule_pack_flat_by_et": "15:40"}, day=candidate_on(clock="15:25")),
    KeyCase(key="rule_pack_flat_by_et", found="FLAT_BY", value="14:00", other=None,
            day=candidate_on(clock="14:00")),
    KeyCase(key="margin_switch_minutes", found="MARGIN_CUTOFF", other=0,
            day=candidate_on(clock="12:40", date=_MONDAY_HOLIDAY)),
    KeyCase(key="margin_switch_lead_minutes", found="MARGIN_CUTOFF", other=1,
            day=candidate_on(clock="12:40", date=_MONDAY_HOLIDAY)),
    KeyCase(key="news", found="NEWS", value=_PAYROLLS, other=None, day=candidate_on()),
    KeyCase(key="news_list_age_max_days", found="NEWS", other=8,
            beside={"news": NewsList(as_of="2026-01-20")}, day=candidate_on(date="2026-01-28")),
    KeyCase(key="no_entry_before_expiry_days", found="EXPIRING", other=1,
            beside={"roll_block_days": 0, "news": NewsList(as_of="2026-03-16")},
            day=candidate_on(date="2026-03-18")),
    KeyCase(key="roll_block_days", found="ROLL_BLOCK", other=0,
            day=candidate_on(date="2026-03-16")),
    KeyCase(key="warmup_bars", found="WARM_UP", other=1, day=candidate_on()),
    KeyCase(key="price_limit_pct", found="PRICE_LIMIT", other=20.0, value=10.0,
            day=candidate_on(reading={"prior_close": Ticks(88_000)})),
    KeyCase(key="spike_atr_max", found="SUSPECT_MOVE", other=20.0,
            day=candidate_on(prepare=_bars(CLOSE - 321), es_close=CLOSE)),
    KeyCase(key="cross_index_atr_max", found="CROSS_INDEX", other=20.0,
            day=candidate_on(prepare=_bars(CLOSE - 200, both=CLOSE + 200))),
    KeyCase(key="suspect_bars", found="SUSPECT_MOVE", other=1,
            day=candidate_on(prepare=_bars(CLOSE, CLOSE - 400, CLOSE, CLOSE))),
    KeyCase(key="reward_risk_min", base="live", found="REWARD_RISK", other=0.2,
            day=candidate_on(candidate_fields={"target": Ticks(CLOSE + 9)})),
    KeyCase(key="collar_pct", found="PRICE_COLLAR", other=1.0,
            day=candidate_on(candidate_fields={"entry": CLOSE + 301, "target": CLOSE + 900},
                             reading={"atr14_1m": 1_000.0, "atr14_d": 1_000.0}),
            beside=_WIDE),
    KeyCase(key="collar_atr", found="PRICE_COLLAR", other=5.0,
            day=candidate_on(candidate_fields={"entry": CLOSE + 81, "target": CLOSE + 200})),
    KeyCase(key="min_stop_ticks", found="STOP_DISTANCE", other=3, day=candidate_on(**_stop(3))),
    KeyCase(key="max_stop_ticks", found="STOP_DISTANCE", other=1_240, beside=_WIDE,
            day=candidate_on(**_stop(1_231))),
    KeyCase(key="slippage_reserve_ticks", found="STRATEGY_RISK", other=5,
            day=candidate_on(**_stop(980))),
    KeyCase(key="round_trip_fee_usd", found="STRATEGY_RISK", other={"MNQ": 0.0, "MES": 0.0},
            value={"MNQ": 4.1, "MES": 4.1}, day=candidate_on(**_stop(975))),
    KeyCase(key="strategy_open_risk_usd", found="STRATEGY_RISK", other=600.0,
            day=candidate_on(**_stop(980))),
    KeyCase(key="risk_per_trade_usd", found="SIZE_ZERO", other=800.0, beside=_WIDE,
            day=desk_does(partial(_es_entry, stop=600, cash=70_000.0))),
    KeyCase(key="risk_per_trade_pct", found="SIZE_ZERO", other=2.0, beside=_WIDE,
            day=desk_does(partial(_es_entry, stop=440, cash=45_000.0))),
    KeyCase(key="max_order_value_usd", found="ORDER_VALUE", other=200_000.0,
            day=candidate_on(**_at_close(200_004))),
    KeyCase(key="allowed_accounts", found="ACCOUNT", value=("Sim102",), other=("Sim101",),
            day=candidate_on()),
    KeyCase(key="account_simulated", base="live", found="ACCOUNT", other=True,
            day=candidate_on()),
    KeyCase(key="approved_strategies", base="live", found="NOT_APPROVED", day=candidate_on(),
            other=(ApprovedStrategy(strategy="fade", version="1", config="*"),)),
    KeyCase(key="approved_clients", found="CLIENT_VERSION", value=("1.4",), other=("*",),
            day=candidate_on()),
    KeyCase(key="approved_builds", found=True, value=("abc",), other=("*",), otherwise=False,
            day=lambda limits: bool(build_fault(limits, "def"))),
    KeyCase(key="duplicate_window_ms", found="REPEATED_ORDER", other=10_000,
            beside={"max_data_age_ms": 60_000}, day=candidate_on(prepare=_twenty_seconds_ago)),
    KeyCase(key="reconcile_age_max_ms", found="RECONCILE_AGE", other=600_000,
            day=candidate_on(live=True, prepare=_reconciled_then_values)),
    KeyCase(key="account_values_age_max_seconds", found="ACCOUNT_VALUES_AGE", other=120,
            day=candidate_on(live=True, prepare=_values_then_reconciled)),
    KeyCase(key="clock_skew_max_ms", found="CLOCK_SKEW", other=500,
            day=candidate_on(live=True, prepare=_clock_ahead)),
]  # fmt: skip
