"""The model says which property is broken, for each of them, where one is."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from services.domain.approval import approved
from services.domain.messages.link import Instruction, ReportAck
from services.domain.messages.orders import HeldPosition, LinkState, LinkStatus
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import OrderRequest, OrderType
from tests.support.order_builder import (
    ACCOUNT,
    DATA,
    ORDERS,
    batch,
    command,
    fill,
    minute,
    snapshot,
)
from tests.support.session_world.reference import KEY, PropertyBrokenError, Reference

_ENTRY = approved(command("c1"), KEY)
_HELD = (HeldPosition(ORDERS, 1),)


def _reference(*, linked: bool = True) -> Reference:
    reference = Reference(position_max=2, order_max=2)
    reference.on_committed(_ENTRY)
    if linked:
        reference.on_output(_link(LinkState.RECONCILED))
    return reference


def _link(state: LinkState) -> LinkStatus:
    return LinkStatus(
        report_sequence=0, client="nt", account=ACCOUNT, state=state, text="", at_ns=minute(10)
    )


def _exchange(*names: str, quantity: int = 1) -> Exchange:
    # Orders of these names, bought and filled.
    exchange = Exchange(VenueConfig(), ACCOUNT, {ORDERS: DATA}, lambda _: "2026-02-06")
    for name in names:
        size = Contracts(quantity)
        request = OrderRequest(
            name=name,
            contract=ORDERS,
            side=Side.LONG,
            order_type=OrderType.MARKET,
            quantity=size,
        )
        exchange.handle(request, minute(10))
        exchange.fill(name, size, Ticks(1000), minute(10))
    return exchange


def _leaves(reference: Reference, **changes: object) -> None:
    given = replace(_ENTRY, **changes)
    reference.on_output(Instruction(epoch=1, client="nt", connection=1, command=given))


def _judged_wrong() -> None:
    _reference().check_judged(snapshot(positions=_HELD), _HELD, ())


def _shown_wrong() -> None:
    _reference().check_judged(snapshot(), _HELD, ())


def _differs_settled() -> None:
    _reference().check_position(_HELD, settled=True, progress=0)


def _differs_long() -> None:
    reference = _reference()
    for seconds in range(0, 30, 5):
        reference.check_position(_HELD, settled=False, progress=seconds * 10**9)


def _ledger_differs() -> None:
    reference = _reference()
    reference.look_at(_exchange("PW:c1:ENTRY1"))
    reference.check_ledger()


def _unpublished() -> None:
    ack = ReportAck(client="nt", last_report_sequence=1)
    _reference().check_ack(batch(fill(1, "c1")), ack)


def _published_twice() -> None:
    reference = _reference()
    for sequence in (1, 2):
        reference.on_committed(fill(sequence, "c1", execution_id="e"))


def _money_differs() -> None:
    reference = _reference()
    exchange = _exchange("by hand")
    exchange.fill_manual_order(ORDERS, Side.SHORT, Contracts(1), Ticks(1000), minute(10))
    reference.look_at(exchange)
    assert exchange.account.realised == MicroUsd(-1_240_000)
    reference.check_ledger()  # which has booked no commissions


def _executed_twice() -> None:
    _reference().look_at(_exchange("PW:c1:ENTRY1", "PW:c1:ENTRY2"))


def _executed_too_much() -> None:
    _reference().look_at(_exchange("PW:c1:ENTRY1", quantity=2))


def _burnt_then_executed() -> None:
    reference = _reference()
    reference.look_at_burnt(("c1",))
    reference.look_at(_exchange("PW:c1:ENTRY1"))


def _executed_then_burnt() -> None:
    reference = _reference()
    reference.look_at(_exchange("PW:c1:ENTRY1"))
    reference.look_at_burnt(("c1",))


def _unapproved() -> None:
    _leaves(_reference(), approval="")


def _changed() -> None:
    _leaves(_reference(), quantity=Contracts(2))


def _not_committed() -> None:
    reference = _reference()
    reference.commands.clear()
    _leaves(reference)


def _not_reconciled() -> None:
    _leaves(_reference(linked=False))


def _never_commanded() -> None:
    _reference().look_at(_exchange("PW:c2:ENTRY1"))


def _holds_too_much() -> None:
    reference = _reference()
    for each in ("c1", "c2", "c3"):
        reference.on_committed(approved(command(each), KEY))
    reference.look_at(_exchange("PW:c1:ENTRY1", "PW:c2:ENTRY1", "PW:c3:ENTRY1"))


@pytest.mark.parametrize(
    ("break_it", "expected"),
    [
        (_judged_wrong, "P1 snapshot"),
        (_shown_wrong, "P1 snapshot"),
        (_differs_settled, "P1 the link is RECONCILED"),
        (_differs_long, "P1 the link is RECONCILED"),
        (_ledger_differs, "P1 the ledger"),
        (_unpublished, "P2 report 1"),
        (_published_twice, "P2 e was published twice"),
        (_money_differs, "P2 flat"),
        (_executed_twice, "P3 entry c1"),
        (_executed_too_much, "P3 entry c1"),
        (_burnt_then_executed, "P3 entry c1 is burnt"),
        (_executed_then_burnt, "P3 entry c1 was executed and is burnt"),
        (_unapproved, "P5 .* no approval"),
        (_changed, "P5 .* not what risk approved"),
        (_not_committed, "P5 command c1 is not what risk committed"),
        (_not_reconciled, "P5 entry c1 left while the link was DOWN"),
        (_never_commanded, "P5 entry c2 filled and risk never commanded it"),
        (_holds_too_much, "P6 the account holds"),
    ],
)
def test_a_broken_property_is_named(break_it: Callable[[], None], expected: str) -> None:
    """One constructed breach each: a model that lets it pass would let a desk pass."""
    with pytest.raises(PropertyBrokenError, match=expected):
        break_it()


def test_what_is_as_it_must_be_passes() -> None:
    """The same entry, approved, linked, filled once, counted once."""
    reference = _reference()
    _leaves(reference)
    reference.look_at(_exchange("PW:c1:ENTRY1"))
    reference.on_committed(fill(1, "c1"))
    reference.check_ack(batch(fill(1, "c1")), ReportAck(client="nt", last_report_sequence=1))
    reference.check_judged(snapshot(positions=_HELD), _HELD, _HELD)
    reference.check_position(_HELD, settled=True, progress=0)
    assert reference.held() == _HELD
    assert reference.reconciled_checks == 1
