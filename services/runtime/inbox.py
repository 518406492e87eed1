"""One input stream of a service: in order, without gaps, each message once; or not ready.

A publisher numbers what it commits on a stream 1, 2, 3 … for as long as its journal lives, keeps it
all, and repeats its last number in every heartbeat. This is the reader's half of that contract.

What can go wrong, and how it shows:

- a frame is lost: the reader was too slow, was not there yet, or reconnects. The next frame is not
  `applied + 1`; after a lost tail, where no next frame comes, the heartbeat's number is higher.
- a frame comes twice or late: a page of a replay overlaps what arrived meanwhile, a request that
  was repeated is answered twice. Its number is not above `applied`.
- the publisher restarts: its epoch is higher, its numbers go on. Whatever its old process sent may
  still arrive and counts for nothing.
- the publisher has lost its journal and begins again: after its restart it is at a lower number
  than was applied from it, or its pages go back to an older epoch. Nothing can heal that.
- the reader restarts: its own journal has what was applied (`restore`); without one it asks for
  the trade date in force (FROM_DATE_START).

Three states:

    new      applied is FROM_DATE_START: where the stream begins is not known yet. Frames wait.
    behind   something is missing, or may be. Frames above the gap wait, a replay is asked for,
             again after a second without an answer; the service is not ready.
    synced   everything the publisher is known to have committed has been handed on.

    from     what comes                                      to
    new      a page: it shows where the date begins          behind or synced, by its head
    behind   the missing frames, by page or late             synced once nothing waits and no head
                                                             is higher
    synced   a frame beyond applied + 1, a higher head, or   behind
             a heartbeat of an older epoch
    any      a restarted publisher below what was applied    SequenceGapError: the service ends

Why this suffices. Only `applied + 1` is ever handed on, and by it `applied` rises by one: nothing
is skipped, doubled or out of order, whatever arrives. A loss is noticed within a heartbeat, since
every number the publisher has committed is in its next one. It heals as long as the publisher
lives, since a frame leaves only after the commit that makes it part of every later replay. Waiting
is bounded: what does not fit is dropped, and that is a loss like any other. And as long as anything
is missing `synced` is false, before anybody acts on what is there.
"""

from typing import Final

from services.domain.errors import SequenceGapError
from services.runtime.bus import FROM_DATE_START, Envelope, ReplayPage

PENDING_MAX: Final = 20_000
"""Envelopes kept while a replay runs; beyond it they are dropped and asked for again."""
_REPLAY_RETRY_NS: Final = 1_000_000_000
"""A replay request without an answer is repeated after this, monotonic nanoseconds."""


class Inbox:
    """The reader's side of one durable stream."""

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
        self._applied_epoch = epoch
        self._pending: dict[int, Envelope] = {}
        self._requested_ns: int | None = None

    def restore(self, sequence: int, epoch: int) -> None:
        """An input found in our own journal: it was handed on before the restart."""
        self.applied, self.epoch, self._applied_epoch = sequence, epoch, epoch

    def on_envelope(self, envelope: Envelope) -> list[Envelope]:
        """Take a live envelope; give what may be handed on now, in order."""
        if envelope.epoch < self.epoch or envelope.sequence <= self.applied:
            return []
        self.epoch = envelope.epoch
        if self.applied == FROM_DATE_START or envelope.sequence > self.applied + 1:
            self._keep_waiting(envelope)
            return []
        self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
        return [envelope, *self._pop_following()] if self._pending else [envelope]

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
            if envelope.sequence > self.applied:
                self._refuse_break(envelope)
                self.epoch = max(self.epoch, envelope.epoch)
                ready.append(self._apply(envelope))
        if self._pending:
            ready += self._pop_following()
        self._update_synced(page.head)
        return ready

    def on_head(self, sequence: int, epoch: int) -> None:
        """Take note of the publisher's last committed sequence, from a heartbeat."""
        if epoch < self.epoch:
            # A late heartbeat of an old process, or a publisher that began again: its journal shows
            # which.
            self.synced = False
            return
        if epoch > self.epoch and sequence < self.applied:
            raise self._publisher_lost(sequence)
        self.epoch = epoch
        self._update_synced(sequence)

    def replay_due(self, mono_ns: int) -> bool:
        """True when a request should leave now; the caller sends it."""
        if self.synced:
            return False
        if self._requested_ns is not None and mono_ns - self._requested_ns < _REPLAY_RETRY_NS:
            return False
        self._requested_ns = mono_ns
        self.replays += 1
        return True

    def _apply(self, envelope: Envelope) -> Envelope:
        self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
        return envelope

    def _keep_waiting(self, envelope: Envelope) -> None:
        if self.synced:
            self.gaps += 1
        self.synced = False
        if len(self._pending) < PENDING_MAX:
            self._pending[envelope.sequence] = envelope

    def _pop_following(self) -> list[Envelope]:
        ready = []
        while (envelope := self._pending.pop(self.applied + 1, None)) is not None:
            ready.append(self._apply(envelope))
        self._pending = {n: e for n, e in self._pending.items() if n > self.applied}
        return ready

    def _update_synced(self, head: int) -> None:
        # A heartbeat or page may be older than what has been applied since: that is no loss.
        self.synced = self.applied >= head and not self._pending

    def _refuse_break(self, envelope: Envelope) -> None:
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

    def _publisher_lost(self, head: int) -> SequenceGapError:
        return SequenceGapError(
            f"stream {self.stream}: publisher is at {head}, expected at least {self.applied};"
            " its journal is not the one we followed"
        )
