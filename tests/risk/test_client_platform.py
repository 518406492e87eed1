"""What the client reported of its platform holds until it reports something else."""

from typing import Any, Final

import msgspec
import pytest

from services.domain.messages.control import Resume
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import LinkState, LinkStatus, PlatformState
from services.domain.messages.risk import TradingState
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.risk.gate import Gate
from tests.support.order_builder import platform_state
from tests.support.risk_builder import (
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    ready_desk,
    replay_from,
)
from tests.support.risk_dates import begun_with, carried

MONDAY: Final = "2026-02-09"
KILLED: Final = ("PLATFORM", "the client is killed by ann")


def platform(desk: RiskDesk, **changes: Any) -> PlatformState:
    """A platform that can trade, with these changes."""
    desk.reports += 1
    return platform_state(**({"report_sequence": desk.reports, "at_ns": desk.now} | changes))


def killed_desk() -> RiskDesk:
    """A desk whose client is killed; the halt that came with it has been lifted here."""
    desk = ready_desk()
    desk.minute("10:00")
    desk.send(platform(desk, killed_by="ann"))
    desk.send(Resume(operator="ann", reason="looked", at_ns=desk.now))
    assert desk.gate.status().state is TradingState.ACTIVE
    return desk


def verdict(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> tuple[str, str]:
    """Have one candidate decided."""
    wanted = candidate("fade", at(clock, date), trade_date=date)
    decision = decision_on(wanted, desk.minute(clock, wanted, date=date))
    return decision.code, decision.text


def test_a_kill_at_the_client_is_known_after_a_change_of_date() -> None:
    """By the desk that ran on and by one that starts with the carry; lifted, entries pass."""
    desk = killed_desk()
    for each in (desk, begun_with(desk, carried(desk))):
        assert verdict(each, "09:45", MONDAY) == KILLED
        each.send(platform(each))
        assert verdict(each, "09:46", MONDAY)[0] == "APPROVED"


def test_a_kill_at_the_client_that_is_reported_again_halts_no_second_time() -> None:
    """After every hello the client reports it anew: the latch is the one that was resumed."""
    desk = killed_desk()
    for each in (desk, begun_with(desk, carried(desk))):
        each.send(platform(each, killed_by="ann"))
        assert each.gate.status().state is TradingState.ACTIVE
        assert verdict(each, "09:45", MONDAY) == KILLED


def test_a_kill_at_the_client_is_known_after_a_restart() -> None:
    """Folded up to any input, the journal refuses and lets pass the same."""
    desk = killed_desk()
    assert verdict(desk, "10:30") == KILLED
    desk.send(platform(desk))
    assert verdict(desk, "10:31")[0] == "APPROVED"
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"prices_connected": False}, "the platform receives no prices"),
        ({"orders_connected": False}, "the platform reaches no broker"),
        ({"trading_enabled": False}, "trading is not enabled at the client"),
        (
            {"quiet_until_ns": UnixNanos(at("09:45", MONDAY) + NANOS_PER_SECOND)},
            "the client waits after a reconnect",
        ),
    ],
)
def test_every_doubt_about_the_platform_crosses_dates(changes: dict[str, Any], text: str) -> None:
    """Each member by itself, in its own words."""
    desk = ready_desk()
    desk.minute("10:00")
    desk.send(platform(desk, **changes))
    follower = begun_with(desk, carried(desk))
    assert verdict(follower, "09:45", MONDAY) == ("PLATFORM", text)


def test_the_last_report_holds_while_the_link_is_down_and_after_it() -> None:
    """A change meanwhile is a kept report, folded before the account is reconciled."""
    desk = killed_desk()
    desk.link(LinkState.DOWN)
    desk.link()
    assert verdict(desk, "10:30") == KILLED
    desk.link(LinkState.DOWN)
    desk.send(platform(desk))
    desk.link()
    assert verdict(desk, "10:31")[0] == "APPROVED"


def test_a_client_that_reports_no_platform_is_not_held_to_one() -> None:
    """In lock-step and before its first report: not known refuses nothing, as documented."""
    desk = ready_desk()
    assert verdict(desk, "10:30")[0] == "APPROVED"
    assert carried(desk).platform is None


def test_a_platform_of_another_account_is_not_this_desks() -> None:
    """The desk was given another account since: what its old client reported is left behind."""
    desk = killed_desk()
    carry = carried(desk)
    assert carry.platform is not None
    other = msgspec.structs.replace(
        carry, platform=msgspec.structs.replace(carry.platform, account="Live9")
    )
    assert verdict(begun_with(desk, other), "09:45", MONDAY)[0] == "APPROVED"


def test_a_link_of_another_account_lifts_no_kill_at_the_client() -> None:
    """Its status says nothing of our client, whose latch stays."""
    desk = killed_desk()
    stranger = LinkStatus(
        report_sequence=desk.reports,
        client="other",
        account="Live9",
        state=LinkState.RECONCILED,
        text="",
        at_ns=desk.now,
    )
    desk.send(stranger)
    desk.link()
    assert verdict(desk, "10:30") == KILLED


def test_status_names_what_keeps_entries_out_at_the_platform() -> None:
    """Among what blocks every entry, as long as it lasts, across a date."""
    desk = killed_desk()
    blocked = "PLATFORM the client is killed by ann"
    assert desk.gate.status().entries_blocked == (blocked,)
    follower = begun_with(desk, carried(desk))
    assert blocked in follower.gate.status().entries_blocked
    follower.send(platform(follower))
    assert blocked not in follower.gate.status().entries_blocked


def test_live_a_platform_that_was_never_reported_is_a_doubt() -> None:
    """The client reports it after every hello; a played one only where something is wrong."""
    live = msgspec.structs.replace(manifest(), mode=TimeMode.LIVE)
    desk = RiskDesk(config(), Gate(config(), live, calendar()))
    found = desk.gate.status().entries_blocked
    assert any("the client has not reported its platform" in text for text in found)
    desk.send(platform(desk))
    found = desk.gate.status().entries_blocked
    assert not any("platform" in text for text in found)
    assert not any("platform" in text for text in ready_desk().gate.status().entries_blocked)
