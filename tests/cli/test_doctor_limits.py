"""The doctor on limits, strategies and the session before: green, amber and red on real folders."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.cli.doctor import limits, playable, record
from services.cli.doctor.finding import Colour, Finding
from services.cli.doctor.sight import look
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import AccountValues
from services.domain.messages.session import SessionCarry, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos
from services.runtime.journal import Role
from tests.support.clinic import BEFORE_OPEN, TUESDAY, Clinic
from tests.support.order_builder import hello as order_hello
from tests.support.samples import sample

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
MONDAY = "2026-02-09"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The configuration as shipped, live, nothing running."""
    with Clinic(tmp_path) as made:
        yield made


def _is(finding: Finding, colour: Colour, *words: str) -> None:
    assert finding.colour is colour, finding
    for text in words:
        assert text in finding.found, finding


def _paper(clinic: Clinic, old: str, new: str) -> Finding:
    clinic.change("limits_paper.toml", old, new)
    return limits.limits(clinic.look())


def test_limits_as_shipped_are_sane(clinic: Clinic) -> None:
    """The sets for play money let every strategy trade."""
    _is(limits.limits(clinic.look()), GREEN, "set paper")
    clinic.change("risk.toml", 'profile = "', 'profile = "demo" # "')
    sight = clinic.look()
    assert limits.limits(sight).colour is not RED
    assert playable.strategies(sight).colour is not RED


def test_the_live_set_wants_its_account_named(clinic: Clinic) -> None:
    """As shipped it is for nobody's account: red until its owner has written one."""
    clinic.change("risk.toml", 'profile = "', 'profile = "live" # "')
    _is(limits.limits(clinic.look()), RED, "account Sim101 is not one these limits are for")


def test_a_day_must_survive_a_trade(clinic: Clinic) -> None:
    """A daily loss below one trade's risk ends the day before it begins."""
    text = "daily loss $500.00 is below the risk of one trade, $610.00"
    _is(_paper(clinic, "daily_loss_usd = 1500.0", "daily_loss_usd = 500.0"), RED, text)


@pytest.mark.parametrize(("usd", "colour"), [("6.5", RED), ("7.0", AMBER)])
def test_the_narrowest_stop_must_be_paid_for(clinic: Clinic, usd: str, colour: Colour) -> None:
    """4 ticks and the reserve of 10 risk $7 a contract of MNQ: $6.50 a trade buys nothing."""
    found = _paper(clinic, "risk_per_trade_usd = 610.0", f"risk_per_trade_usd = {usd}")
    _is(found, colour, "MNQ 03-26")


def test_wide_stops_that_are_not_paid_for_are_said(clinic: Clinic) -> None:
    """$300 pay for 590 ticks of MNQ; the 1200 allowed are an empty promise: amber."""
    found = _paper(clinic, "risk_per_trade_usd = 610.0", "risk_per_trade_usd = 300.0")
    _is(found, AMBER, "stops of MNQ 03-26 above 590 ticks cost more", "1200")


def test_loss_against_the_equity(clinic: Clinic) -> None:
    """2 % of what NinjaTrader says the account holds; unknown, nothing is said."""
    for cash, colour in ((80_000, GREEN), (50_000, AMBER)):
        values = msgspec.structs.replace(
            sample(AccountValues, 0), cash=MicroUsd(cash * 1_000_000), unrealised=MicroUsd(0)
        )
        clinic.write("orders", values)
        _is(limits.limits(clinic.look()), colour)
    _is(limits.limits(clinic.look()), AMBER, "$1,500.00 is 3.0% of the equity $50,000.00")


@pytest.mark.parametrize(("said", "colour"), [(True, GREEN), (False, RED), (None, RED)])
def test_limits_are_for_this_kind_of_account(
    clinic: Clinic,
    said: bool | None,  # noqa: FBT001
    colour: Colour,
) -> None:
    """The paper set is for an account that trades no money: what else the client says is red."""
    clinic.write("orders", order_hello(mode=TimeMode.LIVE, simulated=said))
    _is(limits.limits(clinic.look()), colour)


def test_an_account_the_limits_are_not_for_is_red(clinic: Clinic) -> None:
    """Every entry on it would be refused."""
    clinic.change("desk.toml", 'account = "Sim101"', 'account = "Apex-7"')
    _is(limits.limits(clinic.look()), RED, "account Apex-7 is not one these limits are for")


def test_a_budget_below_the_narrowest_stop_is_said(clinic: Clinic) -> None:
    """A strategy whose own daily loss pays for no stop cannot trade: amber, by name."""
    own = "strategies = { edge_fade = { strategy_daily_loss_usd = 5.0 } }"
    clinic.change("limits_paper.toml", "strategies = {}", own)
    _is(playable.strategies(clinic.look()), AMBER, "edge_fade has no stop it may use")


def test_a_strategy_nobody_approved_is_said(clinic: Clinic) -> None:
    """A list without it lets the others trade: amber, by name."""
    clinic.change("limits_paper.toml", 'strategy = "*"', 'strategy = "edge_fade"')
    found = playable.strategies(clinic.look())
    _is(found, AMBER, "opening_range_reversal is not on the list of approved strategies")
    assert "edge_fade" not in found.found


def test_strategies_that_can_trade(clinic: Clinic) -> None:
    """As shipped all can; one whose hours the limits close is amber, by name."""
    _is(playable.strategies(clinic.look()), GREEN, "edge_fade")
    clinic.change("limits_paper.toml", 'last_entry_et = "15:30"', 'last_entry_et = "10:31"')
    _is(playable.strategies(clinic.look()), AMBER, "edge_fade has no minute to enter: after 10:30")


def test_no_strategy_that_can_trade_is_red(clinic: Clinic) -> None:
    """Stops from 300 ticks on, and 290 paid for: nobody can ask for anything."""
    clinic.change("limits_paper.toml", "min_stop_ticks = 4", "min_stop_ticks = 300")
    clinic.change("limits_paper.toml", "risk_per_trade_usd = 610.0", "risk_per_trade_usd = 150.0")
    text = "edge_fade has no stop it may use"
    _is(playable.strategies(clinic.look()), RED, text, "no enabled strategy can trade")


def test_a_strategy_that_does_not_load_is_red(clinic: Clinic) -> None:
    """Its worker would not start, and takes the others with it."""
    block = '\n[my_own]\npackage = "nowhere"\nsignal = "NQ"\npriority = 90\nworker = "strategies"\n'
    path = clinic.path / "strategies.toml"
    path.write_text(path.read_text("utf-8") + block, "utf-8")
    _is(playable.strategies(clinic.look()), RED, "my_own: ")


def _session(clinic: Clinic, bars: int, contracts: tuple[str, ...]) -> None:
    start = et_ns(MONDAY, "09:30")
    said = [
        msgspec.structs.replace(
            sample(SessionUpdate, 0),
            contract=contract,
            trade_date=MONDAY,
            close_ns=UnixNanos(start + n * NANOS_PER_MINUTE),
            minute_of_rth=n,
        )
        for n in range(1, bars + 1)
        for contract in contracts
    ]
    clinic.write("state", *said, date=MONDAY, role=Role.OUTPUT)


WATCHED = ("NQ 03-26", "ES 03-26", "YM 03-26")


@pytest.mark.parametrize(
    ("bars", "contracts", "colour", "words"),
    [
        (390, WATCHED, GREEN, "2026-02-09: NQ 03-26 390, ES 03-26 390, YM 03-26 390 of 390 bars"),
        (371, WATCHED, GREEN, "YM 03-26 371 of 390 bars"),
        (370, WATCHED, AMBER, "NQ 03-26 370"),
        (390, WATCHED[:2], AMBER, "YM 03-26 0 of 390 bars"),
        (0, WATCHED, AMBER, "2026-02-09 is not in the journal"),
    ],
    ids=["whole", "95 %", "less", "one missing", "nothing"],
)
def test_yesterday(
    clinic: Clinic, bars: int, contracts: tuple[str, ...], colour: Colour, words: str
) -> None:
    """Bars of the last session's regular hours against the calendar's minutes, each contract."""
    _session(clinic, bars, contracts)
    _is(record.yesterday(clinic.look()), colour, words)


@pytest.mark.parametrize(("prior", "colour"), [(MONDAY, GREEN), (None, AMBER)])
def test_yesterday_is_carried_over(clinic: Clinic, prior: str | None, colour: Colour) -> None:
    """Today's first record holds yesterday's levels, or it is said whose are missing."""
    _session(clinic, 390, WATCHED)
    carry = msgspec.structs.replace(
        sample(SessionCarry, 0), contract="NQ 03-26", trade_date=TUESDAY, prior_date=prior
    )
    clinic.write("state", carry, role=Role.OUTPUT)
    words = "carried over" if prior else f"no levels of {MONDAY} carried over for NQ 03-26"
    _is(record.yesterday(clinic.look()), colour, words)


def test_after_the_close_today_is_the_last_session(clinic: Clinic) -> None:
    """At 16:05 the session that has just been is the one that counts."""
    _session(clinic, 390, WATCHED)
    _is(record.yesterday(clinic.look(et_ns(MONDAY, "16:05"))), GREEN, MONDAY)
    _is(record.yesterday(clinic.look(et_ns(MONDAY, "15:55"))), AMBER, "2026-02-06 is not in")


def test_a_folder_no_desk_starts_from_is_refused(tmp_path: Path) -> None:
    """An empty folder is a ConfigError, not a red line."""
    with pytest.raises(ConfigError, match=r"no \*\.toml"):
        look(tmp_path, BEFORE_OPEN)
