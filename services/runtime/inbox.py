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
- the host of the publisher loses power: what it had not synced is gone, so after its restart it is
  at a lower number than was applied from it. Who recomputes or decides publishes the rest again,
  under the same numbers; by the time that shows, it may be beyond us. Who makes the truth had
  synced all of it (domain/services.py): there a lower number is a lost journal.
- the publisher has lost its journal and begins again: its epoch is lower, or its pages go back to
  an older epoch. Nothing can heal that.
- the reader restarts: its own journal has what was applied (`restore`); without one it asks for
  the trade date in force (FROM_DATE_START), and keeps where that began on disk: a loss of power may
  take all that it applied, and the publisher may be a date further by then.

Four states:

    new      applied is FROM_DATE_START: where the stream begins is not known yet. Frames wait.
    behind   something is missing, or may be. Frames above the gap wait, a replay is asked for,
             again after a second without an answer; the service is not ready.
    ahead    the publisher has started again and may be behind us. It is read again from where our
             record of the date begins; each message is compared with the one we have at its number
             (recorded.py). What was applied stands, frames above it wait, we are not ready.
    synced   everything the publisher is known to have committed has been handed on.

    from     what comes                                      to
    new      a page: it shows where the date begins          behind or synced, by its head
    behind   the missing frames, by page or late             synced once nothing waits and no head
                                                             is higher
    synced   a frame beyond applied + 1, a higher head, or   behind
             a heartbeat of an older epoch
    any      a higher epoch of one who publishes again       ahead
    ahead    everything up to applied, compared              behind or synced, by its head
    ahead    a still higher epoch                            ahead, from the beginning
    any      a truth below what was applied, a lower number  SequenceGapError: the service ends
             of an older epoch
    ahead    another message than ours                       DivergedError: the service ends

Why this suffices. Only `applied + 1` is ever handed on, and by it `applied` rises by one: nothing
is skipped, doubled or out of order, whatever arrives. A loss is noticed within a heartbeat, since
every number the publisher has committed is in its next one. It heals as long as the publisher
lives, since a frame leaves only after the commit that makes it part of every later replay. Waiting
is bounded: what does not fit is dropped, and that is a loss like any other. And as long as anything
is missing `synced` is false, before anybody acts on what is there. A publisher that has lost a tail
is found out however late its restart shows, because its epoch shows that it restarted, and all
that it publishes again is compared before anything of its new epoch is handed on.
"""

from typing import Final

from services.domain.errors import SequenceGapError
from services.runtime.bus import FROM_DATE_START, Envelope, ReplayPage
from services.runtime.recorded import Recorded

PENDING_MAX: Final = 20_000
"""Envelopes kept while a replay runs; beyond it they are dropped and asked for again."""
_REPLAY_RETRY_NS: Final = 1_000_000_000
"""A replay request without an answer is repeated after this, monotonic nanoseconds."""


class Inbox:
    """The reader's side of one durable stream."""

    def __init__(
        self, stream: str, applied: int, epoch: int, recorded: Recorded | None = None
    ) -> None:
        """`recorded`: our record of a stream that may be published again."""
        self.stream = stream
        self.applied = applied
        """Last sequence handed on; FROM_DATE_START: nothing yet, begin with the date in force."""
        self.epoch = epoch
        """Highest publisher epoch seen."""
        self.synced = False
        """True while nothing is known to be missing."""
        self.gaps = 0
        self.replays = 0
        self._recorded = recorded
        self._compared: int | None = None
        """Ahead: last sequence that has been compared; None in the other states."""
        self._began_again = False
        """The last heartbeat was of an older epoch."""
        self._applied_epoch = epoch
        self._pending: dict[int, Envelope] = {}
        self._requested_ns: int | None = None

    def restore(self, sequence: int, epoch: int) -> None:
        """An input found in our own journal: it was handed on before the restart."""
        self.applied, self.epoch, self._applied_epoch = sequence, epoch, epoch

    @property
    def wanted_after(self) -> int:
        """What a replay request asks for: what follows this."""
        return self.applied if self._compared is None else self._compared

    def on_envelope(self, envelope: Envelope) -> list[Envelope]:
        """Take a live envelope; give what may be handed on now, in order."""
        if envelope.epoch < self.epoch:
            return []
        if envelope.epoch > self.epoch:
            self._on_restart(envelope.epoch)
        if envelope.sequence <= self.applied:
            return [] if self._compared is None else self._compare(envelope)
        ahead, begun = self._compared is not None, self.applied != FROM_DATE_START
        if ahead or not begun or envelope.sequence > self.applied + 1:
            self._keep_waiting(envelope)
            return []
        self.applied, self._applied_epoch = envelope.sequence, envelope.epoch
        return [envelope, *self._pop_following()] if self._pending else [envelope]

    def on_page(self, page: ReplayPage) -> list[Envelope]:
        """Take a replay page; give what may be handed on now, in order."""
        if self._compared is not None:
            return self._compare_page(page)
        if page.envelopes:
            self._requested_ns = None  # a request that brings nothing is repeated after a second
        if page.head < page.after:
            return self._on_lower_head(page.head)
        if self.applied == FROM_DATE_START:
            self.applied = page.after
        if page.after > self.applied:
            # A repeated first request, answered again after the publisher's date rolled.
            self._update_synced(page.head)
            return []
        return self._hand_on(page)

    def on_head(self, sequence: int, epoch: int) -> None:
        """Take note of the publisher's last committed sequence, from a heartbeat."""
        self._began_again = epoch < self.epoch
        if self._began_again:
            # A late heartbeat of an old process, or a publisher that began again: its journal shows
            # which.
            self.synced = False
            return
        if epoch > self.epoch:
            if sequence < self.applied and self._recorded is None:
                raise self._publisher_lost(sequence)
            self._on_restart(epoch)
        self._update_synced(sequence)

    def _on_restart(self, epoch: int) -> bool:
        """Take note of a higher epoch; True when its stream must be read again first."""
        self.epoch = epoch
        if self._recorded is None or self.applied <= 0:
            return False
        compared = self._recorded.read(self.applied)
        self._compared = compared if compared < self.applied else None
        self.synced, self._requested_ns = False, None
        return self._compared is not None

    def _on_lower_head(self, head: int) -> list[Envelope]:
        # Whether it lost a tail and will publish it again, or everything, its epoch will show.
        if self._recorded is None or self._began_again:
            raise self._publisher_lost(head)
        self.synced = False
        return []

    def _hand_on(self, page: ReplayPage) -> list[Envelope]:
        ready = []
        for envelope in page.envelopes:
            if envelope.sequence > self.applied:
                self._refuse_break(envelope)
                if envelope.epoch > self.epoch and self._on_restart(envelope.epoch):
                    break
                ready.append(self._apply(envelope))
        if self._pending:
            ready += self._pop_following()
        self._update_synced(page.head)
        return ready

    def _compare(self, envelope: Envelope) -> list[Envelope]:
        assert self._recorded is not None
        if envelope.sequence != self.wanted_after + 1:
            return []
        self._recorded.compare(envelope)
        self._compared = None if envelope.sequence == self.applied else envelope.sequence
        if self._compared is not None:
            return []
        self.synced = not self._pending
        return self._pop_following()

    def _compare_page(self, page: ReplayPage) -> list[Envelope]:
        if page.after != self._compared or not page.envelopes:
            return []
        self._requested_ns = None
        ready = []
        for envelope in page.envelopes:
            if self._compared is not None:
                ready += self._compare(envelope)
        return ready if self._compared is not None else ready + self._hand_on(page)

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
        self.synced = self.applied >= head and not self._pending and self._compared is None

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
