"""A node feeds one machine: order, journal, recovery, publishing. The only caller of machines.

What can go wrong. The process may end between any two instructions, the host may lose power, and it
must come back as if it had only been slow: no input forgotten, no decision made twice or otherwise,
nothing sent that is not on record. The date may change under it, its configuration may have
changed while it was down, in playback the clock jumps with the data. And a machine may have a bug:
give other outputs for the same inputs.

Rule 1: a turn takes deliveries, hands them to the machine, commits, and lets the outputs go.

    handled     an input is in the journal's open transaction, with the time handed over; the
                machine has changed its state and given outputs
    placed      each durable output has its sequence, in the same transaction
    committed   both are on record, together
    left        frames, replies and pushes are on their way

    ends before the commit   nothing happened. Inputs come again: their publisher replays what was
                             not applied, a client re-sends what was not acknowledged.
                             What a service hands over (domain/services.py) may have left: it comes
                             again from who decided it, and the client knows its id.
    ends after it            the outputs have their numbers. Heartbeats of the next start repeat the
                             last of them, readers ask for what they miss. A reply is lost with the
                             call; the client asks again.

After a loss of power the journal ends at a commit that may lie before this one: no earlier than the
last that was synced, and what must not be lost leaves only after a sync (`must_be_on_disk`). The
rest is made again from inputs that come again, and its readers compare it (inbox.py).

An input that no output follows from may stay uncommitted until the next heartbeat: nobody acted on
it, so it may as well come again.

Rule 2: recovery hands the machine its journalled inputs with their journalled times, timers among
        them. A machine is a function of these (machine.py), so it is then where it was. That it is
        one is checked: what a machine recomputes must be what the journal holds, or the process
        ends (DivergedError). A machine that folds is given its outputs too: its decisions stand,
        whatever its code would decide today. What another configuration published stands as well,
        and is not compared.

A date has a file of its own, whose first records are what the machine carries over (`carry`), the
cursors of its inputs and the heads of its outputs: recovery reads one date and nothing before it.

Why this suffices. Everything a machine knows came as an input; every input is on record before
anything that follows from it leaves; and what leaves has a number that only the record gives. So
two runs of a node can differ in what they repeat, never in what they decide.

Rule 3: what comes again after a start is handled in the order it had (catch_up.py).

Rule 4: in playback a timer that is due before the stamp to which a message moves the clock fires
        before that message: the order of two events must not depend on when a frame arrived.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from services.domain.event_time import event_time_of
from services.domain.messages.control import Heartbeat, StreamHead
from services.domain.messages.union import Message
from services.domain.services import ServiceRow
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.runtime.bus import FROM_DATE_START, Bus, Delivery, Envelope, ReplayPage
from services.runtime.catch_up import CatchUp
from services.runtime.clock import Clock
from services.runtime.inbox import Inbox
from services.runtime.journal import Cursor, Journal, Record, Role
from services.runtime.journal_files import FIRST_DATE
from services.runtime.machine import Folding, Machine, Ordering
from services.runtime.outbox import Edge, Outbox
from services.runtime.recomputed import Recomputed
from services.runtime.recorded import Recorded

_TIMERS_MAX = 1_000
"""Timers fired in a row before one message; a machine that wants more never lets go."""

_AHEAD_NS = 5 * NANOS_PER_MINUTE
"""Live: a stamp further ahead of the wall clock than this is no event time. Far more than clocks
differ, far less than a client whose zone is wrong."""


class NodeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a node must know besides its machine."""

    name: str
    """Service or worker name."""
    streams: tuple[str, ...]
    """Durable input streams."""
    fires_early: bool
    """Playback: timers due before a message's stamp fire before it."""
    date_of: Callable[[UnixNanos], str]
    """Trade date of an event time."""
    wall: Callable[[], UnixNanos]
    """Wall clock, for envelopes and metrics only."""
    config_hash: str = ""
    """Of the configuration folder; outputs of another configuration are not compared with ours."""
    row: ServiceRow
    """What is special about the service."""
    published_again: Mapping[str, Callable[[Message], object]] = {}
    """What must be the same where a stream's publisher may publish a sequence again."""


class Node:
    """One machine between its bus, its journal and its clock."""

    def __init__(
        self, config: NodeConfig, machine: Machine, bus: Bus, clock: Clock, journal: Journal | None
    ) -> None:
        self.config = config
        self.machine = machine
        self.bus = bus
        self.clock = clock
        self.journal = journal
        self.edge: Edge | None = None
        """Set by the shell where the service has a link outside the bus."""
        self.catch_up: CatchUp | None = None
        """Orders what comes until the streams have been read to their ends."""
        self.handled = 0
        """Messages handed to the machine since start."""
        self.on_published: Callable[[Envelope], None] | None = None
        """Tap for memory logs and exports."""
        self._seen_ns = UnixNanos(0)
        """Newest event time handled since start."""
        self._date = journal.date if journal else FIRST_DATE
        inputs = journal.cursors(Role.INPUT) if journal else {}
        outputs = journal.cursors(Role.OUTPUT) if journal else {}
        # What lies in the journal: an inbox has handed on a whole page before its first message
        # is journalled, and a date must not begin behind messages that a crash would lose.
        self._inputs = dict(inputs)
        epoch = journal.epoch if journal else 1
        self.outbox = Outbox(config.name, epoch, outputs, journal, config.row.urgent_stream)
        self.recorded: dict[str, Recorded] = {}
        """Our record of the streams that may be published again."""
        self.inboxes = {
            stream: Inbox(stream, cursor.sequence, cursor.epoch, self._recorded(stream))
            for stream in config.streams
            for cursor in (inputs.get(stream) or self._first(stream),)
        }

    def _first(self, stream: str) -> Cursor:
        # Of a stream from which nothing had come when the date began.
        start = self.journal.start_of(stream) if self.journal is not None else 0
        return Cursor(0, FROM_DATE_START if start is None else start)

    def _recorded(self, stream: str) -> Recorded | None:
        must_equal = self.config.published_again.get(stream)
        if self.journal is None or must_equal is None:
            return None
        return self.recorded.setdefault(stream, Recorded(self.journal, stream, must_equal))

    # -- recovery ---------------------------------------------------------------------------

    def restore(self) -> int:
        """Bring the machine to where the journal ends; gives the number of records."""
        if self.journal is None:
            return 0
        count, recomputed = 0, Recomputed(self.config.name, self.config.config_hash)
        for record in self.journal.records():
            count += 1
            if record.role is Role.BOOT:
                recomputed.begin_run(record)
            elif record.role is Role.OUTPUT:
                self._restore_output(record, recomputed)
            else:
                self._restore_input(record, recomputed)
        recomputed.check_all_matched(None)
        self.journal.append(self._boot())
        return count

    def _restore_output(self, record: Record, recomputed: Recomputed) -> None:
        assert record.message is not None
        self.outbox.restore(record)
        if isinstance(self.machine, Folding):
            self.machine.fold_output(record.message)
        else:
            recomputed.match(record)

    def _restore_input(self, record: Record, recomputed: Recomputed) -> None:
        inbox = self.inboxes.get(record.stream)
        if inbox is not None and record.role is Role.INPUT:
            inbox.restore(record.sequence, record.epoch)
            self._inputs[record.stream] = Cursor(record.epoch, record.sequence)
        if self.config.fires_early and record.message is not None:
            self._seen_ns = max(self._seen_ns, event_time_of(record.message) or self._seen_ns)
        now = UnixNanos(record.at)
        self.clock.restore(now)
        if isinstance(self.machine, Folding):
            if record.message is not None:
                self.machine.fold_input(record.message, now)
            return
        recomputed.check_all_matched(record)
        recomputed.expect(self._recompute(record, now))

    def _boot(self) -> Record:
        return Record(Role.BOOT, self.config.config_hash, self.outbox.epoch, 0, 0, None)

    def _recompute(self, record: Record, now: UnixNanos) -> Iterable[Message]:
        if record.message is None:
            return list(self.machine.on_timer(now))
        outputs = list(self.machine.on_message(record.message, now))
        return [] if record.role is Role.CARRY else outputs

    # -- turning ----------------------------------------------------------------------------

    def handle(self, deliveries: list[Delivery]) -> None:
        """Handle what the bus delivered; outputs wait for `flush`."""
        inboxes = self.inboxes
        held = self.journal is not None and self.journal.writer.held
        hands_over = None if self.outbox.has_pending or held else self.config.row.hands_over
        for delivery in deliveries:
            inbox = inboxes.get(delivery.stream)
            ready: Iterable[Envelope]
            if isinstance(delivery, Envelope):
                # What no inbox keeps in order is of live class: the next one heals its loss.
                ready = (delivery,) if inbox is None else inbox.on_envelope(delivery)
            else:
                ready = () if inbox is None else self._read_page(inbox, delivery)
            for envelope in ready:
                if self.catch_up is None or inbox is None:
                    self._handle_input(envelope, None)
                else:
                    self.catch_up.add(envelope)
        if self.catch_up is not None:
            for envelope in self.catch_up.due():
                self._handle_input(envelope, None)
        if hands_over is not None:
            self.outbox.hand_over(hands_over, self.edge)

    def _read_page(self, inbox: Inbox, page: ReplayPage) -> list[Envelope]:
        begins = inbox.applied == FROM_DATE_START
        ready = inbox.on_page(page)
        if begins and inbox.applied != FROM_DATE_START and self.journal is not None:
            self.journal.keep_start(inbox.stream, page.after)
        return ready

    def handle_call(self, message: Message, call: object | None) -> None:
        """Handle a message from outside the bus; its reply goes to `call` after the commit."""
        self._handle_input(Envelope("edge", 0, 0, UnixNanos(0), message), call)

    def _handle_input(self, envelope: Envelope, call: object | None) -> None:
        message = envelope.message
        stamp = event_time_of(message)
        if stamp is not None and stamp > self._seen_ns:
            self._advance(stamp)
        now = self.clock.observe(stamp)
        self.handled += 1
        if self.journal is not None:
            stream, epoch, sequence = envelope.stream, envelope.epoch, envelope.sequence
            payload = envelope.payload
            self.journal.append(Record(Role.INPUT, stream, epoch, sequence, now, message, payload))
            if stream in self.inboxes:
                self._inputs[stream] = Cursor(epoch, sequence)
        outputs = self.machine.on_message(message, now)
        if outputs:  # nothing follows from most inputs
            self.outbox.add(outputs, self.config.wall(), call)

    def _fire(self, before: UnixNanos) -> None:
        for _ in range(_TIMERS_MAX):
            deadline = self.machine.next_deadline()
            if deadline is None or deadline >= before:
                return
            self._timer(self.clock.observe(deadline))
        raise AssertionError(f"{self.config.name}: {_TIMERS_MAX} timers due at once")

    def _timer(self, now: UnixNanos) -> None:
        if self.journal is not None:
            self.journal.append(Record(Role.TIMER, "timer", 0, 0, now, None))
        outputs = self.machine.on_timer(now)
        if outputs:
            self.outbox.add(outputs, self.config.wall(), None)

    def fire_due(self) -> None:
        """Fire the timer if the clock in force has passed its deadline."""
        deadline = self.machine.next_deadline()
        if deadline is not None and not self.config.fires_early:
            now = self.clock.now()
            if deadline <= now:
                self._timer(now)

    def flush(self) -> list[Envelope]:
        """Commit what the outputs rest on, then let them go; gives what was published.

        Where the commit waits for other services, what leaves the process waits for `release`.
        Inputs nothing followed from wait for the next output or for `commit_pending`: after a crash
        their publisher replays them.
        """
        if not self.outbox.has_pending:
            return []
        if self.journal is not None:
            wanted = self.config.row.must_be_on_disk
            self.journal.commit(sync=wanted is not None and self.outbox.any_pending(wanted))
        published = self.outbox.publish(self.bus)
        if self.outbox.leaving and (self.journal is None or not self.journal.writer.held):
            self.outbox.release(self.edge)
        if self.on_published is not None:
            for envelope in published:
                self.on_published(envelope)
        return published

    def release(self) -> None:
        """Let go what leaves by the edge; called after the commit."""
        self.outbox.release(self.edge)

    def commit_pending(self) -> None:
        """Commit what waits for no output; called with every heartbeat."""
        if self.journal is not None and not self.outbox.has_pending:
            self.journal.commit()

    def _advance(self, stamp: UnixNanos) -> None:
        if self.config.fires_early:
            self._fire(before=stamp)
        elif stamp > self.config.wall() + _AHEAD_NS:
            return  # live: a client's message of tomorrow must not close today's journal
        self._seen_ns = stamp
        date = self.config.date_of(stamp)
        if date <= self._date:
            return
        # Also without a journal: a machine may let go of the old date in `carry`.
        now = self.clock.now()
        carries = [Record(Role.CARRY, "carry", 0, 0, now, m) for m in self.machine.carry()]
        self._date = date
        if self.journal is None:
            return
        self.flush()
        outputs = {s: Cursor(self.outbox.epoch, n) for s, n in self.outbox.heads.items()}
        self.journal.roll(date, self._inputs, outputs, [self._boot(), *carries])

    # -- life -------------------------------------------------------------------------------

    def on_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Compare a publisher's heads with what has been applied."""
        for head in heartbeat.heads:
            inbox = self.inboxes.get(head.stream)
            if inbox is not None:
                inbox.on_head(head.sequence, heartbeat.epoch)

    def begin_catch_up(self, mono_ns: int) -> None:
        """Order what comes from here on, where the machine can; `mono_ns`: now, monotonic."""
        if isinstance(self.machine, Ordering):
            self.catch_up = CatchUp(self.machine, mono_ns)

    def end_catch_up(self) -> None:
        """Handle whatever is still held, and from here on what comes as it comes."""
        if self.catch_up is not None:
            rest, self.catch_up = self.catch_up.rest(), None
            for envelope in rest:
                self._handle_input(envelope, None)

    def request_replays(self, mono_ns: int) -> None:
        """Ask for what is missing."""
        for inbox in self.inboxes.values():
            if inbox.replay_due(mono_ns):
                self.bus.request_replay(inbox.stream, inbox.wanted_after)

    def heads(self) -> tuple[StreamHead, ...]:
        """Committed heads of our durable streams, for the heartbeat."""
        return tuple(StreamHead(s, n) for s, n in self.outbox.committed_heads.items())
