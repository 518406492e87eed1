"""What the client does with the desk's commands: answer once, carry out, report.

Rule 1: an id is carried out at most once, whatever the desk sends again.
Rule 2: a command of a router older than one already obeyed is not even answered.
Rule 3: everything that happens becomes a numbered report.
Rule 4: live, without a message from the desk for two seconds, what works of an entry is cancelled;
        the brackets stay.
Rule 5: what is answered, numbered or burnt is in the memory, which is written before anything of it
        leaves; while it cannot be written, no entry is taken.
Rule 6: what stands between client and market is reported when it changes, live after every hello.
"""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.messages.link import CommandOutcome, SnapshotPage, SnapshotRequest
from services.domain.messages.market import Bar, TimeMode
from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    HeldPosition,
    PlatformState,
)
from services.domain.messages.risk import OrderCommand
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.nt_twin.client_limits import SILENCE_NS_MAX, CommandContext, check_command
from services.nt_twin.commands.client_guard import ClientGuard
from services.nt_twin.commands.command_ids import CommandIds
from services.nt_twin.commands.report_queue import ReportQueue
from services.nt_twin.commands.snapshots import AccountSnapshots
from services.nt_twin.config import TwinConfig
from services.nt_twin.memory.records import Kind, Memory, NoMemory
from services.nt_twin.memory.trading_switch import TradingSwitch
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.nt_twin.positions.traded_account import TradedAccount

_ACCOUNT_REPORT_NS: Final = 5 * NANOS_PER_SECOND
"""Live: how often the account is reported; NinjaTrader itself reports every change of an item."""


class _Epoch(msgspec.Struct, frozen=True):
    # The highest router epoch obeyed.
    epoch: int


def _no_close(date: str) -> None:
    del date


class ClientOrders:
    """The order side of the client: gate, venue, outbox."""

    def __init__(
        self,
        config: TwinConfig,
        date_of: Callable[[UnixNanos], str],
        account: TradedAccount | None = None,
        *,
        memory: Memory | None = None,
        switch: TradingSwitch | None = None,
        close_of: Callable[[str], UnixNanos | None] = _no_close,
    ) -> None:
        """`date_of`: trade date. `account`: at an exchange elsewhere; None: one in this process.

        `close_of`: when the session of a trade date closes, None: not known.
        """
        self._config = config
        self.memory = memory or NoMemory()
        self.switch = switch or TradingSwitch()
        """The client's own kill, and its switch for entries."""
        self._guard = ClientGuard(config.limits, self.switch, date_of, close_of)
        self._ids = CommandIds(self.memory)
        self.venue: TradedAccount = account or SimulatedAccount(
            config.venue,
            config.account,
            config.prices,
            date_of,
            live=config.mode is TimeMode.LIVE,
            faults=config.faults,
        )
        self._snapshots = AccountSnapshots(self.venue, self._ids, self.memory)
        self._date_of = date_of
        self._date = ""
        self.report_queue = ReportQueue(self.memory)
        self.highest_epoch = max(
            (e.epoch for _, e in self.memory.load(Kind.EPOCH, _Epoch)), default=0
        )
        """Highest router epoch obeyed."""
        self._platform: PlatformState | None = None
        """As last reported; None: not reported, and nothing stands between client and market."""
        self._live = config.mode is TimeMode.LIVE
        self._last_desk_message_ns = UnixNanos(0)
        self._last_account_report_ns = UnixNanos(0)

    def accepts_epoch(self, epoch: int) -> bool:
        """Whether a router of this epoch is obeyed; the highest one is remembered."""
        if epoch < self.highest_epoch:
            return False
        if epoch > self.highest_epoch:
            self.highest_epoch = epoch
            self.memory.put(Kind.EPOCH, "", _Epoch(epoch))
        return True

    def on_command(self, command: OrderCommand, now: UnixNanos) -> None:
        """Answer a command and carry it out, if it is new and passes the gate."""
        first = self._ids.answer(command.command_id)
        if first is not None:
            self._answer(command, AckStatus.DUPLICATE, f"the first answer was {first.name}", now)
            return
        if self._ids.is_burnt(command.command_id):
            status, text = AckStatus.REFUSED, "it was asked for and not known: its id is burnt"
        else:
            status, text = self._check(command, now)
        is_burnt = self._ids.is_burnt(command.command_id)
        if not is_burnt:  # a tombstone stays one
            self._ids.keep_answer(command.command_id, status, now, is_entry=command.is_entry)
        self._answer(command, status, text, now)
        if status is AckStatus.ACCEPTED:
            self._report(*self.venue.execute(command, now))

    def on_desk_message(self, now: UnixNanos) -> None:
        """Note the time of a message of the desk, a bare heartbeat included."""
        self._last_desk_message_ns = now

    def on_clock(self, now: UnixNanos) -> None:
        """Live: report the account; cancel entries when the desk is silent (dead-man switch)."""
        self._begin_date(now)
        self.look(now)
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
        self._begin_date(bar.close_ns)
        self._report(*self.venue.on_bar(bar))

    def look(self, now: UnixNanos) -> None:
        """Close everything where the client has a reason of its own; report what has changed."""
        self.switch.look()
        values = self.venue.values(now) if self._guard.reads_values else None
        if code := self._guard.code(values, now):
            self._report(*self.venue.guard(code, now))
        self._report_platform(now)

    def on_welcome(self, now: UnixNanos) -> None:
        """Begin a connection: the desk is given the platform's state anew."""
        self.on_desk_message(now)
        if not self.report_queue.last_sequence:
            self.report_queue.add(self.venue.values(now))
        if self._live:
            self._platform = None
            self._report_platform(now, always=True)

    def remember(self, now: UnixNanos) -> None:
        """Write to the client's disk what has changed, before anything of it leaves."""
        # What was before this memory the desk reads in the snapshot, not in reports.
        self._snapshots.record(self.venue.pop_earlier())
        self.venue.remember()
        self.memory.commit()
        if self.memory.fault:
            self._report(*self.venue.refuse_unsent_entries(self.memory.fault, now))

    def snapshot(self, request: SnapshotRequest, first: SnapshotPage) -> list[SnapshotPage]:
        """Take a snapshot of the account as it is now, every report of it acknowledged."""
        assert not self.report_queue, "reports are not acknowledged"
        return self._snapshots.pages(request, first)

    def outcome(self, command_id: str, now: UnixNanos) -> CommandOutcome:
        """Give what is known of a command; nothing: it is burnt from now on."""
        return self._snapshots.outcome(command_id, now)

    @property
    def burnt_ids(self) -> tuple[str, ...]:
        """Commands that were asked for and not known."""
        return self._ids.burnt

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
            blocked=self._blocked(now),
            entries_last_minute=self._ids.entries_since(now - NANOS_PER_MINUTE + 1),
            entries_today=self._ids.entries_today,
        )
        status, text = check_command(command, self._config.limits, context)
        if status is AckStatus.ACCEPTED:
            text = venue.refusal(command)
            status = AckStatus.REFUSED if text else status
        return status, text

    def _blocked(self, now: UnixNanos) -> str:
        if self.memory.fault:
            return self.memory.fault
        if self.switch.refusal:
            return self.switch.refusal
        values = self.venue.values(now) if self._guard.reads_values else None
        code = self._guard.code(values, now)
        return f"the client keeps the account flat: {code}" if code else ""

    def _begin_date(self, now: UnixNanos) -> None:
        date = self._date_of(now)
        if date != self._date:
            self._date = date
            self._snapshots.begin_date(date)

    def _report_platform(self, now: UnixNanos, *, always: bool = False) -> None:
        quiet_until = UnixNanos(self.venue.quiet_until_ns)
        connected = self.venue.connected
        as_it_should_be = connected and self.switch.state is None and now >= quiet_until
        if as_it_should_be and self._platform is None and not always:
            return  # on most minutes
        state = PlatformState(
            report_sequence=0,
            prices_connected=connected,
            orders_connected=connected,
            trading_enabled=self.switch.state is None or self.switch.state.killed,
            killed_by=self.switch.killed_by,
            quiet_until_ns=quiet_until if now < quiet_until else None,
            at_ns=UnixNanos(0),
        )
        if always or state != self._platform:
            self._platform = state
            self.report_queue.add(replace(state, at_ns=now))

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
