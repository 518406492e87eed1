"""The configuration of the measured desk: ten groups of one instrument, three strategies each."""

from pathlib import Path
from typing import Final

import msgspec

from services.launch.private_desk import free_ports
from services.strategies.catalog_index import CATALOG, load

SIGNALS: Final = (
    "NQ 03-26", "ES 03-26", "YM 03-26", "RTY 03-26", "NQ 06-26",
    "ES 06-26", "YM 06-26", "RTY 06-26", "NQ 09-26", "ES 09-26",
)  # fmt: skip
"""Ten instruments: four products in three months, all live on TRADE_DATE."""
TRADE_DATE: Final = "2026-02-10"
"""An ordinary Tuesday."""
_MICRO: Final = {"NQ": "MNQ", "ES": "MES", "YM": "MYM", "RTY": "M2K"}
_SERVICES: Final = ("ingest", "state", "strategies", "risk", "orders")
_STRATEGIES: Final = ("edge_fade", "opening_range_reversal")

_CONFIG: Final = Path(__file__).parents[1] / "config"
_RISK: Final = """\
profile = "bench"
peak_equity_usd = 0.0
"""
_LIMITS: Final = """\
decision_deadline_ms = 250
entry_expiry_ms = 10000
max_data_age_ms = 10000
unknown_after_ms = 60000
first_entry_et = "09:30"
last_entry_et = "15:58"
no_entry_before_close_minutes = 1
flat_by_et = "15:59"
sizing = "fixed"
fixed_quantity = 1
size_max = 1
risk_per_trade_usd = 10000.0
slippage_reserve_ticks = 0
min_stop_ticks = 1
max_stop_ticks = 4000
max_order_quantity = 1
max_position_contracts = 10
daily_loss_usd = 100000.0
trades_per_day = 1000
trades_per_strategy_per_day = 1000
daily_loss_warning = 0.6
weekly_loss_usd = 0.0
drawdown_intraday_usd = 0.0
drawdown_end_of_day_usd = 0.0
drawdown_static_usd = 0.0
drawdown_lock_usd = 100.0
drawdown_stop_share = 0.9
min_equity_usd = 0.0
daily_profit_usd = 0.0
profit_goal_usd = 0.0
best_day_share = 0.0
risk_per_trade_pct = 100.0
round_trip_fee_usd = { MNQ = 1.24, MES = 1.24, MYM = 1.24, M2K = 1.24 }
strategy_daily_loss_usd = 3000.0
strategy_contracts = 100
strategy_open_risk_usd = 100000.0
max_holding_minutes = 1440
loss_velocity_r = 0.0
loss_velocity_minutes = 30
losses_in_row_of_strategy = 0
losses_in_row_of_account = 0
loss_cool_down_minutes = 30
loss_streak_needs_human = true
entries_per_two_seconds = 1000
entries_per_minute = 1000
messages_per_second = 1000
rate_refusals_to_halt = 1000
fills_before_review = 1000
rejects_in_row = 1000
rejects_per_hour = 1000
stop_move_gap_ms = 0
unfilled_per_day = 1000
margin_usd = { MNQ = 0.0, MES = 0.0, MYM = 0.0, M2K = 0.0 }
margin_share = 1.0
margin_switch_minutes = 0
margin_switch_lead_minutes = 15
account_values_age_max_seconds = 3600
strategies = {}
allowed_accounts = ["Sim101"]
approved_clients = ["*"]
approved_builds = ["*"]
position_grace_ms = 3000
account_simulated = true
approved_strategies = [{ strategy = "*", version = "*", config = "*" }]
duplicate_window_ms = 0
reconcile_age_max_ms = 600000
clock_skew_max_ms = 5000
news_list_age_max_days = 60
no_entry_before_expiry_days = 0
roll_block_days = 0
warmup_bars = 1
price_limit_pct = 20.0
spike_atr_max = 50.0
cross_index_atr_max = 50.0
suspect_bars = 1
reward_risk_min = 0.0
collar_pct = 5.0
collar_atr = 20.0
max_order_value_usd = 10000000.0
slippage_collar_ticks = 400
slippage_breaches_max = 10
open_entries_max = 10
open_exits_max = 10
same_direction_max = 20
group_risk_usd = 100000.0
group_notional_usd = 10000000.0
stop_confirmation_ms_max = 60000
stop_collar_ticks = 400
"""


def order_contract(signal: str) -> str:
    """Give the micro partner of a signal contract."""
    root, _, month = signal.partition(" ")
    return f"{_MICRO[root]} {month}"


def write_folder(path: Path) -> dict[str, dict[str, str]]:
    """Write the folder; give each service's addresses by kind."""
    path.mkdir(parents=True)
    endpoints = _endpoints()
    (path / "desk.toml").write_text(_desk(endpoints))
    (path / "strategies.toml").write_text(_strategies())
    write_limits(path)
    for name in ("ingest", "state", "orders"):
        (path / f"{name}.toml").write_text("")
    return endpoints


def write_limits(path: Path) -> None:
    """Let a configuration folder use limits so wide that they refuse nothing."""
    (path / "risk.toml").write_text(_RISK)
    shipped = msgspec.toml.decode((_CONFIG / "limits_demo.toml").read_bytes())
    limits = shipped | msgspec.toml.decode(_LIMITS)
    (path / "limits_bench.toml").write_bytes(msgspec.toml.encode(limits))


def _endpoints() -> dict[str, dict[str, str]]:
    ports = iter(free_ports(4 * len(_SERVICES)))
    endpoints = {}
    for name in _SERVICES:
        endpoints[name] = {
            "publish": f"tcp://127.0.0.1:{next(ports)}",
            "replay": f"tcp://127.0.0.1:{next(ports)}",
            "http": f"127.0.0.1:{next(ports)}",
        }
        if name in {"ingest", "orders"}:
            endpoints[name]["edge"] = f"127.0.0.1:{next(ports)}"
        if name == "risk":
            endpoints[name]["edge"] = f"tcp://127.0.0.1:{next(ports)}"
    return endpoints


def _desk(endpoints: dict[str, dict[str, str]]) -> str:
    lines = [
        'name = "bench"', 'run = "bench"', 'account = "Sim101"', 'mode = "playback"',
        'data_dir = "data"',
    ]  # fmt: skip
    for signal in SIGNALS:
        lines += ["[[group]]", f'name = "{signal}"', "[[group.trade]]"]
        lines += [f'signal = "{signal}"', f'orders = "{order_contract(signal)}"']
    for service, addresses in endpoints.items():
        lines.append(f"[endpoints.{service}]")
        lines += [f'{kind} = "{address}"' for kind, address in addresses.items()]
    return "\n".join(lines) + "\n"


def _strategies() -> str:
    lines = []
    for signal in SIGNALS:
        suffix = signal.lower().replace(" ", "_").replace("-", "_")
        for rank, strategy in enumerate((*_STRATEGIES, "probe")):
            lines += [f"[{strategy}_{suffix}]", f'strategy = "{strategy}"', f'signal = "{signal}"']
            lines.append(f"priority = {rank + 1}")
            if strategy == "probe":
                lines.append('package = "benchmarks.probe"')
            else:
                reads = sorted(family.value for family in load(CATALOG, strategy)[1].READS)
                lines.append(f"reads = {reads}")
    return "\n".join(lines) + "\n"
