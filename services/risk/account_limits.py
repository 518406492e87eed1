"""Limits on loss, drawdown, budgets, rates and margin: the keys, their ranges, their directions.

Rule 1: 0 switches a limit off where its range begins with 0; every other value is a limit.
Rule 2: a strategy's own table holds what is other for it than for the rest; by the name of its
        block in strategies.toml.
Source: spec P34 to P51, spec H.1.
"""

from typing import Annotated, Final

import msgspec

_LOWER: Final = {"stricter": "lower"}
_HIGHER: Final = {"stricter": "higher"}
_Usd = Annotated[float, msgspec.Meta(gt=0, le=100_000, extra=_LOWER)]
_UsdOrOff = Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_LOWER | {"off": 0})]
_Share = Annotated[float, msgspec.Meta(gt=0, le=1, extra=_LOWER)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000, extra=_LOWER)]
_CountOrOff = Annotated[int, msgspec.Meta(ge=0, le=100, extra=_LOWER | {"off": 0})]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=1_440, extra=_LOWER)]
_Quantity = Annotated[int, msgspec.Meta(ge=1, le=100, extra=_LOWER)]
_UsdOfRoot = dict[str, Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_HIGHER)]]


class StrategyLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is other for one strategy; absent: as for every strategy."""

    strategy_daily_loss_usd: _Usd | None = None
    strategy_contracts: _Quantity | None = None
    strategy_open_risk_usd: _Usd | None = None
    trades_per_strategy_per_day: _Count | None = None
    max_holding_minutes: _Minutes | None = None


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of the account and of each strategy's share in it."""

    start_equity_usd: Annotated[float, msgspec.Meta(gt=0, le=10_000_000)]
    """Balance at which the drawdowns of this run begin; in risk.toml, it is the account's."""
    peak_equity_usd: Annotated[float, msgspec.Meta(ge=0, le=10_000_000)]
    """Highest equity before this run, which no run can know; 0: the start. In risk.toml."""

    daily_loss_warning: _Share
    """Part of the daily loss at which an alert is said."""
    weekly_loss_usd: _UsdOrOff
    """Realised + unrealised of the week; at it everything is closed until a human resumes."""
    drawdown_intraday_usd: _UsdOrOff
    """Below the highest equity ever seen, open profit included."""
    drawdown_end_of_day_usd: _UsdOrOff
    """Below the highest balance a trade date has ended with."""
    drawdown_static_usd: _UsdOrOff
    """Below the start."""
    drawdown_lock_usd: Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_HIGHER)]
    """A trailing floor rises no further than this above the start."""
    drawdown_stop_share: _Share
    """Part of a drawdown at which the desk closes everything itself."""
    min_equity_usd: Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_HIGHER | {"off": 0})]
    """At or below it the desk halts."""
    daily_profit_usd: _UsdOrOff
    """Realised on a trade date; from there on no entries until the next."""
    profit_goal_usd: _UsdOrOff
    """Balance above the start; from there on no entries."""
    best_day_share: Annotated[float, msgspec.Meta(ge=0, le=1, extra=_LOWER | {"off": 0})]
    """Part of the profit goal that one trade date may bring (consistency)."""

    risk_per_trade_pct: Annotated[float, msgspec.Meta(gt=0, le=100, extra=_LOWER)]
    """Most that one entry may lose at its stop, percent of equity."""
    round_trip_fee_usd: _UsdOfRoot
    """Fees of a contract in and out, by root of the order contract."""

    strategy_daily_loss_usd: _Usd
    """Realised + unrealised of one strategy; at it its entries end for the trade date."""
    strategy_contracts: _Quantity
    """Of one strategy, over all contracts; in flight and UNKNOWN count at full size."""
    strategy_open_risk_usd: _Usd
    """Of one strategy: what its positions and a new one lose at their stops."""
    max_holding_minutes: _Minutes
    """From the first fill; then the position is closed."""
    strategies: dict[str, StrategyLimits]
    """By strategy instance."""
    losses_in_row_of_strategy: _CountOrOff
    losses_in_row_of_account: _CountOrOff
    """Trades lost in a row; then entries wait, and one loss more ends them."""
    loss_cool_down_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440, extra=_HIGHER)]
    """How long they wait after the last loss."""
    loss_streak_needs_human: Annotated[bool, msgspec.Meta(extra=_HIGHER)]
    """What a streak ended stays ended until a resume; false: until the next trade date."""
    loss_velocity_r: Annotated[float, msgspec.Meta(ge=0, le=100, extra=_LOWER | {"off": 0})]
    """R that the trades closed within the window may lose together; then entries wait."""
    loss_velocity_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440, extra=_HIGHER)]
    """The window."""

    entries_per_two_seconds: _Count
    entries_per_minute: _Count
    messages_per_second: _Count
    """Commands of every kind; only an entry waits for them."""
    rate_hits_to_halt: _Count
    """Entries refused for their rate on a trade date; then the desk halts."""
    fills_before_review: _Count
    """Entries of one strategy that filled on a trade date, since a human last resumed."""
    rejects_in_row: _Count
    rejects_per_hour: _Count
    """Orders refused by the client or the broker; then the desk halts."""
    stop_move_gap_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000, extra=_HIGHER)]
    """Between two moves of one position's stop."""
    unfilled_per_day: _Count
    """Entries that ended without a fill."""

    margin_switch_minutes: Annotated[int, msgspec.Meta(ge=0, le=240, extra=_HIGHER | {"off": 0})]
    """Before the session ends, at which the broker's day margin does; 0: margins are overnight."""
    margin_switch_lead_minutes: Annotated[int, msgspec.Meta(ge=1, le=240, extra=_HIGHER)]
    """Before that, from which on nobody enters; positions are closed a minute before it."""
    margin_usd: _UsdOfRoot
    """Initial margin of a contract, by root of the order contract."""
    margin_share: _Share
    """Part of the account's funds that positions may bind."""
    account_age_seconds: Annotated[int, msgspec.Meta(ge=1, le=3_600, extra=_LOWER)]
    """Live: oldest word of NinjaTrader on the account an entry may rest on."""
