"""The doctor on limits, strategies and the session before: green, amber and red on real folders."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.doctor import approval, limits, news_releases, prior_session, tradable
from services.doctor.finding import Colour, Finding
from services.doctor.snapshot import read_desk
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import AccountValues
from services.domain.messages.session import SessionCarry, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos
from services.runtime.journal import Role
from services.strategies.config import build_params, params_hash
from tests.support.doctor_desk import BEFORE_OPEN, TUESDAY, DoctorDesk
from tests.support.order_builder import hello as order_hello
from tests.support.sample_messages import sample

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
MONDAY = "2026-02-09"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[DoctorDesk]:
    """The configuration as shipped, live, nothing running."""
    with DoctorDesk(tmp_path) as made:
        yield made


def _is(finding: Finding, colour: Colour, *words: str) -> None:
    assert finding.colour is colour, finding
    for text in words:
        assert text in finding.found, finding


def _paper(clinic: DoctorDesk, old: str, new: str) -> Finding:
    clinic.change("limits_paper.toml", old, new)
    return limits.limits(clinic.snapshot())


def test_limits_as_shipped_are_sane(clinic: DoctorDesk) -> None:
    """The sets for play money let every strategy trade."""
    _is(limits.limits(clinic.snapshot()), GREEN, "set paper")
    clinic.change("risk.toml", 'profile = "', 'profile = "demo" # "')
    sight = clinic.snapshot()
    assert limits.limits(sight).colour is not RED
    assert tradable.strategies(sight).colour is not RED


def test_the_live_set_wants_its_account_named(clinic: DoctorDesk) -> None:
    """As shipped it is for nobody's account: red until its owner has written one."""
    clinic.change("risk.toml", 'profile = "', 'profile = "live" # "')
    _is(limits.limits(clinic.snapshot()), RED, "account Sim101 is not one these limits are for")


def test_a_day_must_survive_a_trade(clinic: DoctorDesk) -> None:
    """A daily loss below one trade's risk ends the day before it begins."""
    text = "daily loss $500.00 is below the risk of one trade, $610.00"
    _is(_paper(clinic, "daily_loss_usd = 1500.0", "daily_loss_usd = 500.0"), RED, text)


@pytest.mark.parametrize(("usd", "colour"), [("6.5", RED), ("7.0", AMBER)])
def test_the_narrowest_stop_must_be_paid_for(clinic: DoctorDesk, usd: str, colour: Colour) -> None:
    """4 ticks and the reserve of 10 risk $7 a contract of MNQ: $6.50 a trade buys nothing."""
    found = _paper(clinic, "risk_per_trade_usd = 610.0", f"risk_per_trade_usd = {usd}")
    _is(found, colour, "MNQ 03-26")


def test_wide_stops_that_are_not_paid_for_are_said(clinic: DoctorDesk) -> None:
    """$300 pay for 590 ticks of MNQ; the 1200 allowed are an empty promise: amber."""
    found = _paper(clinic, "risk_per_trade_usd = 610.0", "risk_per_trade_usd = 300.0")
    _is(found, AMBER, "stops of MNQ 03-26 above 590 ticks cost more", "1200")


def test_loss_against_the_equity(clinic: DoctorDesk) -> None:
    """2 % of what NinjaTrader says the account holds; unknown, nothing is said."""
    for cash, colour in ((80_000, GREEN), (50_000, AMBER)):
        values = msgspec.structs.replace(
            sample(AccountValues, 0), cash=MicroUsd(cash * 1_000_000), unrealised=MicroUsd(0)
        )
        clinic.write("orders", values)
        _is(limits.limits(clinic.snapshot()), colour)
    _is(limits.limits(clinic.snapshot()), AMBER, "$1,500.00 is 3.0% of the equity $50,000.00")


@pytest.mark.parametrize(("said", "colour"), [(True, GREEN), (False, RED), (None, RED)])
def test_limits_are_for_this_kind_of_account(
    clinic: DoctorDesk,
    said: bool | None,  # noqa: FBT001
    colour: Colour,
) -> None:
    """The paper set is for an account that trades no money: what else the client says is red."""
    clinic.write("orders", order_hello(mode=TimeMode.LIVE, simulated=said))
    _is(limits.limits(clinic.snapshot()), colour)


def test_an_account_the_limits_are_not_for_is_red(clinic: DoctorDesk) -> None:
    """Every entry on it would be refused."""
    clinic.change("desk.toml", 'account = "Sim101"', 'account = "Apex-7"')
    _is(limits.limits(clinic.snapshot()), RED, "account Apex-7 is not one these limits are for")


def test_a_budget_below_the_narrowest_stop_is_said(clinic: DoctorDesk) -> None:
    """A strategy whose own open risk pays for no stop cannot trade: amber, by name."""
    own = "strategies = { edge_fade = { strategy_open_risk_usd = 5.0 } }"
    clinic.change("limits_paper.toml", "strategies = {}", own)
    _is(tradable.strategies(clinic.snapshot()), AMBER, "edge_fade has no stop it may use")


def _approve(clinic: DoctorDesk, *rows: tuple[str, str, str]) -> Finding:
    text = ", ".join(f'{{ strategy = "{s}", version = "{v}", config = "{c}" }}' for s, v, c in rows)
    clinic.change(
        "limits_paper.toml",
        'approved = [{ strategy = "*", version = "*", config = "*" }]',
        f"approved = [{text}]",
    )
    return approval.approval(clinic.snapshot())


def _hash(clinic: DoctorDesk, name: str) -> str:
    return params_hash(build_params(clinic.snapshot().blocks[name], name))


def test_a_strategy_nobody_approved_is_said(clinic: DoctorDesk) -> None:
    """A list without it lets the others trade: amber, by name, with what to list."""
    orr = _hash(clinic, "opening_range_reversal")
    found = _approve(clinic, ("edge_fade", "*", "*"))
    text = f"opening_range_reversal version 1 with parameters {orr} is not on the list"
    _is(found, AMBER, text)
    assert "edge_fade" not in found.found


def test_approved_by_version_and_parameters(clinic: DoctorDesk) -> None:
    """The exact row is green; a parameter changed since is amber, with both hashes."""
    names = [slot.name for slot in clinic.snapshot().manifest.slots]
    found = _approve(clinic, *((name, "1", _hash(clinic, name)) for name in names))
    old = _hash(clinic, "edge_fade")
    _is(found, GREEN, f"edge_fade 1 {old}")
    file = clinic.path / "strategies.toml"
    text = file.read_text("utf-8").replace(
        "[edge_fade]", '[edge_fade.params]\nlast_entry = "13:00"\n\n[edge_fade]', 1
    )
    file.write_text(text, "utf-8")
    new = _hash(clinic, "edge_fade")
    assert new != old
    found = approval.approval(clinic.snapshot())
    _is(
        found,
        AMBER,
        f"edge_fade is version 1 with parameters {new}, approved is version 1 with"
        f" parameters {old}",
    )
    assert found.found.count(";") == 0, "the others are approved and say nothing"


def test_another_version_is_not_the_approved_one(clinic: DoctorDesk) -> None:
    """Rules that changed since are said by their version; a wider row lets them pass."""
    found = _approve(clinic, ("edge_fade", "0", "*"), ("p_day", "1", "*"))
    _is(found, AMBER, f"parameters {_hash(clinic, 'edge_fade')}, approved is version 0 with any")
    assert "p_day" not in found.found
    row = '{ strategy = "p_day", version = "1"'
    clinic.change("limits_paper.toml", row, '{ strategy = "*", version = "*"')
    _is(approval.approval(clinic.snapshot()), GREEN)


def test_nobody_approved_is_red(clinic: DoctorDesk) -> None:
    """Then nothing can trade, and both checks say so."""
    _is(_approve(clinic, ("somebody", "1", "*")), RED, "no enabled strategy is approved")
    _is(tradable.strategies(clinic.snapshot()), RED, "no enabled strategy can trade")


def test_money_wants_exact_approvals(clinic: DoctorDesk) -> None:
    """Rows for any version or parameters: green for play money, amber where money is traded."""
    _is(approval.approval(clinic.snapshot()), GREEN)
    clinic.change("risk.toml", 'profile = "', 'profile = "live" # "')
    _is(
        approval.approval(clinic.snapshot()),
        AMBER,
        "money is traded, and any version or parameters",
    )


@pytest.mark.parametrize(
    ("date", "colour", "words"),
    [
        ("2026-11-27", GREEN, "list of 2026-11-20, 7 days old; none listed in the next 7 days"),
        ("2026-11-30", AMBER, "10 days old: look the releases up, write them and today's date"),
        ("2026-12-08", AMBER, "18 days old"),
        ("2026-12-09", RED, "the Federal Reserve decides on 2026-12-09: look the releases up"),
        ("2026-11-18", AMBER, "the list is dated 2026-11-20, after 2026-11-18"),
    ],
)
def test_the_list_of_releases_goes_stale(
    clinic: DoctorDesk, date: str, colour: Colour, words: str
) -> None:
    """After its days it is amber with what to do; on a day of the Fed, without one, red."""
    _list(clinic, "2026-11-20")
    _is(news_releases.releases(clinic.snapshot(et_ns(date, "09:20"))), colour, words)


def _list(clinic: DoctorDesk, as_of: str) -> None:
    text = f'as_of = "{as_of}"\n[[release]]\nname = "Fed"\nat_et = "2026-12-09 14:00"\n'
    text += "lead_minutes = 5\nlag_minutes = 15\n"
    (clinic.path / "news.toml").write_text(text, "utf-8")


def test_a_release_of_today_is_said(clinic: DoctorDesk) -> None:
    """Amber with its minutes; the days before name it as the next."""
    _list(clinic, "2026-12-07")
    words = "today: Fed at 14:00 ET, no entries from 5 min before to 15 min after"
    _is(news_releases.releases(clinic.snapshot(et_ns("2026-12-09", "09:20"))), AMBER, words)
    found = news_releases.releases(clinic.snapshot(et_ns("2026-12-08", "09:20")))
    _is(found, GREEN, "1 day old; next: 2026-12-09 14:00 Fed")


def test_without_a_list(clinic: DoctorDesk) -> None:
    """No file is amber, red on a day of the Fed; a year nobody knows the Fed's days of is said."""
    (clinic.path / "news.toml").unlink()
    _is(
        news_releases.releases(clinic.snapshot()),
        AMBER,
        "no list of releases: look the releases up",
    )
    fed = clinic.snapshot(et_ns("2026-12-09", "09:20"))
    _is(news_releases.releases(fed), RED, "there is no news list")
    later = news_releases.releases(clinic.snapshot(et_ns("2028-02-08", "09:20")))
    _is(later, AMBER, "the Federal Reserve's days of 2028 are not known")
    clinic.change("desk.toml", 'mode = "live"', 'mode = "playback"')
    _is(news_releases.releases(fed), RED)  # a look is of its own moment
    _is(news_releases.releases(clinic.snapshot()), GREEN, "playback")


def test_strategies_that_can_trade(clinic: DoctorDesk) -> None:
    """As shipped all can; one whose hours the limits close is amber, by name."""
    _is(tradable.strategies(clinic.snapshot()), GREEN, "edge_fade")
    clinic.change("limits_paper.toml", 'last_entry_et = "15:30"', 'last_entry_et = "10:31"')
    _is(
        tradable.strategies(clinic.snapshot()),
        AMBER,
        "edge_fade has no minute to enter: after 10:30",
    )


def test_no_strategy_that_can_trade_is_red(clinic: DoctorDesk) -> None:
    """Stops from 300 ticks on, and 290 paid for: nobody can ask for anything."""
    clinic.change("limits_paper.toml", "min_stop_ticks = 4", "min_stop_ticks = 300")
    clinic.change("limits_paper.toml", "risk_per_trade_usd = 610.0", "risk_per_trade_usd = 150.0")
    text = "edge_fade has no stop it may use"
    _is(tradable.strategies(clinic.snapshot()), RED, text, "no enabled strategy can trade")


def test_a_strategy_that_does_not_load_is_red(clinic: DoctorDesk) -> None:
    """Its worker would not start, and takes the others with it."""
    block = '\n[my_own]\npackage = "nowhere"\nsignal = "NQ"\npriority = 90\nworker = "strategies"\n'
    path = clinic.path / "strategies.toml"
    path.write_text(path.read_text("utf-8") + block, "utf-8")
    _is(tradable.strategies(clinic.snapshot()), RED, "my_own: ")


def _session(clinic: DoctorDesk, bars: int, contracts: tuple[str, ...]) -> None:
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
    clinic: DoctorDesk, bars: int, contracts: tuple[str, ...], colour: Colour, words: str
) -> None:
    """Bars of the last session's regular hours against the calendar's minutes, each contract."""
    _session(clinic, bars, contracts)
    _is(prior_session.prior_session(clinic.snapshot()), colour, words)


@pytest.mark.parametrize(("prior", "colour"), [(MONDAY, GREEN), (None, AMBER)])
def test_yesterday_is_carried_over(clinic: DoctorDesk, prior: str | None, colour: Colour) -> None:
    """Today's first record holds yesterday's levels, or it is said whose are missing."""
    _session(clinic, 390, WATCHED)
    carry = msgspec.structs.replace(
        sample(SessionCarry, 0), contract="NQ 03-26", trade_date=TUESDAY, prior_date=prior
    )
    clinic.write("state", carry, role=Role.OUTPUT)
    words = "carried over" if prior else f"no levels of {MONDAY} carried over for NQ 03-26"
    _is(prior_session.prior_session(clinic.snapshot()), colour, words)


def test_after_the_close_today_is_the_last_session(clinic: DoctorDesk) -> None:
    """At 16:05 the session that has just been is the one that counts."""
    _session(clinic, 390, WATCHED)
    _is(prior_session.prior_session(clinic.snapshot(et_ns(MONDAY, "16:05"))), GREEN, MONDAY)
    _is(
        prior_session.prior_session(clinic.snapshot(et_ns(MONDAY, "15:55"))),
        AMBER,
        "2026-02-06 is not in",
    )


def test_a_folder_no_desk_starts_from_is_refused(tmp_path: Path) -> None:
    """An empty folder is a ConfigError, not a red line."""
    with pytest.raises(ConfigError, match=r"no \*\.toml"):
        read_desk(tmp_path, BEFORE_OPEN)


def test_strategies_that_may_lose_more_than_the_account_are_red(clinic: DoctorDesk) -> None:
    """Risk would not start with such a set: each share, their sum, and what the account allows."""
    one = "\nstrategy_daily_loss_usd = 210.0"
    clinic.change("limits_paper.toml", one, "\nstrategy_daily_loss_usd = 400.0")
    _is(limits.limits(clinic.snapshot()), RED, "strategies may lose", "daily_loss_usd $1,500.00")
