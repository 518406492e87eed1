"""Nothing proven is not ready: upstream samples and the order link."""

import msgspec

from services.domain.messages.control import Upstreams
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import LinkState, LinkStatus
from services.domain.messages.risk import TradingState
from services.risk.gate import Gate
from tests.support.risk_builder import RiskDesk, at, calendar, config, manifest


def test_live_desk_needs_a_sample_of_its_upstreams() -> None:
    """In live nothing is ready before the first sample; in playback none is sent, none needed."""
    live = msgspec.structs.replace(manifest(), mode=TimeMode.LIVE)
    desk = RiskDesk(gate=Gate(config(), live, calendar()))
    desk.link()
    assert desk.gate.status().not_ready == ("upstreams have not been sampled yet",)
    desk.send(Upstreams(ready=True, reasons=(), at_ns=at("10:00")))
    assert desk.gate.status().not_ready == ()
    playback = RiskDesk()
    playback.link()
    assert playback.gate.status().not_ready == ()


def test_link_of_another_account_is_no_link() -> None:
    """A client that trades another account is not ready, and is no reason to halt."""
    desk = RiskDesk()
    other = LinkStatus(
        report_sequence=0,
        client="nt",
        account="Live7",
        state=LinkState.RECONCILED,
        text="",
        at_ns=desk.now,
    )
    desk.send(other)
    status = desk.gate.status()
    assert status.not_ready == ("order link is for account Live7, expected Sim101",)
    assert status.state is TradingState.ACTIVE


def test_sample_without_a_reason_is_not_ready_all_the_same() -> None:
    """What is not said to be ready is not ready."""
    desk = RiskDesk()
    desk.link()
    desk.send(Upstreams(ready=False, reasons=(), at_ns=at("10:00")))
    assert desk.gate.status().not_ready == ("an upstream is not ready",)
