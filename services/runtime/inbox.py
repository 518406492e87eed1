"""One input stream of a service: in order, without gaps, each message once; or not ready.

Rule 1: only `applied + 1` is ever handed on; a lower sequence is a duplicate, a higher one waits.
Rule 2: a gap, a heartbeat that is ahead, or a start asks for replay; one request at a time.
Rule 3: a publisher behind its own earlier head has lost its journal: that is a fault.
"""

from typing import Final

from services.domain.errors import SequenceGapError
from services.runtime.bus import FROM_DATE_START, Envelope, ReplayPage

PENDING_MAX: Final = 20_000
"""Envelopes kept while a replay runs; beyond it they are dropped and asked for again."""
_REPLAY_RETRY_NS: Final = 1_000_000_000
"""A replay request without an answer is repeated after this, monotonic nanoseconds."""


class Inbox:
    """The consumer's side of one durable stream."""

    def __init__(self, stream: str, applied: int, epoch: int) -> None:
        self.stream = stream
        self.applied = applied
        """Last sequence handed on; FROM_DATE_START: nothing yet, begin with the date in force."""
        self.epoch = epoch
        """Highest publisher epoch seen."""
        self.synced = False
        """True while nothing is known to be missing."""
        self.gaps = 0
        self.replays = 0
        self.duplicates = 0
        self._applied_epoch = epoch
        self._pending: dict[int, Envelope] = {}
        self._requested_ns: int | None = None

    def restore(self, sequence: int, epoch: int) -> None:
        """An input found in our own journal: it was handed on before the restart."""
        self.applied, self.epoch, self._applied_epoch = sequence, epoch, epoch

    def accept_next(self, envelope: Envelope) -> bool:
        """Take the envelope if it simply follows the last one; else leave it to `on_envelope`."""
        sequence, applied, epoch = envelope.sequence, self.applied, self.epoch
        if (
            sequence != applied + 1
            or envelope.epoch != epoch
            or applied == FROM_DATE_START
            or self._pending
        ):
            return False
        self.applied = sequence
        self._applied_epoch = epoch
        return True

    def on_envelope(self, envelope: Envelope) -> list[Envelope]:
        """Take a live envelope; give what may be handed on now, in order."""
        if envelope.epoch < self.epoch or envelope.sequence <= self.applied:
            self.duplicates += 1
            return []
        self.epoch = max(self.epoch, envelope.epoch)
        if self.applied == FROM_DATE_START or envelope.sequence > self.applied + 1:
            self._buffer(envelope)
            return []
        self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
        return [envelope, *self._drain()] if self._pending else [envelope]

    def _buffer(self, envelope: Envelope) -> None:
        if self.synced:
            self.gaps += 1
        self.synced = False
        if len(self._pending) < PENDING_MAX:
            self._pending[envelope.sequence] = envelope

    def on_page(self, page: ReplayPage) -> list[Envelope]:
        """Take a replay page; give what may be handed on now, in order."""
        self._requested_ns = None
        if page.head < page.after:
            raise self._publisher_lost(page.head)
        if self.applied == FROM_DATE_START:
            self.applied = page.after
        if page.after > self.applied:
            # A repeated first request, answered again after the publisher's date rolled.
            self._update_synced(page.head)
            return []
        ready = []
        for envelope in page.envelopes:
            if envelope.sequence <= self.applied:
                continue
            if envelope.sequence != self.applied + 1:
                raise SequenceGapError(
                    f"stream {self.stream}: replay went from {self.applied} to {envelope.sequence},"
                    " expected the next one"
                )
            if envelope.epoch < self._applied_epoch:
                raise SequenceGapError(
                    f"stream {self.stream}: {envelope.sequence} is of epoch {envelope.epoch},"
                    f" expected at least {self._applied_epoch}; the publisher has begun again"
                )
            self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
            self.epoch = max(self.epoch, envelope.epoch)
            ready.append(envelope)
        ready += self._drain()
        self._update_synced(page.head)
        return ready

    def _drain(self) -> list[Envelope]:
        ready = []
        while (envelope := self._pending.pop(self.applied + 1, None)) is not None:
            self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
            ready.append(envelope)
        if self._pending and min(self._pending) <= self.applied:
            self._pending = {n: e for n, e in self._pending.items() if n > self.applied}
        return ready

    def on_head(self, sequence: int, epoch: int) -> None:
        """Take note of the publisher's last committed sequence, from a heartbeat."""
        if epoch < self.epoch:
            # A late heartbeat of an old process, or a publisher that began again: its journal tells
            # which.
            self.synced = False
            return
        if epoch > self.epoch and sequence < self.applied:
            raise self._publisher_lost(sequence)
        self.epoch = epoch
        self._update_synced(sequence)

    def _update_synced(self, head: int) -> None:
        # A heartbeat or page may be older than what has been applied since: that is no loss.
        self.synced = self.applied >= head and not self._pending

    def _publisher_lost(self, head: int) -> SequenceGapError:
        return SequenceGapError(
            f"stream {self.stream}: publisher is at {head}, expected at least {self.applied};"
            " its journal is not the one we followed"
        )

    def replay_due(self, mono_ns: int) -> bool:
        """True when a request should leave now; the caller sends it."""
        if self.synced:
            return False
        if self._requested_ns is not None and mono_ns - self._requested_ns < _REPLAY_RETRY_NS:
            return False
        self._requested_ns = mono_ns
        self.replays += 1
        return True
