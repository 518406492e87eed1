"""Who may feed the desk: every refusal with its reason, and what an accepted client is told."""

from typing import Any

import pytest

from services.domain.calendar import et_ns
from services.domain.messages.market import (
    FaultKind,
    FeedBatch,
    FeedFault,
    FeedGroup,
    LastBar,
    TimeMode,
    Watermark,
)
from tests.support.feed_builder import STAMP, FeedHarness, ack, bar, hello, only, spec

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nameless": ({"client": ""}, "client name '' is not usable"),
    "name with a blank": ({"client": "nt 8"}, "client name 'nt 8' is not usable"),
    "endless name": ({"client": "x" * 41}, "1 to 40 letters"),
    "other mode": ({"mode": TimeMode.LIVE}, "declares live, this desk runs playback"),
    "no contract": ({"contracts": ()}, "names 0 contracts"),
    "twice the same": ({"contracts": (spec("NQ 03-26"),) * 2}, "each once"),
    "unknown contract": ({"contracts": (spec("RTY 03-26"),)}, "this desk takes NQ 03-26, ES 03-26"),
    "wrong tick": ({"contracts": (spec("NQ 03-26", tick_size_e9=1),)}, "expected 0.25 pt"),
    "micro's value": (
        {"contracts": (spec("NQ 03-26", point_value_micro_usd=2_000_000),)},
        "is worth 2 USD a point at the client, expected 20 USD",
    ),
}


@pytest.mark.parametrize(("changes", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_refusal_has_a_reason(changes: dict[str, Any], said: str) -> None:
    """The welcome says what was found and what was expected, and the client stays a stranger."""
    feed = FeedHarness(hello_first=False)
    welcome = feed.hello(hello(**changes))
    assert not welcome.accepted
    assert said in welcome.reason
    assert ack(feed.send(bar())).accepted == 0
    assert feed.gateway.status().hellos_refused == 1


def test_live_desk_refuses_playback() -> None:
    """A running live desk takes no playback client."""
    welcome = FeedHarness(TimeMode.LIVE, hello_first=False).hello(hello())
    assert welcome.reason == "client nt8 declares playback, this desk runs live"


def test_expired_contract_is_refused() -> None:
    """A contract that is over by the clock in force is refused with the one that is live."""
    feed = FeedHarness(hello_first=False)
    feed.now = et_ns("2026-03-20", "09:30")
    assert "expired 2026-03-20 09:30 ET" in feed.hello(hello()).reason
    feed.now = et_ns("2026-03-20", "09:29")
    assert feed.hello(hello()).accepted


def test_market_clock_judges_expiry() -> None:
    """In playback the watermark reached is the clock in force, whatever `now` is."""
    feed = FeedHarness()
    feed.deliver(
        FeedBatch(
            client="nt8", sequence=1, watermark=Watermark(now_ns=et_ns("2026-03-20", "10:00"))
        )
    )
    feed.now = STAMP
    assert "expired" in feed.hello(hello("second")).reason


def test_welcome_tells_where_to_go_on() -> None:
    """An accepted client learns the run, its last batch, the groups and the newest bars held."""
    feed = FeedHarness()
    feed.send(bar(1), bar(2))
    welcome = feed.hello(hello())
    assert (welcome.accepted, welcome.reason) == (True, "")
    assert (welcome.run, welcome.account, welcome.last_sequence) == ("run-1", "Sim101", 1)
    assert welcome.groups == (FeedGroup(name="index", contracts=("NQ 03-26", "ES 03-26")),)
    assert welcome.last_bars == (LastBar(contract="NQ 03-26", close_ns=bar(2).close_ns),)


def test_stranger_is_answered_and_blocks_nothing() -> None:
    """A batch before hello: every bar refused, one fault that stops no entries, nothing used."""
    feed = FeedHarness(hello_first=False)
    said = feed.send(bar(1), bar(2))
    assert [refused.kind for refused in ack(said).refused] == [FaultKind.UNKNOWN_CONTRACT] * 2
    fault = only(said, FeedFault)
    assert (fault.contract, fault.blocks_entries) == ("", False)
    assert "before its hello" in fault.text
    assert feed.hello(hello()).last_sequence == 0
    assert ack(feed.send(bar(1), sequence=1)).accepted == 1


def test_newer_hello_wins() -> None:
    """A second hello of one name replaces what it declared, and keeps its sequence."""
    feed = FeedHarness()
    feed.send(bar(1))
    assert feed.hello(hello(contracts=(spec("ES 03-26"),))).last_sequence == 1
    said = feed.send(bar(2), bar(2, contract="ES 03-26"))
    assert [refused.contract for refused in ack(said).refused] == ["NQ 03-26"]


def test_refused_hello_changes_nothing() -> None:
    """A refused second hello leaves the first in force."""
    feed = FeedHarness()
    feed.hello(hello(contracts=()))
    assert ack(feed.send(bar(1))).accepted == 1
