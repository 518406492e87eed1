"""What the client does with the desk's commands: answer once, carry out, report.

Rule 1: an id is carried out at most once, whatever the desk sends again.
Rule 2: a command of a router older than one already obeyed is not even answered.
Rule 3: everything that happens becomes a numbered report.
Rule 4: live, without a message from the desk for two seconds, what works of an entry is cancelled;
        the brackets stay.
"""

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Final

from msgspec.structs import replace

from services.domain.identity import report_digest
from services.domain.messages.link import (
    CommandOutcome,
    Report,
    SnapshotPage,
    SnapshotRequest,
)
from services.domain.messages.market import Bar, TimeMode
from services.domain.messages.orders import (
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    HeldPosition,
    OrderUpdate,
)
from services.domain.messages.risk import OrderCommand
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.nt_twin.client_limits import SILENCE_NS_MAX, CommandContext, check_command
from services.nt_twin.config import TwinConfig
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.nt_twin.positions.traded_account import TradedAccount
from services.nt_twin.snapshots import AccountSnapshots

_ACCOUNT_REPORT_NS: Final = 5 * NANOS_PER_SECOND
"""Live: how often the account is reported; NinjaTrader itself reports every change of an item."""


class ClientOrders:
    """The order side of the client: gate, venue, outbox."""

    def __init__(
        self,
        config: TwinConfig,
        date_of: Callable[[UnixNanos], str],
        account: TradedAccount | None = None,
    ) -> None:
        """`account`: at an exchange elsewhere; None: one in this process."""
        self._config = config
        self._answers: dict[str, AckStatus] = {}
        self.venue: TradedAccount = account or SimulatedAccount(
            config.venue,
            config.account,
            config.prices,
            date_of,
            live=config.mode is TimeMode.LIVE,
            faults=config.faults,
        )
        self._snapshots = AccountSnapshots(self.venue)
        self._date_of = date_of
        self._date = ""
        self.report_queue = ReportQueue()
        self.highest_epoch = 0
        """Highest router epoch obeyed."""
        self._live = config.mode is TimeMode.LIVE
        self._last_desk_message_ns = UnixNanos(0)
        self._last_account_report_ns = UnixNanos(0)

    def accepts_epoch(self, epoch: int) -> bool:
        """Whether a router of this epoch is obeyed; the highest one is remembered."""
        if epoch < self.highest_epoch:
            return False
        self.highest_epoch = epoch
        return True

    def on_command(self, command: OrderCommand, now: UnixNanos) -> None:
        """Answer a command and carry it out, if it is new and passes the gate."""
        first = self._answers.get(command.command_id)
        if first is not None:
            self._answer(command, AckStatus.DUPLICATE, f"the first answer was {first.name}", now)
            return
        if command.command_id in self._snapshots.burnt:
            status, text = AckStatus.REFUSED, "it was asked for and not known: its id is burnt"
        else:
            status, text = self._check(command, now)
        self._answers[command.command_id] = status
        self._answer(command, status, text, now)
        if status is AckStatus.ACCEPTED:
            self._report(*self.venue.execute(command, now))

    def on_desk_message(self, now: UnixNanos) -> None:
        """Note the time of a message of the desk, a bare heartbeat included."""
        self._last_desk_message_ns = now

    def on_clock(self, now: UnixNanos) -> None:
        """Live: report the account; cancel entries when the desk is silent (dead-man switch)."""
        if self._silence_ns(now) > SILENCE_NS_MAX:
            self._report(*self.venue.cancel_entries(now))
        due = (
            self._live
            and self._last_desk_message_ns
            and now - self._last_account_report_ns >= _ACCOUNT_REPORT_NS
        )
        if due and not self.report_queue:
            self._last_account_report_ns = now
            self.report_queue.add(self.venue.values(now))

    def on_bar(self, bar: Bar) -> None:
        """Let a bar trade."""
        date = self._date_of(bar.close_ns)
        if date != self._date:
            self._date = date
            self._snapshots.begin_date()
        self._report(*self.venue.on_bar(bar))

    def snapshot(self, request: SnapshotRequest, first: SnapshotPage) -> list[SnapshotPage]:
        """Take a snapshot of the account as it is now, every report of it acknowledged."""
        assert not self.report_queue, "reports are not acknowledged"
        return self._snapshots.pages(request, first, self._answers)

    def outcome(self, command_id: str) -> CommandOutcome:
        """Give what is known of a command; nothing: it is burnt from now on."""
        return self._snapshots.outcome(command_id, self._answers)

    @property
    def burnt_ids(self) -> tuple[str, ...]:
        """Commands that were asked for and not known."""
        return tuple(self._snapshots.burnt)

    def report(self, *events: ClientReport) -> None:
        """Report what happened on the account without a command."""
        self._report(*events)

    def positions(self) -> tuple[HeldPosition, ...]:
        """Give what the account holds."""
        return self.venue.account.positions()

    def _check(self, command: OrderCommand, now: UnixNanos) -> tuple[AckStatus, str]:
        venue, contract = self.venue, command.contract
        traded = contract in self._config.prices
        held = abs(venue.account.position(contract)) if traded else 0
        context = CommandContext(
            account=self._config.account,
            contracts=tuple(self._config.prices),
            now=now,
            exposure=held + venue.working_quantity(contract),
            silence_ns=self._silence_ns(now),
        )
        status, text = check_command(command, self._config.limits, context)
        if status is AckStatus.ACCEPTED:
            text = venue.refusal(command)
            status = AckStatus.REFUSED if text else status
        return status, text

    def _report(self, *events: ClientReport) -> None:
        self._snapshots.record(events)
        self.report_queue.add(*events)

    def _silence_ns(self, now: UnixNanos) -> int:
        return now - self._last_desk_message_ns if self._live else 0

    def _answer(self, command: OrderCommand, status: AckStatus, text: str, now: UnixNanos) -> None:
        answer = CommandAck(
            report_sequence=0,
            command_id=command.command_id,
            status=status,
            text=text,
            at_ns=now,
            limits_hash=command.limits_hash,
        )
        self.report_queue.add(answer)


class ReportQueue:
    """The client's outbox: reports are numbered once and kept until the desk journals them."""

    def __init__(self) -> None:
        self.last_sequence = 0
        """Last sequence given."""
        self._unacknowledged: deque[tuple[int, Report]] = deque()
        self._last: Report | None = None

    def __len__(self) -> int:
        return len(self._unacknowledged)

    @property
    def oldest_sequence(self) -> int:
        """The oldest sequence kept, or the next one to be given."""
        return self._unacknowledged[0][0] if self._unacknowledged else self.last_sequence + 1

    def add(self, *events: CommandAck | ClientReport) -> None:
        """Number events and keep them."""
        for event in events:
            self.last_sequence += 1
            self._last = _report(event, self.last_sequence)
            self._unacknowledged.append((self.last_sequence, self._last))

    def oldest(self, most: int) -> tuple[Report, ...]:
        """Give the oldest reports kept."""
        return tuple(report for _, report in islice(self._unacknowledged, most))

    def drop_acknowledged(self, sequence: int) -> None:
        """Forget what is journalled."""
        while self._unacknowledged and self._unacknowledged[0][0] <= sequence:
            self._unacknowledged.popleft()

    def number_after(self, sequence: int) -> None:
        """Number what is kept anew, for a desk that does not know this numbering."""
        kept = [_body(report) for _, report in self._unacknowledged]
        self._unacknowledged.clear()
        self.last_sequence = sequence
        self.add(*kept)

    @property
    def last_digest(self) -> str:
        """Digest of the report with the last number; empty before the first."""
        return "" if self._last is None else report_digest(_body(self._last))


def _report(event: CommandAck | ClientReport, sequence: int) -> Report:
    match event:
        case CommandAck():
            return Report(ack=replace(event, report_sequence=sequence))
        case OrderUpdate():
            return Report(order=replace(event, report_sequence=sequence))
        case Execution():
            return Report(execution=replace(event, report_sequence=sequence))
        case AccountValues():
            return Report(account=replace(event, report_sequence=sequence))


def _body(report: Report) -> CommandAck | ClientReport:
    body = report.ack or report.order or report.execution or report.account
    assert body is not None, "a report without a body was kept"
    return body
