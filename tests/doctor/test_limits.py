"""The doctor on limits, strategies and the session before: green, amber and red on real folders."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.composition.start_notes import start_notes
from services.doctor import limits, market, tradable
from services.doctor.finding import Colour, Finding
from services.doctor.snapshot import read_desk
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import AccountValues
from services.domain.messages.session import SessionCarry, SessionMinute, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos
from services.runtime.config import ConfigFolder
from services.runtime.journal import Role
from services.strategies.catalog_index import CATALOG, load
from services.strategies.config import build_params, params_hash
from tests.support.doctor_desk import BEFORE_OPEN, RISK, TUESDAY, DoctorDesk
from tests.support.order_builder import hello as order_hello
from tests.support.sample_messages import sample

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
MONDAY = "2026-02-09"


@pytest.fixture
def doctor_desk(tmp_path: Path) -> Iterator[DoctorDesk]:
    """The configuration as shipped, live, nothing running."""
    with DoctorDesk(tmp_path) as made:
        yield made


def _is(finding: Finding, colour: Colour, *words: str) -> None:
    assert finding.colour is colour, finding
    for text in words:
        assert text in finding.found, finding


def _paper(doctor_desk: DoctorDesk, old: str, new: str) -> Finding:
    doctor_desk.change("limits_paper.toml", old, new)
    return limits.limits(doctor_desk.snapshot())


def test_limits_as_shipped_are_sane(doctor_desk: DoctorDesk) -> None:
    """The sets for play money let every strategy trade."""
    _is(limits.limits(doctor_desk.snapshot()), GREEN, "set paper")
    doctor_desk.change("risk.toml", 'profile = "', 'profile = "demo" # "')
    sight = doctor_desk.snapshot()
    assert limits.limits(sight).colour is not RED
    assert tradable.strategies(sight).colour is not RED


def test_the_live_set_wants_its_account_named(doctor_desk: DoctorDesk) -> None:
    """As shipped it is for nobody's account: red until its owner has written one."""
    doctor_desk.change("risk.toml", 'profile = "', 'profile = "live" # "')
    _is(
        limits.limits(doctor_desk.snapshot()), RED, "account Sim101 is not one these limits are for"
    )


def test_a_day_must_survive_a_trade(doctor_desk: DoctorDesk) -> None:
    """A daily loss below one trade's risk ends the day before it begins."""
    text = "daily loss $500.00 is below the risk of one trade, $625.00"
    _is(_paper(doctor_desk, "\ndaily_loss_usd = 2500.0", "\ndaily_loss_usd = 500.0"), RED, text)


@pytest.mark.parametrize(("usd", "colour"), [("8.23", RED), ("8.24", AMBER)])
def test_the_narrowest_stop_must_be_paid_for(
    doctor_desk: DoctorDesk, usd: str, colour: Colour
) -> None:
    """4 ticks, the reserve of 10 and $1.24 of fees risk $8.24 a contract: less buys nothing."""
    found = _paper(doctor_desk, "risk_per_trade_usd = 625.0", f"risk_per_trade_usd = {usd}")
    _is(found, colour, "nothing can be traded" if colour is RED else "MNQ 03-26")


def test_wide_stops_that_are_not_paid_for_are_said(doctor_desk: DoctorDesk) -> None:
    """$300 pay for 587 ticks of MNQ and its fees; the 1230 allowed are an empty promise: amber."""
    found = _paper(doctor_desk, "risk_per_trade_usd = 625.0", "risk_per_trade_usd = 300.0")
    _is(found, AMBER, "stops of MNQ 03-26 above 587 ticks cost more", "1230")


def test_the_stop_figure_counts_fees(doctor_desk: DoctorDesk) -> None:
    """$120 buy 227 ticks of MNQ: $1.24 go to the broker, 10 ticks are the reserve; not 230."""
    found = _paper(doctor_desk, "risk_per_trade_usd = 625.0", "risk_per_trade_usd = 120.0")
    _is(found, AMBER, "stops of MNQ 03-26 above 227 ticks cost more than a trade may risk")
    doctor_desk.change("limits_paper.toml", "min_stop_ticks = 4", "min_stop_ticks = 228")
    text = "edge_fade has no allowed stop: the minimum is 228 ticks, the maximum is 227"
    _is(tradable.strategies(doctor_desk.snapshot()), RED, text)


def test_a_short_session_that_is_kept_out_is_named(doctor_desk: DoctorDesk) -> None:
    """Beside the early close itself; where it is traded the doctor names the close alone."""
    eve = et_ns("2025-12-24", "09:20")
    _is(market.calendar(doctor_desk.snapshot(eve)), AMBER, "early close 13:15 ET")
    assert "no entries" not in market.calendar(doctor_desk.snapshot(eve)).found
    out = "short_sessions = false\nmargin_share = 0.8"
    doctor_desk.change("limits_paper.toml", "margin_share = 0.8", out)
    _is(market.calendar(doctor_desk.snapshot(eve)), AMBER, "short_sessions is false: no entries")


def test_loss_against_the_equity(doctor_desk: DoctorDesk) -> None:
    """2 % of what NinjaTrader says the account holds; unknown, nothing is said."""
    for cash, colour in ((130_000, GREEN), (50_000, AMBER)):
        values = msgspec.structs.replace(
            sample(AccountValues, 0), cash=MicroUsd(cash * 1_000_000), unrealised=MicroUsd(0)
        )
        doctor_desk.write("orders", values)
        _is(limits.limits(doctor_desk.snapshot()), colour)
    _is(limits.limits(doctor_desk.snapshot()), AMBER, "$2,500.00 is 5.0% of the equity $50,000.00")


@pytest.mark.parametrize(("said", "colour"), [(True, GREEN), (False, RED), (None, RED)])
def test_limits_are_for_this_kind_of_account(
    doctor_desk: DoctorDesk,
    said: bool | None,  # noqa: FBT001
    colour: Colour,
) -> None:
    """The paper set is for an account that trades no money: what else the client says is red."""
    doctor_desk.write("orders", order_hello(mode=TimeMode.LIVE, simulated=said))
    _is(limits.limits(doctor_desk.snapshot()), colour)


def test_a_start_that_is_not_the_accounts_is_red(doctor_desk: DoctorDesk) -> None:
    """What risk knows of it: both figures."""
    both = "the account began the run with $100,000.00, start_equity_usd is $50,000.00"
    doctor_desk.serve_status("risk", RISK | {"start_fault": both})
    _is(limits.limits(doctor_desk.snapshot()), RED, both)


def test_an_account_the_limits_are_not_for_is_red(doctor_desk: DoctorDesk) -> None:
    """Every entry on it would be refused."""
    doctor_desk.change("desk.toml", 'account = "Sim101"', 'account = "Apex-7"')
    _is(
        limits.limits(doctor_desk.snapshot()), RED, "account Apex-7 is not one these limits are for"
    )


def test_a_budget_below_the_narrowest_stop_is_said(doctor_desk: DoctorDesk) -> None:
    """A strategy whose own open risk pays for no stop cannot trade: amber, by name."""
    own = "[strategies.edge_fade]\nstrategy_open_risk_usd = "
    doctor_desk.change("limits_paper.toml", f"{own}150.0", f"{own}5.0")
    _is(tradable.strategies(doctor_desk.snapshot()), AMBER, "edge_fade has no allowed stop")


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("enabled", [(), ("ema5_pyramid",), ("ema5_pyramid", "vwap_pyramid")])
def test_pyramids_that_the_limits_refuse_are_said(
    doctor_desk: DoctorDesk, enabled: tuple[str, ...], most: int
) -> None:
    """By `doctor` and at the start, with the limits by name; where none is enabled, nothing."""
    if enabled:
        params = "".join(f"{key} = true\n" for key in enabled)
        block = f"[trend_day_bull.params]\n{params}\n[trend_day_bull]"
        doctor_desk.change("strategies.toml", "[trend_day_bull]", block)
    doctor_desk.change(
        "limits_paper.toml", "max_position_contracts = 1", f"max_position_contracts = {most}"
    )
    said = start_notes(ConfigFolder(doctor_desk.path, BEFORE_OPEN))
    found = tradable.strategies(doctor_desk.snapshot())
    assert len(said) == bool(enabled)
    assert all(note in found.found for note in said)
    assert ("trend_day_bull signals pyramids" in found.found) is bool(enabled)
    assert ("max_position_contracts is 1" in found.found) is (bool(enabled) and most == 1)
    assert ("STRATEGY_POSITION" in found.found) is bool(enabled)


def _approve(doctor_desk: DoctorDesk, *rows: tuple[str, str, str]) -> Finding:
    text = ", ".join(f'{{ strategy = "{s}", version = "{v}", config = "{c}" }}' for s, v, c in rows)
    doctor_desk.change(
        "limits_paper.toml",
        'approved_strategies = [{ strategy = "*", version = "*", config = "*" }]',
        f"approved_strategies = [{text}]",
    )
    return tradable.approval(doctor_desk.snapshot())


def _hash(doctor_desk: DoctorDesk, name: str) -> str:
    return params_hash(build_params(doctor_desk.snapshot().blocks[name], name))


def test_a_strategy_nobody_approved_is_said(doctor_desk: DoctorDesk) -> None:
    """A list without it lets the others trade: amber, by name, with what to list."""
    orr = _hash(doctor_desk, "opening_range_reversal")
    found = _approve(doctor_desk, ("edge_fade", "*", "*"))
    text = f"opening_range_reversal version 2 with parameters {orr} is not on the list"
    _is(found, AMBER, text)
    assert "edge_fade" not in found.found


def test_approved_by_version_and_parameters(doctor_desk: DoctorDesk) -> None:
    """The exact row is green; a parameter changed since is amber, with both hashes."""
    names = [slot.name for slot in doctor_desk.snapshot().manifest.slots]
    rows = ((name, load(CATALOG, name)[1].VERSION, _hash(doctor_desk, name)) for name in names)
    found = _approve(doctor_desk, *rows)
    old = _hash(doctor_desk, "edge_fade")
    _is(found, GREEN, f"edge_fade 2 {old}")
    file = doctor_desk.path / "strategies.toml"
    text = file.read_text("utf-8").replace(
        "[edge_fade]", '[edge_fade.params]\nlast_entry = "13:00"\n\n[edge_fade]', 1
    )
    file.write_text(text, "utf-8")
    new = _hash(doctor_desk, "edge_fade")
    assert new != old
    found = tradable.approval(doctor_desk.snapshot())
    _is(
        found,
        AMBER,
        f"edge_fade is version 2 with parameters {new}, approved is version 2 with"
        f" parameters {old}",
    )
    assert found.found.count(";") == 0, "the others are approved and say nothing"


def test_another_version_is_not_the_approved_one(doctor_desk: DoctorDesk) -> None:
    """Rules that changed since are said by their version; a wider row lets them pass."""
    found = _approve(doctor_desk, ("edge_fade", "0", "*"), ("p_day", "2", "*"))
    _is(
        found,
        AMBER,
        f"parameters {_hash(doctor_desk, 'edge_fade')}, approved is version 0 with any",
    )
    assert "p_day" not in found.found
    row = '{ strategy = "p_day", version = "2"'
    doctor_desk.change("limits_paper.toml", row, '{ strategy = "*", version = "*"')
    _is(tradable.approval(doctor_desk.snapshot()), GREEN)


def test_nobody_approved_is_red(doctor_desk: DoctorDesk) -> None:
    """Then nothing can trade, and both checks say so."""
    _is(_approve(doctor_desk, ("somebody", "1", "*")), RED, "no enabled strategy is approved")
    _is(tradable.strategies(doctor_desk.snapshot()), RED, "no enabled strategy can trade")


def test_money_wants_exact_approvals(doctor_desk: DoctorDesk) -> None:
    """Rows for any version or parameters: green for play money, amber where money is traded."""
    _is(tradable.approval(doctor_desk.snapshot()), GREEN)
    doctor_desk.change("risk.toml", 'profile = "', 'profile = "live" # "')
    _is(
        tradable.approval(doctor_desk.snapshot()),
        AMBER,
        "real money is traded, but any version or parameters",
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
    doctor_desk: DoctorDesk, date: str, colour: Colour, words: str
) -> None:
    """After its days it is amber with what to do; on a day of the Fed, without one, red."""
    _list(doctor_desk, "2026-11-20")
    _is(market.releases(doctor_desk.snapshot(et_ns(date, "09:20"))), colour, words)


def _list(doctor_desk: DoctorDesk, as_of: str) -> None:
    text = f'as_of = "{as_of}"\n[[release]]\nname = "Fed"\nat_et = "2026-12-09 14:00"\n'
    text += "lead_minutes = 5\nlag_minutes = 15\n"
    (doctor_desk.path / "news.toml").write_text(text, "utf-8")


def test_a_release_of_today_is_said(doctor_desk: DoctorDesk) -> None:
    """Amber with its minutes; the days before name it as the next."""
    _list(doctor_desk, "2026-12-07")
    words = "today: Fed at 14:00 ET, no entries from 5 min before to 15 min after"
    _is(market.releases(doctor_desk.snapshot(et_ns("2026-12-09", "09:20"))), AMBER, words)
    found = market.releases(doctor_desk.snapshot(et_ns("2026-12-08", "09:20")))
    _is(found, GREEN, "1 day old; next: 2026-12-09 14:00 Fed")


def test_without_a_list(doctor_desk: DoctorDesk) -> None:
    """No file is amber, red on a day of the Fed; a year nobody knows the Fed's days of is said."""
    (doctor_desk.path / "news.toml").unlink()
    _is(
        market.releases(doctor_desk.snapshot()),
        AMBER,
        "no list of releases: look the releases up",
    )
    fed = doctor_desk.snapshot(et_ns("2026-12-09", "09:20"))
    _is(market.releases(fed), RED, "there is no news list")
    later = market.releases(doctor_desk.snapshot(et_ns("2028-02-08", "09:20")))
    _is(later, AMBER, "the desk has no FOMC dates for 2028")
    doctor_desk.change("desk.toml", 'mode = "live"', 'mode = "playback"')
    _is(market.releases(fed), RED)  # a look is of its own moment
    _is(market.releases(doctor_desk.snapshot()), GREEN, "playback")


def test_strategies_that_can_trade(doctor_desk: DoctorDesk) -> None:
    """As shipped all can; one whose hours the limits close is amber, by name."""
    _is(tradable.strategies(doctor_desk.snapshot()), GREEN, "edge_fade")
    doctor_desk.change("limits_paper.toml", 'last_entry_et = "15:30"', 'last_entry_et = "10:31"')
    _is(
        tradable.strategies(doctor_desk.snapshot()),
        AMBER,
        "edge_fade has no time to enter: after 10:30",
    )


def test_no_strategy_that_can_trade_is_red(doctor_desk: DoctorDesk) -> None:
    """Stops from 300 ticks on, and 290 paid for: nobody can ask for anything."""
    doctor_desk.change("limits_paper.toml", "min_stop_ticks = 4", "min_stop_ticks = 300")
    doctor_desk.change(
        "limits_paper.toml", "risk_per_trade_usd = 625.0", "risk_per_trade_usd = 150.0"
    )
    text = "edge_fade has no allowed stop"
    _is(tradable.strategies(doctor_desk.snapshot()), RED, text, "no enabled strategy can trade")


def test_a_strategy_that_does_not_load_is_red(doctor_desk: DoctorDesk) -> None:
    """Its worker would not start, and takes the others with it."""
    block = '\n[my_own]\npackage = "nowhere"\nsignal = "NQ"\npriority = 90\nworker = "strategies"\n'
    path = doctor_desk.path / "strategies.toml"
    path.write_text(path.read_text("utf-8") + block, "utf-8")
    _is(tradable.strategies(doctor_desk.snapshot()), RED, "my_own: ")


def test_a_block_that_does_not_declare_what_its_file_reads_is_red(doctor_desk: DoctorDesk) -> None:
    """Found before the open, not by the worker at it."""
    doctor_desk.change("strategies.toml", 'reads = ["gaps_1m"]\n', "")
    text = "opening_range_reversal: strategies.toml [opening_range_reversal] reads: found []"
    _is(tradable.strategies(doctor_desk.snapshot()), RED, text)


def _session(doctor_desk: DoctorDesk, bars: int, contracts: tuple[str, ...]) -> None:
    start = et_ns(MONDAY, "09:30")
    said = [
        msgspec.structs.replace(
            sample(SessionMinute, 0),
            trade_date=MONDAY,
            close_ns=UnixNanos(start + n * NANOS_PER_MINUTE),
            updates=tuple(
                msgspec.structs.replace(
                    sample(SessionUpdate, 0), contract=contract, minute_of_rth=n
                )
                for contract in contracts
            ),
        )
        for n in range(1, bars + 1)
    ]
    doctor_desk.write("state", *said, date=MONDAY, role=Role.OUTPUT)


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
    doctor_desk: DoctorDesk, bars: int, contracts: tuple[str, ...], colour: Colour, words: str
) -> None:
    """Bars of the last session's regular hours against the calendar's minutes, each contract."""
    _session(doctor_desk, bars, contracts)
    _is(market.prior_session(doctor_desk.snapshot()), colour, words)


@pytest.mark.parametrize(("prior", "colour"), [(MONDAY, GREEN), (None, AMBER)])
def test_yesterday_is_carried_over(
    doctor_desk: DoctorDesk, prior: str | None, colour: Colour
) -> None:
    """Today's first record holds yesterday's levels, or it is said whose are missing."""
    _session(doctor_desk, 390, WATCHED)
    carry = msgspec.structs.replace(
        sample(SessionCarry, 0), contract="NQ 03-26", trade_date=TUESDAY, prior_date=prior
    )
    doctor_desk.write("state", carry, role=Role.OUTPUT)
    words = "carried over" if prior else f"no levels of {MONDAY} carried over for NQ 03-26"
    _is(market.prior_session(doctor_desk.snapshot()), colour, words)


def test_after_the_close_today_is_the_last_session(doctor_desk: DoctorDesk) -> None:
    """At 16:05 the session that has just been is the one that counts."""
    _session(doctor_desk, 390, WATCHED)
    _is(market.prior_session(doctor_desk.snapshot(et_ns(MONDAY, "16:05"))), GREEN, MONDAY)
    _is(
        market.prior_session(doctor_desk.snapshot(et_ns(MONDAY, "15:55"))),
        AMBER,
        "2026-02-06 is not in",
    )


def test_a_folder_no_desk_starts_from_is_refused(tmp_path: Path) -> None:
    """An empty folder is a ConfigError, not a red line."""
    with pytest.raises(ConfigError, match=r"no \*\.toml"):
        read_desk(tmp_path, BEFORE_OPEN)


def test_strategies_that_may_lose_more_than_the_account_are_red(doctor_desk: DoctorDesk) -> None:
    """Risk would not start with such a set: each share, their sum, and what the account allows."""
    one = "\nstrategy_daily_loss_usd = 520.0"
    doctor_desk.change("limits_paper.toml", one, "\nstrategy_daily_loss_usd = 1400.0")
    _is(
        limits.limits(doctor_desk.snapshot()),
        RED,
        "daily loss budgets add up to",
        "daily_loss_usd $2,500.00",
    )
