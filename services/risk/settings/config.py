"""`risk.toml` and the set of limits it names: every limit of the desk, each set on purpose.

Rule 1: a limit has no default; a key that is missing, unknown or out of range stops the start.
        `profile` is in `risk.toml`; the limits are in `limits_<profile>.toml`.
Rule 2: amounts are dollars and clocks are New York wall time here, where people read and write
        them; limits_in_units.py gives them as the desk counts.
Rule 3: `tighter` in the metadata of a range names the direction that tightens the limit
        (tightening.py); `free`: it is no limit. A key without it counts as loosened by any change.
Rule 4: 0 switches a limit off where its range begins with 0; every other value is a limit.
Rule 5: a strategy's own table holds the limits that differ for it; by the name of its block in
        strategies.toml.
Source: spec P34 to P51, spec H.1 for loss, drawdown, budgets, rates and margin.
"""

from enum import Enum
from typing import Annotated, Final

import msgspec

from services.domain.units import Contracts, Ticks
from services.risk.settings.news_list import NewsList

_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_LOWER: Final = {"tighter": "lower"}
_HIGHER: Final = {"tighter": "higher"}
_FREE: Final = {"tighter": "free"}
_From = Annotated[str, msgspec.Meta(pattern=_CLOCK, extra=_HIGHER)]
_Until = Annotated[str, msgspec.Meta(pattern=_CLOCK, extra=_LOWER)]
_Usd = Annotated[float, msgspec.Meta(gt=0, le=100_000, extra=_LOWER)]
_UsdOrOff = Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_LOWER | {"off": 0})]
_UsdOfRoot = dict[str, Annotated[float, msgspec.Meta(ge=0, le=1_000_000, extra=_HIGHER)]]
_Share = Annotated[float, msgspec.Meta(gt=0, le=1, extra=_LOWER)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000, extra=_LOWER)]
_CountOrOff = Annotated[int, msgspec.Meta(ge=0, le=100, extra=_LOWER | {"off": 0})]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=1_440, extra=_LOWER)]
_Quantity = Annotated[Contracts, msgspec.Meta(ge=1, le=100, extra=_LOWER)]
_Trades = Annotated[int, msgspec.Meta(ge=1, le=1_000, extra=_LOWER)]


class StrategyLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits that differ for one strategy; absent: the general ones."""

    strategy_daily_loss_usd: _Usd | None = None
    strategy_contracts: _Quantity | None = None
    strategy_open_risk_usd: _Usd | None = None
    trades_per_strategy_per_day: _Count | None = None
    max_holding_minutes: _Minutes | None = None


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of the account and of each strategy's share in it."""

    start_equity_usd: Annotated[float, msgspec.Meta(gt=0, le=10_000_000)] | None = None
    """Balance at which the drawdowns of this run begin, in risk.toml; absent: the account's own.
    Where it is not the account's, entries are refused (account/balance.py)."""
    peak_equity_usd: Annotated[float, msgspec.Meta(ge=0, le=10_000_000)]
    """Highest equity before this run, which no run can know; 0: the start. In risk.toml."""

    daily_loss_warning: _Share
    """Part of the daily loss at which an alert is raised."""
    weekly_loss_usd: _UsdOrOff
    """Realised + unrealised of the week; at it the desk flattens and entries stop until resumed."""
    drawdown_intraday_usd: _UsdOrOff
    """Below the highest equity ever seen, open profit included."""
    drawdown_end_of_day_usd: _UsdOrOff
    """Below the highest balance a trade date has ended with."""
    drawdown_static_usd: _UsdOrOff
    """Below the start equity."""
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
    """Entries stopped by a streak wait for a resume; false: until the next trade date."""
    loss_velocity_r: Annotated[float, msgspec.Meta(ge=0, le=100, extra=_LOWER | {"off": 0})]
    """R that the trades closed within the window may lose together; then entries wait."""
    loss_velocity_minutes: Annotated[int, msgspec.Meta(ge=1, le=1_440, extra=_HIGHER)]
    """The window."""

    entries_per_two_seconds: _Count
    entries_per_minute: _Count
    messages_per_second: _Count
    """Commands of every kind; only an entry waits for them."""
    rate_refusals_to_halt: _Count
    """Entries refused for their rate on a trade date; then the desk halts."""
    fills_before_review: _Count
    """Entries of one strategy that filled on a trade date, since the last resume."""
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
    """Before that, from which entries stop; positions are closed a minute before it."""
    margin_usd: _UsdOfRoot
    """Initial margin of a contract, by root of the order contract."""
    margin_share: _Share
    """Part of the available margin that positions may use."""
    account_values_age_max_seconds: Annotated[int, msgspec.Meta(ge=1, le=3_600, extra=_LOWER)]
    """Live: oldest account values an entry may rest on."""


class Sizing(Enum):
    """How many contracts an entry gets."""

    FIXED = "fixed"
    """`fixed_quantity`, whatever the stop."""
    BY_RISK = "by_risk"
    """As many as `risk_per_trade_usd` pays for, at most `size_max`."""


class ApprovedStrategy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approved strategy; `*` stands for any."""

    strategy: str
    """Instance name, from strategies.toml."""
    version: str
    """Of its rules."""
    config: str
    """Hash of its parameters, 8 hexadecimal digits, as NOT_APPROVED and `explain` show it."""


class RiskConfig(AccountLimits, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one desk."""

    profile: Annotated[str, msgspec.Meta(min_length=1, max_length=20, extra=_FREE)]
    """Name of the set of limits in force: demo, paper, live, or one of your own."""

    decision_deadline_ms: Annotated[int, msgspec.Meta(ge=10, le=5_000, extra=_FREE)]
    """How long a closed stamp waits for its strategies and reports."""
    entry_expiry_ms: Annotated[int, msgspec.Meta(ge=500, le=10_000, extra=_LOWER)]
    """Age at which NinjaTrader refuses an entry."""
    max_data_age_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000, extra=_LOWER)]
    """Oldest bar an entry may rest on, after its close."""
    unknown_after_ms: Annotated[int, msgspec.Meta(ge=1_000, le=60_000, extra=_LOWER)]
    """Silence after an entry command that makes the position UNKNOWN."""

    first_entry_et: _From
    """Entries on stamps after this."""
    last_entry_et: _Until
    """Entries on stamps before this."""
    no_entry_before_close_minutes: Annotated[int, msgspec.Meta(ge=1, le=180, extra=_HIGHER)]
    """Lead on the flat-by time, early closes included."""
    flat_by_et: _Until
    """Everything is closed at this time; one minute before an early close."""
    short_sessions: Annotated[bool, msgspec.Meta(extra=_LOWER)] = True
    """Entries are made on dates whose session ends early; false: on none of them."""
    rule_pack_flat_by_et: _Until | None = None
    """A firm's own flat-by time, used where it is earlier; absent: no rule pack."""

    sizing: Sizing
    fixed_quantity: _Quantity
    """Contracts per entry with `fixed` sizing."""
    size_max: _Quantity
    """Most contracts that sizing by risk asks for."""
    risk_per_trade_usd: _Usd
    """Most that one entry may lose at its stop, slippage reserve included."""
    slippage_reserve_ticks: Annotated[Ticks, msgspec.Meta(ge=0, le=200, extra=_HIGHER)]
    """Added to the stop distance wherever a risk is counted."""
    min_stop_ticks: Annotated[Ticks, msgspec.Meta(ge=1, le=4_000, extra=_HIGHER)]
    max_stop_ticks: Annotated[Ticks, msgspec.Meta(ge=1, le=4_000, extra=_LOWER)]

    max_order_quantity: _Quantity
    """Contracts per entry order."""
    max_position_contracts: _Quantity
    """Of the account, over all contracts; orders in flight and UNKNOWN count at full size."""
    daily_loss_usd: _Usd
    """Realised + unrealised; at it the desk only reduces until the next trade date."""
    trades_per_day: _Trades
    """Entry commands of a trade date."""
    trades_per_strategy_per_day: _Trades

    allowed_accounts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Accounts these limits are for."""
    account_simulated: bool
    """True: only an account that trades no money; false: only one that does."""
    approved_strategies: Annotated[tuple[ApprovedStrategy, ...], msgspec.Meta(min_length=1)]
    """Strategies that may trade."""
    approved_clients: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Versions of the client's program that may trade, as its hello reports it; `*`: any."""
    approved_builds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """Builds of the desk that may start, as its heartbeats report them; `*` stands for any."""
    duplicate_window_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000, extra=_HIGHER)]
    """Time that must pass before the same strategy, contract, side and size again."""
    reconcile_age_max_ms: Annotated[int, msgspec.Meta(ge=1_000, le=600_000, extra=_LOWER)]
    """Oldest holdings reported by the client, live."""
    position_grace_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000, extra=_LOWER)]
    """Time the account may differ from the ledger before entries stop: fills may be in flight."""
    clock_skew_max_ms: Annotated[int, msgspec.Meta(ge=10, le=5_000, extra=_LOWER)]
    """Most between the client's clock and ours, transit included, live."""

    news_list_age_max_days: Annotated[int, msgspec.Meta(ge=1, le=60, extra=_LOWER)]
    """How long a list of releases (news.toml) counts after its date."""
    no_entry_before_expiry_days: Annotated[int, msgspec.Meta(ge=0, le=30, extra=_HIGHER)]
    """Calendar days before a contract's last one on which entries in it end."""
    roll_block_days: Annotated[int, msgspec.Meta(ge=0, le=10, extra=_HIGHER)]
    """Days before the next month is front from which entries end, also after it; 0: no block."""

    warmup_bars: Annotated[int, msgspec.Meta(ge=1, le=30, extra=_HIGHER)]
    """Sound bars in a row before an entry."""
    price_limit_pct: Annotated[float, msgspec.Meta(ge=1, le=20, extra=_LOWER)]
    """Most from the prior close, percent; 20 is the exchange's last limit."""
    spike_atr_max: Annotated[float, msgspec.Meta(ge=1, le=50, extra=_LOWER)]
    """Most one bar may move, in one-minute ATRs of the bar before."""
    cross_index_atr_max: Annotated[float, msgspec.Meta(ge=1, le=50, extra=_LOWER)]
    """Most a bar's move may differ from the other indices', in one-minute ATRs of each."""
    suspect_bars: Annotated[int, msgspec.Meta(ge=1, le=30, extra=_HIGHER)]
    """Bars without entries, the suspect one included."""

    reward_risk_min: Annotated[float, msgspec.Meta(ge=0, le=10, extra=_HIGHER)]
    """Least target distance over stop distance; 0: no floor."""
    collar_pct: Annotated[float, msgspec.Meta(ge=0.01, le=5, extra=_LOWER)]
    """Most an entry's price may be from the last one, percent."""
    collar_atr: Annotated[float, msgspec.Meta(ge=0.1, le=20, extra=_LOWER)]
    """The same in one-minute ATRs; the smaller of the two counts."""
    max_order_value_usd: Annotated[float, msgspec.Meta(gt=0, le=10_000_000, extra=_LOWER)]
    """Contracts times price times multiplier."""
    slippage_collar_ticks: Annotated[Ticks, msgspec.Meta(ge=1, le=400, extra=_LOWER)]
    """Most an entry may fill from its reference before an alert is raised."""
    slippage_breaches_max: Annotated[int, msgspec.Meta(ge=1, le=10, extra=_LOWER)]
    """Entries of a trade date beyond it at which the desk halts."""

    open_entries_max: Annotated[int, msgspec.Meta(ge=1, le=10, extra=_LOWER)]
    """Entries that may work at a time, the new one included."""
    open_exits_max: Annotated[int, msgspec.Meta(ge=2, le=10, extra=_LOWER)]
    """Exits that may work for one position: stop, target, and one to end it."""
    same_direction_max: Annotated[int, msgspec.Meta(ge=1, le=20, extra=_LOWER)]
    """Strategies that may hold one direction at a time, over all contracts."""
    group_risk_usd: _Usd
    """Most that everything held may move on an average day, sides never netted."""
    group_notional_usd: Annotated[float, msgspec.Meta(gt=0, le=10_000_000, extra=_LOWER)]
    """Most notional value of everything held, sides never netted."""
    stop_confirmation_ms_max: Annotated[int, msgspec.Meta(ge=500, le=60_000, extra=_LOWER)]
    """Longest time a position is held without a stop that covers it; then it is closed."""
    stop_collar_ticks: Annotated[Ticks, msgspec.Meta(ge=0, le=400, extra=_LOWER)]
    """Most a working stop may be further away than it was commanded."""
    news: NewsList | None = None
    """The folder's news.toml; absent: there is none."""

    def __post_init__(self) -> None:
        """Refuse limits that contradict each other."""
        ordered = (
            (self.first_entry_et < self.last_entry_et, "first_entry_et < last_entry_et"),
            (self.last_entry_et <= self.flat_by_et, "last_entry_et <= flat_by_et"),
            (self.min_stop_ticks <= self.max_stop_ticks, "min_stop_ticks <= max_stop_ticks"),
            (
                self.max_order_quantity <= self.max_position_contracts,
                "max_order_quantity <= max_position_contracts",
            ),
        )
        for holds, expected in ordered:
            if not holds:
                raise ValueError(f"limits contradict each other, expected {expected}")
