"""The gateway: every message of a feed client passes here, and only what is sound comes out.

Rule 1: a bad bar never stops the feed: it is named in a FeedFault and in the acknowledgement.
Rule 2: a batch is handled once: a sequence at or below the last one is acknowledged, nothing more.
        A sequence that skips is a loss: named, entries stop, and the batch is handled.
Rule 3: of two bars for one stamp the first wins; if the second contradicts it, entries on that
        contract stop for the session.
Rule 4: the clock in force is `now` live. In playback it is the batch's own watermark; a batch
        without one (history) has no future to lie in, only the contract's expiry bounds its stamps.
Rule 5: a watermark is final: a bar at or below the desk's own is refused as out of order,
        unless it is history, which warms up and never trades.
Rule 6: a batch of a client without hello is answered with every bar refused, and leaves no trace
        but one fault that blocks nothing: a stranger must not be able to stop the desk.
Rule 7: supplied levels are judged by levels.py and published before the batch's bars.
Rule 8: what a bar's rules are is bar_rules.py's and bar_history.py's.
Rule 9: what is sound waits for its minute (alignment.py); a minute is one message.
Rule 10: `carry` also forgets what the carry does not hold, so going on and starting again from the
        carry are the same machine.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from services.domain.calendar import Calendar, Session
from services.domain.contracts import expiry_ns, parse
from services.domain.manifest import Manifest
from services.domain.messages.market import (
    Bar,
    FaultKind,
    FeedAck,
    FeedBatch,
    FeedCarry,
    FeedFault,
    FeedGroup,
    FeedHello,
    FeedWelcome,
    LastBar,
    RefusedBar,
    TimeMode,
    Watermark,
)
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.ingest.alignment import Alignment
from services.ingest.bar_history import BarHistory, BarNovelty, differences
from services.ingest.bar_rules import RuleViolation, bar_text, first_violation, stamp_text
from services.ingest.clients import FeedClient, FeedClients, hello_refusal
from services.ingest.config import IngestConfig
from services.ingest.counts import GatewayCounts
from services.ingest.level_rules import level_violation

_BLOCKING: Final = frozenset({FaultKind.CONFLICT, FaultKind.CLIENT_GAP, FaultKind.DECLARED_LOSS})
"""Faults after which the market is not known any more: no entry for the rest of the session."""


class Gateway:
    """The machine of `ingest`."""

    def __init__(self, config: IngestConfig, manifest: Manifest, calendar: Calendar) -> None:
        """Take what the desk trades; its contracts are named with their month.

        Raises: InstrumentError for a contract of the manifest that names no month.
        """
        self._config = config
        self._manifest = manifest
        self._calendar = calendar
        names = [name for group in manifest.groups for name in group.contracts]
        self._live = manifest.mode is TimeMode.LIVE
        self._ahead_ms = config.future_ms_max if self._live else 0
        self._expiry = {name: expiry_ns(parse(name)) for name in names}
        self._memory = {name: BarHistory() for name in names}
        self._clients = FeedClients()
        self._alignment = self._new_alignment()
        self._session: Session | None = None
        self._counts: Counter[str] = Counter()
        """By field name of `GatewayCounts`."""
        self._refused: Counter[FaultKind] = Counter()

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle a hello, a batch or the carry of the date before."""
        match message:  # a class that matches is found ten times as fast as one that does not
            case FeedBatch():
                return self._on_batch(message, now)
            case FeedHello():
                return (self._on_hello(message, now),)
            case FeedCarry():
                self._restore(message)
                return ()
            case _:
                raise AssertionError(f"ingest takes no {type(message).__name__}")

    def next_deadline(self) -> UnixNanos | None:
        """When the first live minute has waited long enough for its peers; none in playback."""
        return self._alignment.deadline_ns() if self._live else None

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Close the live minutes whose peers did not come in time."""
        return self._alignment.overdue(now)

    def carry(self) -> Iterable[Message]:
        """Give what the next date starts from, and go on from just that."""
        newest = [memory.last for memory in self._memory.values() if memory.last is not None]
        pending, closed = self._alignment.snapshot()
        carry = self._clients.snapshot(tuple(newest))
        carry = msgspec.structs.replace(carry, pending=pending, closed=closed)
        self._restore(carry)
        return (carry,)

    def status(self) -> GatewayCounts:
        """Give what the status page shows: the counters as they are now."""
        names = [f for f in GatewayCounts.__struct_fields__ if f != "refused"]
        refused = tuple((kind, self._refused[kind]) for kind in FaultKind if self._refused[kind])
        return GatewayCounts(refused=refused, **{name: self._counts[name] for name in names})

    def _restore(self, carry: FeedCarry) -> None:
        self._clients.restore(carry)
        newest = {bar.contract: bar for bar in carry.last_bars}
        for name, memory in self._memory.items():
            memory.restore(newest.get(name))
        self._alignment = self._new_alignment()
        self._alignment.restore(carry)

    def _new_alignment(self) -> Alignment:
        wait_ns = self._config.alignment_deadline_ms * NANOS_PER_MS
        return Alignment(self._manifest.groups, wait_ns, playback=not self._live)

    def _on_hello(self, hello: FeedHello, now: UnixNanos) -> FeedWelcome:
        clock = UnixNanos(max(now, self._clients.watermark_ns))
        reason = hello_refusal(hello, self._manifest, clock)
        if not reason:
            self._clients.register(hello)
        self._counts["hellos_refused" if reason else "hellos_accepted"] += 1
        known = self._clients.by_name.get(hello.client)
        groups = self._manifest.groups
        newest = [(name, memory.last) for name, memory in self._memory.items()]
        return FeedWelcome(
            accepted=not reason,
            reason=reason,
            run=self._manifest.run,
            account=self._manifest.account,
            last_sequence=0 if known is None else known.sequence,
            groups=tuple(FeedGroup(name=g.name, contracts=g.contracts) for g in groups),
            last_bars=tuple(
                LastBar(contract=name, close_ns=bar.close_ns)
                for name, bar in newest
                if bar is not None
            ),
        )

    def _on_batch(self, batch: FeedBatch, now: UnixNanos) -> Iterable[Message]:
        count = self._counts
        count["received"] += len(batch.bars)
        client = self._clients.by_name.get(batch.client)
        if client is None:
            return self._refuse_unknown_client(batch, now)
        if batch.sequence <= client.sequence:
            count["batches_repeated"] += 1
            count["duplicates"] += len(batch.bars)
            return (_ack(batch, 0, len(batch.bars)),)
        count["batches"] += 1
        outputs: list[Message] = []
        clock = now if self._live else (batch.watermark.now_ns if batch.watermark else None)
        if batch.lost or batch.sequence != client.sequence + 1:
            outputs.extend(_losses(batch, client, clock or now))
        client.sequence = batch.sequence
        unused: tuple[str, ...] = ()
        if batch.levels:
            accepted_levels, unused = self._levels(batch, client, clock or now)
            outputs.extend(accepted_levels)
        refused: list[RefusedBar] = []
        accepted = 0
        for bar in batch.bars:
            contract, session = bar.contract, self._session_at(bar.close_ns)
            violation = first_violation(
                bar,
                expiry_ns=self._expiry[contract] if contract in client.contracts else None,
                session=session,
                calendar=self._calendar,
                clock_ns=clock,
                ahead_ms_max=self._ahead_ms,
            ) or self._history_violation(bar)
            if violation is not None:
                refused.append(_refused(bar, violation))
                outputs.append(_fault(contract, bar.close_ns, violation))
                self._refused[violation.kind] += 1
                continue
            assert session is not None, f"{bar_text(bar)} breaks no rule and lies in no session"
            if self._memory[contract].add(bar, session.trade_date):
                accepted += 1
                outputs += self._alignment.add(bar, now)
        if batch.watermark is not None:
            outputs.extend(self._advance(batch.watermark, client, now))
        duplicates = len(batch.bars) - accepted - len(refused)
        count["accepted"] += accepted
        count["duplicates"] += duplicates
        outputs.append(
            _ack(batch, accepted, duplicates, refused=tuple(refused), levels_refused=unused)
        )
        return outputs

    def _levels(
        self, batch: FeedBatch, client: FeedClient, at_ns: UnixNanos
    ) -> tuple[list[Message], tuple[str, ...]]:
        # What the batch's supplied levels give, and why some are not used.
        clock = at_ns if self._live or batch.watermark is not None else self._clients.watermark_ns
        outputs: list[Message] = []
        refused: list[str] = []
        for levels in batch.levels:
            violation = level_violation(levels, client.contracts, self._calendar, clock)
            if violation is None:
                outputs.append(levels)
            else:
                refused.append(violation.text)
                outputs.append(_fault(levels.contract, at_ns, violation))
        self._counts["levels_refused"] += len(refused)
        self._counts["levels_accepted"] += len(batch.levels) - len(refused)
        return outputs, tuple(refused)

    def _refuse_unknown_client(self, batch: FeedBatch, now: UnixNanos) -> Iterable[Message]:
        self._counts["batches_unknown"] += 1
        self._refused[FaultKind.UNKNOWN_CONTRACT] += len(batch.bars)
        text = f"batch {batch.sequence} of client {batch.client[:40]!r} came before its hello"
        violation = RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)
        refused = tuple(_refused(bar, violation) for bar in batch.bars)
        unused = (text,) * len(batch.levels)
        ack = _ack(batch, 0, 0, refused=refused, levels_refused=unused)
        return (_fault("", now, violation), ack)

    def _history_violation(self, bar: Bar) -> RuleViolation | None:
        memory = self._memory[bar.contract]
        match memory.compare(bar):
            case BarNovelty.NEW:
                reached = self._clients.watermark_ns
                if bar.historical or bar.close_ns > reached:
                    return None
                text = (
                    f"{bar_text(bar)} came after the watermark {stamp_text(reached)}"
                    " had declared complete"
                )
                return RuleViolation(FaultKind.OUT_OF_ORDER, text)
            case BarNovelty.SAME:
                return None
            case BarNovelty.CONFLICT:
                fields = ", ".join(differences(memory.first(bar.close_ns), bar))
                text = f"{bar_text(bar)} came again with another {fields}, the first one stands"
                return RuleViolation(FaultKind.CONFLICT, text)
            case BarNovelty.OLDER:
                newest = stamp_text(0 if memory.last is None else memory.last.close_ns)
                text = f"{bar_text(bar)} was never seen and is older than the last one, {newest}"
                return RuleViolation(FaultKind.OUT_OF_ORDER, text)

    def _advance(
        self, watermark: Watermark, client: FeedClient, now: UnixNanos
    ) -> Iterable[Message]:
        if self._live and watermark.now_ns > now + self._ahead_ms * NANOS_PER_MS:
            self._counts["clocks_refused"] += 1
            name = client.hello.client
            text = (
                f"watermark {stamp_text(watermark.now_ns)} of client {name} is ahead of the clock "
                f"in force, expected at most {self._config.future_ms_max} ms"
            )
            return (_fault("", now, RuleViolation(FaultKind.IN_FUTURE, text)),)
        risen = self._clients.advance(client, watermark)
        return () if risen is None else self._alignment.advance(risen)

    def _session_at(self, close_ns: UnixNanos) -> Session | None:
        # Bars come session by session: the last answer is nearly always the next one.
        cached = self._session
        if cached is None or not cached.open_ns < close_ns <= cached.close_ns:
            cached = self._calendar.session_at(close_ns)
            self._session = cached or self._session
        return cached


def _losses(batch: FeedBatch, client: FeedClient, at: UnixNanos) -> Iterable[FeedFault]:
    violations: list[RuleViolation] = []
    expected = client.sequence + 1
    if batch.sequence != expected:
        text = f"client {batch.client} sent batch {batch.sequence}, expected {expected}"
        violations.append(RuleViolation(FaultKind.CLIENT_GAP, text))
    if batch.lost:
        text = f"client {batch.client} declares a loss: {batch.lost}"
        violations.append(RuleViolation(FaultKind.DECLARED_LOSS, text))
    return [
        _fault(name, at, violation) for violation in violations for name in sorted(client.contracts)
    ]


def _ack(
    batch: FeedBatch,
    accepted: int,
    duplicates: int,
    *,
    refused: tuple[RefusedBar, ...] = (),
    levels_refused: tuple[str, ...] = (),
) -> FeedAck:
    return FeedAck(
        client=batch.client,
        sequence=batch.sequence,
        accepted=accepted,
        duplicates=duplicates,
        refused=refused,
        levels_refused=levels_refused,
    )


def _refused(bar: Bar, violation: RuleViolation) -> RefusedBar:
    return RefusedBar(
        contract=bar.contract, close_ns=bar.close_ns, kind=violation.kind, text=violation.text
    )


def _fault(contract: str, at_ns: UnixNanos, violation: RuleViolation) -> FeedFault:
    blocks = violation.kind in _BLOCKING
    return FeedFault(
        contract=contract,
        at_ns=at_ns,
        kind=violation.kind,
        text=violation.text,
        blocks_entries=blocks,
    )
