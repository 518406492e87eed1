"""Every refusal code provoked through the gate, each beside a neighbour that is let through."""

from typing import Final

import msgspec
import pytest

from services.domain.manifest import TradeRow
from services.domain.messages.control import Kill
from services.domain.messages.risk import Verdict
from services.domain.units import MicroUsd, Ticks
from services.risk.account.sizing import size_entry
from services.risk.gate import Gate
from services.risk.limits.table import LIMITS, QUOTAS
from tests.support.limit_rows import (
    approval,
    budget,
    data,
    exposure,
    identity,
    loss,
    margin,
    market,
    order,
    portfolio,
    rate,
    session,
    state,
)
from tests.support.limit_rows.limit_case import LimitCase, Row, account_values, decide
from tests.support.risk_builder import (
    CLOSE,
    ES,
    NQ,
    YM,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    ready_desk,
)

_FAMILIES: Final = (
    state,
    approval,
    identity,
    session,
    data,
    market,
    order,
    exposure,
    portfolio,
    loss,
    budget,
    rate,
    margin,
)
ROWS: Final[list[Row]] = [row for family in _FAMILIES for row in family.ROWS]
_KILL: Final = Kill(operator="ann", reason="drill", flatten=False, at_ns=at("10:00"))


@pytest.mark.parametrize(("code", "refused", "allowed"), ROWS, ids=[row[0] for row in ROWS])
def test_limit_refuses_at_its_boundary_and_passes_beside_it(
    code: str, refused: LimitCase, allowed: LimitCase
) -> None:
    """The code is the decision's, its sentence is said, and one step to the side it is approved."""
    no = decide(refused)
    assert (no.verdict, no.code, no.quantity) == (Verdict.REFUSED, code, 0)
    assert no.text
    yes = decide(allowed)
    assert (yes.verdict, yes.code) == (Verdict.APPROVED, "APPROVED"), yes.text


def test_every_limit_has_a_row() -> None:
    """No limit without a refusal and an allowed neighbour; a quota's are derived below."""
    assert {row[0] for row in ROWS} | set(QUOTAS) == set(LIMITS)


@pytest.mark.parametrize("code", QUOTAS)
def test_a_quota_refuses_at_its_key_and_passes_below_it(code: str) -> None:
    """The count at the key is refused with both numbers, one less is not; status shows both."""
    quota = QUOTAS[code]
    limits = config(**{quota.key: 2})
    shown = {row.code: (row.limit, row.unit) for row in ready_desk(limits).gate.status().limits}
    assert shown[code] == (2, quota.unit)
    assert quota.refusal(1, limits) is None
    text = quota.refusal(2, limits) or ""
    assert text.startswith(f"2 {quota.unit}")
    assert text.endswith("of 2 allowed")


def test_every_limit_is_recorded_for_pass_and_refusal() -> None:
    """A decision names every control in table order; those that refuse have a sentence."""
    for world in (LimitCase(), LimitCase(candidate_fields={"target": Ticks(1)}, missing=True)):
        decision = decide(world)
        failed = [check.code for check in decision.checks]
        assert all(check.text and not check.passed for check in decision.checks)
        assert decision.passed == tuple(code for code in LIMITS if code not in failed)
        assert failed == [code for code in LIMITS if code in failed]


def test_first_failure_in_table_order_is_the_code() -> None:
    """With several limits broken the earliest one names the decision."""
    broken = LimitCase(
        prepare=lambda desk: desk.send(_KILL),
        clock="15:45",
        candidate_fields={"target": Ticks(1)},
    )
    decision = decide(broken)
    failed = [check.code for check in decision.checks if not check.passed]
    assert decision.code == failed[0] == "KILLED"
    assert failed[1:] == ["SESSION_WINDOW", "NO_ENTRY_BEFORE_CLOSE", "BAD_BRACKET"]


def test_approved_sentence_shows_the_sizing() -> None:
    """The numbers behind the size can be read in the decision."""
    decision = decide(
        LimitCase(
            limits={
                "size_max": 9,
                "max_order_quantity": 9,
                "risk_per_trade_usd": 79,
                "max_position_contracts": 9,
            }
        )
    )
    assert decision.quantity == 3
    assert "3 contracts, $25.00 at risk each (stop" in decision.text


@pytest.mark.parametrize(
    ("tick_value", "fee", "asks"),
    [(0, 1_240_000, {}), (500_000, 0, {"stop": CLOSE})],
    ids=["no tick value", "no risk"],
)
def test_what_cannot_be_counted_gets_no_size(
    tick_value: int, fee: int, asks: dict[str, Ticks]
) -> None:
    """A contract without a tick value, or an entry that loses nothing at its stop, is not sized."""
    size = size_entry(
        candidate("fade", at("10:31"), **asks),
        MicroUsd(tick_value),
        config(slippage_reserve_ticks=0),
        fee=MicroUsd(fee),
        budget=MicroUsd(400_000_000),
        share=MicroUsd(400_000_000),
    )
    assert size.quantity == 0
    assert "has no risk that can be computed" in size.text


def test_pair_of_two_expiries_is_refused_even_when_declared() -> None:
    """The declaration is not trusted: signal and order contract must share the expiry."""
    group = manifest().groups[0]
    trade = (TradeRow(signal=NQ, orders="MNQ 06-26"),)
    declared = msgspec.structs.replace(
        manifest(), groups=(msgspec.structs.replace(group, trade=trade, watched=(ES, YM)),)
    )
    desk = RiskDesk(gate=Gate(config(), declared, calendar()))
    desk.link()
    wanted = candidate("fade", at("10:31"), order_contract="MNQ 06-26")
    decision = decision_on(wanted, desk.minute("10:31", wanted))
    assert decision.code == "PAIR"
    assert "another expiry" in decision.text


def test_a_candidate_without_a_date_is_refused_not_raised() -> None:
    """IDENTITY names both dates; the days before the expiry are counted from the minute's."""
    decision = decide(LimitCase(candidate_fields={"trade_date": ""}))
    assert [check.code for check in decision.checks] == ["IDENTITY"]


def test_an_equity_below_zero_pays_for_no_contract() -> None:
    """A part of what is owed buys nothing: no negative size in the sentence."""
    ruined = LimitCase(
        limits={"risk_per_trade_pct": 1.0},
        prepare=lambda desk: desk.send(
            account_values(desk, 100.0),
            account_values(desk, 100.0),
            account_values(desk, -5_000.0),
            account_values(desk, -5_000.0),
        ),
    )
    (text,) = [check.text for check in decide(ruined).checks if check.code == "SIZE_ZERO"]
    assert text.startswith("0 contracts")


def test_unknown_instrument_is_refused_not_raised() -> None:
    """A candidate on an unknown contract fails IDENTITY and leaves every sentence readable."""
    decision = decide(LimitCase(candidate_fields={"contract": "corn", "order_contract": "corn"}))
    assert decision.code == "IDENTITY"
    assert all(check.text for check in decision.checks)


def test_an_account_without_values_is_refused_live() -> None:
    """Without a word of the account there is no proof, no clock and no margin to count with."""
    codes = [check.code for check in decide(LimitCase(live=True)).checks]
    assert codes == ["RECONCILE_AGE", "CLOCK_SKEW", "ACCOUNT_VALUES_AGE"]
