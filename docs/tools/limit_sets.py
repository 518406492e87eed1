"""Derive the shipped sets of limits from stated figures and from what the playbook asked for.

Usage: python docs/tools/limit_sets.py

Writes the derived keys into config/limits_*.toml and the tables into docs/limits.md; a test
compares both with what is committed. What is recorded: recorded_days.py.

Rule 1: `STATED` is all that is chosen. What follows from it is computed here and nowhere else.
Rule 2: a strategy may risk in one trade what its stop cost on `days_share` of its recorded days,
        first candidate of the day, widened by `room`; and lose as much on a date. So one allowed
        trade fits into its day, and what all may lose together fits into the account's.
"""

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from docs.tools.recorded_days import RecordedStop, recorded_moves, recorded_stops
from services.domain.instruments import instrument
from services.domain.units import MICROS_PER_USD

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "limits.md"
ORDERS: Final = "MNQ 03-26"
"""The contract the playbook's orders are for."""
FEE_USD: Final = 1.24
"""Of one contract in and out: `round_trip_fee_usd`."""
RESERVE_TICKS: Final = 10
"""`slippage_reserve_ticks`."""
INDEX_LEVEL: Final = 50_000
"""Up to which the order value leaves the playbook alone, points of NQ: twice the highest level of
the recorded days. The limit is against a wrong size or price, not against the market."""
_TICK_USD: Final = instrument(ORDERS).tick_value / MICROS_PER_USD
_POINT_USD: Final = _TICK_USD * 1_000_000_000 / instrument(ORDERS).tick_e9
_SHARE_STEP_USD: Final = 5
_STOP_STEP_TICKS: Final = 10
_NOTIONAL_OF_ORDER_VALUE: Final = 1.5
_DRAWDOWNS: Final = ("drawdown_intraday_usd", "drawdown_end_of_day_usd", "drawdown_static_usd")
_TAIL: Final = "# What differs for one strategy: its share, made by docs/tools/limit_sets.py"
_BLOCK: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What is chosen for a set; percentages are of the account. Defaults are what sets share."""

    account_usd: int = 50_000
    risk_pct: float
    """Most of one trade."""
    daily_pct: float
    weekly_pct: float = 0.0
    """0: no limit of the week."""
    drawdown: str = ""
    """The one kind that is on, a key; empty: none."""
    drawdown_pct: float = 0.0
    days_share: float = 1.0
    """Part of its recorded days on which a strategy must be able to trade."""
    room: float = 1.0
    """Widens the stop found by `days_share`, for days wider than the recorded ones."""
    contracts: int = 1
    """Held at a time, over all contracts. Each may move what one moved at the widest recorded
    minute, by the daily range or by what risk takes for it until that is known."""
    holding_minutes: tuple[tuple[str, int], ...] = ()
    """`max_holding_minutes` of strategies that differ."""


STATED: Final = {
    "demo": Stated(risk_pct=2.0, daily_pct=10.0, room=2.0, contracts=2),
    "paper": Stated(
        risk_pct=1.25,
        daily_pct=5.0,
        weekly_pct=10.0,
        drawdown="drawdown_static_usd",
        drawdown_pct=20.0,
        room=1.2,
    ),
    "live": Stated(
        risk_pct=0.65,
        daily_pct=2.5,
        weekly_pct=4.0,
        drawdown="drawdown_end_of_day_usd",
        drawdown_pct=5.0,
        days_share=2 / 3,
        holding_minutes=(("trend_day_bull", 300), ("p_day", 300)),
    ),
}
"""By set. Why these: docs/decisions/0040."""


class DerivedSet(msgspec.Struct, frozen=True):
    """The derived keys of one set, dollars and ticks."""

    keys: dict[str, float | int]
    shares: dict[str, int]
    """By strategy: its `strategy_open_risk_usd` and `strategy_daily_loss_usd`."""


def derive(stated: Stated) -> DerivedSet:
    """Compute a set.

    Raises: AssertionError where the stated figures contradict each other.
    """
    risk, daily = _percent(stated, stated.risk_pct), _percent(stated, stated.daily_pct)
    shares = {name: _share(stops, stated, risk) for name, stops in first_stops().items()}
    rest = math.floor((daily - sum(shares.values())) / _SHARE_STEP_USD) * _SHARE_STEP_USD
    general = min(rest, math.floor(risk / _SHARE_STEP_USD) * _SHARE_STEP_USD)
    assert general > cost_usd(0), f"shares of {sum(shares.values())} leave {rest} of {daily}"
    paid = (risk - FEE_USD) / _TICK_USD - RESERVE_TICKS
    value = INDEX_LEVEL * _POINT_USD
    drawdowns = dict.fromkeys(_DRAWDOWNS, 0.0)
    if stated.drawdown:
        drawdowns[stated.drawdown] = _percent(stated, stated.drawdown_pct)
    keys: dict[str, float | int] = {
        "risk_per_trade_usd": risk,
        "risk_per_trade_pct": stated.risk_pct,
        "max_stop_ticks": math.floor(paid / _STOP_STEP_TICKS) * _STOP_STEP_TICKS,
        "daily_loss_usd": daily,
        "weekly_loss_usd": _percent(stated, stated.weekly_pct),
        **drawdowns,
        "strategy_open_risk_usd": float(general),
        "strategy_daily_loss_usd": float(general),
        "max_position_contracts": stated.contracts,
        "max_order_value_usd": value,
        "group_notional_usd": value * _NOTIONAL_OF_ORDER_VALUE,
        "group_risk_usd": float(stated.contracts * max(recorded_moves())),
    }
    return DerivedSet(keys, shares)


def first_stops() -> dict[str, list[int]]:
    """Stops of the first candidate of every recorded day, rising, by strategy."""
    days: dict[tuple[str, str], RecordedStop] = {}
    for each in recorded_stops():
        key = each.strategy, each.trade_date
        if key not in days or each.at_et < days[key].at_et:
            days[key] = each
    found: dict[str, list[int]] = {}
    for (name, _), stop in days.items():
        found.setdefault(name, []).append(stop.stop_ticks)
    return {name: sorted(stops) for name, stops in found.items()}


def cost_usd(stop_ticks: float) -> float:
    """What one contract loses at a stop, reserve and fees included."""
    return (stop_ticks + RESERVE_TICKS) * _TICK_USD + FEE_USD


def days_traded(derived: DerivedSet, name: str) -> int:
    """Recorded days whose first candidate of a strategy costs no more than its share."""
    widest = min(derived.keys["max_stop_ticks"], 10**9)
    stops = (stop for stop in first_stops()[name] if stop <= widest)
    return sum(1 for stop in stops if cost_usd(stop) <= derived.shares[name])


def limits_file(text: str, stated: Stated) -> str:
    """A set's file with the derived keys in it."""
    derived = derive(stated)
    head, tail, _ = text.partition(_TAIL)
    assert tail, "no place for the strategies' tables"
    for key, value in derived.keys.items():
        head, found = re.subn(rf"(?m)^{key} = \S+$", f"{key} = {value}", head)
        assert found == 1, f"{key} stands {found} times"
    return head + "\n".join((f"{tail}.", *_strategy_tables(derived, stated)))


def page(text: str) -> str:
    """The page with its tables made anew."""
    tables = {"stated": _stated_table, "keys": _keys_table, "stops": _stops_table}
    return _BLOCK.sub(lambda found: found[1] + tables[found[2]]() + found[3], text)


def _share(stops: list[int], stated: Stated, risk: float) -> int:
    place = math.ceil(stated.days_share * len(stops) - 1e-9) - 1
    wanted = cost_usd(stops[place] * stated.room)
    return int(min(math.ceil(wanted / _SHARE_STEP_USD) * _SHARE_STEP_USD, risk))


def _percent(stated: Stated, percent: float) -> float:
    return round(stated.account_usd * percent / 100, 2)


def _strategy_tables(derived: DerivedSet, stated: Stated) -> Iterator[str]:
    minutes = dict(stated.holding_minutes)
    for name, share in sorted(derived.shares.items()):
        yield f"[strategies.{name}]"
        yield f"strategy_open_risk_usd = {float(share)}"
        yield f"strategy_daily_loss_usd = {float(share)}"
        if name in minutes:
            yield f"max_holding_minutes = {minutes[name]}"
        yield ""


def _stated_table() -> str:
    rows = [
        ("account", *(f"${s.account_usd:,}" for s in STATED.values())),
        ("one trade", *(f"{s.risk_pct:g} %" for s in STATED.values())),
        ("a date", *(f"{s.daily_pct:g} %" for s in STATED.values())),
        ("a week", *(f"{s.weekly_pct:g} %" if s.weekly_pct else "off" for s in STATED.values())),
        ("drawdown", *(_drawdown_text(s) for s in STATED.values())),
        ("recorded days each strategy trades, at least",
         *(f"{s.days_share:.0%}" for s in STATED.values())),
        ("room for wider stops", *(f"{s.room - 1:.0%}" for s in STATED.values())),
        ("contracts at a time", *(str(s.contracts) for s in STATED.values())),
    ]  # fmt: skip
    return _table(("stated", *STATED), rows)


def _drawdown_text(stated: Stated) -> str:
    if not stated.drawdown:
        return "none"
    kind = stated.drawdown.removeprefix("drawdown_").removesuffix("_usd").replace("_", " ")
    return f"{kind}, {stated.drawdown_pct:g} %"


def _keys_table() -> str:
    sets = [derive(stated) for stated in STATED.values()]
    rows = [(f"`{key}`", *(_value(each.keys[key]) for each in sets)) for key in sets[0].keys]
    rows += [
        (f"share of `{name}`", *(_value(float(each.shares[name])) for each in sets))
        for name in sorted(sets[0].shares)
    ]
    return _table(("derived", *STATED), rows)


def _stops_table() -> str:
    sets = [derive(stated) for stated in STATED.values()]
    rows = []
    for name, stops in sorted(first_stops().items()):
        middle = stops[(len(stops) - 1) // 2]
        traded = (f"{days_traded(each, name)} of {len(stops)}" for each in sets)
        rows.append((f"`{name}`", str(stops[0]), str(middle), str(stops[-1]), *traded))
    head = ("strategy", "narrowest", "median", "widest", *(f"days in `{name}`" for name in STATED))
    return _table(head, rows)


def _value(value: float) -> str:
    if not value:
        return "off"
    return f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else f"{value:,}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the sets and the page."""
    for name, stated in STATED.items():
        path = ROOT / "config" / f"limits_{name}.toml"
        path.write_text(limits_file(path.read_text("utf-8"), stated), "utf-8", newline="\n")
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
