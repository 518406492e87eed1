"""The seven strategies beside each other: names on the wire, order, windows, what ends a trade."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services.strategies.catalog_index import CATALOG, load, names
from services.strategies.config import StrategyBlock, build_params
from tests.support.session_builder import Day, points
from tests.support.worker_builder import position, solo, step

CONFIG = Path(__file__).resolve().parents[2] / "config" / "strategies.toml"


class Row(NamedTuple):
    """What the playbook says of a strategy."""

    wire_name: str
    models: tuple[str, ...]
    window: tuple[str, str]
    breach: bool
    """The afternoon's VWAP breach ends its trades."""


PLAYBOOK = {
    "opening_range_reversal": Row(
        "OR Reversal", ("OR_REVERSAL_LONG", "OR_REVERSAL_SHORT"), ("09:45", "10:30"), breach=True
    ),
    "trend_day_bull": Row(
        "Trend Day Bull",
        ("VWAP_PULLBACK", "EMA5_PYRAMID_P2", "VWAP_PYRAMID_P2"),
        ("10:30", "13:00"),
        breach=False,
    ),
    "p_day": Row("P-Day", ("P_DAY_VWAP_LONG", "P_DAY_VWAP_SHORT"), ("10:30", "13:00"), breach=True),
    "b_day_ibl_fade": Row("B-Day", ("B_DAY_IBL_FADE",), ("10:30", "14:00"), breach=True),
    "edge_fade": Row(
        "Edge Fade", ("EDGE_TO_MID", "FAILED_BREAKDOWN"), ("10:30", "13:30"), breach=False
    ),
    "ibh_sweep_fail": Row("IBH Sweep+Fail", ("IBH_SWEEP_FAIL",), ("10:30", "14:00"), breach=True),
    "bear_acceptance_short": Row(
        "Bear Accept Short", ("BEAR_ACCEPTANCE",), ("10:30", "14:00"), breach=True
    ),
}
"""In the order in which they are evaluated."""


def test_the_catalog_is_the_playbook() -> None:
    """Seven strategies, no more."""
    assert set(names()) == set(PLAYBOOK)


def test_the_shipped_configuration_has_their_order_and_the_experiment_off() -> None:
    """The file's order is the playbook's, priorities rise with it, one is switched off."""
    blocks = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    assert tuple(blocks) == tuple(PLAYBOOK)
    priorities = [block["priority"] for block in blocks.values()]
    assert priorities == sorted(set(priorities))
    off = {name for name, block in blocks.items() if not block.get("enabled", True)}
    assert off == {"ibh_sweep_fail"}


@pytest.mark.parametrize("name", PLAYBOOK)
def test_names_and_windows(name: str) -> None:
    """The wire has the names of spec C.0; windows are open at both ends."""
    row, (_, strategy) = PLAYBOOK[name], load(CATALOG, name)
    config = build_params(StrategyBlock(), name)
    assert (row.wire_name, row.models) == (strategy.WIRE_NAME, strategy.MODELS)
    assert (config.first_entry, config.last_entry) == row.window


@pytest.mark.parametrize("name", PLAYBOOK)
@pytest.mark.parametrize(("minute", "is_due"), [(210, True), (209, False)])
def test_who_leaves_on_the_wrong_side_of_vwap(name: str, minute: int, *, is_due: bool) -> None:
    """From 13:00 on, everybody but the trend strategy and the fade of the edge."""
    host, day = solo(name), Day(ib=points(24_000.0, 24_100.0))
    host.on_message(position(name, stop=23_900 * 4), day.bar(1, 24_010.0).close_ns)
    answer = step(host, day.bar(minute, 24_010.0, vwap_eth=24_100.0 * 4))
    expected = ["VWAP_BREACH_PM"] if PLAYBOOK[name].breach and is_due else []
    assert [found.code for found in answer.adjustments] == expected


@pytest.mark.parametrize("name", PLAYBOOK)
def test_trend_trail_is_off_and_breakeven_on(name: str) -> None:
    """A trade well in profit in the afternoon gets its stop to the entry, not behind the high."""
    host, day = solo(name), Day(ib=points(24_000.0, 24_100.0))
    day.bar(100, 24_400.0)
    host.on_message(position(name, stop=23_900 * 4), day.bar(101, 24_010.0).close_ns)
    answer = step(host, day.bar(210, 24_090.0))
    assert [(found.code, found.price) for found in answer.adjustments] == [
        ("PM_BREAKEVEN", 24_010 * 4)
    ]


@pytest.mark.parametrize("name", PLAYBOOK)
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"time_stop_bars": 30, "time_stop_profit_pt": 5.0}, "TIME_STOP"),
        ({"flat_at": "11:10"}, "FLAT_AT"),
        ({"eod_flat": "11:10"}, "EOD"),
    ],
)
def test_optional_exits_hold_for_every_strategy(
    name: str, params: dict[str, Any], code: str
) -> None:
    """A time stop, an earlier hour: off by default, one line to switch on."""
    minute, update = 100, Day(ib=points(24_000.0, 24_100.0))
    for given, expected in (({}, []), (params, [code])):
        host = solo(name, **given)
        host.on_message(position(name, stop=23_900 * 4), update.bar(1, 24_010.0).close_ns)
        answer = step(host, update.bar(minute, 24_012.0))
        assert [found.code for found in answer.adjustments] == expected
