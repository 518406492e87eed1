"""Every strategy of the playbook trades on most of its recorded days under every shipped set.

NinjaTrader's own exports, played through a desk that approves nobody, so that no position keeps a
later candidate from being made; each set's gate then judges every candidate on a flat desk.
"""

from collections import Counter
from functools import partial
from pathlib import Path

import msgspec
import pytest

from docs.tools import recorded_days
from docs.tools.limit_sets import STATED, days_traded, derive, first_stops
from docs.tools.recorded_days import SOURCES, moves_in, played, recorded_moves, recorded_stops
from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.control import Upstreams
from services.domain.messages.orders import AccountValues, Holdings, LinkState, LinkStatus
from services.domain.messages.risk import Decision
from services.domain.messages.session import SessionMinute
from services.domain.messages.union import Message
from services.domain.minute_parts import parts_of
from services.domain.units import MICROS_PER_USD, MicroUsd, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import ApprovedStrategy, RiskConfig
from services.risk.shell import SPEC
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder
from tests.support.ninjatrader_data import DATA, needs_data
from tests.support.process_desk import altered

pytestmark = [pytest.mark.simulation, needs_data]
Played = list[tuple[Manifest, list[Message]]]
NOBODY = (ApprovedStrategy(strategy="nobody", version="*", config="*"),)


@pytest.fixture(scope="module")
def days() -> Played:
    """Minutes and answers of both exports."""
    return [played(DATA, source) for source in SOURCES]


def test_what_is_recorded_is_what_is_checked_in(days: Played) -> None:
    """Stops and moves, measured again, equal the tables the sets are derived from."""
    stops = [stop for _, messages in days for stop in recorded_days.stops_in(messages)]
    assert sorted(stops) == recorded_stops()
    moves = Counter[int]()
    for manifest, messages in days:
        (row,) = (row for group in manifest.groups for row in group.trade)
        moves += moves_in(messages, row.signal, row.orders)
    assert {100 * hundreds: count for hundreds, count in moves.items()} == recorded_moves()


@pytest.mark.parametrize("name", STATED)
def test_every_strategy_trades_on_most_of_its_recorded_days(
    days: Played, name: str, tmp_path: Path
) -> None:
    """As many days as docs/limits.md has, more than half; the others for the stop's width alone.

    Today `live` approves 1 of 8 recorded candidates, and the order value refuses NQ above 30,000.
    """
    traded, refused, config = Counter[str](), Counter[str](), limits(name, tmp_path)
    for manifest, messages in days:
        first: set[tuple[str, str]] = set()
        for decision in decisions(messages, manifest, config):
            day = decision.strategy, decision.trade_date
            if day in first:
                continue
            first.add(day)
            codes = {check.code for check in decision.checks} - {"NOT_APPROVED"}
            traded[decision.strategy] += not codes
            refused.update(codes)
    assert set(refused) <= {"STOP_DISTANCE", "SIZE_ZERO", "STRATEGY_RISK"}, refused
    for strategy, stops in first_stops().items():
        assert traded[strategy] == days_traded(derive(STATED[name]), strategy), strategy
        assert traded[strategy] > len(stops) / 2, (strategy, traded, refused)


def test_a_newcomer_s_first_two_weeks_pass_the_group_s_risk(days: Played) -> None:
    """Today the one-minute fallback refuses half of them. Fourteen sessions have no daily range."""
    for manifest, messages in days:
        (row,) = (row for group in manifest.groups for row in group.trade)
        dates = sorted({m.trade_date for m in messages if isinstance(m, SessionMinute)})[:14]
        early = [m for m in messages if isinstance(m, SessionMinute) and m.trade_date in dates]
        widest = 100 * max(moves_in(early, row.signal, row.orders))
        for stated in STATED.values():
            assert widest <= derive(stated).keys["group_risk_usd"] / stated.contracts


def limits(name: str, folder: Path) -> RiskConfig:
    """A shipped set for the stand-in's account, that approves nobody."""
    changed = altered(folder / "config", "risk.toml", 'profile = "', f'profile = "{name}" # "')
    read: RiskConfig = config_of(SPEC, ConfigFolder(changed, UnixNanos(0)))
    return msgspec.structs.replace(
        read, allowed_accounts=("Sim101",), account_simulated=True, approved_strategies=NOBODY
    )


def decisions(messages: list[Message], manifest: Manifest, config: RiskConfig) -> list[Decision]:
    """What a set's gate decides on a flat desk."""
    gate, found = Gate(config, manifest, Calendar()), list[Decision]()
    now = UnixNanos(0)
    hello = partial(LinkStatus, report_sequence=0, client="nt", account="Sim101", simulated=True)
    gate.on_message(hello(state=LinkState.RECONCILED, text="", at_ns=now), now)
    gate.on_message(Upstreams(ready=True, reasons=(), at_ns=now), now)
    for sequence in (1, 2):  # a balance is believed when it stands twice
        gate.on_message(_flat_account(sequence), now)
    for message in messages:
        given = message
        if isinstance(message, SessionMinute):
            given = msgspec.structs.replace(message, required_report_sequence=None)
            now = max(now, message.close_ns)
        for output in gate.on_message(given, now):
            found += [part for part in parts_of(output) if isinstance(part, Decision)]
    return found


def _flat_account(sequence: int) -> AccountValues:
    dollars = MicroUsd(50_000 * MICROS_PER_USD)
    return AccountValues(
        report_sequence=sequence,
        account="Sim101",
        cash=dollars,
        realised=MicroUsd(0),
        unrealised=MicroUsd(0),
        excess_margin=dollars,
        holdings=Holdings(),
        at_ns=UnixNanos(0),
    )
