"""The doctor on market, machine and desk: green, amber and red on real folders and ports."""

import re
import socket
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.doctor import desk, host, market
from services.doctor.finding import Colour, Finding
from services.doctor.preflight import PREFLIGHT_CHECKS
from services.doctor.snapshot import read_desk
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.messages.market import FeedCarry, TimeMode
from services.domain.messages.orders import AccountValues
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, UnixNanos
from services.risk.account.trading_state import PREFLIGHT_REASON
from services.runtime.journal import Role
from tests.support.doctor_desk import BEFORE_OPEN, ORDERS, RISK, TUESDAY, DoctorDesk
from tests.support.feed_builder import hello as feed_hello
from tests.support.order_builder import hello as order_hello
from tests.support.process_desk import ROOT
from tests.support.sample_messages import sample
from tests.support.state_builder import bar
from tests.support.stream_builder import minute_of

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


@pytest.mark.parametrize(
    ("date", "clock", "colour", "words"),
    [
        (TUESDAY, "09:20", GREEN, "regular 09:30–16:00 ET, open until 2026-02-10 17:00 ET"),
        ("2026-02-09", "17:30", GREEN, "opens 2026-02-09 18:00 ET"),
        ("2026-11-27", "09:20", AMBER, "early close 13:15 ET"),
        ("2026-12-25", "09:20", AMBER, "closed today, 2026-12-25; next session 2026-12-28"),
        ("2026-02-07", "12:00", AMBER, "closed today, 2026-02-07; next session 2026-02-09"),
        ("2025-01-09", "09:20", AMBER, "no regular hours"),
        ("2041-02-12", "09:20", RED, "the calendar does not know 2041-02-12"),
    ],
    ids=["regular", "evening", "early", "holiday", "weekend", "mourning", "beyond"],
)
def test_calendar(
    doctor_desk: DoctorDesk, date: str, clock: str, colour: Colour, words: str
) -> None:
    """Today's session by name; early closes and holidays are said, an unknown date is red."""
    _is(market.calendar(doctor_desk.snapshot(et_ns(date, clock))), colour, words)


def _pin(doctor_desk: DoctorDesk, month: str) -> None:
    doctor_desk.change("desk.toml", 'signal = "NQ"', f'signal = "NQ {month}"')
    doctor_desk.change("desk.toml", 'orders = "MNQ"', f'orders = "MNQ {month}"')


def test_front_month_by_root(doctor_desk: DoctorDesk) -> None:
    """A bare root is the front month: green, with the days it has left."""
    _is(
        market.contract_months(doctor_desk.snapshot()),
        GREEN,
        "NQ 03-26, MNQ 03-26",
        "38 days to the end",
    )


def test_a_month_that_is_not_front_is_amber(doctor_desk: DoctorDesk) -> None:
    """Rolled on Monday and still traded on Tuesday; and a month that is not front yet."""
    _pin(doctor_desk, "03-26")
    at = et_ns("2026-03-17", "09:20")
    _is(
        market.contract_months(doctor_desk.snapshot(at)),
        AMBER,
        "NQ 03-26 is not the front month NQ 06-26: rolled",
    )
    _is(market.contract_months(doctor_desk.snapshot(et_ns("2026-03-13", "09:20"))), GREEN)
    sunday = et_ns("2026-03-15", "12:00")
    _is(
        market.contract_months(doctor_desk.snapshot(sunday)),
        AMBER,
        "NQ 03-26 rolls 2026-03-15 18:00 ET: no entries",
    )
    _is(
        market.contract_months(doctor_desk.snapshot(et_ns("2025-12-01", "09:20"))),
        AMBER,
        "not front before NQ",
    )


def test_a_month_about_to_end_is_red(doctor_desk: DoctorDesk) -> None:
    """Two days before its end no contract is traded; after it no desk starts from the folder."""
    _pin(doctor_desk, "03-26")
    at = et_ns("2026-03-18", "09:40")
    _is(
        market.contract_months(doctor_desk.snapshot(at)),
        RED,
        "NQ 03-26 ends in 2.0 days, front is NQ 06-26",
    )
    with pytest.raises(ConfigError, match="expired"):
        doctor_desk.snapshot(et_ns("2026-03-20", "09:40"))


def test_playback_is_judged_by_its_own_clock(doctor_desk: DoctorDesk) -> None:
    """A playback folder may hold any month; clock and feed are the client's."""
    _pin(doctor_desk, "03-26")
    doctor_desk.change("desk.toml", 'mode = "live"', 'mode = "playback"')
    sight = doctor_desk.snapshot(et_ns("2026-09-01", "09:20"))
    for check in (
        market.calendar,
        market.contract_months,
        host.clock,
        desk.feed,
        market.prior_session,
    ):
        _is(check(sight), GREEN, "playback")


def _greeted(doctor_desk: DoctorDesk, ahead_ms: int, at: UnixNanos = BEFORE_OPEN) -> None:
    said = order_hello(mode=TimeMode.LIVE, now_ns=UnixNanos(at + ahead_ms * NANOS_PER_MS))
    doctor_desk.write("orders", said, at=at)


@pytest.mark.parametrize(
    ("ahead_ms", "colour"), [(100, GREEN), (-101, AMBER), (250, AMBER), (-251, RED)]
)
def test_clock_beside_ninjatraders(doctor_desk: DoctorDesk, ahead_ms: int, colour: Colour) -> None:
    """Up to 100 ms apart is sound, over 250 ms is red, whichever is ahead."""
    _greeted(doctor_desk, ahead_ms)
    _is(host.clock(doctor_desk.snapshot()), colour, f"{ahead_ms:+d} ms from ours")


def test_an_old_offset_says_nothing(doctor_desk: DoctorDesk) -> None:
    """Without a word of NinjaTrader in the last day the offset is not known, and not red."""
    _is(host.clock(doctor_desk.snapshot()), GREEN, "not known yet")
    _greeted(doctor_desk, 900)
    later = UnixNanos(BEFORE_OPEN + 25 * 60 * NANOS_PER_MINUTE)
    _is(host.clock(doctor_desk.snapshot(later)), GREEN, "not known yet")


def test_a_clock_set_back_is_red(doctor_desk: DoctorDesk) -> None:
    """The journal holds what the clock says has not happened yet."""
    _greeted(doctor_desk, 0)
    past = UnixNanos(BEFORE_OPEN - 10 * NANOS_PER_MINUTE)
    _is(host.clock(doctor_desk.snapshot(past)), RED, "600 s ahead of the system clock")


def test_a_desk_that_journals_on_is_not_a_clock_set_back(doctor_desk: DoctorDesk) -> None:
    """On a slow machine the doctor takes its time; what came meanwhile is not of the future."""
    before = UnixNanos(BEFORE_OPEN - NANOS_PER_MINUTE)
    _greeted(doctor_desk, 0)
    _is(
        host.clock(read_desk(doctor_desk.path, before, lambda: BEFORE_OPEN)),
        GREEN,
        "+0 ms from ours",
    )


def test_a_clock_beyond_the_calendar_is_red(doctor_desk: DoctorDesk) -> None:
    """A machine that believes in another decade trades nothing."""
    _is(host.clock(doctor_desk.snapshot(et_ns("2041-02-12", "09:20"))), RED, "2041-02-12")


def test_ports_are_free_or_ours(doctor_desk: DoctorDesk) -> None:
    """Down: free; up: each service holds its own."""
    _is(host.ports(doctor_desk.snapshot()), GREEN, "0 of 5 services")
    doctor_desk.serve_all()
    _is(host.ports(doctor_desk.snapshot()), GREEN, "5 of 5 services")


def test_a_taken_port_is_red(doctor_desk: DoctorDesk) -> None:
    """Somebody else listens where a service that is down has to: address, service and key."""
    address = doctor_desk.folder.desk.endpoints["orders"].edge
    host_name, _, port = address.rpartition(":")
    with socket.socket() as taken:
        taken.bind((host_name, int(port)))
        taken.listen()
        _is(host.ports(doctor_desk.snapshot()), RED, f"{address} (orders, edge): taken")
    _is(host.ports(doctor_desk.snapshot()), GREEN)


def test_an_address_twice_in_the_folder_is_red(doctor_desk: DoctorDesk) -> None:
    """The clash is named before anybody fails to start."""
    ends = doctor_desk.folder.desk.endpoints
    doctor_desk.change("desk.toml", ends["state"].publish, ends["ingest"].publish)
    address = ends["ingest"].publish.removeprefix("tcp://")
    _is(host.ports(doctor_desk.snapshot()), RED, f"{address} is used 2 times in desk.toml")


def test_another_desk_on_our_port_is_red(doctor_desk: DoctorDesk) -> None:
    """A service of another run answers where ours should."""
    doctor_desk.serve_all(run="yesterday")
    _is(host.ports(doctor_desk.snapshot()), RED, "answers as risk of run yesterday")


@pytest.mark.parametrize(("days", "colour"), [(1.5, RED), (10.0, AMBER)])
def test_disk_in_days_of_journals(doctor_desk: DoctorDesk, days: float, colour: Colour) -> None:
    """The largest day so far against what is free: under two days red, under twenty amber."""
    import shutil

    folder = doctor_desk.run_folder / "state"
    folder.mkdir(parents=True)
    with (folder / f"{MONDAY}.sqlite").open("wb") as file:
        file.truncate(int(shutil.disk_usage(folder).free / days))
    _is(host.disk(doctor_desk.snapshot()), colour, "MB a day measured")


def test_disk_without_a_day_to_measure(doctor_desk: DoctorDesk) -> None:
    """Before the first day a figure is assumed, and said to be."""
    for _ in range(2):
        finding = host.disk(doctor_desk.snapshot())
        assert finding.colour is not RED
        assert "315 MB a day assumed" in finding.found
        # What the open date holds so far is no measure of a day.
        doctor_desk.write("risk", sample(AccountValues, 0))


def test_a_damaged_journal_is_red(doctor_desk: DoctorDesk) -> None:
    """A file that was moved aside keeps its service from starting."""
    doctor_desk.write("risk", sample(AccountValues, 0))
    _is(host.journals(doctor_desk.snapshot()), GREEN, "1 trade dates")
    (doctor_desk.run_folder / "risk" / f"{MONDAY}.quarantine").touch()
    _is(host.journals(doctor_desk.snapshot()), RED, f"risk/{MONDAY}.quarantine was moved aside")


@pytest.mark.parametrize(
    ("options", "shared", "words"),
    [
        ("'--enable-shared'", 1, "configured without PGO, without LTO, shared library"),
        (
            "'--enable-optimizations' '--with-lto'",
            0,
            "configured with PGO, with LTO, no shared library",
        ),
        (None, None, "build options unknown"),
    ],
)
def test_the_interpreter_is_named_and_never_judged(
    doctor_desk: DoctorDesk,
    monkeypatch: pytest.MonkeyPatch,
    options: str | None,
    shared: int | None,
    words: str,
) -> None:
    """Version and build are read from the interpreter itself; a slow one trades as well."""
    known = {"CONFIG_ARGS": options, "Py_ENABLE_SHARED": shared}
    monkeypatch.setattr(sysconfig, "get_config_var", known.get)
    version = f"CPython {sys.version_info.major}.{sys.version_info.minor}"
    _is(host.interpreter(doctor_desk.snapshot()), GREEN, version, words)


def test_services_down_ready_and_not(doctor_desk: DoctorDesk) -> None:
    """Nobody there is amber; all there and ready is green."""
    _is(desk.services(doctor_desk.snapshot()), AMBER, "the desk is not running")
    doctor_desk.serve_status("risk", RISK, ready=False, reasons=("no feed",))
    _is(desk.services(doctor_desk.snapshot()), RED, "ingest does not answer", "risk: no feed")
    doctor_desk.serve_all()
    _is(desk.services(doctor_desk.snapshot()), AMBER, "risk: no feed")


def test_services_of_this_folder(doctor_desk: DoctorDesk) -> None:
    """A folder changed after the start is red: the checks speak of what does not run."""
    doctor_desk.serve_all()
    _is(desk.services(doctor_desk.snapshot()), GREEN)
    doctor_desk.change("state.toml", "min_ib_bars = 57", "min_ib_bars = 58")
    _is(desk.services(doctor_desk.snapshot()), RED, "run another configuration", "restart the desk")


def test_link(doctor_desk: DoctorDesk) -> None:
    """Amber while nothing runs, red while NinjaTrader is missing or differs, green reconciled."""
    _is(desk.link(doctor_desk.snapshot()), AMBER, "the desk is not running")
    doctor_desk.serve_status("orders", ORDERS)
    _is(desk.link(doctor_desk.snapshot()), GREEN, "client nt8 is reconciled")


@pytest.mark.parametrize(
    "changes",
    [
        {"link": "DOWN", "not_ready": ["no client is connected"]},
        {"link": "MISMATCH", "not_ready": ["link MISMATCH: NQ +1"]},
        {"stream_open": False, "not_ready": ["no client is connected"]},
    ],
)
def test_link_that_is_not_reconciled_is_red(
    doctor_desk: DoctorDesk, changes: dict[str, object]
) -> None:
    """Whatever keeps commands from leaving, in the router's own words."""
    doctor_desk.serve_status("orders", ORDERS | changes)
    _is(desk.link(doctor_desk.snapshot()), RED, str(changes["not_ready"])[2:-2])


def test_link_of_half_a_desk_is_red(doctor_desk: DoctorDesk) -> None:
    """A running desk whose router cannot be asked is worse than one that is down."""
    doctor_desk.serve_status("risk", RISK)
    _is(desk.link(doctor_desk.snapshot()), RED, "orders of a running desk does not answer")
    _is(desk.account(doctor_desk.snapshot()), RED, "orders of a running desk does not answer")


HELD = ORDERS | {"holdings": [{"contract": "MNQ 03-26", "quantity": 1}]}
OPEN = RISK | {
    "positions": [
        {
            "side": "LONG",
            "quantity": 1,
            "order_contract": "MNQ 03-26",
            "state": "OPEN",
            "strategy": "edge_fade",
        }
    ]
}


@pytest.mark.parametrize(
    ("orders", "risk", "clock", "colour", "words"),
    [
        (ORDERS, RISK, "09:20", GREEN, "account Sim101 flat"),
        (HELD, OPEN, "09:20", RED, "holds LONG 1 MNQ 03-26 of edge_fade"),
        (HELD, OPEN, "11:00", AMBER, "holds LONG 1 MNQ 03-26 of edge_fade"),
        (HELD, RISK, "11:00", RED, "MNQ 03-26: desk +0, account +1"),
        (ORDERS | {"unanswered": 2}, RISK, "09:20", AMBER, "2 commands unanswered"),
        (ORDERS, RISK | {"state": "KILLED", "reason": "x"}, "09:20", AMBER, "KILLED: x"),
        (
            ORDERS,
            RISK | {"state": "HALTED", "reason": f"{PREFLIGHT_REASON}y"},
            "09:20",
            GREEN,
            "flat",
        ),
        (ORDERS | {"link": "DOWN"}, RISK, "09:20", AMBER, "has not reported the account"),
    ],
    ids=["flat", "before", "at work", "foreign", "unanswered", "killed", "our own red", "no link"],
)
def test_account(
    doctor_desk: DoctorDesk,
    orders: dict[str, object],
    risk: dict[str, object],
    clock: str,
    colour: Colour,
    words: str,
) -> None:
    """Flat before the open; in regular hours a position of ours is the desk at work."""
    _is(desk.account(doctor_desk.snapshot()), AMBER, "the desk is not running")
    doctor_desk.serve_status("orders", orders)
    doctor_desk.serve_status("risk", risk)
    _is(desk.account(doctor_desk.snapshot(et_ns(TUESDAY, clock))), colour, words)


@pytest.mark.parametrize(
    ("minutes", "colour"), [(0, GREEN), (3, GREEN), (4, AMBER), (15, AMBER), (16, RED)]
)
def test_feed_by_the_age_of_its_newest_bar(
    doctor_desk: DoctorDesk, minutes: int, colour: Colour
) -> None:
    """Three minutes without a bar may be a quiet night, fifteen are no feed."""
    doctor_desk.write("ingest", minute_of(bar(et_ns(TUESDAY, "09:20"))), role=Role.OUTPUT)
    doctor_desk.serve_status("ingest")
    now = UnixNanos(BEFORE_OPEN + minutes * NANOS_PER_MINUTE)
    _is(desk.feed(doctor_desk.snapshot(now)), colour, "newest bar 2026-02-10 09:20 ET")


def test_feed_while_nothing_can_come(doctor_desk: DoctorDesk) -> None:
    """Nobody runs: amber; the market is closed, or opened a minute ago: green."""
    _is(desk.feed(doctor_desk.snapshot()), AMBER, "not running; no bar yet")
    doctor_desk.serve_status("ingest")
    _is(desk.feed(doctor_desk.snapshot(et_ns("2026-02-07", "12:00"))), GREEN, "market closed")
    _is(desk.feed(doctor_desk.snapshot(et_ns(MONDAY, "18:01"))), GREEN, "no bar yet")
    _is(desk.feed(doctor_desk.snapshot()), RED, "no bar yet, nothing for 920 minutes")


@pytest.mark.parametrize(
    ("said", "colour", "words"),
    [
        (True, GREEN, "is licensed"),
        (False, AMBER, "is not licensed: no order flow"),
        (None, AMBER, "does not report its licence"),
    ],
)
def test_licence_as_the_client_says(
    doctor_desk: DoctorDesk,
    said: bool | None,  # noqa: FBT001
    colour: Colour,
    words: str,
) -> None:
    """From its hello, or from the carry of a date that began after it."""
    _is(desk.licence(doctor_desk.snapshot()), AMBER, "no feed client has connected")
    spoken = feed_hello(mode=TimeMode.LIVE, volumetric=said)
    doctor_desk.write("ingest", spoken, date=MONDAY)
    _is(desk.licence(doctor_desk.snapshot()), colour, f"client nt8 {words}")
    carry = msgspec.structs.replace(sample(FeedCarry, 0), hellos=(spoken,))
    doctor_desk.write("ingest", carry, role=Role.CARRY)
    _is(desk.licence(doctor_desk.snapshot()), colour, f"client nt8 {words}")


def test_the_runbook_has_every_check(doctor_desk: DoctorDesk) -> None:
    """Its table is that of the command, in its order; what it shows of a run names checks only."""
    sight = doctor_desk.snapshot()
    names = [check(sight).check for check in PREFLIGHT_CHECKS]
    page = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    table = page.split("| check | looks at | amber | red |", 1)[1].split("\n\n", 1)[0]
    assert re.findall(r"^\| (\w+) \|", table, flags=re.MULTILINE) == names
    shown = re.findall(r"^│ (\w+) +│ (?:green|amber|red)", page, flags=re.MULTILINE)
    assert shown
    assert set(shown) <= set(names)
    words = {17: "seventeen"}[len(names)]
    assert f"`pitwire doctor`: {words} checks" in (ROOT / "CHANGELOG.md").read_text("utf-8")
