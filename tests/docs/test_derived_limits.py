"""The shipped sets and their page are what docs/tools/limit_sets.py derives from stated figures."""

import tomllib

import msgspec
import pytest

from docs.tools import limit_sets
from docs.tools.limit_sets import PAGE, ROOT, STATED, cost_usd, derive, first_stops
from docs.tools.recorded_days import recorded_stops

SETS = pytest.mark.parametrize("name", STATED)


@SETS
def test_a_shipped_set_is_what_is_derived(name: str) -> None:
    """To the byte: `python docs/tools/limit_sets.py` would change nothing."""
    text = (ROOT / "config" / f"limits_{name}.toml").read_text(encoding="utf-8")
    assert limit_sets.limits_file(text, STATED[name]) == text
    values = tomllib.loads(text)
    assert {key: values[key] for key in derive(STATED[name]).keys} == derive(STATED[name]).keys


def test_a_figure_changed_by_hand_is_found() -> None:
    """The comparison is of every derived key, the strategies' tables included."""
    text = (ROOT / "config" / "limits_live.toml").read_text(encoding="utf-8")
    for old, new in (
        ("\nrisk_per_trade_usd = 325.0", "\nrisk_per_trade_usd = 120.0"),
        ("strategy_open_risk_usd = 320.0", "strategy_open_risk_usd = 57.0"),
    ):
        assert old in text
        assert limit_sets.limits_file(text.replace(old, new), STATED["live"]) == text


def test_the_page_has_the_derived_tables() -> None:
    """The three tables of docs/limits.md, as they are made."""
    page = PAGE.read_text(encoding="utf-8")
    assert limit_sets.page(page) == page
    assert page.count("| `opening_range_reversal` |") == 1
    assert "10 of 15 |" in page


@SETS
def test_one_kind_of_drawdown_or_none_is_on(name: str) -> None:
    """Today three drawdowns run at once although the runbook says one."""
    values = tomllib.loads((ROOT / "config" / f"limits_{name}.toml").read_text(encoding="utf-8"))
    kinds = [values[f"drawdown_{kind}_usd"] for kind in ("intraday", "end_of_day", "static")]
    assert len([amount for amount in kinds if amount]) == (name != "demo")


@SETS
def test_a_strategy_s_day_is_worth_an_allowed_trade(name: str) -> None:
    """Today a strategy's day is worth less than one allowed trade; of the general share too."""
    values = tomllib.loads((ROOT / "config" / f"limits_{name}.toml").read_text(encoding="utf-8"))
    for share in (values, *values["strategies"].values()):
        trade = min(share["strategy_open_risk_usd"], values["risk_per_trade_usd"])
        assert share["strategy_daily_loss_usd"] >= trade
    assert values["daily_loss_usd"] >= 3 * values["risk_per_trade_usd"]


@SETS
def test_most_recorded_days_cost_no_more_than_a_share(name: str) -> None:
    """`live` paid 227 ticks of MNQ, the playbook's stops are 454 to 849."""
    derived = derive(STATED[name])
    for strategy, stops in first_stops().items():
        paid = [stop for stop in stops if cost_usd(stop) <= derived.shares[strategy]]
        assert len(paid) >= STATED[name].days_share * len(stops)
        assert len(paid) > len(stops) / 2
        assert cost_usd(paid[-1]) <= derived.keys["risk_per_trade_usd"]


def test_live_approves_most_of_the_recorded_candidates() -> None:
    """Today 1 of 8: those that no order flow had to be made for. Now six of them.

    Three of the opening range reversal in February 2026, five of the bear acceptance before.
    """
    shares = derive(STATED["live"]).shares
    eight = [
        stop
        for stop in recorded_stops()
        if (stop.strategy, stop.trade_date[:4])
        in {("opening_range_reversal", "2026"), ("bear_acceptance_short", "2025")}
    ]
    assert len(eight) == 8
    assert sum(cost_usd(stop.stop_ticks) <= 120.0 for stop in eight) == 1
    assert sum(cost_usd(stop.stop_ticks) <= shares[stop.strategy] for stop in eight) == 6


def test_stated_figures_that_contradict_each_other_are_refused() -> None:
    """A date that pays for less than all shares leaves nothing for a strategy of one's own."""
    poor = msgspec.structs.replace(STATED["live"], daily_pct=2.0)
    with pytest.raises(AssertionError, match="shares of 1115 leave -115"):
        derive(poor)
