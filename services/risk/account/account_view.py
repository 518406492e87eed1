"""Where the account stands when one candidate is decided: what the limits on money look at."""

from collections.abc import Mapping

import msgspec

from services.domain.messages.risk import Streak
from services.domain.units import MicroUsd
from services.risk.account.drawdown import Floor
from services.risk.account.loss_velocity import Velocity
from services.risk.settings.limits_in_units import Amounts, Budget


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """Where the strategy that asks stands."""

    budget: Budget
    day: int
    """Realised + unrealised of the trade date, micro-dollars."""
    at_risk: int
    """What its positions lose at their stops, micro-dollars ≥ 0."""
    contracts: int
    """Held, in flight and approved in this stamp."""
    streak: Streak | None
    latched: str | None
    """How its daily loss was reached."""
    fills: int
    """Entries that filled since a human last looked."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often the desk has spoken until now."""

    two_seconds: int
    """Entries, those approved in this stamp included."""
    minute: int
    second: int
    """Commands of every kind."""
    unfilled: int


class Funds(msgspec.Struct, frozen=True, kw_only=True):
    """What positions may bind."""

    needed: MicroUsd
    """Margin of everything held, in flight, approved in this stamp, and of the new entry."""
    free: MicroUsd
    untold: bool
    """NinjaTrader has told of the account, but not of its excess margin."""
    source: str
    """Where `free` comes from, for the sentence."""
    age_ns: int | None
    """Age of NinjaTrader's word on the account; None: it has said nothing."""
    required: bool
    """Live: that word must be there and fresh."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one moment; money in micro-dollars."""

    amounts: Amounts
    equity: int
    """Balance and open profit."""
    balance: int
    day: int
    """Realised + unrealised of the trade date."""
    realised: int
    week: int
    """Realised + unrealised of the week."""
    at_risk: int
    """What everything open, in flight and approved in this stamp loses at its stops, ≥ 0."""
    unstopped: str
    """A position whose stop nobody knows; empty: none."""
    new_risk: int
    """What the candidate loses at its stop: reserve and fees included, ≥ 0."""
    budget: int
    """Most that one entry may lose."""
    floors: tuple[Floor, ...]
    """Of the drawdowns that are on."""
    latches: Mapping[tuple[str, str], str]
    """Reasons by refusal code and strategy ('': the desk)."""
    streak: Streak | None
    """Of the account."""
    velocity: Velocity
    """How fast it has lost."""
    strategy: Strategy
    pace: Pace
    funds: Funds
