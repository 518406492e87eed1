"""The model beside the desk: plain sums over the exchange's own executions, and what must be true.

P1  the desk's position equals the account's whenever the link says RECONCILED
P2  a fill whose report was acknowledged is published, each execution once
P3  an entry's id is executed once at most, a burnt one never
P4  one flatten gets the account flat (world.py tries it)
P5  no command leaves without a valid approval, nothing but exits while the link is not RECONCILED
P6  the account never holds more by the desk's own orders than the limits allow
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from services.domain.approval import approval_fault
from services.domain.instruments import instrument
from services.domain.messages.link import Instruction, ReportAck, ReportBatch, SnapshotPage
from services.domain.messages.orders import (
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderRole,
)
from services.domain.messages.risk import OrderCommand, Position, PositionState, RiskMinute
from services.domain.messages.union import Message
from services.venue.exchange import Exchange
from services.venue.orders import AccountExecution

KEY: Final = b"p" * 32
"""Of risk's approvals."""
_ROLES: Final = "|".join(role.name for role in OrderRole)
_NAME: Final = re.compile(rf"PW:(?P<command>.*):(?P<role>{_ROLES})[A-Z]?\d+")
_PAGE: Final = 1_000
DIFFERENCE_NS_MAX: Final = 20_000_000_000
"""So long RECONCILED may stand beside a difference: a snapshot every 5 s, awaited for 10 s."""


class PropertyBrokenError(Exception):
    """What must be true is not."""


class Reference:
    """What has happened, counted apart from the desk."""

    def __init__(self, *, position_max: int, order_max: int) -> None:
        """Limits in contracts: of the account, of one entry."""
        self.position_max = position_max
        """Of the account, contracts."""
        self._order_max = order_max
        self.executions: list[AccountExecution] = []
        self.net: Counter[str] = Counter()
        """By contract, long > 0."""
        self.held_once: set[tuple[HeldPosition, ...]] = {()}
        """What the account has held, behind each execution."""
        self._own: Counter[str] = Counter()
        self._cash = 0
        """Micro-dollars paid for contracts and commissions so far, < 0: paid more than received."""
        self.by_hand = 0
        """Contracts traded by hand."""
        self._entered: Counter[str] = Counter()
        self._entry_orders: dict[str, str] = {}
        self._burnt: set[str] = set()
        self.commands: dict[str, OrderCommand] = {}
        """What risk has decided and committed, by id; of two with one id the first."""
        self.published: Counter[str] = Counter()
        """Execution ids that the router has committed."""
        self.link = LinkState.DOWN
        """What the router said last."""
        self.positions: dict[str, Position] = {}
        """What risk said last of each."""
        self._differs_since: int | None = None
        self.reconciled_checks = 0
        """How often desk and account were compared exactly."""
        self.money_checks = 0
        """How often their money was, when flat."""

    # -- what happens -----------------------------------------------------------------------

    def look_at(self, exchange: Exchange) -> None:
        """Count what has been executed since the last look."""
        last = self.executions[-1].execution_id if self.executions else ""
        for execution in exchange.executions(last, _PAGE):
            self._count(execution)

    def _count(self, execution: AccountExecution) -> None:
        signed = execution.side.sign * execution.quantity
        self.executions.append(execution)
        self.net[execution.contract] += signed
        self.held_once.add(self.held())
        paid = signed * execution.price * instrument(execution.contract).tick_value
        self._cash -= paid + execution.commission
        found = _NAME.fullmatch(execution.name)
        if found is None:
            self.by_hand += execution.quantity
            return
        self._own[execution.contract] += signed
        if found["role"] == "ENTRY":
            self._count_entry(execution, found["command"])
        held = sum(abs(quantity) for quantity in self._own.values())
        if held > self.position_max + self.by_hand:
            raise PropertyBrokenError(
                f"P6 the account holds {dict(self._own)} by our orders,"
                f" at most {self.position_max} contracts"
            )

    def _count_entry(self, execution: AccountExecution, command_id: str) -> None:
        name = self._entry_orders.setdefault(command_id, execution.name)
        self._entered[command_id] += execution.quantity
        command = self.commands.get(command_id)
        if command is None:
            raise PropertyBrokenError(f"P5 entry {command_id} filled and risk never commanded it")
        if name != execution.name or self._entered[command_id] > command.quantity:
            raise PropertyBrokenError(
                f"P3 entry {command_id} of {command.quantity} was executed by {name} and"
                f" {execution.name}, {self._entered[command_id]} contracts"
            )
        if command_id in self._burnt:
            raise PropertyBrokenError(f"P3 entry {command_id} is burnt and was executed")
        if command.quantity > self._order_max:
            raise PropertyBrokenError(f"P6 entry {command_id} is of {command.quantity} contracts")

    def look_at_burnt(self, burnt: Iterable[str]) -> None:
        """Take note of the ids a client has burnt."""
        for command_id in set(burnt) - self._burnt:
            self._burnt.add(command_id)
            if command_id in self._entered:
                raise PropertyBrokenError(f"P3 entry {command_id} was executed and is burnt")

    def on_output(self, message: Message) -> None:
        """Look at what a machine gives, in its order."""
        match message:
            case LinkStatus():
                self.link = message.state
            case Instruction(command=OrderCommand() as command):
                self._on_command(command)
            case _:
                pass

    def _on_command(self, command: OrderCommand) -> None:
        if fault := approval_fault(command, KEY):
            raise PropertyBrokenError(f"P5 {fault} and has left")
        if self.commands.get(command.command_id) != command:
            raise PropertyBrokenError(f"P5 command {command.command_id} is not what risk committed")
        if command.is_entry and self.link is not LinkState.RECONCILED:
            raise PropertyBrokenError(
                f"P5 entry {command.command_id} left while the link was {self.link.name}"
            )

    def on_committed(self, message: Message) -> None:
        """Look at what a service has committed."""
        match message:
            case Execution():
                self.published[message.execution_id] += 1
                if self.published[message.execution_id] > 1:
                    raise PropertyBrokenError(f"P2 {message.execution_id} was published twice")
            case OrderCommand():
                self.commands.setdefault(message.command_id, message)
            case RiskMinute():
                for command in message.commands:
                    self.commands.setdefault(command.command_id, command)
            case Position():
                self.positions[message.position_id] = message
            case _:
                pass

    # -- what must be true --------------------------------------------------------------------

    def check_ack(self, batch: ReportBatch, ack: ReportAck) -> None:
        """P2: what is acknowledged is published."""
        if ack.refused:
            return
        for report in batch.reports:
            fill = report.execution
            if fill is None or fill.report_sequence > ack.last_report_sequence:
                continue
            if not self.published[fill.execution_id]:
                raise PropertyBrokenError(
                    f"P2 report {fill.report_sequence}, fill {fill.execution_id}, was acknowledged"
                    " and is not published"
                )

    def check_judged(
        self,
        page: SnapshotPage,
        shown: tuple[HeldPosition, ...],
        holdings: tuple[HeldPosition, ...],
    ) -> None:
        """P1 at a snapshot; `shown`: what the client took from the account for it.

        The account may hold something else by then, but held that behind one of its executions.
        """
        if self.link is not LinkState.RECONCILED:
            return
        if not holdings == page.positions == shown or holdings not in self.held_once:
            raise PropertyBrokenError(
                f"P1 snapshot {page.nonce} is RECONCILED: desk {holdings},"
                f" snapshot {page.positions}, account {shown}, now {self.held()}"
            )

    def check_position(
        self, holdings: tuple[HeldPosition, ...], *, settled: bool, progress: int
    ) -> None:
        """P1 at any time; `settled`: nothing is on its way between exchange and router."""
        if self.link is not LinkState.RECONCILED or holdings == self.held():
            self._differs_since = None
            self.reconciled_checks += settled and self.link is LinkState.RECONCILED
            return
        if self._differs_since is None:
            self._differs_since = progress
        lasted = progress - self._differs_since
        if settled or lasted > DIFFERENCE_NS_MAX:
            raise PropertyBrokenError(
                f"P1 the link is RECONCILED and the desk holds {holdings}, the account"
                f" {self.held()}, for {lasted / 1e9:.1f} s"
            )

    def check_ledger(self) -> None:
        """P1 and P2 of the ledger, when it has read every report: quantities, and money if flat."""
        net = Counter[str]()
        for each in self.positions.values():
            if each.state is not PositionState.CLOSED:
                net[each.order_contract] += each.side.sign * each.quantity
        ours = {contract: held for contract, held in net.items() if held}
        theirs = {each.contract: each.quantity for each in self.held()}
        if ours != theirs:
            raise PropertyBrokenError(f"P1 the ledger holds {ours}, the account {theirs}")
        if not any(each.quantity for each in self.positions.values()):
            self._check_money()

    def _check_money(self) -> None:
        booked = sum(each.realised for each in self.positions.values())
        if booked != self._cash:
            raise PropertyBrokenError(
                f"P2 flat, the ledger has booked {booked} micro-dollars, the executions make"
                f" {self._cash}"
            )
        self.money_checks += 1

    def held(self) -> tuple[HeldPosition, ...]:
        """What the account holds by its executions."""
        return tuple(HeldPosition(c, q) for c, q in sorted(self.net.items()) if q)

    @property
    def unpublished(self) -> bool:
        """Whether some execution is not published by the router."""
        return len(self.published) < len(self.executions)
