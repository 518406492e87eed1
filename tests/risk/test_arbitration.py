"""Who wins a minute: priority, never arrival."""

from itertools import permutations

import pytest

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Action, Decision, OrderCommand, Verdict
from services.domain.messages.strategy import AdjustmentKind
from services.domain.messages.union import Message
from services.domain.units import Ticks
from services.risk.ledger.decided import ApprovedEntry
from tests.support.risk_builder import (
    CLOSE,
    SIGNALS,
    adjustment,
    at,
    candidate,
    config,
    decision_on,
    evaluated,
    only,
    ready_desk,
    session_minute,
)

NOW = at("10:31")


def test_lower_priority_number_wins_and_the_loser_names_the_winner() -> None:
    """Two candidates on one order contract: one entry; the other is suppressed by it."""
    desk = ready_desk()
    fade, reversal = candidate("fade", NOW), candidate("reversal", NOW)
    outputs = desk.minute("10:31", fade, reversal)
    loser = decision_on(fade, outputs)
    assert (loser.verdict, loser.suppressed_by) == (Verdict.SUPPRESSED, reversal.candidate_id)
    (command,) = only(OrderCommand, outputs)
    assert command.command_id == command.position_id == reversal.candidate_id
    assert (command.action, command.quantity, command.code) == (Action.ENTER_LONG, 1, "MODEL")
    assert (command.entry_reference, command.stop, command.target) == (
        CLOSE,
        CLOSE - 40,
        CLOSE + 80,
    )
    assert command.adjustment_ticks == 0
    assert command.expires_ns - command.created_ns == 3_000_000_000


def test_same_priority_goes_by_candidate_id() -> None:
    """Two wishes of one strategy: the lower id wins, for no other reason than that it is stable."""
    desk = ready_desk()
    first = candidate("fade", NOW, candidate_id="c1")
    second = candidate("fade", NOW, candidate_id="c2", stop=Ticks(CLOSE - 50))
    outputs = desk.minute("10:31", second, first)
    assert decision_on(first, outputs).verdict is Verdict.APPROVED
    assert decision_on(second, outputs).suppressed_by == "c1"


def test_refused_candidate_leaves_the_contract_to_the_next() -> None:
    """A refusal takes nothing away from the candidate after it."""
    desk = ready_desk()
    broken = candidate("reversal", NOW, target=Ticks(CLOSE - 1))
    fade = candidate("fade", NOW)
    outputs = desk.minute("10:31", broken, fade)
    assert decision_on(broken, outputs).code == "BAD_BRACKET"
    assert decision_on(fade, outputs).verdict is Verdict.APPROVED


def test_order_contracts_are_won_one_by_one() -> None:
    """NQ and ES both enter at one stamp; the account's counts see the first one."""
    desk = ready_desk(config(trades_per_day=1))
    outputs = desk.minute("10:31", candidate("reversal", NOW), candidate("es_fade", NOW))
    assert decision_on(candidate("reversal", NOW), outputs).verdict is Verdict.APPROVED
    assert decision_on(candidate("es_fade", NOW), outputs).code == "TRADES_PER_DAY"
    desk = ready_desk()
    outputs = desk.minute("10:31", candidate("reversal", NOW), candidate("es_fade", NOW))
    assert len(only(OrderCommand, outputs)) == 2


def test_same_id_twice_in_one_stamp_is_one_order() -> None:
    """The second of two equal ids is refused when the first was, and never entered beside it."""
    desk = ready_desk()
    wrong = candidate("fade", NOW, candidate_id="c1", target=Ticks(1))
    right = candidate("fade", NOW, candidate_id="c1")
    outputs = desk.minute("10:31", wrong, right)
    assert [d.code for d in only(Decision, outputs)] == ["BAD_BRACKET", "DUPLICATE"]
    assert not only(OrderCommand, outputs)


def _arrivals() -> list[Message]:
    return [
        session_minute(NOW),
        evaluated("reversal", NOW, candidate("reversal", NOW, target=Ticks(CLOSE - 1))),
        evaluated("fade", NOW, candidate("fade", NOW)),
        evaluated("es_fade", NOW, candidate("es_fade", NOW)),
    ]


def _outputs(arrivals: tuple[Message, ...]) -> list[Message]:
    return ready_desk().publish(*arrivals, now=NOW)


@pytest.mark.parametrize("order", list(permutations(range(1 + len(SIGNALS)))), ids=str)
def test_arrival_order_changes_nothing(order: tuple[int, ...]) -> None:
    """Every order of the minute and its evaluations gives the same outputs in the same order."""
    arrivals = _arrivals()
    assert _outputs(tuple(arrivals[i] for i in order)) == _outputs(tuple(arrivals))


def test_commands_are_exits_then_moves_then_entries() -> None:
    """Priority orders decisions; commands go by what they do, whoever asks first."""
    desk = ready_desk()
    fade, es_fade = desk.enter("fade", "10:00"), desk.enter("es_fade", "10:01")
    outputs = desk.minute(
        "10:02",
        adjustment("fade", fade.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 10),
        adjustment("es_fade", es_fade.position_id, AdjustmentKind.EXIT),
    )
    (left, moved) = only(OrderCommand, outputs)
    assert (left.action, moved.action) == (Action.EXIT, Action.MOVE_STOP)
    desk.send(desk.ack(left), desk.fill(es_fade, CLOSE, role=OrderRole.EXIT))
    outputs = desk.minute(
        "10:31",
        candidate("es_fade", NOW),
        adjustment("fade", fade.position_id, AdjustmentKind.MOVE_TARGET, CLOSE + 90),
        candidate("reversal", NOW),
    )
    assert [d.strategy for d in only(Decision, outputs)] == ["reversal", "es_fade"]
    actions = [command.action for command in only(OrderCommand, outputs)]
    assert actions == [Action.MOVE_TARGET, Action.ENTER_LONG]


def test_only_an_approval_of_its_own_candidate_makes_an_entry() -> None:
    """A refusal, or the approval of another candidate, has no way into an order command."""
    desk = ready_desk()
    fade, reversal = candidate("fade", NOW), candidate("reversal", NOW)
    outputs = desk.minute("10:31", fade, reversal)
    won, lost = decision_on(reversal, outputs), decision_on(fade, outputs)
    assert ApprovedEntry(reversal, won).decision is won
    with pytest.raises(AssertionError, match="SUPPRESSED is not an approval"):
        ApprovedEntry(fade, lost)
    with pytest.raises(AssertionError, match="with the decision on"):
        ApprovedEntry(fade, won)
